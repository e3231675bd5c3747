"""Work items and merged changes as items: once in every scope that their asset or their own team matches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from slo.facts import Change, WorkItem
from slo.measure import Item
from slo.measure.item import Dims
from slo.view import View, own


def works(view: View, kind: str) -> list[WorkItem]:
    """Every work item of a kind as it looked at as-of: one that was closed later is open."""
    key = f"works:{kind}"
    if key not in view.kept:
        view.kept[key] = view.read("work_item", {"kind": kind})
    found: list[WorkItem] = view.kept[key]
    return found


def placed(view: View, fact: WorkItem | Change, at: datetime, **parts: Any) -> Item:
    """The item of a fact at the instant that places it: tier, domain and environment through its asset, the team its
    own or else its asset's. Without an asset it has a team alone."""
    dims = dims_of(view, fact, at)
    return Item(
        at=at, dims=Dims(dims.tier, environment=dims.environment), member=f"{fact.source}/{fact.id}",
        matches=[[fact.asset, dims.team, dims.domain]], since=own([fact], view.as_of), facts=(fact,), **parts,
    )  # fmt: skip


def dims_of(view: View, fact: WorkItem | Change, at: datetime) -> Dims:
    return view.dims(fact.asset, at, team=fact.team, environment=getattr(fact, "environment", None))


def exclusion(view: View, kpi: str, fact: WorkItem | Change, at: datetime) -> str | None:
    """Why it is left out by decision at an instant, or None."""
    return view.exclusion(kpi, fact.asset, dims_of(view, fact, at), at)


def coming(view: View, moments: Iterator[datetime], start: datetime, end: datetime) -> Iterator[Item]:
    """Where [start, end) holds as-of: what says when the next of these moments comes. It counts nothing by itself; the
    quiet days until then are looked at again once it has come."""
    if start <= view.as_of < end:
        next_one = min((moment for moment in moments if moment > view.as_of), default=None)
        if next_one is not None:
            yield Item(at=view.as_of, until=next_one)
