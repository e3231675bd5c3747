"""What a dbt project says beyond its models: exposures, groups, folders, contracts, freshness in words."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.dbt.checks import contract_outcome
from collectors.dbt.fields import freshness_of
from collectors.dbt.manifest import Manifest
from collectors.dbt.results import Invocation
from collectors.dbt.settings import DbtSettings, Folder
from slo.interchange import parse


def node(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"resource_type": kind, "name": name, "database": "db", "schema": "s", "package_name": "p", **more}


DASHBOARD = {
    "name": "revenue", "type": "dashboard", "maturity": "high", "label": "Revenue", "description": "",
    "url": "https://bi.example/revenue", "tags": ["board"], "meta": {"tier": 1, "domain": "finance"},
    "owner": {"name": "Finance Data", "email": "fin@example.invalid"},
    "depends_on": {"nodes": ["model.p.mart", "metric.p.margin"]},
}  # fmt: skip
PROJECT = {
    "metadata": {"project_name": "p"},
    "groups": {"group.p.finance": {"owner": {"name": "Finance Data"}}, "group.p.ops": {"owner": {"email": ["a@b.c"]}}},
    "exposures": {"exposure.p.revenue": DASHBOARD},
    "metrics": {"metric.p.margin": {"depends_on": {"nodes": ["semantic_model.p.sales"]}}},
    "semantic_models": {"semantic_model.p.sales": {"depends_on": {"nodes": ["model.p.sales"]}}},
    "nodes": {
        "model.p.mart": node("model", "mart", fqn=["p", "marts", "finance", "mart"], group="finance"),
        "model.p.sales": node("model", "sales", fqn=["p", "marts", "sales"], group="ops", meta={"team": "sellers"}),
        "model.p.held": node("model", "held", config={"contract": {"enforced": True}}),
    },
}  # fmt: skip
FOLDERS = {
    "marts": Folder(layer="serving", team="analytics", tier=2),
    "marts/finance": Folder(team="finance", domain="money"),
}


def test_an_exposure_is_a_workload_with_its_owner_and_marks() -> None:
    fields = Manifest(PROJECT).exposure("exposure.p.revenue")
    assert parse({"fact": "asset", "source": "dbt", "id": "x", "asset": "x", **fields})
    assert {key: value for key, value in fields.items() if value is not None} == {
        "kind": "workload", "description": "Revenue", "tags": ["board", "exposure:dashboard", "maturity:high"],
        "tier": 1, "url": "https://bi.example/revenue", "owner": "fin@example.invalid", "domain": "finance",
    }  # fmt: skip


def test_an_exposure_uses_its_models_and_those_behind_its_metrics() -> None:
    manifest = Manifest(PROJECT)
    assert list(manifest.uses()) == [
        ("model.p.mart", "exposure.p.revenue"), ("model.p.sales", "exposure.p.revenue"),
    ]  # fmt: skip
    assert list(manifest.edges()) == []


def test_the_nearest_word_wins_meta_then_group_then_the_longest_folder() -> None:
    manifest = Manifest(PROJECT, folders=FOLDERS)
    mart, sales = (manifest.asset(f"model.p.{name}", "error") for name in ("mart", "sales"))
    told = ("layer", "team", "owner", "domain", "tier")
    assert [mart.get(field) for field in told] == ["serving", "finance", "Finance Data", "money", 2]
    assert [sales.get(field) for field in told] == ["serving", "sellers", "a@b.c", None, 2]
    assert Manifest(PROJECT).asset("model.p.sales", "error")["layer"] == "mart"


def test_a_folder_is_not_the_beginning_of_another_s_name() -> None:
    manifest = Manifest(
        {"nodes": {"model.p.a": node("model", "a", fqn=["p", "marts_old", "a"])}}, folders={"marts": Folder(tier=0)}
    )
    assert manifest.asset("model.p.a", "error")["tier"] is None


@pytest.mark.parametrize(("own", "which", "expected"), [
    ("6h", "error", 21_600.0), ("90 min", "error", 5_400.0), ("2 days", "warn", 172_800.0),
    ({"warn_after": {"count": 1, "period": "hour"}, "error_after": {"count": 1, "period": "day"}}, "error", 86_400.0),
    ({"warn_after": {"count": 1, "period": "hour"}, "error_after": {"count": 1, "period": "day"}}, "warn", 3_600.0),
])  # fmt: skip
def test_freshness_in_a_model_s_meta(own: Any, which: str, expected: float) -> None:
    assert freshness_of({}, {"freshness": own}, which) == {"max_age_seconds": expected}


def test_freshness_in_tierlines_own_words_or_in_none_that_are_known() -> None:
    assert freshness_of({}, {"freshness": {"deadline": "07:00"}}, "error") == {"deadline": "07:00"}
    assert freshness_of({}, {"freshness": "soon"}, "error") is None
    assert freshness_of({}, {"freshness": "6h"}, "none") is None
    model = {"config": {"freshness": {"build_after": {"count": 4, "period": "hour"}}}}
    assert freshness_of(model, {}, "error") is None  # when dbt builds it again is no promise of its age


BROKE = "Compilation Error in model held\nThis model has an enforced contract that failed."


@pytest.mark.parametrize(("status", "message", "expected"), [
    ("success", "OK", "pass"), ("error", BROKE, "fail"), ("error", "Database Error: no such table", None),
    ("skipped", None, None), ("reused", None, None),
])  # fmt: skip
def test_a_contract_is_tested_only_where_a_build_came_to_it(status: str, message: str, expected: str | None) -> None:
    assert contract_outcome({"status": status, "message": message}) == expected


def test_a_contract_s_outcome_is_a_schema_check_of_the_model() -> None:
    steps = [{"name": "execute", "started_at": "2026-11-20T06:00:00Z", "completed_at": "2026-11-20T06:00:05Z"}]
    results = [
        {"unique_id": "model.p.held", "status": "error", "message": BROKE, "timing": steps},
        {"unique_id": "model.p.mart", "status": "success", "timing": steps},
    ]
    data = {
        "metadata": {"invocation_id": "i1", "generated_at": "2026-11-20T06:01:00Z"}, "args": {"which": "build"},
        "results": results,
    }  # fmt: skip
    told = Invocation(data, Manifest(PROJECT), "x", "dbt", "wh/{}".format, DbtSettings(path="x"))
    (check,) = told.checks()
    assert parse({**check, "source": "dbt"}).at.isoformat() == "2026-11-20T06:00:05+00:00"
    assert (check["id"], check["asset"], check["type"], check["outcome"], check["severity"]) == (
        "i1/contract/model.p.held", "wh/db.s.held", "schema", "fail", "critical",
    )  # fmt: skip
    data["args"] = {"which": "compile"}
    assert list(Invocation(data, Manifest(PROJECT), "x", "dbt", "wh/{}".format, DbtSettings(path="x")).checks()) == []
