"""The same facts, however they came: bit by bit, in reverse, twice; and windows that add up to the days in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracle import product
from tests.oracle.asking import EXAMPLES, GROUPS, Case, Question, quick
from tests.oracle.worlds_base import ASSETS

few = settings(quick, max_examples=max(1, EXAMPLES // 2))
TOLD = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("group", GROUPS)
@given(seed=st.integers(0, 2**32))
@quick
def test_bit_by_bit(group: str, seed: int) -> None:
    """Facts in portions, with a look between, while the clock goes on: the same as all at once."""
    case = Case(Random(seed), group)
    cuts = sorted(case.random.randint(0, len(case.facts)) for _ in range(3))
    moments = sorted(case.maker.when(3, 12) for _ in range(3))
    questions = [case.question(past) for past in (False, False, True)]
    with product.engine(case.zone, case.kpis) as made:
        for first, last, moment in zip([0, *cuts], cuts, moments, strict=False):
            product.tell(made, case.facts[first:last])
            product.show(made, case.kpis, questions[0].query(), min(moment, case.now))
        product.tell(made, case.facts[cuts[-1] :])
        found = [line for question in questions for line in case.disagreements(made, question)]
    assert found == []


@pytest.mark.parametrize("group", GROUPS)
@given(seed=st.integers(0, 2**32))
@few
def test_last_first_and_twice(group: str, seed: int) -> None:
    """Facts with a telling time each, in reverse order of arrival, some of them again."""
    case = Case(Random(seed), group)
    stamped = [
        {"revised_at": (TOLD + timedelta(minutes=number)).isoformat()} | fact for number, fact in enumerate(case.facts)
    ]
    case.facts = stamped[::-1] + case.random.sample(stamped, len(stamped) // 2)
    questions = [case.question(past) for past in (False, True)]
    with product.engine(case.zone, case.kpis) as made:
        product.tell(made, case.facts)
        found = [line for question in questions for line in case.disagreements(made, question)]
    assert found == []


WHOLE = {
    "dataset_sla_attainment", "dq_slo_attainment", "job_runtime", "storage_growth_vs_forecast",
    "expensive_workloads_remediated", "audit_findings", "teams_enabled", "component_reuse", "metadata_completeness",
    "ownership_coverage", "policy_compliance", "catalog_coverage", "lineage_coverage", "automated_test_coverage",
    "automation_coverage", "documentation_freshness", "learning_progression",
}  # fmt: skip
"""What is judged over the window as a whole, or as it stood at its end."""
ADDED = ("good", "bad", "unknown", "excluded", "n", "sum", "numerator", "denominator", "promoters", "detractors")


@pytest.mark.parametrize("group", [group for group, (_, kpis) in GROUPS.items() if set(kpis) - WHOLE])
@given(seed=st.integers(0, 2**32))
@few
def test_a_week_is_its_days(group: str, seed: int) -> None:
    """Counts, sums and samples of seven days are those of the week, over a change of clocks."""
    case = Case(Random(seed), group)
    case.kpis = [kpi for kpi in case.kpis if kpi not in WHOLE]
    scope, now = case.question().scope, datetime(2026, 4, 1, tzinfo=UTC)
    with product.engine(case.zone, case.kpis) as made:
        product.tell(made, case.facts)
        week = product.show(made, case.kpis, Question("2026-W13", scope).query(), now)
        days = [product.show(made, case.kpis, Question(f"2026-03-{day}", scope).query(), now) for day in range(23, 30)]
    for kpi, whole in week.items():
        for part in ADDED:
            if whole.get(part) is not None:
                added = sum(day[kpi][part] or 0 for day in days)
                assert added == pytest.approx(whole[part], rel=1e-9, abs=1e-6), f"{kpi}.{part}"


PARTED = {
    "pipeline_success_rate", "freshness_slo_attainment", "dataset_sla_attainment", "dq_test_pass_rate",
    "dq_slo_attainment", "automated_test_coverage", "service_slo_compliance", "compute_utilization",
    "reserved_capacity_utilization", "storage_growth_vs_forecast", "metadata_completeness", "ownership_coverage",
    "policy_compliance", "catalog_coverage", "lineage_coverage", "catalog_adoption", "paved_road_adoption",
    "streaming_lag_p95",
}  # fmt: skip
"""Each of their units is of one asset."""


@pytest.mark.parametrize("group", [group for group, (_, kpis) in GROUPS.items() if set(kpis) & PARTED])
@given(seed=st.integers(0, 2**32))
@few
def test_the_whole_is_its_assets(group: str, seed: int) -> None:
    """Merged over all assets at once, or asset by asset."""
    case = Case(Random(seed), group)
    case.kpis = [kpi for kpi in case.kpis if kpi in PARTED]
    window = case.question().window
    known = {case.name(asset) for asset in (*ASSETS, "x/new")}
    with product.engine(case.zone, case.kpis) as made:
        product.tell(made, case.facts)
        whole = product.show(made, case.kpis, Question(window, {}).query(), case.now)
        parts = [product.show(made, case.kpis, Question(window, {"asset": one}).query(), case.now) for one in known]
    for kpi, shown in whole.items():
        for part in ADDED:
            if shown.get(part) is not None:
                added = sum(one[kpi][part] or 0 for one in parts)
                assert added == pytest.approx(shown[part], rel=1e-9, abs=1e-6), f"{kpi}.{part}"
