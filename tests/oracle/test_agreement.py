"""Product and oracle over invented fact sets: stored states, states partly reused in the past, choices worked out in
memory. TIERLINE_EXAMPLES raises the number of fact sets (``asking.EXAMPLES``).
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slo.engine import Query
from slo.shelf import built_in, shelf
from tests.oracle import oracle, product, worlds_base
from tests.oracle.asking import EXAMPLES, GROUPS, UNSTORED, Case, quick


@pytest.mark.parametrize("group", GROUPS)
@given(seed=st.integers(0, 2**32))
@quick
def test_now_and_then(group: str, seed: int) -> None:
    """Stored states as of now, and those reused for moments in the past."""
    case = Case(Random(seed), group)
    questions = [case.question(past) for past in (False, False, False, True, True)]
    with product.engine(case.zone, case.kpis) as made:
        product.tell(made, case.facts)
        found = [line for question in questions for line in case.disagreements(made, question)]
    assert found == []


@pytest.mark.parametrize("kpi", UNSTORED)
@given(seed=st.integers(0, 2**32))
@settings(quick, max_examples=max(2, EXAMPLES // 3))
def test_parameters_nobody_asked_for_before(kpi: str, seed: int) -> None:
    """A choice that no target names is worked out in memory."""
    case = Case(Random(seed), next(group for group, (_, kpis) in GROUPS.items() if kpi in kpis))
    case.kpis = [kpi]
    questions = [case.question(past) for past in (False, False, True)]
    with product.engine(case.zone, [kpi]) as made:
        product.tell(made, case.facts)
        found = [line for question in questions for line in case.disagreements(made, question, UNSTORED[kpi])]
    assert found == []


def test_every_kpi_has_two_opinions() -> None:
    """All 49: on the shelf, in the oracle, in one group."""
    grouped = sorted(kpi for _, kpis in GROUPS.values() for kpi in kpis)
    assert grouped == sorted(oracle.KPIS)
    assert sorted(built_in()) == grouped
    assert len(grouped) == 49


def test_nothing_told_is_no_value() -> None:
    """An empty store has no value for anything."""
    with product.engine("UTC") as made:
        shown = product.show(made, shelf(), Query(window="7d"), worlds_base.BASE)
    assert {kpi: result["value"] for kpi, result in shown.items()} == dict.fromkeys(shelf())
