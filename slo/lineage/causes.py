"""What a failure began with: runs that failed or never came and datasets that were late, followed up the lineage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from slo.blame import accountable, told
from slo.facts import Edge, Run
from slo.left_out import REASONS
from slo.lineage.ancestors import REACH, Event, Lineage, root
from slo.measure import Item
from slo.measure.ratio import BLAME
from slo.shelf import get_kpi
from slo.view import View

WITNESSES = ("pipeline_success_rate", "freshness_slo_attainment")
"""KPIs whose items say that an asset failed or was late."""
_KEPT = "lineage"


class Causes:
    """Looks for the causes of failures of some assets between two instants. Read once, asked often."""

    def __init__(self, view: View, assets: Iterable[str], start: datetime, end: datetime) -> None:
        self.view, self.assets, self.start, self.end = view, sorted(set(assets)), start - 2 * REACH, end

    @cached_property
    def _lineage(self) -> Lineage:
        if _KEPT not in self.view.kept:
            edges: list[Edge] = self.view.store.read("edge")  # type: ignore[assignment]
            self.view.kept[_KEPT] = Lineage((edge for edge in edges if not edge.deleted), self.view.canonical)
        found: Lineage = self.view.kept[_KEPT]
        return found

    @cached_property
    def _events(self) -> dict[str, list[Event]]:
        wanted = sorted(self._lineage.ancestors(self.assets) | set(self.assets))
        events: dict[str, list[Event]] = {}
        for kpi_id in WITNESSES:
            kpi = get_kpi(kpi_id)
            before: Item | None = None
            for item in kpi.items(self.view, wanted, self.start, self.end, kpi.defaults):
                for event in () if _goes_on(before, item) else _event(self.view, item, _known(before, item)):
                    events.setdefault(event.asset, []).append(event)
                before = item
        for found in events.values():
            found.sort(key=lambda event: event.at)
        return events

    def __bool__(self) -> bool:
        """Whether anything at all is known of what stands upstream."""
        return bool(self._lineage)

    def _of(self, asset: str) -> Sequence[Event]:
        return self._events.get(asset, ())

    def cause(self, asset: str, at: datetime) -> Event | None:
        """What a failure of an asset at an instant began with, further up; None: with itself, as far as is known."""
        return root(self._lineage, self._of, asset, at) if asset in self._lineage else None


def failed_at(item: Item) -> datetime:
    """When a failure was known: a run's end, anything else its own moment."""
    fact = item.facts[0] if item.facts else None
    return (fact.ended_at or fact.started_at or item.at) if isinstance(fact, Run) else item.at


def _goes_on(before: Item | None, item: Item) -> bool:
    """Whether data is only still fresh, after a cut at midnight or where an exclusion begins: that is no new success,
    and absolves nobody of what failed the evening before."""
    return _cut(before, item) and bool(before and before.good and item.good) and not item.facts


def _cut(before: Item | None, item: Item) -> bool:
    return before is not None and before.asset == item.asset and before.since == item.at


def _known(before: Item | None, item: Item) -> datetime | None:
    """Of what never came, when that was known: the end of a slot's grace, the first moment at which data was late."""
    if item.note == "missed" and not item.facts:
        return item.since
    return item.at if item.note == "stale" and not (_cut(before, item) and before and before.bad) else None


def _event(view: View, item: Item, known: datetime | None) -> Iterator[Event]:
    """A judged item as an event. What an exclusion left out failed all the same; a manual run that failed, or one whose
    slot was met by another, did not hold anybody up; any success relieves."""
    decided = item.excluded is None or item.excluded in REASONS
    if item.asset is None or not (item.good or (item.bad and decided)):
        return
    fact = item.facts[0] if item.facts else None
    if item.good:
        landed = None if isinstance(fact, Run) else getattr(fact, "at", None)
        yield Event(item.asset, landed or failed_at(item), True)
        return
    blamed = item.excluded if item.excluded in BLAME else None
    who = told(fact) or blamed or accountable(view, item.asset, item.at)
    what = "late" if item.note == "stale" else item.note or "failed"
    began = fact.started_at if isinstance(fact, Run) else None
    yield Event(item.asset, failed_at(item), False, what, None if who == "platform" else who, fact, began, known)


def as_told(cause: Event, view: View) -> dict[str, Any]:
    """A cause as explanations show it."""
    fact = cause.fact if isinstance(cause.fact, Run) else None
    return {
        "asset": cause.asset, "at": cause.at.astimezone(view.platform.timezone).isoformat(), "what": cause.what,
        "responsible": cause.responsible or "platform", "source": fact and fact.source, "fact": fact and fact.id,
        "url": fact and fact.url,
    }  # fmt: skip
