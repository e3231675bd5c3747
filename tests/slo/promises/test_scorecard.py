"""The card and the standing of a status, on a store with facts whose figures are worked out by hand."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from slo.engine import Engine, Query
from slo.errors import ConfigError
from slo.platform import Platform
from slo.store import Store
from slo.targets import SHIPPED_TARGETS, load_targets
from tests.slo.tellings import START, fact, run

AS_OF = datetime(2026, 11, 10, 12, tzinfo=UTC)
"""A Tuesday: the last whole week is 2026-W45, from START on; the last whole month October."""
OWN = """
profile: mine
title: Our own
lines: [staff_platform/2, staff_dataops/13]
targets:
  - {row: 1, kpi: deployment_frequency, window: W, clauses: [{form: at_least, floor: 2}], adopted: 2026-01-01}
  - {row: 2, kpi: pipeline_success_rate, window: W, scope: domain, clauses: [{form: above, floor: 0.98}]}
"""
ADOPTED = """
profile: staff_platform
targets:
  - {row: 2, valid_from: 2026-11-05, adopted: 2026-11-05, adopted_by: core}
"""


@pytest.fixture
def engine(store: Store, tmp_path):
    """Of 100 runs of the week 99 succeeded (99 %), and three deployments were made."""
    for name, text in (("mine", OWN), ("staff_platform", ADOPTED)):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    runs = [run(f"r{n}", "p", START + n * timedelta(hours=1), "failed" if n == 50 else "success") for n in range(100)]
    made = [fact("change", f"c{n}", asset="p", kind="deployment", state="succeeded", at=START + n * timedelta(days=1))
            for n in range(3)]  # fmt: skip
    store.upsert([*runs, *made])
    return Engine(store, Platform(), load_targets(SHIPPED_TARGETS, tmp_path))


def test_a_status_is_a_verdict_once_a_target_is_adopted(engine):
    """99 % misses the 99.5 % of staff_platform 2; associate_platform 1 (98 %, better 99.5 %) would be near."""
    week = engine.show("pipeline_success_rate", Query("2026-W45"), AS_OF)
    assert (week["standing"], week["status"]) == ("adopted", "missed")
    by = {(one["profile"], one["row"]): one for one in week["targets"]}
    assert (by["staff_platform", 2]["adopted"], by["staff_platform", 2]["adopted_by"]) == ("2026-11-05", "core")
    assert by["staff_platform", 2]["profiles"] == ["staff_platform", "platform", "mine"]
    assert by["associate_platform", 1]["status"] == "near"  # >= 98 %, better 99.5 %


def test_before_it_was_adopted_the_status_is_no_verdict(engine):
    before = engine.show("pipeline_success_rate", Query("2026-11-04"), AS_OF)
    assert before["standing"] == "published"
    assert engine.show("pipeline_success_rate", Query("2026-11-05"), AS_OF)["standing"] == "adopted"
    assert engine.show("change_failure_rate", Query("2026-W45"), AS_OF)["standing"] == "published"


def test_who_asks_for_a_profile_is_judged_by_it(engine):
    asked = engine.show("pipeline_success_rate", Query("2026-W45", profile="associate_platform"), AS_OF)
    assert (asked["standing"], asked["status"]) == ("adopted", "near")
    assert asked["targets"][0]["adopted"] is None


def test_the_place_in_the_published_range_stands_beside_it(engine):
    """Over all tiers the rows say 97 to 99.5 %."""
    told = engine.show("pipeline_success_rate", Query("2026-W45"), AS_OF)["benchmark"]
    assert (told["lo"], told["hi"], told["value"], told["position"]) == (0.97, 0.995, 0.99, "within")


def test_an_own_profiles_card(engine):
    card = engine.scorecard("mine", Query(), None, AS_OF)
    told = [(one["profile"], one["row"], one["window"]["name"], one["value"], one["status"]) for one in card["lines"]]
    assert told == [
        ("staff_platform", 2, "2026-W45", 0.99, "missed"),
        ("staff_dataops", 13, "2026-Q3", None, "not set up"),
        ("mine", 1, "2026-W45", 3.0, "met"),
        ("mine", 2, "2026-W45", 0.99, "met"),
    ]
    assert [one["accountability"] for one in card["lines"]] == ["platform", "platform", "platform", "domain"]
    assert card["summary"] == {
        "lines": 4, "promised": 2, "judged": 4, "measured": 3, "met": 2, "near": 0, "missed": 1, "undecided": 0,
        "not_measurable": 1, "benchmarks": 0,
    }  # fmt: skip
    assert (card["title"], card["asked"]) == ("Our own", True)
    assert json.loads(json.dumps(card)) == card


def test_the_default_card_judges_what_is_adopted(engine):
    card = engine.scorecard(None, Query(), None, AS_OF)
    assert (card["profile"], card["asked"], len(card["lines"])) == ("platform", False, 12)
    assert [one["row"] for one in card["lines"] if one["standing"] == "adopted"] == [2]
    assert (card["summary"]["promised"], card["summary"]["missed"], card["summary"]["benchmarks"]) == (1, 1, 11)


def test_one_window_for_every_row(engine):
    card = engine.scorecard("mine", Query(), "2026-11", AS_OF)
    assert {one["window"]["name"] for one in card["lines"]} == {"2026-11"}


def test_an_unknown_profile_is_refused(engine):
    with pytest.raises(ConfigError, match="profile: 'nosuch' has no targets; there are: associate_platform"):
        engine.scorecard("nosuch", Query(), None, AS_OF)
