"""What may stand in a file of the decisions/ folder, as models. The JSON Schema in docs/ is made from here; reading and
telling: ``reading.py``."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field, model_validator

from slo.errors import ConfigError
from slo.shelf import shelf
from slo.windows import parse_window
from tierline.settings.model import Model

Correctable = Literal[
    "asset", "run", "dataset_update", "check_result", "incident", "alert", "change", "work_item", "meter",
    "distribution", "figure", "edge", "survey_answer", "entry", "coverage", "exclusion",
]  # fmt: skip
Reason = Literal["maintenance", "vendor", "upstream", "calendar", "agreed"]
LONGEST = timedelta(days=366)
_MAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")


def _moment(value: Any) -> Any:
    """A time with its offset; a day or a time without one is refused with the way to write it."""
    if isinstance(value, str) and not re.search(r"(Z|[+-]\d\d:?\d\d)$", value.strip()):
        raise ValueError("a time without its offset; write it as 2026-11-02T08:00:00+01:00, or with Z for UTC")
    return value


def _nobody(value: str) -> str:
    """Text that holds nobody's address: what is decided is shown, and nothing about individuals is."""
    if not value.strip():
        raise ValueError("nothing is said; write a few words")
    if _MAIL.search(value):
        raise ValueError("names a person; name the team, or a ticket")
    return value.strip()


def _kpi(value: str) -> str:
    """The id of a KPI on the shelf."""
    if value not in shelf():
        raise ValueError("no KPI of this name; `tierline kpis` lists them")
    return value


def _window(value: Any) -> Any:
    """A calendar window's name."""
    try:
        rolling = parse_window(str(value), datetime(2026, 1, 1, tzinfo=UTC), ZoneInfo("UTC")).rolling
    except ConfigError:
        rolling = True
    if rolling:
        raise ValueError("no period; write one such as 2026-11, 2026-W47, 2026-Q4 or 2026-11-02")
    return str(value).strip().upper()


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]
Text = Annotated[str, AfterValidator(_nobody)]
KpiId = Annotated[str, AfterValidator(_kpi)]
Period = Annotated[str, BeforeValidator(_window)]


class Decision(Model):
    """Who decided, and where it is written down."""

    by: str = Field(
        min_length=1,
        description="The team or role that decided. A person is shown as their team, by `people` of tierline.yaml.",
    )
    ref: Text | None = Field(default=None, description="Where it is written down: a ticket, a page, a status message.")


class Correct(Decision):
    """The right values of a fact that a source tells wrongly, laid over it whenever it is read."""

    fact: Correctable = Field(description="The kind of fact.")
    id: str = Field(min_length=1, description="The fact's id, as `tierline explain` prints it.")
    source: str | None = Field(default=None, description="The source that tells it; any, where absent.")
    set: dict[str, Any] = Field(min_length=1, description="Field -> its right value; null where nothing is right.")
    reason: Text = Field(description="Why, in a few words; shown wherever the fact is explained.")
    at: Moment | None = Field(default=None, description="When it was decided; of several the latest wins.")


class Exclude(Decision):
    """What falls into it is left out of good and bad, and kept apart by its reason."""

    assets: str | None = Field(default=None, min_length=1, description="Pattern over asset names: `*`, `?`.")
    team: str | None = Field(default=None, min_length=1, description="Only what counts for this team.")
    tier: Literal[0, 1, 2, 3] | None = Field(default=None, description="Only this tier.")
    kpis: tuple[KpiId, ...] | None = Field(default=None, description="Only these KPIs; else every one.")
    start: Moment = Field(description="From when, with its offset.")
    end: Moment = Field(description="Until when, with its offset; not included.")
    reason: Reason = Field(description='vendor and upstream are put back "as felt".')

    @model_validator(mode="after")
    def _bounded(self) -> Exclude:
        if (self.assets, self.team, self.tier) == (None, None, None) and not self.kpis:
            raise ValueError("would leave out everything; say which assets ('*' for all), team, tier or kpis")
        if self.end <= self.start:
            raise ValueError("ends before it starts; end must be after start")
        if self.end - self.start > LONGEST:
            raise ValueError(
                f"lasts {(self.end - self.start).days} days; end it within {LONGEST.days} days and decide anew"
            )
        return self

    @property
    def scope(self) -> tuple[Any, ...]:
        """What two exclusions must not say twice of one moment."""
        return self.assets, self.team, self.tier


class Note(Decision):
    """What a reader of the report or of a KPI's page should know of a period."""

    period: Period = Field(description="2026-11, 2026-W47, 2026-Q4, 2026-11-02 ...")
    kpis: tuple[KpiId, ...] = Field(
        default=(), description="The KPIs it stands beside; the whole report, where absent."
    )
    text: Text = Field(description="What is to be known, in a sentence or two.")


class SignOff(Decision):
    """Who agreed, and when: to an exclusion, or to a KPI's target."""

    exclusion: Text | None = Field(default=None, description="The `ref` of an exclusion in this folder.")
    kpi: KpiId | None = Field(default=None, description="The KPI whose target was agreed.")
    tier: Literal[0, 1, 2, 3] | None = Field(default=None, description="The target's tier, with `kpi`.")
    text: Text | None = Field(default=None, description="What was agreed, in a few words.")
    on: date = Field(description="The day it was agreed.")

    @model_validator(mode="after")
    def _one_thing(self) -> SignOff:
        if (self.exclusion is None) == (self.kpi is None):
            raise ValueError("agrees to one thing; name either the exclusion's ref or the kpi")
        return self


class Decided(Model):
    """One file."""

    corrections: tuple[Correct, ...] = Field(default=(), description="Facts put right.")
    exclusions: tuple[Exclude, ...] = Field(default=(), description="What is left out, and why.")
    notes: tuple[Note, ...] = Field(default=(), description="What is to be known of a period.")
    sign_offs: tuple[SignOff, ...] = Field(default=(), description="Who agreed, and when.")
