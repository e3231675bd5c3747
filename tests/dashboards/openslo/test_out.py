"""Promises as OpenSLO: checked against the published schema, what they say, and that they read back the same."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from dashboards.openslo.giving import Giver
from dashboards.openslo.losses import Loss
from dashboards.openslo.promised import slos
from dashboards.openslo.taking import take
from dashboards.openslo.writing import Way, as_yaml
from slo.measure import Ratio
from slo.promises.target import Target
from slo.shelf import built_in
from slo.targets import Targets

SCHEMAS = Path(__file__).parents[3] / "../shared/specs/openslo/v1"
DAY = date(2026, 11, 22)
WAY = Way("http://prom:9090", "Europe/Berlin")
RATIOS = [kpi for kpi in built_in().values() if kpi.measure is Ratio]
FAST = {"name": "night", "severity": "page", "long": 21_600, "short": 3_600, "threshold": 12.0, "min_bad": 2}
COUNTED = {"name": "second", "severity": "ticket", "long": 604_800, "short": 86_400, "threshold": None, "min_bad": 2}


def target(kpi: str = "pipeline_success_rate", window: str = "M", row: int = 2, **clause: Any) -> Target:
    told = {"form": "at_least", "floor": 0.995} | clause
    return Target.model_validate({
        "profile": "lead_platform", "row": row, "kpi": kpi, "window": window, "text": "runs succeed",
        "clauses": [told], "adopted": "2026-01-01", "adopted_by": "Data Platform Forum",
    })  # fmt: skip


def written(*targets: Target, way: Way = WAY, **lookbacks: Any) -> tuple[list[dict[str, Any]], tuple[Loss, ...]]:
    """The documents as they stand in the file, and the losses. ``lookbacks``: of row 2."""
    found = {f"{one.kpi}-lead_platform-2": lookbacks.get("told", ()) for one in targets}
    giver = Giver(way, found | dict.fromkeys(lookbacks.get("apart", ()), ()))
    documents = giver.documents(slos(Targets(targets), DAY))
    return list(yaml.safe_load_all(as_yaml(documents))), giver.losses()


def of(documents: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    (found,) = [one for one in documents if one["kind"] == kind]
    return found


def queries(documents: list[dict[str, Any]]) -> tuple[str, str]:
    ratio = of(documents, "SLI")["spec"]["ratioMetric"]
    assert ratio["counter"] is False
    return tuple(ratio[side]["metricSource"]["spec"]["query"] for side in ("good", "total"))


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    if not SCHEMAS.is_dir():
        pytest.skip("the published schema of OpenSLO (../shared/specs/openslo) is not in a clone")
    loaded = [json.loads(path.read_text()) for path in SCHEMAS.rglob("*.json")]
    registry = Registry().with_resources([(one["$id"], Resource.from_contents(one)) for one in loaded])
    whole = next(one for one in loaded if one["$id"].endswith("openslo.schema.json"))
    return Draft7Validator(whole, registry=registry)


def test_the_validator_finds_a_fault(validator: Draft7Validator) -> None:
    documents, _ = written(target())
    slo = of(documents, "SLO")
    assert validator.is_valid(slo)
    assert not validator.is_valid(
        slo | {"spec": slo["spec"] | {"timeWindow": [{"duration": "30x", "isRolling": True}]}}
    )
    assert not validator.is_valid(slo | {"spec": slo["spec"] | {"objectives": [{"target": 1}]}})


WINDOWS = st.sampled_from(["D", "W", "M", "Q", "H", "Y", "1d", "7d", "28d", "30d", "90d"])
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/Port-au-Prince", "Asia/Ho_Chi_Minh", "CET"])
CLAUSES = st.fixed_dictionaries(
    {"floor": st.integers(1, 9_999).map(lambda part: part / 10_000), "strict": st.booleans()},
    optional={"tiers": st.sampled_from([(0,), (1,), (0, 1), (2, 3)]), "asset": st.sampled_from(["prom/Web", "a b/ü"])},
)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kpi=st.sampled_from(RATIOS), window=WINDOWS, zone=ZONES, clause=CLAUSES, notify=st.none() | st.just("slack"))
def test_every_promise_is_written_so_that_the_schema_takes_it(
    validator: Draft7Validator, kpi: Any, window: str, zone: str, clause: dict[str, Any], notify: str | None
) -> None:
    """And it reads back with its objective, its window and its method."""
    sides = ("below", "at_most") if kpi.complement else ("above", "at_least")
    strict, floor = clause.pop("strict"), clause["floor"]
    one = target(kpi.id, window, form=sides[0] if strict else sides[1], **clause)
    documents, _ = written(one, way=Way(WAY.url, zone, "data team!", notify), told=[FAST, COUNTED])
    for document in documents:
        assert list(validator.iter_errors(document)) == []
    back = take([("out.yaml", as_yaml(documents))], zone)
    (read,) = back.targets
    assert read["clauses"][0]["floor"] == pytest.approx(1 - floor if kpi.complement else floor, abs=1e-15)
    rolling = {"D": "1d", "W": "7d", "M": "30d", "Q": "90d", "H": "182d", "Y": "365d"}
    assert read["window"] == (rolling.get(window, window) if zone == "CET" else window)
    assert "slis" in back.sources["tierline_prometheus"]
    assert not [loss for loss in back.losses if loss.kind == "refused"]


def test_a_monthly_promise_of_a_tier() -> None:
    apart = ["pipeline_success_rate-lead_platform-2-tier0"]
    documents, losses = written(target(tiers=[1], stretch=0.999), told=[FAST, COUNTED], apart=apart)
    kinds = [one["kind"] for one in documents]
    assert kinds == ["DataSource", "Service", "SLI", "SLO", "AlertCondition", "AlertPolicy"]
    good = 'dataplatform_slo_period_good{slo="pipeline_success_rate-lead_platform-2"}'
    assert queries(documents) == (good, f"{good} + {good.replace('_good', '_bad')}")
    slo = of(documents, "SLO")
    assert slo["metadata"]["name"] == "pipeline-success-rate-lead-platform-2"
    assert slo["metadata"]["labels"] == {
        "kpi": "pipeline_success_rate", "profile": "lead_platform", "tier": "1", "team": "Data-Platform-Forum",
    }  # fmt: skip
    calendar = {"startTime": "2026-01-01 00:00:00", "timeZone": "Europe/Berlin"}
    assert {key: value for key, value in slo["spec"].items() if key != "description"} == {
        "service": "data-platform", "indicatorRef": "pipeline-success-rate-lead-platform-2",
        "timeWindow": [{"duration": "1M", "isRolling": False, "calendar": calendar}], "budgetingMethod": "Occurrences",
        "objectives": [{"displayName": "runs succeed, tier 1", "target": 0.995}], "alertPolicies": ["burn-night-page"],
    }  # fmt: skip
    condition = {"kind": "burnrate", "op": "gt", "threshold": 12.0, "lookbackWindow": "6h", "alertAfter": "1m"}
    assert of(documents, "AlertCondition")["spec"] == {"severity": "page", "condition": condition}
    lost = {(one.document, one.path, one.value) for one in losses}
    title = "SLO pipeline-success-rate-lead-platform-2"
    assert lost == {
        ("every SLO", "spec.indicatorRef", "unknown, excluded, coverage"),
        ("every SLO", "spec.indicatorRef", "restatement, provisional days"),
        ("SLI pipeline-success-rate-lead-platform-2", "spec.ratioMetric", "M"),
        (title, "metadata.annotations[tierline.tiers]", "1"),
        (title, "metadata.annotations[tierline.stretch]", "0.999"),
        (title, "spec.alertPolicies", "night: 2 bad in 6h"),
        (title, "spec.alertPolicies", "second: 2 bad in 7d"),
        (title, "spec.alertPolicies", "pipeline_success_rate-lead_platform-2-tier0"),
        (title, "spec.alertPolicies", "burn-night-page"),
        ("AlertCondition burn-night-page", "spec.condition.lookbackWindow", "short 1h"),
        ("AlertPolicy burn-night-page", "spec.notificationTargets[0].targetRef", "platform"),
    }


@pytest.mark.parametrize(
    ("one", "good", "counted"),
    [
        (target(window="28d"), 'dataplatform_slo_good{kpi="pipeline_success_rate",window="28d"}', False),
        (target(), 'dataplatform_slo_good{kpi="pipeline_success_rate",window="month"}', False),
        (target(window="D", tiers=[0, 1]),
         'dataplatform_slo_period_good{slo="pipeline_success_rate-lead_platform-2"}', True),
        (target(window="30d", asset="etl/orders"),
         'dataplatform_slo_period_good{slo="pipeline_success_rate-lead_platform-2"}', False),
        (target(window="Q"), 'dataplatform_slo_period_good{slo="pipeline_success_rate-lead_platform-2"}', True),
        (target("incident_recurrence_rate", form="at_most", floor=0.2, params={"days": 90}),
         'dataplatform_slo_period_good{slo="incident_recurrence_rate-lead_platform-2"}', True),
    ],
)  # fmt: skip
def test_the_series_that_count_the_promise(one: Target, good: str, counted: bool) -> None:
    """Where none counts its own window, that of the last 30 days does, and it is said."""
    documents, losses = written(one)
    assert queries(documents)[0] == good
    assert any("the last 30 days" in loss.instead for loss in losses) is counted


def test_a_bad_share_that_may_be_at_most_so_much_is_a_good_share_of_the_rest() -> None:
    documents, _ = written(target("change_failure_rate", form="below", floor=0.15))
    assert of(documents, "SLO")["spec"]["objectives"][0]["target"] == 0.85


def test_all_or_nothing_and_what_nobody_adopted_are_no_slos() -> None:
    whole = target(floor=1.0)
    assert written(whole)[0] == []
    assert [loss.path for loss in written(whole)[1]] == ["spec.objectives[0].target"]
    assert written(target().model_copy(update={"adopted": None}))[0] == []
    assert written(target("mttr", form="at_most", floor=3600))[0] == []


def test_the_target_of_alerts_is_written_where_it_is_asked_for() -> None:
    documents, _ = written(target(), way=Way(WAY.url, "UTC", "Core Data", "slack"), told=[FAST])
    assert of(documents, "AlertNotificationTarget")["metadata"]["name"] == "core-data"
    assert of(documents, "AlertNotificationTarget")["spec"] == {"target": "slack"}
    assert of(documents, "AlertPolicy")["spec"]["notificationTargets"] == [{"targetRef": "core-data"}]
