"""Storage growth vs forecast: how much faster than planned what is stored grows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from fractions import Fraction

from slo.calendars import DAY
from slo.facts import Meter
from slo.kpi import Figures, Kpi, Params, Reading
from slo.marks import asset_marks
from slo.measure import Item, Levels
from slo.measure.levels import Level
from slo.metering.costs import reading_item
from slo.metering.readings import reading_marks, readings
from slo.store import ChangeRow, Mark
from slo.view import View
from slo.windows import Window

STORED, FORECAST = "stored_bytes", "forecast_bytes"
RECENT = timedelta(days=35)
"""How old the reading may be that a window starts from."""


class StorageGrowthVsForecast(Kpi):
    id = "storage_growth_vs_forecast"
    title = "Storage growth vs forecast"
    family = "cost"
    lens = "lagging"
    measure = Levels
    unit = "ratio"
    better = "band"
    definition = "How much what is stored grew over the window beyond (or below) the growth that was forecast."
    formula = "growth of what is stored / growth that was forecast - 1"
    not_counted = "systems of which not both, the size and its forecast, are told"
    example = "From 100 to 112 TB where 110 were forecast: 12 / 10 - 1 = +20 %. The size itself is 1.8 % over."
    facts = ("meter", "asset")
    needs = ((f"meter.{STORED}",), (f"meter.{FORECAST}",))
    minimum = 0
    per_asset_reading = True
    shown_beside = {"size_deviation": ("the size itself, over its forecast", "ratio")}

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        where = {"meter": [STORED, FORECAST]} | ({} if assets is None else {"asset": assets})
        for at, meter in readings(view, "meter", start, end, **where):
            item = reading_item(view, self.id, at, meter)
            item.value, item.key = Fraction(str(meter.amount)), f"{meter.meter}:{meter.asset or ''}"
            yield item

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from asset_marks(self, changes, view)
        yield from reading_marks((one for one in changes if _told(one)), view)

    def around(self, window: Window, as_of: datetime) -> Mapping[str, tuple[date, date]]:
        return {"before": (window.first_day - RECENT.days * DAY - DAY, window.first_day - DAY)}

    def figures(self, reading: Reading) -> Figures:
        levels: Levels = reading.state
        systems = sorted(
            key.removeprefix(f"{STORED}:") for key in levels.last
            if key.startswith(STORED) and key.replace(STORED, FORECAST, 1) in levels.last
        )  # fmt: skip
        if not systems:
            return Figures(None, 0, {"numerator": None, "denominator": None, "n": 0, "size_deviation": None})
        actual, planned = (sum(_growth(reading, f"{meter}:{one}") for one in systems) for meter in (STORED, FORECAST))
        sizes = [sum(levels.last[f"{meter}:{one}"].amount for one in systems) for meter in (STORED, FORECAST)]
        parts = {
            "numerator": float(actual), "denominator": float(planned), "n": len(systems),
            "size_deviation": _beyond(sizes[0], sizes[1]),
        }  # fmt: skip
        value = _beyond(actual, planned)
        return Figures(value, len(systems), parts, coverage=None if value is None else 1.0)


def _told(change: ChangeRow) -> bool:
    return any(isinstance(one, Meter) and one.meter in (STORED, FORECAST) for one in (change.old, change.new))


def _growth(reading: Reading, key: str) -> Fraction:
    """The last level in the window less the one that it starts from."""
    growth: Fraction = reading.state.last[key].amount - _base(reading, key).amount
    return growth


def _base(reading: Reading, key: str) -> Level:
    """The last level at or before the window's start, where it is recent; else the first in the window."""
    start = reading.window.start
    first: Level = reading.state.first[key]
    before: Level | None = reading.around["before"].last.get(key)
    if first.moment == start or before is None or start - before.moment > RECENT:
        return first
    return before


def _beyond(actual: Fraction | int, planned: Fraction | int) -> float | None:
    """actual / planned - 1; None where nothing was planned."""
    return float(Fraction(actual) / Fraction(planned) - 1) if planned else None
