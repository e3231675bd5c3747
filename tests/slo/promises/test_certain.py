"""What is missed for certain while a month still runs, and what may recover until its end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime

import pytest

from slo.engine import Engine, Query
from slo.facts import Fact
from slo.platform import Platform
from slo.promises.clauses import Clause
from slo.promises.target import Target
from slo.store import Store
from slo.targets import Targets
from tests.slo.tellings import fact

JUNE = datetime(2026, 6, 1, tzinfo=UTC)


def day(number: int, hour: int = 0) -> datetime:
    return JUNE.replace(day=number, hour=hour)


def status(
    store: Store, facts: Iterable[Fact], kpi: str, as_of: datetime, asset: str | None = None, **own: object
) -> str:
    store.upsert(facts)
    clause = Clause.model_validate(own)
    target = Target(row=1, kpi=kpi, window="M", clauses=(clause,), adopted=date(2026, 1, 1), profile="own")
    shown = Engine(store, Platform(), Targets((target,))).show(kpi, Query(window="2026-06", asset=asset), as_of)
    return str(shown["targets"][0]["status"])


def hourly_at_most() -> Fact:
    return fact("asset", "d", asset="d", kind="dataset", valid_from=JUNE, freshness={"max_age_seconds": 3600})


@pytest.mark.parametrize(("landed", "expected"), [(1, "missed"), (14, "provisional")])
def test_a_dataset_has_no_more_time_than_the_clock_has_left(store: Store, landed: int, expected: str) -> None:
    """By the 16th stale for 15 of June's 30 days, of which at most half can be fresh, under 95 %; or, landing every
    hour until the 14th, for less than two days of 30, which leaves 93 % and, with a floor of 90 %, hope."""
    hours = [day(1 + hour // 24, hour % 24) for hour in range(1 if landed == 1 else 14 * 24)]
    facts = [hourly_at_most(), *(fact("dataset_update", f"u{at}", asset="d", at=at) for at in hours)]
    floor = 0.95 if landed == 1 else 0.90
    assert status(store, facts, "freshness_slo_attainment", day(16), "d", form="at_least", floor=floor) == expected


def test_of_all_datasets_nobody_knows_how_many_are_to_come(store: Store) -> None:
    facts = [hourly_at_most(), fact("dataset_update", "u", asset="d", at=JUNE)]
    assert status(store, facts, "freshness_slo_attainment", day(16), form="at_least", floor=0.95) == "provisional"


def test_a_dataset_may_keep_its_objective_by_the_month_s_end(store: Store) -> None:
    """One of one check failed; more that pass may lift it over its objective."""
    facts = [fact("check_result", "c1", asset="d", check="c", outcome="fail", at=JUNE)]
    assert status(store, facts, "dq_slo_attainment", day(1, 3), form="at_least", floor=1) == "provisional"


@pytest.mark.parametrize(("floor", "expected"), [(2, "missed"), (3, "provisional")])
def test_a_number_of_findings_only_grows(store: Store, floor: int, expected: str) -> None:
    facts = [fact("work_item", f"f{n}", kind="finding", severity="high", opened_at=day(2)) for n in range(3)]
    assert status(store, facts, "audit_findings", day(10), form="at_most", floor=floor) == expected
