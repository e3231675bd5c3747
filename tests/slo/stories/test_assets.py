"""Assets found and told, by hand: the search, promises kept, what is lacking, one asset's story."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slo.engine import Engine
from slo.facts import Fact
from slo.platform import Platform, SourceInfo
from slo.results import Query
from slo.store import Store
from slo.stories.asset import asset
from slo.stories.assets import assets, judged, lateness
from slo.stories.lacking import lacking
from slo.stories.resting import resting
from tests.slo.tellings import fact, run

NOW = datetime(2026, 11, 6, 12, tzinfo=UTC)
WEEK = Query(window="7d")
FIRST = datetime(2026, 11, 2, tzinfo=UTC)
ORDERS, LOAD, ODD = "wh://acme/shop.orders", "air/load", "odd/<b>مرحبا</b> " + "x" * 180
DAYS = (2, 3, 4, 5, 6)
LANDED = {2: 5, 3: 6, 4: 9, 5: 6, 6: 6}
"""Day of November -> the hour at which orders landed; due by 07:00, so the 4th was late."""


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


def known(name: str, kind: str, **more: Any) -> Fact:
    return fact("asset", name, asset=name, kind=kind, valid_from=FIRST, **more)


FACTS = [
    known(ORDERS, "dataset", tier=1, team="finance", domain="orders", owner="finance", tags=["Golden"],
          description="Orders.", classification="internal", tested=True,
          freshness={"deadline": "07:00", "days": "daily"}, freshness_objective=0.9),
    known(LOAD, "pipeline", tier=0, team="core", owner="core", schedule="0 4 * * *"),
    known(ODD, "dataset", tier=2, team="finance"),
    known("old/gone", "dataset", retired=True),
    known("test/orders", "dataset", environment="staging"),
    fact("edge", "1", upstream=LOAD, downstream=ORDERS, seen_at=FIRST),
    fact("alias", "1", old="wh://acme/shop.orders_v1", new=ORDERS),
    *(fact("dataset_update", f"{day}", asset=ORDERS, at=at(day, LANDED[day])) for day in DAYS),
    *(run(f"r{day}", LOAD, at(day, 4), "failed" if day == 4 else "success", minutes=30, url=f"https://air/{day}")
      for day in DAYS),
    fact("incident", "I1", title="Late", started_at=at(4, 7), assets=[ORDERS]),
]  # fmt: skip


@pytest.fixture
def told(store: Store) -> Any:
    store.upsert(FACTS)
    engine = Engine(store, Platform())
    return lambda story, query=WEEK, **asked: engine.tell(story, query, NOW, refresh=False, **asked)


def test_every_word_must_be_found_and_names_come_before_the_rest(told: Any) -> None:
    """What is retired, or stands in staging, is not among them."""
    found = told(assets)
    assert [line["asset"] for line in found["lines"]] == [LOAD, ORDERS, ODD]
    assert (found["found"], found["total"], found["kinds"]) == (3, 3, {"dataset": 2, "pipeline": 1})
    assert [line["asset"] for line in told(assets, text="GOLDEN orders")["lines"]] == [ORDERS]
    assert [line["asset"] for line in told(assets, text="finance", kind="dataset")["lines"]] == [ORDERS, ODD]
    assert [line["asset"] for line in told(assets, text="مرحبا")["lines"]] == [ODD]
    assert told(assets, Query(team="finanz"))["teams"] == ["core", "finance"]


def test_a_page_goes_on_where_the_one_before_ended(told: Any) -> None:
    """Of three two stand on the first page; a page beyond the last is the last."""
    pages = [told(assets, most=2, page=page) for page in (0, 1, 7)]
    assert [[line["asset"] for line in one["lines"]] for one in pages] == [[LOAD, ORDERS], [ODD], [ODD]]
    assert [(one["page"], one["before"], one["found"]) for one in pages] == [(0, 0, 3), (1, 2, 3), (1, 2, 3)]
    assert told(assets, text="nowhere", page=3)["page"] == 0


def test_of_a_scopes_datasets_one_missed_what_was_promised(told: Any) -> None:
    """Of the datasets orders alone has a deadline, and kept 80 % of 90 %; in team core nothing is promised."""
    assert told(judged) == {"good": 0, "bad": 1}
    assert told(judged, Query(window="7d", team="core")) == {"good": 0, "bad": 0}


def test_a_line_says_what_was_promised_and_whether_it_was_kept(told: Any) -> None:
    """4 of 5 deliveries were on time; 90 % were promised. Of 5 runs one failed; a schedule has no objective."""
    lines = {line["asset"]: line for line in told(assets)["lines"]}
    orders, load, odd = lines[ORDERS], lines[LOAD], lines[ODD]
    assert (orders["good"], orders["bad"], orders["value"], orders["kept"]) == (4, 1, 0.8, False)
    assert (orders["objective"], orders["own"], orders["incidents"]) == (0.9, True, 1)
    assert orders["last"] == at(6, 6)
    assert (load["good"], load["bad"], load["kept"], load["last"]) == (4, 1, None, at(6, 4) + timedelta(minutes=30))
    assert (odd["rule"], odd["kpi"], odd["value"]) == (None, None, None)


def test_the_last_lateness_is_followed_to_the_run_that_failed(told: Any) -> None:
    found = told(lateness, names=(ORDERS, ODD, LOAD))
    assert (found[ORDERS]["at"], found[ORDERS]["what"]) == (at(4, 7), "late")
    assert (found[ORDERS]["cause"]["asset"], found[ORDERS]["cause"]["url"]) == (LOAD, "https://air/4")
    assert found[ODD] is None
    assert (found[LOAD]["what"], found[LOAD]["cause"]) == ("failed", None)


def test_what_is_lacking_is_counted_by_kind_and_tier(told: Any) -> None:
    lines = {(line["kind"], line["field"]): line for line in told(lacking)}
    assert lines["dataset", "freshness"]["missing"] == {"all": 1, 2: 1}
    assert lines["dataset", "freshness"]["of"] == {"all": 2, 1: 1, 2: 1}
    assert lines["pipeline", "domain"]["missing"] == {"all": 1, 0: 1}
    assert ("dataset", "lineage") in lines and ("pipeline", "lineage") not in lines
    assert [line["asset"] for line in told(assets, lacks="freshness")["lines"]] == [ODD]


def test_one_asset_tells_its_whole_story(told: Any) -> None:
    story = told(asset, Query(window="7d", asset="wh://acme/shop.orders_v1"))
    assert (story["asset"], story["formerly"], story["gaps"]) == (ORDERS, ["wh://acme/shop.orders_v1"], [])
    assert [one["asset"] for one in story["upstream"][0]["rows"]] == [LOAD]
    assert [one["id"] for one in story["incidents"]] == ["I1"]
    assert len(story["updates"]["rows"]) == 5 and not story["updates"]["more"]
    said = {one["field"]: (one["value"], one["source"], one["rule"]) for one in story["fields"]}
    assert said["owner"] == ("finance", "import", "as import tells it")
    load = told(asset, Query(window="7d", asset=LOAD))
    assert [one["id"] for one in load["runs"]["rows"]] == ["r6", "r5", "r4", "r3", "r2"]
    assert repr(load["runs"]["rows"][2]["waited"]) == "0.0"  # it started when it was due
    assert (load["runs"]["rows"][2]["state"], load["runs"]["rows"][2]["seconds"]) == ("failed", 1800.0)
    assert load["gaps"] == ["domain", "description"]


def test_an_address_that_lost_a_slash_and_a_name_nearly_right(told: Any) -> None:
    assert told(asset, Query(asset="wh:/acme/shop.orders"))["asset"] == ORDERS
    unknown = told(asset, Query(asset="air/loads"))
    assert (unknown["asset"], unknown["near"]) == (None, [LOAD])


def test_what_rests_on_a_source_and_what_it_holds_back(store: Store) -> None:
    """Last observed at 08:00; with an interval of 5 minutes it is stale at noon."""
    runs = [run(f"r{day}", LOAD, at(day, 4), source="air") for day in DAYS]
    seen = fact("coverage", "1", source="air", kinds=["run"], start=FIRST, end=at(6, 8))
    store.upsert([known(LOAD, "pipeline", tier=0, schedule="0 4 * * *"), *runs, seen])
    source = SourceInfo("air", {"run": ("due_at", "started_at", "ended_at", "state"), "asset": ("schedule",)})
    found = Engine(store, Platform(sources=(source,))).tell(resting, Query(), NOW, refresh=False)["air"]
    assert ("pipeline_success_rate", "Pipeline success rate") in found["kpis"]
    assert ("pipeline_success_rate", "Pipeline success rate") in found["held"]
    assert (found["newest"], found["seen"]) == (at(6, 4), at(6, 8))
