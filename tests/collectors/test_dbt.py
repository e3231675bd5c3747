"""dbt's artifacts to facts, against files that dbt really wrote; the expected values were read off them by hand."""

from __future__ import annotations

import json
import os
import shutil
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.base import Enumerated, Period
from collectors.dbt.checks import check_type
from collectors.dbt.manifest import Manifest
from collectors.sources.dbt import DbtSettings, DbtSource
from slo.errors import FactError, SourceError
from slo.interchange import parse

GOLDEN = Path(__file__).parents[1] / "golden/dbt"
REAL = Path(__file__).parents[2] / "../shared/realdata"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
EVER = Period(datetime(2015, 1, 1, tzinfo=UTC), NOW, latest=True)
BUILD = "357cb612-e0ea-4d61-9297-423c0a80e553"
FRESH = "6168a8bb-e81f-4c89-aa4e-4a5935408a3d"


def source(path: Path, **settings: Any) -> DbtSource:
    return DbtSource("dbt", DbtSettings(path=path, **settings), lambda: NOW)


def told(dbt: DbtSource, period: Period = EVER) -> dict[str, list[Any]]:
    """Facts by kind; what every fact must pass is passed."""
    facts: dict[str, list[Any]] = {}
    for raw in dbt.fetch(period):
        for record in [] if isinstance(raw, Enumerated) else dbt.parse(raw):
            facts.setdefault(record["fact"], []).append(parse({**record, "source": "dbt"}))
    return facts


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-21T{text}+00:00")


def test_a_build_is_one_failed_run_of_its_command() -> None:
    (run,) = told(source(GOLDEN))["run"]
    assert (run.id, run.asset, run.state, run.trigger) == (BUILD, "dbt/shop/build", "failed", "event")
    assert (run.started_at, run.ended_at) == (at("08:23:58.545705"), at("08:24:00.790128"))


def test_nodes_as_runs_where_the_user_wants_them() -> None:
    runs = told(source(GOLDEN, runs="nodes", trigger="manual"))["run"]
    assert [(run.asset, run.state, run.trigger) for run in runs] == [
        ("dbt/shop.main.orders", "success", "manual"),
        ("dbt/shop.main.bad", "failed", "manual"),
        ("dbt/shop.main.downstream", "skipped", "manual"),
    ]
    assert (runs[0].started_at, runs[0].ended_at) == (at("08:24:00.493914"), at("08:24:00.675905"))
    # skipped: dbt gives no timing, so the moment is the artifact's own
    assert (runs[2].started_at, runs[2].ended_at) == (at("08:24:00.790128"), at("08:24:00.790128"))
    assert runs[2].id == f"{BUILD}/model.shop.downstream"


def test_no_runs_where_the_orchestrator_tells_them() -> None:
    facts = told(source(GOLDEN, runs="none"))
    assert "run" not in facts
    assert len(facts["check_result"]) == 4


def test_tests_become_checks_of_the_model_they_test() -> None:
    checks = [check for check in told(source(GOLDEN))["check_result"] if check.type != "freshness"]
    unique, not_null = checks
    assert (unique.asset, unique.type, unique.severity, unique.outcome, unique.at) == (
        "dbt/shop.main.orders", "schema", "critical", "pass", at("08:24:00.754631"),
    )  # fmt: skip
    assert (not_null.type, not_null.severity, not_null.outcome) == ("null", "warning", "fail")
    assert not_null.check == "test.shop.not_null_orders_id.84ef11d8fe"
    assert not_null.id == f"{BUILD}/test.shop.not_null_orders_id.84ef11d8fe"


def test_source_freshness_is_an_update_and_a_check() -> None:
    facts = told(source(GOLDEN))
    fresh, stale = facts["dataset_update"]
    loaded = datetime(2026, 11, 20, 23, 23, 56, 945594, tzinfo=UTC)
    assert (stale.asset, stale.at, stale.data_through) == ("dbt/shop.main.events", loaded, loaded)
    assert stale.id == "source.shop.raw.events@2026-11-20T23:23:56.945594+00:00"
    checks = [check for check in facts["check_result"] if check.type == "freshness"]
    assert [(check.asset, check.outcome, check.severity, check.at) for check in checks] == [
        ("dbt/shop.main.fresh_events", "pass", "critical", at("08:24:03.423583")),
        ("dbt/shop.main.events", "fail", "critical", at("08:24:03.423319")),
    ]
    assert checks[1].id == f"{FRESH}/source.shop.raw.events"
    assert fresh.at == at("08:23:56.949146")


def test_assets_carry_what_the_manifest_says() -> None:
    assets = {asset.id: asset for asset in told(source(GOLDEN, docs_url="https://docs.example/"))["asset"]}
    orders = assets["dbt/shop.main.orders"]
    assert (orders.kind, orders.tier, orders.owner, orders.description) == ("dataset", 1, "core-data", "Orders")
    assert (orders.tested, orders.tags, orders.layer) == (True, None, None)
    assert orders.url == "https://docs.example/#!/model/model.shop.orders"
    assert assets["dbt/shop.main.bad"].tested is None
    assert assets["dbt/shop.main.events"].freshness == {"max_age_seconds": 21600.0}  # error_after: 6 hours
    assert assets["dbt/shop.main.events"].layer == "source"
    assert assets["dbt/shop/build"].kind == "pipeline"


@pytest.mark.parametrize(("which", "expected"), [("warn", {"max_age_seconds": 3600.0}), ("none", None)])
def test_the_freshness_limit_is_chosen(which: str, expected: dict[str, float] | None) -> None:
    assets = {asset.id: asset for asset in told(source(GOLDEN, freshness=which))["asset"]}
    assert assets["dbt/shop.main.events"].freshness == expected


def test_lineage_and_the_complete_listing() -> None:
    dbt = source(GOLDEN, namespace="duckdb://shop", case="upper")
    edges = [(edge.upstream, edge.downstream) for edge in told(dbt)["edge"]]
    assert edges == [
        ("duckdb://shop/SHOP.MAIN.ORDERS", "duckdb://shop/SHOP.MAIN.BAD"),
        ("duckdb://shop/SHOP.MAIN.BAD", "duckdb://shop/SHOP.MAIN.DOWNSTREAM"),
    ]
    listings = {raw.kind: raw.ids for raw in dbt.fetch(EVER) if isinstance(raw, Enumerated)}
    assert len(listings["edge"]) == 2
    assert {asset.asset for asset in told(dbt)["asset"]} <= listings["asset"]
    assert "duckdb://shop/SHOP.MAIN.EVENTS" in listings["asset"]


def test_history_goes_by_the_result_s_own_time_and_tells_no_register() -> None:
    dbt = source(GOLDEN)
    between = Period(at("08:24:00.790128"), at("08:24:03.438460"))  # half-open: the build, not the freshness
    facts = told(dbt, between)
    assert set(facts) == {"asset", "run", "check_result"}
    assert [asset.id for asset in facts["asset"]] == ["dbt/shop/build"]
    assert "run" not in told(dbt, Period(at("08:24:00.790129"), NOW))


def test_a_copy_that_arrives_late_is_still_read(tmp_path: Path) -> None:
    """An incremental pass goes by arrival too: the result was made before the watermark, its copy came after."""
    shutil.copytree(GOLDEN, tmp_path / "late")
    long_ago = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    os.utime(tmp_path / "late/run_results.json", (long_ago, long_ago))
    start = datetime.now(UTC) - timedelta(hours=1)  # the file's arrival is the machine's own time
    period = Period(start, start + timedelta(days=3650), incremental=True)
    assert [run.id for run in told(source(tmp_path), period)["run"]] == [BUILD]


def test_copies_are_found_at_any_depth_and_told_once(tmp_path: Path) -> None:
    shutil.copytree(GOLDEN, tmp_path / "2026/run-1")
    (tmp_path / "2026/nightly").mkdir()
    shutil.copy(GOLDEN / "run_results.json", tmp_path / "2026/nightly/nightly.run_results.json")
    facts = told(source(tmp_path))
    assert {run.id for run in facts["run"]} == {BUILD}  # twice the same fact, told alike
    assert len({repr(run) for run in facts["run"]}) == 1
    assert {check.asset for check in facts["check_result"] if check.type == "null"} == {"dbt/shop.main.orders"}


def test_without_a_manifest_results_go_by_their_unique_id(tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "run_results.json", tmp_path)
    dbt = source(tmp_path)
    facts = told(dbt)
    assert facts["run"][0].asset == "dbt/shop/build"
    warned = next(check for check in facts["check_result"] if check.outcome == "fail")
    assert (warned.asset, warned.severity) == ("dbt/test.shop.not_null_orders_id.84ef11d8fe", "warning")
    assert warned.type is None
    assert not [raw for raw in dbt.fetch(EVER) if isinstance(raw, Enumerated)]


def changed(tmp_path: Path, change: Any) -> DbtSource:
    """A copy of the recorded results with one thing changed."""
    data = json.loads((GOLDEN / "run_results.json").read_text())
    change(data)
    (tmp_path / "run_results.json").write_text(json.dumps(data))
    return source(tmp_path)


def test_compiling_is_neither_run_nor_test(tmp_path: Path) -> None:
    """`dbt docs generate` overwrites run_results.json with "success" for tests that never ran."""
    assert told(changed(tmp_path, lambda data: data["args"].update(which="generate"))) == {}


def test_only_skips_is_a_skipped_run_and_warnings_do_not_fail_it(tmp_path: Path) -> None:
    def only(*statuses: str) -> Any:
        return lambda data: data.update(results=[row for row in data["results"] if row["status"] in statuses])

    assert told(changed(tmp_path, only("skipped")))["run"][0].state == "skipped"
    assert told(changed(tmp_path, only("success", "warn")))["run"][0].state == "success"


def test_an_unknown_status_and_unknown_fields_fail_nothing(tmp_path: Path) -> None:
    def newer(data: dict[str, Any]) -> None:
        data["overload_results"] = [{"anything": 1}]
        data["results"][1]["status"] = "reused"

    assert [check.outcome for check in told(changed(tmp_path, newer))["check_result"]] == ["fail"]


@pytest.mark.parametrize("content", ['{"metadata": {"dbt_schema', "[]", "", "not json"])
def test_a_broken_file_is_set_aside_and_deletes_nothing(tmp_path: Path, content: str) -> None:
    shutil.copytree(GOLDEN, tmp_path / "target")
    (tmp_path / "target/sources.json").write_text(content)
    dbt = source(tmp_path)
    raws = list(dbt.fetch(EVER))
    assert not [raw for raw in raws if isinstance(raw, Enumerated)]
    assert {raw.kind for raw in raws if not isinstance(raw, Enumerated)} == {"broken", "run_results"}
    broken = next(raw for raw in raws if not isinstance(raw, Enumerated) and raw.kind == "broken")
    with pytest.raises(FactError, match=r"sources\.json"):
        list(dbt.parse(broken))


def test_a_missing_folder_is_one_clear_error(tmp_path: Path) -> None:
    dbt = source(tmp_path / "nowhere")
    with pytest.raises(SourceError, match="nowhere: no such folder"):
        list(dbt.fetch(EVER))
    assert [finding.ok for finding in dbt.check()] == [False]


def test_check_says_what_is_there_and_what_is_missing(tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "run_results.json", tmp_path)
    assert [(finding.ok, finding.what.split(" in ")[0]) for finding in source(tmp_path).check()] == [
        (True, "1 run_results"), (False, "0 manifest"), (False, "0 sources"),
    ]  # fmt: skip


def node(kind: str, name: str, **more: Any) -> dict[str, Any]:
    return {"resource_type": kind, "name": name, "database": "db", "schema": "s", "package_name": "p", **more}


def test_meta_tags_groups_and_folders() -> None:
    manifest = Manifest({
        "groups": {"group.p.finance": {"owner": {"name": "Finance Data", "email": "fin@example.invalid"}}},
        "nodes": {
            "model.p.a": node("model", "a", tags=["tier:2", "daily"], fqn=["p", "marts", "core", "a"], group="finance"),
            "model.p.b": node("model", "b", config={"meta": {"tier": "Tier 0", "owner": "Ops", "regulated": "yes"}}),
            "model.p.c": node("model", "c", meta={"tier": "gold", "classification": "internal", "encrypted": True}),
        },
    })  # fmt: skip
    a, b, c = (manifest.asset(f"model.p.{name}", "error") for name in "abc")
    assert (a["tier"], a["owner"], a["layer"], a["tags"]) == (2, "Finance Data", "mart", ["tier:2", "daily"])
    assert (b["tier"], b["owner"]) == (0, "Ops")
    assert "regulated" not in b  # "yes" is no yes or no of the vocabulary: left out, the asset stays
    assert (c["tier"], c["classification"], c["encrypted"]) == (None, "internal", True)


def test_lineage_goes_through_ephemeral_models() -> None:
    manifest = Manifest({
        "nodes": {
            "model.p.a": node("model", "a"),
            "model.p.e": node("model", "e", config={"materialized": "ephemeral"}),
            "model.p.b": node("model", "b", alias="b_v2"),
        },
        "parent_map": {"model.p.b": ["model.p.e"], "model.p.e": ["model.p.a"]},
    })  # fmt: skip
    assert list(manifest.edges()) == [("model.p.a", "model.p.b")]
    assert manifest.datasets() == ["model.p.a", "model.p.b"]
    assert (manifest.name("model.p.b"), manifest.name("model.p.e")) == ("db.s.b_v2", "model.p.e")


def test_what_an_old_test_tests() -> None:
    """Before dbt 1.4 there is no attached_node; a relationships test depends on the other table first."""
    related = {
        "depends_on": {"nodes": ["model.p.customers", "model.p.orders"]},
        "test_metadata": {"name": "relationships", "kwargs": {"model": "{{ get_where_subquery(ref('orders')) }}"}},
    }
    manifest = Manifest({"nodes": {"test.p.r": node("test", "r", **related)}})
    assert manifest.subject("test.p.r") == "model.p.orders"
    assert manifest.subject("test.p.unknown") == "test.p.unknown"


@pytest.mark.parametrize(("name", "expected"), [
    ("not_null", "null"), ("unique", "schema"), ("relationships", "reconciliation"), ("accepted_values", "range"),
    ("accepted_range", "range"), ("equality", "reconciliation"), ("equal_rowcount", "reconciliation"),
    ("expect_column_values_to_not_be_null", "null"), ("expect_column_values_to_be_between", "range"),
    ("expect_table_row_count_to_be_between", "volume"), ("recency", "freshness"), ("volume_anomalies", "volume"),
    ("unique_combination_of_columns", "schema"), ("expect_column_to_exist", "schema"), ("expression_is_true", "custom"),
    ("ours", "volume"), (None, "custom"),
])  # fmt: skip
def test_check_types(name: str | None, expected: str) -> None:
    assert check_type(name, {"ours": "volume"}) == expected


@pytest.mark.skipif(not REAL.is_dir(), reason="needs the recorded artifacts of other dbt versions (../shared/realdata)")
def test_every_version_from_0_21_to_1_12() -> None:
    """Counted in the files by hand: 14 invocations that built, of which five copies of one, so 10 runs (one failed); a
    failed build of 1.0, good ones of 1.7 and 1.9; 1.11 and 1.12 are `docs generate`, which ran nothing."""
    jaffle = told(source(REAL / "dbt-jaffle-shop"))
    assert [(run.asset, run.state) for run in jaffle["run"]] == [
        ("dbt/jaffle_shop/build", "failed"), ("dbt/jaffle_shop/build", "success"), ("dbt/jaffle_shop/build", "success"),
    ]  # fmt: skip
    assert Counter(check.outcome for check in jaffle["check_result"]) == {"pass": 60}
    more = told(source(REAL / "dbt-more-run-results"))
    assert Counter(check.outcome for check in more["check_result"]) == {"pass": 10 + 3 + 18 + 20 + 1, "fail": 4 + 2 + 1}
    assert [run.asset for run in more["run"] if run.state == "failed"] == ["dbt/dbt_bigquery_test/run"]
    assert len({run.id for run in more["run"]}) == 10
