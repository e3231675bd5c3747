"""Fivetran: connections as pipelines, and their syncs as runs.

The API tells the latest success and the latest failure of a connection only, so syncs are seen by looking often: what
ended between two looks is a run. What ended before the first look, or while nobody looked, is not told: a lone failure
of long ago beside the successes that are not told would be a lie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import Field, SecretStr

from collectors.base import Enumerated, Finding, Period, Raw, Source, SourceSettings
from collectors.findings import finding
from collectors.http import Http
from collectors.pages import Listing
from collectors.patience import persist
from slo.interchange import instant

Record = dict[str, Any]
_GRANTS = (
    'A system key (Account settings > General > System keys) with the permissions [{"resource_type": "CONNECTOR", '
    '"access_level": "READ"}, {"resource_type": "DESTINATION", "access_level": "READ"}]; or the API key of a user '
    "whose role is Account Reviewer."
)
_PAGE = 1000
_LOOKS = 3
"""Intervals between two looks after which the time between counts as unobserved; the runner says so too."""
_ENDS = {"succeeded_at": "success", "failed_at": "failed"}


class FivetranSettings(SourceSettings):
    url: str = Field(default="https://api.fivetran.com", description="The API's address.")
    key: SecretStr = Field(description="The key of a system key or of a user's API key.")
    secret: SecretStr = Field(description="Its secret.")
    groups: list[str] = Field(default=[], description="Ids of the groups (destinations) to read; all where empty.")


class Fivetran(Source):
    plugin = "fivetran"
    title = "Fivetran"
    family = "ingestion"
    tells = {
        "run": ("asset", "state", "started_at", "ended_at"),
        "asset": ("asset", "kind", "description", "tags", "schedule", "grace_seconds", "paused", "retired",
                  "first_seen"),
    }  # fmt: skip
    interval = timedelta(minutes=1)
    has_history = False
    requests_per_second = 2.0
    """7,200 an hour of the 20,000 an account has (a trial: 500; set 0.1 and an interval of 5 minutes)."""
    tested = "answers made by hand after the vendor's documentation; no live account"
    grants = _GRANTS
    Settings = FivetranSettings

    def __init__(self, name: str, settings: FivetranSettings, now: Callable[[], datetime]) -> None:
        super().__init__(name, settings, now)
        key, secret = settings.key.get_secret_value(), settings.secret.get_secret_value()
        self.http = Http(
            settings.url, auth=(key, secret), secrets=(key, secret), headers={"Accept": "application/json;version=2"},
            remedy=f"This needs: {_GRANTS}", rate=self.rate,
        )  # fmt: skip

    @classmethod
    def recognises(cls, place: str) -> Mapping[str, Any] | None:
        return {} if place.rstrip("/").endswith("://api.fivetran.com") else None

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        """Every connection as it is now, and what ended since the last look."""
        groups = {group["id"]: group["name"] for group in self._listed("/v1/groups")}
        connections = [one for one in self._listed("/v1/connections") if self._wanted(one)]
        names = {one["id"]: self.asset(f"{groups.get(one['group_id'], one['group_id'])}/{one['schema']}")
                 for one in connections}  # fmt: skip
        before, looked = self.memory.get("connections") or {}, self._looked(period.end)
        for one in connections:
            yield Raw("connection", one, {"asset": names[one["id"]]})
            for sync in _syncs(one, before.get(one["id"]), looked):
                yield Raw("sync", sync, {"asset": names[one["id"]]})
        self.memory["connections"] = {one["id"]: _seen(one, before.get(one["id"]), period.end) for one in connections}
        self.memory["looked"] = period.end.isoformat()
        yield Enumerated("asset", frozenset(names.values()))

    def _wanted(self, connection: Record) -> bool:
        return not self.settings.groups or connection["group_id"] in self.settings.groups

    def _looked(self, now: datetime) -> str | None:
        """The last look, where it is not too long ago for what ended since to be all there was."""
        told = self.memory.get("looked")
        return told if told and now - instant(told) <= _LOOKS * self._interval else None

    @property
    def _interval(self) -> timedelta:
        own: timedelta | None = self.settings.interval
        return own or self.interval

    def _listed(self, path: str) -> list[Record]:
        """Every record of a listing, once. The cursor holds its place while records come and go."""
        listing = Listing(f"{self.http.base.rstrip('/')}{path}", lambda record: record["id"])
        found: list[Record] = []
        cursor: str | None = ""
        while cursor is not None:
            params = {"limit": _PAGE, **({"cursor": cursor} if cursor else {})}
            listing.ask(params)
            page = persist(lambda params=params: self._page(listing, path, params))  # type: ignore[misc]
            found += listing.new(page["items"])
            cursor = page.get("next_cursor") or None
        return found

    def _page(self, listing: Listing, path: str, params: Record) -> Record:
        page: Record = self.http.get(path, params)["data"]
        listing.check(page["items"])
        return page

    def parse(self, raw: Raw) -> Iterator[Record]:
        asset = raw.context["asset"]
        if raw.kind == "connection":
            yield _asset(raw.data, asset, self._interval)
            return
        yield {
            "fact": "run", "id": f"{raw.data['connection']}/{raw.data['ended']}", "asset": asset,
            "state": raw.data["state"], "started_at": raw.data["began"], "ended_at": raw.data["ended"],
            "url": _url(raw.data["connection"]),
        }  # fmt: skip

    def check(self) -> list[Finding]:
        return [
            finding("groups", lambda: f"{len(self._listed('/v1/groups'))} read", _GRANTS),
            finding("connections", lambda: f"{len(self._listed('/v1/connections'))} read", _GRANTS),
        ]


def _seen(connection: Record, before: Record | None, look: datetime) -> Record:
    """What the next look must know: the latest ends, and when it was last seen at rest (or at first)."""
    syncing = (connection.get("status") or {}).get("sync_state") == "syncing"
    rest = before["rest"] if before and syncing else look.isoformat()
    return {**{field: connection.get(field) for field in _ENDS}, "rest": rest}


def _syncs(connection: Record, before: Record | None, looked: str | None) -> Iterator[Record]:
    """What ended since the last look, the earlier first. The API doesn't tell when a sync began: it is taken from the
    last look at which it had not, so never too late, and too early by an interval at most."""
    if looked is None or (before is None and not _made_since(connection, looked)):
        return
    known = before or {"rest": looked}
    ends = [(connection[field], state) for field, state in _ENDS.items()
            if connection.get(field) and connection[field] != known.get(field)]  # fmt: skip
    began = instant(known["rest"])
    for ended, state in sorted(ends, key=lambda end: instant(end[0])):
        began = min(began, instant(ended))
        yield {"connection": connection["id"], "state": state, "ended": ended, "began": began}
        began = instant(ended)


def _made_since(connection: Record, looked: str) -> bool:
    """A connection that is new since the last look has no syncs that nobody saw."""
    made = connection.get("created_at")
    return bool(made) and instant(made) >= instant(looked)


def _asset(connection: Record, asset: str, interval: timedelta) -> Record:
    """A connection as it is today."""
    status = connection.get("status") or {}
    every = _period(connection) if status.get("setup_state") != "incomplete" else None
    watched = every is not None and every >= _LOOKS * interval
    return {
        "fact": "asset", "asset": asset, "kind": "pipeline", "url": _url(connection["id"]),
        "description": f"Fivetran connection {connection['id']}", "tags": [str(connection["service"])],
        "paused": connection.get("paused"), "schedule": _schedule(every) if watched else None,
        "grace_seconds": every.total_seconds() if every and watched else None,
    }  # fmt: skip


def _period(connection: Record) -> timedelta | None:
    """How often it syncs; None where something else starts it."""
    minutes = connection.get("sync_frequency")
    by_itself = connection.get("schedule_type") in (None, "auto")
    return timedelta(minutes=minutes) if by_itself and isinstance(minutes, int) and minutes > 0 else None


def _schedule(every: timedelta | None) -> str | None:
    return None if every is None else f"@every {every.total_seconds() / 60:g}m"


def _url(connection: str) -> str:
    return f"https://fivetran.com/dashboard/connections/{connection}/status"
