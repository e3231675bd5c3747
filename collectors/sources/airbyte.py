"""Airbyte: connections as pipelines with their schedules, and their sync jobs as runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import Field, SecretStr, model_validator

from collectors.airbyte.api import GRANTS, AirbyteApi
from collectors.base import Enumerated, Finding, Period, Raw, Source, SourceSettings
from collectors.crons import quartz
from collectors.findings import finding
from collectors.naming import distinct
from slo.interchange import instant

Record = dict[str, Any]
_CLOUD = "https://api.airbyte.com/v1"
STATES = {
    "pending": "running", "running": "running", "incomplete": "running",
    "succeeded": "success", "failed": "failed", "cancelled": "cancelled",
}  # fmt: skip
"""Of a job. "incomplete" has failed attempts and will be tried again."""
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")
_BASIC = re.compile(r"(?:every\s+)?(\d+)\s*(minute|hour|day|week)s?", re.IGNORECASE)
_MINUTES = {"minute": 1, "hour": 60, "day": 1440, "week": 10_080}


class AirbyteSettings(SourceSettings):
    url: str = Field(
        default=_CLOUD, description="The API's address; self-hosted: https://airbyte.example/api/public/v1."
    )
    client_id: str | None = Field(default=None, description="Client id of an application.")
    client_secret: SecretStr | None = Field(default=None, description="Its client secret.")
    username: str | None = Field(default=None, description="User of an older self-hosted Airbyte, which takes basic.")
    password: SecretStr | None = Field(default=None, description="Password of that user.")
    workspaces: list[str] = Field(default=[], description="Ids of the workspaces to read; all where empty.")

    @model_validator(mode="after")
    def _pairs(self) -> AirbyteSettings:
        if (self.client_id is None) != (self.client_secret is None):
            raise ValueError("client_id and client_secret belong together: give both")
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together: give both")
        if self.client_id and self.username:
            raise ValueError("give either client_id with client_secret, or username with password")
        return self


class Airbyte(Source):
    plugin = "airbyte"
    title = "Airbyte"
    family = "ingestion"
    tells = {
        "run": ("asset", "state", "started_at", "ended_at", "bytes", "rows"),
        "asset": ("asset", "kind", "description", "tags", "schedule", "schedule_tz", "grace_seconds", "paused",
                  "retired", "first_seen"),
    }  # fmt: skip
    settle = timedelta(minutes=15)
    chunk = timedelta(days=7)
    requests_per_second = 5.0
    tested = "answers made by hand after the vendor's OpenAPI description; no live server"
    grants = GRANTS
    Settings = AirbyteSettings

    def __init__(self, name: str, settings: AirbyteSettings, now: Callable[[], datetime]) -> None:
        super().__init__(name, settings, now)
        own = settings
        client = (own.client_id, own.client_secret) if own.client_id and own.client_secret else None
        basic = (own.username, own.password) if own.username and own.password else None
        self.api = AirbyteApi(own.url, client, basic, self.rate)

    @classmethod
    def recognises(cls, place: str) -> Mapping[str, Any] | None:
        if "://api.airbyte.com" in place:
            return {}
        return {"url": place.rstrip("/")} if place.rstrip("/").endswith("/api/public/v1") else None

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        """Jobs that changed (or, of history, that were made) in the period; every connection as it is now."""
        connections = sorted(self.api.connections(self.settings.workspaces), key=_age)
        names = {key: self.asset(name) for key, name in
                 distinct((one["connectionId"], str(one["name"])) for one in connections).items()}  # fmt: skip
        if period.latest:
            yield from (Raw("connection", one, {"asset": names[one["connectionId"]]}) for one in connections)
            yield Enumerated("asset", frozenset(names.values()))
        jobs = {job["jobId"]: job for job in self.api.jobs(self.settings.workspaces, _filters(period))}
        if period.latest:
            yield from self._unsettled(jobs)
        urls = {one["connectionId"]: self._url(one) for one in connections}
        for job in jobs.values():
            key = job["connectionId"]
            yield Raw("job", job, {"asset": names.get(key) or self.asset(str(key)), "url": urls.get(key)})

    def _unsettled(self, jobs: dict[int, Record]) -> Iterator[Raw]:
        """Adds to ``jobs`` those that were in flight at the last pass; remembers what is in flight now."""
        for number in self.memory.get("in_flight") or []:
            if number not in jobs:
                found = self.api.job(number)
                if found:
                    jobs[number] = found
                else:
                    yield Raw("job_gone", number)
        self.memory["in_flight"] = sorted(number for number, job in jobs.items() if _state(job) == "running")

    def parse(self, raw: Raw) -> Iterator[Record]:
        if raw.kind == "connection":
            yield self._asset(raw.data, raw.context["asset"])
        elif raw.kind == "job_gone":
            yield {"fact": "run", "id": f"job/{raw.data}", "deleted": True}
        else:
            yield _run(raw.data, raw.context["asset"], raw.context["url"])

    def _asset(self, connection: Record, asset: str) -> Record:
        """A connection as it is today. One without a schedule, or whose schedule cannot be told exactly, promises
        nothing."""
        status = connection.get("status")
        tags = sorted(str(tag["name"]) for tag in connection.get("tags") or [] if tag.get("name"))
        return {
            "fact": "asset", "asset": asset, "kind": "pipeline", "url": self._url(connection), "tags": tags or None,
            "description": f"Airbyte connection {connection['connectionId']}", **_schedule(connection),
            "paused": status == "inactive", "retired": True if status == "deprecated" else None,
        }  # fmt: skip

    def _url(self, connection: Record) -> str:
        """Its page, beside the API of a server of one's own."""
        own = self.settings.url.rstrip("/")
        pages = "https://cloud.airbyte.com" if own == _CLOUD else own.removesuffix("/api/public/v1")
        return f"{pages}/workspaces/{connection['workspaceId']}/connections/{connection['connectionId']}"

    def check(self) -> list[Finding]:
        own = self.settings.workspaces
        day = {"updatedAtStart": _text(self.now() - timedelta(days=1))}
        return [
            finding("connections", lambda: f"{len(self.api.connections(own))} read", GRANTS),
            finding("jobs of the last day", lambda: f"{len(self.api.jobs(own, day))} read", GRANTS),
        ]


def _age(connection: Record) -> tuple[int, str]:
    """The oldest first, so that it keeps the name where a second one gets it too."""
    return int(connection.get("createdAt") or 0), str(connection["connectionId"])


def _filters(period: Period) -> dict[str, str]:
    """What changed since, without an end: a job that changes while it is read would leave such a listing, and the next
    page would skip one. History goes by when jobs were made, which never changes."""
    if period.incremental:
        return {"updatedAtStart": _text(period.start)}
    until = {} if period.latest else {"createdAtEnd": _text(period.end)}
    return {"createdAtStart": _text(period.start), **until}


def _text(moment: datetime) -> str:
    """Airbyte reads whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _state(job: Record) -> str:
    """A status nobody knows yet: in flight, until a duration says that it ended; then it counts nowhere."""
    return STATES.get(str(job["status"]), "cancelled" if job.get("duration") else "running")


def _run(job: Record, asset: str, url: str | None) -> Record:
    state = _state(job)
    return {
        "fact": "run", "id": f"job/{job['jobId']}", "asset": asset, "url": url, "state": state,
        "started_at": job["startTime"], "ended_at": _ended(job) if state != "running" else None,
        "bytes": job.get("bytesSynced"), "rows": job.get("rowsSynced"),
    }  # fmt: skip


def _ended(job: Record) -> datetime | None:
    """Its start and duration; where there is no duration, its last change."""
    spent = duration(job.get("duration"))
    if spent is not None:
        return instant(job["startTime"]) + spent
    changed = job.get("lastUpdatedAt")
    return instant(changed) if changed else None


def duration(text: Any) -> timedelta | None:
    """ISO 8601 as Airbyte writes it ("PT8H6M12S"); None for null or anything else."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) and len(text) > 1 else None
    if found is None:
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _schedule(connection: Record) -> Record:
    """By cron exactly; by "every 6 hours" as slots with as much grace, since it counts from the run before."""
    told = connection.get("schedule") or {}
    if told.get("scheduleType") == "cron":
        cron, zone = quartz(told.get("cronExpression"))
        return {"schedule": cron, "schedule_tz": zone}
    every = _BASIC.fullmatch(str(told.get("basicTiming") or "").strip())
    if told.get("scheduleType") != "basic" or every is None:
        return {}
    minutes = int(every[1]) * _MINUTES[every[2].lower()]
    return {"schedule": f"@every {minutes}m", "grace_seconds": minutes * 60.0} if minutes else {}
