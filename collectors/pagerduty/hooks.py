"""PagerDuty's webhooks (v3): the signature, and what an event tells.

An event shows the incident without its log and, mostly, without its custom fields: it is laid over what is stored,
and gives way to what the API tells. So an incident is there at once, nothing is wiped, and after the next pass the
facts are those of a pass without webhooks, in whatever order they came.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from collectors.pagerduty.facts import Page, text
from collectors.pagerduty.settings import OF_ALERTS, PagerDutySettings
from slo.interchange import instant

Record = dict[str, Any]
HEADER = "x-pagerduty-signature"
BEFORE = timedelta(seconds=2)
"""An event counts as so much older than it says: the API's times are cut to the second, and it must win a draw."""
_READ = ("incident.triggered", "incident.acknowledged", "incident.unacknowledged", "incident.resolved",
         "incident.reopened", "incident.priority_updated", "incident.service_updated",
         "incident.incident_type.changed")  # fmt: skip


def admit(secret: str, body: bytes, headers: Mapping[str, str], name: str) -> None:
    """Raises PermissionError unless one of the signatures is the body's under the secret; while a secret is being
    changed PagerDuty sends several."""
    shown = next((value for key, value in headers.items() if key.lower() == HEADER), "")
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()
    given = [one.strip().removeprefix("v1=").encode() for one in shown.split(",") if one.strip().startswith("v1=")]
    if not any(hmac.compare_digest(one, wanted) for one in given):
        raise PermissionError(f"{name}: the webhook's signature is missing or wrong; set webhook_secret to the secret "
                              "that PagerDuty gave when the subscription was made")  # fmt: skip


def event_of(body: bytes) -> Record:
    """The event of one delivery. Raises ValueError for what is none."""
    try:
        event = json.loads(body)["event"]
        found: Record = {**event, "event_type": str(event["event_type"]), "at": instant(event["occurred_at"])}
    except (ValueError, KeyError, TypeError):
        raise ValueError("expected a webhook of version 3: an `event` with event_type, occurred_at and data") from None
    return found


def told_by(event: Record, settings: PagerDutySettings, named: Callable[[str], str]) -> list[Record]:
    """What the event says of a data incident: a part of its fact, with ``defaults`` for what is not stored yet."""
    data = event.get("data")
    kind = event["event_type"]
    if not isinstance(data, dict):
        return []
    if kind == "incident.custom_field_values.updated":
        return _fields_told(event, data, settings, named)
    page = Page(settings, named, _shaped(event, data))
    return [_part(page, event["at"])] if kind in _READ and page.counts else []


def _shaped(event: Record, data: Record) -> Record:
    """The incident as the API would show it, as far as the event knows."""
    at = text(event["at"].replace(microsecond=0))
    shaped = {**data, "updated_at": at}
    if data.get("status") == "resolved":
        shaped["resolved_at"] = at
    if event["event_type"] == "incident.acknowledged":
        shaped["acknowledgements"] = [{"at": at}]
    return shaped


def _part(page: Page, at: datetime) -> Record:
    fact = page.incident_fact()
    defaults = {name: fact.pop(name) for name in ("assets", "class", "detected_at")}
    known = {name: value for name, value in fact.items() if value is not None}
    again = page.incident.get("reopened_at")
    return {**known, "revised_at": text(at - BEFORE), "open": page.resolved is None,
            "reopened_at": text(instant(again)) if again else None, "defaults": defaults}  # fmt: skip


def _fields_told(event: Record, data: Record, settings: PagerDutySettings, named: Callable[[str], str]) -> list[Record]:
    incident = data.get("incident") or {}
    if not incident.get("id"):
        return []
    page = Page(settings, named, incident, custom=data.get("custom_fields") or [])
    told: Record = {name: page.explicit(name) for name in settings.fields if name not in OF_ALERTS}
    known = {name: value for name, value in told.items() if value is not None}
    return [{"fact": "incident", "id": page.id, **known, "revised_at": text(event["at"] - BEFORE)}] if known else []


def made_whole(told: Record, stored: Record | None) -> Record | None:
    """The whole fact that a part makes with what is stored; None where it says nothing new, or of nothing known."""
    if stored is None:
        defaults = told.get("defaults")
        return {**defaults, **told} if defaults else None
    if stored.get("revised_at") and instant(stored["revised_at"]) >= instant(told["revised_at"]):
        return None
    whole = {**told.get("defaults", {}), **stored, **told}
    acknowledged = [instant(one["acknowledged_at"]) for one in (stored, told) if one.get("acknowledged_at")]
    if acknowledged:
        whole["acknowledged_at"] = text(min(acknowledged))
    if "open" in told:
        whole["spans"] = _spans(told, stored)
        whole["resolved_at"] = None if told["open"] else whole.get("resolved_at")
    return whole


def _spans(told: Record, stored: Record) -> list[Any] | None:
    """The stored stretches, with one more where it came back, and the last one ended where it was resolved."""
    spans = [list(span) for span in stored.get("spans") or ()]
    began = told.get("reopened_at")
    if told["open"] and stored.get("resolved_at") and began:
        spans = spans or [[stored.get("started_at") or stored["detected_at"], stored["resolved_at"]]]
        return [*spans, [began, None]]
    if spans and spans[-1][1] is None and not told["open"]:
        spans[-1][1] = told["resolved_at"]
    return spans or None
