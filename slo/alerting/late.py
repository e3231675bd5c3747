"""Datasets that are late now: a deadline has passed, or the data has grown too old, and nothing has come.

The verdict is that of the page "Will be late" (slo/due/outstanding.py): what nobody could observe is not late; what was
seen to be late stays so until something is seen to land. That nobody looks any more is told by TierlineBlind.
"""

from __future__ import annotations

from collections.abc import Iterator

from slo.alerting.problem import DATA, Problem
from slo.due.outstanding import outstanding
from slo.evidence.sources import missing
from slo.shelf import get_kpi
from slo.view import View


def late(view: View, names: list[str]) -> Iterator[Problem]:
    """Of these assets those that are late at as-of."""
    if missing(get_kpi(DATA), view):
        return
    ruled = [name for name in names if view.history(name).get("freshness", view.as_of)]
    for due in outstanding(view, ruled)[0]:
        if due.deadline <= view.as_of and due.blind is None:
            since = due.since or due.deadline
            dims = view.dims(due.asset, view.as_of)
            yield Problem(DATA, due.asset, dims, "late", due.deadline, since)
