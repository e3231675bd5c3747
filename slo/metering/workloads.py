"""The ten most expensive workloads of a quarter, and whether a later window remediated them (kpi_rules, section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from slo.calendars import DAY, day_start
from slo.kpi import Reading
from slo.measure import Quotient, Totals, merge_all
from slo.windows import Window

TEN = 10
WEEK = timedelta(days=7)
WEEKS = 4
"""How many whole ISO weeks on end a cost a run must stay down."""
DOWN = Fraction(8, 10)
DONE = "done|"
"""Key of a remediation that was closed; all others are an ISO week's Monday and the workload."""


@dataclass(frozen=True, slots=True)
class Workload:
    """One of the ten: its cost and runs of the quarter, and how it was remediated (None: it was not)."""

    asset: str
    cost: Fraction
    runs: Fraction | None
    how: str | None = None

    @property
    def per_run(self) -> Fraction | None:
        return self.cost / self.runs if self.runs else None


def week_key(day: date, asset: str) -> str:
    """The key of what a workload cost in the ISO week of a day."""
    return f"{(day - day.weekday() * DAY).isoformat()}|{asset}"


def ending_weeks(window: Window, as_of: datetime) -> list[date]:
    """The Mondays of whole ISO weeks that end in the window, up to as-of."""
    monday = window.first_day - window.first_day.weekday() * DAY
    found = []
    while monday + WEEK - DAY <= window.last_day and day_start(monday + WEEK, window.tz) <= as_of:
        found.append(monday)
        monday += WEEK
    return found


def weeks_before(window: Window, as_of: datetime) -> dict[str, tuple[date, date]]:
    """The days before a window that belong to four weeks whose last ends in it."""
    mondays = ending_weeks(window, as_of)
    return {"weeks": (mondays[0] - (WEEKS - 1) * WEEK, window.first_day - DAY)} if mondays else {}


def most_expensive(reading: Reading) -> list[Workload]:
    """The ten highest costs of the quarter before, ties by name, and how each was remediated."""
    earlier = (reading.around[name] for name in ("weeks",) if name in reading.around)
    weeks = dict(_spent(merge_all(Totals, (*earlier, reading.state))))
    ends = ending_weeks(reading.window, reading.view.as_of)
    return [_judged(reading, workload, weeks, ends) for workload in _ten(reading)]


def _ten(reading: Reading) -> list[Workload]:
    """Worked out once a quarter and scope: every day of a series asks for the same."""
    quarter = reading.around["quarter"]
    key = f"ten:{id(quarter)}"
    if key not in reading.view.kept:
        reading.view.kept[key] = (quarter, _highest(quarter))  # with what it was read off, so that the id stays taken
    found: list[Workload] = reading.view.kept[key][1]
    return found


def _highest(quarter: Totals) -> list[Workload]:
    by_asset: dict[str, list[Quotient]] = {}
    for key, told in _spent(quarter):
        by_asset.setdefault(key.partition("|")[2], []).append(told)
    sums = {asset: merge_all(Quotient, told) for asset, told in by_asset.items()}
    costs = [
        Workload(asset, one.numerator, one.denominator) for asset, one in sums.items() if one.numerator is not None
    ]
    return sorted(costs, key=lambda workload: (-workload.cost, workload.asset))[:TEN]


def _spent(totals: Totals) -> Iterator[tuple[str, Quotient]]:
    return ((key, told) for key, told in totals.keys.items() if not key.startswith(DONE))


def _judged(reading: Reading, workload: Workload, weeks: dict[str, Quotient], ends: Iterable[date]) -> Workload:
    closed = reading.state.keys.get(f"{DONE}{workload.asset}")
    how = None
    if closed is not None and closed.numerator:
        how = "work item"
    elif any(_stayed_down(workload, weeks, monday) for monday in ends):
        how = "cost a run"
    return Workload(workload.asset, workload.cost, workload.runs, how)


def _stayed_down(workload: Workload, weeks: dict[str, Quotient], last: date) -> bool:
    """Whether a run cost at most four fifths of the quarter's in each of the four weeks that end with this one."""
    before = workload.per_run
    if before is None:
        return False
    held = [weeks.get(week_key(last - number * WEEK, workload.asset)) for number in range(WEEKS)]
    return all(told is not None and told.value is not None and told.value <= DOWN * before for told in held)
