"""Every figure exactly as a person reads it."""

import pytest

from dashboards import format as fmt


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        (0.9876, "98.8 %"),
        (0.5, "50.0 %"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (4811 / 4812, "99.98 %"),
        (0.9998, "99.98 %"),
        (0.9999999, "> 99.9999 %"),
        (0.00002, "0.0020 %"),
        (0.0000001, "< 0.0001 %"),
        (1.5, "150 %"),
        (-0.3, "−30.0 %"),
        (0.07142857, "7.14 %"),
    ],
)
def test_a_percentage_has_three_digits_and_never_hides_the_one_that_failed_or_succeeded(ratio, shown):
    assert fmt.percent(ratio) == shown


def test_two_figures_that_differ_are_told_apart():
    ratio = {"unit": "ratio", "targets": []}
    assert [fmt.apart(ratio, 59 / 62, 60 / 63), fmt.apart(ratio, 60 / 63, 59 / 62)] == ["95.16 %", "95.2 %"]
    assert [fmt.apart(ratio, 0.9, None), fmt.apart(ratio, None, 0.9)] == ["90.0 %", "no data"]


def test_rounding_never_crosses_a_target():
    assert fmt.percent(0.99496, [0.995]) == "99.496 %"
    assert fmt.percent(0.99504, [0.995]) == "99.504 %"
    assert fmt.percent(0.995, [0.995]) == "99.5 %"
    assert fmt.percent(0.99496) == "99.5 %"
    assert fmt.percent(0.9949999999, [0.995]) == "< 99.5000 %"
    assert fmt.duration(3601, [3600]) == "60 min 1 s"
    assert fmt.duration(3599.9, [3600]) == "< 60 min"
    assert fmt.duration(3601) == "60 min"
    assert fmt.number(9.9996, [10.0]) == "9.9996"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (0.85, "850 ms"),
        (4.52, "4.52 s"),
        (59.96, "1 min"),
        (270, "4 min 30 s"),
        (2700, "45 min"),
        (5700, "95 min"),
        (7200, "2 h"),
        (12000, "3 h 20"),
        (10800 + 300, "3 h 05"),
        (90000, "25 h"),
        (172800, "2 days"),
        (187200, "2 days 4 h"),
        (-2700, "−45 min"),
    ],
)
def test_a_duration_is_said_as_a_person_says_it(seconds, shown):
    assert fmt.duration(seconds) == shown


def test_other_units():
    assert fmt.business_days(2.4) == "2.4 business days"
    assert fmt.business_days(1.0) == "1 business day"
    assert fmt.business_days(0.75) == "0.75 business days"
    assert fmt.amount(12.5, "per_week") == "12.5 a week"
    assert fmt.amount(4.521, "currency_per_terabyte", currency="EUR") == "EUR 4.52 per TB"
    assert fmt.amount(1240.4, "currency_per_query", currency="EUR") == "EUR 1,240 per query"
    assert fmt.amount(4812, "count") == "4,812"
    assert fmt.amount(8.44, "score") == "8.44"
    assert fmt.amount(None, "ratio") == "no data"
    assert fmt.amount(-0.12, "ratio", signed=True) == "−12 %"
    assert fmt.amount(0.034, "ratio", signed=True) == "+3.4 %"


def test_changes_are_signed_and_small_ones_are_unchanged():
    ratio = {"unit": "ratio", "value": 0.992}
    assert fmt.change(ratio, 0.995) == "−0.30 points"
    assert fmt.change(ratio, 0.992) == "unchanged"
    assert fmt.change({"unit": "seconds", "value": 132.0}, 120.0) == "+10 %"
    assert fmt.change({"unit": "seconds", "value": None}, 120.0) == ""
    assert fmt.change({"unit": "seconds", "value": 5.0}, 0) == ""


def test_targets_keep_the_figures_that_were_promised(fake):
    def shown(kpi, place=0):
        result = fake.result(kpi)
        return fmt.target(result["targets"][place], result)

    assert shown("pipeline_success_rate") == "≥ 99.5 %"
    assert shown("mttr") == "< 60 min"
    assert shown("query_p95") == "< 10 s"
    assert shown("job_runtime") == "≤ −10 %"
    assert shown("deployment_frequency") == "≥ 1 a week"
    assert shown("unit_cost") == "improve 10-20% YoY"
    assert shown("backfill_completion_time") == "not agreed"


def test_statuses_are_shape_word_and_class_worst_first():
    looks = {key: (one.shape, one.word) for key, one in fmt.STATUSES.items()}
    assert looks == {
        "missed": ("▲", "missed"),
        "near": ("◐", "met (minimum)"),
        "met": ("●", "met"),
        "provisional": ("◇", "provisional"),
        "published": ("·", "not adopted"),
        "too few": ("◌", "too few"),
        "no data": ("○", "no data"),
        "not set up": ("⊘", "not set up"),
        "no target": ("–", "no target"),
    }
    assert fmt.rank("missed") == 0
    assert fmt.status("unheard").word == "unheard"


def test_what_stands_beside_a_value():
    result = {
        "unit": "ratio",
        "value": 0.9875,
        "good": 790,
        "bad": 10,
        "coverage": 0.998,
        "interval": [0.97, 0.9931],
        "targets": [],
    }
    assert fmt.size(result) == "n 800"
    assert fmt.interval(result) == "97.0 to 99.3 %"
    assert fmt.coverage(result) == "99.8 % observed"
    assert fmt.exact(result) == "0.9875 ratio (790 good, 10 bad)"
    assert fmt.size(result | {"kpi": "freshness_slo_attainment"}) == "13 min judged"


def test_a_narrow_column_leaves_the_unit_to_the_row(fake):
    assert fmt.compact(fake.result("mttd", tier=0)) == "4.3 min"
    assert fmt.compact(fake.result("mttd", tier=0) | {"value": 599.0}) == "9.98 min"
    assert fmt.compact(fake.result("mttr", tier=1)) == "95 min"
    one = fake.result("deployment_frequency", tier=1)
    assert (fmt.compact(one), fmt.unit_words(one)) == ("14.0", "/ week")
    assert fmt.unit_words(fake.result("unit_cost")) == "USD per TB"
    assert fmt.compact(fake.result("mttd", tier=3)) == "no data"


def test_a_span_that_goes_on_is_said_in_whole_minutes_that_are_over():
    assert [fmt.minutes(seconds) for seconds in (59, 60, 119.9, 12_059)] == ["0 s", "1 min", "1 min", "3 h 20"]


def test_error_budgets_are_said_left_spent_or_none_allowed():
    assert fmt.budget({"remaining": 0.39, "spent": 0.61}) == "39.0 % of budget left"
    assert fmt.budget({"remaining": -1.5, "spent": 2.5}) == "budget spent 2.50 times"
    running = {"remaining": -1.5, "spent": 2.5, "whole": {"remaining": 0.25}}
    assert fmt.budget(running) == "25.0 % of budget left"
    assert fmt.budget({"remaining": None, "spent": None, "remaining_events": -3.0}) == "3 bad where none is allowed"
    assert fmt.budget(None) == ""


@pytest.mark.parametrize(
    ("unit", "denominator", "expected"),
    [
        ("currency_per_terabyte", 800.0, "of 800 TB"),
        ("currency_per_terabyte", 1.0, "of 1 TB"),
        ("currency_per_query", 12.0, "of 12 queries"),
        ("currency_per_run", 1.0, "of 1 run"),
        ("ratio", 10_000.0, "of 10,000"),
        ("ratio", None, ""),
    ],
)
def test_a_quotient_says_what_it_divides_by(unit: str, denominator: float | None, expected: str) -> None:
    assert fmt.size({"measure": "Quotient", "unit": unit, "denominator": denominator}) == expected
