"""Airflow's records as facts. Pure: no network, no clock. Both generations; fields that a newer server adds and words
it invents don't matter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from slo.interchange import instant

Record = dict[str, Any]

TRIGGERS = {
    "scheduled": "schedule",
    "asset_triggered": "event", "dataset_triggered": "event", "asset_materialization": "event",
    "manual": "manual", "operator_triggered": "manual",
    "backfill": "backfill",
}  # fmt: skip
STATES = {"success": "success", "failed": "failed", "queued": "running", "running": "running"}
FAILED_TASKS = ("failed", "upstream_failed")
PRESETS = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *",
    "@quarterly": "0 0 1 */3 *", "@yearly": "0 0 1 1 *",
}  # fmt: skip
_FIVE = re.compile(r"(\S+\s+){4}\S+")
_NOBODY = "airflow"
"""The default owner of every DAG: nobody has taken it."""
_DAY = 86_400


@dataclass(frozen=True)
class Tags:
    """How tags are read: patterns with one group each, and words that stand for a tier."""

    tier: re.Pattern[str]
    team: re.Pattern[str]
    domain: re.Pattern[str]
    tiers: Mapping[str, int]

    def tier_of(self, tags: Sequence[str]) -> int | None:
        """The most critical tier that the tags name."""
        named = [self.tiers[tag] for tag in tags if tag in self.tiers]
        found = [int(match[1]) for tag in tags if (match := self.tier.fullmatch(tag))]
        return min(named + found, default=None)

    def first(self, pattern: re.Pattern[str], tags: Sequence[str]) -> str | None:
        """The first tag's value of a pattern, in alphabetical order (Airflow's own order isn't stable)."""
        return min((match[1].strip() for tag in tags if (match := pattern.fullmatch(tag))), default=None)


def run_id(run: Record) -> str:
    """The id of a run: its own id is unique within its DAG only."""
    return f"{run['dag_id']}/{run['dag_run_id']}"


def run_state(run: Record, all_skipped: bool) -> str:
    """A state word nobody knows yet: ended is taken as cancelled, which counts nowhere; else in flight. A run whose
    tasks were all skipped did nothing, though Airflow calls it a success."""
    state = STATES.get(str(run["state"]), "cancelled" if run.get("end_date") else "running")
    return "skipped" if state == "success" and all_skipped else state


def critical_failed(tasks: Sequence[Record], critical: Sequence[str]) -> bool:
    """Whether a task that decides (patterns of ``dag.task``) failed, though the run may be a success: Airflow judges by
    the last tasks alone, and a clean-up that runs in any case (``all_done``) is one."""
    failed = (f"{task['dag_id']}.{task['task_id']}" for task in tasks if task.get("state") in FAILED_TASKS)
    return any(fnmatchcase(name, pattern) for name in failed for pattern in critical)


def due_at(run: Record) -> str | None:
    """When a scheduled run was due: Airflow 3 says run_after, in Airflow 2 it is the end of the data interval."""
    if run.get("run_type") != "scheduled":
        return None
    return run.get("run_after") or run.get("data_interval_end") or run.get("logical_date")


def run_fact(run: Record, asset: str, base: str, known: Mapping[str, Any]) -> Record:
    """A run. ``known``: tries, all_skipped, broken (a task that decides failed), and of backfills their DAG and its
    backfills, as far as they were read."""
    backfill = run.get("run_type") == "backfill"
    state = run_state(run, bool(known.get("all_skipped")))
    return {
        "fact": "run", "id": run_id(run), "asset": asset, "url": run_url(run, base),
        "state": "failed" if state == "success" and known.get("broken") else state,
        "trigger": TRIGGERS.get(str(run.get("run_type"))),
        "due_at": due_at(run), "started_at": run.get("start_date"), "ended_at": run.get("end_date"),
        "tries": known.get("tries"),
        "backfill": backfill_id(run, known.get("backfills") or ()) if backfill else None,
        "days_covered": days_covered(run, known.get("dag") or {}) if backfill else None,
    }  # fmt: skip


def run_url(run: Record, base: str) -> str:
    """The run's page; Airflow 2 is told by having no run_after."""
    dag, name = quote(run["dag_id"], safe=""), quote(run["dag_run_id"], safe="")
    if run.get("run_after"):
        return f"{base}/dags/{dag}/runs/{name}"
    return f"{base}/dags/{dag}/grid?dag_run_id={name}"


def backfill_id(run: Record, backfills: Sequence[Record]) -> str:
    """The backfill a run belongs to. The API doesn't say: it is the newest of the DAG that was created before the run
    was queued and covers its date; the DAG alone where there is none."""
    queued, date = run.get("queued_at") or run.get("start_date"), run.get("logical_date") or run.get("run_after")
    fitting = [
        one for one in backfills
        if queued and date and instant(one["created_at"]) <= instant(queued)
        and instant(one["from_date"]) <= instant(date) <= instant(one["to_date"]) + timedelta(days=1)
    ]  # fmt: skip
    newest = max(fitting, key=lambda one: (instant(one["created_at"]), one["id"]), default=None)
    return f"{run['dag_id']}/{newest['id']}" if newest else str(run["dag_id"])


def days_covered(run: Record, dag: Record) -> float | None:
    """Days of data a run fills: its interval; where that is a point (Airflow 3's default), to the cron's next tick."""
    start, end = run.get("data_interval_start"), run.get("data_interval_end")
    if not start or not end:
        return None
    first, last = instant(start), instant(end)
    cron = cron_of(dag)
    if first == last and cron:
        last = next(CronSim(cron, first.astimezone(ZoneInfo(dag.get("timezone") or "UTC"))))
    return (last - first).total_seconds() / _DAY or None


def attempts(tasks: Sequence[Record]) -> tuple[int | None, bool]:
    """Of one run's task instances: the highest try, and whether all of them were skipped."""
    tries = max((int(task.get("try_number") or 0) for task in tasks), default=0)
    states = {task.get("state") for task in tasks} - {"removed"}
    return tries or None, states == {"skipped"}


def dag_fact(dag: Record, asset: str, base: str, zones: Sequence[str], tags: Tags) -> Record:
    """A DAG as it is today. ``zones``: what its schedule's zone may be, the likeliest first."""
    words = sorted(tag["name"] for tag in dag.get("tags") or ())
    owner = owner_of(dag.get("owners") or ())
    schedule, schedule_tz = schedule_of(dag, zones)
    return {
        "fact": "asset", "asset": asset, "kind": "pipeline", "url": f"{base}/dags/{quote(dag['dag_id'], safe='')}",
        "description": dag.get("description"), "tags": words or None, "tier": tags.tier_of(words), "owner": owner,
        "team": tags.first(tags.team, words) or owner, "domain": tags.first(tags.domain, words),
        "schedule": schedule, "schedule_tz": schedule_tz, "paused": dag.get("is_paused"), "retired": retired(dag),
    }  # fmt: skip


def retired(dag: Record) -> bool | None:
    """True where the DAG is no longer in the DAG folder."""
    gone = dag["is_stale"] if "is_stale" in dag else dag.get("is_active") is False
    return True if gone else None


def owner_of(owners: Sequence[str]) -> str | None:
    """The owner: a team before an e-mail address; the default owner is nobody."""
    named = sorted((owner.strip() for owner in owners), key=lambda owner: ("@" in owner, owner))
    return next((owner for owner in named if owner and owner.lower() != _NOBODY), None)


def cron_of(dag: Record) -> str | None:
    """The DAG's cron expression. Null for assets, intervals of time, several crons and any own timetable: a schedule
    that cannot be told exactly promises no runs."""
    interval = dag.get("schedule_interval")
    text = interval.get("value") if isinstance(interval, dict) else dag.get("timetable_summary")
    cron = PRESETS.get(str(text), str(text))
    if not _FIVE.fullmatch(cron):
        return None
    try:
        CronSim(cron, instant("2020-01-01T00:00:00Z"))
    except CronSimError:
        return None
    return cron


def planned(dag: Record) -> bool:
    """Whether the scheduler will run this DAG by a cron again: it knows a next run, even one that has to wait."""
    parts = ("", "_logical_date", "_data_interval_end", "_run_after")
    return cron_of(dag) is not None and any(dag.get(f"next_dagrun{part}") for part in parts)


def schedule_of(dag: Record, zones: Sequence[str]) -> tuple[str | None, str | None]:
    """Cron and zone that are in force. None where the scheduler plans no further run (its end date has passed), or
    where the run it plans next is no tick of the cron in any zone: then the timetable is another than it seems."""
    cron = cron_of(dag)
    if cron is None or not planned(dag):
        return None, None
    following = dag.get("next_dagrun_run_after") or dag.get("next_dagrun_create_after")
    for name in dict.fromkeys((*zones, "UTC")):
        if not following or is_tick(cron, name, following):
            return cron, name
    return None, None


def is_tick(cron: str, zone: str, moment: str) -> bool:
    """Whether the cron ticks at that moment in that zone. An unknown zone never does."""
    try:
        at = instant(moment).astimezone(ZoneInfo(zone))
        return next(CronSim(cron, at - timedelta(seconds=1))) == at
    except (KeyError, ValueError, StopIteration, CronSimError):
        return False


def dataset_name(uri: str | None, name: str | None, asset: Any) -> str:
    """A dataset's name: its URI where it is one (OpenLineage's form), else below the source's namespace."""
    text = uri or name or ""
    return text.rstrip("/") if "://" in text else asset(text)


def makers(dataset: Record) -> list[str]:
    """The DAGs that say they make a dataset (outlets), in alphabetical order."""
    return sorted({task["dag_id"] for task in dataset.get("producing_tasks") or ()})


def readers(dataset: Record) -> list[str]:
    """The DAGs that a dataset starts, or that say they read it (inlets). Airflow 2 says consuming_dags where 3 says
    scheduled_dags."""
    words = ("scheduled_dags", "consuming_dags", "consuming_tasks")
    return sorted({one["dag_id"] for word in words for one in dataset.get(word) or ()})


def update_fact(event: Record, dataset: str) -> Record:
    """An asset event (Airflow 2: dataset event): the dataset changed. How far its data reach is told where the task
    says so, in the event's extra as ``data_through``."""
    run = event.get("source_run_id")
    return {
        "fact": "dataset_update", "id": f"event/{event['id']}", "asset": dataset, "at": event["timestamp"],
        "data_through": data_through(event.get("extra")),
        "backfill": run.startswith("backfill__") if run else None,
    }  # fmt: skip


def data_through(extra: Any) -> str | None:
    """What the task wrote of its data's reach; None where it wrote nothing, or what is no instant with an offset."""
    told = extra.get("data_through") if isinstance(extra, dict) else None
    try:
        return instant(told).isoformat() if isinstance(told, str) else None
    except ValueError:
        return None
