"""The oracle's costs and sizes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.oracle.oracle_facts import Record
from tests.oracle.oracle_readings import day_moment, kept, placed
from tests.oracle.oracle_scope import Asked, counted
from tests.oracle.oracle_time import DAY, midnight

Rates = Mapping[str, Mapping[date, float]]
UNITS = {"terabyte": ("bytes", 1e12), "query": ("queries", 1.0), "run": ("runs", 1.0), "event": ("events", 1.0)}
APART = ("credit", "refund", "tax", "purchase")


def _cost(asked: Asked, one: Record, rates: Rates, currency: str = "USD") -> float | None:
    """A cost reading in the report currency; None where it stands apart or has no rate."""
    if one["meter"] != "cost" or one.get("category") in APART:
        return None
    amount: float = one["amount"]
    if one.get("currency") in (None, currency):
        return amount
    day = day_moment(one, asked.world.tz).astimezone(asked.world.tz).date()
    in_force = [first for first in rates.get(one["currency"], {}) if first <= day]
    return amount * rates[one["currency"]][max(in_force)] if in_force else None


def _add(total: float | None, amount: float | None) -> float | None:
    return total if amount is None else (total or 0.0) + amount


def unit_cost(asked: Asked, rates: Rates) -> Record:
    meter, size = UNITS[asked.params.get("unit", "terabyte")]
    cost: float | None = None
    volume: float | None = None
    for one in asked.world.of("meter"):
        if placed(asked, one):
            cost = _add(cost, _cost(asked, one, rates))
            volume = _add(volume, one["amount"] / size if one["meter"] == meter else None)
    value = cost / volume if cost is not None and volume else None
    return {"value": value, "numerator": cost, "denominator": volume}


# --- storage ---------------------------------------------------------------------------------------------------


def storage_growth_vs_forecast(asked: Asked) -> Record:
    grown: list[tuple[float, float]] = []
    for asset in {one.get("asset") for one in asked.world.of("meter")}:
        actual, forecast = (_growth(asked, asset, meter) for meter in ("stored_bytes", "forecast_bytes"))
        if actual is not None and forecast is not None:
            grown.append((actual, forecast))
    if not grown:
        return {"value": None, "numerator": None, "denominator": None}
    above, below = sum(one for one, _ in grown), sum(two for _, two in grown)
    return {"value": above / below - 1 if below else None, "numerator": above, "denominator": below}


def _growth(asked: Asked, asset: str | None, meter: str) -> float | None:
    """The last reading in the window minus the last at or before its start, else the first in it."""
    tz = asked.world.tz
    told = [one for one in asked.world.of("meter", meter) if one.get("asset") == asset and kept(asked, one)]
    told.sort(key=lambda one: day_moment(one, tz))
    inside = [one for one in told if placed(asked, one)]
    if not inside:
        return None
    before = [one for one in told if day_moment(one, tz) <= asked.start]
    recent = [one for one in before if asked.start - day_moment(one, tz) <= timedelta(days=35)]
    base = recent[-1] if recent else inside[0]
    growth: float = inside[-1]["amount"] - base["amount"]
    return growth


# --- the ten most expensive workloads --------------------------------------------------------------------------


def _quarter_before(start: datetime, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """The calendar quarter before the one that holds an instant."""
    local = start.astimezone(tz)
    first = date(local.year, 3 * ((local.month - 1) // 3) + 1, 1)
    last = first - DAY
    return midnight(date(last.year, last.month - 2, 1), tz), midnight(first, tz)


def _sums(asked: Asked, asset: str, start: datetime, end: datetime, rates: Rates) -> tuple[float | None, float]:
    """Cost (None: not told) and runs of a workload between two instants."""
    cost, runs = None, 0.0
    for one in asked.world.of("meter"):
        at = day_moment(one, asked.world.tz)
        mine = one.get("asset") == asset and start <= at < end and asked.world.produced(asset, at)
        if mine and asked.fits(asset, at) and not asked.excluded(asset, at):
            cost = _add(cost, _cost(asked, one, rates))
            runs += one["amount"] if one["meter"] == "runs" else 0.0
    return cost, runs


def expensive_workloads_remediated(asked: Asked, rates: Rates) -> Record:
    begin, finish = _quarter_before(asked.start, asked.world.tz)
    assets = {one["asset"] for one in asked.world.of("meter") if one.get("asset") is not None}
    costs = {asset: _sums(asked, asset, begin, finish, rates)[0] for asset in assets}
    named = sorted((-cost, asset) for asset, cost in costs.items() if cost is not None)[:10]
    done = [asset for _, asset in named if _remediated(asked, asset) or _cheaper(asked, asset, begin, finish, rates)]
    return counted(asked, [1.0] * len(done), "meter", "cost") if named else {"value": None, "sum": None}


def _remediated(asked: Asked, asset: str) -> bool:
    return any(
        item.get("asset") == asset
        and item.get("outcome") == "done"
        and asked.item_counts(item, item.get("closed_at"))
        and not asked.item_excluded(item, item["closed_at"])
        for item in asked.world.of("work_item", "remediation")
    )


def _cheaper(asked: Asked, asset: str, begin: datetime, finish: datetime, rates: Rates) -> bool:
    """Whether each of four whole weeks on end, the last of them ending in the window, cost a fifth less a run."""
    cost, runs = _sums(asked, asset, begin, finish, rates)
    if cost is None or not runs:
        return False
    tz = asked.world.tz
    monday = asked.start.astimezone(tz).date()
    monday -= monday.weekday() * DAY
    while midnight(monday, tz) <= asked.stop:
        weeks = [(midnight(monday - (7 * n + 7) * DAY, tz), midnight(monday - 7 * n * DAY, tz)) for n in range(4)]
        held = [_sums(asked, asset, first, last, rates) for first, last in weeks]
        low = all(one is not None and n and one / n <= 0.8 * cost / runs * (1 + 1e-12) for one, n in held)
        if low and asked.start < midnight(monday, tz):
            return True
        monday += 7 * DAY
    return False
