"""The document of a month that is counted by hand (conftest.py): 51 of 58 runs succeeded, 7 failed."""

import json
from pathlib import Path

import jsonschema
import pytest

from dashboards.report.document import document
from dashboards.report.misses import causes
from dashboards.report.schema import schema
from dashboards.report.sealing import fingerprint, sealed
from dashboards.report.shape import Ask, Words
from slo.engine import Query

SCHEMA = Path(__file__).parents[3] / "docs" / "report.schema.json"


@pytest.fixture(scope="module")
def shut(told_of):
    """The report with its restricted lines."""
    return document(told_of(with_restricted=True))


def rows(made):
    return {row["kpi"]: row for group in made["table"] for row in group["rows"]}


def cards(made):
    return {card["kpi"]: card for family in made["families"] for card in family["cards"]}


def test_promises_are_counted_three_ways_and_the_counts_add_up(made):
    """51/58 = 87.9 % misses 90 %; with the vendor's 1 good and 1 bad put back 52/60 does, too; without the domain's
    15 good and 3 bad it is 36/40 = 90 %, which keeps it. The second promise has no evidence."""
    assert {row["key"]: (row["counted"], row["felt"], row["ours"]) for row in made["counts"]} == {
        "promised": (2, 2, 2), "measured": (1, 1, 1), "met": (0, 0, 1), "near": (0, 0, 0), "missed": (1, 1, 0),
        "provisional": (0, 0, 0), "not_measurable": (1, 1, 1),
    }  # fmt: skip
    assert made["title"] == "In October 2026 the platform kept 0 of 1 judged promise"
    assert made["counts_text"].startswith("Not measurable: 1 not set up.")


def test_a_miss_names_its_assets_its_incident_who_else_answers_and_what_moved_it(made):
    (miss,) = made["misses"]
    assert miss["sentence"] == (
        "The platform kept 87.9 % of its scheduled runs; target ≥ 90 %; budget spent 1.21 times"
    )
    most, incidents, ours, moved = miss["causes"]
    assert most == "Most: flow/orders 4 of 7 failures (57.1 %); flow/stock 3 of 7 failures (42.9 %)"
    assert incidents.startswith("Incidents there: <script>") and incidents.endswith("(2 Oct, 3 h, 1 asset)")
    assert ours == "Ours alone: 90.0 %, without 3 bad and 15 good of domain"
    assert moved.startswith("98.3 % in September 2026, now 87.9 %: −10.4 points")


def test_the_cause_of_a_slow_restoration_is_the_slowest_incidents(told_of):
    """The longer of the two took 3 h; the other one is of security, which stays out of the default copy."""
    seen = {}
    for restricted in (False, True):
        asked = told_of(with_restricted=restricted)
        (result,) = [one for one in asked.gathered["results"] if one["kpi"] == "mttr"]
        seen[restricted] = [one for one in causes(asked, result) if one.startswith("Longest: ")]
    (own,), (whole,) = seen[False], seen[True]
    assert own.startswith("Longest: <script>") and own.endswith("(2 Oct, 3 h)")
    assert whole == f"{own}; Key leaked (2 Oct, 60 min)"


def test_what_moved_beyond_noise_has_an_arrow_and_a_side(made):
    (one,) = [change for change in made["changes"] if change["kpi"] == "pipeline_success_rate"]
    assert (one["before"]["value"], one["now"]["value"]) == (59 / 60, 51 / 58)
    assert (one["direction"], one["better"]) == ("down", False)


def test_what_was_left_out_names_who_agreed_and_how_much_it_took(made):
    (vendor,) = made["excluded"]
    assert vendor["reason"] == "vendor"
    assert vendor["agreements"][0]["text"] == (
        "flow/stock: 10 Oct 00:00 to 12 Oct 00:00, agreed by data platform (V-1)"
    )
    (amount,) = vendor["amounts"]
    assert (amount["term"], amount["value"]) == ("Pipeline success rate", 2 / 60)


def test_the_trend_has_the_months_and_the_bound_in_force(made):
    card = cards(made)["pipeline_success_rate"]
    assert [(one["name"], one["value"], one["target"]) for one in card["trend"]["points"]] == [
        ("2026-09", 59 / 60, 0.9), ("2026-10", 51 / 58, 0.9),
    ]  # fmt: skip
    assert [(one["tier"], one["value"]["value"]) for one in card["tiers"]] == [(1, 36 / 40), (2, 15 / 18)]
    (budget,) = card["budgets"]
    assert [one["term"] for one in budget["spenders"]] == ["flow/orders", "flow/stock"]
    assert card["days"]["values"][:3] == [1.0, 1 / 3, 1 / 3] and card["days"]["values"][20:] == [None] * 11


def test_drivers_add_up(made):
    *lines, together = cards(made)["pipeline_success_rate"]["drivers"]["lines"]
    assert sum(line["total"]["value"] for line in lines) == pytest.approx(51 / 58 - 59 / 60)
    assert together["total"]["value"] == pytest.approx(51 / 58 - 59 / 60)


def test_every_figure_is_the_one_that_show_prints(made, engine, now):
    shown = {one["kpi"]: one for one in engine.show_all(list(rows(made)), Query(window="2026-10"), now)}
    for kpi, row in rows(made).items():
        one = shown[kpi]
        assert row["value"]["value"] == one["value"] and row["coverage"]["value"] == one["coverage"], kpi
        assert row["parts"] == {name: one[name] for name in row["parts"]}, kpi
        assert row["before"]["value"] == one["previous"]["value"], kpi
        assert cards(made).get(kpi, {"value": {"value": one["value"]}})["value"]["value"] == one["value"]


def test_restricted_lines_stay_out_of_the_default_copy_and_are_counted(made, shut):
    text = json.dumps(made)
    assert "Audit findings" not in text and "Key leaked" not in text and '"audit_findings"' not in text
    assert made["restricted"]["left_out"] == 3
    assert made["restricted"]["text"].endswith("2 KPIs and 1 security incident.")
    assert rows(shut)["audit_findings"]["value"]["value"] == 1
    (incidents,) = [one["happened"] for one in shut["families"] if one["happened"]]
    assert incidents["incidents"][0]["title"] == "Key leaked"
    assert shut["restricted"]["included"] and shut["restricted"]["left_out"] == 0


def test_a_team_has_its_own(told_of):
    own = document(told_of(team="finance"))
    assert own["title"] == "In October 2026 team finance kept 1 of 1 judged promise"
    assert rows(own)["pipeline_success_rate"]["value"]["value"] == 36 / 40


def test_it_keeps_its_schema(made, shut):
    published = json.loads(SCHEMA.read_text(encoding="utf-8"))
    assert published == schema(), "stale: run `make docs`"
    validator = jsonschema.Draft202012Validator(published)
    for one in (made, shut):
        assert [error.message for error in validator.iter_errors(one)] == []
    assert list(validator.iter_errors({**made, "name": "x"})) and list(validator.iter_errors({"title": "x"}))


def test_the_hash_is_of_all_that_it_says(made):
    assert made["hash"] == fingerprint(made)
    assert sealed({**made, "title": "other"})["hash"] != made["hash"]
    assert sealed(dict(reversed(made.items())))["hash"] == made["hash"]


def test_the_leads_words_stand_in_it(told_of):
    words = Words("notes/2026-10.md", ["Hard."], [Ask("a", "More.")], "2026-09", [Ask("b", "Less.", "not answered")])
    found = document(told_of(words=words))["words"]
    assert (found["paragraphs"], found["decisions"][0]["text"], found["asks"][0]["outcome"]) == (
        ["Hard."], "More.", "not answered",
    )  # fmt: skip


def test_a_period_that_runs_says_so(told_of):
    assert document(told_of(period="2026-11"))["state"] == "open"


def test_a_restatement_is_listed_once_in_the_report_after_it_was_seen(told_of, now):
    """What moved before the last report's as-of stood in that one; the trend's ring stays."""
    one = {
        "period": "2026-09", "kpi": "pipeline_success_rate", "title": "Pipeline success rate", "unit": "ratio",
        "scope": {"team": None}, "reported": {"value": 0.98}, "now": {"value": 59 / 60}, "causes": [{"text": "late"}],
    }  # fmt: skip
    old, new = ({**one, "seen": f"2026-11-0{day}T08:00:00+00:00"} for day in (2, 4))
    reported = {("2026-09", "pipeline_success_rate"): 0.98}
    last = now.replace(day=3)
    for moved, listed in ((old, []), (new, ["98.0 %"])):
        made = document(told_of(restatements=[moved], reported=reported, last=last))
        assert [line["reported"]["text"] for line in made["restated"]] == listed
        point = cards(made)["pipeline_success_rate"]["trend"]["points"][0]
        assert (point["value"], point["restated"]) == (0.98, True)
