"""Titles, attention and scope: what a reader is told, word for word."""

from dataclasses import replace

from dashboards.reading import scope
from dashboards.reading.reader import Ask, Snapshot
from dashboards.wording import attention, sentences


def test_a_title_is_a_sentence_that_the_data_wrote(fake):
    one = fake.result("pipeline_success_rate", "2026-10", tier=1)
    assert sentences.full(one) == "Tier 1 kept 98.6 % of its scheduled runs in October 2026; target ≥ 99.5 %"
    assert sentences.full(fake.result("query_p95")) == (
        "95 % of the platform's critical queries finished within 7.55 s in the last 28 days (n 252,000); target < 10 s"
    )
    other = fake.result("alert_precision", team="finance") | {"value": 0.5}
    assert sentences.sentence(other) == "50.0 % of team finance's alerts called for action in the last 28 days"


def test_no_data_and_not_set_up_are_said_not_shown_as_zero(fake):
    empty = fake.result("mttr", tier=3)
    assert sentences.full(empty) == "Mean time to restore of tier 3 has no data in the last 28 days"
    unset = empty | {"status": "not set up"}
    assert sentences.full(unset) == ("Mean time to restore is not set up: no connected source tells what it needs")


def test_nothing_restored_yet_tells_the_open_incidents(fake):
    one = fake.result("mttr", tier=1) | {"value": None, "status": "missed", "open": 2, "at_least": 9000.0}
    assert sentences.sentence(one) == ("Tier 1 restored no incident in the last 28 days; 2 open, at least 2 h 30")


def test_a_target_for_a_tier_says_so_beside_the_whole(fake):
    one = fake.result("mttr")
    entry = one["targets"][0] | {"value": 5700.0}
    assert sentences.target(entry, one) == "< 60 min for tier 1 (95 min there)"
    assert scope.bound(one) == []
    assert scope.bound(fake.result("mttr", tier=1)) == [3600.0]


def test_attention_is_at_most_seven_worst_first_one_a_kpi(reader):
    found = attention.worst(reader.snapshot(), Ask())
    assert len(found) == 7
    assert len({one["kpi"] for one in found}) == 7
    assert [one["status"] for one in found] == ["missed"] * 7
    assert found[0]["kpi"] == "pipeline_success_rate"
    assert scope.of(found[0]) == {"tier": 1}


def test_attention_lists_only_the_chosen_team(reader):
    found = attention.worst(reader.snapshot(), Ask(team="finance"))
    assert found and all(scope.of(one) == {"team": "finance"} for one in found)


def test_a_nearly_spent_budget_needs_attention_though_the_target_is_met(fake):
    one = fake.result("change_failure_rate") | {"status": "met"}
    entry = one["targets"][0] | {"status": "met"}
    low = one | {"targets": [entry | {"budget": {"remaining": 0.1, "spent": 0.9}}]}
    fine = one | {"targets": [entry | {"budget": {"remaining": 0.9, "spent": 0.1}}]}
    assert attention.worst(Snapshot(results=[low]), Ask()) == [low]
    assert attention.worst(Snapshot(results=[fine]), Ask()) == []


def test_the_choice_goes_into_the_address_and_back():
    ask = Ask(window="2026-10", tier=1, team="a&b", profile="lead_platform")
    assert scope.search(ask) == "?window=2026-10&tier=1&team=a%26b&profile=lead_platform"
    assert scope.parse(scope.search(ask)) == ask
    assert scope.search(Ask()) == ""
    assert scope.parse("?tier=9&nonsense=1&window=7d") == Ask(window="7d")
    assert scope.link("/kpi/mttr", ask, tier=None, team=None, profile=None) == "/kpi/mttr?window=2026-10"


def test_windows_are_offered_rolling_first_then_months(reader):
    assert scope.windows(reader.snapshot()) == [
        ("1d", "Today"),
        ("7d", "7 days"),
        ("28d", "28 days"),
        ("2026-11", "November 2026"),
        ("2026-10", "October 2026"),
    ]


def test_a_profile_gives_its_own_verdict(fake):
    one = fake.result("pipeline_success_rate")
    assert one["status"] == "missed"
    assert scope.profile_status(one, "lead_platform") == "near"
    assert scope.profile_status(one, "staff_dataops") == "no target"
    assert sentences.promise(one, "lead_platform") == "target > 97 %"


def test_asking_changes_only_what_is_named():
    assert replace(Ask(), tier=0) == Ask(tier=0)
    assert scope.search(Ask(), tier=0) == "?tier=0"
