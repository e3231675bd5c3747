"""A newcomer with nothing but the page: every command of docs/first-day.md, in its order, from an empty folder, against
the demo's systems. Each step is timed, its numbers compared with the world's own events, and nothing may end badly.

What the page cannot know is put in its place: the addresses, and that no tier is written down anywhere yet.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tierline.demo.chance import local_day
from tierline.demo.platform import Servers, start_servers, write_files
from tierline.demo.servers import airflow, pagerduty
from tierline.demo.truth import TRUTHS, Question
from tierline.demo.world import World

pytestmark = pytest.mark.newcomer

PAGE = Path(__file__).parents[2] / "docs" / "first-day.md"
DAYS = 66
"""Last month is in it whole, on whatever day the test runs."""
CRITICAL = 40


def now() -> datetime:
    return datetime.now(UTC)


def commands(text: str) -> list[str]:
    """The commands of a page: indented lines that call tierline."""
    return [line.strip() for line in text.splitlines() if line.startswith("    tierline ")]


class Home:
    """An empty folder and the real command in it; every call is timed."""

    def __init__(self, folder: Path, servers: Servers) -> None:
        self.folder, self.servers = folder, servers
        self.times: list[tuple[str, float]] = []
        mine = {"AIRFLOW_TOKEN": airflow.TOKEN, "PAGERDUTY_TOKEN": pagerduty.TOKEN}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TIERLINE_")}
        self.environ = {**kept, **mine}

    def run(self, line: str, *more: str, step: bool = True) -> subprocess.CompletedProcess[str]:
        """One command; it must end well, and without a traceback."""
        before = time.monotonic()
        command = [sys.executable, "-m", "tierline", *shlex.split(line)[1:], *more]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environ, capture_output=True, text=True, encoding="utf-8", timeout=300
        )
        if step:
            self.times.append((line, time.monotonic() - before))
        assert done.returncode == 0, f"{line}: {done.stderr}"
        said = done.stdout + done.stderr
        assert "Traceback" not in said and airflow.TOKEN not in said and pagerduty.TOKEN not in said
        return done

    def show(self, kpi: str, window: str, *more: str) -> dict[str, Any]:
        """A KPI as ``tierline show`` tells it."""
        told = self.run(f"tierline show {kpi} --window {window} --format json", *more, step=False)
        found: dict[str, Any] = json.loads(told.stdout)
        return found


@pytest.fixture(scope="module")
def world() -> World:
    return World(now(), pipelines=24, datasets=50, days=DAYS)


@pytest.fixture(scope="module")
def home(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    platform = tmp_path_factory.mktemp("platform")
    for _ in write_files(world, platform, now()):
        pass
    untiered(platform / "dbt")
    servers = start_servers(world, now)
    made = Home(tmp_path_factory.mktemp("newcomer"), servers)
    (made.folder / "dbt").mkdir()
    (made.folder / "dbt" / "target").symlink_to(platform / "dbt")
    yield made
    servers.stop()


def untiered(folder: Path) -> None:
    """Takes the tiers out of dbt's manifests: on this platform none is written down."""
    for manifest in folder.rglob("manifest.json"):
        manifest.write_text(re.sub(r'"tier": [0-3], ', "", manifest.read_text()))


def test_the_first_day(home: Home, world: World, capsys: pytest.CaptureFixture[str]) -> None:
    day = _Day(home, world)
    for line in commands(PAGE.read_text(encoding="utf-8")):
        day.follow(line)
    assert day.met == set(day.steps)
    with capsys.disabled():
        width = max(len(line) for line, _ in home.times)
        sys.stdout.write("\n" + "".join(f"  {line:<{width}}  {took:5.1f} s\n" for line, took in home.times))
        sys.stdout.write(f"  {'the whole day':<{width}}  {sum(took for _, took in home.times):5.1f} s\n")


class _Day:
    """The page's commands with what must be true after each."""

    def __init__(self, home: Home, world: World) -> None:
        self.home, self.world = home, world
        self.month = local_day(now()).replace(day=1) - timedelta(days=1)
        self.critical: set[str] = set()
        self.met: set[str] = set()
        self.steps = {
            "init https://airflow": self.airflow, "coverage": self.coverage, "init ./dbt": self.dbt,
            "collect": self.collect, "init https://acme.pagerduty": self.pagerduty,
            "suggest incidents": self.services, "assets apply services": self.mapped, "suggest tiers": self.tiers,
            "assets apply critical": self.apply, "show": self.show, "report": self.report, "digest": self.digest,
        }  # fmt: skip

    def follow(self, line: str) -> None:
        step = next(begin for begin in self.steps if line.startswith(f"tierline {begin}"))
        self.met.add(step)
        self.steps[step](line)

    def airflow(self, line: str) -> None:
        url = self.home.servers.urls["airflow-prod"]
        line = line.replace("https://airflow.example.com", url)
        told = self.home.run(line, "--set", "tier_tag=no such tag ([0-3])")
        assert "pipeline_success_rate" in told.stdout and "▲ fails" not in told.stderr
        self._runs("7d", 7)

    def coverage(self, line: str) -> None:
        first = self.home.run(line).stdout.splitlines()[0]
        assert first.startswith("1 measured, ") and first in PAGE.read_text(encoding="utf-8")

    def dbt(self, line: str) -> None:
        self.home.run(line, "--set", "namespace=snowflake://acme")
        self._true("dq_test_pass_rate", "7d", 7)

    def collect(self, line: str) -> None:
        self.home.run(line)
        self._runs(f"{self.month:%Y-%m}", None)
        for kpi in ("mttd", "mttr", "incident_recurrence_rate"):
            self._true(kpi, "28d", 28)

    def pagerduty(self, line: str) -> None:
        """Its address, and what only the team itself knows: which field says when an impact began."""
        url = self.home.servers.urls["pagerduty"]
        line = line.replace("https://acme.pagerduty.com", f"{url} --type pagerduty")
        own = "fields={started_at: impact_start, cause: root_cause}"
        self.home.run(line, "--set", own, "--set", "requests_per_second=1000")

    def services(self, line: str) -> None:
        """No page names an asset: but for those that what failed around them brought to one, every incident waits for
        its service's team and tier."""
        self.home.run(line)
        path = self.home.folder / "services.csv"
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.DictReader(stream))
        assert sum(int(row["incidents"]) for row in rows) == self._incidents() - self._inferred() > 0
        for row in rows:
            row |= {"team": "data-platform", "tier": "1"}
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, rows[0])
            writer.writeheader()
            writer.writerows(rows)

    def mapped(self, line: str) -> None:
        self.home.run(line)
        told = self.home.run("tierline incidents unmapped --format json", step=False)
        assert json.loads(told.stdout)["services"] == []
        whole, own = (self.home.show("mttr", "28d", *team)["n"] for team in ((), ("--team", "data-platform")))
        assert 0 <= whole - own <= self._inferred() and own > 0

    def tiers(self, line: str) -> None:
        """Every proposal is of an asset without a tier; forty names are chosen by hand: pipelines and datasets."""
        self.home.run(line)
        rows = (self.home.folder / "tiers.csv").read_text(encoding="utf-8-sig").splitlines()
        assert rows[0].startswith("asset,tier,reason") and len(rows) > 1
        pipelines = sorted(f"airflow/{one.dag_id}" for one in self.world.catalog.pipelines)[:15]
        datasets = sorted(one.name for one in self.world.catalog.datasets)[: CRITICAL - 15]
        self.critical = {name.removeprefix("airflow/") for name in pipelines}
        chosen = [f"{name},1" for name in (*pipelines, *datasets)]
        (self.home.folder / "critical.csv").write_text("\n".join(["asset,tier", *chosen]) + "\n")

    def apply(self, line: str) -> None:
        told = self.home.run(line, "--format", "json")
        assert json.loads(told.stdout)["assets"] == CRITICAL

    def show(self, line: str) -> None:
        self.home.run(line)
        self._runs("7d", 7, self.critical)

    def report(self, line: str) -> None:
        """Last month's, whatever the page calls it; as JSON its figures are the world's own."""
        name = f"{self.month:%Y-%m}"
        self.home.run(line.replace("2026-10", name))
        text = (self.home.folder / f"tierline-{name}.html").read_text(encoding="utf-8")
        assert "not set up" in text and "Pipeline success rate" in text
        self.home.run(f"tierline report {name} --out report.json", step=False)
        told = json.loads((self.home.folder / "report.json").read_text(encoding="utf-8"))
        rows = [one for group in told["table"] for one in group["rows"]]
        own = next(one["parts"] for one in rows if one["kpi"] == "pipeline_success_rate")
        as_of = datetime.fromisoformat(told["as_of"])
        assert (own["good"], own["bad"]) == self._happened(self._window(None, as_of), as_of)

    def digest(self, line: str) -> None:
        assert "No target is adopted yet" in self.home.run(line).stdout

    def _window(self, days: int | None, as_of: datetime) -> tuple[date, date]:
        """The last days as of a moment, or last month."""
        today = local_day(as_of)
        return (today - timedelta(days=days - 1), today) if days else (self.month.replace(day=1), self.month)

    def _runs(self, window: str, days: int | None, only: set[str] | None = None) -> None:
        """Success and failure as they happened: by Airflow alone no slot without a run counts, and no maintenance."""
        told = self.home.show("pipeline_success_rate", window, *(["--tier", "1"] if only else []))
        as_of = datetime.fromisoformat(told["as_of"])
        assert (told["good"], told["bad"]) == self._happened(self._window(days, as_of), as_of, only)

    def _happened(self, window: tuple[date, date], as_of: datetime, only: set[str] | None = None) -> tuple[int, int]:
        """Scheduled runs that succeeded and that failed, by a plain loop over the world's events."""
        counted: Counter[str] = Counter()
        for run in self.world.runs(window[0] - timedelta(days=2), window[1] + timedelta(days=2)):
            seen = run.seen(as_of)
            if seen is None or seen.trigger not in ("schedule", "event") or (only and run.pipeline.dag_id not in only):
                continue
            if window[0] <= local_day(seen.due or seen.started) <= window[1]:
                counted[seen.state] += 1
        return counted["success"], counted["failed"]

    def _incidents(self) -> int:
        """Incidents that are known by now, each once: one that was merged into another is that other."""
        return sum(one.detected <= now() and one.duplicate_of is None for one in self.world.incidents)

    def _inferred(self) -> int:
        """Incidents whose asset was inferred from what failed around them."""
        told = self.home.run("tierline facts export correction", step=False).stdout.splitlines()
        laid = [one for one in map(json.loads, told) if (one["source"], one["target_fact"]) == ("inferred", "incident")]
        return len({one["target_id"] for one in laid if "assets" in one["set"]})

    def _true(self, kpi: str, window: str, days: int) -> None:
        told = self.home.show(kpi, window)
        as_of = datetime.fromisoformat(told["as_of"])
        true = TRUTHS[kpi](Question(self.world, *self._window(days, as_of), as_of))
        assert {part: told[part] for part in true} == pytest.approx(true)
