"""What stands in tierline.yaml, as models. Every field says in its description what it does: the reference in docs/ and
the JSON Schema are made from here. Reading, places and secrets: ``config.py``."""

from __future__ import annotations

import ipaddress
import re
from datetime import date, time, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from tierline.settings_model import Model
from tierline.settings_ops import Ops, loopback
from tierline.settings_out import Digest, Report

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Kind = Literal["pipeline", "dataset", "service", "stream", "workload", "warehouse"]

_SPAN = re.compile(r"^(\d+(?:\.\d+)?)\s*(s|m|h|d)$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def span(value: Any) -> Any:
    """``90s``, ``5m``, ``2h``, ``1d`` as a timedelta; anything else as it is, for pydantic to judge."""
    match = _SPAN.match(value) if isinstance(value, str) else None
    return timedelta(**{_UNITS[match[2]]: float(match[1])}) if match else value


Span = Annotated[timedelta, BeforeValidator(span, json_schema_input_type=str | float)]


def zone(name: str) -> str:
    """The name itself. Raises ValueError where no such zone is known."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("no such time zone; write an IANA name such as Europe/Berlin or UTC") from None
    return name


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


class Holidays(Model):
    """Days cut out of business days. None by default."""

    country: str | None = Field(
        default=None, description="ISO 3166 code (`DE`); its public holidays are not business days."
    )
    subdivision: str | None = Field(default=None, description="State or region within the country (`BE`).")
    add: tuple[date, ...] = Field(default=(), description="More days off.")
    remove: tuple[date, ...] = Field(default=(), description="Holidays that are worked.")

    @model_validator(mode="after")
    def _known(self) -> Holidays:
        if self.country is None:
            if self.subdivision is not None:
                raise ValueError("a subdivision needs its country")
            return self
        from holidays import list_supported_countries

        known = list_supported_countries(include_aliases=True)
        if self.country not in known:
            raise ValueError(f"country {self.country!r} is not known; write an ISO 3166 code such as DE, FR, IN, US")
        if self.subdivision is not None and self.subdivision not in known[self.country]:
            raise ValueError(f"subdivision {self.subdivision!r} of {self.country}: " + _choices(known[self.country]))
        return self


def _choices(words: list[str]) -> str:
    return f"expected one of {', '.join(words)}" if words else "it has none"


class Hours(Model):
    """When the clock of an acknowledgement runs, in the platform's zone."""

    days: tuple[Weekday, ...] = Field(
        default=("mon", "tue", "wed", "thu", "fri"), min_length=1, description="Weekdays."
    )
    start: time = Field(default=time(9), description="Start, as `09:00`.")
    end: time = Field(default=time(17), description="End, as `17:00`; after the start.")

    @model_validator(mode="after")
    def _forward(self) -> Hours:
        if self.end <= self.start:
            raise ValueError("end must be after start; support around midnight: split it over the days")
        return self


class TrustedProxy(Model):
    """A reverse proxy that has already authenticated the user."""

    header: str = Field(default="X-Forwarded-User", description="The header in which the proxy names the user.")
    networks: tuple[str, ...] = Field(min_length=1, description="Networks the proxy calls from, as `10.0.0.0/8`.")

    @field_validator("networks")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ipaddress.ip_network(network)
        return value


class Web(Model):
    """The dashboard, its API and the webhooks."""

    host: str = Field(
        default="127.0.0.1", description="Address to listen on. Beyond loopback, tokens or trusted_proxy is needed."
    )
    port: int = Field(default=8050, ge=1, le=65535, description="Port; TIERLINE_PORT overrides it.")
    tokens: tuple[SecretStr, ...] = Field(
        default=(),
        description="Tokens that open the page: as `Authorization: Bearer`, or as the password a browser asks for.",
    )
    trusted_proxy: TrustedProxy | None = Field(default=None, description="Trust a proxy's header.")
    hosts: tuple[str, ...] = Field(
        default=(), description="Further names by which a page without authentication is called."
    )
    max_body_bytes: int = Field(default=5_000_000, ge=1_000, description="Largest webhook body taken.")

    @property
    def authenticated(self) -> bool:
        """Whether anybody is asked who they are."""
        return bool(self.tokens) or self.trusted_proxy is not None

    @model_validator(mode="after")
    def _guarded(self) -> Web:
        if not loopback(self.host) and not self.authenticated:
            raise ValueError(
                f"host {self.host} can be reached from other machines, and nobody would be asked who they are; "
                "add `tokens: [env:TIERLINE_WEB_TOKEN]` or `trusted_proxy`, or listen on 127.0.0.1"
            )
        return self


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
    digest: Digest | None = Field(default=None, description="A daily message to Slack. None where it is absent.")
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

    @property
    def ops_port(self) -> int:
        """Where /metrics listens."""
        return self.ops.port if self.ops.port is not None else self.web.port + 1
