"""The way in to GitHub: a personal access token, or a GitHub App's installation token, which lives an hour."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from collectors.github.settings import GithubSettings
from collectors.http import Http
from collectors.secrets import star
from slo.errors import ConfigError, PermissionMissing

VERSION = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
REMEDY = ("Give the token this repository with the read-only rights that `tierline plugins github` lists (a classic "
          "token: scope repo), and approve it for the organisation (SSO).")  # fmt: skip
_LIFE = timedelta(minutes=9)
"""A JWT may live ten minutes at most."""
_SKEW = timedelta(seconds=60)
"""It is issued this far in the past, as GitHub advises: clocks differ."""


def session(settings: GithubSettings, now: Callable[[], datetime], rate: float | None) -> Http:
    """The session with this way in. An installation token is asked for at once, and anew where it has expired."""
    if settings.token is not None:
        token = settings.token.get_secret_value()
        headers = {**VERSION, "Authorization": f"Bearer {token}"}
        return Http(settings.url, headers=headers, secrets=(token,), remedy=REMEDY, rate=rate)

    def renew() -> dict[str, str]:
        return {"Authorization": f"Bearer {installation_token(settings, now())}"}

    http = Http(settings.url, headers=VERSION, remedy=REMEDY, rate=rate, renew=renew, secrets=(settings.private_key,))
    http.session.headers.update(renew())
    return http


def installation_token(settings: GithubSettings, at: datetime) -> str:
    """A new token of the App's installation, good for an hour. Raises PermissionMissing where GitHub refuses it."""
    remedy = "Check app_id, installation_id and private_key: the key is one of this App, and the App is installed."
    signed = app_jwt(settings, at)
    http = Http(settings.url, headers={**VERSION, "Authorization": f"Bearer {signed}"}, secrets=(signed,),
                remedy=remedy)  # fmt: skip
    answer = http.post(f"/app/installations/{settings.installation_id}/access_tokens", {})
    token = answer.get("token")
    if not token:
        raise PermissionMissing(f"{settings.url}: GitHub gave no installation token. {remedy}")
    star(str(token))
    return str(token)


def app_jwt(settings: GithubSettings, at: datetime) -> str:
    """The App's own signed word (RS256). Raises ConfigError: the library is missing, or the key is none."""
    try:
        import jwt
    except ImportError:
        raise ConfigError("a GitHub App needs the extra: pip install 'tierline[github-app]'") from None
    key = settings.private_key.get_secret_value() if settings.private_key else ""
    claims = {"iat": at - _SKEW, "exp": at + _LIFE, "iss": settings.app_id}
    try:
        return jwt.encode(claims, key, algorithm="RS256")
    except (ValueError, TypeError, jwt.PyJWTError):
        raise ConfigError("private_key is no RSA private key; give the App's .pem as file:/path") from None
