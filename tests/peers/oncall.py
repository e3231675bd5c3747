"""Who is on call, for the tests of this folder: Tierline's written rules in a real Prometheus, its written route in a
real Alertmanager, and a server in place of the people, which keeps every delivery.

Only times are shortened: how long an alert must hold (``for``) and is kept on, how often rules are evaluated, how long
Alertmanager waits. What the rules ask and say, and how it is routed, is as ``tierline rules`` wrote it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
import yaml

JOB = "tierline"
Key = tuple[str, str]
"""An alert's name and its cause, "" where it has none."""


class People:
    """Every delivery, in its order, with the receiver that it was for."""

    def __init__(self) -> None:
        self._told: list[dict[str, Any]] = []
        self._adding = threading.Lock()

    def handler(self) -> type[BaseHTTPRequestHandler]:
        people = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with people._adding:
                    people._told += [alert | {"receiver": body["receiver"]} for alert in body["alerts"]]
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        return Handler

    @property
    def deliveries(self) -> list[dict[str, Any]]:
        with self._adding:
            return list(self._told)

    @property
    def told(self) -> dict[Key, dict[str, Any]]:
        """The newest delivery of each alert there ever was."""
        return {(one["labels"]["alertname"], one["labels"].get("cause", "")): one for one in self.deliveries}

    @property
    def firing(self) -> set[Key]:
        return {key for key, one in self.told.items() if one["status"] == "firing"}


@pytest.fixture
def put_on_call(
    start_prometheus: Callable[..., str],
    run_alertmanager: Callable[..., str],
    serve: Callable[..., Any],
    tmp_path: Path,
) -> Iterator[Callable[[Path, int], People]]:
    """A function that takes the folder of the written files and the port of /metrics."""
    with ExitStack() as ends:

        def start(folder: Path, port: int) -> People:
            people = People()
            hook = f"http://127.0.0.1:{ends.enter_context(serve(people.handler()))}"
            alertmanager = run_alertmanager(route(folder / "alertmanager.example.yaml", hook))
            (tmp_path / "hastened.yaml").write_text(json.dumps(_rules(folder / "tierline.rules.yaml")))
            start_prometheus(
                {"global": {"scrape_interval": "1s"}, "rule_files": ["hastened.yaml"],
                 "scrape_configs": [{"job_name": JOB, "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}],
                 "alerting": {"alertmanagers": [
                     {"static_configs": [{"targets": [alertmanager.removeprefix("http://")]}]}]}},
                "--rules.alert.resend-delay=1s",
            )  # fmt: skip
            return people

        yield start


def _rules(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = yaml.safe_load(path.read_text())
    for group in told["groups"]:
        group["interval"] = "1s"
        for rule in group["rules"]:
            rule |= {name: "2s" for name in ("for", "keep_firing_for") if name in rule}
    return told


def route(path: Path, hook: str) -> dict[str, Any]:
    """With the address of the people's server."""
    told: dict[str, Any] = yaml.safe_load(path.read_text())
    for one in (told["route"], *told["route"]["routes"]):
        one |= {"group_wait": "0s", "group_interval": "1s"}
    for receiver in told["receivers"]:
        receiver["webhook_configs"][0]["url"] = hook
    return told
