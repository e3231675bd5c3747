"""``tierline serve`` as a process: two listeners, webhooks, roles, refusals, a clean end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ports import free_port

ALERT = {
    "receiver": "tierline", "status": "firing", "version": "4", "groupKey": "{}:{}", "externalURL": "http://am",
    "alerts": [{"status": "firing", "labels": {"alertname": "Late"}, "annotations": {}, "fingerprint": "f1",
                "startsAt": "2026-11-20T06:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://p"}],
}  # fmt: skip


def get(url: str, data: bytes | None = None, **headers: str) -> tuple[int, str]:
    """Status and body, whatever the status."""
    request = urllib.request.Request(
        url, data=data, headers={key.replace("_", "-"): one for key, one in headers.items()}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def until(true: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Polls until so; a process that ended meanwhile fails the test."""
    while not true():
        assert process.poll() is None, "the service has ended"
        time.sleep(0.1)


def answers(url: str) -> bool:
    try:
        return get(url)[0] == 200
    except OSError:
        return False


class Home:
    """A folder with settings, and the command run in it."""

    def __init__(self, folder: Path, settings: str) -> None:
        self.folder, self.port = folder, free_port(beside=1)
        (folder / "tierline.yaml").write_text(settings)
        self.environ = {
            **os.environ,
            "TIERLINE_STORE": "sqlite:///x.db",
            "TIERLINE_PORT": str(self.port),
            "TOKEN": "sesame",
        }

    @property
    def web(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ops(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "tierline", *arguments]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), cwd=self.folder, env=self.environ, capture_output=True, text=True, timeout=120
        )

    @contextmanager
    def serving(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        with (self.folder / "log").open("wb") as log:
            command = self.command("serve", *arguments)
            process = subprocess.Popen(command, cwd=self.folder, env=self.environ, stderr=log)
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def log(self) -> list[str]:
        return (self.folder / "log").read_text().splitlines()


SOURCE = "sources:\n  alerts: {type: alertmanager}\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_and_ends_cleanly(number: int, tmp_path: Path) -> None:
    home = Home(tmp_path, SOURCE)
    with home.serving() as process:
        until(lambda: answers(home.ops + "/readyz"), process)
        assert get(home.ops + "/healthz") == (200, "ok\n")
        assert "tierline_" in get(home.ops + "/metrics")[1]
        assert get(home.web)[0] == 200
        assert get(home.web, Host="evil.example")[0] == 403
        told = get(home.web + "/hooks/alerts/alerts", json.dumps(ALERT).encode(), Content_Type="application/json")
        assert (told[0], json.loads(told[1])["stored"]) == (200, 1)
        process.send_signal(number)
        assert process.wait(timeout=60) == 0
    assert "INFO    ended" in home.log()[-1] and not any("Traceback" in line for line in home.log())
    assert len(home.run("facts", "export", "alert").stdout.splitlines()) == 1


def test_tokens_and_a_webhook_of_its_own(tmp_path: Path) -> None:
    settings = "sources:\n  own: {type: alertmanager, webhook_token: env:TOKEN}\n  open: {type: alertmanager}\n"
    home = Home(tmp_path, settings + "web: {tokens: [env:TOKEN]}\n")
    body = json.dumps(ALERT).encode()
    with home.serving("--role", "web") as process:
        until(lambda: any("listening" in line for line in home.log()), process)
        assert get(home.web)[0] == 401
        assert get(home.web, Authorization="Bearer sesame")[0] == 200
        assert get(home.web + "/hooks/open/alerts", body)[0] == 401
        assert get(home.web + "/hooks/open/alerts", body, Authorization="Bearer sesame")[0] == 200
        assert get(home.web + "/hooks/own/alerts", body)[0] == 401
        assert get(home.web + "/hooks/own/alerts", body, Authorization="Bearer sesame")[0] == 200
        with pytest.raises(OSError):
            get(home.ops + "/healthz")
    assert not any("sesame" in line for line in home.log())


def test_beyond_loopback_the_page_refuses_to_start_without_authentication(tmp_path: Path) -> None:
    done = Home(tmp_path, "web: {host: 0.0.0.0}\n").run("serve")
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("error: tierline.yaml:1: web: host 0.0.0.0 can be reached from other machines")


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    home = Home(tmp_path, "")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", home.port))
        taken.listen()
        done = home.run("serve")
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert done.returncode == 2
    assert line.startswith(
        f"error: web: cannot listen on 127.0.0.1:{home.port}: Address already in use; choose another"
    )


def test_one_source_failing_never_stops_another(tmp_path: Path) -> None:
    (tmp_path / "i.jsonl").write_text('{"id": "1", "start": "2026-11-01T00:00:00Z"}\n')
    good = '{type: file, path: i.jsonl, fact: incident, id: "{id}", map: {started_at: start}}'
    bad = "{type: alertmanager, url: 'http://127.0.0.1:1'}"
    home = Home(tmp_path, f"sources:\n  bad: {bad}\n  good: {good}\n")
    done = home.run("collect", "--format", "json")
    told = {one["source"]: (one["ok"], one["facts"] > 0) for one in json.loads(done.stdout)}
    assert (done.returncode, told) == (1, {"bad": (False, False), "good": (True, True)})
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ") and "http://127.0.0.1:1" in line and "Check the host, the port" in line
