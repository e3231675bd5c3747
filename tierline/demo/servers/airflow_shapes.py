"""Airflow 3's answers, record by record. Runs and events are written as text: half a million of them must be quick."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from json import dumps
from typing import Any

from tierline.demo.chance import ZONE
from tierline.demo.clock import following_tick
from tierline.demo.model import Dataset, Pipeline, Run, Update

RUN_TYPES = {"schedule": "scheduled", "event": "asset_triggered", "manual": "manual", "backfill": "backfill"}
_BY = {"schedule": "timetable", "event": "asset", "manual": "ui", "backfill": "backfill"}
TASK = "load"


def stamp(moment: datetime | None) -> str | None:
    """A time as Airflow writes it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None


def _text(moment: datetime | None) -> str:
    return f'"{stamp(moment)}"' if moment else "null"


@cache
def _version(dag_id: str) -> str:
    return dumps(dag_version(dag_id))


def dag_version(dag_id: str) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, dag_id)), "version_number": 1, "dag_id": dag_id,
        "bundle_name": "dags-folder", "bundle_version": None, "created_at": "2025-01-15T08:00:00Z",
        "dag_display_name": dag_id, "bundle_url": None,
    }  # fmt: skip


def run_after(run: Run) -> datetime:
    """A scheduled run's slot, a backfilled one's date; without one, when it was asked for."""
    return run.due or (run.earlier or (run.started,))[0]


def state(run: Run) -> str:
    """Airflow's word: a run whose tasks all skipped is a success to it."""
    return "success" if run.state == "skipped" else run.state


def dag_run(run: Run) -> str:
    """DAGRunResponse."""
    dag_id, due = run.pipeline.dag_id, _text(run.due)
    open_ = run.state == "running"
    end = "null" if open_ else _text(run.ended)
    duration = "null" if open_ else f"{(run.ended - run.started).total_seconds()}"
    return (
        f'{{"dag_run_id":"{run.run_id}","dag_id":"{dag_id}","logical_date":{due},'
        f'"queued_at":{_text(run.started)},"start_date":{_text(run.started)},"end_date":{end},"duration":{duration},'
        f'"data_interval_start":{due},"data_interval_end":{due},"run_after":{_text(run_after(run))},'
        f'"last_scheduling_decision":{end},"run_type":"{RUN_TYPES[run.trigger]}","state":"{state(run)}",'
        f'"triggered_by":"{_BY[run.trigger]}","triggering_user_name":null,"conf":{{}},"note":null,'
        f'"dag_versions":[{_version(dag_id)}],"bundle_version":null,"dag_display_name":"{dag_id}",'
        '"partition_key":null,"partition_date":null}'
    )


def task_state(run: Run) -> str:
    return {"skipped": "skipped"}.get(run.state, run.state)


def task_instance(run: Run, number: int | None = None) -> str:
    """TaskInstanceResponse of a run's one task; ``number``: as of that try (an earlier one has failed)."""
    dag_id, due = run.pipeline.dag_id, _text(run.due)
    last = number is None or number == run.tries
    end = "null" if run.state == "running" and last else _text(run.ended)
    duration = "null" if end == "null" else f"{(run.ended - run.started).total_seconds()}"
    ident = uuid.uuid5(uuid.NAMESPACE_URL, f"{dag_id}/{run.run_id}/{number or run.tries}")
    return (
        f'{{"id":"{ident}","task_id":"{TASK}","dag_id":"{dag_id}","dag_run_id":"{run.run_id}","map_index":-1,'
        f'"logical_date":{due},"run_after":{_text(run_after(run))},"start_date":{_text(run.started)},"end_date":{end},'
        f'"duration":{duration},"state":"{task_state(run) if last else "failed"}","try_number":{number or run.tries},'
        f'"max_tries":2,"task_display_name":"{TASK}","dag_display_name":"{dag_id}","hostname":"worker-1",'
        '"unixname":"airflow","pool":"default_pool","pool_slots":1,"queue":"default","priority_weight":1,'
        f'"operator":"PythonOperator","operator_name":"PythonOperator","queued_when":{_text(run.started)},'
        f'"scheduled_when":{_text(run.started)},"pid":1,"executor":null,"executor_config":"{{}}","note":null,'
        '"rendered_map_index":null,"rendered_fields":{},"trigger":null,"triggerer_job":null,'
        f'"dag_version":{_version(dag_id)}}}'
    )


def asset(dataset: Dataset, pipelines: Iterable[Pipeline]) -> dict[str, Any]:
    """AssetResponse: what makes it and what it starts, of the DAGs that are there now."""
    born = {"created_at": stamp(dataset.born), "updated_at": stamp(dataset.born)}
    found = list(pipelines)
    return {
        "id": dataset.number + 1, "name": dataset.name, "uri": dataset.name, "group": "asset", "extra": {}, **born,
        "scheduled_dags": [{"dag_id": one.dag_id, **born} for one in found if one.waits_for is dataset],
        "producing_tasks": [
            {"dag_id": one.dag_id, "task_id": TASK, **born} for one in found if any(d is dataset for d in one.outputs)
        ],
        "consuming_tasks": [], "aliases": [], "watchers": [], "last_asset_event": None,
    }  # fmt: skip


def asset_event(update: Update) -> str:
    """AssetEventResponse. How far the data reaches stands in ``extra``, where the DAG's author put it."""
    name = update.dataset.name
    return (
        f'{{"id":{update.number},"asset_id":{update.dataset.number + 1},"uri":"{name}","name":"{name}","group":"asset",'
        f'"extra":{{"data_through":"{stamp(update.through)}"}},"source_task_id":"{TASK}",'
        f'"source_dag_id":"{update.run.pipeline.dag_id}","source_run_id":"{update.run.run_id}","source_map_index":-1,'
        f'"created_dagruns":[],"timestamp":"{stamp(update.at)}","partition_key":null}}'
    )


def dag(pipeline: Pipeline, now: datetime) -> dict[str, Any]:
    """DAGResponse as of now. Tier, team and domain are tags."""
    version, dag_id = pipeline.at(now), pipeline.dag_id
    following = stamp(following_tick(version.schedule, now)) if version.schedule else None
    names = [f"domain:{pipeline.domain}", f"team:{version.team}", f"tier:{version.tier}"]
    return {
        "dag_id": dag_id, "dag_display_name": dag_id, "is_paused": version.paused, "is_stale": version.retired,
        "last_parsed_time": stamp(now), "last_parse_duration": 0.08, "last_expired": None,
        "bundle_name": "dags-folder", "bundle_version": None, "relative_fileloc": f"{dag_id}.py",
        "fileloc": f"/opt/airflow/dags/{dag_id}.py", "description": pipeline.description,
        "timetable_summary": version.schedule or "Asset", "timetable_description": None,
        "timetable_partitioned": False, "timetable_periodic": version.schedule is not None,
        "tags": [{"name": name, "dag_id": dag_id, "dag_display_name": dag_id} for name in names],
        "max_active_tasks": 16, "max_active_runs": 16, "max_consecutive_failed_dag_runs": 0,
        "has_task_concurrency_limits": False, "has_import_errors": False, "next_dagrun_logical_date": following,
        "next_dagrun_data_interval_start": following, "next_dagrun_data_interval_end": following,
        "next_dagrun_run_after": following,
        "allowed_run_types": None, "owners": [version.team], "is_backfillable": version.schedule is not None,
        "file_token": dag_id,
    }  # fmt: skip


def dag_details(pipeline: Pipeline, now: datetime) -> dict[str, Any]:
    """DAGDetailsResponse: the zone of the schedule stands here."""
    source = pipeline.waits_for
    return {
        **dag(pipeline, now), "catchup": False, "dag_run_timeout": None,
        "asset_expression": {"all": [{"asset": {"uri": source.name, "name": source.name, "group": "asset"}}]}
        if source else None,
        "doc_md": None, "start_date": stamp(pipeline.born), "end_date": None, "is_paused_upon_creation": None,
        "params": {}, "render_template_as_native_obj": False, "template_search_path": None, "timezone": ZONE.key,
        "last_parsed": stamp(now), "default_args": {"owner": pipeline.at(now).team, "retries": 2},
        "rerun_with_latest_version": None, "owner_links": {}, "is_favorite": False, "active_runs_count": 0,
        "concurrency": 16, "latest_dag_version": dag_version(pipeline.dag_id),
    }  # fmt: skip


def backfill(runs: list[Run]) -> dict[str, Any]:
    """BackfillResponse of one backfill's runs, oldest first."""
    first, last = runs[0], runs[-1]
    done = all(run.state != "running" for run in runs)
    return {
        "id": int(first.backfill or 0), "dag_id": first.pipeline.dag_id, "from_date": stamp(first.due),
        "to_date": stamp(last.due), "dag_run_conf": None, "is_paused": False, "reprocess_behavior": "none",
        "max_active_runs": 1, "created_at": stamp(first.started), "completed_at": stamp(last.ended) if done else None,
        "updated_at": stamp(last.ended if done else first.started), "dag_display_name": first.pipeline.dag_id,
    }  # fmt: skip
