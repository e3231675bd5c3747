"""Small random platforms whose registers change: assets, edges, checks, entries and exclusions around one November."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from slo.facts import Fact
from slo.folding import Scope
from slo.measure import Item
from slo.params import slice_name
from slo.platform import Platform
from slo.refresh import Refresher
from slo.register import RegisterKpi
from slo.shelf import get_kpi
from slo.states import States
from slo.store import StateRow, Store
from slo.view import View
from slo.windows import parse_window
from tests.slo.tellings import START, fact

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
IDS = (
    "automated_test_coverage", "automation_coverage", "catalog_coverage", "component_reuse", "documentation_freshness",
    "learning_progression", "lineage_coverage", "metadata_completeness", "ownership_coverage", "policy_compliance",
)  # fmt: skip
KPIS: tuple[RegisterKpi, ...] = tuple(kpi for kpi in map(get_kpi, IDS) if isinstance(kpi, RegisterKpi))
SCOPES = (Scope(), Scope(tiers=(1,)), Scope(team="data"), Scope(domain="sales"), Scope(asset="a"))
LIFE = 80
"""Days over which the facts are spread: longer than a check speaks."""


class Chance:
    """Draws facts; several are of one identity, so that they are told again, and some as gone."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def at(self, odds: float = 0.9) -> datetime | None:
        """Now and then a midnight, now and then unknown."""
        if self.random.random() > odds:
            return None
        minutes = self.random.choice((0, 0, 30, 61, 700, 1439))
        return START + timedelta(days=self.random.randrange(-30, LIFE), minutes=minutes)

    def pick(self, *values: Any) -> Any:
        return self.random.choice(values)

    def facts(self, count: int) -> list[Fact]:
        makers = (self.asset, self.asset, self.edge, self.check, self.entry, self.entry, self.exclusion)
        return [self.pick(*makers)(str(self.random.randrange(count // 2))) for _ in range(count)]

    def told(self) -> dict[str, Any]:
        return {"deleted": self.random.random() < 0.06, "source": self.pick("import", "import", "list")}

    def asset(self, key: str) -> Fact:
        return fact(
            "asset", key, asset=self.pick("a", "b", "c"), kind=self.pick("dataset", "dataset", "pipeline", None),
            valid_from=self.at(0.8), tier=self.pick(None, 0, 1, 1, 2), team=self.pick(None, "data", "web"),
            domain=self.pick(None, "sales"), environment=self.pick(None, None, None, "staging"),
            layer=self.pick(None, "raw", "mart", "curated"), owner=self.pick(None, "", "data"),
            description=self.pick(None, "Orders", "Orders"), tags=self.pick(None, [], ["pii"]),
            classification=self.pick(None, "internal"), retention=self.pick(None, "1y"),
            encrypted=self.pick(None, False, True), regulated=self.pick(None, True),
            in_catalog=self.pick(None, False, True), components=self.pick(None, [], ["loader"]),
            tested=self.pick(None, None, True), retired=self.pick(None, None, None, True),
            revised_at=self.at(0.3), **self.told(),
        )  # fmt: skip

    def edge(self, key: str) -> Fact:
        ends = self.random.sample(("a", "b", "c"), 2)
        return fact("edge", key, upstream=ends[0], downstream=ends[1], seen_at=self.at(), gone_at=self.at(0.4),
                    **self.told())  # fmt: skip

    def check(self, key: str) -> Fact:
        return fact(
            "check_result", key, asset=self.pick("a", "b", "c"), check="c", at=self.at(1),
            type=self.pick("schema", "null", "volume"), outcome=self.pick("pass", "fail", "skip"), **self.told(),
        )  # fmt: skip

    def entry(self, key: str) -> Fact:
        updated = self.at(0.8)
        return fact(
            "entry", key, kind=self.pick("automation_step", "document", "milestone", "component_use"), at=self.at(0.8),
            subject=self.pick("s", "t", None), team=self.pick(None, "data", "web"), tier=self.pick(None, 1),
            planned_at=self.at(0.7), done_at=self.at(0.6), key=self.pick(True, True, False),
            updated_at=None if updated is None else updated - self.pick(0, 150) * DAY, **self.told(),
        )  # fmt: skip

    def exclusion(self, key: str) -> Fact:
        start = self.at(1)
        assert start is not None
        return fact(
            "exclusion", key, start=start, end=start + self.pick(5, 100, 2000) * HOUR, assets=self.pick(None, "a", "?"),
            team=self.pick(None, None, "data"), reason=self.pick("agreed", "vendor"),
            deleted=self.pick(False, False, True),
        )  # fmt: skip


def refreshed(store: Store, now: datetime, platform: Platform | None = None) -> None:
    """Brings the registers alone up to an instant."""
    slices: dict[str, list[dict[str, object]]] = {kpi.id: [dict(kpi.defaults)] for kpi in KPIS}
    assert Refresher(store, platform or Platform(), KPIS, slices).refresh(now, now)


def shown(store: Store, as_of: datetime, fresh: bool, windows: Iterable[str] = ("28d", "2026-10", "2026-W47")) -> Any:
    """Every register in several windows and scopes. ``fresh``: from what is stored."""
    view = View(store, Platform(), as_of)
    stored = frozenset((kpi.id, slice_name(kpi, kpi.defaults)) for kpi in KPIS)
    states = States(view, stored, fresh, not fresh)
    return {
        (kpi.id, name, scope): states.figures(kpi, parse_window(name, as_of, view.platform.timezone), scope, {}).parts
        for kpi in KPIS for name in windows for scope in SCOPES
    }  # fmt: skip


def direct(store: Store, as_of: datetime, windows: Iterable[str] = ("28d", "2026-10", "2026-W47")) -> Any:
    """The same, every subject judged at the window's end: without states, sums or changes."""
    view = View(store, Platform(), as_of)
    states = States(view, frozenset(), False, False)
    found = {}
    for kpi in KPIS:
        for name in windows:
            window = parse_window(name, as_of, view.platform.timezone)
            begun = window.start <= as_of
            items = list(kpi.standing(view, None, min(window.end, as_of), {})) if begun else []
            for scope in SCOPES:
                inside = [item for item in items if scope.holds(_row(item))]
                reading = states.reading(kpi, window, scope, {})
                found[kpi.id, name, scope] = kpi.figures(replace(reading, state=kpi.measure.of(inside))).parts
    return found


def _row(item: Item) -> StateRow:
    dims = item.dims
    return StateRow("", item.asset, item.at.date(), dims.tier, dims.team, dims.domain, dims.environment)


def differing(one: Any, two: Any) -> list[str]:
    return [f"{key}: {one[key]} / {two[key]}" for key in one if one[key] != two[key]]
