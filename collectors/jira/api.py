"""Reading Jira Cloud: search by JQL, changelogs in bulk, fields and statuses. Platform REST API v3.

Times in JQL are relative ("-90m"): JQL reads a time without zone in the zone of the account's profile.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from collectors.http import Http
from collectors.pages import Key, Listing
from collectors.patience import persist
from slo.errors import SourceError

Record = dict[str, Any]
SEARCH, CHANGES = "/rest/api/3/search/jql", "/rest/api/3/changelog/bulkfetch"
_PAGE = 100
_IDS_PAGE = 5000
"""Jira tells so many issues at once where only their ids are asked for."""
BULK = 1000
"""Issues whose changelogs are asked for at once, at most."""


class JiraApi:
    """One site."""

    def __init__(self, http: Http, jql: str) -> None:
        self.http = http
        self.jql = jql

    def site(self) -> str:
        """The address that people see."""
        told = self.http.get("/rest/api/3/serverInfo")
        return str(told.get("displayUrl") or told["baseUrl"]).rstrip("/")

    def fields(self) -> list[Record]:
        """Every field of the site."""
        found: list[Record] = self.http.get("/rest/api/3/field")
        return found

    def categories(self) -> dict[str, str]:
        """Id of a status -> key of its category (new, indeterminate, done)."""
        statuses = self.http.get("/rest/api/3/status")
        return {str(one["id"]): str((one.get("statusCategory") or {}).get("key")) for one in statuses}

    def issues(
        self, fields: Sequence[str], now: datetime, start: datetime, end: datetime | None, lying: bool = False
    ) -> Iterator[Record]:
        """Issues last changed in [start, end), oldest change first; ``end`` None: up to now; with ``lying`` also those
        that are not done, however long ago they changed."""
        asked = {"jql": self.bounded(now, start, end, lying), "fields": list(fields), "maxResults": _PAGE}
        yield from self._pages(SEARCH, asked, "issues", _id)

    def bounded(self, now: datetime, start: datetime, end: datetime | None, lying: bool = False) -> str:
        """The JQL of a stretch of time, in whole minutes that cover it."""
        changed = f'updated >= "-{_minutes(now - start, math.ceil)}m"'
        parts = [f"({self.jql})", f"({changed} OR statusCategory != Done)" if lying else changed]
        if end is not None and end < now:
            parts.append(f'updated <= "-{_minutes(now - end, math.floor)}m"')
        return " AND ".join(parts) + " ORDER BY updated ASC, key ASC"

    def ids(self, condition: str) -> list[str]:
        """The id of every issue of the JQL that the condition fits, however old: a complete listing."""
        jql = f"({self.jql}){f' AND {condition}' if condition else ''} ORDER BY key ASC"
        asked = {"jql": jql, "fields": ["id"], "maxResults": _IDS_PAGE}
        return [str(issue["id"]) for issue in self._pages(SEARCH, asked, "issues", _id)]

    def changes(self, ids: Sequence[str]) -> dict[str, list[Record]]:
        """Id of an issue -> its moves from status to status, in no certain order."""
        found: dict[str, list[Record]] = {name: [] for name in ids}
        asked = {"issueIdsOrKeys": list(ids), "fieldIds": ["status"], "maxResults": BULK}
        key: Key = lambda log: (log["issueId"], *(one["id"] for one in log["changeHistories"]))  # noqa: E731
        for log in self._pages(CHANGES, asked, "issueChangeLogs", key):
            found.setdefault(str(log["issueId"]), []).extend(log["changeHistories"])
        return found

    def count(self) -> int:
        """About how many issues the JQL finds."""
        return int(self.http.post("/rest/api/3/search/approximate-count", {"jql": self.jql})["count"])

    def _pages(self, path: str, asked: Mapping[str, Any], items: str, key: Key) -> Iterator[Record]:
        """The records of every page; the last one has no token for the next."""
        listing, body = Listing(path, key), dict(asked)
        while True:
            listing.ask(body)
            answer = persist(partial(self._page, listing, path, body, items))
            yield from listing.new(answer[items])
            token = answer.get("nextPageToken")
            if not token or answer.get("isLast"):
                return
            body = {**asked, "nextPageToken": token}

    def _page(self, listing: Listing, path: str, body: Mapping[str, Any], items: str) -> Record:
        answer = self._posted(path, body)
        if not isinstance(answer, dict) or not isinstance(answer.get(items), list):
            raise SourceError(f"{path}: expected a list of {items}. Is url a site of Jira Cloud (not Data Center)?")
        listing.check(answer[items])
        return answer

    def _posted(self, path: str, body: Mapping[str, Any]) -> Any:
        """The answer. Jira refuses a JQL with a type, project or field that it does not know."""
        try:
            return self.http.post(path, body)
        except SourceError as error:
            if ": HTTP 400" not in str(error):
                raise
            said = str(error).removesuffix("Check the URL and the version of this system.")
            raise SourceError(f"{said}Correct `jql`, or the types and projects of `kinds`: it was asked "
                              f"{body.get('jql', path)}") from None  # fmt: skip


def _minutes(span: timedelta, rounded: Any) -> int:
    return max(0, int(rounded(span / timedelta(minutes=1))))


def _id(record: Record) -> Any:
    return record["id"]
