"""Airflow 3 and 2: runs with their tries, schedules, pauses, owners, and asset events as dataset updates.

What changed is found by the server's own ``updated_at``. Runs in flight are asked for in every pass, however old; one
that is no longer listed is asked for by its id, and told as deleted where it is gone.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from fnmatch import fnmatch
from typing import Any

from collectors.airflow import records
from collectors.airflow.api import GRANTS, AirflowApi, generation, run_key
from collectors.airflow.check import Check
from collectors.airflow.settings import AirflowSettings
from collectors.base import Enumerated, Finding, Period, Raw, Source
from collectors.http import Http

Record = dict[str, Any]
_ENDED = ("success", "failed")
_ZONE_KEPT = timedelta(days=7)
"""A DAG's zone costs a request of its own, so it is asked again after so long, or when the schedule changed."""


class Airflow(Source):
    plugin = "airflow"
    title = "Apache Airflow"
    family = "orchestrator"
    tells = {
        "run": ("asset", "state", "trigger", "due_at", "started_at", "ended_at", "tries", "backfill", "days_covered"),
        "asset": ("asset", "kind", "tier", "owner", "team", "domain", "description", "tags", "schedule", "schedule_tz",
                  "paused", "retired", "first_seen"),
        "dataset_update": ("asset", "at", "data_through", "backfill"),
        "edge": ("upstream", "downstream", "seen_at"),
    }  # fmt: skip
    settle = timedelta(minutes=10)
    chunk = timedelta(days=3)
    requests_per_second = 20
    tested = "Airflow 3.3.2 and 2.11.2, run live"
    grants = GRANTS
    probes = {"/api/v2/monitor/health": "metadatabase", "/api/v1/health": "metadatabase"}
    Settings = AirflowSettings

    def __init__(self, name: str, settings: AirflowSettings, now: Callable[[], datetime]) -> None:
        super().__init__(name, settings, now)
        self.base = settings.url.rstrip("/")
        self.tags = records.Tags(
            re.compile(settings.tier_tag),
            re.compile(settings.team_tag),
            re.compile(settings.domain_tag),
            settings.tier_tags,
        )
        self._server: AirflowApi | None = None

    @property
    def api(self) -> AirflowApi:
        """The server, spoken to in its own generation. The client library loads here, at first use."""
        if self._server is None:
            self._server = self._connect()
        return self._server

    def _connect(self) -> AirflowApi:
        own: AirflowSettings = self.settings
        bearer = {"Authorization": f"Bearer {own.token.get_secret_value()}"} if own.token else {}
        basic = (own.username, own.password.get_secret_value()) if own.username and own.password else None
        http = Http(
            self.base, headers=bearer, auth=basic, secrets=(own.token, own.password), remedy=f"This needs: {GRANTS}",
            rate=self.rate,
        )  # fmt: skip
        if (own.version or generation(http)) == 2:
            from collectors.airflow.two import AirflowTwo

            return AirflowTwo(http)
        from collectors.airflow.three import AirflowThree

        login = Http(self.base, secrets=(own.password,), remedy="Check username and password.", rate=self.rate)
        return AirflowThree(login, own.token, own.username, own.password)

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        if period.latest:
            yield from self._registers()
        yield from self._runs(period)
        if self.settings.datasets:
            for event in self.api.events(period.start, None if period.latest else period.end):
                yield Raw("event", event)

    def _registers(self) -> Iterator[Raw | Enumerated]:
        """Every DAG and dataset as it is now; complete, or an error."""
        dags = [dag for dag in self.api.dags() if self._wanted(dag["dag_id"])]
        zones = {dag["dag_id"]: self._zone(dag) for dag in dags}
        self.memory["zones"] = {dag: kept for dag, kept in zones.items() if kept}
        yield from (Raw("dag", dag, {"zone": (zones[dag["dag_id"]] or [None])[0]}) for dag in dags)
        names = {self.asset(dag["dag_id"]) for dag in dags}
        if self.settings.datasets:
            datasets = self.api.datasets()
            yield from (Raw("dataset", dataset) for dataset in datasets)
            names |= {self._dataset(dataset) for dataset in datasets}
            yield Enumerated("edge", frozenset(edge["id"] for dataset in datasets for edge in self._edges(dataset)))
        yield Enumerated("asset", frozenset(names))

    def _wanted(self, dag_id: str) -> bool:
        """Whether the settings' patterns take this DAG."""
        own = self.settings
        return any(fnmatch(dag_id, one) for one in own.dags) and not any(fnmatch(dag_id, one) for one in own.exclude)

    def _zone(self, dag: Record) -> list[Any] | None:
        """[zone, schedule, asked at] of a DAG with a cron, from memory where it is fresh; None without a cron."""
        cron = records.cron_of(dag)
        if cron is None:
            return None
        kept: list[Any] | None = (self.memory.get("zones") or {}).get(dag["dag_id"])
        now = self.now()
        if kept and kept[1] == cron and now - datetime.fromisoformat(kept[2]) < _ZONE_KEPT:
            return kept
        return [self.api.details(dag["dag_id"]).get("timezone"), cron, now.isoformat()]

    def _zones(self, told: str | None) -> list[str]:
        """What a schedule's zone may be. Airflow (2.8 to 3.3 at least, apache/airflow#49720) tells its own default, by
        default UTC, for every DAG: so the settings go before a UTC."""
        own: list[str] = self.settings.timezones
        return [*own, "UTC"] if told in (None, "UTC") else [str(told), *own]

    def _runs(self, period: Period) -> Iterator[Raw]:
        runs = {run_key(run): run for run in self.api.runs(period)}
        if period.latest:
            yield from self._unsettled(runs)
        runs = {key: run for key, run in runs.items() if self._wanted(key[0])}
        known = self._attempts(runs, period)
        backfilled = {key[0]: self._backfilled(key[0]) for key, run in runs.items() if run["run_type"] == "backfill"}
        for key, run in runs.items():
            yield Raw("run", run, {**known.get(key, {}), **backfilled.get(key[0], {})})

    def _backfilled(self, dag_id: str) -> Record:
        """What the runs of a backfill need to know: the DAG and its backfills."""
        return {"dag": self.api.details(dag_id), "backfills": self.api.backfills(dag_id)}

    def _unsettled(self, runs: dict[tuple[str, str], Record]) -> Iterator[Raw]:
        """Adds to ``runs`` those in flight and those that were; remembers what is in flight now."""
        runs.update({run_key(run): run for run in self.api.in_flight()})
        for dag_id, name in map(tuple, self.memory.get("in_flight") or []):
            if (dag_id, name) not in runs:
                found = self.api.run(dag_id, name)
                if found:
                    runs[dag_id, name] = found
                else:
                    yield Raw("run_gone", {"dag_id": dag_id, "dag_run_id": name})
        self.memory["in_flight"] = sorted(list(key) for key, run in runs.items() if run["state"] not in _ENDED)

    def _attempts(self, runs: Mapping[tuple[str, str], Record], period: Period) -> dict[tuple[str, str], Record]:
        """Tries of the runs that ended, whether all was skipped, and whether a task that decides failed. A run of
        which no retry is told took one try."""
        if not self.settings.tasks:
            return {}
        ended = [run for run in runs.values() if run["state"] in _ENDED]
        tasks = defaultdict(list)
        failed = bool(self.settings.critical_tasks)
        for task in self.api.tasks(ended, period, failed) if ended else ():
            tasks[run_key(task)].append(task)
        return {run_key(run): self._known(tasks[run_key(run)]) for run in ended}

    def _known(self, tasks: list[Record]) -> Record:
        """What task instances tell of their run."""
        tries, skipped = records.attempts(tasks)
        broken = records.critical_failed(tasks, self.settings.critical_tasks)
        return {"tries": tries or 1, "all_skipped": skipped, "broken": broken}

    def parse(self, raw: Raw) -> Iterator[Record]:
        data = raw.data
        if raw.kind == "run":
            yield records.run_fact(data, self.asset(data["dag_id"]), self.base, raw.context)
        elif raw.kind == "run_gone":
            yield {"fact": "run", "id": records.run_id(data), "deleted": True}
        elif raw.kind == "dag":
            zones = self._zones(raw.context.get("zone"))
            yield records.dag_fact(data, self.asset(data["dag_id"]), self.base, zones, self.tags)
        elif raw.kind == "dataset":
            yield {"fact": "asset", "asset": self._dataset(data), "kind": "dataset"}
            yield from self._edges(data)
        else:
            yield records.update_fact(data, self._dataset(data))

    def _edges(self, dataset: Record) -> list[Record]:
        """From the DAGs that make a dataset to it, and from it to those that it starts or that read it."""
        name = self._dataset(dataset)
        above = [(self.asset(dag), name) for dag in records.makers(dataset) if self._wanted(dag)]
        below = [(name, self.asset(dag)) for dag in records.readers(dataset) if self._wanted(dag)]
        return [{"fact": "edge", "id": f"{up} -> {down}", "upstream": up, "downstream": down}
                for up, down in above + below]  # fmt: skip

    def _dataset(self, data: Record) -> str:
        """The asset name of a dataset or of an event's dataset (Airflow 2 says dataset_uri)."""
        return records.dataset_name(data.get("uri") or data.get("dataset_uri"), data.get("name"), self.asset)

    def check(self) -> list[Finding]:
        return Check(self).findings()

    def crons(self) -> tuple[int, list[str]]:
        """How many DAGs run by a cron, and which of them by one that fits no zone that is known."""
        dags = [dag for dag in self.api.dags() if self._wanted(dag["dag_id"]) and records.planned(dag)]
        fitting = [records.schedule_of(dag, self._zones((self._zone(dag) or [None])[0]))[0] for dag in dags]
        return len(dags), [dag["dag_id"] for dag, cron in zip(dags, fitting, strict=True) if cron is None]
