"""Airflow 3 through apache-airflow-client. Its raw-response calls are used: its strict models refuse enum values of a
newer server. It speaks urllib3, so the retries are set here; secrets are starred by the log record factory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import urllib3
from airflow_client.client import ApiClient, Configuration
from airflow_client.client.api import (
    asset_api,
    backfill_api,
    dag_api,
    dag_run_api,
    import_error_api,
    task_instance_api,
    version_api,
)
from airflow_client.client.exceptions import ApiException
from airflow_client.client.models.task_instances_batch_body import TaskInstancesBatchBody
from pydantic import SecretStr

from collectors.airflow.api import (
    GRANTS,
    RUN_FIELDS,
    TASK_FIELDS,
    Record,
    batches,
    run_key,
    slim,
    task_key,
)
from collectors.airflow.listing import listed
from collectors.base import Period
from collectors.http import Http, connection_error, decode, raise_for
from collectors.patience import patience, persist, timeout
from collectors.secrets import star
from slo.errors import PermissionMissing
from slo.interchange import instant

_RETRIED = list(range(2, 51))
"""Try numbers asked for in history: first tries are not read one by one. A server that doesn't know the filter answers
with all, which is as right."""
_ENDED = ("success", "failed")
_FAILED = ["failed", "upstream_failed"]


class _Client(ApiClient):
    """Remembers the URL asked last: urllib3's answer has lost it after a retry, and errors name it."""

    asked = ""

    def call_api(self, method: str, url: str, *rest: Any, **more: Any) -> Any:
        self.asked = url
        return super().call_api(method, url, *rest, **more)


class AirflowThree:
    """One Airflow 3 server. A ``token`` is used as it is; for a user a JWT is fetched, and renewed."""

    def __init__(self, http: Http, token: SecretStr | None, username: str | None, password: SecretStr | None) -> None:
        self.http, self.username, self.password = http, username, password
        self.config = Configuration(host=http.base.rstrip("/"), retries=patience())
        self.config.datetime_format = "%Y-%m-%dT%H:%M:%S.%fZ"
        self.config.access_token = token.get_secret_value() if token else None
        self.client = client = _Client(self.config)
        client.user_agent = "tierline"
        self._dags, self._runs = dag_api.DAGApi(client), dag_run_api.DagRunApi(client)
        self._tasks = task_instance_api.TaskInstanceApi(client)
        self._assets, self._backfills = asset_api.AssetApi(client), backfill_api.BackfillApi(client)
        self._version, self._imports = version_api.VersionApi(client), import_error_api.ImportErrorApi(client)

    def version(self) -> str:
        return str(self._ask(self._version.get_version_without_preload_content)["version"])

    def dags(self) -> list[Record]:
        call = self._dags.get_dags_without_preload_content
        return self._list(call, "dags", lambda dag: dag["dag_id"], False, exclude_stale=False, order_by=["dag_id"])

    def details(self, dag_id: str) -> Record:
        found: Record = self._ask(self._dags.get_dag_details_without_preload_content, dag_id=dag_id)
        return found

    def runs(self, period: Period) -> list[Record]:
        if period.incremental:
            return self._run_list(updated_at_gte=period.start)
        return [*self._run_list(**_slots(period)), *self._run_list(run_type=["backfill"], **_started(period))]

    def in_flight(self) -> list[Record]:
        return self._run_list(state=["queued", "running"])

    def _run_list(self, **filters: Any) -> list[Record]:
        call = self._runs.get_dag_runs_without_preload_content
        found = self._list(call, "dag_runs", run_key, True, dag_id="~", order_by=["id"], **filters)
        return [slim(run, RUN_FIELDS) for run in found]

    def run(self, dag_id: str, run_id: str) -> Record | None:
        call = self._runs.get_dag_run_without_preload_content
        found = self._ask(call, dag_id=dag_id, dag_run_id=run_id, absent=True)
        return slim(found, RUN_FIELDS) if found else None

    def tasks(self, runs: Sequence[Record], period: Period, failed: bool = False) -> Iterator[Record]:
        """Of a short period every task instance of its runs; of history the retried ones (and the failed ones where
        asked for), and all of runs in which something was skipped or that were due at another time (backfills)."""
        if period.incremental:
            yield from self._tasks_of(runs)
            return
        yield from self._task_list(try_number=_RETRIED, **_slots(period))
        if failed:
            yield from self._task_list(state=_FAILED, **_slots(period))
        skipped = {run_key(task) for task in self._task_list(state=["skipped"], **_slots(period))}
        yield from self._tasks_of([run for run in runs if run_key(run) in skipped or not _in_slots(run, period)])

    def _task_list(self, **filters: Any) -> list[Record]:
        call = self._tasks.get_task_instances_without_preload_content
        more = {"dag_id": "~", "dag_run_id": "~", "order_by": ["id"], **filters}
        return [slim(task, TASK_FIELDS) for task in self._list(call, "task_instances", task_key, True, **more)]

    def _tasks_of(self, runs: Sequence[Record]) -> Iterator[Record]:
        call = self._tasks.get_task_instances_batch_without_preload_content
        for group in batches(runs):
            dags, ids = {run["dag_id"] for run in group}, {run["dag_run_id"] for run in group}

            def ask(limit: int, offset: int, dags: set[str] = dags, ids: set[str] = ids) -> Record:
                body = TaskInstancesBatchBody(
                    dag_ids=sorted(dags), dag_run_ids=sorted(ids), page_limit=limit, page_offset=offset, order_by="id"
                )
                found: Record = self._ask(call, dag_id="~", dag_run_id="~", task_instances_batch_body=body)
                return found

            for task in listed(ask, "task_instances", task_key, cursor=False, what=self.http.base + "task_instances"):
                yield slim(task, TASK_FIELDS)

    def datasets(self) -> list[Record]:
        call = self._assets.get_assets_without_preload_content
        return self._list(call, "assets", lambda asset: asset["id"], False, order_by=["id"])

    def events(self, start: datetime, end: datetime | None) -> list[Record]:
        call = self._assets.get_asset_events_without_preload_content
        until = {"timestamp_lt": end} if end else {}
        more = {"timestamp_gte": start, "order_by": ["timestamp"], **until}
        return self._list(call, "asset_events", lambda event: event["id"], False, **more)

    def backfills(self, dag_id: str) -> list[Record]:
        call = self._backfills.list_backfills_without_preload_content
        return self._list(call, "backfills", lambda one: one["id"], False, dag_id=dag_id)

    def import_errors(self) -> list[Record]:
        call = self._imports.get_import_errors_without_preload_content
        return self._list(call, "import_errors", lambda one: one["import_error_id"], False)

    def _list(self, call: Any, items: str, key: Callable[[Record], Any], cursor: bool, **more: Any) -> list[Record]:
        return listed(
            lambda **page: self._ask(call, **more, **page), items, key, cursor=cursor, what=self.http.base + items
        )

    def _ask(self, call: Callable[..., Any], absent: bool = False, **arguments: Any) -> Any:
        """One decoded answer; None for 404 where ``absent`` is fine. What comes broken is asked for again."""
        return persist(lambda: self._told(call, absent, arguments))

    def _told(self, call: Callable[..., Any], absent: bool, arguments: dict[str, Any]) -> Any:
        """One try of it. An expired JWT (401 or 403) is renewed once."""
        if self.username and not self.config.access_token:
            self._renew()
        status, body, headers = self._answer(call, arguments)
        if status in (401, 403) and self.username:
            self._renew()
            status, body, headers = self._answer(call, arguments)
        if status == 404 and absent:
            return None
        raise_for(status, self.client.asked, body, f"This needs: {GRANTS}", headers)
        return decode(body, self.client.asked, headers.get("Content-Type", ""))

    def _answer(self, call: Callable[..., Any], arguments: dict[str, Any]) -> tuple[int, bytes, Mapping[str, str]]:
        self.http.pace.wait()
        try:
            answer = call(_request_timeout=timeout(), **arguments)
            body = answer.data
            answer.release_conn()
        except (urllib3.exceptions.HTTPError, ApiException) as error:
            raise connection_error(self.client.asked or self.http.base, error) from None
        return answer.status, body, answer.headers

    def _renew(self) -> None:
        """A new JWT for the user. Raises PermissionMissing where user or password is wrong."""
        assert self.username is not None and self.password is not None
        login = {"username": self.username, "password": self.password.get_secret_value()}
        token = self.http.post("/auth/token", login).get("access_token")
        if not isinstance(token, str):
            raise PermissionMissing(f"{self.http.base}auth/token gave no access_token. Set token instead of username.")
        star(token)
        self.config.access_token = token


def _slots(period: Period) -> dict[str, datetime]:
    """History goes by when runs were due; the newest period is open to what is due later."""
    return {"run_after_gte": period.start, **({} if period.latest else {"run_after_lt": period.end})}


def _started(period: Period) -> dict[str, datetime]:
    """A backfill's runs are due at their data's dates, which may lie before all history: they go by their start too."""
    return {"start_date_gte": period.start, **({} if period.latest else {"start_date_lt": period.end})}


def _in_slots(run: Record, period: Period) -> bool:
    due = instant(run["run_after"])
    return period.start <= due and (period.latest or due < period.end)
