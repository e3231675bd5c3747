"""Invented runs, updates, checks, incidents, alerts, changes and work items."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.oracle.worlds_base import ASSETS, BASE, Drawer, Record, text


class Events(Drawer):
    """What happens on a platform."""

    def run(self) -> Record:
        due = self.pick(None, self.when())
        started = self.pick(self.after(due), due) or due or self.when()
        state = self.pick("success", "success", "failed", "skipped", "cancelled")
        ended = self.after(started)
        backfill = self.pick(None, None, "b1", "b2")
        return self.fact(
            "run",
            asset=self.pick(*ASSETS),
            state=state if ended else "running",
            trigger="backfill" if backfill else self.pick(None, "schedule", "event", "manual"),
            due_at=due,
            started_at=started,
            ended_at=ended,
            backfill=backfill,
        )

    def job(self) -> list[Record]:
        """Four weeks of one job, twice a day: enough to compare its runtimes with those before. Once a world."""
        if "job" in self.mains:
            return []
        self.mains["job"] = name = self.pick("x/a", "x/c", "y/job")
        return [
            self._of_job(name, BASE + timedelta(days=day, hours=hour)) for day in range(-16, 12) for hour in (4, 16)
        ]

    def _of_job(self, name: str, due: datetime) -> Record:
        return self.fact(
            "run",
            asset=name,
            state=self.pick(*["success"] * 9, "failed"),
            trigger=self.pick(*["schedule"] * 9, "manual"),
            due_at=due,
            started_at=due,
            ended_at=due + timedelta(seconds=self.random.randint(60, 4000)),
        )

    def dataset_update(self) -> Record:
        at = self.when()
        through = self.pick(None, at, at - timedelta(hours=self.random.randint(0, 40)))
        backfill = self.pick(None, None, True)
        return self.fact("dataset_update", asset=self.pick(*ASSETS), at=at, data_through=through, backfill=backfill)

    def check_result(self) -> Record:
        return self.fact(
            "check_result",
            asset=self.pick(*ASSETS),
            check="c",
            at=self.own(self.when() - timedelta(days=self.pick(0, 0, 0, 0, 26))),
            type=self.pick(None, "schema", "null", "range", "reconciliation", "freshness", "volume", "custom"),
            severity=self.pick(None, "critical"),
            outcome=self.pick("pass", "fail", "error", "skip"),
        )

    def incident(self) -> Record:
        started = self.when()
        spans = None
        if self.pick(0, 0, 1):
            first = self.after(started) or started
            again = first + timedelta(hours=self.random.randint(0, 30))
            spans = [[text(started), text(first)], [text(again), text(self.after(again))]]
        return self.fact(
            "incident",
            started_at=started,
            detected_at=self.pick(self.after(started), started - timedelta(minutes=1)),
            resolved_at=None if spans else self.after(started),
            spans=spans,
            severity=self.pick(None, 1, 2, 3, 4, 5),
            cause=self.pick(None, "disk", "disk", "net"),
            assets=self.pick(None, ["x/a"], ["x/a", "x/was"], ["x/b", "x/c"]),
            tier=self.pick(None, None, 1),
            change=self.pick(None, "change-1", "s1/change-2", "change-2"),
            duplicate_of=self.pick(None, None, None, "incident-1"),
            found_by=self.pick(None, "consumer", "consumer", "test"),
            steps=self.pick(None, {}, {"runbook": self.pick(True, False, None), "updates": self.pick(True, False)}),
            **{"class": self.pick(None, "correctness", "correctness", "freshness")},
        )

    def alert(self) -> Record:
        fired = self.when()
        return self.fact(
            "alert",
            asset=self.pick(None, *ASSETS),
            fired_at=fired,
            acknowledged_at=self.pick(None, self.after(fired)),
            resolved_at=self.after(fired),
            label=self.pick(None, None, None, "actionable", "noise"),
            incident=self.pick(None, None, "incident-1"),
            dedup_key=self.pick(None, "k", "k", "l"),
        )

    def change(self) -> Record:
        told = self.fact(
            "change",
            kind=self.pick("deployment", "deployment", "pull_request"),
            asset=self.pick(None, *ASSETS),
            team=self.pick(None, "blue"),
            environment=self.pick(None, "production", "staging"),
            at=self.when(),
            state=self.pick(None, "succeeded", "failed", "rolled_back"),
            failure=self.pick(None, None, "hotfix"),
            user_visible=self.pick(None, True, False),
            size=self.pick(None, None, 0, 1, 3.5),
        )
        return told | {"id": self.pick(told["id"], "change-1", "change-2")}

    def work_item(self) -> Record:
        opened = self.when()
        started = self.pick(None, self.after(opened), self.after(opened))
        closed = self.pick(*[self.after(started or opened)] * 4, self.after(opened), opened - timedelta(hours=1))
        kinds = ("onboarding", "access_request", "support", "scoped", "action", "finding", "remediation")
        return self.fact(
            "work_item",
            kind=self.mostly("work", *kinds),
            opened_at=opened,
            started_at=started,
            due_at=self.pick(None, closed, self.after(opened), self.after(opened)),
            closed_at=closed,
            outcome=self.pick(*["done"] * 5, "refused", "withdrawn", None) if closed else None,
            priority=self.pick("P2", "P2", "P2", "P2", "P1", None),
            severity=self.pick("high", "critical", "medium", None),
            size=self.pick("small", "small", "small", "large", None),
            complexity=self.pick(None, "simple", "complex"),
            asset=self.pick(None, *ASSETS),
            team=self.pick(None, None, "blue"),
        )
