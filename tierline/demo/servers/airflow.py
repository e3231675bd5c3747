"""Airflow 3's REST API v2 over the world: as much of it as a reader of runs, tasks, assets and DAGs needs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from tierline.demo.chance import local_day
from tierline.demo.model import Pipeline, Run, Update
from tierline.demo.servers import airflow_shapes as shapes
from tierline.demo.servers.airflow_lists import MOST, REACH, Bound, Snapshots, bounds, days, page, pattern
from tierline.demo.servers.base import Answer, Refused, Request, Site
from tierline.demo.world import World

API = "/api/v2"
USER, PASSWORD, TOKEN = "demo", "demo", "demo-token"
RUN_FIELDS = ("run_after", "logical_date", "start_date", "end_date", "updated_at")
_STATES = ("queued", "running", "success", "failed")


class AirflowSite(Site):
    """One Airflow. ``clock`` tells the present: what is later has not happened."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.world = world
        self.clock = clock
        self.snapshots = Snapshots()
        self.dags: dict[str, Pipeline] = {pipeline.dag_id: pipeline for pipeline in world.catalog.pipelines}
        self._map()

    def _map(self) -> None:
        for path, route in {
            "/version": lambda _: {"version": "3.3.2", "git_version": None},
            "/monitor/health": self._health,
            "/importErrors": lambda _: {"import_errors": [], "total_entries": 0},
            "/dags": self._dags,
            "/dags/([^/]+)": self._dag,
            "/dags/([^/]+)/details": self._details,
            "/dags/([^/]+)/dagRuns": self._runs,
            "/dags/([^/]+)/dagRuns/([^/]+)": self._run,
            "/dags/([^/]+)/dagRuns/([^/]+)/taskInstances": self._tasks,
            "/dags/([^/]+)/dagRuns/([^/]+)/taskInstances/([^/]+)/tries": self._tries,
            "/assets/events": self._events,
            "/assets": self._assets,
            "/backfills": self._backfills,
            "/pools": lambda _: {"pools": [], "total_entries": 0},
        }.items():
            self.on("GET", API + path, route)
        self.on("POST", "/auth/token", self._token)
        self.on("POST", API + "/dags/~/dagRuns/~/taskInstances/list", self._batch)

    def before(self, request: Request) -> None:
        """Everything but the token, health and version wants the token. A bad one is a 403, as it is in Airflow."""
        if request.path == "/auth/token" or request.path.endswith(("/monitor/health", "/version")):
            return
        told = request.headers.get("Authorization") or ""
        if not told.startswith("Bearer "):
            raise Refused(401, {"detail": "Not authenticated"})
        if told != f"Bearer {TOKEN}":
            raise Refused(403, {"detail": "Invalid JWT token"})

    def _token(self, request: Request) -> Answer:
        told = json.loads(request.body or b"{}")
        if (told.get("username"), told.get("password")) != (USER, PASSWORD):
            raise Refused(401, {"detail": "Invalid credentials"})
        return Answer(201, json.dumps({"access_token": TOKEN}).encode())

    def _health(self, _: Request) -> dict[str, Any]:
        beat = shapes.stamp(self.clock())
        parts = ("scheduler", "triggerer", "dag_processor")
        return {"metadatabase": {"status": "healthy"},
                **{part: {"status": "healthy", f"latest_{part}_heartbeat": beat} for part in parts}}  # fmt: skip

    def _known(self, dag_id: str) -> Pipeline:
        """The DAG. Raises 404 where it is unknown or not yet born."""
        found = self.dags.get(dag_id)
        if found is None or found.born > self.clock():
            raise Refused(404, {"detail": f"The Dag with ID: `{dag_id}` was not found"})
        return found

    def _dags(self, request: Request) -> bytes:
        now = self.clock()
        stale = request.one("exclude_stale", "true") != "false"
        born = [p for p in self.dags.values() if p.born <= now and pattern(request, "dag_id", p.dag_id)]
        listed = [p for p in born if not (stale and p.at(now).retired)]
        listed.sort(key=lambda pipeline: pipeline.dag_id)
        return page(request, "dags", listed, lambda pipeline: json.dumps(shapes.dag(pipeline, now)))

    def _dag(self, request: Request) -> dict[str, Any]:
        return shapes.dag(self._known(request.found[0]), self.clock())

    def _details(self, request: Request) -> dict[str, Any]:
        return shapes.dag_details(self._known(request.found[0]), self.clock())

    def _runs(self, request: Request) -> bytes:
        items = self.snapshots.get(request, lambda: self._listed(request))
        return page(request, "dag_runs", items, shapes.dag_run, cursors=True)

    def _run(self, request: Request) -> bytes:
        for run in self._named(self._known(request.found[0]), {request.found[1]}):
            return shapes.dag_run(run).encode()
        raise Refused(404, {"detail": f"The DagRun with ID: `{request.found[1]}` was not found"})

    def _listed(self, request: Request) -> list[Run]:
        """Runs that satisfy every filter, in the order asked for."""
        states, types = request.query.get("state", []), request.query.get("run_type", [])
        if any(state not in _STATES for state in states):
            raise Refused(422, {"detail": [{"loc": ["query", "state"], "msg": "Invalid value for state"}]})
        only = None if request.found[0] == "~" else self._known(request.found[0])
        found = [
            run
            for run in self._seen(self._limits(request, states), only)
            if (not states or shapes.state(run) in states)
            and (not types or shapes.RUN_TYPES[run.trigger] in types)
            and pattern(request, "dag_id", run.pipeline.dag_id)
        ]
        return self._ordered(request, found)

    def _limits(self, request: Request, states: list[str]) -> list[Bound]:
        """The request's time filters; no run of the demo is in flight for longer than days, so that a question for
        those in flight needs no look at the whole year."""
        limits = bounds(request, RUN_FIELDS)
        if states and not set(states) - {"queued", "running"}:
            limits.append(Bound("start_date", "gte", self.clock() - REACH))
        return limits

    def _seen(self, limits: list[Bound], only: Pipeline | None) -> list[Run]:
        """Runs as they stand now, within the limits."""
        now = self.clock()
        last = max(self.world.weather.last, now.date() + timedelta(days=1))
        seen = (run.seen(now) for run in self.world.runs(*days(limits, self.world.weather.first, last)))
        return [
            run
            for run in seen
            if run is not None
            and (only is None or run.pipeline is only)
            and all(limit.holds(_value(run, limit.field)) for limit in limits)
        ]

    def _ordered(self, request: Request, runs: list[Run]) -> list[Run]:
        for order in reversed(request.query.get("order_by", ["run_after"])):
            field, down = order.lstrip("-"), order.startswith("-")
            if field not in (*RUN_FIELDS, "id", "dag_id", "run_id", "dag_run_id", "state", "run_type"):
                raise Refused(400, {"detail": f"Ordering with '{field}' is disallowed or the attribute does not exist"})
            runs.sort(key=lambda run: _key(run, field), reverse=down)
        return runs

    def _tasks(self, request: Request) -> bytes:
        items = self.snapshots.get(request, lambda: self._task_runs(request))
        return page(request, "task_instances", items, shapes.task_instance, cursors=True)

    def _task_runs(self, request: Request) -> list[Run]:
        """Each run has one task: runs whose task satisfies the filters."""
        dag_id, run_id = request.found[:2]
        states, tries = request.query.get("state", []), request.query.get("try_number", [])
        found = self._seen(bounds(request, RUN_FIELDS), None if dag_id == "~" else self._known(dag_id))
        return self._ordered(request, [
            run
            for run in found
            if run_id in ("~", run.run_id)
            and (not states or shapes.task_state(run) in states)
            and (not tries or str(run.tries) in tries)
            and pattern(request, "dag_id", run.pipeline.dag_id)
        ])  # fmt: skip

    def _batch(self, request: Request) -> bytes:
        """The tasks of the runs that the body names: the product of its DAGs and run ids, paged by offset."""
        body = json.loads(request.body or b"{}")
        dags, names = set(body.get("dag_ids") or self.dags), set(body.get("dag_run_ids") or ())
        found = [
            run for dag_id in sorted(dags & set(self.dags)) for run in self._named(self.dags[dag_id], names)
        ]  # fmt: skip
        paging = {"limit": [str(body.get("page_limit", MOST))], "offset": [str(body.get("page_offset", 0))]}
        return page(Request(request.path, paging, {}, b""), "task_instances", found, shapes.task_instance, cursors=True)

    def _named(self, pipeline: Pipeline, names: set[str]) -> list[Run]:
        """The pipeline's runs of these ids as they stand now. An id ends in the moment it was due, or asked for."""
        now = self.clock()
        days = {day for name in names for day in _days_of(name)}
        near = (run for day in sorted(days) for run in self.world.day(day).runs)
        runs = [run for run in near if run.pipeline is pipeline and run.backfill is None]
        seen = (run.seen(now) for run in [*runs, *self.world.backfills(pipeline)] if run.run_id in names)
        return [run for run in seen if run is not None]

    def _tries(self, request: Request) -> bytes:
        dag_id, run_id, _ = request.found
        found = self._named(self._known(dag_id), {run_id})
        tries = [(run, index) for run in found for index in range(1, run.tries + 1)]
        return page(request, "task_instances", tries, lambda pair: shapes.task_instance(*pair))

    def _events(self, request: Request) -> bytes:
        items = self.snapshots.get(request, lambda: self._landed(request))
        return page(request, "asset_events", items, shapes.asset_event)

    def _landed(self, request: Request) -> list[Update]:
        limits = bounds(request, ("timestamp",))
        now = self.clock()
        last = max(self.world.weather.last, now.date() + timedelta(days=1))
        wanted = request.query.get("asset_id", [])
        found = [
            update
            for update in self.world.updates(*days(limits, self.world.weather.first, last))
            if update.at <= now
            and all(limit.holds(update.at) for limit in limits)
            and (not wanted or str(update.dataset.number + 1) in wanted)
        ]
        down = request.one("order_by", "timestamp") == "-timestamp"
        return sorted(found, key=lambda update: (update.at, update.number), reverse=down)

    def _assets(self, request: Request) -> bytes:
        now = self.clock()
        found = [dataset for dataset in self.world.catalog.datasets if dataset.born <= now]
        known = [pipeline for pipeline in self.dags.values() if pipeline.born <= now and not pipeline.at(now).retired]
        return page(request, "assets", found, lambda dataset: json.dumps(shapes.asset(dataset, known)))

    def _backfills(self, request: Request) -> bytes:
        found: dict[str, list[Run]] = {}
        wanted, now = request.one("dag_id"), self.clock()
        for pipeline in [self._known(wanted)] if wanted else self.dags.values():
            for run in self.world.backfills(pipeline):
                if (seen := run.seen(now)) is not None:
                    found.setdefault(run.backfill or "", []).append(seen)
        chains = [sorted(runs, key=lambda run: run.started) for runs in found.values()]
        limited = sorted(chains, key=lambda runs: runs[0].started)
        return page(request, "backfills", limited, lambda runs: json.dumps(shapes.backfill(runs)))


def _days_of(run_id: str) -> Iterator[date]:
    """The local days on which a run of this id may lie. A backfill's id tells its data's date, not when it ran."""
    if not run_id.startswith("backfill__"):
        day = local_day(datetime.fromisoformat(run_id.split("__", 1)[1]))
        yield from (day - timedelta(days=1), day, day + timedelta(days=1))


def _value(run: Run, field: str) -> datetime | None:
    if field == "run_after":
        return shapes.run_after(run)
    if field == "logical_date":
        return run.due
    done = run.state != "running"
    return {"start_date": run.started, "end_date": run.ended if done else None}.get(
        field, run.ended if done else run.started
    )


def _key(run: Run, field: str) -> Any:
    if field in RUN_FIELDS:
        value = _value(run, field)
        return (value is not None, value or run.started, run.pipeline.dag_id, run.run_id)
    return {"dag_id": run.pipeline.dag_id, "state": shapes.state(run), "run_type": shapes.RUN_TYPES[run.trigger]}.get(
        field, run.run_id if field != "id" else f"{run.started.isoformat()} {run.pipeline.dag_id} {run.run_id}"
    )
