"""The judged items behind a number, worst first: what an explanation lists and counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from slo.calendars import DAY
from slo.facts import place
from slo.folding import Scope
from slo.kpi import Kpi
from slo.measure import Distinct, Item
from slo.promises.verdicts import Asked
from slo.register import RegisterKpi
from slo.results import Results
from slo.store import StateRow
from slo.view import in_production

WORST = {"bad": 0, "unknown": 1, "excluded": 2, "good": 3}
Order = tuple[int, float, float]
"""Verdict, then the largest value, then the newest: less is worse."""


@dataclass(frozen=True)
class Listing:
    """``worst``: the items to list, worst first. ``total``: how many there are in all; None: more than were read."""

    worst: list[Item]
    total: int | None
    excluded: list[dict[str, Any]]
    unknown: list[dict[str, Any]]


def listing(results: Results, asked: Asked, limit: int) -> Listing:
    """All items of the window and scope read, the worst kept."""
    items = _items(results, asked)
    judged = [item for item in items if verdict(item) is not None]
    judged.sort(key=lambda item: order(asked.kpi, item))
    return Listing(judged[:limit], len(judged), _by_reason(items, asked.kpi), unknown(items, asked.kpi))


def _items(results: Results, asked: Asked) -> list[Item]:
    """The judged items of the window in the scope: what the states were folded from; of a register what stood there."""
    view, window = results.view, asked.window
    last = min(window.last_day, view.day(view.as_of))
    wanted = [asked.scope.asset] if asked.scope.asset is not None and asked.kpi.by_asset else None
    if isinstance(asked.kpi, RegisterKpi):
        at = min(window.end, view.as_of)
        stood = asked.kpi.standing(view, wanted, at, asked.params) if window.start <= at else ()
        return [item for item in stood if inside(asked.scope, item)]
    items = asked.kpi.items(view, wanted, window.start, view.start_of(last + DAY), asked.params)
    found = [item for item in items if inside(asked.scope, item)]
    return _once(found) if asked.kpi.measure is Distinct else found


def _once(items: list[Item]) -> list[Item]:
    """What stood for days (an open finding) is listed once, as on the first of them."""
    first: dict[tuple[Any, ...], Item] = {}
    for item in items:
        first.setdefault((item.key, *((fact.source, fact.id) for fact in item.facts)), item)
    return list(first.values())


def inside(scope: Scope, item: Item) -> bool:
    """Whether an item counts in a scope."""
    dims = item.dims
    if not in_production(dims.environment):
        return False
    row = StateRow("", item.asset, item.at.date(), dims.tier, dims.team, dims.domain, dims.environment)
    row.matches = item.matches
    return scope.holds(row)


def verdict(item: Item) -> str | None:
    """bad, unknown, excluded or good; None for what says nothing by itself."""
    if item.excluded is not None:
        return "excluded"
    if item.unseen or item.unjudged:
        return "unknown"
    if item.bad:
        return "bad"
    counted = (item.value, item.over, item.buckets, item.key)
    if item.good or any(one is not None for one in counted):
        return "good"
    return None


def order(kpi: Kpi, item: Item) -> Order:
    """Where an item that has a verdict stands among all."""
    return WORST[verdict(item) or "good"], -(value(kpi, item) or 0.0), -moment(item).timestamp()


def moment(item: Item) -> datetime:
    """When it happened: a run where it belongs, anything else where it was judged."""
    fact = item.facts[0] if item.facts else None
    own = place(fact) if fact is not None and fact.kind_of_fact == "run" else None
    return own or item.at


def value(kpi: Kpi, item: Item) -> float | None:
    """An item's own figure: its amount, or the time it stands for."""
    amount = item.value if item.value is not None else item.over
    if amount is not None:
        return float(amount)
    if kpi.scale > 1:
        return (item.good + item.bad + item.unseen) / kpi.scale
    return None


def _by_reason(items: Iterable[Item], kpi: Kpi) -> list[dict[str, Any]]:
    """What was left out: by reason its good, its bad and its number."""
    found: dict[str, list[float]] = {}
    for item in items:
        if item.excluded is not None:
            parts = found.setdefault(item.excluded, [0, 0, 0])
            parts[0] += item.good
            parts[1] += item.bad
            parts[2] += (item.good + item.bad + item.other) or 1
    return reasons({reason: (good, bad, n) for reason, (good, bad, n) in found.items()}, kpi.scale)


def reasons(parts: dict[str, tuple[float, float, float]], scale: int) -> list[dict[str, Any]]:
    """Good, bad and number by reason, as they are shown."""
    return [
        {"reason": reason, "good": good / scale, "bad": bad / scale, "n": n / scale}
        for reason, (good, bad, n) in sorted(parts.items())
    ]


def unknown(items: Iterable[Item], kpi: Kpi) -> list[dict[str, Any]]:
    """What nobody could judge, by reason, the most first. Of a KPI that is read asset by asset n counts assets: their
    items may be of one kind here (events) and of another there (time)."""
    counts: Counter[str] = Counter()
    assets: dict[str, set[str | None]] = {}
    for item in items:
        if item.unseen or item.unjudged:
            reason = item.note or ("not observed" if item.unseen else "no rule decides")
            counts[reason] += item.unseen + item.unjudged
            assets.setdefault(reason, set()).add(item.asset)
    if kpi.per_asset_reading:
        counts = Counter({reason: len(names) for reason, names in assets.items()})
    return [{"reason": reason, "n": n / kpi.scale} for reason, n in counts.most_common()]
