"""What the Airbyte source asks of the public API: bearer tokens that live for minutes, and listings by offset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr

from collectors.http import Http
from slo.errors import PermissionMissing, RetriableError, SourceError

Record = dict[str, Any]
GRANTS = (
    "An application (User settings > Applications) of a user who may read the workspaces: Workspace Reader, or "
    "Organization Reader for all. A self-hosted Airbyte Core has one application with all rights."
)
_PAGE = 100
_TRIES = 3


class AirbyteApi:
    """One Airbyte: its Cloud, or a server of one's own (``/api/public/v1``)."""

    def __init__(
        self, url: str, client: tuple[str, SecretStr] | None, basic: tuple[str, SecretStr] | None, rate: float | None
    ) -> None:
        self.client = client
        remedy = f"This needs: {GRANTS}"
        auth = (basic[0], basic[1].get_secret_value()) if basic else None
        self.http = Http(url, auth=auth, remedy=remedy, rate=rate, renew=self._token if client else None,
                         secrets=(client[1] if client else None,), renew_on=(401, 403))  # fmt: skip
        self.login = Http(url, secrets=(client[1] if client else None,), remedy="Check client_id and client_secret.",
                          rate=rate)  # fmt: skip

    def _token(self) -> Mapping[str, str]:
        """A new bearer token; the first one too, since without one the server answers 401."""
        assert self.client is not None
        name, secret = self.client
        told = self.login.post("applications/token", {
            "client_id": name, "client_secret": secret.get_secret_value(), "grant-type": "client_credentials"
        })  # fmt: skip
        token = told.get("access_token") if isinstance(told, dict) else None
        if not isinstance(token, str):
            raise PermissionMissing(f"{self.http.base}applications/token gave no access_token. Is url the API's (its "
                                    "path ends in /v1)?")  # fmt: skip
        return {"Authorization": f"Bearer {token}"}

    def connections(self, workspaces: list[str]) -> list[Record]:
        """Every connection, also those deleted: runs of theirs are still told."""
        return self._listed("connections", "connectionId", {"includeDeleted": "true", **_of(workspaces)})

    def jobs(self, workspaces: list[str], filters: Mapping[str, str]) -> list[Record]:
        """Sync jobs, in the order in which they were made, which never changes."""
        more = {"jobType": "sync", "orderBy": "createdAt|ASC", **_of(workspaces), **filters}
        return self._listed("jobs", "jobId", more)

    def job(self, number: int) -> Record | None:
        """One job; None where it is gone with its connection."""
        try:
            found: Record = self.http.get(f"jobs/{number}")
        except SourceError as error:
            if "HTTP 404" in str(error):
                return None
            raise
        return found

    def _listed(self, path: str, key: str, filters: Mapping[str, Any]) -> list[Record]:
        """Every record, once; read again where records moved while pages were turned."""
        for _ in range(_TRIES):
            found = self._turned(path, key, filters)
            if found is not None:
                return list(found.values())
        raise RetriableError(
            f"{self.http.base}{path}: its records kept moving while they were read, so some may be missing. Nothing of "
            "this period was kept as complete; the next pass reads it again."
        )

    def _turned(self, path: str, key: str, filters: Mapping[str, Any]) -> dict[Any, Record] | None:
        """Page after page. The server counts nothing, so each page is asked to begin with the last record of the one
        before: where it holds that no more, or nothing new, records moved, and the answer is None."""
        found: dict[Any, Record] = {}
        last, offset = None, 0
        while True:
            answer = self.http.get(path, {**filters, "limit": _PAGE, "offset": offset})
            page = {record[key]: record for record in answer["data"]}
            if last is not None and (last not in page or (len(page) > 1 and page.keys() <= found.keys())):
                return None
            found.update(page)
            if not answer.get("next") or len(page) < 2:
                return found
            last, offset = list(page)[-1], offset + len(answer["data"]) - 1


def _of(workspaces: list[str]) -> dict[str, list[str]]:
    return {"workspaceIds": workspaces} if workspaces else {}
