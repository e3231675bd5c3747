"""What ``tierline new source`` writes: a source that works against the stand-in of its own case, to be turned into the
real one line by line. ``@name@``, ``@Name@`` and ``@title@`` stand for the source's word, class and title."""

from __future__ import annotations

SOURCE = '''"""@title@: its jobs as pipelines, and their runs. Put the vendor's paths and fields in place of these."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import Field

from collectors.base import Enumerated, Finding, Period, Raw, Source
from collectors.credentials import Credentials
from collectors.http import Http, OffsetPages
from slo.errors import SourceError

STATES = {"succeeded": "success", "failed": "failed", "cancelled": "cancelled", "running": "running"}
"""The vendor's words for how a run ended. One that nobody knows yet has no value."""
GRANTS = "A token that may read jobs and runs: GET /api/jobs, GET /api/runs."


class @Name@Settings(Credentials):
    url: str = Field(description="@title@'s address, such as https://@name@.example.")


class @Name@(Source):
    plugin = "@name@"
    title = "@title@"
    family = "orchestrator"
    tells = {"asset": ("kind", "description"), "run": ("asset", "state", "started_at", "ended_at")}
    settle = timedelta(hours=1)
    requests_per_second = 5
    tested = ""
    grants = GRANTS
    Settings = @Name@Settings
    settings: @Name@Settings

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        http = self._http()
        if period.latest:
            jobs = list(http.pages("/api/jobs", OffsetPages("jobs", total="total"), key=_id))
            yield from (Raw("job", job) for job in jobs)
            yield Enumerated("asset", frozenset(self.asset(job["name"]) for job in jobs))
        changed = {"updated_from": _text(period.start), "updated_to": _text(period.end)}
        runs = http.pages("/api/runs", OffsetPages("runs", total="total"), changed, key=_id)
        yield from (Raw("run", run) for run in runs)

    def parse(self, raw: Raw) -> Iterator[dict[str, Any]]:
        data = raw.data
        if raw.kind == "job":
            told = {"kind": "pipeline", "description": data.get("description")}
            yield {"fact": "asset", "asset": self.asset(data["name"]), **told}
        else:
            yield {
                "fact": "run",
                "id": data["id"],
                "asset": self.asset(data["job"]),
                "state": STATES.get(data["state"]),
                "started_at": data.get("started_at"),
                "ended_at": data.get("ended_at"),
                "url": f"{self.settings.url}/runs/{data['id']}",
            }

    def check(self) -> list[Finding]:
        return [self._finding(path) for path in ("/api/jobs", "/api/runs")]

    def _finding(self, path: str) -> Finding:
        """Whether one listing may be read."""
        try:
            total = self._http().get(path, {"limit": 1, "offset": 0})["total"]
        except SourceError as error:
            return Finding(False, f"{path}: {error}", f"Grant it: {GRANTS}")
        return Finding(True, f"{path}: {total} to read")

    def _http(self) -> Http:
        return self.settings.http(self.settings.url, GRANTS, self.rate)


def _id(record: dict[str, Any]) -> str:
    return str(record["id"])


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
'''

CASE = """source: @name@
settings: {url: "{url}", token: canary-@name@-token}
now: 2026-11-20T12:00:00Z
history_days: 3
origin: made up by `tierline new source`; put recorded answers, or those of the vendor's specification, in their place
answers:
  - {path: /api/jobs, query: {limit: "1"}, file: jobs_1.json}
  - {path: /api/jobs, query: {offset: "0"}, file: jobs_1.json}
  - {path: /api/jobs, query: {offset: "1"}, file: jobs_2.json}
  - {path: /api/runs, query: {offset: "0"}, file: runs_1.json}
  - {path: /api/runs, query: {offset: "1"}, file: runs_2.json}
"""

ANSWERS = {
    "jobs_1.json": '{"jobs": [{"id": "j1", "name": "orders", "description": "All orders"}], "total": 2}\n',
    "jobs_2.json": '{"jobs": [{"id": "j2", "name": "refunds"}], "total": 2}\n',
    "runs_1.json": '{"runs": [{"id": "run-1", "job": "orders", "state": "succeeded",\n'
    ' "started_at": "2026-11-20T05:00:00Z", "ended_at": "2026-11-20T05:20:00Z"}], "total": 2}\n',
    "runs_2.json": '{"runs": [{"id": "run-2", "job": "refunds", "state": "failed",\n'
    ' "started_at": "2026-11-20T06:00:00Z", "ended_at": "2026-11-20T06:01:00Z"}], "total": 2}\n',
}

FACTS = """\
{"fact": "asset", "id": "@name@/orders@2026-11-20T12:00:00Z", "asset": "@name@/orders", "kind": "pipeline", \
"valid_from": "2026-11-20T12:00:00Z", "environment": "production", "description": "All orders"}
{"fact": "asset", "id": "@name@/refunds@2026-11-20T12:00:00Z", "asset": "@name@/refunds", "kind": "pipeline", \
"valid_from": "2026-11-20T12:00:00Z", "environment": "production"}
{"fact": "run", "id": "run-1", "url": "{url}/runs/run-1", "asset": "@name@/orders", "state": "success", \
"started_at": "2026-11-20T05:00:00Z", "ended_at": "2026-11-20T05:20:00Z"}
{"fact": "run", "id": "run-2", "url": "{url}/runs/run-2", "asset": "@name@/refunds", "state": "failed", \
"started_at": "2026-11-20T06:00:00Z", "ended_at": "2026-11-20T06:01:00Z"}
"""

TEST = '''"""@title@: what becomes of its records."""

from __future__ import annotations

from datetime import UTC, datetime

from collectors.base import Raw
from @module@ import @Name@

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def source() -> @Name@:
    settings = @Name@.Settings.model_validate({"url": "https://@name@.example", "token": "a-token"})
    return @Name@("@name@", settings, lambda: NOW)


def test_a_run() -> None:
    run = {"id": "7", "job": "orders", "state": "failed", "started_at": "2026-11-20T05:00:00Z", "ended_at": None}
    assert list(source().parse(Raw("run", run))) == [
        {
            "fact": "run",
            "id": "7",
            "asset": "@name@/orders",
            "state": "failed",
            "started_at": "2026-11-20T05:00:00Z",
            "ended_at": None,
            "url": "https://@name@.example/runs/7",
        }
    ]


def test_a_state_nobody_knows_has_no_value() -> None:
    [fact] = source().parse(Raw("run", {"id": "7", "job": "orders", "state": "paused"}))
    assert fact["state"] is None
'''

CONTRACT = '''"""The contract and the faults that every source of Tierline is put to, over the cases in golden/."""

from __future__ import annotations

from pathlib import Path

from collectors.contract.suite import SourceContract


class TestContract(SourceContract):
    folder = Path(__file__).parent / "golden"
'''

PROJECT = """[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "tierline-@name@"
version = "0.1.0"
description = "@title@ for Tierline."
requires-python = ">=3.11"
dependencies = ["tierline"]

[project.entry-points."tierline.collectors"]
@name@ = "tierline_@name@:@Name@"

[tool.setuptools]
py-modules = ["tierline_@name@"]

[tool.pytest.ini_options]
addopts = "--import-mode=importlib"

[tool.ruff]
line-length = 120

[tool.ruff.lint]
select = ["E", "F", "I", "UP", "B"]
isort.known-first-party = ["collectors", "slo", "tierline_@name@"]
"""


def files(name: str, title: str, shelf: bool) -> dict[str, str]:
    """Path -> text of everything that is written; ``shelf``: into a checkout of Tierline, else a package of its own."""
    module = f"collectors.sources.{name}" if shelf else f"tierline_{name}"
    golden = f"tests/golden/{name}"
    made = {f"{golden}/case.yaml": CASE, f"{golden}/facts.jsonl": FACTS}
    made |= {f"{golden}/{file}": text for file, text in ANSWERS.items()}
    if shelf:
        made |= {f"collectors/sources/{name}.py": SOURCE, f"tests/collectors/test_{name}.py": TEST}
    else:
        made |= {f"tierline_{name}.py": SOURCE, f"tests/test_{name}.py": TEST, "tests/test_contract.py": CONTRACT,
                 "pyproject.toml": PROJECT}  # fmt: skip
    words = {"@name@": name, "@Name@": class_name(name), "@title@": title, "@module@": module}
    return {path: filled(text, words) for path, text in made.items()}


def class_name(name: str) -> str:
    """big_query -> BigQuery."""
    return "".join(part.capitalize() for part in name.split("_"))


def filled(text: str, words: dict[str, str]) -> str:
    """The text with each word in its place."""
    for word, value in words.items():
        text = text.replace(word, value)
    return text
