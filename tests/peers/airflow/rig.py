"""Starts and stops a real Airflow on loopback, in its own environment and home. Everything it starts is one process
group a component, ended by its id."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PEERS = Path(os.environ.get("PEERS_DIR") or ROOT / ".peers")
PACKAGES = {3: ("apache-airflow>=3,<4",), 2: ("apache-airflow>=2.10,<3",)}
COMPONENTS = {3: ("api-server", "dag-processor", "scheduler"), 2: ("webserver", "scheduler")}


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{self.database}",
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

    def _spawn(self, component: str) -> None:
        command, quiet = [self.bin / "airflow", component], subprocess.DEVNULL
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
        """A call of the REST API as admin (Airflow 3)."""
        headers = {
            "Content-Type": "application/json",
            **({"Authorization": f"Bearer {self.token}"} if self.token else {}),
        }
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def wait(self, done: Callable[[], bool], seconds: float, failure: str) -> None:
        """Waits until ``done``; raises with the last lines of the logs where that takes too long."""
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                raise TimeoutError(f"{failure}\n{self.logs()}")
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


def midnight() -> datetime:
    """Today's start in UTC."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
