"""Real peers for the tests of this folder. Each is started on a free loopback port by the fixture that needs it, and
ended through its own process handle. A missing program skips by name; with TIERLINE_PEERS_REQUIRED=1 it fails."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests import ports
from tests.peers import browsing, oncall


def require_program(name: str, *folders: str) -> str:
    """Path of a program of this machine; without it the test is skipped by name, or fails where peers are required."""
    found = shutil.which(name, path=os.pathsep.join([*folders, os.environ.get("PATH", "")]))
    if found is None:
        missing = f"the peer needs {name}, which is not installed here"
        if os.environ.get("TIERLINE_PEERS_REQUIRED") == "1":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def until(true: Callable[[], bool], what: str, seconds: float = 60.0) -> None:
    """Waits for a peer to get there; tells what was waited for when it doesn't."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            pytest.fail(f"after {seconds:.0f} s still not so: {what}")
        time.sleep(0.1)


def answers(url: str) -> bool:
    """Whether an HTTP address answers with a 2xx."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(200 <= answer.status < 300)
    except (urllib.error.URLError, OSError):
        return False


@dataclass
class Processes:
    """The processes one test started: logs beside each other, ended in reverse order, by handle."""

    folder: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(
        self, name: str, command: list[str], user: str | None = None, env: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, user=user, env=env,
                cwd=self.folder,
            )  # fmt: skip
        self.running.append(process)
        return process

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def end(self, process: subprocess.Popen[bytes], how: int = signal.SIGTERM) -> int:
        if process.poll() is None:
            process.send_signal(how)
        try:
            return process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def end_all(self) -> None:
        while self.running:
            self.end(self.running.pop())


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    """What one test starts."""
    started = Processes(tmp_path)
    yield started
    started.end_all()


@pytest.fixture(scope="module")
def module_processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """What the tests of one file share."""
    started = Processes(tmp_path_factory.mktemp("peers"))
    yield started
    started.end_all()


@pytest.fixture(scope="session")
def program() -> Callable[..., str]:
    """``require_program``, for the tests of this folder."""
    return require_program


@pytest.fixture(scope="session")
def wait_until() -> Callable[..., None]:
    """``until``, for the tests of this folder."""
    return until


@pytest.fixture(scope="session")
def is_up() -> Callable[[str], bool]:
    """``answers``, for the tests of this folder."""
    return answers


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """``tests.ports.free_port``, for the tests of this folder."""
    return ports.free_port


@dataclass(frozen=True)
class PostgresServer:
    """A real PostgreSQL with pg_stat_statements preloaded. User ``postgres``, no password, loopback only."""

    port: int
    psql: str

    def dsn(self, database: str) -> str:
        """For libpq and psycopg."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def store_url(self, database: str) -> str:
        """For SQLAlchemy."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def sql(self, database: str, *statements: str) -> str:
        """Runs statements through psql, each on its own; the answer's rows, fields by ``|``."""
        commands = [part for statement in statements for part in ("-c", statement)]
        done = subprocess.run(
            [self.psql, "-XAtq", "-v", "ON_ERROR_STOP=1", *commands, self.dsn(database)],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def new_database(self, name: str) -> str:
        """An empty database of this name; one that was there is dropped."""
        self.sql("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
        return name


_SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
    "autovacuum": "off", "shared_preload_libraries": "pg_stat_statements", "max_connections": "50",
}  # fmt: skip

_ASKED_FOR_PASSWORD = "host all with_password 127.0.0.1/32 scram-sha-256\n"
"""Everybody is trusted but the role ``with_password``, which a test may make."""


def _server_user() -> str | None:
    """PostgreSQL refuses to run as root: then the user it runs as."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@pytest.fixture(scope="session")
def postgres_server(free_port: Callable[[], int]) -> Iterator[PostgresServer]:
    """Debian's PostgreSQL (the newest installed), in a folder of its own, for the whole session."""
    folders = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    programs = {name: require_program(name, *folders) for name in ("initdb", "postgres", "psql", "pg_isready")}
    home = Path(tempfile.mkdtemp(prefix="tierline-postgres-"))
    user = _server_user()
    if user:
        shutil.chown(home, user)
    data, port, started = home / "data", free_port(), Processes(home)
    initdb = [programs["initdb"], "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
    subprocess.run(initdb, check=True, capture_output=True, user=user, cwd=home)
    rules = data / "pg_hba.conf"
    rules.write_text(_ASKED_FOR_PASSWORD + rules.read_text())
    options = [part for item in _SERVER_SETTINGS.items() for part in ("-c", "=".join(item))]
    command = [programs["postgres"], "-D", str(data), "-p", str(port), "-k", str(home), *options]
    server = started.start("postgres", command, user=user)
    try:
        ready = [programs["pg_isready"], "-q", "-h", "127.0.0.1", "-p", str(port)]
        until(lambda: subprocess.run(ready, check=False).returncode == 0, "PostgreSQL takes connections")
        yield PostgresServer(port, programs["psql"])
    finally:
        started.end(server, signal.SIGINT)  # a fast shutdown
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_dsn(postgres_server: PostgresServer) -> str:
    """An empty database, as psycopg takes it."""
    return postgres_server.dsn(postgres_server.new_database("tierline"))


@pytest.fixture(scope="session")
def postgres_url(postgres_dsn: str) -> str:
    """The same empty database, as the store takes it."""
    return postgres_dsn.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture
def start_prometheus(processes: Processes, free_port: Callable[[], int], tmp_path: Path) -> Callable[..., str]:
    """A function starting a real Prometheus with a configuration (JSON is YAML) and more flags; it gives its URL. Data
    that lies in ``tmp_path / "tsdb"`` is served."""

    def start(config: dict[str, Any], *flags: str) -> str:
        binary, port = require_program("prometheus"), free_port()
        (tmp_path / "prometheus.yml").write_text(json.dumps(config))
        url = f"http://127.0.0.1:{port}"
        processes.start("prometheus", [
            binary, f"--config.file={tmp_path / 'prometheus.yml'}", f"--storage.tsdb.path={tmp_path / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{port}", "--storage.tsdb.retention.time=10y", *flags,
        ])  # fmt: skip
        until(lambda: answers(f"{url}/-/ready"), "Prometheus is ready")
        return url

    return start


@dataclass
class Exporter:
    """A tiny exporter whose figures the test sets: metric with its labels -> value."""

    port: int
    values: dict[str, float] = field(default_factory=dict)

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.port}"

    def text(self) -> bytes:
        return "".join(f"{metric} {value}\n" for metric, value in sorted(self.values.items())).encode()


@pytest.fixture
def exporter() -> Iterator[Exporter]:
    made = Exporter(0)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(made.text())

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with serving(Handler) as port:
        made.port = port
        yield made


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """An HTTP server of the test on a free loopback port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="session")
def serve() -> Callable[[type[BaseHTTPRequestHandler]], AbstractContextManager[int]]:
    """``serving``, for the tests of this folder."""
    return serving


STALE = {
    "alert": "DatasetStale", "expr": "dataset_age_seconds > 3600", "labels": {"severity": "page"},
    "annotations": {"summary": "{{ $value }} s old", "tierline_label": "actionable"},
}  # fmt: skip


@pytest.fixture
def run_alertmanager(processes: Processes, free_port: Callable[[], int], tmp_path: Path) -> Callable[..., str]:
    """A function starting a real Alertmanager with a configuration (JSON is YAML); it gives its URL."""

    def start(config: dict[str, Any]) -> str:
        binary, port = require_program("prometheus-alertmanager"), free_port()
        (tmp_path / "alertmanager.yml").write_text(json.dumps(config))
        url = f"http://127.0.0.1:{port}"
        processes.start("alertmanager", [
            binary, f"--config.file={tmp_path / 'alertmanager.yml'}", f"--storage.path={tmp_path / 'am'}",
            f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=",
        ])  # fmt: skip
        until(lambda: answers(f"{url}/-/ready"), "Alertmanager is ready")
        return url

    return start


@pytest.fixture
def start_alertmanager(run_alertmanager: Callable[..., str]) -> Callable[[str, str], str]:
    """A function starting a real Alertmanager that delivers to an address with a bearer token; it gives its URL."""

    def start(hook: str, token: str) -> str:
        receiver = {"url": hook, "send_resolved": True, "http_config": {"authorization": {"credentials": token}}}
        route = {"receiver": "tierline", "group_wait": "0s", "group_interval": "1s", "repeat_interval": "1s"}
        return run_alertmanager({"route": route, "receivers": [{"name": "tierline", "webhook_configs": [receiver]}]})

    return start


@pytest.fixture
def watch_datasets(start_prometheus: Callable[..., str], exporter: Exporter, tmp_path: Path) -> Callable[[str], str]:
    """A function starting a Prometheus whose one rule, STALE, looks at the exporter's ``dataset_age_seconds`` and
    reports to an Alertmanager; it gives its URL."""

    def start(alertmanager: str) -> str:
        (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "g", "rules": [STALE]}]}))
        jobs = {"job_name": "datasets", "static_configs": [{"targets": [exporter.target]}]}
        peer = {"static_configs": [{"targets": [alertmanager.removeprefix("http://")]}]}
        return start_prometheus(
            {"global": {"scrape_interval": "500ms", "evaluation_interval": "500ms"}, "rule_files": ["rules.yml"],
             "scrape_configs": [jobs], "alerting": {"alertmanagers": [peer]}},
            "--rules.alert.resend-delay=1s",
        )  # fmt: skip

    return start


browser, visiting, standing = browsing.browser, browsing.visiting, browsing.standing
put_on_call = oncall.put_on_call
