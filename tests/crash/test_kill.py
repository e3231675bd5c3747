"""Killed at any moment of import, collect, evaluate and migration, nothing stored is lost and nothing doubled; the
next run continues. Thirty random moments, printed with their seed (TIERLINE_KILL_SEED repeats them), some of them
inside the refresh.

The disturbed platform gets the same facts in the same rounds as the undisturbed one; in each round one task is killed
and run again. Facts come in every round; evaluated and migrated is where that is what is killed. In the end both must
hold the same facts and show the same results.
"""

from __future__ import annotations

import importlib.util
import json
import multiprocessing
import os
import random
import runpy
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest

from slo.store import Store
from tierline.config import load
from tierline.jsonlines import lines

pytestmark = pytest.mark.kill

WORKER = Path(__file__).parent / "worker.py"
SEED = int(os.environ.get("TIERLINE_KILL_SEED") or time.time_ns() % 1_000_000)
KILLS = ("evaluate",) * 12 + ("import",) * 8 + ("collect",) * 6 + ("migrate",) * 4
PIPELINES = 24
STEP = timedelta(minutes=5)
"""Between two rounds; longer than a killed refresh's lease."""
REFRESHES = 0.25
"""The share of an evaluation's time in which it surely refreshes."""
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["slo.engine", "tierline.config", "tierline.jsonlines", "collectors.runner", "yaml"])


@cache
def worker() -> Any:
    """The worker as a module of this process."""
    spec = importlib.util.spec_from_file_location("worker", WORKER)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SETTINGS = """\
store: sqlite:///{home}/store.db
sources:
  checks:
    type: file
    path: {home}/checks.jsonl
    fact: check_result
    id: "{{id}}"
    map: {{asset: asset, check: check, outcome: outcome, at: at, severity: severity}}
"""


def stamp(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def asset_lines(start: datetime) -> Iterator[dict[str, Any]]:
    for number in range(PIPELINES):
        yield {
            "fact": "asset", "source": "a", "id": f"a/p{number}", "asset": f"a/p{number}", "kind": "pipeline",
            "tier": number % 4, "team": f"team{number % 3}", "schedule": "0 * * * *", "valid_from": stamp(start),
        }  # fmt: skip


def run_lines(day: datetime, dice: random.Random) -> Iterator[dict[str, Any]]:
    """A day of hourly runs, some failed, some never started; and a few of the days before told anew."""
    for number in range(PIPELINES):
        for hour in range(24):
            due = day + timedelta(hours=hour)
            if dice.random() > 0.01:
                state = "failed" if dice.random() < 0.03 else "success"
                yield run_line(number, due, state, due + timedelta(minutes=10))
    for _ in range(40):
        due = day - timedelta(hours=dice.randrange(1, 200))
        yield run_line(dice.randrange(PIPELINES), due, "success", day)


def run_line(number: int, due: datetime, state: str, revised: datetime) -> dict[str, Any]:
    return {
        "fact": "run", "source": "a", "id": f"p{number}/{stamp(due)}", "asset": f"a/p{number}", "state": state,
        "trigger": "schedule", "due_at": stamp(due), "started_at": stamp(due), "revised_at": stamp(revised),
        "ended_at": stamp(due + timedelta(minutes=4)),
    }  # fmt: skip


def incident_lines(day: datetime, dice: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(3):
        start = day + timedelta(minutes=dice.randrange(1440))
        end = start + timedelta(minutes=dice.randrange(5, 400))
        yield {
            "fact": "incident", "source": "i", "id": f"{stamp(day)}-{number}", "started_at": stamp(start),
            "detected_at": stamp(start + timedelta(minutes=3)), "resolved_at": stamp(end),
            "assets": [f"a/p{dice.randrange(PIPELINES)}"], "cause": f"cause{dice.randrange(4)}",
        }  # fmt: skip


def check_lines(day: datetime, dice: random.Random) -> Iterator[dict[str, Any]]:
    for number in range(60):
        yield {
            "id": f"{stamp(day)}-{number}", "asset": f"a/p{number % PIPELINES}", "check": f"c{number}",
            "outcome": "fail" if dice.random() < 0.1 else "pass", "at": stamp(day + timedelta(minutes=number)),
            "severity": "critical",
        }  # fmt: skip


@dataclass
class Script:
    """What both platforms are told, round by round. Facts end a day before the first round."""

    folder: Path
    dice: random.Random
    rounds: list[str]
    now: datetime
    parts: list[str] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)

    def write(self) -> None:
        first = self.now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=len(self.rounds) + 1)
        for number in range(len(self.rounds)):
            day = first + timedelta(days=number)
            told = [*run_lines(day, self.dice), *incident_lines(day, self.dice)]
            told += asset_lines(first) if number == 0 else ()
            self.parts.append(str(self.folder / f"part{number}.jsonl"))
            Path(self.parts[-1]).write_text("".join(json.dumps(one) + "\n" for one in told))
            self.checks.append("".join(json.dumps(one) + "\n" for one in check_lines(day, self.dice)))

    def at(self, number: int) -> datetime:
        return self.now + number * STEP


@dataclass
class Platform:
    """One store, and the tasks done to it."""

    home: Path
    script: Script

    def __post_init__(self) -> None:
        self.home.mkdir()
        (self.home / "tierline.yaml").write_text(SETTINGS.format(home=self.home))
        (self.home / "checks.jsonl").write_text("")

    def arguments(self, task: str, number: int) -> dict[str, str]:
        home = self.home / f"fresh{number}" if task == "migrate" else self.home
        home.mkdir(exist_ok=True)
        file = self.script.parts[number]
        return {"task": task, "home": str(home), "now": self.script.at(number).isoformat(), "file": file}

    def do(self, task: str, number: int) -> float:
        """Undisturbed, in this process; the seconds the work took."""
        begun: list[float] = []
        worker().run(begin=lambda: begun.append(time.monotonic()), **self.arguments(task, number))
        return time.monotonic() - begun[0]

    def kill(self, task: str, number: int, seconds: float) -> bool:
        """In a process of its own, killed so many seconds after the work began; True where it was still at work."""
        here, there = CONTEXT.Pipe()
        given = {"PIPE": there, "ARGUMENTS": self.arguments(task, number)}
        process = CONTEXT.Process(target=runpy.run_path, args=(str(WORKER), given, "to_be_killed"))
        process.start()
        there.close()
        try:
            assert here.recv() == "begun"
            finished = here.poll(seconds)
            process.kill()
            told = here.recv() if finished else "killed"
        finally:
            process.kill()
            process.join()
            here.close()
        assert told in ("done", "killed"), told
        return not finished

    def waiting(self) -> int:
        """Changes and marks that the refresh has not worked off."""
        with closing(sqlite3.connect(self.home / "store.db")) as store:
            return sum(store.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("changes", "marks"))

    def round(self, number: int, before: Mapping[str, Callable[[], None]] | None = None) -> dict[str, float]:
        """What one round brings, and the task whose turn it is; ``before`` is called right before its task. The seconds
        each task took."""
        with (self.home / "checks.jsonl").open("a") as file:
            file.write(self.script.checks[number])
        seconds = {}
        for task in ("migrate", "import", "collect", "evaluate"):
            if task in ("import", "collect", self.script.rounds[number]):
                (before or {}).get(task, lambda: None)()
                seconds[task] = self.do(task, number)
        return seconds

    def facts(self) -> list[str]:
        """Every fact, but when this platform was observed by the clock."""
        kinds = ["asset", "run", "incident", "check_result"]
        with Store(f"sqlite:///{self.home}/store.db") as store:
            return sorted(lines(store, kinds))

    def results(self) -> list[dict[str, Any]]:
        """The snapshot of a last evaluation, from states alone, after the lease of whatever was killed has run out."""
        moment = self.script.at(len(self.script.rounds) + 1)
        config = load(str(self.home / "tierline.yaml"), {})
        with Store(config.store_url) as store:
            engine = worker().engine(store, config)
            assert engine.refresh(moment)
            return engine.evaluate(moment)


def tables(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as store:
        return sorted(row[0] for row in store.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))


@dataclass
class Killer:
    """Kills one task a round at a random moment of its usual time, and keeps the record. Every second evaluation is
    killed in the first part, where it refreshes."""

    platform: Platform
    dice: random.Random
    at_work: int = 0
    inside: int = 0
    evaluations: int = 0

    def kill(self, task: str, number: int, usual: float) -> None:
        self.evaluations += task == "evaluate"
        early = task == "evaluate" and self.evaluations % 2
        delay = self.dice.uniform(0, usual * REFRESHES if early else usual)
        killed = self.platform.kill(task, number, delay)
        left = self.platform.waiting() if killed and task == "evaluate" else 0
        self.at_work += killed
        self.inside += left > 0
        words = f", {left} changes and marks left" if left else ""
        tell(f"{number + 1:2d}  {task:9s} {'killed' if killed else 'done'} at {delay:.3f} of {usual:.3f} s{words}")


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")


def test_thirty_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    dice = random.Random(SEED)
    rounds = list(KILLS)
    dice.shuffle(rounds)
    script = Script(tmp_path, dice, rounds, datetime.now(UTC).replace(second=0, microsecond=0))
    script.write()
    calm, disturbed = Platform(tmp_path / "calm", script), Platform(tmp_path / "disturbed", script)
    killer = Killer(disturbed, dice)
    tell(f"\nseed {SEED}")
    for number, victim in enumerate(rounds):
        usual = calm.round(number)
        disturbed.round(number, {victim: partial(killer.kill, victim, number, usual[victim])})
    tell(f"{killer.at_work} of {len(rounds)} killed at work, {killer.inside} inside the refresh")
    assert killer.at_work >= 15 and killer.inside >= 3, f"seed {SEED}: too few were at work to tell"
    assert disturbed.facts() == calm.facts(), f"seed {SEED}"
    assert len(calm.facts()) > len(rounds) * PIPELINES * 23
    assert disturbed.results() == calm.results(), f"seed {SEED}"
    for number in (number for number, victim in enumerate(rounds) if victim == "migrate"):
        made = [tables(one.home / f"fresh{number}" / "store.db") for one in (calm, disturbed)]
        assert made[0] == made[1] and made[0]
