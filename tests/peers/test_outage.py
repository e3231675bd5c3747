"""An outage, from the facts to the person on call: the budget burns, the rule fires in a real Prometheus, a real
Alertmanager delivers, recovery resolves it; and a Tierline that is dead, or alive without evaluating, is noticed.

Rules and route are those that ``tierline rules`` writes, with their times shortened (oncall.py).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.peer
HOUR, DAY, LANDS = timedelta(hours=1), timedelta(days=1), timedelta(minutes=15)
CHILDREN, TABLES = ("etl/orders", "etl/billing"), ("wh/orders", "wh/billing")
PIPELINES = ("etl/load", *CHILDREN)
PAGE, SLO = "https://tierline.example.com", "pipeline_success_rate-staff_platform-2"
FAILING, DOWN = ("TierlineRunFailing", "etl/load"), ("TierlineDown", "")
STALE = ("TierlineEvaluationStale", "")
AFFECTED = "assets affected: 5"
LONG = 180.0
"""Seconds a busy machine is given."""
NOBODY = {"annotations": {"summary": ""}}
KINDS = ("run", "dataset_update")
Facts = list[dict[str, Any]]


def text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def run(asset: str, started: datetime, state: str, due: datetime | None) -> dict[str, Any]:
    """Of five minutes; without a slot it was started by hand."""
    slot = {"trigger": "manual"} if due is None else {"trigger": "schedule", "due_at": text(due)}
    return {"fact": "run", "id": f"{asset}/{text(started)}", "asset": asset, "state": state, **slot,
            "started_at": text(started), "ended_at": text(started + timedelta(minutes=5))}  # fmt: skip


class Story:
    """An hourly load of tier 0, two pipelines of tier 1 behind it, and their tables, which may be 90 minutes old.

    What follows the load does so ten minutes later, and lands another five later. The newest slot was 25 minutes ago:
    the next one comes long after the test. A run may be told 45 minutes late."""

    def __init__(self) -> None:
        self.slot = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=25)
        self.first = self.slot - 719 * HOUR

    def hours(self, *back: int) -> list[datetime]:
        return [self.slot - place * HOUR for place in back]

    def assets(self) -> Iterator[dict[str, Any]]:
        since = {"valid_from": text(self.first)}
        for name in PIPELINES:
            behind = name in CHILDREN
            minute = (self.slot.minute + 10 * behind) % 60
            yield {"fact": "asset", "id": name, "asset": name, "kind": "pipeline", "tier": int(behind), **since,
                   "team": "commerce" if behind else "core", "schedule": f"{minute} * * * *",
                   "grace_seconds": 2700}  # fmt: skip
        for child, table in zip(CHILDREN, TABLES, strict=True):
            yield {"fact": "asset", "id": table, "asset": table, "kind": "dataset", "tier": 1, "team": "commerce",
                   "freshness": {"max_age_seconds": 5400}, **since}  # fmt: skip
            for up, down in (("etl/load", child), (child, table)):
                yield {
                    "fact": "edge",
                    "id": f"{up}>{down}",
                    "upstream": up,
                    "downstream": down,
                    "seen_at": text(self.first),
                }

    def runs(self, *back: int, state: str = "success") -> Facts:
        """Of all pipelines, so many hours before the newest slot."""
        slots = [(name, slot + timedelta(minutes=10 * (name in CHILDREN))) for slot in self.hours(*back)
                 for name in PIPELINES]  # fmt: skip
        return [run(name, due, state, due) for name, due in slots]

    def landings(self, *back: int) -> Facts:
        return [fact for slot in self.hours(*back) for fact in landed(slot + LANDS)]

    def before(self) -> Facts:
        """A month in which all went well, up to four hours before the newest slot."""
        back = range(719, 3, -1)
        return [*self.assets(), *self.runs(*back), *self.landings(*back)]

    def quiet(self) -> tuple[Facts, Facts]:
        """All well; the newest slot is not told yet."""
        return self.runs(3, 2, 1), self.landings(3, 2, 1)

    def outage(self) -> tuple[Facts, Facts]:
        """Bad data: the last two loads were cleared, their tables rolled back, and since then nothing succeeds."""
        return self.runs(3) + self.runs(2, 1, 0, state="failed"), self.landings(3)

    def mended(self) -> tuple[Facts, Facts]:
        """All was run by hand, with success."""
        runs, landings = self.outage()
        by_hand = self.slot + timedelta(minutes=18)
        again = [run(name, by_hand, "success", None) for name in PIPELINES]
        return runs + again, landings + landed(by_hand + timedelta(minutes=6))

    def counted(self, as_of: str) -> int:
        """Runs of an hourly pipeline that were called for in the 30 days up to then, which begin at midnight."""
        begin = datetime.fromisoformat(as_of).replace(hour=0, minute=0) - 29 * DAY
        return sum(slot >= begin for slot in self.hours(*range(720)))


def landed(at: datetime) -> Facts:
    return [{"fact": "dataset_update", "id": f"{table}/{text(at)}", "asset": table, "at": text(at)} for table in TABLES]


class Tierline:
    """The command over a store of the test. Two registers, read every second, tell what has happened lately."""

    def __init__(self, folder: Path, ops: int, web: int, story: Story) -> None:
        self.folder, self.ops, self.story = folder, ops, story
        (folder / "targets").mkdir()
        row = {"row": 2, "adopted": story.first.date(), "adopted_by": "core"}  # at least 99.5 % of runs succeed
        targets = {"profile": "staff_platform", "targets": [row]}
        (folder / "targets/staff_platform.yaml").write_text(yaml.safe_dump(targets))
        sources = {kind: self._register(kind, rows) for kind, rows in zip(KINDS, story.mended(), strict=True)}
        settings = {"store": f"sqlite:///{folder / 'tierline.db'}", "ops": {"port": ops}, "web": {"port": web},
                    "alerts": {"paging": True}, "sources": sources}  # fmt: skip
        (folder / "tierline.yaml").write_text(json.dumps(settings))
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("TIERLINE_")}

    def _register(self, kind: str, rows: Facts) -> dict[str, Any]:
        columns = {name: name for row in rows for name in row if name not in ("fact", "id")}
        return {"type": "file", "path": str(self.folder / f"{kind}.jsonl"), "fact": kind, "map": columns, "id": "{id}",
                "interval": 1, "complete": True}  # fmt: skip

    def tell(self, story: tuple[Facts, Facts]) -> None:
        """What the registers hold from now on; what is gone from them never happened."""
        for kind, rows in zip(KINDS, story, strict=True):
            written = self.folder / f"{kind}.new"
            written.write_text("".join(json.dumps(row) + "\n" for row in rows))
            written.replace(self.folder / f"{kind}.jsonl")

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "tierline", "--config", str(self.folder / "tierline.yaml"), *words]

    def run(self, *words: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            self.command(*words), capture_output=True, text=True, timeout=120, check=False, input=stdin, env=self.env
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def tierline(tmp_path: Path, free_port: Callable[[], int]) -> Tierline:
    """All well so far; last evaluated eleven minutes ago, as the store aged.db keeps it."""
    story = Story()
    made = Tierline(tmp_path, free_port(), free_port(), story)
    facts = "\n".join(json.dumps({"source": "imported", **fact}) for fact in story.before())
    made.run("facts", "import", "-", stdin=facts)
    made.run("evaluate", "--as-of", text(datetime.now(UTC) - timedelta(minutes=11)))
    shutil.copyfile(tmp_path / "tierline.db", tmp_path / "aged.db")
    made.run("rules", "--out", str(tmp_path), "--page", PAGE, "--job", "tierline")
    made.tell(story.quiet())
    return made


def test_an_outage_reaches_who_is_on_call(
    tierline: Tierline, processes: Any, put_on_call: Callable[..., Any], wait_until: Callable[..., None],
    is_up: Callable[[str], bool],
) -> None:  # fmt: skip
    served = processes.start("serve", tierline.command("serve"), env=tierline.env)
    wait_until(lambda: is_up(f"http://127.0.0.1:{tierline.ops}/readyz"), "tierline serve is ready")
    people = put_on_call(tierline.folder, tierline.ops)
    wait_until(lambda: "evaluated: " in processes.log("serve"), "the quiet hours are evaluated", LONG)
    tierline.tell(tierline.story.outage())
    wait_until(
        lambda: AFFECTED in people.told.get(FAILING, NOBODY)["annotations"]["summary"], "the outage is told", LONG
    )
    says_what_it_is(people, json.loads(tierline.run("alerts", "--format", "json")), tierline.story)
    tierline.tell(tierline.story.mended())
    wait_until(lambda: FAILING not in people.firing, "its end is told", LONG)
    silenced = json.loads(tierline.run("alerts", "--format", "json"))["silenced"]
    assert {one["why"] for one in silenced} == {"explained by RunFailing:etl/load, which is over"}
    processes.end(served, signal.SIGKILL)
    wait_until(lambda: DOWN in people.firing, "it is told that Tierline is dead", LONG)
    aged = {**tierline.env, "TIERLINE_STORE": f"sqlite:///{tierline.folder / 'aged.db'}"}
    processes.start("ops", tierline.command("serve", "--role", "ops"), env=aged)
    wait_until(lambda: people.firing == {STALE}, "it is alive, and it is told that nobody evaluates", LONG)
    assert set(people.told) == {FAILING, DOWN, STALE}  # nobody was told of anything else, first to last
    assert people.told[STALE]["annotations"]["summary"].startswith("Tierline's newest evaluation is 1")
    assert {one["receiver"] for one in people.deliveries if one["labels"].get("cause")} == {"pager", "team-core"}


def says_what_it_is(people: Any, watch: dict[str, Any], story: Story) -> None:
    """One alert of one cause. Three of the load's runs failed of all in thirty days, of which half a percent may."""
    assert people.firing == {FAILING}
    told = people.told[FAILING]
    assert told["labels"] == {
        "alertname": "TierlineRunFailing", "cause": "etl/load", "job": "tierline", "severity": "page", "team": "core",
        "tier": "0", "tierline": "true",
    }  # fmt: skip
    (alert,) = watch["alerts"]
    assert set(alert["affected"]) == {*PIPELINES, *TABLES}
    left = 1 - Fraction(3) / (Fraction("0.005") * story.counted(watch["as_of"]))
    assert alert["remaining"] == pytest.approx(float(left))
    assert alert["slo"] == f"{SLO}-tier0"
    first = story.slot - 2 * HOUR + timedelta(minutes=5)
    said = told["annotations"]
    assert said["summary"] == f"etl/load fails or has not run; {AFFECTED}, the most critical of tier 0"
    assert said["dashboard"] == f"{PAGE}/assets/etl%2Fload"
    assert said["description"].startswith(f"No run has succeeded since {first:%Y-%m-%d %H:%M} UTC. Open: etl/load (2h ")
    assert f" Budget left: {float(100 * left):.4g}% of {SLO}-tier0. Burn in the last 3 days: " in said["description"]
    assert said["description"].endswith(" UTC at that pace. Most of what was bad: etl/load (100%).")
    assert {one["key"] for one in watch["silenced"]} == {f"BudgetBurning:{SLO}-tier{tier}" for tier in (0, 1)}
