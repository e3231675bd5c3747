"""The reader's choice (window, tier, team, domain, profile) in the address, and what the snapshot holds for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlencode

from dashboards import format as fmt
from dashboards.reading.reader import Ask, Snapshot, scope_of
from dashboards.wording import words
from slo.targets import PLATFORM

Result = Mapping[str, Any]

DEFAULT_WINDOW = "28d"
FAMILIES = ("reliability", "incidents", "delivery", "quality", "cost", "governance", "adoption")
PROFILES = ("staff_platform", "lead_platform", "distinguished_platform", "staff_dataops", "associate_platform")
DIMENSIONS = ("tier", "team", "domain", "asset")
SEVERITY = ("missed", "provisional", "near", "met", "too few", "no data", "no target", "not set up")
"""In which order the statuses of several targets give one headline: the heart's own."""
BOUNDS = ("at_least", "at_most", "above", "below")
"""Forms whose floor stands in the value's own unit."""
_ROLLING = {"1d": "today", "7d": "in the last 7 days", "28d": "in the last 28 days"}


def parse(search: str | None) -> Ask:
    """The choice that a query string holds; what it doesn't know it ignores."""
    found = {key: values[-1] for key, values in parse_qs((search or "").lstrip("?")).items()}
    tier = found.get("tier")
    return Ask(
        window=found.get("window", DEFAULT_WINDOW),
        tier=int(tier) if tier in ("0", "1", "2", "3") else None,
        **{key: found.get(key) for key in ("team", "domain", "asset", "profile", "lang")},
    )


def search(ask: Ask, **changes: Any) -> str:
    """The query string of a choice, "" for the default one."""
    fields = asdict(replace(ask, **changes))
    kept = {key: value for key, value in fields.items() if value is not None and (key, value) != ("window", "28d")}
    return "?" + urlencode(kept) if kept else ""


def own(search: str | None, names: Iterable[str]) -> dict[str, str]:
    """The choices of one page alone that a query string holds: what is searched for, which page of a list."""
    found = parse_qs((search or "").lstrip("?"))
    return {name: found[name][-1].strip() for name in names if name in found and found[name][-1].strip()}


def kept(after: str, before: str | None) -> str:
    """A new query string with a page's own choices of the one before; which page of a list is begun anew."""
    fields = {*asdict(Ask()), "page"}
    rest = [
        (key, one) for key, every in parse_qs((before or "").lstrip("?")).items() if key not in fields for one in every
    ]
    if not rest:
        return after
    return f"{after}&{urlencode(rest)}" if after else f"?{urlencode(rest)}"


def extended(link: str, **more: Any) -> str:
    """A link with a page's own choices added; what is None or empty is left out."""
    told = urlencode({key: value for key, value in more.items() if value not in (None, "")})
    return link if not told else f"{link}{'&' if '?' in link else '?'}{told}"


def link(path: str, ask: Ask, **changes: Any) -> str:
    return path + search(ask, **changes)


def of(result: Result) -> dict[str, Any]:
    """The result's scope without its nulls."""
    return {key: value for key, value in (result.get("scope") or {}).items() if value is not None}


def wanted(ask: Ask) -> dict[str, Any]:
    return {key: getattr(ask, key) for key in DIMENSIONS if getattr(ask, key) is not None}


def find(snapshot: Snapshot, window: str, scope: Mapping[str, Any]) -> Mapping[str, Result]:
    """KPI -> the snapshot's result for exactly this window and scope."""
    return snapshot.by_scope.get((window, scope_of(scope)), {})


def windows(snapshot: Snapshot) -> list[tuple[str, str]]:
    """(name, words) of the windows that the snapshot holds: rolling first, then months, newest first."""
    names = {name for name, _ in snapshot.by_scope} or {DEFAULT_WINDOW}
    rolling = sorted((name for name in names if name.endswith("d")), key=lambda name: int(name[:-1]))
    months = sorted((name for name in names if not name.endswith("d")), reverse=True)
    return [
        (name, words.sentence(period(name).removeprefix("in ").removeprefix("on ").removeprefix("the last ")))
        for name in (*rolling, *months)
    ]


def values(snapshot: Snapshot, dimension: str) -> list[Any]:
    """The teams, domains or tiers that the snapshot tells apart."""
    return sorted({value for _, scope in snapshot.by_scope for key, value in scope if key == dimension})


def kpis(snapshot: Snapshot) -> list[Result]:
    """One result a KPI, in order of family and then as the engine lists them."""
    first: dict[str, Result] = {}
    for one in snapshot.results:
        first.setdefault(one["kpi"], one)
    known = {family: place for place, family in enumerate(FAMILIES)}
    return sorted(first.values(), key=lambda one: known.get(one["family"], len(known)))


def period(name: str) -> str:
    """A window's name as a person says it: in the last 28 days, in October 2026."""
    if name in _ROLLING:
        return _ROLLING[name]
    if name.endswith("d") and name[:-1].isdigit():
        return f"in the last {name[:-1]} days"
    try:
        if len(name) == len("2026-10-14"):
            return f"on {fmt.day(date.fromisoformat(name))}"
        return f"in {fmt.month(date.fromisoformat(name + '-01'))}"
    except ValueError:
        return f"in {name}"


def said(ask: Ask) -> str:
    """The choice in words for a heading: tier 1, team finance."""
    parts = [f"{key} {value}" for key, value in wanted(ask).items()]
    return ", ".join(parts) or "the whole platform"


def profile_status(result: Result, profile: str | None) -> str:
    """The status as it is shown: of an asked profile the most severe of its targets; else the headline where it rests
    on adopted targets, and "published" where the figures are only a benchmark."""
    status = str(result["status"])
    if status == "not set up":
        return status
    if profile is not None:
        return min((one["status"] for one in targets(result, profile)), key=_severity, default="no target")
    if result.get("standing") != "published" or status in ("no target", "too few"):
        return status
    return "no data" if result.get("value") is None else "published"


def holds(entry: Mapping[str, Any], profile: str) -> bool:
    """Whether a profile holds a target: it is its own row, or one that the profile shows."""
    return profile in (entry.get("profiles") or (entry["profile"],))


def targets(result: Result, profile: str | None) -> list[Mapping[str, Any]]:
    """The targets that a status rests on: those of an asked profile; else the adopted ones; else all."""
    every = list(result.get("targets") or ())
    if profile is not None:
        return [one for one in every if holds(one, profile)]
    return [one for one in every if one.get("adopted")] or every


def split(results: Iterable[Result], view: str | None, profile: str | None = None) -> tuple[list[Result], list[Result]]:
    """The KPIs of an asked profile; else of the view (None: the platform's) and those with an adopted target; then the
    others. Where nothing stands in the view, it is all of them."""
    every = list(results)
    inside = [one for one in every if _in_view(one, profile or view or PLATFORM, profile is None)]
    return (inside, [one for one in every if one not in inside]) if inside else (every, [])


def _in_view(result: Result, view: str, adopted_too: bool) -> bool:
    return any(holds(one, view) or (adopted_too and one.get("adopted")) for one in result.get("targets") or ())


def is_judged(entry: Mapping[str, Any], profile: str | None) -> bool:
    """Whether a target's status is shown: somebody adopted it, or asked for its profile. Entries that do not say who
    adopted them are judged throughout."""
    asked = profile is not None and holds(entry, profile)
    return asked or "adopted_by" not in entry or entry.get("adopted") is not None


def is_benchmark(result: Result, profile: str | None) -> bool:
    """Whether nothing was promised and nobody asked to be judged: what is published stands beside the value."""
    return profile is None and result.get("standing") == "published"


def _severity(status: str) -> int:
    return SEVERITY.index(status) if status in SEVERITY else len(SEVERITY)


def headline(result: Result, profile: str | None) -> Mapping[str, Any] | None:
    """The target that gave the headline: the first with the most severe status, of the profile where one is chosen."""
    return min(map(told, targets(result, profile)), key=_first, default=None)


def _first(entry: Mapping[str, Any]) -> tuple[int, bool, bool]:
    """Among targets of one status, one with a figure says more than a trend."""
    return _severity(entry["status"]), not _has_figure(entry), entry["form"] == "agreed"


def _has_figure(entry: Mapping[str, Any]) -> bool:
    return entry["form"] in BOUNDS and entry.get("floor") is not None


def told(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """A target as it is shown: one of several clauses speaks through the clause that decided."""
    clauses = entry.get("clauses")
    if not clauses:
        return entry
    deciding = [clause for clause in clauses if clause["status"] == entry["status"]] or clauses
    chosen = next(filter(_has_figure, deciding), deciding[0])
    return {**entry, "budget": None, **chosen, "text": _part(entry, clauses.index(chosen)), "clauses": clauses}


def _part(entry: Mapping[str, Any], place: int) -> str:
    """What was published for one clause, where the text has a part for each: "> 70%; fewer duplicates"."""
    parts = str(entry["text"]).split("; ")
    return parts[place] if len(parts) == len(entry["clauses"]) else str(entry["text"])


def narrower(entry: Mapping[str, Any], result: Result) -> dict[str, Any]:
    """What a target narrows beyond the result it stands beside: {"tier": 1} beside the whole platform."""
    asked = of(result)
    own = entry.get("scope") or {}
    found = {key: value for key, value in own.items() if value is not None and asked.get(key) != value}
    if isinstance(found.get("tier"), (list, tuple)):
        found["tier"] = "-".join(str(tier) for tier in found["tier"])
    return found


def bound(result: Result, profile: str | None = None) -> list[float]:
    """The headline target's floor, where it is a bound in the value's own unit; empty otherwise."""
    entry = None if is_benchmark(result, profile) else headline(result, profile)
    if not entry or entry.get("floor") is None or entry["form"] not in BOUNDS:
        return []
    if narrower(entry, result):
        return []
    return [entry["floor"]]
