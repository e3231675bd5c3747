"""PagerDuty's settings: which pages are data incidents, what a service stands for, which fields say what."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from collectors.base import SourceSettings
from slo.facts import Incident
from slo.interchange import choices, field_types

Class = Literal["correctness", "freshness", "availability", "security", "other"]
Told = Literal[
    "started_at", "detected_at", "assets", "class", "cause", "found_by", "change", "responsible", "severity", "steps",
    "rule", "label",
]  # fmt: skip
"""What a field of PagerDuty may say: of an incident, and (rule, label, assets) of its alerts."""
OF_ALERTS = ("rule", "label")
HOST, HOST_EU = "https://api.pagerduty.com", "https://api.eu.pagerduty.com"


def words_for(told: str) -> tuple[str, ...] | None:
    """The words that a field may hold; None where it is free."""
    if told == "label":
        return ("actionable", "noise")
    kind = field_types(Incident).get("class_" if told == "class" else told)
    found = choices(kind)
    return tuple(word for word in found if isinstance(word, str)) or None if found else None


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Pages(Model):
    """A choice of pages: each list that is given must hold the page's own; names or ids."""

    priorities: tuple[str, ...] = Field(default=(), description="Priorities, as P1, P2.")
    urgencies: tuple[Literal["high", "low"], ...] = Field(default=(), description="high, low.")
    services: tuple[str, ...] = Field(default=(), description="Services, by name or id.")
    teams: tuple[str, ...] = Field(default=(), description="PagerDuty teams, by name or id.")
    types: tuple[str, ...] = Field(default=(), description="Incident types, as incident_default.")

    def hold(self, page: dict[str, Any]) -> bool:
        """Whether an incident, as the API or a webhook shows it, is one of these."""
        own = {
            "priorities": _names(page.get("priority")), "urgencies": {str(page.get("urgency")).casefold()},
            "services": _names(page.get("service")), "types": _names(page.get("incident_type")),
            "teams": {name for team in page.get("teams") or () for name in _names(team)},
        }  # fmt: skip
        return all(own[name] & {word.casefold() for word in words} for name, words in self if words)


def _names(reference: Any) -> set[str]:
    """What a referenced thing goes by, in small letters."""
    told = reference if isinstance(reference, dict) else {}
    return {str(told[key]).casefold() for key in ("id", "summary", "name") if told.get(key)}


class Scope(Model):
    """Which part of the account is read at all."""

    teams: tuple[str, ...] = Field(default=(), description="PagerDuty teams, by id (the P... of their address).")
    services: tuple[str, ...] = Field(default=(), description="Services, by name or id.")


class Service(Model):
    """What a PagerDuty service stands for."""

    team: str | None = Field(default=None, description="The team that answers for it; PagerDuty's own where absent.")
    tier: Literal[0, 1, 2, 3] | None = Field(default=None, description="How critical it is; 0 is the most critical.")
    class_: Class | None = Field(default=None, alias="class", description="Its incidents' class, where no field says.")
    assets: tuple[str, ...] = Field(default=(), description="Assets it stands for (`*` and `?` as in a shell): for its "
                                    "incidents where no run or check failed, and for its maintenance.")  # fmt: skip


class PagerDutySettings(SourceSettings):
    """An account of PagerDuty."""

    url: str = Field(default=HOST, description=f"The REST API's address; {HOST_EU} in the EU region.")
    token: SecretStr = Field(description="A read-only REST API key, or an OAuth token, as env:NAME or file:/path.")
    webhook_secret: SecretStr | None = Field(default=None, description="The secret that PagerDuty gave with its "
                                             "webhook (v3). Without it no webhook is taken.")  # fmt: skip
    scope: Scope = Field(default=Scope(), description="Read only these teams' or services' pages: `teams`, `services`.")
    incidents: Pages = Field(default=Pages(), description="Which pages are data incidents, such as "
                             "`{priorities: [P1, P2]}` (`urgencies`, `services`, `teams`, `types`). The others are "
                             "alerts only. Default: all.")  # fmt: skip
    services: dict[str, Service] = Field(default={}, description="Service, by name or id -> `team`, `tier`, `class`, "
                                         "`assets` that it stands for.")  # fmt: skip
    fields: dict[Told, str] = Field(default={}, description="What is told by which custom field of an incident, or by "
                                    "which detail of its alerts: `{started_at: impact_start, cause: root_cause, "
                                    "assets: affected_datasets}`. `steps`: the steps of the process, as "
                                    "`runbook followed: yes, review held: no`.")  # fmt: skip
    values: dict[Told, dict[str, Any]] = Field(default={}, description="Words of your fields -> Tierline's: `{class: "
                                               "{Wrong data: correctness}}`.")  # fmt: skip
    asset: str = Field(default="{}", description="An asset's name from what the field `assets` says, such as "
                       "`airflow-prod/{}`.")  # fmt: skip
    severities: dict[str, Literal[1, 2, 3, 4, 5]] = Field(default={}, description="Priority or urgency -> severity "
                                                          "1..5; the priorities' own order.")  # fmt: skip
    alerts: Literal["each", "page"] = Field(default="each", description="`each`: every alert counts, one request "
                                            "a page; `page`: one alert a page, without it.")  # fmt: skip

    @field_validator("asset")
    @classmethod
    def _place(cls, value: str) -> str:
        if value.count("{}") != 1:
            raise ValueError("write {} once, where the field's word belongs, as in airflow-prod/{}")
        return value

    @field_validator("values")
    @classmethod
    def _known(cls, values: dict[Told, dict[str, Any]]) -> dict[Told, dict[str, Any]]:
        for told, words in values.items():
            expected = words_for(told)
            for word in words.values():
                if expected is not None and word not in expected:
                    raise ValueError(f"{told}: {word!r} is not one of {', '.join(expected)}")
        return values

    def service(self, reference: Any) -> Service | None:
        """What is said of a service."""
        names = _names(reference)
        return next((told for name, told in self.services.items() if name.casefold() in names), None)

    def tells(self) -> dict[str, tuple[str, ...]]:
        """Fact kind -> fields that these settings let it tell."""
        incident = ["title", "detected_at", "acknowledged_at", "resolved_at", "spans", "severity", "assets",
                    "duplicate_of"]  # fmt: skip
        incident += [told for told in get_args(Told) if told in self.fields and told not in (*incident, *OF_ALERTS)]
        if "class" not in incident and any(service.class_ for service in self.services.values()):
            incident.append("class")
        alert = ["rule", "asset", "fired_at", "acknowledged_at", "resolved_at", "incident", "dedup_key"]
        asset = ["kind", "team", "owner", "description", "tier", "components"]
        return {
            "incident": tuple(incident), "alert": (*alert, *(["label"] if "label" in self.fields else [])),
            "asset": tuple(asset), "exclusion": ("assets", "start", "end", "reason", "ref"),
        }  # fmt: skip
