"""Prometheus Alertmanager: alerts as they fire and resolve, by its webhook (payload version 4) and by polling API v2.

The API lists current alerts only. One that was listed and no longer is has been resolved between the two polls: it is
told as resolved at the later poll's moment, with a ``revised_at`` below any that the webhook gives, so that the
webhook's exact moment wins whichever comes first. Alertmanager knows no acknowledgement, so none is told.
"""

from __future__ import annotations

import base64
import hmac
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, TypeVar
from urllib.parse import urljoin

from pydantic import Field, SecretStr, model_validator

from collectors.alertmanager.silences import FIELDS, PLACE, exclusions
from collectors.apart import PROBLEM, Parts
from collectors.base import Enumerated, Finding, Period, Raw, Source
from collectors.credentials import Credentials
from collectors.http import Http
from collectors.spans import Span
from slo.errors import FactError, SourceError

log = logging.getLogger(__name__)

Fact = dict[str, Any]
T = TypeVar("T")
_LABELS = {"actionable", "noise"}
OWN = "Tierline"
"""How the names of rules that quote Tierline begin; in small letters their label."""
_REMEDY = "Give this account (or the proxy's rule for it) GET on /api/v2/alerts, /api/v2/status and /api/v2/silences."


class AlertmanagerSettings(Credentials):
    """Without ``url`` it is a webhook receiver only."""

    url: str | None = Field(default=None, description="Alertmanager's address, such as http://alertmanager:9093; it is "
                            "polled for current alerts. Without it only the webhook tells alerts.")  # fmt: skip
    matchers: list[str] = Field(default=[], description='Which alerts to poll, such as team="data". Default: all.')
    asset: str | None = Field(default=None, description="The asset an alert is about, from its labels, such as "
                              "airflow-prod/{dag_id}. An alert without one of these labels has no asset.")  # fmt: skip
    label_annotation: str = Field(default="tierline_label", description="Annotation (or label) that says whether an "
                                  "alert was worth waking for: actionable or noise.")  # fmt: skip
    silences: Literal["maintenance"] | None = Field(default=None, description="`maintenance`: a silence of everything "
                                                    "about an asset excludes it as long. A silence alone proves no "
                                                    "maintenance, so none counts by default.")  # fmt: skip
    silence_labels: list[str] = Field(default=[], description="Labels that a silence may match beside those in `asset` "
                                      "and still be one of the whole asset, such as cluster.")  # fmt: skip
    restart_grace: Span = Field(default=timedelta(minutes=5), description="So long after Alertmanager's own start "
                                     "an alert that is not listed is not yet taken as resolved.")  # fmt: skip
    webhook_token: SecretStr | None = Field(default=None, description="Bearer token the webhook demands.")
    webhook_username: str | None = Field(default=None, description="User the webhook demands (basic).")
    webhook_password: SecretStr | None = Field(default=None, description="Password of that user.")

    @model_validator(mode="after")
    def _silences_need_assets(self) -> AlertmanagerSettings:
        if self.silences and not (self.url and self.asset and PLACE.search(self.asset)):
            raise ValueError("silences are polled and name assets by their labels: give url, and asset with its labels")
        return self

    @model_validator(mode="after")
    def _webhook_pair(self) -> AlertmanagerSettings:
        if (self.webhook_username is None) != (self.webhook_password is None):
            raise ValueError("webhook_username and webhook_password belong together: give both or neither")
        return self


class Alertmanager(Source):
    plugin = "alertmanager"
    title = "Prometheus Alertmanager"
    family = "alerting"
    tells = {"alert": ("rule", "asset", "fired_at", "resolved_at", "label", "dedup_key"), "exclusion": FIELDS}
    interval = timedelta(minutes=1)
    requests_per_second = 5
    has_history = False
    tested = "Alertmanager 0.25.0 with Prometheus 2.42.0, run live: webhook and API v2"
    grants = ("Polling: GET /api/v2/alerts and /api/v2/status; for silences GET /api/v2/silences. Webhook: no right; "
              "point a webhook_config at /hooks/<name>/alerts.")  # fmt: skip
    probes = {"/api/v2/status": "versionInfo"}
    Settings = AlertmanagerSettings
    settings: AlertmanagerSettings

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        if self.settings.url is None or not period.latest:
            return
        http = self.settings.http(self.settings.url, _REMEDY, self.rate)
        started = http.get("/api/v2/status").get("uptime")
        listed = http.get("/api/v2/alerts", {"filter": self.settings.matchers})
        if not isinstance(listed, list):
            raise SourceError(f"{self.settings.url}/api/v2/alerts: expected a list. Is it Alertmanager 0.16 or newer?")
        now = self.now()
        yield from (Raw("alert", alert) for alert in listed)
        restarted = bool(started) and now - _instant(started) < self.settings.restart_grace
        yield from self._gone(listed, now, restarted)
        if self.settings.silences is not None:
            yield from Parts(self.memory).read("silences", period.start, period, self._silences(http))

    def _silences(self, http: Http) -> Iterator[Raw]:
        """Alertmanager keeps ended silences for days only, so what is no longer listed is not taken back."""
        listed = http.get("/api/v2/silences")
        if not isinstance(listed, list):
            raise SourceError(f"{self.settings.url}/api/v2/silences: expected a list")
        yield from (Raw("silence", silence) for silence in listed)

    def _gone(self, listed: list[Any], now: datetime, restarted: bool) -> Iterator[Raw]:
        """Alerts of the last listing that this one, complete as it is, no longer holds; then remembers this one."""
        asked = [self.settings.url, *self.settings.matchers]
        before: dict[str, Fact] = self.memory.get("open", {}) if self.memory.get("asked") == asked else {}
        current = {fact["id"]: fact for alert in listed for fact in _quietly(self._fact, alert)}
        missing = {key: fact for key, fact in before.items() if key not in current}
        if restarted:
            current |= missing
        else:
            yield from (Raw("gone", fact, {"at": _text(now)}) for fact in missing.values())
        self.memory.update(asked=asked, open=current)

    def parse(self, raw: Raw) -> Iterator[Fact]:
        if raw.kind == PROBLEM:
            raise FactError(raw.data)
        if raw.kind == "silence":
            yield from exclusions(raw.data, self.settings.asset, self.settings.silence_labels)
        elif raw.kind == "gone":
            revised = _instant(raw.data["revised_at"]) + timedelta(microseconds=1)
            yield {**raw.data, "resolved_at": raw.context["at"], "revised_at": _text(revised)}
        else:
            yield self._fact(raw.data)

    def _fact(self, alert: Mapping[str, Any], group: str | None = None, home: str | None = None) -> Fact:
        """One alert of the API or of the webhook. Raises FactError where it has no labels or start."""
        try:
            return self._read(alert, group, home)
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise FactError(f"alert: {type(error).__name__} {error}; expected labels, startsAt and endsAt") from None

    def _read(self, alert: Mapping[str, Any], group: str | None, home: str | None) -> Fact:
        labels, notes = alert["labels"], alert.get("annotations") or {}
        fired = _instant(alert["startsAt"])
        ended = _ended(alert)
        name = alert.get("fingerprint") or json.dumps(labels, sort_keys=True)
        word = notes.get(self.settings.label_annotation) or labels.get(self.settings.label_annotation)
        return {
            "fact": "alert", "id": f"{name}/{_text(fired)}", "dedup_key": alert.get("fingerprint") or group or name,
            "rule": _rule(labels), "asset": self._asset(labels),
            "fired_at": _text(fired), "resolved_at": _text(ended) if ended else None,
            "label": word if word in _LABELS else None, "url": self._link(alert.get("generatorURL"), home),
            "revised_at": _text(ended or _instant(alert.get("updatedAt") or alert["startsAt"])),
        }  # fmt: skip

    def _link(self, rule: str | None, home: str | None) -> str | None:
        """The rule's graph in Prometheus, else Alertmanager's list."""
        base = home or self.settings.url
        return rule or (urljoin(base.rstrip("/") + "/", "#/alerts") if base else None)

    def _asset(self, labels: Mapping[str, str]) -> str | None:
        template = self.settings.asset
        if template is None or not all(labels.get(name) for name in PLACE.findall(template)):
            return None
        return PLACE.sub(lambda place: labels[place[1]], template)

    def routes(self) -> Mapping[str, Callable[[bytes, Mapping[str, str]], list[Fact]]]:
        return {"alerts": self.receive}

    def receive(self, body: bytes, headers: Mapping[str, str]) -> list[Fact]:
        """The alerts of one webhook delivery. A broken alert is left out and logged; the others of its group count."""
        self._admit({name.lower(): value for name, value in headers.items()}.get("authorization", ""))
        payload = _payload(body)
        group, home = payload.get("groupKey"), payload.get("externalURL")
        if payload.get("truncatedAlerts"):
            log.warning("%s: Alertmanager cut %s alerts off a delivery; raise max_alerts of its webhook_config",
                        self.name, payload["truncatedAlerts"])  # fmt: skip
        alerts = payload["alerts"]
        facts = [fact for alert in alerts for fact in _quietly(self._fact, alert, group, home)]
        if alerts and not facts:
            raise ValueError("no alert of this delivery has labels and startsAt; is it Alertmanager's webhook payload?")
        return facts

    def _admit(self, shown: str) -> None:
        """Raises PermissionError unless the credential is one that the settings demand (none: everybody is let in)."""
        ours, wanted = self.settings, []
        if ours.webhook_token:
            wanted.append(f"Bearer {ours.webhook_token.get_secret_value()}")
        if ours.webhook_username and ours.webhook_password:
            pair = f"{ours.webhook_username}:{ours.webhook_password.get_secret_value()}"
            wanted.append("Basic " + base64.b64encode(pair.encode()).decode())
        if wanted and not any(hmac.compare_digest(shown.encode(), one.encode()) for one in wanted):
            raise PermissionError(f"{self.name}: the webhook's credential is missing or wrong; set http_config of "
                                  "Alertmanager's webhook_config to this source's webhook_token or user")  # fmt: skip

    def check(self) -> list[Finding]:
        hook = f"webhook: point a webhook_config at /hooks/{self.name}/alerts"
        locked = self.settings.webhook_token or self.settings.webhook_username
        findings = [Finding(True, hook + ("" if locked else "; it asks for no credential"))]
        if self.settings.url is None:
            return [*findings, Finding(True, "polling: off (no url)")]
        try:
            http = self.settings.http(self.settings.url, _REMEDY, self.rate)
            version = http.get("/api/v2/status").get("versionInfo", {}).get("version", "of unknown version")
            count = len(http.get("/api/v2/alerts", {"filter": self.settings.matchers}))
            findings.append(Finding(True, f"polling: Alertmanager {version}, {count} alerts now"))
            return findings + ([self._check_silences(http)] if self.settings.silences else [])
        except SourceError as error:
            return [*findings, Finding(False, "polling", str(error))]

    def _check_silences(self, http: Http) -> Finding:
        listed = list(self._silences(http))
        naming = sum(any(_quietly(lambda raw: list(self.parse(raw)), raw)) for raw in listed)
        return Finding(True, f"silences: {len(listed)} listed, {naming} of whole assets")


def _quietly(make: Callable[..., T], alert: Any, *more: Any) -> list[T]:
    """What is made of an alert or silence, or nothing where it cannot be read."""
    try:
        return [make(alert, *more)]
    except FactError as error:
        log.warning("left out: %s", error)
        return []


def _rule(labels: Mapping[str, str]) -> str | None:
    """The rule's name. Of one that quotes Tierline (its label says so) it begins with that word, so that Tierline's own
    alerts can be told from the platform's."""
    name = labels.get("alertname")
    ours = labels.get(OWN.lower()) == "true" and not (name or "").startswith(OWN)
    return f"{OWN} {name or 'alert'}" if ours else name


def _payload(body: bytes) -> dict[str, Any]:
    """The delivery, or ValueError saying what is wrong with it."""
    try:
        payload = json.loads(body)
    except ValueError:
        raise ValueError("the body is not JSON; expected Alertmanager's webhook payload") from None
    if not isinstance(payload, dict) or payload.get("version") != "4" or not isinstance(payload.get("alerts"), list):
        raise ValueError("expected Alertmanager's webhook payload of version 4, with a list of alerts")
    return payload


def _instant(text: str) -> datetime:
    """Alertmanager's time, cut to the millisecond: the API shows three digits where the webhook shows up to nine."""
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _ended(alert: Mapping[str, Any]) -> datetime | None:
    """When a resolved alert ended. While it fires, endsAt is year 1 (webhook) or a time-out in the future (API)."""
    if alert.get("status") != "resolved" or str(alert["endsAt"]).startswith("0001-"):
        return None
    return _instant(alert["endsAt"])


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
