"""The register of assets: found by words and scope, each with what was promised of it and whether that was kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from slo.calendars import DAY
from slo.due.freshness import maximum
from slo.due.slots import has_slots
from slo.folding import Scope
from slo.incidents.cases import cases
from slo.intervals import INSTANT
from slo.lineage.causes import Causes, as_told, failed_at
from slo.measure import Item, Ratio, Share
from slo.params import settle_params
from slo.results import Query, Results
from slo.shelf import get_kpi
from slo.stories.lacking import lacks as lacking
from slo.view import View, in_production
from slo.windows import parse_window

RUNS, AGE, SLA = "pipeline_success_rate", "freshness_slo_attainment", "dataset_sla_attainment"
MOST = 25
"""Assets of a page: their figures are read one by one."""
_KEPT = "stories.assets"
_FIRST = ("dataset", "pipeline")


class Row(NamedTuple):
    """One asset that exists, as it is searched."""

    asset: str
    kind: str | None
    tier: int | None
    team: str | None
    owner: str | None
    domain: str | None
    text: str
    lacks: tuple[str, ...]


def assets(
    results: Results, query: Query, text: str = "", kind: str | None = None, lacks: str | None = None,
    most: int = MOST, page: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """``lines`` of a page of ``most`` assets: those that hold every word of ``text`` (in name, owner, team, domain,
    tags or kind), lack a field where ``lacks`` names one, and are in scope, the most critical first; ``found`` of
    ``total``; ``page``, the last where a later one was asked for, and ``before``: how many stand on the pages before;
    ``kinds``: kind -> how many were found; ``teams``: those there are, where nothing is in scope.

    A line: asset, kind, tier, team, owner, domain, ``rule``, ``objective``, ``own`` (whether anybody set one),
    ``kpi``, ``value``, ``good``, ``bad``, ``kept`` (None: cannot be judged), ``last``, ``incidents`` (open ones).
    """
    view = results.view
    everything = _everything(view)
    inside = in_scope(view, query)
    words = text.casefold().split()
    named = [row for row in inside if all(word in row.text for word in words) and lacks in (None, *row.lacks)]
    found = [row for row in named if kind is None or row.kind == kind]
    found.sort(key=lambda row: (_place(row, words), 9 if row.tier is None else row.tier, _rank(row.kind), row.asset))
    kinds: dict[str, int] = {}
    for row in named:
        kinds[row.kind or "not told"] = kinds.get(row.kind or "not told", 0) + 1
    page = min(page, max(0, len(found) - 1) // most)
    shown = found[page * most :][:most]
    _read_ahead(results, query, [row.asset for row in shown])
    return {
        "lines": [_line(results, query, row) for row in shown], "page": page, "before": page * most,
        "found": len(found), "in_scope": len(inside), "total": len(everything),
        "kinds": dict(sorted(kinds.items())), "as_of": view.as_of,
        "teams": [] if inside else sorted({row.team for row in everything if row.team}),
    }  # fmt: skip


def _everything(view: View) -> list[Row]:
    """Every asset of production that exists; worked out once for a view."""
    if _KEPT not in view.kept:
        view.kept[_KEPT] = list(_rows(view))
    found: list[Row] = view.kept[_KEPT]
    return found


def _rows(view: View) -> Iterator[Row]:
    for name in view.asset_names:
        history = view.history(name)
        dims = history.dims(view.as_of)
        if history.exists(view.as_of) and in_production(dims.environment):
            told = {key: one.value for key, one in history.told(view.as_of).items()}
            parts = (name, told.get("owner"), dims.team, dims.domain, told.get("kind"), *(told.get("tags") or ()))
            text = "\n".join(str(part) for part in parts if part).casefold()
            kind, owner = told.get("kind"), told.get("owner")
            yield Row(name, kind, dims.tier, dims.team, owner, dims.domain, text, lacking(view, name, kind))


def in_scope(view: View, query: Query) -> list[Row]:
    """The assets of a tier, team and domain."""
    return [row for row in _everything(view) if _in_scope(row, query)]


def _in_scope(row: Row, query: Query) -> bool:
    return (
        (query.tier is None or row.tier == query.tier)
        and (query.team is None or row.team == query.team)
        and (query.domain is None or row.domain == query.domain)
    )


def _place(row: Row, words: list[str]) -> int:
    """Names that end in what was asked before those that hold it, those before what holds it elsewhere."""
    name, whole = row.asset.casefold(), " ".join(words)
    return 0 if whole and name.endswith(whole) else 1 if all(word in name for word in words) else 2


def _rank(kind: str | None) -> int:
    """What people consume before what makes it."""
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)


def _line(results: Results, query: Query, row: Row) -> dict[str, Any]:
    view = results.view
    return {
        "asset": row.asset, "kind": row.kind, "tier": row.tier, "team": row.team, "owner": row.owner,
        "domain": row.domain, **promise(view, row.asset), **standing(results, query, row.asset),
        "last": last(view, row.asset, row.kind), "incidents": len(open_incidents(view).get(row.asset, ())),
    }  # fmt: skip


# What was promised, and was it kept


def judged(results: Results, query: Query) -> dict[str, float]:
    """``good`` and ``bad``: datasets of the scope that kept and missed what was promised of them, as
    dataset_sla_attainment counts them, without its days and targets."""
    asked = results.asked(get_kpi(SLA), query)
    figures = results.judge.figures(asked.kpi, asked.window, asked.scope, asked.params)
    return {"good": figures.good or 0, "bad": figures.bad or 0}


def promise(view: View, asset: str) -> dict[str, Any]:
    """``rule`` (freshness, or {"schedule"}), ``objective`` (share of the time, or of the deliveries), ``own``: whether
    anybody set it, ``by``: which source told the rule, ``since``: from when on (None: always)."""
    told = view.history(asset).told(view.as_of)
    rule = told.get("freshness")
    if rule is None:
        schedule = told.get("schedule")
        since = None if schedule is None or schedule.since.year == 1 else schedule.since
        shown = {"schedule": schedule.value} if schedule and has_slots(view.history(asset)) else None
        return {"rule": shown, "objective": None, "own": False, "by": schedule and schedule.source, "since": since}
    usual = view.platform.freshness_objective if maximum(rule.value) is not None else 1.0
    own = told.get("freshness_objective")
    return {
        "rule": rule.value, "objective": usual if own is None else own.value, "own": own is not None,
        "by": rule.source, "since": None if rule.since.year == 1 else rule.since,
    }  # fmt: skip


def standing(results: Results, query: Query, asset: str) -> dict[str, Any]:
    """How the window went: ``kpi``, ``value``, ``good`` and ``bad`` (runs, deliveries, or seconds of age), ``kept``."""
    history = results.view.history(asset)
    rule = history.get("freshness", results.view.as_of)
    if rule is None and not has_slots(history):
        return {"kpi": None, "value": None, "good": 0, "bad": 0, "kept": None}
    kpi = get_kpi(RUNS if rule is None else SLA)
    window = parse_window(query.window, results.view.as_of, results.view.platform.timezone)
    params, scope = settle_params(kpi, {}), Scope(asset=asset)
    reading = results.states.reading(kpi, window, scope, params, light=True)
    ratio = _ratio(reading.state, asset, rule)
    scale = 1_000_000 if rule is not None and maximum(rule) is not None else 1
    judged = kpi.figures(reading).value if rule is not None else None
    return {
        "kpi": RUNS if rule is None else AGE if scale > 1 else SLA,
        "value": ratio.good / ratio.total if ratio.total else None,
        "good": ratio.good / scale, "bad": ratio.bad / scale, "kept": None if judged is None else judged == 1,
    }  # fmt: skip


def _read_ahead(results: Results, query: Query, names: list[str]) -> None:
    """What ``standing`` asks for of each of these assets."""
    window = parse_window(query.window, results.view.as_of, results.view.platform.timezone)
    for kpi in map(get_kpi, (RUNS, SLA)):
        results.states.read_ahead(kpi, names, window, settle_params(kpi, {}))


def _ratio(state: Any, asset: str, rule: dict[str, Any] | None) -> Ratio:
    """The counts of one asset: of a Share under the form of threshold in force now."""
    if isinstance(state, Share):
        form = "age" if maximum(rule or {}) is not None else "deadline"
        return state.assets.get(f"{form}:{asset}", Ratio())
    return state if isinstance(state, Ratio) else Ratio()


def last(view: View, asset: str, kind: str | None) -> datetime | None:
    """When a dataset last landed, or a pipeline last ended well."""
    if kind == "dataset":
        found = view.read("dataset_update", {"asset": asset}, descending=True, limit=1)
        return found[0].at if found else None
    if kind == "pipeline":
        runs = view.read("run", {"asset": asset, "state": "success"}, descending=True, limit=1)
        return runs[0].ended_at if runs else None
    return None


def open_incidents(view: View) -> dict[str, list[Any]]:
    """Asset -> incidents that are open on it."""
    if "stories.open" not in view.kept:
        found: dict[str, list[Any]] = {}
        for case in cases(view):
            if case.restored_at() is None:
                for name in {view.canonical(match[0]) for match in case.matches if match[0]}:
                    found.setdefault(name or "", []).append(case)
        view.kept["stories.open"] = found
    kept: dict[str, list[Any]] = view.kept["stories.open"]
    return kept


# Why it was late


def lateness(results: Results, query: Query, names: Iterable[str]) -> dict[str, dict[str, Any] | None]:
    """Of each of some assets its ``last_late``."""
    return {name: last_late(results, query, name) for name in names}


def last_late(results: Results, query: Query, asset: str) -> dict[str, Any] | None:
    """The last time that an asset failed, never came or was late in the window: ``at``, ``what``, ``url``, and what it
    began with further up (``cause``, as explanations tell it). None: it never was."""
    view = results.view
    window = parse_window(query.window, view.as_of, view.platform.timezone)
    told = view.history(asset).get("freshness", view.as_of)
    kpi = get_kpi(RUNS if told is None else SLA if maximum(told) is None else AGE)
    days = results.states.days(kpi, window.first_day, window.last_day, Scope(asset=asset), settle_params(kpi, {}))
    for day in sorted((day for day, state in days.items() if _ratio(state, asset, told).bad), reverse=True):
        items = kpi.items(view, [asset], view.start_of(day), view.start_of(day + DAY), kpi.defaults)
        bad = [item for item in items if item.bad and item.excluded is None and view.day(item.at) == day]
        if bad:
            return _failure(view, asset, bad)
    return None


def _failure(view: View, asset: str, bad: list[Item]) -> dict[str, Any]:
    """The last of several failures of one day, followed to where it began."""
    newest = max(bad, key=lambda item: item.at)
    known = failed_at(newest)
    cause = Causes(view, [asset], known, known + INSTANT)
    found = cause.cause(asset, known) if cause else None
    fact = newest.facts[0] if newest.facts else None
    return {
        "at": newest.at, "what": {"stale": "late", "delivery": "late"}.get(newest.note, newest.note),
        "url": fact.url if fact else None, "cause": as_told(found, view) if found else None,
    }  # fmt: skip
