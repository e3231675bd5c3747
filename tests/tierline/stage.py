"""What receivers are told is played on: a store, a clock set by hand, and what an evaluation has found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dashboards.reading.reader import Snapshot
from slo.store import Store
from tierline.config import load
from tierline.notify.memory import Memory, remembered
from tierline.notify.receivers import tasks

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
HOOK = "notify: [{name: hook, webhook: 'env:HOOK', page: 'https://t.example'%s}]\n"
ALL = ", what: [alerts, changes]"
SLO = "pipeline_success_rate-own-1"
TWO = """
notify:
  - {name: dead, webhook: 'env:DEAD', page: 'https://t.example', what: [alerts, changes]}
  - {name: chat, slack: 'env:CHAT', page: 'https://t.example', what: [alerts, changes]}
"""
LATE = "orders has been late since 2026-11-16 11:00. Team web, tier 0, ticket."


def alert(cause: str = "orders", **other: Any) -> dict[str, Any]:
    """A dataset late since 11:00."""
    return {
        "alert": "DatasetLate", "key": f"DatasetLate:{cause}", "severity": "ticket", "cause": cause, "team": "web",
        "tier": "0", "domain": "shop", "since": "2026-11-16T11:00:00+00:00", "affected": [cause], "slo": "",
        "remaining": None, "burn_rate": None, "runs_out": None, "worst": [],
        "summary": f"{cause} has been late since 2026-11-16 11:00.", "page": f"/assets/{cause}",
    } | other  # fmt: skip


def budget(remaining: float, **other: Any) -> dict[str, Any]:
    return {
        "slo": SLO, "kpi": "pipeline_success_rate", "title": "Pipeline success rate", "tier": "0", "team": "platform",
        "period_days": 30, "remaining": remaining, "present_burn": 2.5, "runs_out": None, "watched": True,
        "page": "/slo/pipeline_success_rate/own-1-0?window=30d&tier=0",
    } | other  # fmt: skip


def result(status: str, **scope: Any) -> dict[str, Any]:
    return {
        "kpi": "mttr", "title": "Mean time to restore", "window": {"name": "28d"}, "scope": scope, "status": status,
        "value": 3600.0, "unit": "seconds", "targets": [], "series": [], "measure": "Samples",
    }  # fmt: skip


class Stage:
    """A store, a clock set by hand, and the receivers of some settings, each with its own memory."""

    def __init__(self, folder: Path, text: str, **environ: str) -> None:
        (folder / "tierline.yaml").write_text(f"store: sqlite:///{folder}/x.db\n{text}")
        self.config = load(str(folder / "tierline.yaml"), environ)
        self.store = Store(self.config.store_url)
        self.store.migrate()
        self.at, self.snapshot = NOON, Snapshot()
        self.restart()

    def restart(self) -> None:
        self.tasks = tasks(self.config)
        shown, now = lambda: self.snapshot, lambda: self.at
        self.ticks = [one.ticking(self.store, self.config, shown, now) for one in self.tasks]

    def see(
        self, minute: float, *alerts: Any, slos: Any = (), silenced: Any = (), results: Any = (), sources: Any = (),
        left: Any = None,
    ) -> None:  # fmt: skip
        """An evaluation so many minutes after noon, and every receiver's look at it."""
        self.at = NOON + timedelta(minutes=minute)
        watch = {"as_of": self.at.isoformat(), "alerts": alerts, "silenced": silenced, "slos": slos, "left": left or {}}
        self.snapshot = Snapshot(as_of=self.at, watch=watch, results=list(results), sources=sources)
        self.look()

    def evaluated(self, as_of: float, minute: float) -> None:
        """Every receiver's look, so many minutes after noon, at an evaluation as of earlier that found nothing."""
        moment = NOON + timedelta(minutes=as_of)
        watch = {"as_of": moment.isoformat(), "alerts": (), "silenced": (), "slos": ()}
        self.at, self.snapshot = NOON + timedelta(minutes=minute), Snapshot(as_of=moment, watch=watch)
        self.look()

    def look(self) -> None:
        for tick in self.ticks:
            tick()

    def memory(self, name: str = "hook") -> Memory:
        return remembered(self.store, name)


def told(slack: Any) -> list[list[str]]:
    """Of each message the changes' texts."""
    return [[one["text"] for one in body["changes"]] for _, body, _ in slack.got]
