"""Past days as OpenMetrics: a family after the other, a series after the other, samples by time."""

from datetime import UTC, datetime, timedelta

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from dashboards.metrics.history import STEPS, Manner, written_days

END = datetime(2026, 11, 2, tzinfo=UTC)
"""1 November's end: 1793577600 in Unix seconds."""
NOW = datetime(2026, 11, 4, 2, 30, tzinfo=UTC)
DAY = timedelta(days=1)


def line(days, value, kpi="pipeline_success_rate", metric="pipeline_success_ratio", **more):
    scope = {"tier": None, "team": None, "domain": None, "asset": None} | more.pop("scope", {})
    return END + days * DAY, {
        "kpi": kpi, "title": "Success", "definition": "Runs.", "metric": metric, "window": {"name": "28d"},
        "scope": scope, "value": value, "coverage": None, "targets": [], **more,
    }  # fmt: skip


BUDGET = [{"profile": "p", "row": 2, "budget": {"remaining": -0.5, "burn_rate": 1.5}}]


def text(*kpis, **manner):
    return "".join(written_days(kpis, Manner(NOW, **manner)))


def test_the_text_word_for_word():
    first = [
        line(0, 0.5, good=1, bad=1, unknown=0, targets=BUDGET),
        line(0, 0.25, scope={"tier": 1}),
        line(1, None, good=0, bad=0, unknown=0),
        line(2, 1.0, good=2, bad=0, unknown=0),
    ]
    second = [line(0, 60.0, "mttr", "mttr_seconds", n=3)]
    assert text(first, second) == (
        "# HELP dataplatform_pipeline_success_ratio Success, the whole platform: Runs.\n"
        "# TYPE dataplatform_pipeline_success_ratio gauge\n"
        "# UNIT dataplatform_pipeline_success_ratio ratio\n"
        'dataplatform_pipeline_success_ratio{window="28d"} 0.5 1793577600\n'
        'dataplatform_pipeline_success_ratio{window="28d"} 1.0 1793750400\n'
        "# HELP dataplatform_tier_pipeline_success_ratio Success, by tier: Runs.\n"
        "# TYPE dataplatform_tier_pipeline_success_ratio gauge\n"
        "# UNIT dataplatform_tier_pipeline_success_ratio ratio\n"
        'dataplatform_tier_pipeline_success_ratio{tier="1",window="28d"} 0.25 1793577600\n'
        "# HELP dataplatform_mttr_seconds Success, the whole platform: Runs.\n"
        "# TYPE dataplatform_mttr_seconds gauge\n"
        "# UNIT dataplatform_mttr_seconds seconds\n"
        'dataplatform_mttr_seconds{window="28d"} 60.0 1793577600\n'
        "# HELP dataplatform_slo_error_budget_remaining_ratio Share of the whole window's error budget "
        "left, in the running month of what it will count at the pace so far; negative when overspent; of a row of "
        "several clauses the emptiest budget.\n"
        "# TYPE dataplatform_slo_error_budget_remaining_ratio gauge\n"
        "# UNIT dataplatform_slo_error_budget_remaining_ratio ratio\n"
        'dataplatform_slo_error_budget_remaining_ratio{kpi="pipeline_success_rate",profile="p",row="2",window="28d"} '
        "-0.5 1793577600\n"
        "# HELP dataplatform_slo_burn_rate Bad share over the allowed bad share: 1 spends the budget exactly in its "
        "window; of several clauses the highest.\n"
        "# TYPE dataplatform_slo_burn_rate gauge\n"
        'dataplatform_slo_burn_rate{kpi="pipeline_success_rate",profile="p",row="2",window="28d"} 1.5 1793577600\n'
        "# HELP dataplatform_slo_good Good events (or seconds) that the ratio stands on; it can be restated.\n"
        "# TYPE dataplatform_slo_good gauge\n"
        'dataplatform_slo_good{kpi="pipeline_success_rate",window="28d"} 1.0 1793577600\n'
        'dataplatform_slo_good{kpi="pipeline_success_rate",window="28d"} 2.0 1793750400\n'
        "# HELP dataplatform_slo_bad Bad events (or seconds) that the ratio stands on; it can be restated.\n"
        "# TYPE dataplatform_slo_bad gauge\n"
        'dataplatform_slo_bad{kpi="pipeline_success_rate",window="28d"} 1.0 1793577600\n'
        'dataplatform_slo_bad{kpi="pipeline_success_rate",window="28d"} 0.0 1793750400\n'
        "# HELP dataplatform_slo_unknown Events (or seconds) that could not be observed or judged.\n"
        "# TYPE dataplatform_slo_unknown gauge\n"
        'dataplatform_slo_unknown{kpi="pipeline_success_rate",window="28d"} 0.0 1793577600\n'
        'dataplatform_slo_unknown{kpi="pipeline_success_rate",window="28d"} 0.0 1793750400\n'
        "# HELP dataplatform_slo_samples Samples behind a mean or quantile.\n"
        "# TYPE dataplatform_slo_samples gauge\n"
        'dataplatform_slo_samples{kpi="mttr",window="28d"} 3.0 1793577600\n'
        "# EOF\n"
    )


def samples(written):
    return [
        (sample.labels, sample.value, float(sample.timestamp))
        for family in text_string_to_metric_families(written)
        for sample in family.samples
    ]


def test_every_hour_repeats_the_day_until_the_next_one_ends_and_never_passes_now():
    told = samples(text([line(-1, 0.5), line(0, 0.75), line(2, 1.0)], step=STEPS["1h"]))
    hours = [(value, int(at - END.timestamp()) // 3600) for _, value, at in told]
    assert hours == [
        *((0.5, hour) for hour in range(-24, 0)),
        *((0.75, hour) for hour in range(24)),  # no data the day after: it is not drawn on
        *((1.0, hour) for hour in (48, 49, 50)),
    ]


def test_labels_are_added_and_escaped():
    team = 'the "A"\\team\nnorth'
    written = text([line(0, 0.5, scope={"team": team})], labels={"job": "tierline", "instance": "h:1"})
    assert samples(written) == [
        ({"team": team, "window": "28d", "job": "tierline", "instance": "h:1"}, 0.5, 1793577600.0)
    ]


def test_nothing_known_is_an_empty_text():
    assert text([], []) == "# EOF\n"
