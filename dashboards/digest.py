"""The digest of a day: which alerts are open, what needs attention, what moved since the last one, which sources are
behind. Short, in sentences that the data wrote; it names tiers, teams and assets, never a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboards import format as fmt
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Snapshot
from dashboards.wording import alerts, attention, sentences
from dashboards.wording.sources import SAYS, state

Result = Mapping[str, Any]
MOST = 5
"""Sentences of one part; the page has the rest."""
JUDGED = ("missed", "near", "met")
_KEPT = {"near", "met"}


def statuses(snapshot: Snapshot) -> dict[str, str]:
    """KPI -> its status, of the whole platform in the last 28 days: what the next digest compares with."""
    here = scope.find(snapshot, scope.DEFAULT_WINDOW, {})
    return {kpi: scope.profile_status(one, None) for kpi, one in here.items()}


def compose(
    snapshot: Snapshot, before: Mapping[str, str] | None, page: str, blind: Sequence[alerts.Alert] = ()
) -> dict[str, Any]:
    """The digest as data: title, as_of, alerts and silenced (lists of objects with text and page, a link; alerts is
    None where no evaluation has told them), attention, changes, sources (lists of sentences), page (a link).
    ``before``: the statuses of the last digest; None where there was none. ``blind``: what the one who sends knows
    beyond the watch, as alerts."""
    open_ones = alerts.joined(alerts.opened(snapshot), blind)
    return {
        "title": _title(snapshot, len(open_ones or ())),
        "as_of": snapshot.as_of.isoformat() if snapshot.as_of else None,
        "alerts": None if open_ones is None else [_alert(one, snapshot.timezone, page) for one in open_ones],
        "silenced": [{**_alert(one, snapshot.timezone, page), "why": one["why"]} for one in alerts.silenced(snapshot)],
        "attention": _attention(snapshot),
        "changes": _changes(snapshot, before),
        "sources": _sources(snapshot.sources),
        "page": page,
    }


def _alert(one: alerts.Alert, zone: str, page: str) -> dict[str, Any]:
    told = {"key": one["key"], "text": alerts.sentence(one, zone), "page": page + one["page"]}
    return told | alerts.said(one)


def _title(snapshot: Snapshot, alerts_open: int) -> str:
    """2 alerts are open; 3 of 12 judged KPIs missed a target."""
    judged = _judged(snapshot)
    if not alerts_open:
        return judged
    return f"{alerts.many(alerts_open)}; {judged[0].lower()}{judged[1:]}"


def _judged(snapshot: Snapshot) -> str:
    """All 12 judged KPIs met their targets; 3 of 12 judged KPIs missed their targets."""
    found = list(statuses(snapshot).values())
    judged = [status for status in found if status in JUDGED]
    missed = judged.count("missed")
    if not judged and "published" in found:
        return "No target is adopted yet; the published ranges stand beside the last 28 days"
    if not judged:
        return "No target could be judged in the last 28 days"
    if not missed:
        return f"Every target that could be judged was met in the last 28 days: {fmt.plural(len(judged), 'KPI')}"
    return f"{missed} of {fmt.plural(len(judged), 'judged KPI')} missed a target in the last 28 days"


def _attention(snapshot: Snapshot) -> list[str]:
    ask = Ask()
    found = attention.worst(snapshot, ask, len(snapshot.results))
    told = [_marked(scope.profile_status(one, ask.profile), sentences.brief(one, ask.profile)) for one in found]
    return _first(told)


def _changes(snapshot: Snapshot, before: Mapping[str, str] | None) -> list[str]:
    """KPIs that began to miss, or keep again, what they promise, since the last digest."""
    here = scope.find(snapshot, scope.DEFAULT_WINDOW, {})
    now = statuses(snapshot)
    told = []
    for kpi, one in here.items():
        was, now_is = (before or {}).get(kpi), now[kpi]
        if was in _KEPT and now_is == "missed":
            told.append(_marked("missed", f"{one['title']} misses its target now; it was {fmt.status(was).word}"))
        elif was == "missed" and now_is in _KEPT:
            told.append(_marked(now_is, f"{one['title']} keeps its target again"))
        elif was is not None and was not in JUDGED and now_is in JUDGED:
            told.append(_marked(now_is, f"{one['title']} can be judged now: {fmt.status(now_is).word}"))
    return _first(told)


def _sources(sources: Iterable[Mapping[str, Any]]) -> list[str]:
    """Sources that could not be read, or have not been for longer than they should, or do not tell all."""
    late = [(one, state(one)) for one in sources]
    return _first([f"✕ {one['name']} {_said(one, how)}" for one, how in late if how not in ("ok", "not read yet")])


def _said(source: Mapping[str, Any], state: str) -> str:
    begins = {"failing": "could not be read", "retrying": "could not be read the last time"}.get(state)
    return SAYS[state] if begins is None else f"{begins}: {_short(source)}"


def _short(source: Mapping[str, Any]) -> str:
    """What a source said, without its remedy: the sources page has all of it."""
    text = str(source.get("error") or "no reason given").removeprefix(f"{source['name']}: ")
    return text if len(text) <= 120 else text[:117] + "..."


def _marked(status: str, sentence: str) -> str:
    return f"{fmt.status(status).shape} {sentence}"


def _first(told: list[str]) -> list[str]:
    """The first few, and how many more there are."""
    more = len(told) - MOST
    return [*told[:MOST], f"and {more} more on the page"] if more > 0 else told


def when(digest: Mapping[str, Any], zone: str) -> str:
    """As of which moment it speaks, in the platform's zone."""
    if digest["as_of"] is None:
        return "not evaluated yet"
    local = datetime.fromisoformat(digest["as_of"]).astimezone(ZoneInfo(zone))
    return f"as of {local.day} {local:%B %Y, %H:%M} {local.tzname()}"


PARTS = (("attention", "Needs attention"), ("changes", "Changed since the last digest"), ("sources", "Sources"))
"""The parts below the alerts in the order in which they are read, each with its heading."""
CALM = "Nothing needs attention: no alert is open, no target is missed and every source answers."
UNJUDGED = "Nothing is evaluated yet, so nothing can be told to be right or wrong."


def parts(digest: Mapping[str, Any]) -> list[tuple[str, list[tuple[str, str]]]]:
    """(heading, [(sentence with its mark, link or nothing)]), those that have something to say."""
    found = [("Open alerts", _opened(digest))]
    found += [(heading, [(sentence, "") for sentence in digest[key]]) for key, heading in PARTS]
    return [(heading, lines) for heading, lines in found if lines]


def _opened(digest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The first few with their links, how many more there are, and how many are silenced."""
    if digest["alerts"] is None:
        return [(f"○ {alerts.UNKNOWN}", "")] if digest["as_of"] else []
    found = digest["alerts"]
    shown = [(f"{alerts.look(one['severity']).shape} {one['text']}", one["page"]) for one in found[:MOST]]
    if len(found) > MOST:
        shown.append((f"and {fmt.count(len(found) - MOST)} more on the page", ""))
    quiet = alerts.quiet(digest["silenced"])
    return [*shown, (quiet, "")] if quiet else shown


def calm(digest: Mapping[str, Any]) -> str:
    """That nothing needs attention, where that is known; "" where something does."""
    if digest["as_of"] is None:
        return UNJUDGED
    return CALM if digest["alerts"] == [] and not digest["attention"] and not digest["sources"] else ""


def text(digest: Mapping[str, Any], zone: str) -> str:
    """The digest as plain text."""
    lines = [f"{digest['title']} ({when(digest, zone)})"]
    for heading, told in parts(digest):
        lines += [
            "",
            heading,
            *(line for said, link in told for line in (f"  {said}", *([f"    {link}"] if link else []))),
        ]
    if calm(digest):
        lines += ["", calm(digest)]
    return "\n".join([*lines, "", digest["page"]])
