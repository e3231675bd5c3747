"""From PagerDuty's records to facts. Pure: everything it knows was fetched before.

An incident is detected when it is created, acknowledged at its first acknowledgement, restored when it is resolved; the
log tells when it was reopened. What PagerDuty has no word for (when it began, what it hurt, why) is told by custom
fields of the incident or by details of its alerts, as the settings say.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from collectors.cells import blank
from collectors.mapping import at_path, mapped
from collectors.pagerduty.settings import OF_ALERTS, PagerDutySettings, words_for
from slo.interchange import instant

log = logging.getLogger(__name__)
Record = dict[str, Any]
LEAST_SEVERE = 5
_WAKES = ("trigger_log_entry", "reopen_log_entry", "acknowledge_log_entry", "unacknowledge_log_entry")
"""Entries that, after a resolution, say that the incident goes on."""
_RESOLVES = "resolve_log_entry"
_OWN, _OWN_LABEL = "Tierline", re.compile(r"^ *- tierline = true *$", re.MULTILINE)
"""How the names of rules that quote Tierline begin; their label, as Alertmanager lists labels in an alert's details."""
_MET = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True)
class Page:
    """One incident of PagerDuty with what belongs to it."""

    settings: PagerDutySettings
    named: Callable[[str], str]
    """A service's name -> its asset."""
    incident: Record
    entries: list[Record] = field(default_factory=list)
    alerts: list[Record] = field(default_factory=list)
    custom: list[Record] = field(default_factory=list)
    ranks: Mapping[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return str(self.incident["id"])

    @property
    def counts(self) -> bool:
        """Whether it is a data incident."""
        return self.settings.incidents.hold(self.incident)

    @property
    def created(self) -> datetime:
        return instant(self.incident["created_at"])

    @cached_property
    def log(self) -> list[tuple[datetime, str]]:
        """(moment, type) of its log, in order of time; PagerDuty keeps whole seconds, and what ends comes last."""
        told = [(instant(entry["created_at"]), str(entry.get("type"))) for entry in self.entries]
        return sorted(told, key=lambda entry: (entry[0], entry[1] == _RESOLVES, entry[1]))

    @cached_property
    def acknowledgements(self) -> list[datetime]:
        """From the log; those that still stand on the incident are forgotten once it is resolved."""
        standing = [instant(one["at"]) for one in self.incident.get("acknowledgements") or () if one.get("at")]
        return sorted({*standing, *(at for at, kind in self.log if kind == "acknowledge_log_entry")})

    @cached_property
    def resolved(self) -> datetime | None:
        """When it was resolved for good, None while it is open."""
        if self.incident.get("status") != "resolved":
            return None
        told = self.incident.get("resolved_at") or self.incident.get("last_status_change_at")
        return instant(told) if told else next((at for at, kind in reversed(self.log) if kind == _RESOLVES), None)

    @property
    def revised(self) -> datetime:
        """The last thing that is known of it."""
        told = [self.incident.get(key) for key in ("created_at", "updated_at", "last_status_change_at", "resolved_at")]
        return max([instant(one) for one in told if one] + [at for at, _ in self.log])

    def spans(self, began: datetime) -> list[list[str | None]] | None:
        """Stretches in which it was active, where it came back after a resolution; else None: start to end says it."""
        found: list[list[datetime | None]] = [[began, None]]
        for at, kind in self.log:
            if kind == _RESOLVES and found[-1][1] is None:
                found[-1][1] = at
            elif kind in _WAKES and found[-1][1] is not None:
                found.append([at, None])
        if self.resolved is None and found[-1][1] is not None:
            found.append([instant(self.incident.get("last_status_change_at") or self.incident["updated_at"]), None])
        if len(found) == 1:
            return None
        found[-1][1] = self.resolved
        return [[text(start), text(end)] for start, end in found]

    @property
    def severity(self) -> int | None:
        """By the settings' words, else by the priority's place in the account's list."""
        priority = self.incident.get("priority") or {}
        told = {name.casefold(): value for name, value in self.settings.severities.items()}
        for word in (priority.get("summary"), priority.get("name"), priority.get("id"), self.incident.get("urgency")):
            if str(word).casefold() in told:
                return told[str(word).casefold()]
        place = self.ranks.get(str(priority.get("id")))
        return None if place is None else min(LEAST_SEVERE, place + 1)

    @property
    def service(self) -> str | None:
        """The asset of its service."""
        name = (self.incident.get("service") or {}).get("summary")
        return self.named(name) if name else None

    # Facts

    def facts(self) -> Iterator[Record]:
        """The incident, where it is a data incident, and its alerts."""
        if self.counts:
            yield self.incident_fact()
        yield from (self.alert_fact(alert) for alert in self.alerts)
        if not self.alerts and self._woke():
            yield self.alert_fact(self._as_alert())

    def incident_fact(self) -> Record:
        """The incident. Its service stands for its assets where no field names them."""
        explicit: Record = {told: self.explicit(told) for told in self.settings.fields if told not in OF_ALERTS}
        service = self.settings.service(self.incident.get("service"))
        detected = explicit.get("detected_at") or text(self.created)
        began = explicit.get("started_at") or detected
        reason = self.incident.get("resolve_reason") or {}
        own = {
            "title": self.incident.get("title"), "detected_at": text(self.created),
            "acknowledged_at": text(self.acknowledgements[0]) if self.acknowledgements else None,
            "resolved_at": text(self.resolved), "spans": self.spans(instant(began)), "severity": self.severity,
            "class": service.class_ if service else None, "assets": [self.service] if self.service else None,
            "duplicate_of": (reason.get("incident") or {}).get("id"),
        }  # fmt: skip
        told: Record = {**own, **{name: value for name, value in explicit.items() if value is not None}}
        return {"fact": "incident", "id": self.id, "url": self.incident.get("html_url"),
                "revised_at": text(self.revised), **told}  # fmt: skip

    def alert_fact(self, alert: Record) -> Record:
        """One alert. It is acknowledged with its incident: one that joins an acknowledged incident, as it arrives."""
        fired = instant(alert["created_at"])
        named = self.explicit("assets", alert)
        after = next((at for at in self.acknowledgements if at >= fired), None)
        acknowledged = fired if self.acknowledgements and self.acknowledgements[0] < fired else after
        done = alert.get("status") == "resolved" or self.resolved is not None
        resolved = instant(alert["resolved_at"]) if alert.get("resolved_at") else self.resolved
        return {
            "fact": "alert", "id": str(alert["id"]), "url": alert.get("html_url"), "revised_at": text(self.revised),
            "rule": self._rule(alert), "dedup_key": alert.get("alert_key"),
            "asset": named[0] if named else self.service, "fired_at": text(fired),
            "acknowledged_at": text(acknowledged), "resolved_at": text(resolved) if done else None,
            "label": self.explicit("label", alert), "incident": self.id if self.counts else None,
        }  # fmt: skip

    def _rule(self, alert: Record) -> str | None:
        """The rule's name. Of one that quotes Tierline (its label says so) it begins with that word, so that Tierline's
        own alerts can be told from the platform's."""
        name: str | None = self.explicit("rule", alert) or alert.get("summary")
        ours = any(isinstance(told, str) and _OWN_LABEL.search(told) for told in _details(alert).values())
        return f"{_OWN} {name or 'alert'}" if ours and not (name or "").startswith(_OWN) else name

    def _woke(self) -> bool:
        """Whether the page itself stands for an alert: a monitor's that came without one. A person who opens an
        incident needs no alarm, and a merged one has given its alerts away."""
        merged = (self.incident.get("resolve_reason") or {}).get("incident")
        first = next((entry for entry in self.entries if entry.get("type") == "trigger_log_entry"), {})
        return not merged and not str((first.get("agent") or {}).get("type")).startswith("user")

    def _as_alert(self) -> Record:
        """The page in the shape of an alert; alerts and incidents share no ids."""
        told = self.incident
        return {
            "id": f"incident/{self.id}", "created_at": told["created_at"], "summary": told.get("title"),
            "alert_key": told.get("incident_key"), "status": told.get("status"), "html_url": told.get("html_url"),
        }  # fmt: skip

    # Fields

    def explicit(self, told: str, alert: Record | None = None) -> Any:
        """What the field for it says, as the interchange wants it: an alert's own detail first, then the incident's
        custom field, then a detail of any alert. None where nothing, or nothing readable, is said."""
        name = self.settings.fields.get(told)  # type: ignore[call-overload]
        if name is None:
            return None
        alerts = [alert] if alert else []
        cells = [*map(_details, alerts), _custom(self.custom), *map(_details, () if alert else self.alerts)]
        cell = next((found for one in cells if not blank(found := at_path(one, name))), None)
        try:
            return None if cell is None else self._read(told, cell)
        except (ValueError, TypeError) as error:
            log.warning("incident %s: %s: %r is left out: %s", self.id, name, cell, error)
            return None

    def _read(self, told: str, cell: Any) -> Any:
        """The cell as its field holds it. Raises ValueError for what cannot be read."""
        if told == "assets":
            return [self.settings.asset.replace("{}", word) for word in _words(cell)] or None
        if told == "steps":
            return _steps(cell)
        value = mapped(cell, self.settings.values.get(told))  # type: ignore[call-overload]
        if told in ("started_at", "detected_at"):
            return text(instant(value))
        if told == "severity":
            return int(value)
        known = words_for(told)
        if known is None:
            return str(value)
        if str(value).casefold() not in known:
            raise ValueError(f"not one of {', '.join(known)}; `values` in the settings can map it")
        return str(value).casefold()


def _custom(values: list[Record]) -> Record:
    """Custom fields by name and by the name shown."""
    shown = {str(one.get("display_name")): one.get("value") for one in values}
    return {**shown, **{str(one.get("name")): one.get("value") for one in values}}


def _details(alert: Record) -> Record:
    """What the monitor sent along with an alert: an object, or a text that holds one."""
    body = alert.get("body") or {}
    found = body.get("details")
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except ValueError:
            return {}
    return found if isinstance(found, dict) else {}


def _words(cell: Any) -> list[str]:
    parts = cell if isinstance(cell, list) else str(cell).split(",")
    return [word for part in parts if (word := str(part).strip())]


def _steps(cell: Any) -> dict[str, bool]:
    """Steps of the incident process with whether each was met; one that says neither was not called for. Raises
    ValueError for a text that names none."""
    words = _words(str(cell).replace(";", ",").replace("\n", ","))
    told = dict(word.rsplit(":", 1) for word in words)
    met = {name.strip(): _MET.get(word.strip().casefold()) for name, word in told.items()}
    return {name: flag for name, flag in met.items() if flag is not None}


def text(moment: datetime | None) -> Any:
    """The instant as the interchange writes it, None as it is."""
    return None if moment is None else moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
