"""What a target means at a volume, by figures worked out by hand."""

from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from dashboards.wording.meanings import sentences
from slo.budgets.budget import budget_of
from slo.promises.clauses import Clause
from slo.promises.meaning import Meaning
from slo.shelf import get_kpi
from slo.windows import calendar_window

NOVEMBER = calendar_window("M", date(2026, 11, 1), ZoneInfo("UTC"))
AS_OF = datetime(2026, 12, 1, tzinfo=UTC)


def meaning(kpi, clause, good, bad, status="met"):
    kpi = get_kpi(kpi)
    share = bad if kpi.complement else good
    told = {"value": share / (good + bad), "n": good + bad, "status": status, "form": clause.form,
            "floor": clause.floor, "stretch": None,
            "budget": budget_of(clause, (good, bad), kpi.complement).as_result()}  # fmt: skip
    return Meaning(kpi, clause, NOVEMBER, told)


def test_at_four_runs_a_day_half_a_percent_is_less_than_one_failure():
    """30 days of 4 runs are 120; 0.5 % of them is 0.6; one failure is 1 / 0.6 of it."""
    told = meaning("pipeline_success_rate", Clause(form="at_least", floor=0.995), 120, 0)
    assert (told.total, told.allowed, told.fails_at, told.one_failure) == (120, Fraction(3, 5), 1, Fraction(5, 3))
    assert sentences(told) == [
        "2026-11: 100 % of 120 runs; met",
        "at 4.0 runs a day 99.5 % allows 0.60 failures in a month: one failure is 167 % of the budget",
    ]


def test_one_late_dataset_of_840_fails_the_month():
    told = meaning("dataset_sla_attainment", Clause(form="at_least", floor=1), 839, 1, "missed")
    assert (told.allowed, told.fails_at, told.one_failure, told.bad) == (0, 1, None, 1)
    assert sentences(told)[1] == "one late dataset of 840 fails the month"


@pytest.mark.parametrize(
    ("clause", "kpi", "fails_at"),
    [
        # 1 % of 1,200 is 12: at least 99 % bears 12 failures, above 99 % only 11.
        (Clause(form="at_least", floor=0.99), "pipeline_success_rate", 13),
        (Clause(form="above", floor=0.99), "pipeline_success_rate", 12),
        # The rate itself: under 5 % of 1,200 are 59, at most 5 % are 60.
        (Clause(form="below", floor=0.05), "change_failure_rate", 60),
        (Clause(form="at_most", floor=0.05), "change_failure_rate", 61),
    ],
)
def test_the_failure_that_breaks_it_is_found_by_the_judge(clause, kpi, fails_at):
    assert meaning(kpi, clause, 1190, 10).fails_at == fails_at


def test_more_than_one_may_fail():
    told = meaning("pipeline_success_rate", Clause(form="at_least", floor=0.99), 1190, 10)
    assert sentences(told) == [
        "2026-11: 99.2 % of 1,200 runs; met",
        "12 failures of 1,200 may be in a month, one more fails it; there were 10",
    ]


def test_time_is_told_as_time():
    """30 days are 2,592,000 s; 1 % of them is 25,920 s, 7 h 12; 0.25 % is 6,480 s, 1 h 48."""
    clause = Clause(form="at_least", floor=0.99)
    told = {"value": 0.9975, "n": 2_592_000, "status": "met", "form": "at_least", "floor": 0.99, "stretch": None}
    shown = Meaning(get_kpi("freshness_slo_attainment"), clause, NOVEMBER, told)
    assert sentences(shown) == ["2026-11: 99.8 %; met", "of 30 days observed 7 h 12 may be bad; 108 min were"]


def test_zero_bears_none():
    told = {"value": 2, "n": 2, "status": "missed", "form": "zero", "floor": None, "stretch": None}
    shown = Meaning(get_kpi("audit_findings"), Clause(form="zero"), NOVEMBER, told)
    assert sentences(shown) == ["2026-11: 2 (n 2); missed", "one fails the month"]
