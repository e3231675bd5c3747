"""One asset's whole story: what it is and who says so, what was promised, what happened, what stands around it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta
from re import sub
from typing import Any

from slo.facts import CheckResult, Run
from slo.incidents.cases import cases
from slo.intervals import seconds_between
from slo.reasons import Reasons
from slo.results import Query, Results
from slo.stories.assets import last, last_late, promise, standing
from slo.stories.lacking import lacks, lineage
from slo.view import View
from slo.windows import parse_window

A_PAGE = 50
"""Runs, or updates, shown at once."""
MOST_AROUND = 25
"""Neighbours named a side and level."""
MOST_CHECKS = 1_000
BACK = timedelta(days=90)
"""How far back incidents are listed."""


def asset(results: Results, query: Query, page: int = 0) -> dict[str, Any]:
    """The story of ``query.asset``. Where nobody told of it: ``asset`` None and ``near``, names that resemble it.

    Else ``asset``, ``kind``, ``tier``, ``team``, ``domain``, ``environment``, ``exists``, ``fields`` (reasons as
    records), ``gaps`` (names of fields), ``formerly`` (older names), ``promise``, ``standing``, ``last``,
    ``last_late``, ``runs`` and ``updates`` (page ``page`` of them, the newest first, with ``more``), ``checks``,
    ``incidents``, ``upstream``, ``downstream``, ``links``.
    """
    view, asked = results.view, query.asset or ""
    name = _meant(view, asked)
    if name not in view.asset_names and name not in view.store.assets():
        return {"asset": None, "asked": asked, "near": near(view, asked), "as_of": view.as_of}
    history, dims = view.history(name), view.dims(name, view.as_of)
    kind = history.get("kind", view.as_of)
    window = parse_window(query.window, view.as_of, view.platform.timezone)
    return {
        "asset": name, "asked": asked, "as_of": view.as_of, "kind": kind, "tier": dims.tier, "team": dims.team,
        "domain": dims.domain, "environment": dims.environment, "exists": history.exists(view.as_of),
        "fields": [one.record() for one in _reasons(view).reasons(name)], "gaps": list(lacks(view, name, kind)),
        "formerly": sorted(one.old for one in view.read("alias", order_by=None) if view.canonical(one.old) == name),
        "promise": promise(view, name), "standing": standing(results, query, name), "last": last(view, name, kind),
        "last_late": last_late(results, query, name), "runs": _runs(view, name, page),
        "updates": _updates(view, name, page), "checks": _checks(view, name, window.start), "page": page,
        "incidents": _incidents(view, name), **_around(view, name),
        "links": sorted({version.url for version in history.in_force(view.as_of) if version.url}),
    }  # fmt: skip


def _meant(view: View, asked: str) -> str:
    """The name it goes by now. An address may have lost one of two slashes on its way."""
    name = view.canonical(asked) or asked
    if name in view.asset_names:
        return name
    single = sub("/+", "/", name)
    return next((known for known in view.asset_names if "//" in known and sub("/+", "/", known) == single), name)


def _reasons(view: View) -> Reasons:
    if "stories.reasons" not in view.kept:
        view.kept["stories.reasons"] = Reasons(view)
    found: Reasons = view.kept["stories.reasons"]
    return found


def near(view: View, asked: str, most: int = 8) -> list[str]:
    """Names that share most of their three-letter pieces with what was asked for."""
    wanted = _pieces(asked)
    scored = ((len(wanted & own) / len(wanted | own), name) for name in view.asset_names if (own := _pieces(name)))
    return [name for score, name in sorted(scored, key=lambda one: (-one[0], one[1]))[:most] if score >= 0.2]


def _pieces(name: str) -> set[str]:
    text = f"  {name.casefold()} "
    return {text[place : place + 3] for place in range(len(text) - 2)}


def _runs(view: View, name: str, page: int) -> dict[str, Any]:
    """A page of the runs, the newest first."""
    found = view.read("run", {"asset": name}, descending=True, limit=(page + 1) * A_PAGE + 1)
    return {"rows": [_run(one) for one in found[page * A_PAGE :][:A_PAGE]], "more": len(found) > (page + 1) * A_PAGE}


def _run(run: Run) -> dict[str, Any]:
    return {
        "id": run.id, "url": run.url, "source": run.source, "state": run.state, "trigger": run.trigger,
        "due": run.due_at, "started": run.started_at, "ended": run.ended_at, "tries": run.tries,
        "seconds": seconds_between(run.started_at, run.ended_at), "waited": seconds_between(run.due_at, run.started_at),
    }  # fmt: skip


def _updates(view: View, name: str, page: int) -> dict[str, Any]:
    """A page of the landings, the newest first."""
    found = view.read("dataset_update", {"asset": name}, descending=True, limit=(page + 1) * A_PAGE + 1)
    rows = [
        {
            "at": one.at,
            "through": one.data_through,
            "backfill": bool(one.backfill),
            "source": one.source,
            "url": one.url,
        }
        for one in found[page * A_PAGE :][:A_PAGE]
    ]
    return {"rows": rows, "more": len(found) > (page + 1) * A_PAGE}


def _checks(view: View, name: str, since: Any) -> list[dict[str, Any]]:
    """Each check with its last outcome and how often it passed and failed in the window, those that fail first."""
    where = {"asset": name, "placed_at": (since, None)}
    found: dict[str, dict[str, Any]] = {}
    for one in view.read("check_result", where, descending=True, limit=MOST_CHECKS):
        assert isinstance(one, CheckResult)
        told = found.setdefault(
            one.check or "", {"check": one.check, "type": one.type, "severity": one.severity, "outcome": one.outcome,
                              "at": one.at, "url": one.url, "passed": 0, "failed": 0},
        )  # fmt: skip
        told["passed"] += one.outcome == "pass"
        told["failed"] += one.outcome in ("fail", "error")
    return sorted(
        found.values(), key=lambda one: (one["outcome"] not in ("fail", "error"), -one["failed"], one["check"])
    )


def _incidents(view: View, name: str) -> list[dict[str, Any]]:
    """Open ones, and those of the last 90 days, the newest first."""
    found = []
    for case in cases(view):
        until = case.restored_at()
        lately = until is None or until >= view.as_of - BACK
        if lately and any(view.canonical(match[0]) == name for match in case.matches):
            fact = case.fact
            found.append(
                {"title": fact.title or fact.id, "id": fact.id, "source": fact.source, "url": fact.url,
                 "severity": fact.severity, "cause": fact.cause, "began": case.begins, "restored": until}
            )  # fmt: skip
    return sorted(found, key=lambda one: (one["restored"] is not None, -one["began"].timestamp()))


def _around(view: View, name: str) -> dict[str, Any]:
    """Two levels up and down the lineage: a list a level of (asset, kind, tier, by way of), and how many there are."""
    graph = lineage(view)
    return {
        "upstream": _levels(view, name, graph.parents),
        "downstream": _levels(view, name, graph.children),
    }


def _levels(view: View, name: str, step: Callable[[str], Collection[str]]) -> list[dict[str, Any]]:
    first = sorted(step(name))
    second = {far: by for by in reversed(first) for far in step(by) if far != name and far not in first}
    levels: list[list[tuple[str, str | None]]] = [[(one, None) for one in first], sorted(second.items())]
    return [
        {"of": len(level), "rows": [_neighbour(view, one, by) for one, by in level[:MOST_AROUND]]} for level in levels
    ]


def _neighbour(view: View, name: str, by: str | None) -> dict[str, Any]:
    history = view.history(name)
    return {"asset": name, "kind": history.get("kind", view.as_of), "tier": history.dims(view.as_of).tier, "by": by}
