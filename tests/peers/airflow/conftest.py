"""A real Airflow on loopback, in its own environment and home, and what its own metadata database says. Everything that
is started is one process group a component, ended by its id."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors import registry
from collectors.runner import Runner
from slo.engine import Engine
from slo.platform import Platform, SourceInfo
from slo.results import Query
from slo.store import Store
from tests.ports import free_port

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PEERS = Path(os.environ.get("PEERS_DIR") or ROOT / ".peers")
PACKAGES = {3: ("apache-airflow>=3,<4",), 2: ("apache-airflow>=2.10,<3",)}
COMPONENTS = {3: ("api-server", "dag-processor"), 2: ("webserver", "scheduler")}
"""What is started at once. Airflow 3's scheduler comes when everything is asked for: on SQLite it and a long writing
request would wait for each other."""


def environment(version: int) -> Path:
    """The bin folder of an environment with this Airflow; made at first use."""
    venv = PEERS / f"af{version}" / ".venv"
    if not (venv / "bin" / "airflow").exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([venv / "bin" / "pip", "install", "-q", *PACKAGES[version]], check=True)
    return venv / "bin"


class Airflow:
    """One Airflow with the dags beside this file, whose windows end at ``anchor``."""

    def __init__(self, version: int, home: Path, anchor: datetime) -> None:
        self.version, self.home, self.anchor = version, home, anchor
        self.port = int(os.environ.get("PEER_AIRFLOW_PORT") or free_port())
        self.url = f"http://127.0.0.1:{self.port}"
        self.mended = home / "mended"
        self.bin = environment(version)
        self.running: list[subprocess.Popen[bytes]] = []
        self.token = ""

    @property
    def database(self) -> Path:
        """The metadata database (SQLite)."""
        return self.home / "airflow.db"

    def variables(self) -> dict[str, str]:
        dags = str(HERE / "dags")
        common = {
            "AIRFLOW_HOME": str(self.home), "PATH": f"{self.bin}:{os.environ['PATH']}", "PYTHONWARNINGS": "ignore",
            "PEER_ANCHOR": self.anchor.isoformat(), "PEER_MENDED": str(self.mended), "PYTHONPATH": dags,
            "AIRFLOW__CORE__DAGS_FOLDER": dags, "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False", "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.database}?timeout=60",
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3", "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
            "AIRFLOW__SCHEDULER__MAX_DAGRUNS_TO_CREATE_PER_LOOP": "50",
            "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False", "AIRFLOW__CORE__FERNET_KEY": "",
        }  # fmt: skip
        own = self._three() if self.version == 3 else self._two()
        return {**os.environ, **common, **own}

    def _three(self) -> dict[str, str]:
        return {
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor", "AIRFLOW__API__PORT": str(self.port),
            "AIRFLOW__API__HOST": "127.0.0.1", "AIRFLOW__API__BASE_URL": self.url, "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/", "AIRFLOW__API__SECRET_KEY": "peer",
            "AIRFLOW__API_AUTH__JWT_SECRET": "peer-only-" * 8,
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": "admin:admin,viewer:viewer",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(self.home / "passwords.json"),
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
        }  # fmt: skip

    def _two(self) -> dict[str, str]:
        return {
            "AIRFLOW__CORE__EXECUTOR": "SequentialExecutor", "AIRFLOW__WEBSERVER__WEB_SERVER_PORT": str(self.port),
            "AIRFLOW__WEBSERVER__WEB_SERVER_HOST": "127.0.0.1", "AIRFLOW__WEBSERVER__WORKERS": "1",
            "AIRFLOW__WEBSERVER__SECRET_KEY": "peer",
            "AIRFLOW__API__AUTH_BACKENDS": "airflow.api.auth.backend.basic_auth",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        }  # fmt: skip

    def start(self) -> None:
        """Migrates the database and starts every component; returns once the API answers."""
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "passwords.json").write_text(json.dumps({"admin": "admin-password", "viewer": "viewer-password"}))
        self.command("db", "migrate")
        if self.version == 2:
            user = ["-u", "viewer", "-p", "viewer-password", "-r", "Admin", "-f", "a", "-l", "b", "-e", "a@example.com"]
            self.command("users", "create", *user)
        for component in COMPONENTS[self.version]:
            self._spawn(component)
            if component in ("api-server", "webserver"):
                self.wait(self._healthy, 120, "the API does not answer")
        if self.version == 3:
            login = {"username": "admin", "password": "admin-password"}
            self.token = self.call("POST", "/auth/token", login)["access_token"]

    def schedule(self) -> None:
        """Starts the scheduler."""
        self._spawn("scheduler")

    def _spawn(self, component: str) -> None:
        command, quiet = [str(self.bin / "airflow"), component], subprocess.DEVNULL
        with (self.home / f"{component}.log").open("wb") as log:
            started = subprocess.Popen(
                command,
                env=self.variables(),
                cwd=self.home,
                stdout=log,
                stderr=log,
                stdin=quiet,
                start_new_session=True,
            )
        self.running.append(started)

    def _healthy(self) -> bool:
        path = "/api/v2/monitor/health" if self.version == 3 else "/health"
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def command(self, *words: str) -> str:
        """Runs the airflow command and gives its output."""
        done = subprocess.run(
            [self.bin / "airflow", *words], env=self.variables(), cwd=self.home, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"airflow {' '.join(words)}: {done.stderr[-800:]}")
        return done.stdout

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the REST API as admin (Airflow 3). SQLite is busy now and then: then it is asked again."""
        headers = {
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
        }
        data = None if body is None else json.dumps(body).encode()
        for left in reversed(range(10)):
            try:
                request = urllib.request.Request(self.url + path, data, headers, method=method)
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return json.loads(answer.read() or b"null")
            except urllib.error.HTTPError as error:
                if error.code < 500 or not left:
                    raise RuntimeError(f"{method} {path}: {error.code} {error.read()[:500]!r}") from None
                time.sleep(1)

    def sql(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the metadata database."""
        with contextlib.closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=30)) as connection:
            return connection.execute(query).fetchall()

    def settled(self, expected: dict[str, int]) -> bool:
        """Whether every DAG has its runs, none is in flight and no dataset waits for its consumer."""
        states = dict(self.sql("SELECT state, count(*) FROM dag_run GROUP BY state"))
        runs = dict(self.sql("SELECT dag_id, count(*) FROM dag_run GROUP BY dag_id"))
        queue = "asset_dag_run_queue" if self.version == 3 else "dataset_dag_run_queue"
        waiting = self.sql(f"SELECT count(*) FROM {queue}")[0][0]
        enough = all(runs.get(name, 0) >= number for name, number in expected.items())
        return enough and not waiting and not states.keys() & {"queued", "running"}

    def states(self) -> str:
        """Runs by DAG and state, for the message where something takes too long."""
        return str(self.sql("SELECT dag_id, state, count(*) FROM dag_run GROUP BY dag_id, state"))

    def wait(self, done: Callable[[], bool], seconds: float, failure: str) -> None:
        """Waits until ``done``; raises with the last lines of the logs where that takes too long."""
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                raise TimeoutError(f"{failure}\n{self.states()}\n{self.logs()}")
            time.sleep(0.5)

    def logs(self) -> str:
        return "\n".join(f"== {log.name}\n{log.read_text()[-1500:]}" for log in sorted(self.home.glob("*.log")))

    def stop(self) -> None:
        """Ends every component's process group: asks first, insists after five seconds."""
        for process in reversed(self.running):
            _signal(process, signal.SIGTERM)
        end = time.monotonic() + 5
        while time.monotonic() < end and any(process.poll() is None for process in self.running):
            time.sleep(0.2)
        for process in self.running:
            _signal(process, signal.SIGKILL)
            process.wait()


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    """To the whole group: children outlive a killed parent."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


@dataclass(frozen=True)
class TrueRun:
    """A run as the metadata database has it."""

    state: str
    kind: str
    due: datetime | None
    started: datetime | None
    ended: datetime | None
    tries: int
    only_skipped: bool


def truth(airflow: Airflow) -> dict[str, TrueRun]:
    """Every run of the metadata database, by DAG and run id."""
    due = "r.run_after" if airflow.version == 3 else "r.data_interval_end"
    rows = airflow.sql(f"""
        SELECT r.dag_id || '/' || r.run_id, r.state, r.run_type, {due}, r.start_date, r.end_date,
               max(1, max(t.try_number)), sum(t.state = 'skipped') = count(*)
        FROM dag_run r JOIN task_instance t ON t.dag_id = r.dag_id AND t.run_id = r.run_id
        GROUP BY r.dag_id, r.run_id
    """)
    return {
        name: TrueRun(
            state, kind, _utc(due) if kind == "scheduled" else None, _utc(start), _utc(end), tries, bool(skip)
        )
        for name, state, kind, due, start, end, tries, skip in rows
    }


def _utc(text: str | None) -> datetime | None:
    """SQLite keeps UTC without saying so."""
    return datetime.fromisoformat(text.removesuffix("+00:00")).replace(tzinfo=UTC) if text else None


def counted(runs: dict[str, TrueRun], first: datetime) -> tuple[int, int]:
    """Good and bad by plain counting: scheduled and triggered runs, by their due time, that did something."""
    mine = [
        run for run in runs.values()
        if run.kind in ("scheduled", "asset_triggered", "dataset_triggered") and not run.only_skipped
        and (run.due or run.started or first) >= first
    ]  # fmt: skip
    return sum(run.state == "success" for run in mine), sum(run.state == "failed" for run in mine)


@dataclass
class Collected:
    """Tierline on one Airflow: a store of its own, collected through the real source."""

    airflow: Airflow
    store: Store
    runner: Runner
    platform: Platform

    def collect(self) -> Any:
        record = self.runner.collect("airflow")
        assert (record.ok, record.error, record.set_aside) == (True, None, 0)
        return record

    def runs(self) -> dict[str, Any]:
        return {run.id: run for run in self.store.read("run")}

    def show(self, **more: Any) -> dict[str, Any]:
        """The success rate of the seven days up to today, a little ahead of the clock: as-of is floored to a minute."""
        now = datetime.now(UTC) + timedelta(minutes=2)
        engine = Engine(self.store, self.platform)
        engine.refresh(now)
        return engine.show("pipeline_success_rate", Query(window="7d", **more), now)

    @property
    def first(self) -> datetime:
        """Where those seven days begin."""
        return self.airflow.anchor - timedelta(days=6)


def collected(airflow: Airflow) -> Collected:
    """Tierline installed beside this Airflow, with nothing collected yet."""
    store = Store(f"sqlite:///{airflow.home / 'tierline.db'}")
    store.migrate()
    login = {"username": "viewer", "password": "viewer-password", "timezones": ["Europe/Berlin"]}
    source = registry.build("airflow", "airflow", {"url": airflow.url, **login}, lambda: datetime.now(UTC))
    info = SourceInfo("airflow", source.tells, source.settle, source.interval, "production")
    runner = Runner(store, [source], lambda: datetime.now(UTC), people={"ada@example.com": "core-data"})
    return Collected(airflow, store, runner, Platform(sources=(info,)))


def running(version: int, ready: Callable[[Airflow], None]) -> Iterator[Collected]:
    """Starts an Airflow, lets it get ready, and ends it."""
    home = Path(tempfile.mkdtemp(prefix=f"tierline-airflow{version}-"))
    airflow = Airflow(version, home, midnight())
    try:
        airflow.start()
        airflow.wait(lambda: len(airflow.sql("SELECT 1 FROM dag")) >= 11, 120, "the DAGs are not there")
        ready(airflow)
        made = collected(airflow)
        yield made
        made.store.close()
    finally:
        airflow.stop()
        shutil.rmtree(home, ignore_errors=True)


RUNS = {
    "hourly_ok": 30, "daily_flaky": 6, "retries": 4, "nothing_to_do": 4, "partly_skipped": 2, "producer": 3,
    "consumer": 1, "by_hand": 1,
}  # fmt: skip
"""Runs of each DAG; of the consumer at least: updates close together start one run."""


def _ready3(airflow: Airflow) -> None:
    dates = {"from_date": airflow.anchor - timedelta(days=13), "to_date": airflow.anchor - timedelta(days=10)}
    span = {key: date.isoformat() for key, date in dates.items()}
    airflow.call("POST", "/api/v2/backfills", {"dag_id": "refilled", "reprocess_behavior": "none", **span})
    airflow.call("POST", "/api/v2/dags/by_hand/dagRuns", {"logical_date": None})
    airflow.schedule()
    airflow.wait(lambda: airflow.settled({**RUNS, "refilled": 4}), 420, "the runs don't settle")


def _ready2(airflow: Airflow) -> None:
    airflow.command("dags", "trigger", "by_hand")
    airflow.wait(lambda: airflow.settled(RUNS), 1500, "the runs don't settle")


@pytest.fixture(scope="module")
def airflow3() -> Iterator[Collected]:
    yield from running(3, _ready3)


@pytest.fixture(scope="module")
def airflow2() -> Iterator[Collected]:
    yield from running(2, _ready2)


@pytest.fixture(scope="session")
def what_is_true() -> Callable[[Airflow], dict[str, TrueRun]]:
    """``truth``, for the tests of this folder."""
    return truth


@pytest.fixture(scope="session")
def count() -> Callable[..., tuple[int, int]]:
    """``counted``, for the tests of this folder."""
    return counted


def midnight() -> datetime:
    """Today's start in UTC."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
