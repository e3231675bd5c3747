"""Jira Cloud: work items of every kind by a mapping, and incidents where Jira keeps them.

What changed is found by ``updated``, and at first also what is not done, however old; an issue's course by its
changelog. The ids of all issues are listed in each pass, 5,000 at once, so that one that was deleted or became
something else is noticed. Nobody's name is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from collectors.base import Enumerated, Finding, Period, Raw, Source
from collectors.jira.api import BULK, JiraApi
from collectors.jira.auth import REMEDY, session
from collectors.jira.records import READ, Records, condition, sort_of
from collectors.jira.settings import JiraSettings, Taken
from collectors.mapping import words_of
from slo.errors import PermissionMissing, SourceError, TierlineError

Record = dict[str, Any]


class Jira(Source):
    plugin = "jira"
    title = "Jira Cloud"
    family = "work"
    tells = {
        "work_item": (*words_of("work_item"), "title", "kind", "opened_at", "started_at", "due_at", "closed_at",
                      "outcome", "priority", "severity", "size", "complexity", "asset", "team"),
        "incident": ("title", "started_at", "detected_at", "acknowledged_at", "resolved_at", "spans", "severity",
                     "class", "cause", "assets", "found_by"),
    }  # fmt: skip
    derives = ("incident.assets", "incident.started_at")
    settle = timedelta(minutes=10)
    interval = timedelta(minutes=15)
    chunk = timedelta(days=30)
    requests_per_second = 10
    tested = ("Atlassian's own OpenAPI description served by Prism, answers made by hand in its form, and the demo's "
              "server; not against a site of our own")  # fmt: skip
    grants = (
        "An account with Browse projects on the projects of `jql` (and the issue-level security, where used); for SLAs "
        "access to the service project as an agent or viewer. API token: email and token. OAuth 2.0 (a service "
        "account's client_id and client_secret, or a token): the scope read:jira-work; or granular, read:*:jira of "
        "issue-details, issue-meta, issue.changelog, field, field.default-value, field.option, field-configuration, "
        "group, project, project-category, status, avatar."
    )
    Settings = JiraSettings
    settings: JiraSettings

    @classmethod
    def recognises(cls, place: str) -> Mapping[str, Any] | None:
        """A site of Jira Cloud."""
        url = urlsplit(place)
        is_site = (url.hostname or "").endswith(".atlassian.net")
        return {"url": f"https://{url.hostname}"} if is_site else None

    def __init__(self, name: str, settings: Any, now: Callable[[], datetime]) -> None:
        super().__init__(name, settings, now)
        sorts = {sort.kind for sort in settings.kinds}
        kinds = {"incident" if sort == "incident" else "work_item" for sort in sorts}
        left_out = set(words_of("work_item")) - sorts
        self.__dict__["tells"] = {
            kind: tuple(field for field in fields if field not in left_out)
            for kind, fields in self.tells.items()
            if kind in kinds
        }
        self.__dict__["derives"] = self.derives if "incident" in kinds else ()

    def _api(self) -> JiraApi:
        return JiraApi(session(self.settings, self.rate), self.settings.jql)

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        api, now = self._api(), self.now()
        ids = self._ids(api)
        records = Records(self.settings, ids, api.categories(), api.site())
        asked = list(dict.fromkeys([*READ, *ids.values()]))
        at_first = period.latest and not period.incremental
        issues = api.issues(asked, now, period.start, None if period.latest else period.end, lying=at_first)
        while some := list(islice(issues, BULK)):
            yield from self._some(api, records, some)
        if period.incremental:
            yield from self._listed(api)

    def _some(self, api: JiraApi, records: Records, issues: Sequence[Record]) -> Iterator[Raw]:
        """Issues that are some kind of work of ours, with their changelogs."""
        kept = [{"id": one["id"], "key": one["key"], "fields": records.kept(one)} for one in issues]
        ours = [one for one in kept if sort_of(one["fields"], self.settings.kinds)]
        histories = api.changes([one["id"] for one in ours]) if ours else {}
        for one in ours:
            moved = [_impersonal(history) for history in histories.get(one["id"], [])]
            yield Raw("issue", one, {"records": records, "histories": moved})

    def _listed(self, api: JiraApi) -> Iterator[Enumerated]:
        """Every issue that still is what it was told as."""
        known: dict[str, set[str]] = {kind: set() for kind in self.tells}
        for sort in self.settings.kinds:
            found = set(api.ids(condition(sort))).difference(*known.values())
            known["incident" if sort.kind == "incident" else "work_item"] |= found
        yield from (Enumerated(kind, frozenset(ids)) for kind, ids in known.items())

    def _ids(self, api: JiraApi) -> dict[str, str]:
        """Every field that the settings name -> its id. Raises SourceError: there is none, or several of that name."""
        named = [*self.settings.fields.values(), *(one for sort in self.settings.kinds for one in sort.fields.values())]
        words = {one.field if isinstance(one, Taken) else one for one in named} | {self.settings.sla or "priority"}
        fields = api.fields()
        return {word: _field(word, fields) for word in sorted(words)}

    def parse(self, raw: Raw) -> Iterator[Record]:
        sort = sort_of(raw.data["fields"], self.settings.kinds)
        if sort is not None:
            yield raw.context["records"].fact(raw.data, sort, raw.context["histories"])

    def check(self) -> list[Finding]:
        try:
            api = self._api()
            found = [Finding(True, f"signed in at {api.site()}")]
        except TierlineError as error:
            return [Finding(False, str(error), REMEDY)]
        asked: list[tuple[str, Callable[[], Any]]] = [
            ("fields", lambda: f"fields: {', '.join(self._ids(api))}"),
            ("statuses and their categories", api.categories),
            ("issues of jql", lambda: self._counted(api)),
            ("kinds: their types and projects", lambda: list(self._listed(api))),
        ]
        return found + [_finding(what, call) for what, call in asked]

    def _counted(self, api: JiraApi) -> str:
        number = api.count()
        if number == 0:
            raise SourceError(f"jql finds no issue: {self.settings.jql}. Jira leaves out what this account may not see")
        return f"about {number} issues of jql"


def _field(word: str, fields: Sequence[Record]) -> str:
    """A field's id by its id or name."""
    if any(one["id"] == word for one in fields):
        return word
    found = [str(one["id"]) for one in fields if str(one.get("name")).casefold() == word.casefold()]
    if not found:
        raise SourceError(f"Jira has no field {word!r} that this account sees; write its name or its id "
                          "(customfield_10042)")  # fmt: skip
    if len(found) > 1:
        raise SourceError(f"Jira has {len(found)} fields called {word!r}; write the id of the right one: "
                          f"{', '.join(found)}")  # fmt: skip
    return found[0]


def _impersonal(history: Record) -> Record:
    """A change of status without whose it was."""
    items = [{key: item.get(key) for key in ("field", "fieldId", "from", "to")} for item in history.get("items") or []]
    return {"created": history["created"], "items": items}


def _finding(what: str, call: Callable[[], Any]) -> Finding:
    try:
        answer = call()
    except SourceError as error:
        return Finding(False, f"{what}: {error}", REMEDY if isinstance(error, PermissionMissing) else "")
    return Finding(True, answer if isinstance(answer, str) else what)
