"""Settings shared by the sources that stand behind one URL with a bearer token or a user and password."""

from __future__ import annotations

from pydantic import Field, SecretStr, model_validator

from collectors.base import SourceSettings
from collectors.http import Http


class Credentials(SourceSettings):
    """Either a token or a user with a password, or neither."""

    token: SecretStr | None = Field(default=None, description="Bearer token, as env:NAME or file:/path.")
    username: str | None = Field(default=None, description="User for basic authentication.")
    password: SecretStr | None = Field(default=None, description="Password of that user, as env:NAME or file:/path.")

    @model_validator(mode="after")
    def _one_way_in(self) -> Credentials:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together: give both or neither")
        if self.token is not None and self.username is not None:
            raise ValueError("token and username exclude each other: give one of them")
        return self

    def http(self, url: str, remedy: str, rate: float | None = None) -> Http:
        """The session on ``url`` with these credentials; ``rate`` requests a second at most."""
        token = self.token.get_secret_value() if self.token else None
        auth = (self.username, self.password.get_secret_value()) if self.username and self.password else None
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return Http(url, headers=headers, auth=auth, secrets=(token,), remedy=remedy, rate=rate)
