"""``tierline check --connect`` for PagerDuty: one finding for each thing the key must be able to read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from collectors.base import Finding
from collectors.pagerduty.api import Api
from collectors.pagerduty.settings import PagerDutySettings
from slo.errors import SourceError

WEEK = timedelta(days=7)


def findings(name: str, settings: PagerDutySettings, rate: float | None, now: datetime) -> list[Finding]:
    """A few small requests."""
    api = Api(settings, rate)
    since = {"since": f"{now - WEEK:%Y-%m-%dT%H:%M:%SZ}", "until": f"{now:%Y-%m-%dT%H:%M:%SZ}", "time_zone": "UTC"}
    pages: list[dict[str, Any]] = []

    def incidents() -> str:
        pages.extend(api.http.get("/incidents", {**since, "limit": 100})["incidents"])
        held = sum(settings.incidents.hold(page) for page in pages)
        rule = "" if any(words for _, words in settings.incidents) else "; `incidents` in the settings narrows them"
        return f"{held} of the newest {len(pages)} pages of the last week are data incidents{rule}"

    tried: list[tuple[str, str, Callable[[], str]]] = [
        ("services", "services.read", lambda: _mapped(api, settings)),
        ("incidents", "incidents.read", incidents),
        ("log entries", "incidents.read", lambda: _some(api, "/log_entries", "log_entries", **since)),
        ("priorities", "priorities.read", lambda: f"{len(api.ranks())} in order of severity"),
        ("maintenance windows", "services.read", lambda: _some(api, "/maintenance_windows", "maintenance_windows")),
    ]
    found = [_tried(api, *one) for one in tried]
    if settings.fields and pages:
        found += _fields(api, settings, pages[0]["id"])
    return [*found, _webhook(name, settings)]


def _tried(api: Api, what: str, scope: str, ask: Callable[[], str]) -> Finding:
    api.http.remedy = f"Use a read-only REST API key, or give the OAuth token the scope {scope}."
    try:
        return Finding(True, f"{what}: {ask()}")
    except SourceError as error:
        return Finding(False, what, str(error))
    except KeyError as error:
        return Finding(False, what, f"the answer holds no {error}; is `url` the API's address of your region?")


def _some(api: Api, path: str, items: str, **params: Any) -> str:
    return "can be read" if api.http.get(path, {**params, "limit": 1})[items] else "can be read; none yet"


def _mapped(api: Api, settings: PagerDutySettings) -> str:
    """How many services the settings' map speaks of. Raises SourceError for a name that no service has."""
    services = api.services()
    known = {word.casefold() for one in services for word in (one["id"], str(one.get("name") or one.get("summary")))}
    lost = [name for name in settings.services if name.casefold() not in known]
    if lost:
        raise SourceError(f"`services` names {', '.join(lost)}, which PagerDuty does not have")
    mapped = sum(settings.service({**one, "summary": one.get("name")}) is not None for one in services)
    return f"{len(services)}, {mapped} of them in the map `services`"


def _fields(api: Api, settings: PagerDutySettings, incident: str) -> Iterator[Finding]:
    """Whether the fields of the settings are custom fields; what is none may still be a detail of alerts."""
    try:
        values = api.fields_of(incident)
    except SourceError as error:
        yield Finding(False, "custom fields", str(error))
        return
    known = {str(one.get(key)) for one in values for key in ("name", "display_name")}
    lost = sorted({name for name in settings.fields.values() if name not in known})
    rest = f"; {', '.join(lost)}: no custom field, looked for in the details of alerts" if lost else ""
    yield Finding(True, f"custom fields: {len(set(settings.fields.values())) - len(lost)} found{rest}")


def _webhook(name: str, settings: PagerDutySettings) -> Finding:
    place = f"webhook: point a Generic Webhook (v3) at /hooks/{name}/events"
    if settings.webhook_secret is None:
        return Finding(True, f"webhook: off; pages are known after the next pass. To switch it on: {place[9:]}, and "
                             "give its secret as webhook_secret")  # fmt: skip
    return Finding(True, f"{place}; its signature is checked")
