"""Invented assets, edges, entries, answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.oracle.worlds_base import ASSETS, Drawer, Record

SCHEDULES = (None, "0 6 * * *", "30 * * * *", "0 */6 * * 1-5", "30 2 * * *", "@every 7h", "@once")
THRESHOLDS = (
    None,
    {"max_age_seconds": 21600},
    {"max_age_seconds": 90000},
    {"deadline": "07:00", "tz": "Europe/Berlin", "days": "daily"},
    {"deadline": "06:00", "tz": "UTC", "days": "business"},
)

ENTRIES = (
    "toil", "session", "automation_step", "initiative", "milestone", "team_enabled", "component_use", "document",
)  # fmt: skip


class Registers(Drawer):
    """What is written down about a platform."""

    def asset(self) -> Record:
        name, since = self.pick(*ASSETS), self.own(self.when(0, 9))
        gone = self.gone[name]
        return self.fact(
            "asset",
            asset=name,
            valid_from=since,
            kind={"x/a": "dataset", "x/b": "dataset", "x/c": "pipeline", "x/was": "dataset"}[name],
            first_seen=self.born[name],
            **self.written(),
            tier=self.pick(None, 0, 1, 2),
            team=self.pick(None, "blue", "red"),
            domain=self.pick(None, "sales"),
            environment=self.pick(None, None, None, "prod", "staging"),
            layer=self.pick(None, "mart", "raw", "curated"),
            schedule=self.pick(*SCHEDULES),
            schedule_tz=self.pick(None, "UTC", "Europe/Berlin"),
            paused=self.pick(None, None, None, False, True),
            grace_seconds=self.pick(None, None, 0, 3600),
            freshness=self.pick(*THRESHOLDS),
            freshness_objective=self.pick(None, None, 0.5),
            quality_objective=self.pick(None, None, 0.5, 0.6),
            critical=self.pick(None, None, True),
            retired=True if gone is not None and since >= gone else None,
        )

    def written(self) -> dict[str, Any]:
        """What a catalogue holds of an asset; some of it blank."""
        return {
            "owner": self.pick(None, "blue", "red", "red", ""),
            "description": self.pick(None, "orders", "orders", " "),
            "tags": self.pick(None, [], ["pii"], ["pii"], [""]),
            "classification": self.pick(None, "public", "public"),
            "retention": self.pick(None, "1 year", "1 year"),
            "encrypted": self.pick(None, True, True, False),
            "regulated": self.pick(None, True),
            "in_catalog": self.pick(None, True, True, False),
            "registered_by": self.pick(None, "auto", "auto", "manual"),
            "template": self.pick(None, "golden", ""),
            "components": self.pick(None, None, [], ["loader"]),
            "tested": self.pick(None, None, True, False),
        }

    def edge(self) -> Record:
        seen = self.pick(None, self.when())
        return self.fact(
            "edge",
            upstream=self.pick(*ASSETS, "y/raw"),
            downstream=self.pick(*ASSETS, "y/report"),
            seen_at=seen,
            gone_at=self.pick(None, None, self.after(seen)),
        )

    def survey_answer(self) -> Record:
        scale = self.mostly("scale", "nps", "5", "10")
        score = self.random.randint(1, 5) if scale == "5" else self.random.randint(0, 10)
        return self.fact("survey_answer", at=self.when(), scale=scale, score=score, audience=self.pick(None, "users"))

    def entry(self) -> Record:
        kind = self.mostly("entry", *ENTRIES)
        at = self.own(self.when())
        updated = self.own(self.pick(at, at - timedelta(days=183), at - timedelta(days=180), at - timedelta(days=200)))
        started = self.pick(None, self.after(at))
        return self.fact(
            "entry",
            kind=kind,
            at=self.pick(None, at) if kind in ("milestone", "document", "initiative") else at,
            subject=self.pick("one", "two", "three", None),
            team=self.pick("blue", "red", "green", None),
            quantity=self.pick(None, 0, 1.5, 4),
            planned_at=self.pick(None, self.when()),
            reviewed_at=self.pick(None, started, self.after(at)),
            started_at=started,
            done_at=self.pick(None, at, self.after(at)),
            updated_at=self.pick(None, updated, updated),
            tier=self.pick(None, 0, 0, 1),
            key=self.pick(None, True, True, False),
        )
