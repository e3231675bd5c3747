"""OpenSLO read: the matrix of indicators and budgeting methods, references, and what is refused or lost by name."""

from datetime import date
from typing import Any

import pytest
import yaml

from dashboards.openslo.connections import NOWHERE
from dashboards.openslo.taking import Promise, Taken, Tiers, take
from slo.errors import ConfigError

ROLLING = [{"duration": "28d", "isRolling": True}]


def metric(query: str, **source: Any) -> dict[str, Any]:
    return {"metricSource": {"type": "Prometheus", "spec": {"query": query}, **source}}


def slo(sli: Any, method: str = "Occurrences", *objectives: dict[str, Any], **spec: Any) -> dict[str, Any]:
    inline = {"indicator": {"metadata": {"name": "x"}, "spec": sli}}
    indicator = inline if isinstance(sli, dict) else {"indicatorRef": sli}
    told = {"service": "shop", **indicator, "timeWindow": ROLLING, "budgetingMethod": method, **spec}
    told["objectives"] = list(objectives) or [{"target": 0.99}]
    return {"apiVersion": "openslo/v1", "kind": "SLO", "metadata": {"name": "pay"}, "spec": told}


def read(*documents: Any, **more: Any) -> Taken:
    return take([("f.yaml", yaml.safe_dump_all(documents))], "UTC", **more)


def entry(found: Taken, group: str) -> dict[str, Any]:
    """The one entry of the one source."""
    (source,) = found.sources.values()
    (told,) = source[group]
    return dict(told)


def lost(found: Taken, kind: str) -> dict[str, str]:
    return {one.path: one.instead for one in found.losses if one.kind == kind}


GOOD = {"ratioMetric": {"counter": True, "good": metric('sum(req{code="200"})'), "total": metric("sum(req)")}}
BAD = {"ratioMetric": {"counter": True, "bad": metric("sum(rate(err[5m]))"), "total": metric("sum(rate(req[5m]))")}}
RAW = {"ratioMetric": {"rawType": "failure", "raw": metric("job:errors:ratio")}}
LAG = {"thresholdMetric": metric("max(lag_seconds)")}
SLICE = {"target": 0.99, "timeSliceTarget": 0.95, "timeSliceWindow": "10m"}
DETAILS = {"url": "https://me:pw@prom.example", "token": "s3cr3t"}
BOUND = {"op": "lte", "value": 30}
GOOD_SHARE = '(sum(increase(req{code="200"}[$step]))) / (sum(increase(req[$step])))'
BAD_SHARE = "1 - ((sum(sum(increase(err[$step])))) or vector(0)) / (sum(sum(increase(req[$step]))))"
KEPT = "((max(lag_seconds)) >= -Inf) <= bool 30"


@pytest.mark.parametrize(
    ("sli", "method", "objective", "group", "told"),
    [
        (GOOD, "Occurrences", {}, "slis",
         {"good": 'sum(increase(req{code="200"}[$step]))', "total": "sum(increase(req[$step]))"}),
        (BAD, "Occurrences", {}, "slis",
         {"good": "(sum(sum(increase(req[$step])))) - ((sum(sum(increase(err[$step])))) or vector(0))",
          "total": "sum(sum(increase(req[$step])))", "step": "5m"}),
        (RAW, "Occurrences", {}, "slices", {"expression": "1 - (avg_over_time((job:errors:ratio)[$step:]))"}),
        (LAG, "Occurrences", BOUND, "slis",
         {"good": f"sum(sum_over_time(({KEPT})[$step:]))",
          "total": "sum(count_over_time(((max(lag_seconds)) >= -Inf)[$step:]))"}),
        (GOOD, "Timeslices", SLICE, "slices", {"expression": GOOD_SHARE, "op": "gte", "value": 0.95, "step": "10m"}),
        (BAD, "Timeslices", SLICE | {"timeSliceWindow": 5}, "slices",
         {"expression": BAD_SHARE, "op": "gte", "value": 0.95, "step": "5m"}),
        (RAW, "Timeslices", SLICE, "slices",
         {"expression": "1 - (avg_over_time((job:errors:ratio)[$step:]))", "op": "gte", "value": 0.95, "step": "10m"}),
        (LAG, "Timeslices", BOUND | SLICE, "slices",
         {"expression": f"avg_over_time(({KEPT})[$step:])", "op": "gte", "value": 0.95, "step": "10m"}),
        ({"thresholdMetric": metric("max(max_over_time(lag[{{.window}}]))")}, "Timeslices", BOUND | SLICE, "slices",
         {"expression": "max(max_over_time(lag[$step]))", "op": "lte", "value": 30, "step": "10m"}),
        (GOOD, "RatioTimeslices", {"timeSliceWindow": "1m"}, "slices", {"expression": GOOD_SHARE, "step": "1m"}),
    ],
)  # fmt: skip
def test_indicators_and_methods(sli: Any, method: str, objective: Any, group: str, told: dict[str, Any]) -> None:
    found = read(slo(sli, method, {"target": 0.99} | objective))
    assert entry(found, group) == {"service": "shop/pay", **told}
    assert found.targets == [
        {"row": 1, "kpi": "service_slo_compliance", "metric": "pay", "text": "pay: >= 99%", "window": "28d",
         "clauses": [{"form": "at_least", "floor": 0.99, "asset": "prometheus/shop/pay"}]},
    ]  # fmt: skip
    assert not lost(found, "refused")


def test_objectives_of_one_indicator_share_it_and_of_two_slices_do_not() -> None:
    two = read(slo(GOOD, "Occurrences", {"target": 0.99, "displayName": "SLA"}, {"targetPercent": 99.95}))
    assert [one["clauses"][0] for one in two.targets] == [
        {"form": "at_least", "floor": 0.99, "asset": "prometheus/shop/pay"},
        {"form": "at_least", "floor": 0.9995, "asset": "prometheus/shop/pay"},
    ]
    assert [one["text"] for one in two.targets] == ["pay: >= 99% SLA", "pay: >= 99.95%"]
    found = read(slo(GOOD, "Timeslices", SLICE, SLICE | {"timeSliceTarget": 0.5}))
    assert [one["service"] for one in found.sources["prometheus"]["slices"]] == ["shop/pay", "shop/pay/2"]
    assert found.targets[1]["clauses"][0]["asset"] == "prometheus/shop/pay/2"


def test_references_across_files() -> None:
    source = {
        "apiVersion": "openslo/v1",
        "kind": "DataSource",
        "metadata": {"name": "Main-Prom"},
        "spec": {"type": "prometheus", "connectionDetails": DETAILS},
    }
    total = {"metricSource": {"metricSourceRef": "Main-Prom", "spec": {"query": "sum(req)"}}}
    sli = {"apiVersion": "openslo/v1", "kind": "SLI", "metadata": {"name": "ok"},
           "spec": {"ratioMetric": {"counter": True, "good": {"metricSource": {"metricSourceRef": "Main-Prom",
                    "spec": {"query": "sum(ok)"}}}, "total": total}}}  # fmt: skip
    files = [("a.yaml", yaml.safe_dump(slo("ok"))), ("b.yaml", yaml.safe_dump([source, sli]))]
    found = take(files, "UTC")
    assert found.sources["main_prom"] == {
        "type": "prometheus", "url": "https://prom.example",
        "slis": [{"service": "shop/pay", "good": "sum(increase(ok[$step]))", "total": "sum(increase(req[$step]))"}],
    }  # fmt: skip
    assert "s3cr3t" not in repr(found)
    assert "pw" not in repr(found)
    assert {(one.file, one.document, one.path, one.value) for one in found.losses} == {
        ("a.yaml", "SLO pay", "metadata.labels.tier", ""),
        ("b.yaml", "DataSource Main-Prom", "spec.connectionDetails.url", "(not shown)"),
        ("b.yaml", "DataSource Main-Prom", "spec.connectionDetails.token", "(not shown)"),
    }


@pytest.mark.parametrize(
    ("told", "taken"),
    [
        ({"url": "http://prom:9090/api"}, "http://prom:9090/api"),
        ({"url": "prom:9090"}, "prom:9090"),
        ({"url": "https://prom/api?token=s3cret"}, "https://prom/api"),
        ({"url": "https://prom/api#s3cret"}, "https://prom/api"),
        ({"url": "prom:9090?token=s3cret"}, "prom:9090"),
        ({"url": "https://me:s3cret@prom:9090/"}, "https://prom:9090/"),
        ({"url": "https://me@work:s3cret@prom"}, "https://prom"),
        ({"url": "https://me:s3cret/x@prom"}, NOWHERE),  # a password that no URL may hold
        ({"url": "https://me:s3cret?x@prom"}, NOWHERE),
        ({"url": "https://me:8?s3cret@prom"}, NOWHERE),
        ({"url": "https://prom", "endpoint": "https://s3cret"}, "https://prom"),
    ],
)
def test_no_secret_of_an_address_is_written(told: dict[str, Any], taken: str) -> None:
    """Query and fragment neither, nor is one shown; each time it is told."""
    source = {"apiVersion": "openslo/v1", "kind": "DataSource", "metadata": {"name": "p"},
              "spec": {"type": "Prometheus", "connectionDetails": told}}  # fmt: skip
    lag = {"thresholdMetric": {"metricSource": {"metricSourceRef": "p", "spec": {"query": "lag"}}}}
    found = read(source, slo(lag, "Occurrences", {"target": 0.99, **BOUND}))
    assert found.sources["p"]["url"] == taken
    assert "s3cret" not in repr(found)
    hidden = [one.path for one in found.losses if one.value == "(not shown)"]
    place = "endpoint" if "endpoint" in told else "url"
    assert hidden == ([] if list(told.values()) == [taken] else [f"spec.connectionDetails.{place}"])


WITHOUT = "no alert watches its budget until the service has a tier: label it tier (0 to 3), or say --tier"
ABOVE = "no alert watches its budget: tier {} is not among alerts.tiers (0, 1)"


@pytest.mark.parametrize(
    ("label", "given", "tier", "why"),
    [
        (None, None, None, WITHOUT), (None, 1, 1, None), (0, None, 0, None), ("1", 2, 1, None), (["0"], None, 0, None),
        ("gold", 1, None, WITHOUT), (2, None, 2, ABOVE.format(2)), (None, 3, 3, ABOVE.format(3)),
    ],
)  # fmt: skip
def test_a_budget_is_watched_by_the_service_s_tier(label: Any, given: int | None, tier: int | None, why: Any) -> None:
    """The label of the SLO comes first. What alerts do not watch is told."""
    one = slo(GOOD)
    one["metadata"] |= {} if label is None else {"labels": {"tier": label}}
    found = read(one, tiers=Tiers(given))
    assert entry(found, "slis").get("tier") == tier
    losses = [loss.instead for loss in found.losses if loss.path.startswith("metadata")]
    assert losses == ([] if why is None else [why])


def test_a_promise_is_a_team_s_from_a_day_on() -> None:
    found = read(slo(GOOD), promise=Promise("web", date(2026, 11, 1)))
    assert (found.targets[0]["adopted"], found.targets[0]["adopted_by"]) == (date(2026, 11, 1), "web")


METRIC = "spec.indicator.spec.ratioMetric"
QUERY = "metricSource.spec.query"
NO_SLICE = {"target": 0.9, "timeSliceTarget": 0.9}
TWO = {"ratioMetric": {"counter": True, "good": metric("rate(a[5m])"), "total": metric("rate(b[1h])")}}


def head(version: str, kind: str) -> dict[str, Any]:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": "x"}}


@pytest.mark.parametrize(
    ("document", "path", "said"),
    [
        (head("openslo/v1alpha", "SLO"), "apiVersion", "only openslo/v1"),
        (head("apps/v1", "Deployment"), "apiVersion", "no OpenSLO document"),
        (head("openslo/v1", "Budget"), "kind", "no kind of openslo/v1"),
        (slo("nowhere"), "spec.indicatorRef", "no such SLI"),
        (slo(GOOD, "Guesses"), "spec.budgetingMethod", "none of Occurrences"),
        (slo(GOOD, "Occurrences", {"target": 1.0}), "spec.objectives[0].target", "a number from 0"),
        (slo(GOOD, "Occurrences", {"displayName": "none"}), "spec.objectives[0].target", "is needed"),
        (slo(GOOD, "Timeslices"), "spec.objectives[0].timeSliceTarget", "is needed"),
        (slo(GOOD, "Timeslices", NO_SLICE), "spec.objectives[0].timeSliceWindow", "a length"),
        *((slo(GOOD, "Timeslices", SLICE | {key: told}), f"spec.objectives[0].{key}", said)
          for key, told, said in (("timeSliceTarget", 10**400, "a share"), ("timeSliceWindow", 10**400, "a length"),
                                  ("timeSliceWindow", f"{10**400}d", "a length"))),
        (slo(LAG, "Occurrences", {"target": 0.9, "op": "lte", "value": 10**400}), "spec.objectives[0].op", "and value"),
        (slo(GOOD, timeWindow=[{"duration": f"{10**400}d", "isRolling": True}]), "spec.timeWindow[0].duration",
         "no duration"),
        (slo(LAG), "spec.objectives[0].op", "needs op"),
        (slo(GOOD, "Occurrences", {"target": 0.9, "indicatorRef": "y"}), "spec.objectives[0]", "composite"),
        (slo({"thresholdMetric": metric("q", type="Datadog")}, "Occurrences", {"target": 0.9, **BOUND}),
         "spec.indicator.spec.thresholdMetric.metricSource.type", "Datadog is not read"),
        (slo({"ratioMetric": {"good": metric("a")}}), METRIC, "good and total"),
        (slo(TWO), f"{METRIC}.total.{QUERY}", "counts over 1h, and good over 5m"),
        (slo(BAD, "Timeslices", SLICE), f"{METRIC}.bad.{QUERY}", "counts over 5m"),
        (slo(GOOD, timeWindow=[{"duration": "1h", "isRolling": True}]), "spec.timeWindow[0].duration", "whole days"),
    ],
)  # fmt: skip
def test_what_is_refused_says_where_and_why(document: dict[str, Any], path: str, said: str) -> None:
    found = read(document)
    assert found.targets == []
    assert found.sources == {}
    ((place, why),) = lost(found, "refused").items()
    assert place == path
    assert said in why


def test_nothing_is_dropped_without_a_word() -> None:
    one = slo(GOOD, "Occurrences", {"target": 0.99, "op": "gte", "compositeWeight": 2}, alertPolicies=["burn"])
    one["metadata"] |= {"labels": {"team": ["web"], "env": "prod"}, "annotations": {"a": "b"}}
    policy = {"apiVersion": "openslo/v1", "kind": "AlertPolicy", "metadata": {"name": "burn"}, "spec": {}}
    found = read(one, policy)
    assert entry(found, "slis")["team"] == "web"
    assert set(lost(found, "left out")) == {
        "metadata.labels.env", "metadata.annotations", "spec.objectives[0].op", "spec.objectives[0].compositeWeight",
        "spec.alertPolicies", "", "metadata.labels.tier",
    }  # fmt: skip
    assert set(lost(found, "changed")) == {
        "spec.indicator.spec.ratioMetric.good.metricSource.url"
    }  # no address is told


def test_what_is_no_text_is_told_and_a_number_is_one() -> None:
    found = read(slo(GOOD, "Occurrences", {"target": 0.99, "displayName": 7}, service=["a"], description={"b": 1}))
    assert entry(found, "slis")["service"] == "pay"
    assert found.targets[0]["text"] == "pay: >= 99% 7"
    assert set(lost(found, "left out")) == {"spec.service", "spec.description", "metadata.labels.tier"}
    odd = read(slo(LAG, "Occurrences", {"target": 0.99, "op": ["lte"], "value": 1}))
    assert list(lost(odd, "refused")) == ["spec.objectives[0].op"]


def test_a_name_that_stands_twice_is_taken_once() -> None:
    found = read(slo(GOOD), slo(BAD))
    assert len(found.targets) == 1
    assert list(lost(found, "refused")) == ["metadata.name"]


def test_a_file_that_is_no_yaml_says_its_line() -> None:
    with pytest.raises(ConfigError, match=r"f.yaml:3: is not valid YAML"):
        take([("f.yaml", "a: 1\nb: [1\nc: 2\n")], "UTC")


@pytest.mark.parametrize("told", ["9" * 5000, "2026-13-01"])
def test_a_file_with_a_number_or_date_that_is_none_is_refused(told: str) -> None:
    with pytest.raises(ConfigError, match=r"^f.yaml: holds a number or date that is none \("):
        take([("f.yaml", f"a: {told}\n")], "UTC")
