"""tierline.yaml as a whole."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from pydantic import Field, field_validator, model_validator

from collectors.spans import Span
from tierline.settings.alerts import Alerts
from tierline.settings.assets import Rule, Told
from tierline.settings.days import Holidays, Hours
from tierline.settings.model import Model
from tierline.settings.notify import Notify, once_each
from tierline.settings.ops import Ops
from tierline.settings.out import Digest, Report
from tierline.settings.web import Web
from tierline.settings.zones import zone


class Settings(Model):
    """tierline.yaml as a whole."""

    timezone: str = Field(
        default="UTC", description="The platform's time zone, an IANA name. A day is a day of this zone."
    )
    store: str = Field(
        default="sqlite:///var/tierline.db",
        repr=False,
        description="SQLAlchemy URL of the store; TIERLINE_STORE overrides it. A password in it makes it a secret: "
        "write `env:NAME`.",
    )
    profile: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z0-9_]*$",
        description="The profile that page, report and scorecard show by default: `staff_platform`, `lead_platform`, "
        "`distinguished_platform`, `staff_dataops`, `associate_platform`, one of your own, or, where absent, "
        "`platform`: twelve lines of these.",
    )
    targets: str | None = Field(
        default=None,
        description="The folder of the targets that you have adopted, and of profiles of your own, beside this file; "
        "`targets`, where there is one. `tierline adopt` writes it.",
    )
    mature: bool = Field(
        default=False, description="A mature platform is judged by the stricter of two published bands."
    )
    currency: str = Field(default="USD", pattern=r"^[A-Z]{3}$", description="Currency of every cost shown.")
    rates: dict[str, dict[date, float]] = Field(
        default={}, description="Other currencies: first day in force -> units of `currency` for one unit."
    )
    holidays: Holidays = Field(default_factory=Holidays, description="Days that are no business days.")
    support_hours: Hours = Field(default_factory=Hours, description="When acknowledgements are expected.")
    grace_seconds: float = Field(
        default=900, ge=0, description="How late a run may start before its slot counts as missed."
    )
    freshness_objective: float = Field(default=0.99, gt=0, le=1, description="Share of time a dataset must be fresh.")
    quality_objective: float = Field(
        default=0.98, gt=0, le=1, description="Share of its checks that a dataset must pass where it names none itself."
    )
    settle_deployment: Span = Field(
        default=timedelta(hours=24),
        description="How long a deployment can still fail: after this it counts as good.",
    )
    guess_failures_within: Span | None = Field(
        default=None,
        description="Blame an incident that names no change on the newest production deployment of one of its assets, "
        "made at most this long before it, as `2h`; marked as guessed. None: nothing is guessed.",
    )
    templates: tuple[str, ...] = Field(
        default=(), description="The approved templates of new pipelines; none: whatever `template` they name is one."
    )
    sources: dict[str, dict[str, Any]] = Field(
        default={},
        description="What to read: a name of yours -> `type` and its settings. The order is the order of trust.",
    )
    assets: dict[str, Told] = Field(default={}, description="What you say of single assets, by name.")
    rules: tuple[Rule, ...] = Field(default=(), description="What you say of all assets that match a pattern.")
    decisions: str | None = Field(
        default=None,
        description="The folder of corrections, exclusions, notes and sign-offs, beside this file; `decisions`, where "
        "there is one.",
    )
    excluded_cap: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="Share of a number that exclusions may leave out before it carries a caveat.",
    )
    critical: str | None = Field(
        default=None,
        description="A CSV or Excel file of the critical assets, beside this one: columns `asset` (name, short name or "
        "pattern), and where wanted `tier` (1 where empty), `owner`, `team`, `domain`, `reason`. Ranks between "
        "`assets` and `rules`; what it doesn't name is not tiered by it.",
    )
    kpis: str | None = Field(
        default=None,
        description="The folder of KPIs of your own, a file each, beside this file; `kpis`, where there is one.",
    )
    people: dict[str, str] = Field(
        default={}, description="Person, as sources write it -> team. Only teams are stored."
    )
    alerts: Alerts = Field(default_factory=Alerts, description="What is worth telling at once, and whom.")
    notify: tuple[Notify, ...] = Field(default=(), description="Who is told of alerts and changes, and of the digest.")
    digest: Digest | None = Field(default=None, description="When the digest is sent, and a channel of Slack for it.")
    report: Report = Field(
        default_factory=Report, description="When periods are closed and reported, and where the report goes."
    )
    web: Web = Field(default_factory=Web, description="The dashboard's listener.")
    ops: Ops = Field(default_factory=Ops, description="The listener for /metrics and health.")

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        return zone(value)

    @field_validator("settle_deployment", "guess_failures_within")
    @classmethod
    def _within_a_year(cls, value: timedelta | None) -> timedelta | None:
        if value is not None and not timedelta(0) <= value <= timedelta(days=365):
            raise ValueError("expected a time from 0s to 365d, such as 2h")
        return value

    @field_validator("rates")
    @classmethod
    def _positive(cls, value: dict[str, dict[date, float]]) -> dict[str, dict[date, float]]:
        for currency, days in value.items():
            if not re.fullmatch(r"[A-Z]{3}", currency) or not days or min(days.values()) <= 0:
                raise ValueError(f"{currency}: expected a currency such as EUR with lines like `2026-01-01: 1.08`")
        return value

    @field_validator("notify")
    @classmethod
    def _receivers(cls, value: tuple[Notify, ...]) -> tuple[Notify, ...]:
        return once_each(value)

    @model_validator(mode="after")
    def _digest_goes_somewhere(self) -> Settings:
        if self.digest is not None and not self.digest.named and not any("digest" in one.what for one in self.notify):
            raise ValueError("the digest goes nowhere; say `slack:` in `digest:`, or `what: [digest]` of a receiver")
        return self

    @property
    def ops_port(self) -> int:
        """Where /metrics listens."""
        return self.ops.port if self.ops.port is not None else self.web.port + 1
