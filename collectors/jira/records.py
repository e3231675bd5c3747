"""From Jira's issues to work items and incidents. Pure.

A status belongs to a category (new, indeterminate, done). Work starts with the first move into "indeterminate"; it is
closed by the last move into "done", if it is there now. Persons are never read: a field that holds one is empty here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from collectors.cells import text
from collectors.jira.settings import PRIORITIES, WORDS, JiraSettings, Sort, Taken

Record = dict[str, Any]
READ = ("summary", "issuetype", "status", "resolution", "resolutiondate", "created", "updated", "labels", "priority",
        "project", "duedate")  # fmt: skip
"""Fields asked for of every issue."""
_ALWAYS = {"priority": Taken(field="priority", values={**PRIORITIES}, template=None),
           "due_at": Taken(field="duedate", values=None, template=None)}  # fmt: skip
_TIMES = ("due_at", "started_at", "detected_at")
_INCIDENT = ("class", "cause", "found_by", "started_at", "detected_at")


@dataclass(frozen=True)
class Move:
    """One change of status."""

    at: datetime
    before: str
    after: str


@dataclass(frozen=True)
class Course:
    """How an issue went through its statuses."""

    started: datetime | None
    closed: datetime | None
    closings: tuple[tuple[datetime, datetime | None], ...]
    """(closed, reopened) of every time it was closed."""


def instant(word: Any) -> datetime:
    """A time of Jira: ISO with an offset (with or without colon), or milliseconds (or seconds) of the epoch."""
    if isinstance(word, int | float):
        return datetime.fromtimestamp(word / 1000 if word > 1e11 else word, UTC)
    return datetime.fromisoformat(str(word)).astimezone(UTC)


def moves(histories: Iterable[Record]) -> list[Move]:
    """The changes of status in order of time."""
    found = [
        Move(instant(history["created"]), str(item.get("from")), str(item.get("to")))
        for history in histories
        for item in history.get("items") or []
        if item.get("fieldId", item.get("field")) == "status"
    ]
    return sorted(found, key=lambda move: move.at)


def course(fields: Record, told: Sequence[Move], categories: Mapping[str, str]) -> Course:
    """Start and closings of an issue from its moves, and from what it shows where it never moved."""
    now = str(fields["status"]["id"])
    known = {now: str((fields["status"].get("statusCategory") or {}).get("key")), **categories}
    first = told[0].before if told else now
    steps = [(instant(fields["created"]), known.get(first)), *((move.at, known.get(move.after)) for move in told)]
    started = next((at for at, category in steps if category == "indeterminate"), None)
    closings: list[tuple[datetime, datetime | None]] = []
    inside = False
    for at, category in steps:
        if category == "done" and not inside:
            closings.append((at, None))
        elif category != "done" and inside:
            closings[-1] = (closings[-1][0], at)
        inside = category == "done"
    closed = closings[-1][0] if closings and closings[-1][1] is None else None
    if known.get(now) == "done" and closed is None:  # the changelog does not reach back
        closed = instant(fields["resolutiondate"] or fields["updated"])
        closings.append((closed, None))
    return Course(started, closed if known.get(now) == "done" else None, tuple(closings))


def sort_of(fields: Record, sorts: Sequence[Sort]) -> Sort | None:
    """The first kind of work whose every condition fits the issue."""
    kind, project = _name(fields.get("issuetype")), str((fields.get("project") or {}).get("key")).casefold()
    labels = set(fields.get("labels") or [])
    for sort in sorts:
        fitting = (
            not sort.types or kind in map(str.casefold, sort.types),
            not sort.projects or project in map(str.casefold, sort.projects),
            not sort.labels or not labels.isdisjoint(sort.labels),
        )
        if all(fitting):
            return sort
    return None


def condition(sort: Sort) -> str:
    """The same conditions in JQL; empty where there is none."""
    parts = (("issuetype", sort.types), ("project", sort.projects), ("labels", sort.labels))
    return " AND ".join(f"{name} in ({', '.join(map(_quoted, words))})" for name, words in parts if words)


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _name(record: Record | None) -> str:
    return str((record or {}).get("name")).casefold()


class Records:
    """Turns issues into facts by the settings. ``ids``: a mapping's field -> Jira's id of it."""

    def __init__(
        self, settings: JiraSettings, ids: Mapping[str, str], categories: Mapping[str, str], site: str
    ) -> None:
        self.settings, self.ids, self.categories, self.site = settings, ids, categories, site
        self.zone = ZoneInfo(settings.timezone)

    def kept(self, issue: Record) -> Record:
        """The fields of an issue that are needed, nobody's name among them."""
        fields = issue["fields"]
        return {name: fields.get(name) for name in {*READ, *self.ids.values()}}

    def fact(self, issue: Record, sort: Sort, histories: Sequence[Record]) -> Record:
        """The work item or incident of an issue."""
        fields = issue["fields"]
        went = course(fields, moves(histories), self.categories)
        told = {name: self._taken(name, fields, taken, sort) for name, taken in self._mapping(sort).items()}
        base = {"id": str(issue["id"]), "title": fields.get("summary"), "url": f"{self.site}/browse/{issue['key']}"}
        outcome = self._outcome(fields) if went.closed else None
        if sort.kind == "incident":
            return {**base, **self._incident(fields, told, went, outcome)}
        work = {name: value for name, value in told.items() if name not in _INCIDENT}
        return {
            "fact": "work_item", **base, "kind": sort.kind, "opened_at": instant(fields["created"]),
            "started_at": went.started, "closed_at": went.closed, "outcome": outcome,
            **work, "due_at": self._due(fields) or work["due_at"],
        }  # fmt: skip

    def _mapping(self, sort: Sort) -> dict[str, Taken]:
        named = {**_ALWAYS, **self.settings.fields, **sort.fields}
        return {name: _taken(one) for name, one in named.items()}

    def _incident(self, fields: Record, told: Record, went: Course, outcome: str | None) -> Record:
        """An incident; one that was withdrawn is told as gone. Its spans are told where it was reopened."""
        if outcome == "withdrawn":
            return {"fact": "incident", "deleted": True}
        detected = told.get("detected_at") or instant(fields["created"])
        began = told.get("started_at") or detected
        asset = told.get("asset")
        return {
            "fact": "incident", "started_at": told.get("started_at"), "detected_at": detected,
            "acknowledged_at": went.started, "resolved_at": went.closed,
            "spans": _spans(began, went) if _reopened(went) else None,
            "severity": told.get("severity") or self._severity(fields),
            "class": told.get("class"), "cause": told.get("cause"), "found_by": told.get("found_by"),
            "assets": [asset] if asset else None,
        }  # fmt: skip

    def _severity(self, fields: Record) -> int | None:
        name = _name(fields.get("priority"))
        return next((level for word, level in self.settings.severities.items() if word.casefold() == name), None)

    def _outcome(self, fields: Record) -> str:
        name = _name(fields.get("resolution"))
        for outcome in ("refused", "withdrawn"):
            if name in {word.casefold() for word in getattr(self.settings, outcome)}:
                return outcome
        return "done"

    def _due(self, fields: Record) -> datetime | None:
        """When the service level is breached: of the cycle that runs, else of the last."""
        told = fields.get(self.ids.get(self.settings.sla or "", "")) or {}
        cycle = told.get("ongoingCycle") or (told.get("completedCycles") or [{}])[-1]
        breach = cycle.get("breachTime") or {}
        word = breach.get("epochMillis") or breach.get("iso8601")
        return instant(word) if word else None

    def _taken(self, name: str, fields: Record, taken: Taken, sort: Sort) -> Any:
        """A field's value here; None where Jira says nothing, or a word that means nothing here. An incident's severity
        is a number."""
        found = _plain(fields.get(self.ids.get(taken.field, taken.field)), taken.values)
        if found is None:
            return None
        if name in _TIMES:
            return self._time(found)
        if (name, sort.kind) == ("severity", "incident"):
            return int(found) if text(found) in ("1", "2", "3", "4", "5") else None
        words = WORDS.get(name)
        if words is None:
            return (taken.template or "{}").replace("{}", text(found))
        return next((word for word in words if word.casefold() == text(found).casefold()), None)

    def _time(self, word: Any) -> datetime:
        """An instant; of a mere date the day's end, in the settings' zone."""
        if isinstance(word, str) and len(word) == len("2026-11-20"):
            day = datetime.fromisoformat(word).date() + timedelta(days=1)
            return datetime.combine(day, time(), self.zone).astimezone(UTC)
        return instant(word)


def _reopened(went: Course) -> bool:
    return any(reopened for _, reopened in went.closings)


def _spans(began: datetime, went: Course) -> list[list[datetime | None]]:
    """The stretches in which an incident hurt: from its start or reopening to the next closing, open at last."""
    starts = [began, *(reopened for _, reopened in went.closings if reopened)]
    ends: list[datetime | None] = [closed for closed, _ in went.closings]
    return [[start, end] for start, end in zip(starts, [*ends, None], strict=False)]


def _taken(one: Taken | str) -> Taken:
    return Taken.model_validate({"field": one}) if isinstance(one, str) else one


def _plain(value: Any, values: Mapping[str, Any] | None) -> Any:
    """What a field of Jira says, translated: of several values the first that the translation knows, else the first.
    Options, components, teams are objects with a value or name; a person is nothing."""
    several = value if isinstance(value, list) else [value]
    words = [word for word in map(_word, several) if word not in (None, "")]
    if not words:
        return None
    known = {str(key).casefold(): item for key, item in (values or {}).items()}
    fitting = (known[text(word).casefold()] for word in words if text(word).casefold() in known)
    return next(fitting, known.get("*", words[0]))


def _word(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "accountId" in value or "emailAddress" in value:
        return None
    return value.get("value") or value.get("name") or value.get("title")
