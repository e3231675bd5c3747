"""Settings of the Jira source: which issues, and which of them are which kind of work."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from collectors.base import SourceSettings
from collectors.mapping import zone

Kind = Literal["onboarding", "access_request", "support", "scoped", "action", "finding", "remediation", "incident"]
FIELDS = ("priority", "severity", "size", "complexity", "team", "asset", "due_at", "started_at", "detected_at",
          "class", "cause", "found_by")  # fmt: skip
"""What a mapping may fill from a field of Jira."""
WORDS: dict[str, tuple[str, ...]] = {
    "priority": ("P1", "P2", "P3", "P4", "P5"),
    "severity": ("critical", "high", "medium", "low"),
    "size": ("small", "medium", "large"),
    "complexity": ("simple", "standard", "complex"),
    "class": ("correctness", "freshness", "availability", "security", "other"),
    "found_by": ("test", "monitor", "consumer", "operator"),
}
"""Field -> what it may say."""
PRIORITIES: dict[str, Any] = {
    "Blocker": "P1", "Highest": "P1", "Critical": "P1", "High": "P2", "Medium": "P3", "Low": "P4", "Lowest": "P5",
}  # fmt: skip
REFUSED = ("Declined", "Rejected", "Won't Do", "Won't Fix")
WITHDRAWN = ("Abandoned", "Canceled", "Cancelled", "Cannot Reproduce", "Duplicate", "Obsolete", "Withdrawn")
_ORDER = re.compile(r"\border\s+by\b", re.IGNORECASE)


class Taken(BaseModel):
    """Where a field comes from: a field of Jira, by its name as people see it or by its id."""

    model_config = ConfigDict(extra="forbid")

    field: str = Field(description="Name or id of Jira's field (Severity, customfield_10042, priority, components).")
    values: dict[str, Any] | None = Field(None, description="What Jira says -> what it is here; '*' for anything else.")
    template: str | None = Field(None, description="The value with {} in its place (snowflake://acme/{}).")


class Sort(BaseModel):
    """Issues of one kind of work: those that every given condition fits. The first that fits an issue counts."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind = Field(description="What they are here; `incident`: told as incidents.")
    types: list[str] = Field([], description="Issue types (Service Request, Incident).")
    labels: list[str] = Field([], description="One of these labels.")
    projects: list[str] = Field([], description="One of these projects' keys.")
    fields: dict[str, Taken | str] = Field({}, description="Field here -> field of Jira, beside those for all issues.")

    @model_validator(mode="after")
    def _some_condition(self) -> Sort:
        _known(self.fields)
        return self


class JiraSettings(SourceSettings):
    url: str = Field(description="https://SITE.atlassian.net, or https://api.atlassian.com/ex/jira/CLOUDID for OAuth.")
    email: str | None = Field(None, description="E-mail address of the account whose API token it is.")
    token: SecretStr | None = Field(None, description="API token (with email), or without email an OAuth bearer token.")
    client_id: str | None = Field(None, description="Or OAuth 2.0 credentials of a service account: its client id,")
    client_secret: SecretStr | None = Field(None, description="and its client secret; tokens are then renewed.")
    token_url: str = Field("https://auth.atlassian.com/oauth/token", description="Where such a token is asked for.")
    jql: str = Field(description="Which issues to read: `project in (DATA, SUP)`. No ORDER BY.")
    kinds: list[Sort] = Field(min_length=1, description="Which of them are which kind; the others are left out.")
    fields: dict[str, Taken | str] = Field(
        {}, description="Field here (priority, severity, size, complexity, team, asset, due_at; of incidents also "
        "started_at, detected_at, class, cause, found_by) -> field of Jira. Without: priority from Priority, due_at "
        "from Due date."
    )  # fmt: skip
    timezone: str = Field("UTC", description="Zone of Jira's dates without a time; something is due at the day's end.")
    refused: list[str] = Field(list(REFUSED), description="Resolutions that mean refused.")
    withdrawn: list[str] = Field(list(WITHDRAWN), description="That mean withdrawn (an incident: that there was none). "
                                 "Any other, and none in a status of the category Done, is done.")  # fmt: skip
    sla: str | None = Field(None, description="Service management: the SLA whose goal makes an issue due (Time to "
                            "resolution).")  # fmt: skip
    severities: dict[str, Literal[1, 2, 3, 4, 5]] = Field(
        {"Highest": 1, "High": 2, "Medium": 3, "Low": 4, "Lowest": 5},
        description="Jira's priority -> an incident's severity (unless `fields` of its kind maps severity).",
    )

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        zone(value)
        return value

    @field_validator("jql")
    @classmethod
    def _bounded(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("give a condition such as project in (DATA): Jira refuses a search without one")
        if _ORDER.search(value):
            raise ValueError("leave ORDER BY out: Tierline reads in its own order")
        return value.strip()

    @model_validator(mode="after")
    def _one_way_in(self) -> JiraSettings:
        if (self.client_id is None) != (self.client_secret is None):
            raise ValueError("client_id and client_secret belong together: give both or neither")
        if (self.token is None) == (self.client_id is None):
            raise ValueError(
                "give email and token (an API token), a token alone (OAuth), or client_id and client_secret"
            )
        _known(self.fields)
        return self


def _known(fields: dict[str, Taken | str]) -> None:
    unknown = sorted(set(fields) - set(FIELDS))
    if unknown:
        raise ValueError(f"{unknown[0]!r} is no field here; expected one of {', '.join(FIELDS)}")
