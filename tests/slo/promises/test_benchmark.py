"""Published ranges worked out from the published rows by hand, and where a value lies."""

import pytest

from slo.promises.benchmark import Judged, benchmark, group_of, position, published_range
from slo.promises.clauses import Clause
from slo.targets import load_targets

ALL = load_targets()
VIEW = ALL.lines["platform"]


def found(kpi):
    rows = ALL.published_for(kpi)
    return published_range([(row, clause) for row in rows for clause in row.clauses], rows, VIEW)


@pytest.mark.parametrize(
    ("kpi", "lo", "hi", "rows"),
    [
        # < 5 %, < 10 (5) %, < 15 (10) % twice; lead_platform 6 counts user-visible failures alone.
        ("change_failure_rate", 0.05, 0.15,
         [("associate_platform", 6), ("distinguished_platform", 2), ("staff_dataops", 6), ("staff_platform", 6)]),
        # Over all tiers: 99.5 %, > 97 (99) %, 98 (99.5) %; the rows by tier are compared with each other.
        ("pipeline_success_rate", 0.97, 0.995,
         [("associate_platform", 1), ("lead_platform", 2), ("staff_platform", 2)]),
        # Tier 1, from the start: < 60 min and < 4 h; from detection is another clock.
        ("mttr", 3600, 14400, [("distinguished_platform", 3), ("staff_platform", 4)]),
        # Tier 1: < 10 min, < 15 (10) min.
        ("mttd", 600, 900, [("staff_dataops", 3), ("staff_platform", 3)]),
        # > 80 %, >= 80 % twice, > 70 %: "above" and "at least" are one side.
        ("paved_road_adoption", 0.70, 0.80, [("distinguished_platform", 15), ("lead_platform", 18),
                                              ("staff_dataops", 16), ("staff_platform", 19)]),
        ("storage_growth_vs_forecast", -0.15, 0.15, [("staff_platform", 11)]),
        ("mtta", 600, 600, [("associate_platform", 3)]),
    ],
)  # fmt: skip
def test_a_range_runs_from_the_easiest_to_the_hardest_figure(kpi, lo, hi, rows):
    assert (found(kpi).lo, found(kpi).hi, list(found(kpi).rows)) == (lo, hi, rows)


def test_a_trend_has_no_range_but_its_words():
    told = found("unit_cost")
    assert (told.lo, told.hi, told.rows) == (None, None, (("lead_platform", 8),))
    assert told.pair[0].text == "trend downward or stable while usage grows"
    assert group_of(Clause(form="agreed", direction="up", floor=3)) is None


def test_nothing_is_published_of_an_own_row():
    own = ALL.in_force()[0].model_copy(update={"profile": "mine", "row": 1})
    assert published_range([(own, own.clauses[0])], ALL.published_for(own.kpi), VIEW) is None


@pytest.mark.parametrize(
    ("value", "where"),
    [(0.049, "below"), (0.05, "within"), (0.1, "within"), (0.15, "within"), (0.1500001, "above"), (None, None)],
)
def test_both_ends_belong_to_the_range(value, where):
    assert position(value, 0.05, 0.15) == where


def test_a_value_is_compared_in_the_clauses_own_scope():
    row = next(one for one in ALL.in_force() if one.key == ("staff_platform", 4))
    scope = {"tier": 1, "team": None, "domain": None, "asset": None}
    told = {"value": 5400.0, "n": 4, "scope": scope, "params": {"start": "started"}}
    shown = benchmark([Judged(row, row.clauses[0], told)], ALL.published_for("mttr"), VIEW)
    assert shown == {
        "form": "below", "text": "< 60 minutes tier-1; < 4 hours tier-2", "value": 5400.0, "n": 4, "scope": scope,
        "params": {"start": "started"}, "lo": 3600.0, "hi": 14400.0, "position": "within",
        "rows": [{"profile": "distinguished_platform", "row": 3}, {"profile": "staff_platform", "row": 4}],
    }  # fmt: skip
