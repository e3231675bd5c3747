"""PagerDuty: incidents and their alerts by the REST API (v2), services, maintenance windows; webhooks (v3) in between.

The API lists incidents by creation only. What changed since is told by the log of the whole account: a pass reads the
log of its period, every incident that it names, and those that were open. A webhook makes an incident known at once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from collectors.base import Enumerated, Finding, Period, Raw, Source
from collectors.pagerduty import check as pagerduty_check
from collectors.pagerduty import hooks as pagerduty_hooks
from collectors.pagerduty.api import Api, name_of
from collectors.pagerduty.facts import Page
from collectors.pagerduty.registers import service_fact, window_facts
from collectors.pagerduty.settings import PagerDutySettings
from slo.errors import FactError
from slo.interchange import instant

Record = dict[str, Any]
GRANTS = """A read-only REST API key (Integrations, API Access Keys, "Read-only API Key"), or a scoped OAuth token with
  incidents.read      incidents, log entries, alerts, custom field values
  services.read       services, maintenance windows
  priorities.read     the order of priorities
A user's own key sees what the user sees. Suppressed alerts belong to no incident and are not listed by the API.
Webhook: no right of ours; a Manager or Admin adds a Generic Webhook (v3), Integrations, to /hooks/<name>/events with
the events incident.triggered, .acknowledged, .unacknowledged, .resolved, .reopened, .priority_updated,
.service_updated, .incident_type.changed, .custom_field_values.updated; its secret becomes webhook_secret."""


class PagerDuty(Source):
    plugin = "pagerduty"
    title = "PagerDuty"
    family = "alerting"
    tells = {
        "incident": ("title", "started_at", "detected_at", "acknowledged_at", "resolved_at", "spans", "severity",
                     "class", "cause", "assets", "found_by", "change", "responsible", "duplicate_of", "steps"),
        "alert": ("rule", "asset", "fired_at", "acknowledged_at", "resolved_at", "label", "incident", "dedup_key"),
        "asset": ("kind", "team", "owner", "description", "tier", "components"),
        "exclusion": ("assets", "start", "end", "reason", "ref"),
    }  # fmt: skip
    derives = ("incident.assets", "incident.started_at")
    settle = timedelta(minutes=30)
    interval = timedelta(minutes=5)
    requests_per_second = 5.0
    tested = ("answers made by hand after the vendor's OpenAPI description and webhook documentation of August 2026; "
              "not against a live account")  # fmt: skip
    grants = GRANTS
    Settings = PagerDutySettings
    settings: PagerDutySettings

    def __init__(self, name: str, settings: Any, now: Callable[[], datetime]) -> None:
        super().__init__(name, settings, now)
        self.__dict__["tells"] = settings.tells()  # what these settings let it tell, not what any could

    @classmethod
    def recognises(cls, place: str) -> Mapping[str, Any] | None:
        """api.pagerduty.com, or the account's own page: then its region's API."""
        host = (urlsplit(place).hostname or "").lower()
        if host != "pagerduty.com" and not host.endswith(".pagerduty.com"):
            return None
        return {"url": "https://api.eu.pagerduty.com" if ".eu." in host else "https://api.pagerduty.com"}

    # The API

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        api = Api(self.settings, self.rate)
        listed = api.services()
        services = {one["id"]: str(name_of(one)) for one in listed}
        if period.latest:
            yield from self._registers(api, listed, services)
        entries = api.entries(period.start, period.end)
        pages = {one["id"]: one for one in api.incidents(period.start, period.end, services)}
        if period.latest:
            pages = self._changed(api, entries, services) | pages
        context = {"ranks": api.ranks()}
        for page in pages.values():
            yield Raw("incident", self._whole(api, page, entries, period), context)
        if period.latest:
            yield from self._remembered(pages.values(), context)

    def _registers(self, api: Api, listed: list[Record], services: Mapping[str, str]) -> Iterator[Raw | Enumerated]:
        """Services and maintenance windows as they are now."""
        yield from (Raw("service", one) for one in listed)
        yield Enumerated("asset", frozenset(map(self.asset, services.values())))
        windows = [Raw("window", one, {"scope": sorted(services)}) for one in api.windows()]
        yield from windows
        with contextlib.suppress(FactError):  # one that cannot be read is set aside; then nothing is known to be gone
            yield Enumerated("exclusion", frozenset(fact["id"] for one in windows for fact in self.parse(one)))

    def _changed(self, api: Api, entries: list[Record], services: Mapping[str, str]) -> dict[str, Record]:
        """Incidents that the log names, those open now, and those open a pass ago, each once."""
        told = [entry["incident"] for entry in entries if isinstance(entry.get("incident"), dict)]
        pages = {one["id"]: one for one in told if one.get("created_at")}
        pages |= {one["id"]: one for one in api.open_incidents(services)}
        names = {one["id"] for one in told} | set(self.memory.get("open", {}))
        for missing in sorted(names - set(pages)):
            pages |= {one["id"]: one for one in api.incident(missing)}
        if not self.settings.scope.services:
            return pages
        return {key: one for key, one in pages.items() if (one.get("service") or {}).get("id") in services}

    def _whole(self, api: Api, page: Record, entries: list[Record], period: Period) -> Record:
        """The incident with its whole log, its alerts and its custom fields."""
        known = self._logged(page, period)
        log = [one for one in entries if (one.get("incident") or {}).get("id") == page["id"]] if known else None
        asked = bool(self.settings.fields) and (self.settings.incidents.hold(page) or "label" in self.settings.fields)
        return {
            "incident": _unmanned(page),
            "entries": [_bare(one) for one in (api.entries_of(page["id"]) if log is None else log)],
            "alerts": api.alerts_of(page) if self.settings.alerts == "each" else [],
            "custom": api.fields_of(page["id"]) if asked else [],
        }  # fmt: skip

    def _logged(self, page: Record, period: Period) -> bool:
        """Whether the period's log holds all of the incident's: it began in it, and has ended in it or goes on now."""
        ended = page.get("resolved_at")
        done = period.latest or (ended is not None and instant(ended) < period.end)
        return period.start <= instant(page["created_at"]) and done

    def _remembered(self, pages: Iterable[Record], context: Record) -> Iterator[Raw]:
        """Keeps what is open; takes back what was told as a data incident while open and no longer is one."""
        before: Mapping[str, bool] = self.memory.get("open", {})
        held = {one["id"]: self.settings.incidents.hold(one) for one in pages}
        for page in pages:
            if before.get(page["id"]) and not held[page["id"]]:
                yield Raw("withdrawn", {"incident": _unmanned(page)}, context)
        self.memory["open"] = {one["id"]: held[one["id"]] for one in pages if one.get("status") != "resolved"}

    def parse(self, raw: Raw) -> Iterator[Record]:
        try:
            yield from self._facts(raw)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            what = raw.data.get("id") or (raw.data.get("incident") or {}).get("id")
            raise FactError(f"{raw.kind} {what}: {type(error).__name__} {error}; is it PagerDuty's API v2?") from None

    def _facts(self, raw: Raw) -> Iterator[Record]:
        if raw.kind == "service":
            name = str(name_of(raw.data))
            yield service_fact(raw.data, name, self.asset(name), self.settings)
        elif raw.kind == "window":
            yield from window_facts(raw.data, self.asset, self.settings, frozenset(raw.context["scope"]))
        else:
            page = Page(self.settings, self.asset, **raw.data, ranks=raw.context["ranks"])
            gone = {"fact": "incident", "id": page.id, "deleted": True}
            yield from [gone] if raw.kind == "withdrawn" else page.facts()

    # Webhooks

    def routes(self) -> Mapping[str, Callable[[bytes, Mapping[str, str]], list[Record]]]:
        """Without a secret nothing is taken: anybody could have sent it."""
        return {"events": self.receive} if self.settings.webhook_secret else {}

    def receive(self, body: bytes, headers: Mapping[str, str]) -> list[Record]:
        """What one event tells of a data incident; nothing for events that tell nothing we keep."""
        secret = self.settings.webhook_secret
        pagerduty_hooks.admit(secret.get_secret_value() if secret else "", body, headers, self.name)
        return pagerduty_hooks.told_by(pagerduty_hooks.event_of(body), self.settings, self.asset)

    def made_whole(self, told: Record, stored: Record | None) -> Record | None:
        return pagerduty_hooks.made_whole(told, stored)

    def check(self) -> list[Finding]:
        return pagerduty_check.findings(self.name, self.settings, self.rate, self.now())


_KEPT = ("id", "type", "title", "html_url", "status", "urgency", "priority", "service", "teams", "incident_type",
         "incident_key", "created_at", "updated_at", "resolved_at", "last_status_change_at", "resolve_reason",
         "alert_counts")  # fmt: skip
"""What an incident says of itself; the rest are persons: assigned, responding, asked for."""


def _unmanned(page: Record) -> Record:
    """The incident without anybody's name; of acknowledgements the moments."""
    kept = {key: page[key] for key in _KEPT if key in page}
    return {**kept, "acknowledgements": [{"at": one.get("at")} for one in page.get("acknowledgements") or ()]}


def _bare(entry: Record) -> Record:
    """A log entry without the incident that came with it, and of who acted only the kind."""
    kept = {key: value for key, value in entry.items() if key in ("id", "type", "created_at")}
    return {**kept, "agent": {"type": (entry.get("agent") or {}).get("type")}}
