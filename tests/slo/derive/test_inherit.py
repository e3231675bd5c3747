"""What a dataset that nobody speaks of inherits: from whom, since when, and never over what anybody said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slo.derive import derive
from slo.derive.inherit import Inherit
from slo.facts import INFERRED, Asset, Correction, Edge
from slo.lineage.kin import Kin, container, relation
from slo.platform import Platform, SourceInfo
from slo.store import Store
from slo.view import View

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PLATFORM = Platform(sources=tuple(SourceInfo(name, {}) for name in ("dbt", "wh", "airflow", INFERRED)))
TABLE, MODEL = "snowflake://acme/SHOP.SALES.ORDERS", "dbt/shop.sales.orders"


def asset(source: str, name: str, kind: str = "dataset", day: float | None = -30, **told: Any) -> Asset:
    since = None if day is None else NOON + day * DAY
    return Asset(source=source, id=f"{name}@{day}", asset=name, kind=kind, valid_from=since, **told)  # type: ignore[arg-type]


def feeds(up: str, down: str) -> Edge:
    return Edge(source="airflow", id=f"{up}>{down}", upstream=up, downstream=down, seen_at=NOON - 30 * DAY)


def inferred(store: Store, *facts: Any, platform: Platform = PLATFORM) -> dict[str, list[tuple[Any, ...]]]:
    """Asset -> (since in days, tier, team, domain, owner) of each inferred version."""
    store.upsert(facts)
    derive(View(store, platform, NOON), (Inherit(),))
    found: dict[str, list[tuple[Any, ...]]] = {}
    for one in store.read("asset", {"source": INFERRED}):
        if not one.deleted:
            days = None if one.valid_from is None else (one.valid_from - NOON) / DAY
            found.setdefault(one.asset, []).append((days, one.tier, one.team, one.domain, one.owner))
    return found


@pytest.mark.parametrize(
    ("name", "same", "place"),
    [
        (TABLE, "shop.sales.orders", "snowflake://acme/SHOP.SALES"),
        (MODEL, "shop.sales.orders", "dbt/shop.sales"),
        ("dbt/sales.orders", "", "dbt/sales"),
        ("s3://bucket/landing/orders.parquet", "", "s3://bucket/landing"),
        ("s3://bucket/orders.parquet", "", ""),
        ("airflow-prod/orders", "", ""),
        ("lake/landing/orders", "", "lake/landing"),
        ("orders", "", ""),
    ],
)  # fmt: skip
def test_what_a_name_says_of_table_and_schema(name: str, same: str, place: str) -> None:
    assert (relation(name), container(name)) == (same, place)


def test_a_table_inherits_from_its_dbt_model_whatever_the_case(store: Store) -> None:
    facts = [asset("wh", TABLE), asset("dbt", MODEL, tier=1, team="sales", domain="shop", owner="Sales")]
    assert inferred(store, *facts) == {TABLE: [(-30, 1, "sales", "shop", "Sales")]}


def test_never_over_what_a_person_or_a_source_set_field_by_field(store: Store) -> None:
    facts = [
        asset("wh", TABLE, tier=3), asset("applied", TABLE, team="mine", day=-1),
        asset("dbt", MODEL, tier=1, team="sales", domain="shop"),
    ]  # fmt: skip
    assert inferred(store, *facts) == {TABLE: [(-30, None, None, "shop", None)]}
    told = View(store, PLATFORM, NOON).history(TABLE).told(NOON)
    assert {name: (told[name].value, told[name].source) for name in ("tier", "team", "domain")} == {
        "tier": (3, "wh"), "team": ("mine", "applied"), "domain": ("shop", INFERRED),
    }  # fmt: skip


def test_a_value_that_was_only_told_once_long_ago_stands_above_an_inheritance(store: Store) -> None:
    facts = [asset("wh", TABLE, tier=2), asset("wh", TABLE, day=-3), asset("dbt", MODEL, tier=1)]
    assert inferred(store, *facts) == {}


def test_the_model_before_the_schema_before_the_pipeline(store: Store) -> None:
    schema = "snowflake://acme/SHOP.SALES"
    facts = [
        asset("wh", TABLE), asset("dbt", MODEL, domain="from model"),
        asset("config", schema, day=None, domain="from schema", owner="from schema"),
        asset("airflow", "airflow/load", "pipeline", tier=2, domain="from dag", owner="from dag", team="from dag"),
        feeds("airflow/load", TABLE),
    ]  # fmt: skip
    assert inferred(store, *facts) == {
        TABLE: [(-30, 2, "from dag", "from model", "from schema")],
        MODEL: [(-30, 2, "from dag", None, "from dag")],
    }, "the model takes from the pipeline that feeds its table, and nothing from what the table itself inherits"


def test_of_several_pipelines_the_strictest_tier_and_the_team_only_where_they_agree(store: Store) -> None:
    pipelines = [
        asset("airflow", "airflow/a", "pipeline", tier=2, team="core", domain="shop"),
        asset("airflow", "airflow/b", "pipeline", tier=1, team="core", domain="crm"),
        asset("airflow", "airflow/c", "pipeline"),
    ]
    facts = [asset("wh", "wh/t"), *pipelines, *(feeds(one.asset or "", "wh/t") for one in pipelines)]
    assert inferred(store, *facts) == {"wh/t": [(-30, 1, "core", None, None)]}
    kin = Kin(View(store, PLATFORM, NOON))
    found = kin.inherited("wh/t", "tier", NOON)
    assert found is not None and found.how == "produced by airflow/b, the strictest of 2"


def test_a_schema_speaks_where_three_of_its_tables_agree_and_never_of_tiers(store: Store) -> None:
    told = [asset("wh", f"wh/shop.sales.t{n}", team="sales", tier=1) for n in (1, 2, 3)]
    assert inferred(store, *told[:2], asset("wh", "wh/shop.sales.new")) == {}
    assert inferred(store, told[2]) == {"wh/shop.sales.new": [(-30, None, "sales", None, None)]}
    assert inferred(store, asset("wh", "wh/shop.sales.t4", team="crm")) == {}, "one says otherwise: withdrawn"


def test_staging_hands_nothing_to_production(store: Store) -> None:
    staging = asset("dbt", MODEL, tier=1, environment="staging")
    assert inferred(store, asset("wh", TABLE, environment="prod"), staging) == {}
    assert inferred(store, asset("wh", "other/shop.sales.orders", environment="staging")) == {
        "other/shop.sales.orders": [(-30, 1, None, None, None)]
    }


def test_a_change_counts_from_its_date_and_the_first_telling_for_all_before(store: Store) -> None:
    facts = [
        asset("wh", TABLE), asset("dbt", MODEL, day=-20, tier=2), asset("dbt", MODEL, day=-5, tier=1),
        asset("dbt", MODEL, day=3, tier=0),
    ]  # fmt: skip
    assert inferred(store, *facts) == {TABLE: [(-30, 2, None, None, None), (-5, 1, None, None, None)]}
    dims = View(store, PLATFORM, NOON).history(TABLE)
    assert [dims.dims(NOON + day * DAY).tier for day in (-90, -6, -5, 0)] == [2, 2, 1, 1]


def test_only_datasets_inherit_and_only_where_sources_are_configured(store: Store) -> None:
    facts = [
        asset("airflow", "airflow/shop.sales.orders", "pipeline"), asset("wh", TABLE, retired=True),
        asset("dbt", MODEL, tier=1),
    ]  # fmt: skip
    assert inferred(store, *facts) == {}
    assert inferred(store, asset("wh", TABLE, day=-1), platform=Platform()) == {}


def test_what_is_filled_in_later_takes_its_place(store: Store) -> None:
    facts = [asset("wh", TABLE), asset("dbt", MODEL, tier=1, team="sales")]
    assert inferred(store, *facts) == {TABLE: [(-30, 1, "sales", None, None)]}
    assert inferred(store, asset("applied", TABLE, day=0, tier=2)) == {TABLE: [(-30, None, "sales", None, None)]}
    assert View(store, PLATFORM, NOON).history(TABLE).dims(NOON - 90 * DAY).tier == 2


def test_a_corrected_relative_is_heard_of(store: Store) -> None:
    facts = [asset("wh", TABLE), asset("dbt", MODEL, tier=2)]
    assert inferred(store, *facts) == {TABLE: [(-30, 2, None, None, None)]}
    with store.write() as tx:
        tx.drop_changes(tx.changes(100)[-1].seq)
    assert inferred(store) == {TABLE: [(-30, 2, None, None, None)]}
    wrong = Correction(
        source="me", id="1", target_fact="asset", target_source="dbt", target_id=f"{MODEL}@-30", set={"tier": 1}
    )
    assert inferred(store, wrong) == {TABLE: [(-30, 1, None, None, None)]}
