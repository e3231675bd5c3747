from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.budget import Budget, BurnWindow, allowed_share, budget_of, load_burn_windows, usable
from slo.config_files import SHIPPED
from slo.errors import ConfigError
from slo.promises.clauses import Clause

TWO_NINES, ALL = Clause(form="at_least", floor=0.99), Clause(form="at_least", floor=1)
WINDOWS = {window.name: window for window in load_burn_windows()}


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
    assert all(window.fires(broken, broken) and not window.fires(kept, kept) for window in WINDOWS.values())


def test_factors_follow_from_share_period_and_length():
    assert {name: window.factor for name, window in WINDOWS.items()} == {
        "fast": Fraction(144, 10), "steady": 6, "daily": 3, "slow": 1,
    }  # fmt: skip
    quarter = WINDOWS["fast"].model_copy(update={"period": timedelta(days=90)})
    assert quarter.factor == Fraction(432, 10)


def test_windows_that_cannot_fire_at_a_target_are_left_out():
    def names(allowed):
        return [window.name for window in usable(tuple(WINDOWS.values()), Fraction(allowed))]

    assert names("0.01") == names("0") == ["fast", "steady", "daily", "slow"]
    assert names("0.07") == ["steady", "daily", "slow"]  # 14.4 x 7 % is more than everything failing
    assert names("0.2") == ["daily", "slow"]
    assert names("0.5") == ["slow"]


def test_burning_is_compared_unrounded_and_in_both_lookbacks():
    nine = BurnWindow(name="x", long="2d", short="4h", budget_share=0.6, severity="page")
    assert nine.factor == 9
    at, above = (
        Budget(Fraction(1, 100), Fraction(91), Fraction(9)),
        Budget(Fraction(1, 100), Fraction(9096), Fraction(904)),
    )
    assert (at.burn_rate, above.burn_rate) == (9, Fraction(904, 100))
    assert not nine.fires(at, at)
    assert nine.fires(above, above)
    assert not nine.fires(above, at)
    assert not nine.fires(above, None)


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


GOOD = "{name: a, long: 1h, short: 5m, budget_share: 0.02, severity: page}"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (f"period: 30d\nwindows:\n  - {GOOD.replace('5m', '2h')}\n", ":3: windows[0]: expected short < long <= period"),
        (
            f"period: 30d\nwindows:\n  - {GOOD.replace('1h', 'soon')}\n",
            "windows[0].long: 'soon': expected a length such as 5m",
        ),
        (
            f"period: 30d\nwindows:\n  - {GOOD.replace('0.02', '2')}\n",
            "windows[0].budget_share: 2: Input should be less than",
        ),
        ("period: 30d\nwindows: []\n", "windows: "),
        (f"windows:\n  - {GOOD}\n", "period: Field required"),
    ],
)
def test_faults_in_the_file(tmp_path, text, fault):
    path = tmp_path / "burn.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        load_burn_windows(path)
    assert fault in str(error.value)
    assert str(error.value).startswith(str(path))


def test_the_reason_stands_beside_every_number_of_the_shipped_file():
    lines = (SHIPPED / "burn_windows.yaml").read_text(encoding="utf-8").splitlines()
    numbers = [
        line
        for line in lines
        if line.split("#")[0].strip().startswith(("period", "- long", "long", "short", "budget_share"))
    ]
    assert len(numbers) == 1 + 3 * len(WINDOWS)
    assert all("#" in line for line in numbers)


def test_a_budget_of_time_is_told_in_seconds():
    """99 % of 100 s, 3 s bad: one second is allowed, two too many went; no single failure is told."""
    told = budget_of(Clause(form="at_least", floor=0.99), (97_000_000, 3_000_000)).as_result(seconds=True)
    assert (told["allowed_events"], told["remaining_events"], told["one_failure"]) == (1, -2, None)
    assert (told["spent"], told["allowed"]) == (3, 0.01)
