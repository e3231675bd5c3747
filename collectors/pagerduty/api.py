"""PagerDuty's REST API v2 as the collector asks it: listings that never reach their cap, and what an incident is made
of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.http import Http
from collectors.pagerduty.settings import PagerDutySettings
from slo.errors import PermissionMissing, RetriableError, SourceError

Record = dict[str, Any]
MOST = 10_000
"""The API refuses offset + limit above this."""
LIMIT = 100
_SECOND = timedelta(seconds=1)
REMEDY = ("Make a read-only REST API key (Integrations, API Access Keys); an OAuth token needs the scopes that "
          "`tierline plugins pagerduty` prints.")  # fmt: skip


class _Full(Exception):
    """A listing goes on beyond what can be asked for."""


class MorePages:
    """``limit`` and ``offset``; ``more`` tells whether another page follows."""

    def __init__(self, items: str) -> None:
        self.items = items

    def first(self) -> Record:
        return {"limit": LIMIT, "offset": 0}

    def following(self, sent: Mapping[str, Any], answer: Any, count: int) -> Record | None:
        if not answer.get("more"):  # an incident's own log is sometimes told without
            return None
        offset = sent["offset"] + count
        if offset + LIMIT > MOST:
            raise _Full
        return {**sent, "offset": offset}


class Api:
    """One account, read with one key."""

    def __init__(self, settings: PagerDutySettings, rate: float | None) -> None:
        self.settings = settings
        token = settings.token.get_secret_value()
        # OAuth tokens begin with the region (pdus+_...); keys never hold a "+".
        kind = "Bearer " if token.startswith(("pdus+", "pdeu+")) else "Token token="
        headers = {
            "Accept": "application/vnd.pagerduty+json;version=2", "Content-Type": "application/json",
            "Authorization": kind + token,
        }  # fmt: skip
        self.http = Http(settings.url, headers=headers, secrets=(settings.token,), remedy=REMEDY, rate=rate)

    # Listings

    def listed(self, path: str, items: str, **params: Any) -> list[Record]:
        """A whole listing. Raises SourceError where it is longer than the API can show."""
        try:
            return list(self.http.pages(path, MorePages(items), params, key=_id))
        except _Full:
            raise SourceError(f"{self.settings.url}{path}: more than {MOST} entries, which PagerDuty cannot list; "
                              "narrow `scope`.") from None  # fmt: skip

    def optional(self, path: str, items: str, **params: Any) -> list[Record]:
        """A listing that the account's plan may lack: then none."""
        try:
            return self.listed(path, items, **params)
        except SourceError as error:
            if _says(error, 402):
                return []
            raise

    def within(self, path: str, items: str, start: datetime, end: datetime, **params: Any) -> list[Record]:
        """What was created in [start, end): halved until no listing reaches the API's cap."""
        asked = {**params, "since": _text(start), "until": _text(end + _SECOND), "time_zone": "UTC"}
        try:
            return list(self.http.pages(path, MorePages(items), asked, key=_id))
        except _Full:
            return self._halved(path, items, start, end, **params)

    def _halved(self, path: str, items: str, start: datetime, end: datetime, **params: Any) -> list[Record]:
        if end - start <= 2 * _SECOND:
            raise SourceError(f"{self.settings.url}{path}: more than {MOST} entries in the seconds after "
                              f"{_text(start)}, which PagerDuty cannot list; narrow `scope`.")  # fmt: skip
        middle = (start + (end - start) / 2).replace(microsecond=0)
        found = [*self.within(path, items, start, middle, **params), *self.within(path, items, middle, end, **params)]
        return list({_id(one): one for one in found}.values())

    # What there is

    def services(self) -> list[Record]:
        """The services in scope."""
        asked = {"team_ids[]": self.settings.scope.teams} if self.settings.scope.teams else {}
        found = self.listed("/services", "services", time_zone="UTC", **asked)
        wanted = {word.casefold() for word in self.settings.scope.services}
        return [one for one in found if not wanted or {one["id"].casefold(), str(name_of(one)).casefold()} & wanted]

    def ranks(self) -> dict[str, int]:
        """Priority's id -> its place, from 0: the list comes from most to least severe."""
        return {one["id"]: place for place, one in enumerate(self.optional("/priorities", "priorities"))}

    def windows(self) -> list[Record]:
        """Every maintenance window, past ones too."""
        asked = {"team_ids[]": self.settings.scope.teams} if self.settings.scope.teams else {}
        return self.listed("/maintenance_windows", "maintenance_windows", filter="all", **asked)

    def incidents(self, start: datetime, end: datetime, services: Iterable[str]) -> list[Record]:
        """Incidents created in [start, end), by creation: a page that fills up while it is read loses none."""
        return self.within("/incidents", "incidents", start, end, sort_by="created_at:asc", **self._scope(services))

    def open_incidents(self, services: Iterable[str]) -> list[Record]:
        """Incidents that nobody has resolved, however old."""
        statuses = ("triggered", "acknowledged")
        asked = {"statuses[]": statuses, "date_range": "all", "sort_by": "created_at:asc", "time_zone": "UTC"}
        return self.listed("/incidents", "incidents", **asked, **self._scope(services))

    def _scope(self, services: Iterable[str]) -> Record:
        """The ids come from the listing of services, so a name in the settings is as good as an id."""
        asked: Record = {"team_ids[]": self.settings.scope.teams} if self.settings.scope.teams else {}
        return {**asked, "service_ids[]": sorted(services)} if self.settings.scope.services else asked

    def entries(self, start: datetime, end: datetime) -> list[Record]:
        """Log entries of [start, end), each with its incident as it is now."""
        asked = {"team_ids[]": self.settings.scope.teams} if self.settings.scope.teams else {}
        return self.within("/log_entries", "log_entries", start, end, **{"include[]": "incidents"}, **asked)

    # One incident

    def incident(self, incident: str) -> Iterator[Record]:
        """The incident, or nothing where it is gone."""
        try:
            yield self.http.get(f"/incidents/{incident}")["incident"]
        except SourceError as error:
            if not _says(error, 404):
                raise

    def entries_of(self, incident: str) -> list[Record]:
        return self.listed(f"/incidents/{incident}/log_entries", "log_entries", time_zone="UTC")

    def alerts_of(self, incident: Record) -> list[Record]:
        """Its alerts, as they came. None are asked for where it says that it has none."""
        counts = incident.get("alert_counts")
        if isinstance(counts, dict) and counts.get("all") == 0:
            return []
        return self.listed(f"/incidents/{incident['id']}/alerts", "alerts", sort_by="created_at:asc")

    def fields_of(self, incident: str) -> list[Record]:
        """Its custom fields with their values."""
        try:
            found: list[Record] = self.http.get(f"/incidents/{incident}/custom_fields/values")["custom_fields"]
        except SourceError as error:
            if _says(error, 402):
                return []
            raise
        return found


def _says(error: SourceError, status: int) -> bool:
    """Whether the answer was this one: 402 where the account's plan lacks something, 404 where a record is gone."""
    return not isinstance(error, RetriableError | PermissionMissing) and f": HTTP {status}," in str(error)


def name_of(record: Record) -> str | None:
    """What a service is called."""
    return record.get("name") or record.get("summary")


def _id(record: Record) -> str:
    return str(record["id"])


def _text(moment: datetime) -> str:
    """Whole seconds, as PagerDuty keeps them."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
