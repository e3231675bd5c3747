"""What-if: without a change it is what ``show`` says, with one what a store told so would say. Nothing is stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from slo.engine import Engine, Query
from slo.errors import ConfigError
from slo.facts import Asset, Fact
from slo.platform import Platform
from slo.shelf import shelf
from slo.store import Store
from slo.whatif import Rule, Supposed, whole_months
from tests.slo.tellings import START, World, fact, run

DAY = timedelta(days=1)
NOW = START + 11 * DAY
WINDOWS = ("2026-11-04", "2026-11-07")
TIER = Rule("--tier-of", "shop/*", "tier", 0)


def world(seed: int) -> list[Fact]:
    return World(seed).facts(120)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from engine_of(tmp_path_factory.mktemp("told"), world(3))


@pytest.fixture(scope="module")
def retold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The same world, in which the shop's assets were always told as tier 0."""
    facts = [
        replace(one, tier=0) if isinstance(one, Asset) and one.asset and one.asset.startswith("shop/") else one
        for one in world(3)
    ]
    yield from engine_of(tmp_path_factory.mktemp("retold"), facts)


def engine_of(folder: Path, facts: list[Fact], platform: Platform | None = None) -> Iterator[Engine]:
    store = Store(f"sqlite:///{folder / 't.db'}")
    store.migrate()
    store.upsert(facts)
    engine = Engine(store, platform or Platform())
    engine.refresh(NOW)
    yield engine
    store.close()


def sides(engine: Engine, kpi: str, supposed: Supposed, query: Query, side: str) -> list[dict[str, Any]]:
    found = engine.what_if(kpi, query, supposed, NOW, WINDOWS)
    return [{name: one[side][name] for name in ("value", "n", "coverage", "status")} for one in found["windows"]]


def shown(engine: Engine, kpi: str, query: Query) -> list[dict[str, Any]]:
    results = engine.results(None, NOW)
    found = [results.result(shelf()[kpi], replace(query, window=name), series=False, before=False) for name in WINDOWS]
    sizes = [results.judged(kpi, replace(query, window=name))[2].n for name in WINDOWS]
    return [
        {name: one[name] for name in ("value", "coverage", "status")} | {"n": n}
        for one, n in zip(found, sizes, strict=True)
    ]


@pytest.mark.parametrize("kpi", sorted(shelf()))
def test_without_a_change_it_is_what_show_says(told: Engine, kpi: str) -> None:
    """Both ways: from the store, and worked out whole in memory."""
    same = Supposed(settings={"grace_seconds": Platform().grace_seconds})
    assert sides(told, kpi, same, Query(), "as_is") == shown(told, kpi, Query())
    assert sides(told, kpi, same, Query(), "what_if") == shown(told, kpi, Query())


@pytest.mark.parametrize("kpi", sorted(shelf()))
def test_another_tier_is_as_if_it_had_been_told(told: Engine, retold: Engine, kpi: str) -> None:
    """The states of other assets are taken from the store, those of the shop's worked out anew."""
    query = Query(tier=0)
    assert sides(told, kpi, Supposed((TIER,)), query, "what_if") == shown(retold, kpi, query)


def test_another_zone_is_as_if_it_had_been_set(told: Engine, tmp_path: Path) -> None:
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("America/New_York")
    for engine in engine_of(tmp_path, world(3), Platform(timezone=zone)):
        for kpi in ("pipeline_success_rate", "mttd", "unit_cost"):
            supposed = Supposed(settings={"timezone": zone})
            assert sides(told, kpi, supposed, Query(), "what_if") == shown(engine, kpi, Query())


def test_nothing_is_stored(told: Engine) -> None:
    before = shown(told, "pipeline_success_rate", Query(tier=0))
    told.what_if("pipeline_success_rate", Query(tier=0), Supposed((TIER,)), NOW, WINDOWS)
    assert shown(told, "pipeline_success_rate", Query(tier=0)) == before


def test_an_unknown_name_is_said_with_its_neighbours(told: Engine) -> None:
    rule = replace(TIER, glob="shop/order")
    with pytest.raises(ConfigError, match=r"--tier-of shop/order: no asset matches; did you mean shop/orders"):
        told.what_if("mttr", Query(), Supposed((rule,)), NOW, WINDOWS)


def test_a_field_that_only_datasets_have(tmp_path: Path) -> None:
    facts = [fact("asset", "a", asset="p", kind="pipeline"), run("r", "p", START)]
    for engine in engine_of(tmp_path, facts):
        rule = Rule("--freshness", "*", "freshness", {"max_age_seconds": 60.0})
        with pytest.raises(ConfigError, match=r"--freshness \*: matches only pipeline assets, which have no freshness"):
            engine.what_if("freshness_slo_attainment", Query(), Supposed((rule,)), NOW, WINDOWS)


def test_without_a_bound_there_is_none_to_move(told: Engine) -> None:
    with pytest.raises(ConfigError, match=r"--floor: no target of pr_throughput that holds here has a bound"):
        told.what_if("pr_throughput", Query(), Supposed(floor=3.0), NOW, WINDOWS)


def test_a_stretch_that_the_floor_has_passed_is_dropped(told: Engine) -> None:
    """associate_platform row 1: at least 98 %, better 99.5 %. A floor of 99.9 % leaves no room for that stretch."""
    query = Query(profile="associate_platform")
    found = told.what_if("pipeline_success_rate", query, Supposed(floor=0.999), NOW, WINDOWS)
    pairs = [(one["as_is"]["target"], one["what_if"]["target"]) for one in found["windows"]]
    assert {(old["floor"], old["stretch"], new["floor"], new["stretch"]) for old, new in pairs} == {
        (0.98, 0.995, 0.999, None)
    }


def test_whole_months_are_those_that_have_ended() -> None:
    from zoneinfo import ZoneInfo

    assert whole_months(START, ZoneInfo("UTC"), 3) == ["2026-08", "2026-09", "2026-10"]
    # 1 November 00:30 in Berlin is still 31 October in UTC
    at = START.replace(day=1) - timedelta(minutes=30)
    assert whole_months(at, ZoneInfo("Europe/Berlin"), 1) == ["2026-10"]
    assert whole_months(at, ZoneInfo("UTC"), 1) == ["2026-09"]
