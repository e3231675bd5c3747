"""Small random platforms for the tests of this folder: facts of every kind around one November, in order of arrival."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from slo.facts import Fact
from slo.interchange import parse

START = datetime(2026, 11, 2, tzinfo=UTC)
ASSETS = ("shop/orders", "shop/lines", "crm/people")
HOUR = timedelta(hours=1)
Record = dict[str, Any]


def fact(kind: str, key: str, /, **fields: Any) -> Fact:
    """A fact of the source "import"; another by source=."""
    wire = {name.rstrip("_"): value for name, value in fields.items()}
    return parse({"fact": kind, "source": "import", "id": key, **wire})


def run(key: str, asset: str, due: datetime, state: str = "success", minutes: float = 10, **more: Any) -> Fact:
    """A scheduled run that started when it was due."""
    ended = None if state == "running" else due + timedelta(minutes=minutes)
    told: Record = {"asset": asset, "state": state, "trigger": "schedule", "due_at": due, "started_at": due}
    return fact("run", key, **{**told, "ended_at": ended, **more})


class World:
    """Facts drawn with a chance of its own; times within ``days`` days from START."""

    def __init__(self, seed: int, days: int = 12) -> None:
        self.chance, self.days = Random(seed), days

    def at(self, step: int = 15) -> datetime:
        return START + timedelta(minutes=step * self.chance.randrange(self.days * 1440 // step))

    def maybe(self, value: Any, odds: float = 0.5) -> Any:
        return value if self.chance.random() < odds else None

    def pick(self, *values: Any) -> Any:
        return self.chance.choice(values)

    def facts(self, count: int) -> list[Fact]:
        """Assets first and often; then anything, now and then told again or as gone."""
        found = [self.asset(str(number)) for number in range(4)]
        makers = (
            self.run, self.run, self.run, self.update, self.update, self.check, self.incident, self.alert, self.change,
            self.meter, self.asset, self.coverage, self.exclusion, self.correction,
        )  # fmt: skip
        return found + [self.pick(*makers)(str(self.chance.randrange(count * 2 // 3))) for _ in range(count)]

    def asset(self, key: str) -> Fact:
        freshness = self.pick(
            None, {"max_age_seconds": 30_000}, {"deadline": "07:00", "tz": "UTC", "days": "daily"},
            {"deadline": "09:30", "tz": "Europe/Berlin", "days": "business"},
        )  # fmt: skip
        return fact(
            "asset", key, source=self.pick("import", "import", "catalog"), asset=self.pick(*ASSETS), kind="pipeline",
            valid_from=self.maybe(self.at(60), 0.7), tier=self.pick(None, 0, 1, 2), team=self.pick(None, "data", "web"),
            domain=self.maybe("sales"), schedule=self.pick(None, "0 */6 * * *", "@every 300m"),
            paused=self.maybe(True, 0.1), freshness=freshness, environment=self.maybe("staging", 0.1),
            retired=self.maybe(True, 0.05), deleted=self.maybe(True, 0.05),
            accountability=self.pick(None, None, "platform", "domain"), tags=self.maybe(["vendor"], 0.1),
        )  # fmt: skip

    def run(self, key: str) -> Fact:
        due = self.at(60)
        state = self.pick("success", "success", "success", "failed", "skipped", "running")
        backfill = self.maybe("b1", 0.15)
        return run(
            key, self.pick(*ASSETS), due, state, self.pick(1, 20, 300, 1500), deleted=self.maybe(True, 0.05),
            trigger="backfill" if backfill else self.pick("schedule", "schedule", "event", "manual"), backfill=backfill,
            due_at=self.maybe(due, 0.7), days_covered=self.maybe(3), responsible=self.maybe("vendor", 0.1),
        )  # fmt: skip

    def update(self, key: str) -> Fact:
        at = self.at()
        return fact(
            "dataset_update", key, asset=self.pick(*ASSETS), at=at,
            data_through=self.maybe(at - self.pick(0, 5) * HOUR),
            deleted=self.maybe(True, 0.05),
        )  # fmt: skip

    def check(self, key: str) -> Fact:
        return fact(
            "check_result", key, asset=self.pick(*ASSETS), check="unique", type="custom", at=self.at(),
            severity=self.pick("critical", "warning"), outcome=self.pick("pass", "pass", "fail", "skip"),
        )  # fmt: skip

    def incident(self, key: str) -> Fact:
        begin = self.at()
        detected = begin + self.pick(0, 1, 8) * HOUR
        resolved = self.maybe(detected + self.pick(1, 30) * HOUR, 0.8)
        return fact(
            "incident", key, started_at=begin, detected_at=detected, resolved_at=resolved, assets=[self.pick(*ASSETS)],
            cause=self.pick(None, "disk", "schema"), change=self.maybe(self.pick("1", "2", "3"), 0.3), severity=2,
            duplicate_of=self.maybe("0", 0.1), responsible=self.maybe("upstream", 0.3),
        )  # fmt: skip

    def alert(self, key: str) -> Fact:
        fired = self.at()
        return fact(
            "alert", key, asset=self.pick(*ASSETS), fired_at=fired, acknowledged_at=self.maybe(fired + HOUR),
            resolved_at=self.maybe(fired + 3 * HOUR), label=self.pick(None, "noise", "actionable"),
            dedup_key=self.pick(None, "k"),
        )  # fmt: skip

    def change(self, key: str) -> Fact:
        return fact(
            "change", key, kind=self.pick("deployment", "deployment", "pull_request"), asset=self.pick(*ASSETS),
            at=self.at(), state=self.pick("succeeded", "succeeded", "failed", "rolled_back"),
        )  # fmt: skip

    def meter(self, key: str) -> Fact:
        at = self.at(1440)
        return fact(
            "meter", key, asset=self.pick(*ASSETS), at=at, until=at + 24 * HOUR, meter=self.pick("cost", "bytes"),
            amount=self.pick(1, 2.5, 4e12), currency="USD", category=self.pick(None, "credit"),
        )  # fmt: skip

    def coverage(self, key: str) -> Fact:
        start = self.at(360)
        return fact(
            "coverage", key, source=self.pick("catalog", "import"), start=start, end=start + self.pick(6, 60) * HOUR,
            kinds=self.pick(None, ["run", "dataset_update"]),
        )  # fmt: skip

    def exclusion(self, key: str) -> Fact:
        start = self.at(60)
        return fact(
            "exclusion", key, start=start, end=start + self.pick(3, 40) * HOUR, assets=self.pick(None, "shop/*"),
            tier=self.maybe(1, 0.3), reason=self.pick("vendor", "maintenance"),
        )  # fmt: skip

    def correction(self, key: str) -> Fact:
        return fact(
            "correction", key, target_fact="run", target_source="import", target_id=str(self.chance.randrange(40)),
            set={"state": "success"}, reason="rerun by hand", at=self.at(),
        )  # fmt: skip
