"""One task of the kill test, run in a process of its own by ``runpy``: says when the work begins and ends."""

from __future__ import annotations

import traceback
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from collectors.runner import Runner
from slo.engine import Engine
from slo.shelf import shelf
from slo.store import Store
from tierline.config import Config, load
from tierline.jsonlines import Reading, opened

TOLD = (
    "dq_slo_attainment", "dq_test_pass_rate", "incident_recurrence_rate", "job_runtime", "mttd", "mttr",
    "ownership_coverage", "pipeline_success_rate",
)  # fmt: skip
"""KPIs of what the script tells. The others' states would be empty."""


def engine(store: Store, config: Config) -> Engine:
    with patch("slo.engine.shelf", lambda: {kpi: shelf()[kpi] for kpi in TOLD}):
        return Engine(store, config.to_platform())


def migrate(home: Path, begin: Any, **_: Any) -> None:
    """A store of its own each time: its schema is made."""
    begin()
    with Store(f"sqlite:///{home}/store.db") as store:
        store.migrate()


def import_(home: Path, begin: Any, file: str, **_: Any) -> None:
    with Store(f"sqlite:///{home}/store.db") as store:
        store.migrate()
        begin()
        with opened(file) as stream:
            reading = Reading(stream, file, print)
            store.upsert(reading, reading.refused)
    assert reading.set_aside == 0


def collect(home: Path, begin: Any, now: datetime, **_: Any) -> None:
    config = load(str(home / "tierline.yaml"), {})
    with Store(config.store_url) as store:
        store.migrate()
        begin()
        record = Runner(store, config.sources(lambda: now), lambda: now).collect("checks")
    assert record.ok and record.set_aside == 0, record


def evaluate(home: Path, begin: Any, now: datetime, **_: Any) -> None:
    config = load(str(home / "tierline.yaml"), {})
    with Store(config.store_url) as store:
        store.migrate()
        begin()
        engine(store, config).evaluate(now)


TASKS = {"migrate": migrate, "import": import_, "collect": collect, "evaluate": evaluate}


def run(task: str, home: str, begin: Any, now: str, file: str) -> None:
    TASKS[task](Path(home), begin, now=datetime.fromisoformat(now), file=file)


def report(pipe: Any, arguments: dict[str, str]) -> None:
    """Runs a task, telling through the pipe that it began, and how it ended if it was let."""
    try:
        run(begin=lambda: pipe.send("begun"), **arguments)
    except BaseException:
        pipe.send(traceback.format_exc())
    else:
        pipe.send("done")


if __name__ == "to_be_killed":
    report(globals()["PIPE"], globals()["ARGUMENTS"])
