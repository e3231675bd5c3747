from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.budgets.budget import allowed_share, budget_of
from slo.promises.clauses import Clause

TWO_NINES, ALL = Clause(form="at_least", floor=0.99), Clause(form="at_least", floor=1)


def test_a_budget_by_hand():
    budget = budget_of(Clause(form="at_least", floor=0.995), (790, 10))
    assert (budget.allowed, budget.allowed_events, budget.spent) == (Fraction(1, 200), 4, Fraction(5, 2))
    assert (budget.remaining, budget.remaining_events, budget.burn_rate) == (Fraction(-3, 2), -6, Fraction(5, 2))
    assert budget.as_result() == {
        "allowed": 0.005, "spent": 2.5, "remaining": -1.5, "burn_rate": 2.5, "allowed_events": 4.0,
        "remaining_events": -6.0, "one_failure": 0.25,
    }  # fmt: skip


def test_where_the_value_shown_is_the_bad_share_the_floor_is_the_budget():
    budget = budget_of(Clause(form="below", floor=0.15), (17, 3), inverted=True)
    assert (budget.allowed, budget.remaining) == (Fraction(3, 20), 0)
    assert allowed_share(Clause(form="at_most", floor=0.1), True) == Fraction(1, 10)


@pytest.mark.parametrize(
    ("clause", "inverted"),
    [
        (Clause(form="trend", direction="down"), True),
        (Clause(form="below", floor=600), False),
        (Clause(form="at_least", floor=0.9), True),
        (Clause(form="within", lo=0.7, hi=0.9), False),
        (Clause(form="at_least", floor=1, figure="remediated_in_sla"), False),
        (Clause(form="agreed", direction="up"), False),
        (Clause(form="at_least", floor=4.2), False),
    ],
)
def test_forms_without_a_budget(clause, inverted):
    assert budget_of(clause, (9, 1), inverted) is None


def test_nothing_counted_has_no_budget():
    assert budget_of(TWO_NINES, (0, 0)) is None


def test_one_failure_of_a_daily_run_is_333_percent_of_a_months_budget():
    budget = budget_of(TWO_NINES, (29, 1))
    assert (budget.allowed_events, budget.one_failure, budget.low_volume) == (Fraction(3, 10), Fraction(10, 3), True)
    assert budget.remaining == Fraction(-7, 3)
    assert not budget_of(TWO_NINES, (100, 0)).low_volume


def test_a_promise_of_a_hundred_percent_is_counted_not_divided():
    kept, broken = budget_of(ALL, (50, 0)), budget_of(ALL, (49, 1))
    assert (kept.spent, kept.remaining, kept.remaining_events, kept.one_failure) == (0, 1, 0, None)
    assert (broken.spent, broken.remaining, broken.burn_rate, broken.remaining_events) == (None, None, None, -1)
    assert broken.as_result()["remaining"] is None
    assert not broken.low_volume


counts = st.tuples(st.integers(0, 1000), st.integers(0, 1000)).filter(sum)


@given(counts, st.sampled_from([0.9, 0.95, 0.99, 0.999]))
def test_one_more_bad_event_always_costs_budget(pair, floor):
    good, bad = pair
    clause = Clause(form="at_least", floor=floor)
    before, after = budget_of(clause, (good + 1, bad)), budget_of(clause, (good, bad + 1))
    assert after.remaining < before.remaining
    assert after.burn_rate > before.burn_rate
    assert after.remaining_events == before.remaining_events - 1
    assert (before.remaining < 0) == (Fraction(good + 1, good + 1 + bad) < Fraction(str(floor)))


@given(counts, counts)
def test_budgets_of_two_parts_add_up_in_events(one, other):
    whole = budget_of(TWO_NINES, (one[0] + other[0], one[1] + other[1]))
    parts = [budget_of(TWO_NINES, pair).remaining_events for pair in (one, other)]
    assert whole.remaining_events == sum(parts)


def test_a_budget_of_time_is_told_in_seconds():
    """99 % of 100 s, 3 s bad: one second is allowed, two too many went; no single failure is told."""
    told = budget_of(Clause(form="at_least", floor=0.99), (97_000_000, 3_000_000)).as_result(seconds=True)
    assert (told["allowed_events"], told["remaining_events"], told["one_failure"]) == (1, -2, None)
    assert (told["spent"], told["allowed"]) == (3, 0.01)
