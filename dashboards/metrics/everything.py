"""All families of a snapshot's results in order of importance, and the cap that cuts them at the other end."""

from __future__ import annotations

from collections.abc import Iterable

from dashboards.metrics import alerting, assets, counts, values, verdicts
from dashboards.metrics.family import Family, Shelf
from dashboards.metrics.results import CUTS, parts
from dashboards.reading.reader import Snapshot

CAP = 4000


def of(snapshot: Snapshot) -> list[Family]:
    """The watch, the platform's totals with verdicts and budgets, the single assets that the settings ask for, then
    breakdowns: values, and last what they stand on. Families without a sample are left out."""
    shelf, cut = Shelf(), parts(snapshot.results)
    alerting.fill(shelf, snapshot.watch)
    values.fill(shelf, "", cut[""])
    verdicts.fill(shelf, cut[""])
    counts.fill(shelf, "", cut[""])
    assets.fill(shelf, snapshot.assets)
    for fill in (values.fill, counts.fill):
        for name in CUTS:
            fill(shelf, name, cut[name])
    return shelf.families()


def capped(families: Iterable[Family], cap: int) -> tuple[list[Family], int]:
    """The first ``cap`` series in order, and how many were left out; a family is cut at its sorted end."""
    kept: list[Family] = []
    left, dropped = cap, 0
    for family in families:
        taken = dict(sorted(family.samples.items())[:left])
        left -= len(taken)
        dropped += len(family.samples) - len(taken)
        if taken:
            kept.append(Family(family.spec, taken))
    return kept, dropped
