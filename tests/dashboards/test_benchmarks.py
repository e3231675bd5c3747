"""What is published, in words; and that nothing which nobody has adopted is shown as a verdict."""

import pytest

from dashboards import format as fmt
from dashboards.metrics import everything
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Snapshot
from dashboards.wording import benchmarks, promises, scorecards, sentences
from dashboards.wording.attention import worst

SCOPE = {"tier": None, "team": None, "domain": None, "asset": None}
ENTRY = {
    "profile": "staff_platform", "row": 2, "text": ">= 99.5% weekly", "form": "at_least", "floor": 0.995,
    "stretch": None, "scope": SCOPE, "params": {}, "value": 0.931, "n": 100, "status": "missed", "example": False,
    "adopted": None,
    "adopted_by": None, "profiles": ["staff_platform", "platform"],
    "budget": {"remaining": -12.8, "spent": 13.8, "burn_rate": 13.8},
}  # fmt: skip


def result(**more):
    told = {
        "kpi": "pipeline_success_rate", "title": "Pipeline success rate", "unit": "ratio", "measure": "Ratio",
        "metric": "pipeline_success_ratio", "definition": "Runs.", "lens": "lagging", "family": "reliability",
        "value": 0.931, "good": 931, "bad": 69, "status": "missed", "standing": "published", "scope": SCOPE,
        "window": {"name": "28d", "start": "2026-10-25T00:00:00+00:00", "end": "2026-11-22T00:00:00+00:00"},
        "as_of": "2026-11-21T08:00:00+00:00", "targets": [ENTRY], "caveats": [], "series": [], "params": {},
        "benchmark": {"form": "at_least", "text": ENTRY["text"], "lo": 0.95, "hi": 0.995, "value": 0.931, "n": 100,
                      "scope": SCOPE, "params": {}, "position": "below", "rows": []},
    }  # fmt: skip
    return told | more


def around(**more):
    return result(benchmark=result()["benchmark"] | more)


ADOPTED = ENTRY | {"adopted": "2026-11-01", "adopted_by": "data platform"}
PROMISED = result(standing="adopted", targets=[ADOPTED])


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (result(), "published range 95 to 99.5 %; 93.1 % lies below it"),
        (around(lo=0.995), "published 99.5 %; 93.1 % lies below it"),
        (around(scope=SCOPE | {"tier": 1}), "published for tier 1: 95 to 99.5 %; 93.1 % lies below it"),
        (around(scope=SCOPE | {"asset": "prom/web"}), "published for prom/web: 95 to 99.5 %; 93.1 % lies below it"),
        (around(scope=SCOPE | {"asset": "prom/web"}) | {"scope": SCOPE | {"asset": "prom/web"}},
         "published range 95 to 99.5 %; 93.1 % lies below it"),
        (around(lo=None, hi=None, position=None, text="increasing trend"), "published: increasing trend"),
        (around(form="zero", lo=0, hi=0, value=2, position="above") | {"unit": "count"},
         "published: none; 2 lies above it"),
        (around(value=None, position=None), "published range 95 to 99.5 %"),
        (result(benchmark=None), ""),
    ],
)  # fmt: skip
def test_the_published_range_in_words(told, words):
    assert benchmarks.sentence(told) == words


@pytest.mark.parametrize(
    ("unit", "lo", "hi", "words"),
    [
        ("ratio", 0.05, 0.15, "5 to 15 %"),
        ("seconds", 600, 900, "10 to 15 min"),
        ("seconds", 3600, 14400, "60 min to 4 h"),
        ("business_days", 1, 3, "1 to 3 business days"),
        ("per_week", 1, 1, "1 a week"),
        ("count", 3, 6, "3 to 6"),
    ],
)
def test_two_figures_share_their_unit(unit, lo, hi, words):
    assert benchmarks.span(result(unit=unit), lo, hi) == words


def test_an_unadopted_target_gives_no_verdict_anywhere():
    one = result()
    assert scope.profile_status(one, None) == "published"
    assert sentences.full(one) == (
        "The platform kept 93.1 % of its scheduled runs in the last 28 days; published range 95 to 99.5 %; "
        "93.1 % lies below it"
    )
    assert promises.target(one, None) == "published range 95 to 99.5 %; 93.1 % lies below it"
    assert worst(Snapshot(results=[one]), Ask()) == []
    assert scope.bound(one) == []
    assert sentences.lowest_budget(one, None) is None


def test_an_adopted_one_does():
    assert scope.profile_status(PROMISED, None) == "missed"
    assert promises.target(PROMISED, None) == "≥ 99.5 %, adopted by data platform, since 1 November 2026"
    assert worst(Snapshot(results=[PROMISED]), Ask()) == [PROMISED]
    assert scope.bound(PROMISED) == [0.995]


def test_of_several_only_the_adopted_ones_speak():
    other = ENTRY | {"row": 6, "status": "met", "adopted": "2026-11-01", "adopted_by": "forum"}
    one = result(standing="adopted", status="met", targets=[ENTRY, other])
    assert (scope.profile_status(one, None), scope.headline(one, None)["row"]) == ("met", 6)


def test_who_asks_for_a_profile_is_told_that_it_was_not_adopted():
    assert scope.profile_status(result(), "platform") == "missed"
    assert promises.target(result(), "staff_platform") == "≥ 99.5 %, judged as published; not adopted"


def test_without_a_value_there_is_no_place_either():
    assert scope.profile_status(result(value=None, status="no data"), None) == "no data"
    assert scope.profile_status(result(value=None, status="missed"), None) == "no data"
    assert scope.profile_status(result(status="too few"), None) == "too few"
    assert scope.profile_status(result(status="not set up"), None) == "not set up"


def exported(one):
    snapshot = Snapshot(results=[one])
    return {family.spec.name: list(family.samples.items()) for family in everything.of(snapshot)}


def test_what_nobody_adopted_pages_nobody():
    told = exported(result())
    assert told["dataplatform_kpi_status"] == [(("pipeline_success_rate", "28d", "published"), 1.0)]
    assert told["dataplatform_slo_status"] == [
        (("pipeline_success_rate", "staff_platform", "2", "28d", "published"), 1.0)
    ]
    assert "dataplatform_slo_burn_rate" not in told
    assert "dataplatform_slo_error_budget_remaining_ratio" not in told
    assert told["dataplatform_target_pipeline_success_ratio"] == [(("staff_platform", "2", "", "floor"), 0.995)]


def test_a_promise_is_exported_with_its_budget():
    told = exported(PROMISED)
    assert told["dataplatform_kpi_status"] == [(("pipeline_success_rate", "28d", "missed"), 1.0)]
    assert told["dataplatform_slo_burn_rate"] == [(("pipeline_success_rate", "staff_platform", "2", "28d"), 13.8)]


def test_a_card_is_counted_in_words():
    counted = {"lines": 12, "promised": 10, "judged": 10, "measured": 11, "met": 6, "near": 2, "missed": 1,
               "undecided": 0, "not_measurable": 1, "benchmarks": 2}  # fmt: skip
    assert scorecards.tally(counted) == (
        "12 lines: 10 promised, 11 measured; 6 met, 2 met (minimum), 1 missed; "
        "1 not measurable, 2 beside their published range"
    )


def test_a_score_names_its_scale_beside_each_figure() -> None:
    """Asked on 10, published on 5 and as NPS: 8 of 10 is 4 of 5."""
    told = {"form": "at_least", "text": ">= 4.2/5", "value": 4.0, "lo": 4.0, "hi": 4.2, "position": "within",
            "params": {"scale": "5"}, "scope": {}}  # fmt: skip
    result = {"kpi": "stakeholder_satisfaction", "unit": "score", "value": 8.0, "params": {"scale": "10"},
              "benchmark": told, "scope": {}}  # fmt: skip
    assert fmt.value(result) == "8.00 of 10"
    assert (fmt.compact(result), fmt.unit_words(result)) == ("8.00", "of 10")
    assert benchmarks.sentence(result) == "published range 4 to 4.2 of 5; 4.00 of 5 lies within it"
    promise = {"form": "at_least", "floor": 20, "params": {"scale": "nps"}}
    assert fmt.target(promise, result) == "≥ 20 NPS"
    assert fmt.target(promise | {"params": {}}, result) == "≥ 20 of 10"
