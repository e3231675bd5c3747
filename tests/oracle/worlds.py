"""Invented fact sets, small and nasty: a spring change of clocks, edges of days, told twice, told late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

Record = dict[str, Any]
BASE = datetime(2026, 3, 20, tzinfo=UTC)
"""A Friday. Europe/Berlin changes its clocks on Sunday the 29th, 01:00 UTC."""
EDGES = (0, 1, 60, 330, 360, 375, 420, 540, 720, 1020, 1320, 1380, 1439)
"""Minutes of a day: midnights of UTC and Berlin in both seasons, ticks, deadlines, support hours."""
ASSETS = ("x/a", "x/b", "x/c", "x/was")
SCHEDULES = (None, "0 6 * * *", "30 * * * *", "0 */6 * * 1-5", "30 2 * * *", "@every 7h", "@once")
THRESHOLDS = (
    None,
    {"max_age_seconds": 21600},
    {"max_age_seconds": 90000},
    {"deadline": "07:00", "tz": "Europe/Berlin", "days": "daily"},
    {"deadline": "06:00", "tz": "UTC", "days": "business"},
)
SOURCES = ("s1", "s2")


class Maker:
    """Draws facts from a random source; every choice is its own, so that a shrinker can take facts away."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.number = 0

    def pick(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def when(self, first: int = 0, last: int = 12) -> datetime:
        minute = self.random.choice(EDGES) if self.random.random() < 0.7 else self.random.randint(0, 1439)
        return BASE + timedelta(days=self.random.randint(first, last), minutes=minute)

    def after(self, start: datetime | None) -> datetime | None:
        """A little or much later, now and then at once or never."""
        if start is None or self.random.random() < 0.15:
            return None
        return start + timedelta(minutes=self.pick(0, 5, 60, 61, 600, 1440, 2880, self.random.randint(0, 4000)))

    def fact(self, fact_kind: str, /, **fields: Any) -> Record:
        self.number += 1
        told = {"fact": fact_kind, "source": self.pick(*SOURCES), "id": f"{fact_kind}-{self.number}"}
        return told | {name: _text(value) for name, value in fields.items() if value is not None}

    def asset(self) -> Record:
        return self.fact(
            "asset",
            asset=self.pick(*ASSETS),
            valid_from=self.when(0, 9),
            tier=self.pick(None, 0, 1, 2),
            team=self.pick(None, "blue", "red"),
            domain=self.pick(None, "sales"),
            environment=self.pick(None, None, None, "prod", "staging"),
            layer=self.pick(None, "mart"),
            schedule=self.pick(*SCHEDULES),
            schedule_tz=self.pick(None, "UTC", "Europe/Berlin"),
            paused=self.pick(None, None, None, False, True),
            grace_seconds=self.pick(None, None, 0, 3600),
            freshness=self.pick(*THRESHOLDS),
            freshness_objective=self.pick(None, None, 0.5),
            critical=self.pick(None, None, True),
            retired=self.pick(None, None, None, None, True),
        )

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
            at=self.when(),
            severity=self.pick(None, "critical"),
            outcome=self.pick("pass", "fail", "error", "skip"),
        )

    def incident(self) -> Record:
        started = self.when()
        spans = None
        if self.pick(0, 0, 1):
            first = self.after(started) or started
            again = first + timedelta(hours=self.random.randint(0, 30))
            spans = [[_text(started), _text(first)], [_text(again), _text(self.after(again))]]
        return self.fact(
            "incident",
            started_at=started,
            detected_at=self.pick(self.after(started), started - timedelta(minutes=1)),
            resolved_at=None if spans else self.after(started),
            spans=spans,
            severity=self.pick(None, 1, 2, 3),
            cause=self.pick(None, "disk", "disk", "net"),
            assets=self.pick(None, ["x/a"], ["x/a", "x/was"], ["x/b", "x/c"]),
            tier=self.pick(None, None, 1),
            change=self.pick(None, "change-1", "s1/change-2", "change-2"),
            duplicate_of=self.pick(None, None, None, "incident-1"),
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
        )
        return told | {"id": self.pick(told["id"], "change-1", "change-2")}

    def meter(self) -> Record:
        at = self.when()
        meter = self.pick("cost", "cost", "bytes", "runs", "queries")
        return self.fact(
            "meter",
            asset=self.pick(None, *ASSETS),
            at=at,
            until=self.pick(None, at + timedelta(days=1)),
            tz=self.pick(None, "Europe/Berlin", "Asia/Kolkata"),
            meter=meter,
            amount=self.pick(0, 1, 2.5, 7) * (1e12 if meter == "bytes" else 1),
            currency=self.pick(None, "USD", "EUR", "GBP") if meter == "cost" else None,
            category=self.pick(None, "usage", "credit", "tax", "correction") if meter == "cost" else None,
        )

    def distribution(self) -> Record:
        at = self.when()
        return self.fact(
            "distribution",
            asset=self.pick(*ASSETS),
            at=at,
            until=self.pick(None, at + timedelta(days=1)),
            metric=self.pick("query_seconds", "query_seconds", "lag_seconds"),
            outcome=self.pick(None, "success", "failed", "cached"),
            gamma=self.pick(1.02, 1.02, 1.1),
            zero=self.pick(None, 3),
            buckets={str(self.random.randint(-20, 200)): self.pick(1, 5, 40) for _ in range(3)},
        )

    def coverage(self) -> Record:
        start = self.when(0, 8)
        kinds = self.pick(None, ["run", "dataset_update"], ["change"])
        return self.fact("coverage", kinds=kinds, start=start, end=start + timedelta(hours=self.pick(5, 50, 200)))

    def exclusion(self) -> Record:
        start = self.when()
        return self.fact(
            "exclusion",
            assets=self.pick(None, "x/a", "x/*"),
            team=self.pick(None, None, "blue"),
            tier=self.pick(None, None, 1),
            kpis=self.pick(None, ["pipeline_success_rate", "mttr", "freshness_slo_attainment"]),
            start=start,
            end=start + timedelta(hours=self.pick(1, 12, 48)),
            reason=self.pick("maintenance", "vendor"),
        )

    def retold(self, told: Record) -> Record:
        """The fact again: changed, gone, or older than what stands."""
        again = getattr(self, told["fact"])() | {"source": told["source"], "id": told["id"]}
        if told["fact"] != "asset" and self.pick(0, 0, 0, 1):
            again = {key: told[key] for key in ("fact", "source", "id")} | {"deleted": True}
        return again | {"revised_at": _text(self.when())} if self.pick(0, 1, 1) else again

    def correction(self, told: Record) -> Record:
        setting = {"run": {"state": "failed"}, "asset": {"tier": 1}, "alert": {"label": "noise"}}
        changed = setting.get(told["fact"])
        return self.fact(
            "correction",
            target_fact=told["fact"],
            target_source=told["source"],
            target_id=told["id"],
            set=changed or {"url": "https://example.org/"},
            at=self.when(),
        )


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


COMMON = ("asset", "asset", "asset", "coverage", "exclusion")
KINDS = ("run", "dataset_update", "check_result", "incident", "alert", "change", "meter", "distribution")


def world(random: Random, kinds: tuple[str, ...] = KINDS, most: int = 30) -> list[Record]:
    """Facts in order of arrival."""
    maker = Maker(random)
    facts = [maker.asset() for _ in range(random.randint(0, 5))]
    if random.random() < 0.3:
        facts.append(maker.fact("alias", old="x/was", new=maker.pick("x/a", "x/new")))
    facts += [getattr(maker, random.choice(COMMON))() for _ in range(random.randint(0, 3))]
    facts += [getattr(maker, random.choice(kinds))() for _ in range(random.randint(0, most))]
    tellable = [fact for fact in facts if fact["fact"] not in ("alias",)]
    for told in tellable:
        if random.random() < 0.12:
            facts.append(maker.retold(told))
        if random.random() < 0.06:
            facts.append(maker.correction(told))
    if random.random() < 0.5:
        random.shuffle(facts)
    return facts
