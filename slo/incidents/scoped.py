"""Incidents that a new version of one of their assets moves in or out of scope: what they say of days before that
version changes, too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from slo.facts import Incident
from slo.marks import otherwise_from
from slo.store import ChangeRow
from slo.view import View

if TYPE_CHECKING:
    from slo.kpi import Kpi


def judged_anew(kpi: Kpi, changes: Iterable[ChangeRow], view: View) -> Iterator[Incident]:
    """Incidents that begin on days on which an asset of theirs is now otherwise: that decides whether they count, and
    in which tier."""
    firsts = otherwise_from(kpi, changes, view)
    if not firsts:
        return
    for fact in view.read("incident", {"placed_at": (view.start_of(min(firsts.values())), None)}):
        since = [firsts[name] for name in fact.assets or () if name in firsts]
        if since and view.day(fact.moment) >= min(since):
            yield fact
