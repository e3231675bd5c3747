"""An outage of a pipeline of the demo platform reaches who is on call, through the real Prometheus and Alertmanager.

The demo runs as people run it; the outage and its end are told by ``tierline facts import`` into its store.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

pytestmark = [pytest.mark.peer, pytest.mark.full]
LONG = 600.0
"""Seconds: the demo is read in half a minute, and evaluated every minute; a busy machine takes several times that."""


class Demo:
    """``tierline demo`` with two weeks of history."""

    def __init__(self, processes: Any, port: int) -> None:
        self.processes, self.port = processes, port
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("TIERLINE_")}
        command = [sys.executable, "-m", "tierline", "demo", "--days", "14"]
        processes.start("demo", command, env={**self.env, "TIERLINE_PORT": str(port)})

    @property
    def settings(self) -> Path | None:
        found = re.search(r"The settings +(\S+)", self.processes.log("demo"))
        return Path(found[1]) if found else None

    def run(self, *words: str, stdin: str | None = None) -> str:
        command = [sys.executable, "-m", "tierline", "--config", str(self.settings), *words]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=LONG, check=False, input=stdin, env=self.env
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def watch(self) -> dict[str, Any]:
        return dict(json.loads(self.run("alerts", "--format", "json")))

    def quiet_pipelines(self) -> Iterator[dict[str, Any]]:
        """Of tier 0, run daily, and not within two hours of now: nothing but the test moves them."""
        assert self.settings is not None
        hour = datetime.now(ZoneInfo("Europe/Berlin")).hour
        rows = map(json.loads, (self.settings.parent / "inventory.jsonl").read_text().splitlines())
        now = {row["asset"]: row for row in rows}
        for row in now.values():
            daily = re.fullmatch(r"\d+ (\d+) \* \* \*", row.get("schedule") or "")
            if row.get("tier") == 0 and daily and (int(daily[1]) - hour) % 24 not in (23, 0, 1) \
                    and not row.get("paused") and not row.get("retired"):  # fmt: skip
                yield row

    def tell(self, asset: str, *states: str) -> None:
        """Runs of a minute that an event began, one after the other, the last of them just over; told all at once, so
        that no evaluation comes in between."""
        now, told = datetime.now(UTC), []
        for place, state in enumerate(states):
            started = now - timedelta(minutes=2 * (len(states) - place))
            told.append({"fact": "run", "source": "imported", "id": f"{state}-{started}", "asset": asset,
                         "state": state, "trigger": "event", "started_at": f"{started:%Y-%m-%dT%H:%M:%SZ}",
                         "ended_at": f"{started + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}"})  # fmt: skip
        self.run("facts", "import", "-", stdin="\n".join(map(json.dumps, told)))


def test_an_outage_of_the_demo_reaches_who_is_on_call(
    processes: Any, free_port: Callable[[], int], put_on_call: Callable[..., Any], wait_until: Callable[..., None],
    tmp_path: Path,
) -> None:  # fmt: skip
    demo = Demo(processes, free_port())
    wait_until(lambda: demo.settings is not None, "the demo is read", LONG)
    demo.run("rules", "--out", str(tmp_path), "--job", "tierline")
    pipeline = next(demo.quiet_pipelines())
    asset, key = pipeline["asset"], ("TierlineRunFailing", pipeline["asset"])
    before = budget(demo.watch())
    people = put_on_call(tmp_path, demo.port)
    demo.tell(asset, "failed", "failed", "failed")
    wait_until(lambda: key in people.firing, "the outage is told", LONG)
    watch = demo.watch()
    says_what_it_is(people.told[key], watch, pipeline)
    assert budget(watch)["bad"] == before["bad"] + 3
    assert budget(watch)["remaining"] < before["remaining"]
    demo.tell(asset, "success")
    wait_until(lambda: key not in people.firing, "its end is told", LONG)
    assert not {told for told in people.firing if told[1] == before["slo"]}  # the budget that it burnt was told with it


def budget(watch: dict[str, Any]) -> dict[str, Any]:
    """Of the pipelines of tier 0."""
    (found,) = [one for one in watch["slos"] if one["kpi"] == "pipeline_success_rate" and one["tier"] == "0"]
    return dict(found)


def says_what_it_is(told: dict[str, Any], watch: dict[str, Any], pipeline: dict[str, Any]) -> None:
    (alert,) = [one for one in watch["alerts"] if pipeline["asset"] in one["affected"]]
    labels = {name: told["labels"][name] for name in ("severity", "team", "tier", "tierline", "cause")}
    assert labels == {
        "severity": "ticket", "team": pipeline["team"], "tier": "0", "tierline": "true", "cause": pipeline["asset"]
    }  # fmt: skip
    assert told["receiver"] == f"team-{pipeline['team']}"
    since = datetime.fromisoformat(alert["since"])
    description = told["annotations"]["description"]
    assert description.startswith(f"No run has succeeded since {since:%Y-%m-%d %H:%M} UTC. Open: {pipeline['asset']} (")
    assert f" Budget left: {100 * alert['remaining']:.4g}% of {alert['slo']}." in description
