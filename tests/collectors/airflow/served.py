"""Servers on loopback that answer as the recorded Airflows did: filters, offsets, cursors, the silent cap."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

GOLDEN = Path(__file__).parents[2] / "golden" / "airflow"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
"""A moment after everything recorded."""
_LISTS = {
    "/dags": "dags", "/dags/~/dagRuns": "dag_runs", "/dags/~/dagRuns/~/taskInstances": "task_instances",
    "/assets": "assets", "/assets/events": "asset_events", "/backfills": "backfills",
    "/datasets": "datasets", "/datasets/events": "dataset_events", "/importErrors": "import_errors",
}  # fmt: skip
_BOUND = re.compile(r"(.+)_(gte|gt|lte|lt)$")
_PAGING = ("limit", "offset", "cursor", "order_by", "exclude_stale", "only_active")
_COMPARE: dict[str, Callable[[datetime, datetime], bool]] = {
    "gte": lambda a, b: a >= b, "gt": lambda a, b: a > b, "lte": lambda a, b: a <= b, "lt": lambda a, b: a < b,
}  # fmt: skip
Asked = tuple[str, str, dict[str, list[str]], Any]


@dataclass
class Replay:
    """One recorded Airflow. Tests change ``data`` as the world would, and the other fields to make it misbehave."""

    generation: int
    data: dict[str, Any]
    url: str = ""
    cap: int = 100
    cursors: bool = True
    counts_too_many: int = 0
    refuses: list[int] = field(default_factory=list)
    """Statuses the next answers have instead of their own."""
    tokens: list[str] = field(default_factory=list)
    forbidden: str = "\0"
    asked: list[Asked] = field(default_factory=list)

    @property
    def root(self) -> str:
        return "/api/v2" if self.generation == 3 else "/api/v1"

    def answer(self, method: str, target: str, headers: Any, body: Any) -> tuple[int, Any]:
        """Status and JSON of one request."""
        parts = urlsplit(target)
        query = parse_qs(parts.query, keep_blank_values=True)
        self.asked.append((method, parts.path, query, body))
        if parts.path == "/auth/token":
            return self._token(body)
        if parts.path == f"{self.root}/version":
            return 200, {"version": self.data["version"]}
        if not parts.path.startswith(self.root) or self.forbidden in parts.path:
            return (403 if self.forbidden in parts.path else 404), {"detail": "Forbidden or absent"}
        if self.refuses or not self._known(headers):
            return (self.refuses.pop(0) if self.refuses else 401), {"detail": "Invalid JWT token"}
        return self._read(parts.path.removeprefix(self.root), query, body)

    def _token(self, body: Any) -> tuple[int, Any]:
        if body != {"username": "viewer", "password": "viewer-password"}:
            return 401, {"detail": "Invalid credentials"}
        self.tokens.append(f"jwt-number-{len(self.tokens) + 1}")
        return 201, {"access_token": self.tokens[-1]}

    def _known(self, headers: Any) -> bool:
        given = str(headers.get("Authorization"))
        return given.startswith("Basic ") if self.generation == 2 else given.removeprefix("Bearer ") in self.tokens

    def _read(self, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        if path in _LISTS:
            return 200, self._page(_LISTS[path], query)
        if path.endswith("/taskInstances/list"):
            return 200, self._batch(body)
        words = [unquote(word) for word in path.strip("/").split("/")]
        if words[-1] == "details":
            return 200, self.data["details"][words[1]]
        wanted = [run for run in self.data["dag_runs"] if [run["dag_id"], run["dag_run_id"]] == [words[1], words[-1]]]
        return (200, wanted[0]) if wanted else (404, {"detail": "The DagRun was not found"})

    def _batch(self, body: Any) -> Any:
        rows = [
            task for task in self.data["task_instances"]
            if task["dag_id"] in body["dag_ids"] and task["dag_run_id"] in body["dag_run_ids"]
        ]  # fmt: skip
        first, limit = body["page_offset"], min(body["page_limit"], self.cap)
        return {"task_instances": rows[first : first + limit], "total_entries": len(rows) + self.counts_too_many}

    def _page(self, items: str, query: dict[str, list[str]]) -> Any:
        rows = [row for row in self.data[items] if all(_fits(row, key, values) for key, values in query.items())]
        if query.get("order_by") == ["-timestamp"]:
            rows = sorted(rows, key=lambda row: row["timestamp"], reverse=True)
        limit = min(int(query["limit"][0]), self.cap)
        by_cursor = self.cursors and "cursor" in query
        first = int((query["cursor"] if by_cursor else query.get("offset", ["0"]))[0] or 0)
        page = {items: rows[first : first + limit], "total_entries": len(rows) + self.counts_too_many}
        following = str(first + limit) if by_cursor and first + limit < len(rows) else None
        return {**page, "next_cursor": following} if self.cursors and self.generation == 3 else page

    def queries(self, path: str) -> list[dict[str, list[str]]]:
        """What was asked of a path below the API's root."""
        return [query for _, asked, query, _ in self.asked if asked == self.root + path]


def _fits(row: dict[str, Any], key: str, values: list[str]) -> bool:
    if key in _PAGING:
        return True
    if bound := _BOUND.match(key):
        told = row[bound[1]]
        return bool(told) and _COMPARE[bound[2]](datetime.fromisoformat(told), datetime.fromisoformat(values[0]))
    return str(row[key]) in values


def serve(replay: Replay) -> Callable[[], None]:
    """Starts answering; returns what stops it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            status, told = replay.answer(self.command, self.path, self.headers, body)
            text = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_GET

        def log_message(self, *_: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    replay.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop


def replayed(generation: int) -> Iterator[Replay]:
    data = json.loads((GOLDEN / f"airflow{generation}.json").read_text(encoding="utf-8"))
    replay = Replay(generation, {"import_errors": [], **data})
    stop = serve(replay)
    yield replay
    stop()
