"""The way in to Jira: an API token with its account's address, a bearer token as it is, or a service account's client
credentials, whose token lives an hour and is asked for anew when it has expired."""

from __future__ import annotations

from collectors.http import Http
from collectors.jira.settings import JiraSettings
from collectors.secrets import star
from slo.errors import PermissionMissing

REMEDY = ("Give the account Browse projects on the projects of `jql`, and issue-level security where it is used. API "
          "token: email and token; OAuth: scope read:jira-work.")  # fmt: skip


def session(settings: JiraSettings, rate: float | None) -> Http:
    """The session with the way in that the settings give."""
    if settings.client_id is not None:
        http = Http(settings.url, remedy=REMEDY, rate=rate, renew=lambda: _bearer(access_token(settings)))
        http.session.headers.update(_bearer(access_token(settings)))
        return http
    token = settings.token.get_secret_value() if settings.token else ""
    auth = (settings.email, token) if settings.email else None
    headers = {} if auth else _bearer(token)
    return Http(settings.url, headers=headers, auth=auth, secrets=(token,), remedy=REMEDY, rate=rate)


def access_token(settings: JiraSettings) -> str:
    """A new token of the service account. Raises PermissionMissing where Atlassian refuses it."""
    secret = settings.client_secret.get_secret_value() if settings.client_secret else ""
    remedy = "Check client_id and client_secret: OAuth 2.0 credentials of a service account, not yet expired."
    asked = {"grant_type": "client_credentials", "client_id": settings.client_id, "client_secret": secret}
    answer = Http(settings.token_url, secrets=(secret,), remedy=remedy).post(settings.token_url, asked)
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if not token:
        raise PermissionMissing(f"{settings.token_url}: no access_token in the answer. {remedy}")
    star(str(token))
    return str(token)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
