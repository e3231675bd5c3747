"""Product and oracle over invented fact sets: stored states, states partly reused in the past, choices worked out in
memory, facts that came bit by bit or in reverse.

TIERLINE_EXAMPLES raises the number of examples.
"""

from __future__ import annotations

import os
from datetime import date, datetime
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import comparing
import oracle
import product
import pytest
import worlds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oracle_time import DAY, midnight, rolling

from slo.engine import Query

EXAMPLES = int(os.environ.get("TIERLINE_EXAMPLES", "8"))
Record = dict[str, Any]

GROUPS = {
    "runs": (
        ("run", "dataset_update"),
        (
            "pipeline_success_rate",
            "freshness_slo_attainment",
            "dataset_sla_attainment",
            "job_runtime",
            "backfill_completion_time",
        ),
    ),
    "incidents": (
        ("incident", "alert", "change"),
        (
            "mttd",
            "mttr",
            "mtta",
            "incident_recurrence_rate",
            "alert_precision",
            "change_failure_rate",
            "deployment_frequency",
        ),
    ),
    "amounts": (("check_result", "meter", "distribution"), ("dq_test_pass_rate", "unit_cost", "query_p95")),
}
SCOPES: tuple[Record, ...] = (
    {},
    {},
    {"tier": 1},
    {"team": "blue"},
    {"domain": "sales"},
    {"asset": "x/a"},
    {"asset": "x/was"},
    {"tier": 1, "team": "blue"},
)
UNSTORED: dict[str, Record] = {
    "mttr": {"start": "detected"},
    "incident_recurrence_rate": {"days": 3, "severity": 2},
    "change_failure_rate": {"user_visible": True},
    "dq_test_pass_rate": {"severity": "critical", "layer": "curated"},
    "unit_cost": {"unit": "run"},
}
quick = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))


def span(window: str, as_of: datetime, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """The window's edges, by the oracle's own clock."""
    if window.endswith("d"):
        return rolling(int(window[:-1]), as_of, tz)
    first, days = {"2026-W13": (date(2026, 3, 23), 7), "2026-03-29": (date(2026, 3, 29), 1)}[window]
    return midnight(first, tz), midnight(first + days * DAY, tz)


class Case:
    """One fact set with one question."""

    def __init__(self, random: Random, kinds: tuple[str, ...]) -> None:
        maker = worlds.Maker(random)
        self.facts = worlds.world(random, kinds)
        self.zone = random.choice(("UTC", "Europe/Berlin"))
        self.now = maker.when(5, 12)
        self.past = min(maker.when(3, 12), self.now)
        self.window = random.choice(("7d", "1d", "3d", "2026-W13", "2026-03-29"))
        self.scope = random.choice(SCOPES)

    def expected(self, kpi: str, as_of: datetime, params: Record) -> Record:
        tz = ZoneInfo(self.zone)
        start, end = span(self.window, as_of, tz)
        return oracle.value(kpi, self.facts, start, end, as_of, self.scope, params, tz, product.RATES)

    def query(self, as_of: datetime | None = None, params: Record | None = None) -> Query:
        return Query(window=self.window, as_of=as_of, params=params or {}, **self.scope)

    def disagreements(self, shown: Record, as_of: datetime, params: Record) -> list[str]:
        return [
            line for kpi, result in shown.items()
            for line in comparing.differences(kpi, self.expected(kpi, as_of, params), result)
        ]  # fmt: skip


@pytest.mark.parametrize("group", GROUPS)
@given(seed=st.integers(0, 2**32))
@quick
def test_now_and_then(group: str, seed: int) -> None:
    """Stored states as of now, and those reused for a moment in the past."""
    kinds, kpis = GROUPS[group]
    case = Case(Random(seed), kinds)
    with product.engine(case.zone, kpis) as made:
        product.tell(made, case.facts)
        shown = product.show(made, kpis, case.query(), case.now)
        assert case.disagreements(shown, case.now, {}) == []
        shown = product.show(made, kpis, case.query(case.past), case.now)
        assert case.disagreements(shown, case.past, {}) == []


@pytest.mark.parametrize("kpi", UNSTORED)
@given(seed=st.integers(0, 2**32))
@settings(quick, max_examples=max(5, EXAMPLES // 3))
def test_parameters_nobody_asked_for_before(kpi: str, seed: int) -> None:
    """A choice that no target names is worked out in memory."""
    kinds = next(kinds for kinds, kpis in GROUPS.values() if kpi in kpis)
    case = Case(Random(seed), kinds)
    with product.engine(case.zone, [kpi]) as made:
        product.tell(made, case.facts)
        shown = product.show(made, [kpi], case.query(params=UNSTORED[kpi]), case.now)
        assert case.disagreements(shown, case.now, UNSTORED[kpi]) == []


@pytest.mark.parametrize("group", GROUPS)
@given(seed=st.integers(0, 2**32))
@quick
def test_bit_by_bit(group: str, seed: int) -> None:
    """Facts in portions, with a look between, while the clock goes on: the same as all at once."""
    kinds, kpis = GROUPS[group]
    random = Random(seed)
    case = Case(random, kinds)
    cuts = sorted(random.randint(0, len(case.facts)) for _ in range(3))
    moments = sorted(worlds.Maker(random).when(3, 12) for _ in range(3))
    with product.engine(case.zone, kpis) as made:
        for first, last, moment in zip([0, *cuts], cuts, moments, strict=False):
            product.tell(made, case.facts[first:last])
            product.show(made, kpis, case.query(), min(moment, case.now))
        product.tell(made, case.facts[cuts[-1] :])
        shown = product.show(made, kpis, case.query(), case.now)
        assert case.disagreements(shown, case.now, {}) == []


@pytest.mark.parametrize("group", GROUPS)
@given(seed=st.integers(0, 2**32))
@settings(quick, max_examples=max(5, EXAMPLES // 3))
def test_last_first(group: str, seed: int) -> None:
    """Facts with a telling time each, in reverse order of arrival."""
    kinds, kpis = GROUPS[group]
    case = Case(Random(seed), kinds)
    stamped = {}
    for number, fact in enumerate(case.facts):
        late = worlds.BASE.replace(year=2025, minute=number % 60, hour=number // 60)
        stamped[number] = {"revised_at": late.isoformat()} | fact
    case.facts = [stamped[number] for number in reversed(range(len(stamped)))]
    with product.engine(case.zone, kpis) as made:
        product.tell(made, case.facts)
        shown = product.show(made, kpis, case.query(), case.now)
        assert case.disagreements(shown, case.now, {}) == []


def test_nothing_told_is_no_value() -> None:
    """An empty store has no value for anything."""
    now = worlds.BASE
    with product.engine("UTC") as made:
        shown = product.show(made, oracle.KPIS, Query(window="7d"), now)
    assert {kpi: result["value"] for kpi, result in shown.items()} == dict.fromkeys(oracle.KPIS)
