"""A calendar as iCalendar feed: its events are what is left out of good and bad (maintenance, freezes, a vendor's
announced downtime)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from collectors.base import Enumerated, Finding, Period, Raw, Source
from collectors.credentials import Credentials
from collectors.ical.events import calendars, occurrences, touched, whole, zone_of
from collectors.patience import persist
from collectors.patterns import Pattern
from collectors.secrets import starred
from collectors.tables import files
from slo.errors import SourceError

Fact = dict[str, Any]
_REMEDY = "Give the feed's own private address (with `secret`), or an account that may read the calendar."
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]*\w")
_PLACE = re.compile(r"\{(\w+)\}")
_LOOKED_AT = ("summary", "location", "categories")


class EventRule(BaseModel):
    """Which events mean what. All patterns given must be found; the first rule that fits an event decides."""

    model_config = ConfigDict(extra="forbid")

    summary: Pattern | None = Field(None, description="Regular expression found in the event's title.")
    location: Pattern | None = Field(None, description="Regular expression found in its place.")
    categories: Pattern | None = Field(None, description="Regular expression found in its categories.")
    assets: list[str] = Field(default=[], description="Patterns over asset names; {name} is a named group of the "
                              "expressions above: `airflow-prod/{dag}`.")  # fmt: skip
    team: str | None = Field(None, description="Only what counts for this team.")
    tier: Literal[0, 1, 2, 3] | None = Field(None, description="Only this tier.")
    kpis: list[str] | None = Field(None, description="Only these KPIs; every one, where absent.")
    reason: Literal["maintenance", "vendor", "upstream", "calendar", "agreed"] = Field(
        "maintenance", description="The reason under which it is kept apart."
    )

    @model_validator(mode="after")
    def _says_what(self) -> EventRule:
        if not self.assets and self.team is None and self.tier is None and not self.kpis:
            raise ValueError("would leave out everything; say which assets ('*' for all), team, tier or kpis")
        return self

    def fits(self, event: dict[str, Any]) -> dict[str, str] | None:
        """The named groups found, or None where the rule does not fit."""
        groups: dict[str, str] = {}
        for name in _LOOKED_AT:
            pattern = getattr(self, name)
            found = re.search(pattern, event[name]) if pattern is not None else None
            if pattern is not None and found is None:
                return None
            groups |= {key: text for key, text in (found.groupdict() if found else {}).items() if text}
        return groups


class ICalSettings(Credentials):
    url: str | None = Field(default=None, description="The feed's address; {secret} in it is replaced by `secret`.")
    secret: SecretStr | None = Field(default=None, description="The private part of the feed's address.")
    path: str | None = Field(default=None, description="Instead of url: a file, or a glob of files.")
    timezone: str | None = Field(default=None, description="Zone of all-day events and of times without one; the "
                                 "feed's own, else UTC.")  # fmt: skip
    events: list[EventRule] = Field(min_length=1, description="Which events are left out, and of what. Others are not "
                                    "looked at.")  # fmt: skip
    ahead_days: int = Field(default=366, ge=1, le=1100, description="How far ahead events are read.")

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str | None) -> str | None:
        try:
            return None if name is None else ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{name!r} is not a time zone; write it like Europe/Berlin") from None

    @model_validator(mode="after")
    def _one_place(self) -> ICalSettings:
        if (self.url is None) == (self.path is None):
            raise ValueError("say where the calendar is: either url or path")
        if ("{secret}" in (self.url or "")) != (self.secret is not None):
            raise ValueError("secret takes the place of {secret} in url: give both or neither")
        return self


class ICal(Source):
    plugin = "ical"
    title = "Calendar (iCalendar feed or file)"
    family = "register"
    tells = {"exclusion": ("assets", "team", "tier", "kpis", "start", "end", "reason", "ref")}
    interval = timedelta(minutes=30)
    requests_per_second = 1
    has_history = False
    tested = "feeds made by hand after RFC 5545: series, moved and cancelled occurrences, all-day events, zones"
    grants = "Reading of one calendar: its private feed address, or an account with free/busy and details."
    Settings = ICalSettings
    settings: ICalSettings

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        """Every occurrence from ``history_days`` back to ``ahead_days`` ahead. An event that a whole reading no longer
        has is taken back; one that has only grown too old to be read stays."""
        if not period.latest:
            return
        start, end = touched(self.now(), self.settings.history_days, self.settings.ahead_days)
        told: dict[str, str] = {}
        for place, text in self._texts():
            for event in self._events(place, text, start, end):
                yield Raw("event", event)
                told |= {fact["id"]: fact["end"] for fact in self._facts(event)}
        old = {key: ended for key, ended in self.memory.get("told", {}).items() if _before(ended, start)}
        self.memory["told"] = old | told
        yield Enumerated("exclusion", frozenset(self.memory["told"]))

    def _texts(self) -> Iterator[tuple[str, str]]:
        """(place, text) of every calendar. Raises SourceError where one cannot be read whole."""
        if self.settings.url is not None:
            yield starred(self._url), persist(self._fetched)
            return
        for path in files(str(self.settings.path)):
            yield str(path), whole(_content(path), str(path))

    @property
    def _url(self) -> str:
        secret = self.settings.secret.get_secret_value() if self.settings.secret else ""
        return str(self.settings.url).replace("{secret}", secret)

    def _fetched(self) -> str:
        http = self.settings.http(self._url, _REMEDY, self.rate)
        answer = http.request("GET", self._url)
        return whole(answer.content.decode("utf-8", "replace"), starred(self._url))

    def _events(self, place: str, text: str, start: datetime, end: datetime) -> Iterator[dict[str, Any]]:
        for calendar in calendars(text, place):
            yield from occurrences(calendar, zone_of(calendar, self.settings.timezone), start, end, place)

    def parse(self, raw: Raw) -> Iterator[Fact]:
        yield from self._facts(raw.data)

    def _facts(self, event: dict[str, Any]) -> Iterator[Fact]:
        """The exclusions of an event, by the first rule that fits: one for each of its asset patterns."""
        found = ((rule, groups) for rule in self.settings.events if (groups := rule.fits(event)) is not None)
        rule, groups = next(found, (None, {}))
        if rule is None:
            return
        key = "/".join(filter(None, (event["uid"], event["occurrence"])))
        for number, pattern in enumerate(rule.assets or [None]):
            assets = None if pattern is None else _filled(pattern, groups)
            if pattern is None or assets is not None:
                yield {
                    "fact": "exclusion", "id": key if len(rule.assets) < 2 else f"{key}#{number}", "assets": assets,
                    "team": rule.team, "tier": rule.tier, "kpis": rule.kpis, "start": event["start"],
                    "end": event["end"], "reason": rule.reason, "ref": _MAIL.sub("…", event["summary"]) or None,
                    "url": event["url"],
                }  # fmt: skip

    def check(self) -> list[Finding]:
        """How many events there are, and how many the rules fit."""
        start, end = touched(self.now(), self.settings.history_days, self.settings.ahead_days)
        try:
            events = [event for place, text in self._texts() for event in self._events(place, text, start, end)]
        except SourceError as error:
            return [Finding(False, "the calendar", str(error))]
        fitting = sum(any(self._facts(event)) for event in events)
        what = f"the calendar: {len(events)} events between {start:%Y-%m-%d} and {end:%Y-%m-%d}, {fitting} fit `events`"
        return [Finding(fitting > 0 or not events, what, "" if fitting or not events else "correct the patterns")]


def _filled(pattern: str, groups: dict[str, str]) -> str | None:
    """The pattern with its groups in their places; None where one was not found."""
    if not all(name in groups for name in _PLACE.findall(pattern)):
        return None
    return _PLACE.sub(lambda place: groups[place[1]], pattern)


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read ({error}); name an iCalendar file in UTF-8") from None


def _before(ended: str, start: datetime) -> bool:
    return datetime.fromisoformat(ended) <= start
