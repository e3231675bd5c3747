"""What the dbt source asks of dbt Cloud's Admin API v2. Every list is complete or raises."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from collectors.dbt.settings import Cloud
from collectors.http import Http
from collectors.totals import counted
from slo.errors import RetriableError, SourceError

Record = dict[str, Any]
GRANTS = (
    "A service token with the permission set Read-Only (it reads jobs, runs and their artifacts, and can start "
    "nothing): Account settings > API tokens > Service tokens. A personal token has its owner's rights."
)
IN_FLIGHT = (1, 2, 3)
"""Queued, starting, running."""
_PAGE = 100
_TRIES = 3


class CloudApi:
    """One account. ``rate``: requests a second at most."""

    def __init__(self, cloud: Cloud, rate: float | None) -> None:
        self.host = cloud.host
        token = cloud.token.get_secret_value()
        root = f"{cloud.host}/api/v2/accounts/{cloud.account_id}"
        remedy = f"This needs: {GRANTS}"
        self.http = Http(root, headers={"Authorization": f"Token {token}"}, secrets=(token,), remedy=remedy, rate=rate)

    def jobs(self) -> list[Record]:
        """Every job. Read again where jobs came or went while their pages were turned."""
        for _ in range(_TRIES):
            found: dict[Any, Record] = {}
            offset, total, least = 0, 1, 0
            while offset < total:
                answer = self.http.get("jobs/", {"limit": _PAGE, "offset": offset, "order_by": "id"})
                total = _total(answer, offset)
                least = min(least or total, total)
                found.update({job["id"]: job for job in answer["data"]})
                offset += len(answer["data"]) or total
            if len(found) >= least:
                counted(least, len(found))
                return list(found.values())
        raise RetriableError(f"{self.http.base}jobs/: counts {least} jobs, but its pages held only {len(found)}. The "
                             "next pass reads them again.")  # fmt: skip

    def finished(self, start: datetime, end: datetime) -> list[Record]:
        """Runs that ended from ``start`` to ``end``."""
        between = json.dumps([_text(start), _text(end)])
        return self._runs({"finished_at__range": between})

    def in_flight(self) -> list[Record]:
        """Runs that are queued, starting or running, however old."""
        return self._runs({"status__in": json.dumps(IN_FLIGHT)})

    def _runs(self, filters: Mapping[str, Any]) -> list[Record]:
        """By number, each page after the last number of the one before: what comes or goes meanwhile shifts nothing."""
        found: list[Record] = []
        last = 0
        while True:
            more = {"limit": _PAGE, "order_by": "id", "id__gt": last, "include_related": '["trigger"]'}
            page = self.http.get("runs/", {**filters, **more})["data"]
            if not page:
                return found
            if any(run["id"] <= last for run in page):
                raise SourceError(f"{self.http.base}runs/: it pages in another order than by id. Update dbt Cloud.")
            found += page
            last = max(run["id"] for run in page)

    def run(self, number: int, *related: str) -> Record | None:
        """One run; None where it was deleted."""
        return self._found(f"runs/{number}/", {"include_related": json.dumps(["trigger", *related])}, "data")

    def artifact(self, run: int, name: str, step: int | None = None) -> Record | None:
        """An artifact of a run, or of one of its steps; None where there is none."""
        return self._found(f"runs/{run}/artifacts/{name}", {"step": step} if step else {}, None)

    def _found(self, path: str, params: Mapping[str, Any], part: str | None) -> Record | None:
        try:
            answer = self.http.get(path, params)
        except SourceError as error:
            if "HTTP 404" in str(error):
                return None
            raise
        if not isinstance(answer, dict) or (part and not isinstance(answer.get(part), dict)):
            raise SourceError(f"{self.http.base}{path}: expected a JSON object. Is host the address of dbt Cloud?")
        found: Record = answer[part] if part else answer
        return found


def _total(answer: Record, offset: int) -> int:
    """What the server counts; without a count, that there is more as long as pages are full."""
    told = (((answer.get("extra") or {}).get("pagination")) or {}).get("total_count")
    read = offset + len(answer["data"])
    return int(told) if told is not None else read + (1 if len(answer["data"]) >= _PAGE else 0)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
