"""What may be said of assets: what they are, who owns them, what is expected of them."""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

from pydantic import Field, field_validator, model_validator

from tierline.settings.model import Model
from tierline.settings.zones import zone

Kind = Literal["pipeline", "dataset", "service", "stream", "workload", "warehouse"]


class Freshness(Model):
    """How fresh a dataset must be: an age, or a delivery by a time of day."""

    max_age_seconds: float | None = Field(
        default=None, gt=0, description="Oldest age that still counts as fresh, in seconds."
    )
    calendar: Literal["business"] | None = Field(
        default=None, description="`business`: the age counts business days only."
    )
    deadline: str | None = Field(default=None, description="Delivered by, as `07:00`.")
    tz: str | None = Field(default=None, description="The deadline's time zone; the platform's where absent.")
    days: Literal["business", "daily"] | None = Field(default=None, description="On which days it is due.")
    cron: str | None = Field(default=None, description="On which days it is due, as a cron expression.")

    @field_validator("tz")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        return None if value is None else zone(value)

    @field_validator("deadline")
    @classmethod
    def _clock(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            raise ValueError("no time of day; write hours and minutes as 07:00")
        return value

    @model_validator(mode="after")
    def _one_form(self) -> Freshness:
        if (self.max_age_seconds is None) == (self.deadline is None):
            raise ValueError("say either max_age_seconds or deadline")
        return self


class Told(Model):
    """What the platform team itself says of assets. It is trusted before any source."""

    kind: Kind | None = Field(default=None, description="What the asset is.")
    tier: Literal[0, 1, 2, 3] | None = Field(default=None, description="How critical it is; 0 is the most critical.")
    owner: str | None = Field(default=None, description="The owning team, as shown.")
    team: str | None = Field(default=None, description="The team whose numbers it counts in.")
    domain: str | None = Field(default=None, description="The business domain.")
    environment: str | None = Field(default=None, description="`production`, `staging` ...; only production counts.")
    layer: str | None = Field(default=None, description="raw, staging, curated, mart, serving ...")
    description: str | None = Field(default=None, description="One sentence about it.")
    accountability: Literal["platform", "domain"] | None = Field(
        default=None, description="Who answers for its failures."
    )
    critical: bool | None = Field(default=None, description="A workload that query_p95 looks at, whatever its tier.")
    regulated: bool | None = Field(default=None, description="Under regulation; policy_compliance looks at it.")
    retired: bool | None = Field(default=None, description="No longer in use: nothing is expected of it any more.")
    schedule: str | None = Field(default=None, description="Cron expression, where no orchestrator tells it.")
    schedule_tz: str | None = Field(default=None, description="The cron expression's time zone.")
    grace_seconds: float | None = Field(
        default=None, ge=0, description="How late a run may start before its slot is missed."
    )
    freshness: Freshness | None = Field(default=None, description="How fresh it must be.")
    freshness_objective: float | None = Field(
        default=None, gt=0, le=1, description="Share of time fresh, or of deliveries."
    )
    quality_objective: float | None = Field(default=None, gt=0, le=1, description="Share of quality tests to pass.")
    since: date | None = Field(
        default=None,
        description="First day on which this holds. Without it tier, owner, team, domain and the like hold for the "
        "whole past; what is expected (schedule, freshness) is judged from the moment it is first read.",
    )

    @field_validator("schedule_tz")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        return None if value is None else zone(value)


class Rule(Told):
    """The same for every asset whose name matches. Of several that say a field the latest `since` in force wins, then
    the first; `assets` win over rules."""

    match: str = Field(description="Pattern over asset names, `*` and `?` as in a shell: `airflow-prod/finance_*`.")
    of_kind: Kind | None = Field(default=None, description="Only assets of this kind.")
