"""Each KPI yields its family; what the watch and the settings add stands beside, under the names that rules quote."""

from dataclasses import replace

import pytest

from dashboards.metrics import everything
from dashboards.metrics.bundle import Bundle, capped, merged
from dashboards.metrics.family import Family, Spec
from dashboards.reading.reader import Snapshot
from slo.shelf import shelf

WINDOW = {"name": "28d", "start": "2026-10-25T00:00:00+00:00", "end": "2026-11-22T00:00:00+00:00"}


def result(kpi, **more):
    """A KPI's result as the engine tells it, with a value of one half."""
    scope = {"tier": None, "team": None, "domain": None, "asset": None}
    told = {
        "kpi": kpi.id, "title": kpi.title, "definition": kpi.definition, "metric": kpi.metric, "unit": kpi.unit,
        "window": WINDOW, "as_of": "2026-11-21T10:00:00+00:00", "scope": scope, "value": 0.5, "targets": [],
        "status": "no target", "coverage": 1.0,
    }  # fmt: skip
    return told | more


def exposed(**parts):
    """{name: {label values: value}}"""
    return {family.spec.name: family.samples for family in everything.of(Snapshot(**parts))}


@pytest.mark.parametrize("kpi", shelf().values(), ids=lambda kpi: kpi.id)
def test_each_kpi_yields_its_family_and_its_cuts(kpi):
    cuts = ({"tier": 1}, {"team": "core"}, {"domain": "sales"})
    results = [result(kpi), *(result(kpi, scope={**result(kpi)["scope"], **cut}) for cut in cuts)]
    found = exposed(results=results)
    assert found[f"dataplatform_{kpi.metric}"] == {("28d",): 0.5}
    assert found[f"dataplatform_tier_{kpi.metric}"] == {("1", "28d"): 0.5}
    assert found[f"dataplatform_team_{kpi.metric}"] == {("core", "28d"): 0.5}
    assert found[f"dataplatform_domain_{kpi.metric}"] == {("sales", "28d"): 0.5}
    assert found["dataplatform_kpi_status"] == {(kpi.id, "28d", "no_target"): 1.0}


def test_no_two_kpis_share_a_family_and_each_has_one_help():
    names = [kpi.metric for kpi in shelf().values()]
    assert len(names) == len(set(names)) >= 49


SLO = {
    "slo": "pipeline_success-lead_platform-3", "kpi": "pipeline_success_rate", "profile": "lead_platform", "row": "3",
    "tier": "0-1", "team": "platform", "policy": "rates", "page": "/slo/pipeline_success_rate",
    "objective": 0.99, "good": 985.0, "bad": 15, "remaining": -0.5, "burn_rate": 1.5, "present_burn": None,
    "runs_out": "1970-01-02T00:00:00+00:00", "watched": True,
    "lookbacks": [
        {"name": "1h", "severity": "page", "threshold": 14.4, "min_bad": None, "long_rate": 20.0, "short_rate": 3.0,
         "long_bad": 8, "short_bad": 1},
        {"name": "3d", "severity": "ticket", "threshold": None, "min_bad": 2, "long_rate": None, "short_rate": None,
         "long_bad": 3, "short_bad": 0},
    ],
    "worst": [{"asset": "etl/orders", "team": "core", "tier": 0, "bad": 6, "share": 0.75}],
}  # fmt: skip
LATE = {
    "asset": "wh/orders", "team": "bi", "domain": None, "tier": 1, "deadline": "2026-11-21T07:00:00+00:00",
    "seconds": 5400, "cause": "etl/raw", "cause_team": "core", "cause_since": None, "maintenance": None,
}  # fmt: skip
ALERT = {
    "alert": "DatasetLate", "key": "late:etl/raw", "severity": "ticket", "cause": "etl/raw", "team": "core",
    "tier": "1", "domain": "", "since": "1970-01-01T01:00:00+00:00", "affected": ["wh/orders", "wh/lines"], "slo": "",
}  # fmt: skip


def test_an_objective_is_what_the_watch_says():
    id_ = SLO["slo"]
    assert exposed(watch={"slos": [SLO]}) == {
        "dataplatform_slo_info": {
            (id_, "pipeline_success_rate", "lead_platform", "3", "0-1", "platform", "rates", SLO["page"]): 1.0
        },
        "dataplatform_slo_objective_ratio": {(id_,): 0.99},
        "dataplatform_slo_period_good": {(id_,): 985.0},
        "dataplatform_slo_period_bad": {(id_,): 15.0},
        "dataplatform_slo_period_remaining_ratio": {(id_,): -0.5},
        "dataplatform_slo_period_burn_rate": {(id_,): 1.5},
        "dataplatform_slo_runs_out_timestamp_seconds": {(id_,): 86400.0},
        "dataplatform_slo_lookback_burn_rate": {(id_, "1h", "long"): 20.0, (id_, "1h", "short"): 3.0},
        "dataplatform_slo_lookback_threshold": {(id_, "1h", "page"): 14.4},
        "dataplatform_slo_lookback_bad": {
            (id_, "1h", "long"): 8.0, (id_, "1h", "short"): 1.0, (id_, "3d", "long"): 3.0, (id_, "3d", "short"): 0.0,
        },
        "dataplatform_slo_lookback_min_bad": {(id_, "3d", "ticket"): 2.0},
        "dataplatform_slo_worst": {(id_, "etl/orders"): 0.75},
    }  # fmt: skip
    assert "dataplatform_slo_worst" not in exposed(watch={"slos": [{**SLO, "watched": False}]})


def test_what_is_late_or_failing_names_the_cause_and_who_must_act():
    in_maintenance = {**LATE, "asset": "wh/lines", "maintenance": "upgrade"}
    twice = {**LATE, "seconds": 90000, "deadline": "2026-11-20T07:00:00+00:00"}
    by_itself = {"asset": "etl/raw", "team": "core", "domain": "sales", "tier": 0, "state": "failed", "seconds": 60,
                 "cause": None, "cause_team": None}  # fmt: skip
    found = exposed(watch={"late": [LATE, in_maintenance, twice], "failed": [by_itself]})
    assert found == {
        "dataplatform_dataset_late_seconds": {("wh/orders", "etl/raw", "core", "1", ""): 90000.0},
        "dataplatform_run_failing_seconds": {("etl/raw", "etl/raw", "core", "0", "sales"): 60.0},
    }


def test_an_alert_counts_whom_it_is_about_and_a_silenced_one_says_why():
    budget = {**ALERT, "alert": "BudgetBurning", "cause": "s", "affected": [], "slo": "s"}
    quiet = {**ALERT, "why": "maintenance: upgrade"}
    explained = {**budget, "why": "explained by late:etl/raw"}
    assert exposed(watch={"alerts": [ALERT, budget], "silenced": [quiet, explained]}) == {
        "dataplatform_alert_affected": {
            ("DatasetLate", "ticket", "etl/raw", "core", "1", ""): 2.0,
            ("BudgetBurning", "ticket", "s", "core", "1", "s"): 1.0,
        },
        "dataplatform_alert_since_timestamp_seconds": {
            ("DatasetLate", "ticket", "etl/raw", "core", "1", ""): 3600.0,
            ("BudgetBurning", "ticket", "s", "core", "1", "s"): 3600.0,
        },
        "dataplatform_alert_silenced": {
            ("DatasetLate", "etl/raw", "maintenance"): 1.0, ("BudgetBurning", "s", "explained"): 1.0,
        },
    }  # fmt: skip


def test_what_the_settings_ask_for_comes_before_breakdowns_and_nothing_is_given_half():
    kpi = shelf()["pipeline_success_rate"]
    by_tier = result(kpi, scope={**result(kpi)["scope"], "tier": 1})
    assets = {kpi.metric: {"title": kpi.title, "definition": kpi.definition, "values": {"b": 0.5, "a": 1.0}}}
    found = everything.bundles(Snapshot(results=[result(kpi), by_tier], assets=assets, watch={"late": [LATE]}))
    names = [one.spec.name.removeprefix("dataplatform_") for one in merged(found)]
    assert names == [
        "dataset_late_seconds", "pipeline_success_ratio", "kpi_status", "slo_coverage_ratio",
        "asset_pipeline_success_ratio", "tier_pipeline_success_ratio", "tier_slo_coverage_ratio",
    ]  # fmt: skip
    given = capped(found, 5)
    assert [len(one.samples) for one in given.families] == [1, 1, 1, 1]
    assert [one.spec.name.removeprefix("dataplatform_") for one in given.families] == names[:4]
    assert given.dropped == 4
    assert given.names == (
        "dataplatform_asset_pipeline_success_ratio", 'dataplatform_tier_<metric>{window="28d"}',
        'dataplatform_tier_slo_coverage_ratio{window="28d"}',
    )  # fmt: skip


def test_as_more_is_open_what_is_left_out_only_grows():
    """Under a cap of 6: what is late, then five series, then one. The one does not come back once the five are gone."""

    def sized(name, count):
        return Bundle(name, (Family(Spec(name, "X.", ("a",)), {(str(place),): 1.0 for place in range(count)}),))

    def left_out(late):
        given = capped([replace(sized("late", late), open=True), sized("five", 5), sized("one", 1)], 6)
        return given.names, given.dropped

    assert [left_out(late) for late in (0, 1, 2, 6, 7)] == [
        ((), 0), (("one",), 1), (("five", "one"), 6), (("five", "one"), 6), (("late", "five", "one"), 13),
    ]  # fmt: skip
    never = capped([sized("seven", 7), sized("five", 5), sized("one", 1)], 6)
    assert (never.names, never.dropped) == (("seven",), 7), "what no hour gives ends nothing"


def test_the_alerts_come_first_and_what_rules_fire_on_is_given_whatever_the_cap():
    told = {**ALERT, "cause": "etl/lines"}
    found = everything.bundles(Snapshot(watch={"slos": [SLO], "late": [LATE], "alerts": [ALERT, told]}))
    first = [one.name.removeprefix("dataplatform_") for one in found[:3]]
    assert first == ["alert_affected", "alert_since_timestamp_seconds", "dataset_late_seconds"]
    given = capped(found, 1)
    assert [(one.spec.name, len(one.samples)) for one in given.families] == [("dataplatform_alert_affected", 2)]
    # since: 2, late: 1, the objective: 7, its lookbacks: 8, its worst: 1.
    assert given.dropped == 2 + 1 + 7 + 8 + 1


def test_a_sum_over_a_breakdown_is_of_all_of_it_or_of_nothing():
    """Good and bad of five teams in two windows: 28 days come first, and a window is given whole, both of them."""
    kpi, total = shelf()["pipeline_success_rate"], {"tier": None, "team": None, "domain": None, "asset": None}
    week = {**WINDOW, "name": "7d"}
    results = [
        result(kpi, value=0.9, good=9, bad=1, unknown=0, coverage=None, window=window, scope={**total, "team": team})
        for window in (week, WINDOW)
        for team in "abcde"
    ]
    found = everything.bundles(Snapshot(results=results))
    given = capped(found, 24)
    teams = {(team, "28d"): 9.0 for team in "abcde"}
    assert {one.spec.name: one.samples for one in given.families} == {
        "dataplatform_team_pipeline_success_ratio": {
            (team, window): 0.9 for window in ("28d", "7d") for team in "abcde"
        },
        "dataplatform_team_slo_good": {(kpi.id, *own): 9.0 for own in teams},
        "dataplatform_team_slo_bad": {(kpi.id, *own): 1.0 for own in teams},
    }  # fmt: skip
    assert given.names == ('dataplatform_team_slo_good{window="7d"}, dataplatform_team_slo_bad{window="7d"}',)
    assert given.dropped == 10


def test_a_row_of_several_clauses_has_the_emptiest_budget_of_the_whole_window():
    kpi = shelf()["pipeline_success_rate"]
    running = {"remaining": -0.5, "burn_rate": 1.5, "whole": {"remaining": 0.25}}
    ended = {"remaining": 0.125, "burn_rate": 0.875, "whole": {"remaining": 0.125}}
    row = {
        "profile": "p", "row": 2, "status": "missed", "form": "at_least", "scope": {}, "adopted": "2026-01-01",
        "floor": 0.9, "stretch": None, "budget": running, "clauses": [{"budget": running}, {"budget": ended}, {}],
    }  # fmt: skip
    found = exposed(results=[result(kpi, targets=[row])])
    own = (kpi.id, "p", "2", "28d")
    assert found["dataplatform_slo_error_budget_remaining_ratio"] == {own: 0.125}
    assert found["dataplatform_slo_burn_rate"] == {own: 1.5}


def test_where_nothing_was_expected_there_are_no_counts():
    kpi = shelf()["pipeline_success_rate"]
    silent = result(kpi, value=None, good=0, bad=0, unknown=0, coverage=None)
    assert list(exposed(results=[silent])) == ["dataplatform_kpi_status"]
    unseen = result(kpi, value=None, good=0, bad=0, unknown=3)
    assert exposed(results=[unseen])["dataplatform_slo_unknown"] == {(kpi.id, "28d"): 3.0}


def test_a_label_set_stands_once_and_labels_must_fit():
    family = Family(Spec("x", "X.", ("a",)))
    family.add(("1",), 2)
    family.add((1,), 3)
    family.add((None,), None)
    assert family.samples == {("1",): 2.0}
    with pytest.raises(ValueError, match="x: "):
        family.add(("1", "2"), 1)


def test_a_kpi_of_one_s_own_cannot_spoil_another_family():
    kpi = shelf()["pipeline_success_rate"]
    named_alike = result(kpi, metric="kpi_status")
    found = exposed(results=[result(kpi), named_alike])
    assert found["dataplatform_kpi_status"] == {("28d",): 0.5}
    assert found["dataplatform_pipeline_success_ratio"] == {("28d",): 0.5}
