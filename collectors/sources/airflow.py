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
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from collectors import airflow_records as records
from collectors.airflow_api import GRANTS, AirflowApi, generation, run_key
from collectors.base import Enumerated, Finding, Period, Raw, Source, SourceSettings
from collectors.http import Http
from slo.errors import SourceError

Record = dict[str, Any]
_ENDED = ("success", "failed")
_ZONE_KEPT = timedelta(days=7)
"""A DAG's zone costs a request of its own, so it is asked again after so long, or when the schedule changed."""


class AirflowSettings(SourceSettings):
    url: str = Field(description="The web server's address, with its path if it has one.")
    token: SecretStr | None = Field(default=None, description="A bearer token, where the server takes one as it is.")
    username: str | None = Field(
        default=None, description="User; Airflow 3 gives a token for it, Airflow 2 takes basic."
    )
    password: SecretStr | None = Field(default=None, description="Password of that user.")
    version: Literal[2, 3] | None = Field(default=None, description="Generation of Airflow; found out where not given.")
    dags: list[str] = Field(default=["*"], description="DAGs to read, as patterns of their ids.")
    exclude: list[str] = Field(default=[], description="DAGs to leave out, as patterns of their ids.")
    tasks: bool = Field(default=True, description="Read task instances: they tell tries and runs that only skipped.")
    datasets: bool = Field(default=True, description="Read assets (datasets) and their events as dataset updates.")
    tier_tag: str = Field(
        default=r"(?i)tier[ :=_-]?([0-3])", description="Tag that tells the tier, a pattern with one group."
    )
    team_tag: str = Field(
        default=r"(?i)team[ :=_-](.+)", description="Tag that tells the team, a pattern with one group."
    )
    domain_tag: str = Field(default=r"(?i)domain[ :=_-](.+)", description="Tag that tells the domain, likewise.")
    tier_tags: dict[str, Literal[0, 1, 2, 3]] = Field(default={}, description="Tags that stand for a tier: gold: 0.")

    @field_validator("tier_tag", "team_tag", "domain_tag")
    @classmethod
    def _one_group(cls, value: str) -> str:
        try:
            groups = re.compile(value).groups
        except re.error as error:
            raise ValueError(f"not a pattern: {error}") from None
        if groups != 1:
            raise ValueError("expected a pattern with exactly one group, such as tier:([0-3])")
        return value

    @model_validator(mode="after")
    def _some_credential(self) -> AirflowSettings:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together: give both, or a token")
        if (self.token is None) == (self.username is None):
            raise ValueError("give either a token, or username and password")
        return self


class Airflow(Source):
    plugin = "airflow"
    title = "Apache Airflow"
    family = "orchestrator"
    tells = {
        "run": ("asset", "state", "trigger", "due_at", "started_at", "ended_at", "tries", "backfill", "days_covered"),
        "asset": ("asset", "kind", "tier", "owner", "team", "domain", "description", "tags", "schedule", "schedule_tz",
                  "paused", "retired", "first_seen"),
        "dataset_update": ("asset", "at", "data_through", "backfill"),
    }  # fmt: skip
    settle = timedelta(minutes=10)
    chunk = timedelta(days=3)
    tested = "Airflow 3.3.2 and 2.11.2, run live"
    grants = GRANTS
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
            self.base, headers=bearer, auth=basic, secrets=(own.token, own.password), remedy=f"This needs: {GRANTS}"
        )
        if (own.version or generation(http)) == 2:
            from collectors.airflow_two import AirflowTwo

            return AirflowTwo(http)
        from collectors.airflow_three import AirflowThree

        return AirflowThree(Http(self.base, secrets=(own.password,)), own.token, own.username, own.password)

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
        """Tries of the runs that ended, and whether all was skipped. A run of which no retry is told took one try."""
        if not self.settings.tasks:
            return {}
        ended = [run for run in runs.values() if run["state"] in _ENDED]
        tasks = defaultdict(list)
        for task in self.api.tasks(ended, period) if ended else ():
            tasks[run_key(task)].append(task)
        told = {run_key(run): records.attempts(tasks[run_key(run)]) for run in ended}
        return {key: {"tries": tries or 1, "all_skipped": skipped} for key, (tries, skipped) in told.items()}

    def parse(self, raw: Raw) -> Iterator[Record]:
        data = raw.data
        if raw.kind == "run":
            yield records.run_fact(data, self.asset(data["dag_id"]), self.base, raw.context)
        elif raw.kind == "run_gone":
            yield {"fact": "run", "id": records.run_id(data), "deleted": True}
        elif raw.kind == "dag":
            yield records.dag_fact(data, self.asset(data["dag_id"]), self.base, raw.context.get("zone"), self.tags)
        elif raw.kind == "dataset":
            yield {"fact": "asset", "asset": self._dataset(data), "kind": "dataset"}
        else:
            yield records.update_fact(data, self._dataset(data))

    def _dataset(self, data: Record) -> str:
        """The asset name of a dataset or of an event's dataset (Airflow 2 says dataset_uri)."""
        return records.dataset_name(data.get("uri") or data.get("dataset_uri"), data.get("name"), self.asset)

    def check(self) -> list[Finding]:
        now = self.now()
        recent = Period(now - timedelta(hours=1), now, latest=True)
        asked: list[tuple[str, Callable[[], Any]]] = [
            ("version", lambda: self.api.version()), ("DAGs", lambda: self.api.dags()),
            ("DAG runs", lambda: self.api.runs(recent)),
        ]  # fmt: skip
        if self.settings.tasks:
            asked.append(("task instances", lambda: list(self.api.tasks(self.api.runs(recent)[:1], recent))))
        if self.settings.datasets:
            asked.append(
                ("datasets and their events", lambda: self.api.datasets() + self.api.events(recent.start, None))
            )
        return [self._finding(what, call) for what, call in asked]

    def _finding(self, what: str, call: Callable[[], Any]) -> Finding:
        try:
            answer = call()
        except SourceError as error:
            return Finding(False, f"{what}: {error}", f"Grant it, or leave it out by a setting. {GRANTS}")
        return Finding(True, f"{what}: {answer if isinstance(answer, str) else f'{len(answer)} read'}")
