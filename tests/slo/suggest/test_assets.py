"""Tiers and owners proposed: the ranking, the points and the sentences, in a lineage drawn by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slo.facts import INFERRED, Asset, Edge, Meter
from slo.platform import Platform, SourceInfo
from slo.store import Store
from slo.suggest import Given, shelf
from slo.suggest.tiers import MOST_CRITICAL
from slo.view import View

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PLATFORM = Platform(sources=tuple(SourceInfo(name, {}) for name in ("dbt", "wh", "airflow", INFERRED)))


def asset(name: str, kind: str = "dataset", source: str = "wh", **told: Any) -> Asset:
    return Asset(source=source, id=f"{source}/{name}", asset=name, kind=kind, valid_from=NOON - 9 * DAY, **told)  # type: ignore[arg-type]


def edges(*pairs: str) -> list[Edge]:
    named = [pair.split(">") for pair in pairs]
    return [
        Edge(source="dbt", id=f"{up}>{down}", upstream=up, downstream=down, seen_at=NOON - 9 * DAY)
        for up, down in named
    ]


def queries(name: str, count: float) -> Meter:
    return Meter(source="wh", id=f"q/{name}", asset=name, at=NOON - DAY, meter="queries", amount=count)


def rows(store: Store, kind: str, *facts: Any, **given: Any) -> list[dict[str, Any]]:
    store.upsert(facts)
    return shelf()[kind].rows(Given(View(store, PLATFORM, NOON), **given))


def test_every_kind_is_a_file_of_its_own() -> None:
    assert set(shelf()) == {"tiers", "owners", "freshness", "incidents", "targets"}
    for name, one in shelf().items():
        assert one.name == name and one.title and one.connect and one.use and "reason" in one.columns


def test_tiers_are_ranked_by_what_rests_on_an_asset_and_what_is_said_of_it(store: Store) -> None:
    """raw > stage > mart > board (an exposure), stage > side; loner has a tag; busy is queried; leaf has nothing."""
    told = [
        asset("raw"), asset("stage"), asset("mart", freshness={"max_age_seconds": 3600}), asset("side"),
        asset("board", "workload", tags=["exposure:dashboard"]), asset("loner", tags=["tier:0", "pii"]),
        asset("busy"), asset("quiet"), asset("leaf"), asset("grave", tags=["business-critical"]),
        asset("settled", tier=2, tags=["critical"]), asset("wrong", tier=3, tags=["tier_1"]),
    ]  # fmt: skip
    lineage = edges("raw>stage", "stage>mart", "mart>board", "stage>side")
    found = rows(store, "tiers", *told, *lineage, queries("busy", 5000), queries("quiet", 900))
    assert [(row["asset"], row["tier"], row["evidence"], row["reason"]) for row in found] == [
        ("loner", 0, 110, "The tag tier:0 and the tag pii."),
        ("wrong", 1, 100, "The tag tier_1."),
        ("grave", 1, 50, "The tag business-critical."),
        ("busy", 2, 18, "5,000 queries in 28 days."),
        ("mart", 1, 15, "Its freshness is promised already and 1 exposure downstream."),
        ("raw", 1, 13, "1 exposure downstream and 3 assets downstream."),
        ("stage", 1, 12, "1 exposure downstream and 2 assets downstream."),
    ]
    assert [(row["current"], row["current_source"]) for row in found[:2]] == [(None, None), (3, "wh")]
    assert list(found[0]) == list(shelf()["tiers"].columns)


def test_what_feeds_critical_assets_is_proposed_as_critical(store: Store) -> None:
    told = [
        asset("load", "pipeline"),
        asset("other", "pipeline"),
        asset("a", tier=1),
        asset("b", tier=0),
        asset("c", tier=2),
    ]
    found = rows(store, "tiers", *told, *edges("load>a", "load>b", "load>c", "other>c"))
    assert [(row["asset"], row["tier"], row["evidence"], row["reason"]) for row in found] == [
        ("load", 1, 23, "It feeds a and 1 more of tier 0 or 1 and 3 assets downstream."),
    ]


def test_a_tier_that_was_only_inferred_is_open_to_a_proposal(store: Store) -> None:
    inferred = Asset(source=INFERRED, id="inherit/t", asset="t", tier=2, valid_from=NOON - 9 * DAY)
    (row,) = rows(store, "tiers", asset("t", tags=["critical"]), inferred)
    assert (row["tier"], row["current"], row["current_source"]) == (1, 2, INFERRED)


def test_a_list_of_critical_assets_ends_where_it_would_be_none(store: Store) -> None:
    names = [f"t{number:03}" for number in range(MOST_CRITICAL + 10)]
    told = [asset(name) for name in names]
    found = rows(
        store, "tiers", *told, asset("board", "workload", tags=["exposure:dashboard"]), asset("own", tags=["tier:1"]),
        *edges(*(f"{name}>board" for name in names)),
    )  # fmt: skip
    assert [row["tier"] for row in found] == [1] * MOST_CRITICAL + [2] * 11
    assert found[0]["asset"] == "own" and found[-1]["asset"] == names[-1]


@pytest.mark.parametrize(
    ("tag", "tier"),
    [
        ("tier:1", 1), ("tier-2", 2), ("Tier 3", 3), ("TIER=0", 0), ("governance.tier:1", 1), ("critical", 1),
        ("mission_critical", 1), ("criticality:high", 1), ("critical:false", None), ("criticality:low", None),
        ("tier:4", None), ("frontier:1", None), ("pii", None), ("uncritical", None),
    ],
)  # fmt: skip
def test_which_tags_speak(store: Store, tag: str, tier: int | None) -> None:
    found = rows(store, "tiers", asset("t", tags=[tag]))
    assert [row["tier"] for row in found] == ([] if tier is None else [tier])


def test_owners_are_those_for_whom_most_speaks(store: Store) -> None:
    told = [
        asset("a", tags=["team:sales"], owner="finance"), asset("b", "pipeline", owner="core"),
        asset("c"), asset("d"), asset("e", team="sales", owner="sales"), asset("f", team="sales", owner="sales"),
        asset("g"), asset("airflow/h", "pipeline"), asset("lost"),
        asset("dag", "pipeline", team="core", owner="core"),
    ]  # fmt: skip
    lineage = edges("e>c", "c>f", "e>d", "d>g", "dag>g")

    def owned(name: str, kind: str | None) -> tuple[str, str] | None:
        return ("ops", "CODEOWNERS says so") if name == "airflow/h" else None

    found = rows(store, "owners", *told, *lineage, owned=owned)
    assert [(row["asset"], row["owner"], row["team"], row["evidence"], row["reason"]) for row in found] == [
        ("a", None, "sales", 40, "The tag team:sales."),
        ("b", None, "core", 35, "Its owner is core, as wh tells it."),
        ("airflow/h", "ops", "ops", 30, "CODEOWNERS says so."),
        ("g", "core", "core", 20, "Produced by dag."),
        ("c", "sales", "sales", 10, "2 of its 2 neighbours in the lineage belong to sales."),
    ], "d has one neighbour with a team, lost has none"
    assert list(found[0]) == list(shelf()["owners"].columns)


def test_what_agrees_adds_up_and_the_owner_that_stands_is_left_alone(store: Store) -> None:
    """The tag (40) and three of four neighbours (8) say sales; the owner (35) says core."""
    told = [
        asset("x", tags=["owner=sales"], owner="core"),
        *(asset(f"n{n}", team="sales") for n in (1, 2, 3)),
        asset("n4"),
    ]
    (row,) = rows(store, "owners", *told, *edges("n1>x", "n2>x", "x>n3", "x>n4"))[:1]
    assert (row["asset"], row["owner"], row["team"], row["evidence"]) == ("x", None, "sales", 48)
    assert row["reason"] == "The tag owner=sales and 3 of its 4 neighbours in the lineage belong to sales."


def test_nothing_to_propose_says_what_to_connect(store: Store) -> None:
    assert rows(store, "tiers", asset("t")) == rows(store, "owners") == rows(store, "incidents") == []
    assert "connect dbt" in shelf()["tiers"].connect
