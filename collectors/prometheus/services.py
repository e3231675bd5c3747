"""What is measured over Prometheus: a service's good and total events, by two expressions, by samples of zeros and
ones, or by time slices."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from collectors.spans import Span


class Service(BaseModel):
    """What is told of the service beside its readings."""

    model_config = ConfigDict(extra="forbid")

    service: str = Field(min_length=1, description="The service's name; its asset is <namespace>/<service>.")
    tier: Literal[0, 1, 2, 3] | None = Field(default=None, description="The service's tier.")
    team: str | None = Field(default=None, description="The team that runs it.")
    domain: str | None = Field(default=None, description="Its domain.")
    owner: str | None = Field(default=None, description="Its owner.")
    description: str | None = Field(default=None, description="What it is.")
    critical: bool | None = Field(default=None, description="Whether it is critical whatever its tier.")
    step: Span | None = Field(default=None, description="How long one reading is; default: the source's step.")


class Sli(Service):
    """Two expressions counting events; ``$step`` stands for the step."""

    good: str = Field(description='Good events of one step: sum(increase(http_requests_total{code!~"5.."}[$step])).')
    total: str = Field(description="All events of one step: sum(increase(http_requests_total[$step])).")

    def expressions(self, step: timedelta) -> dict[str, str]:
        """PromQL of both meters over one step."""
        texts = {"good": self.good, "total": self.total}
        return {meter: text.replace("$step", range_of(step)) for meter, text in texts.items()}


class Probe(Service):
    """A metric that is 1 where all is well and 0 where not (``up``, ``probe_success``): every sample is an event."""

    selector: str = Field(description='The samples that count, such as probe_success{job="blackbox"}.')

    def expressions(self, step: timedelta) -> dict[str, str]:
        """PromQL of both meters over one step."""
        over = f"({self.selector}[{range_of(step)}])"
        return {"good": f"sum(sum_over_time{over})", "total": f"sum(count_over_time{over})"}


class Slices(Service):
    """Time in slices of one step. Each is one event, whatever its traffic."""

    expression: str = Field(description="The figure of one slice: max_over_time(queue_seconds[$step]).")
    op: Literal["lte", "lt", "gte", "gt"] | None = Field(
        default=None, description="How the figure of a good slice stands to the value. Without it the figure is itself "
        "the good share of its slice, 0 to 1.",
    )  # fmt: skip
    value: float | None = Field(default=None, description="What the figure is compared with.")

    @model_validator(mode="after")
    def _both(self) -> Slices:
        if (self.op is None) != (self.value is None):
            raise ValueError("op and value belong together: write both, or neither where the figure is a share")
        return self

    def expressions(self, step: timedelta) -> dict[str, str]:
        """PromQL of the figure over one slice."""
        return {"slice": self.expression.replace("$step", range_of(step))}


Measured = Sli | Probe | Slices


def seconds(step: timedelta) -> int:
    """Its whole seconds, one at least."""
    return max(1, round(step.total_seconds()))


def range_of(step: timedelta) -> str:
    """As PromQL writes it."""
    return f"{seconds(step)}s"
