"""What the Airflow source asks of a server, the same for both generations: ``three`` and ``two``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from collectors.base import Period
from collectors.http import Http
from slo.errors import PermissionMissing, RetriableError, SourceError

Record = dict[str, Any]
GRANTS = (
    "A user with the role Viewer; or with a role of its own that has exactly: can read on DAGs, DAG Runs, Task "
    "Instances, Assets (Airflow 2: Datasets), ImportError and, in Airflow 3, Backfills."
)
RUN_FIELDS = (
    "dag_id", "dag_run_id", "run_type", "state", "triggered_by", "run_after", "queued_at", "start_date", "end_date",
    "logical_date", "execution_date", "data_interval_start", "data_interval_end",
)  # fmt: skip
TASK_FIELDS = ("dag_id", "dag_run_id", "task_id", "map_index", "state", "try_number")


class AirflowApi(Protocol):
    """A server. Every list is complete or raises; instants are told as texts, as the server writes them."""

    def version(self) -> str: ...

    def dags(self) -> list[Record]:
        """Every DAG, also those no longer in the DAG folder."""
        ...

    def details(self, dag_id: str) -> Record: ...

    def runs(self, period: Period) -> list[Record]:
        """Runs that are new or changed in the period, or that belong to it (history)."""
        ...

    def in_flight(self) -> list[Record]:
        """Runs that are queued or running, however old."""
        ...

    def run(self, dag_id: str, run_id: str) -> Record | None:
        """One run; None where it was deleted."""
        ...

    def tasks(self, runs: Sequence[Record], period: Period, failed: bool = False) -> Iterable[Record]:
        """Task instances of these runs, at least those that were retried, and all of a run that skipped one.
        ``failed``: also every one that failed."""
        ...

    def datasets(self) -> list[Record]: ...

    def events(self, start: datetime, end: datetime | None) -> list[Record]:
        """Dataset updates in [start, end)."""
        ...

    def backfills(self, dag_id: str) -> list[Record]: ...

    def import_errors(self) -> list[Record]:
        """DAG files that cannot be parsed now."""
        ...


def slim(record: Record, fields: Sequence[str]) -> Record:
    """The fields that are needed of a record: a period's runs are held in memory."""
    return {field: record.get(field) for field in fields}


def run_key(record: Record) -> tuple[str, str]:
    """What identifies a run on its server."""
    return record["dag_id"], record["dag_run_id"]


def task_key(record: Record) -> tuple[Any, ...]:
    """What identifies a task instance on its server."""
    return record["dag_id"], record["dag_run_id"], record["task_id"], record.get("map_index", -1)


def batches(runs: Sequence[Record], size: int = 50) -> Iterable[Sequence[Record]]:
    """Runs in groups for the batch endpoint, those of one DAG together: it answers the product of DAGs and run ids."""
    ordered = sorted(runs, key=run_key)
    return (ordered[at : at + size] for at in range(0, len(ordered), size))


def generation(http: Http) -> int:
    """2 or 3, by which API answers. Raises SourceError where none does."""
    reasons = []
    for number, path in ((3, "/api/v2/version"), (2, "/api/v1/version")):
        try:
            if str(http.get(path).get("version")):
                return number
        except (PermissionMissing, RetriableError):
            raise
        except (SourceError, AttributeError) as error:
            reasons.append(str(error))
    raise SourceError(
        f"{http.base}: neither an Airflow 3 (/api/v2) nor an Airflow 2 (/api/v1) answers. Set url to the web server's "
        f"address, with its path if it has one. {reasons[-1]}"
    )
