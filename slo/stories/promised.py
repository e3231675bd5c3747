"""The history of a target: what was promised since when, who adopted it, when it changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from slo.calendars import DAY
from slo.promises.target import Key, Target
from slo.results import Query, Results
from slo.shelf import get_kpi
from slo.targets import Targets, applicable

FIGURES = ("form", "floor", "stretch", "lo", "hi")


def promised(
    results: Results, query: Query, *, kpi: str, profile: str, row: int, clause: int = 0
) -> dict[str, list[dict[str, Any]]]:
    """``steps``: the stretches of the window in which one version bound (first, last day, form, floor, stretch, lo, hi,
    text, adopted, adopted_by), in order. ``changes``: every day on which that became another, oldest first (day; what:
    published, adopted, changed, withdrawn; text and floor now and before; by), up to as-of."""
    window = results.asked(get_kpi(kpi), query).window
    book = _History(results.targets, (profile, row), (query.tier, query.asset), clause)
    last = min(window.last_day, results.view.day(results.view.as_of))
    return {"steps": list(book.steps(window.first_day, last)), "changes": list(book.changes(last))}


class _History:
    """One row's versions. ``about``: the tier and the asset that are asked for; ``clause``: the place among the clauses
    that hold there."""

    def __init__(self, targets: Targets, key: Key, about: tuple[int | None, str | None], clause: int) -> None:
        own = tuple(one for one in targets.versions if one.key == key)
        self._targets = replace(targets, versions=own, lines={}, published={})
        self._about, self._clause = about, clause
        self._days = sorted({day for one in own for day in (one.valid_from, one.adopted) if day is not None})

    def on(self, day: date) -> dict[str, Any] | None:
        """What bound on a day; None before there was a version, or where it says nothing of the tier or asset."""
        for target, clauses in applicable(self._targets.in_force(day), *self._about):
            own = clauses[min(self._clause, len(clauses) - 1)]
            figures = {name: getattr(own, name) for name in FIGURES}
            return {**figures, "text": target.text, "adopted": _iso(target), "adopted_by": target.adopted_by}
        return None

    def steps(self, first: date, last: date) -> Iterator[dict[str, Any]]:
        edges = [first, *(day for day in self._days if first < day <= last)]
        for day, after in zip(edges, [*edges[1:], last + DAY], strict=True):
            found = self.on(day)
            if found is not None:
                yield {"first": day.isoformat(), "last": (after - DAY).isoformat(), **found}

    def changes(self, last: date) -> Iterator[dict[str, Any]]:
        for day in (day for day in self._days if day <= last):
            before, now = self.on(day - DAY), self.on(day)
            if now is not None and now != before:
                yield {
                    "day": day.isoformat(), "what": _what(before, now), "text": now["text"], "floor": now["floor"],
                    "before": None if before is None else before["floor"],
                    "by": now["adopted_by"] or self._withdrawn(day),
                }  # fmt: skip

    def _withdrawn(self, day: date) -> str | None:
        found = self._targets.in_force(day)
        return found[0].withdrawn_by if found else None


def _iso(target: Target) -> str | None:
    return None if target.adopted is None else target.adopted.isoformat()


def _what(before: dict[str, Any] | None, now: dict[str, Any]) -> str:
    had = before is not None and before["adopted"] is not None
    if now["adopted"] is None:
        return "withdrawn" if had else "published"
    return "changed" if had else "adopted"
