"""The web listener: the page with its API and webhooks, and who may read them."""

from __future__ import annotations

import ipaddress

from pydantic import Field, SecretStr, field_validator, model_validator

from tierline.settings.model import Model
from tierline.settings.ops import loopback


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
