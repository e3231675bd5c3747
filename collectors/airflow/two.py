"""Airflow 2 (2.6 and later) through its REST API v1.

It pages by offset only, refuses parameters it doesn't know with HTTP 400, and cannot filter dataset events by time.
Runs are taken by ``updated_at``, in history too: every run has exactly one, and it is never before the run was due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from collectors.airflow.api import (
    RUN_FIELDS,
    TASK_FIELDS,
    Record,
    batches,
    run_key,
    slim,
    task_key,
)
from collectors.airflow.listing import LIMIT, TRIES, listed
from collectors.base import Period
from collectors.http import Http
from slo.errors import RetriableError, SourceError
from slo.interchange import instant

_ROOT = "/api/v1"


class AirflowTwo:
    """One Airflow 2 server; ``http`` carries the credentials (basic or bearer)."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def version(self) -> str:
        return str(self.http.get(f"{_ROOT}/version")["version"])

    def dags(self) -> list[Record]:
        return self._list("/dags", "dags", lambda dag: dag["dag_id"], {"only_active": "false", "order_by": "dag_id"})

    def details(self, dag_id: str) -> Record:
        found: Record = self.http.get(f"{_ROOT}/dags/{quote(dag_id, safe='')}/details")
        return found

    def runs(self, period: Period) -> list[Record]:
        until = {} if period.latest else {"updated_at_lte": _text(period.end)}
        return self._run_list({"updated_at_gte": _text(period.start), **until})

    def in_flight(self) -> list[Record]:
        return self._run_list({"state": "queued"}) + self._run_list({"state": "running"})

    def _run_list(self, filters: Record) -> list[Record]:
        found = self._list("/dags/~/dagRuns", "dag_runs", run_key, {"order_by": "id", **filters})
        return [slim(run, RUN_FIELDS) for run in found]

    def run(self, dag_id: str, run_id: str) -> Record | None:
        try:
            found = self.http.get(f"{_ROOT}/dags/{quote(dag_id, safe='')}/dagRuns/{quote(run_id, safe='')}")
        except SourceError as error:
            if "HTTP 404" in str(error):
                return None
            raise
        return slim(found, RUN_FIELDS)

    def tasks(self, runs: Sequence[Record], period: Period, failed: bool = False) -> Iterator[Record]:
        """Every task instance of these runs: this API cannot ask for retried ones alone."""
        for group in batches(runs):
            body = {
                "dag_ids": sorted({run["dag_id"] for run in group}),
                "dag_run_ids": sorted({run["dag_run_id"] for run in group}),
            }

            def ask(limit: int, offset: int, body: Record = body) -> Record:
                path = f"{_ROOT}/dags/~/dagRuns/~/taskInstances/list"
                found: Record = self.http.post(path, {**body, "page_limit": limit, "page_offset": offset})
                return found

            for task in listed(ask, "task_instances", task_key, cursor=False, what=self.http.base + "task_instances"):
                yield slim(task, TASK_FIELDS)

    def datasets(self) -> list[Record]:
        return self._list("/datasets", "datasets", lambda one: one["id"], {"order_by": "id"})

    def events(self, start: datetime, end: datetime | None) -> list[Record]:
        """Newest first, down to ``start``. Read again where more came twice than arrived meanwhile; raises
        RetriableError where that goes on."""
        for _ in range(TRIES):
            found, twice, arrived = self._newest_first(start)
            if twice <= arrived:
                return [event for event in found if start <= instant(event["timestamp"]) < (end or _FOREVER)]
        raise RetriableError(f"{self.http.base}{_ROOT[1:]}/datasets/events: {twice} events came twice, so as many were "
                             "not seen. The next pass reads this period again.")  # fmt: skip

    def _newest_first(self, start: datetime) -> tuple[list[Record], int, int]:
        """Every event down to ``start``, how many came twice, and how many arrived and so shifted the pages."""
        found: dict[Any, Record] = {}
        offset, totals = 0, [1]
        while offset < totals[-1]:
            page = {"limit": LIMIT, "offset": offset, "order_by": "-timestamp"}
            answer = self.http.get(f"{_ROOT}/datasets/events", page)
            events = answer["dataset_events"]
            totals.append(int(answer["total_entries"]))
            found.update({event["id"]: event for event in events})
            offset += len(events)
            if not events or instant(events[-1]["timestamp"]) < start:
                break
        return list(found.values()), offset - len(found), max(0, totals[-1] - totals[1])

    def backfills(self, dag_id: str) -> list[Record]:
        """Airflow 2 keeps no record of a backfill."""
        return []

    def import_errors(self) -> list[Record]:
        return self._list("/importErrors", "import_errors", lambda one: one["import_error_id"], {})

    def _list(self, path: str, items: str, key: Any, filters: Record) -> list[Record]:
        return listed(
            lambda **page: self.http.get(_ROOT + path, {**filters, **page}), items, key, cursor=False,
            what=self.http.base.rstrip("/") + _ROOT + path,
        )  # fmt: skip


_FOREVER = datetime.max.replace(tzinfo=UTC)


def _text(moment: datetime) -> str:
    """Airflow takes ISO 8601 with an offset only; Z spares the escaping of a plus."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
