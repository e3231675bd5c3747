from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slo.promises.clauses import Clause
from slo.promises.judging import (
    Judgement,
    best_counts,
    combine,
    exact,
    judge,
    relative_change,
    share,
    status_of,
)
from slo.targets import load_targets

CLAUSES = [
    pytest.param(clause, id=f"{target.profile}-{target.row}-{place}")
    for target in load_targets().in_force()
    for place, clause in enumerate(target.clauses)
]
STEP = Fraction(1, 10**9)


def of(form):
    kept = {"at_least", "at_most", "above", "below"} if form == "bound" else {form}
    return [param for param in CLAUSES if param.values[0].form in kept]


def status(clause, value, **kept):
    return judge(clause, value, **kept).status


def written(number):
    return Fraction(str(number))


@pytest.mark.parametrize("clause", of("bound"))
def test_every_bound_at_its_floor_beside_it_and_at_its_stretch(clause):
    better = STEP if clause.form in ("at_least", "above") else -STEP
    included = clause.form in ("at_least", "at_most")
    floor, stretch = written(clause.floor), None if clause.stretch is None else written(clause.stretch)
    passed = "met" if stretch is None else "near"
    assert status(clause, floor - better) == "missed"
    assert status(clause, floor) == (passed if included else "missed")
    assert status(clause, floor + better) == passed
    if stretch is not None:
        assert status(clause, stretch - better) == "near"
        assert status(clause, stretch) == ("met" if included else "near")
        assert status(clause, stretch + better) == "met"


@pytest.mark.parametrize("clause", of("within"))
def test_every_band_includes_its_bounds(clause):
    inside = "met" if clause.stretch_lo is None else "near"
    assert [status(clause, written(clause.lo) + step) for step in (-STEP, 0)] == ["missed", inside]
    assert [status(clause, written(clause.hi) + step) for step in (STEP, 0)] == ["missed", inside]
    assert status(clause, (written(clause.lo) + written(clause.hi)) / 2) == "met"
    if clause.stretch_lo is not None:
        assert [status(clause, written(clause.stretch_lo) + step) for step in (-STEP, 0)] == ["near", "met"]
        assert [status(clause, written(clause.stretch_hi) + step) for step in (STEP, 0)] == ["near", "met"]


@pytest.mark.parametrize("clause", of("trend"))
def test_every_trend_at_its_floor_beside_it_and_at_its_stretch(clause):
    def after(change):
        """The value that much better than a baseline of 50."""
        sign = 1 if clause.direction == "up" else -1
        return 50 + sign * change if clause.points else 50 * (1 + sign * change)

    assert judge(clause, 50).note == "no baseline"
    assert status(clause, 50) == "no data"
    if clause.direction == "not_up":
        assert [status(clause, value, baseline=50) for value in (40, 50, 55, Fraction(55) + STEP)] == [
            "met", "met", "met", "missed",
        ]  # fmt: skip
    elif clause.floor is None:
        assert [status(clause, after(change), baseline=50) for change in (-STEP, 0, STEP)] == [
            "missed",
            "missed",
            "met",
        ]
    else:
        passed = "met" if clause.stretch is None else "near"
        floor = written(clause.floor)
        found = [status(clause, after(floor + step), baseline=50) for step in (-STEP, 0, STEP)]
        assert found == ["missed", passed, passed]
        if clause.stretch is not None:
            stretch = written(clause.stretch)
            assert [status(clause, after(stretch + step), baseline=50) for step in (-STEP, 0)] == ["near", "met"]


@pytest.mark.parametrize("clause", of("stable"))
def test_stable_is_within_ten_percent_either_way(clause):
    values = (Fraction(45) - STEP, 45, 50, 55, Fraction(55) + STEP)
    assert [status(clause, value, baseline=50) for value in values] == ["missed", "met", "met", "met", "missed"]
    assert status(clause, 50) == "no data"
    assert [status(clause, value, baseline=0) for value in (0, 1)] == ["met", "missed"]


@pytest.mark.parametrize("clause", of("zero"))
def test_zero_is_zero(clause):
    assert [status(clause, value) for value in (0, 1, None)] == ["met", "missed", "no data"]


@pytest.mark.parametrize("clause", of("agreed"))
def test_agreed_has_no_verdict_until_a_figure_is_set(clause):
    assert status(clause, 0) == status(clause, None) == "no target"
    bound = clause.model_copy(update={"floor": 0.5})
    expected = ["missed", "met", "met"] if clause.direction == "up" else ["met", "met", "missed"]
    assert [status(bound, value) for value in (0.4, 0.5, 0.6)] == expected


def test_no_row_is_left_unjudged():
    forms = ("bound", "within", "trend", "stable", "zero", "agreed")
    assert sum(len(of(form)) for form in forms) == len(CLAUSES) == 109


AT_LEAST, BELOW = Clause(form="at_least", floor=0.9999), Clause(form="below", floor=0.05)


def test_ratios_are_judged_on_their_counts():
    assert status(AT_LEAST, None, counts=(9999, 1)) == "met"
    assert status(AT_LEAST, None, counts=(9998, 1)) == "missed"  # 0.99989998...
    assert status(BELOW, None, counts=(19, 1), inverted=True) == "missed"  # exactly 5 %
    assert status(BELOW, None, counts=(20, 1), inverted=True) == "met"
    # 1 - good/total in floats would say 0.09999999999999998 here, and "below 10 %" would be met.
    tenth = Clause(form="below", floor=0.1)
    assert 1 - 9 / 10 < 0.1
    assert status(tenth, None, counts=(9, 1), inverted=True) == "missed"
    assert status(AT_LEAST, 1.0, counts=(0, 0)) == "no data"


def test_floats_are_taken_as_they_are_written():
    assert exact(0.1) == Fraction(1, 10)
    assert exact(float("nan")) is exact(float("inf")) is exact(None) is None
    tenth_better = Clause(form="trend", direction="down", floor=0.10)
    assert 0.9 / 1.0 - 1 > -0.10  # in floats a tenth better is not a tenth better
    assert status(tenth_better, 0.9, baseline=1.0) == "met"
    assert judge(tenth_better, 0.9, baseline=1.0).change == -0.1


def test_changes_by_hand():
    assert relative_change(70, 100) == Fraction(-3, 10)
    assert relative_change(-10, -20) == Fraction(1, 2)  # a better net promoter score, though both are below zero
    assert relative_change(0, 0) == 0
    assert relative_change(3, 0) is None
    assert relative_change(32, 20, points=True) == 12
    up = Clause(form="trend", direction="up", floor=0.3)
    assert [status(up, value, baseline=0) for value in (0, 1)] == ["missed", "met"]
    not_up = Clause(form="trend", direction="not_up")
    assert [status(not_up, value, baseline=0) for value in (0, 1)] == ["met", "missed"]


@given(st.fractions(0, 2), st.fractions(0, 2), st.sampled_from([param.values[0] for param in of("bound")]))
def test_a_better_value_never_has_a_worse_verdict(one, other, clause):
    worse, better = sorted((one * 10_000, other * 10_000), reverse=clause.form in ("at_most", "below"))
    order = ["missed", "near", "met"]
    assert order.index(status(clause, worse)) <= order.index(status(clause, better))


@given(st.integers(0, 500), st.integers(0, 500), st.booleans())
def test_one_more_good_event_never_worsens_a_ratio(good, bad, inverted):
    clause = Clause(form="below" if inverted else "at_least", floor=0.1 if inverted else 0.9)
    before, after = (judge(clause, None, counts=(good + more, bad), inverted=inverted).status for more in (0, 1))
    assert (before, after) != ("met", "missed")
    if good + bad:
        assert share((good, bad)) + share((good, bad), inverted=True) == 1


@pytest.mark.parametrize(
    ("statuses", "all_of", "any_of"),
    [
        (("met", "met"), "met", "met"),
        (("met", "near"), "near", "met"),
        (("met", "missed"), "missed", "met"),
        (("met", "no data"), "no data", "met"),
        (("missed", "no data"), "missed", "no data"),
        (("missed", "missed"), "missed", "missed"),
        (("provisional", "near"), "provisional", "near"),
        (("too few", "provisional"), "too few", "provisional"),
        (("no target", "no data"), "no target", "no data"),
        ((), "no target", "no target"),
    ],
)
def test_clauses_are_combined(statuses, all_of, any_of):
    assert combine(statuses) == combine(reversed(statuses)) == all_of
    assert combine(statuses, "any") == combine(reversed(statuses), "any") == any_of


MET, NEAR, MISSED = Judgement("met"), Judgement("near"), Judgement("missed")


def test_each_status_hides_what_comes_after_it():
    everything = {"set_up": False, "n": 1, "minimum": 5, "best": MISSED, "provisional": True, "coverage": 0.5}
    assert status_of(Judgement("no target"), **everything) == "not set up"
    everything["set_up"] = True
    assert status_of(Judgement("no target"), **everything) == "no target"
    assert status_of(Judgement("no data"), **everything) == "no data"
    assert status_of(MISSED, **everything) == "too few"
    everything["n"] = 5
    assert status_of(MET, **everything) == "missed"
    everything["best"] = MET
    assert status_of(MISSED, **everything) == "provisional"
    everything["provisional"] = False
    assert status_of(MISSED, **everything) == "missed"
    assert status_of(MET, **everything) == "provisional"


def test_stale_or_thin_sources_cap_what_is_good_and_excuse_nothing():
    assert [status_of(one, stale=True) for one in (MET, NEAR, MISSED)] == ["provisional", "provisional", "missed"]
    assert [status_of(NEAR, coverage=share) for share in (0.9499, 0.95, 1, None)] == [
        "provisional",
        "near",
        "near",
        "near",
    ]


def test_a_target_whose_date_has_not_come_cannot_be_missed_yet():
    assert status_of(MISSED, not_due=True, best=MISSED) == "provisional"
    assert status_of(MET, not_due=True) == "met"
    assert status_of(MET, not_due=True, coverage=0.5) == "provisional"


def running(good, bad, pending, clause=AT_LEAST, inverted=False):
    best = judge(clause, None, counts=best_counts(good, bad, pending), inverted=inverted)
    now = judge(clause, None, counts=(good, bad), inverted=inverted)
    return status_of(now, best=best, provisional=True, n=good + bad, minimum=5)


def test_a_running_window_is_missed_only_when_nothing_can_save_it():
    ninety = Clause(form="at_least", floor=0.9)
    assert running(5, 5, None, ninety) == "provisional"  # enough more good ones could come
    assert running(5, 5, 90, ninety) == "provisional"  # 95 of 100
    assert running(5, 5, 40, ninety) == "provisional"  # 45 of 50, exactly nine tenths
    assert running(5, 5, 39, ninety) == "missed"  # 44 of 49
    assert running(5, 5, 0, ninety) == "missed"


def test_a_promise_without_failures_is_missed_with_the_first_one():
    every = Clause(form="at_least", floor=1)
    assert running(100, 1, None, every) == "missed"
    assert running(100, 0, None, every) == "provisional"
    failures = Clause(form="below", floor=0.05)
    assert running(0, 5, 95, failures, inverted=True) == "missed"  # 5 of 100 is not below 5 %
    assert running(0, 5, 96, failures, inverted=True) == "provisional"
    assert running(0, 5, None, failures, inverted=True) == "provisional"
