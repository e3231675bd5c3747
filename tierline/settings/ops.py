"""What of tierline.yaml says how a scraper reads Tierline: the listener, and how much /metrics tells."""

from __future__ import annotations

import ipaddress

from pydantic import Field, model_validator

from tierline.settings.model import Model


def loopback(host: str) -> bool:
    """Whether only this machine can reach what listens there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Metrics(Model):
    """How much /metrics tells."""

    cap: int = Field(
        default=4000,
        ge=100,
        description="The most series of results; beyond it breakdowns are left out first, and how many is told. What "
        "Tierline tells of itself is never left out.",
    )
    assets: tuple[str, ...] = Field(
        default=(),
        description="KPIs that are exposed asset by asset, too, as `[pipeline_success_rate]`: a series an asset each.",
    )


class Ops(Model):
    """/metrics, /healthz and /readyz, for a scraper."""

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int | None = Field(default=None, ge=1, le=65535, description="Port; one above the web's where absent.")
    open: bool = Field(default=False, description="`true`: yes, anybody who reaches the address may read the metrics.")
    metrics: Metrics = Field(default_factory=Metrics, description="How much /metrics tells.")

    @model_validator(mode="after")
    def _said(self) -> Ops:
        if not loopback(self.host) and not self.open:
            raise ValueError(
                f"host {self.host} can be reached from other machines; add `open: true` if that network may read "
                "the metrics, or listen on 127.0.0.1"
            )
        return self
