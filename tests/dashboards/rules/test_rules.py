"""The rules as data: what each stands on, that none speaks for a stale evaluation, that hostile names stay names."""

from __future__ import annotations

import yaml

from dashboards.rules import Asked, files, rules
from dashboards.rules.files import ROUTE, RULES, TESTS
from dashboards.rules.rule import Alert, Record
from dashboards.site.shelf import find

ASKED = Asked("https://tierline.example.com/", "platform-metrics")
JOB = '{job="platform-metrics"}'
GUARD = "and on (job) (tierline:evaluation_age:seconds < 600)"
ALERTS = {"TierlineDatasetLate", "TierlineRunFailing", "TierlineBudgetBurning", "TierlineBlind"}
OF_TIERLINE = {"TierlineEvaluationStale", "TierlineDown"}


def alerts() -> dict[str, Alert]:
    return {one.alert: one for one in rules(ASKED).rules if isinstance(one, Alert)}


def test_four_alerts_and_two_for_when_nobody_could_tell_them() -> None:
    assert set(alerts()) == ALERTS | OF_TIERLINE
    assert all(one.labels["tierline"] == "true" for one in alerts().values())


def test_all_but_the_age_itself_is_guarded_against_a_stale_evaluation() -> None:
    first, *records = [one for one in rules(ASKED).rules if isinstance(one, Record)]
    assert first.expr == f"time() - max by (job) (tierline_last_evaluation_timestamp_seconds{JOB})"
    assert all(one.expr.endswith(GUARD) for one in [*records, *(alerts()[name] for name in ALERTS)])
    assert alerts()["TierlineEvaluationStale"].expr == f"tierline:evaluation_age:seconds{JOB} >= 600"


def test_a_dead_tierline_is_the_absence_of_its_own_job() -> None:
    assert alerts()["TierlineDown"].expr == f"absent(tierline_last_evaluation_timestamp_seconds{JOB})"
    anyone = Asked(ASKED.page)
    assert "absent(tierline_last_evaluation_timestamp_seconds)\n" in files(anyone)[RULES]


def test_a_job_whatever_its_name_stays_one() -> None:
    named = {one.alert: one.expr for one in rules(Asked(ASKED.page, 'a"b\\')).rules if isinstance(one, Alert)}
    assert named["TierlineDown"] == 'absent(tierline_last_evaluation_timestamp_seconds{job="a\\"b\\\\"})'


def test_rules_for_a_job_read_series_of_that_job_alone() -> None:
    late = 'max by (job, cause, team, tier, severity) (dataplatform_alert_affected{job="platform-metrics",alert='
    assert alerts()["TierlineDatasetLate"].expr.startswith(f'({late}"DatasetLate"}}))')
    every = " ".join(one.expr for one in rules(ASKED).rules)
    names = ("dataplatform_alert_affected", "dataplatform_slo_lookback_burn_rate",
             "dataplatform_slo_lookback_threshold", "slo_lookback:dataplatform_slo_burn_rate:min",
             "tierline_last_evaluation_timestamp_seconds")  # fmt: skip
    assert {name: every.count(name) for name in names} == {name: every.count(name + JOB[:-1]) for name in names}
    assert all(name in every for name in names)


def test_the_settings_team_is_told_of_tierline_itself() -> None:
    told = {one.alert: one for one in rules(Asked(ASKED.page, team="data {{eng}}")).rules if isinstance(one, Alert)}
    assert {told[name].labels["team"] for name in OF_TIERLINE} == {'data {{"{{"}}eng}}'}
    assert {alerts()[name].labels["team"] for name in OF_TIERLINE} == {"platform"}


def test_one_deployment_that_is_down_does_not_hush_another() -> None:
    rules = yaml.safe_load(files(ASKED)[ROUTE])["inhibit_rules"]
    assert len(rules) == 5
    assert all("job" in rule["equal"] for rule in rules)


def test_the_more_urgent_alert_of_a_cause_inhibits_the_other_and_never_both_each_other() -> None:
    """A page of tier 1 and a ticket of tier 0 may be open at once, while one of them is kept on: severity decides."""
    own, same = 'tierline="true"', ["job", "alertname", "cause", "team"]
    _, by_severity, *by_tier = yaml.safe_load(files(ASKED)[ROUTE])["inhibit_rules"]
    assert by_severity == {
        "source_matchers": [own, 'severity="page"'], "target_matchers": [own, 'severity="ticket"'], "equal": same
    }  # fmt: skip
    assert [(one["source_matchers"], one["target_matchers"]) for one in by_tier] == [
        ([own, 'tier="0"'], [own, 'tier=~"1|2|3"']), ([own, 'tier="1"'], [own, 'tier=~"2|3"']),
        ([own, 'tier="2"'], [own, 'tier=~"3"']),
    ]  # fmt: skip
    assert all(one["equal"] == [*same, "severity"] for one in by_tier)


def test_an_alert_outlasts_a_failed_scrape_and_only_an_absence_needs_nothing_of_it() -> None:
    kept = {name: one.told().get("keep_firing_for") for name, one in alerts().items()}
    assert kept == dict.fromkeys([*ALERTS, "TierlineEvaluationStale"], "5m") | {"TierlineDown": None}


def test_a_page_goes_to_its_team_as_well_and_what_has_no_route_to_the_platform() -> None:
    pager, team, rest = yaml.safe_load(files(Asked(ASKED.page, teams=["core"]))[ROUTE])["route"]["routes"]
    assert (pager["matchers"], pager["receiver"], pager["continue"]) == (['severity="page"'], "pager", True)
    assert team == {"matchers": ['team="core"'], "receiver": "team-core"}
    assert rest == {"receiver": "tickets"}


def test_the_page_is_linked_without_a_second_slash() -> None:
    assert alerts()["TierlineBlind"].annotations["dashboard"] == "https://tierline.example.com/sources"
    link = 'https://tierline.example.com/assets/{{ $labels.cause | urlquery | reReplaceAll "[+]" "%20" }}'
    assert alerts()["TierlineDatasetLate"].annotations["dashboard"] == link


def test_a_link_that_prometheus_writes_opens_the_page_of_its_asset() -> None:
    """As the unit test for promtool has it, of a cause with a space and other odd letters."""
    written = yaml.safe_load(files(ASKED)[TESTS])
    (odd,) = [case for case in written["tests"] if case["name"].startswith("a failed scrape")]
    (told,) = odd["alert_rule_test"][0]["exp_alerts"]
    link = told["exp_annotations"]["dashboard"].removeprefix("https://tierline.example.com")
    page, asset = find(link) or (None, None)
    assert (page.__name__, asset) == ("dashboards.pages.assets", "wh/a b+c%?")
    assert told["exp_labels"]["cause"] == asset


def test_every_team_has_a_receiver_of_its_own_whatever_its_name() -> None:
    teams = ("Data & Finance", "data finance", 'we "own" it\\', "", "заказы")
    route = yaml.safe_load(files(Asked(ASKED.page, teams=teams))[ROUTE])
    of_teams = {one["receiver"]: one["matchers"][0] for one in route["route"]["routes"][1:-1]}
    assert of_teams == {
        "team-data-finance": 'team="Data & Finance"', "team-data-finance.2": 'team="data finance"',
        "team-we-own-it": 'team="we \\"own\\" it\\\\"', "team-unnamed": 'team="заказы"',
    }  # fmt: skip
    assert [one["name"] for one in route["receivers"]] == ["tickets", "pager", *of_teams]
