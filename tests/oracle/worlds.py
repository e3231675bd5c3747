"""Invented fact sets, small and nasty: a spring change of clocks, edges of days, told twice, told late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from tests.oracle.worlds_base import Record, text
from tests.oracle.worlds_events import Events
from tests.oracle.worlds_meters import Meters
from tests.oracle.worlds_registers import Registers


class Maker(Events, Meters, Registers):
    """Draws facts of every kind, and what is told about facts."""

    def coverage(self) -> Record:
        start = self.when(0, 8)
        kinds = self.pick(None, ["run", "dataset_update"], ["change", "incident"], ["asset", "work_item", "entry"])
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
        if told["id"].startswith("pair-"):
            again = told | {"amount": 10 if told["meter"] == "total" else 0}
        if told["fact"] != "asset" and self.pick(0, 0, 0, 1):
            again = {key: told[key] for key in ("fact", "source", "id")} | {"deleted": True}
        return again | {"revised_at": text(self.when())} if self.pick(0, 1, 1) else again

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


COMMON = ("asset", "asset", "asset", "coverage", "exclusion")
KINDS = ("run", "dataset_update", "check_result", "incident", "alert", "change", "meter", "distribution", "work_item")


def world(random: Random, kinds: tuple[str, ...] = KINDS, most: int = 30) -> list[Record]:
    """Facts in order of arrival."""
    maker = Maker(random)
    facts = [maker.asset() for _ in range(random.randint(0, 5))]
    if random.random() < 0.3:
        facts.append(maker.fact("alias", old="x/was", new=maker.pick("x/a", "x/new")))
    facts += [getattr(maker, random.choice(COMMON))() for _ in range(random.randint(0, 3))]
    for _ in range(random.randint(most // 3, most)):
        made = getattr(maker, random.choice(kinds))()
        facts += made if isinstance(made, list) else [made]
    facts += list(_told_again(maker, facts))
    if random.random() < 0.5:
        random.shuffle(facts)
    return facts


def _told_again(maker: Maker, facts: list[Record]) -> Iterator[Record]:
    """Some of the facts retold, some corrected."""
    for told in [fact for fact in facts if fact["fact"] != "alias"]:
        if maker.random.random() < 0.12:
            yield maker.retold(told)
        if maker.random.random() < 0.06:
            yield maker.correction(told)
