"""All families of a snapshot's results in order of worth; the cap leaves out at the other end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from dashboards.metrics import alerting, assets, counts, values, verdicts
from dashboards.metrics.bundle import Bundle, distinct, each, merged, together
from dashboards.metrics.family import ANY, PREFIX, Family, Shelf
from dashboards.metrics.results import CUTS, Part, infix, parts
from dashboards.reading.reader import Snapshot

_FILLS = {"values": values.fill, "counts": counts.judged, "unseen": counts.unseen}
_RATIOS = ("values", "counts")
_FIRST = (
    *product(("tier",), ("28d", "month", "7d", "1d"), _RATIOS),
    *product(("team", "domain"), ("28d",), _RATIOS),
    ("tier", "28d", "unseen"),
)
"""Tiers are few; of teams and domains the window that pages open with. With all before them these fit under the default
cap on a platform of 4 tiers, 6 teams, 9 domains and 50 KPIs."""
_FURTHER = ((cut, window, what) for window, cut, what in product(("month", "7d", "1d", "previous_month"), CUTS, _FILLS))
BREAKDOWNS = tuple(dict.fromkeys((*_FIRST, *_FURTHER)))
"""(cut, window, what) in order of worth. A window is apart: who sums over a family has chosen one."""


def of(snapshot: Snapshot) -> list[Family]:
    """Every family that has a sample."""
    return merged(bundles(snapshot))


def bundles(snapshot: Snapshot) -> list[Bundle]:
    """What is open now, the platform's totals with verdicts and budgets, the objectives, the single assets that the
    settings ask for, then breakdowns."""
    return list(distinct(_bundles(snapshot)))


def _bundles(snapshot: Snapshot) -> Iterator[Bundle]:
    cut = parts(snapshot.results)
    yield from _open(snapshot)
    yield from _totals(cut[""])
    for fill in alerting.OBJECTIVES:
        shelf = Shelf()
        fill(shelf, snapshot.watch)
        yield from together(shelf)
    shelf = Shelf()
    assets.fill(shelf, snapshot.assets)
    yield from each(shelf)
    yield from _breakdowns({name: cut[name] for name in CUTS})


def _open(snapshot: Snapshot) -> Iterator[Bundle]:
    """Rules fire on the alerts, so these are given whatever the cap."""
    shelf = Shelf()
    alerting.alerts(shelf, snapshot.watch)
    for one in each(shelf):
        yield replace(one, kept=one.name == alerting.AFFECTED.name, open=True)


def _totals(part: Part) -> Iterator[Bundle]:
    shelf = Shelf()
    values.fill(shelf, "", part)
    verdicts.fill(shelf, part)
    yield from each(shelf)
    for fill in (counts.judged, counts.unseen):
        shelf = Shelf()
        fill(shelf, "", part)
        yield from together(shelf)


def _breakdowns(cuts: dict[str, Part]) -> Iterator[Bundle]:
    for cut, window, what in BREAKDOWNS:
        shelf = Shelf()
        _FILLS[what](shelf, cut, [(label, one) for label, one in cuts[cut] if label == window])
        names = [f"{PREFIX}{infix(cut)}{ANY}"] if what == "values" else [one.spec.name for one in shelf.families()]
        yield from together(shelf, ", ".join(f'{name}{{window="{window}"}}' for name in names))
