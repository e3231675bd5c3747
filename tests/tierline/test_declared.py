"""What tierline.yaml says of assets becomes facts of the source "config": versioned, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from slo.facts import Asset, Run
from slo.store import Store
from tierline.assets.declared import DECLARED, desired, fields_told, tell
from tierline.settings import Settings

T1 = datetime(2026, 11, 1, 12, tzinfo=UTC)
T2 = datetime(2026, 11, 5, 12, tzinfo=UTC)
DAILY = {"deadline": "07:00"}
DAILY_FULL = {"deadline": "07:00"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path}/x.db") as opened:
        opened.migrate()
        names = {"a/orders": "pipeline", "a/orders_hourly": "pipeline", "w/orders": "dataset"}
        opened.upsert([Asset(source="a", id=name, asset=name, kind=kind) for name, kind in names.items()])
        yield opened


def settings(**told: Any) -> Settings:
    return Settings.model_validate(told)


def told(store: Store) -> list[tuple[str, datetime | None, dict[str, Any]]]:
    """(asset, valid_from, fields) of what config tells, as stored."""
    found = []
    for fact in store.read("asset", {"source": DECLARED}, order_by="id"):
        fields = {name: getattr(fact, name) for name in ("tier", "team", "freshness", "kind")}
        if not fact.deleted:
            found.append(
                (fact.asset, fact.valid_from, {key: value for key, value in fields.items() if value is not None})
            )
    return sorted(found, key=lambda one: (one[0], one[1] or datetime.min.replace(tzinfo=UTC)))


def test_the_first_rule_that_says_a_field_wins() -> None:
    known = {"a/orders": "pipeline", "a/orders_hourly": "pipeline", "w/orders": "dataset"}
    rules = [
        {"match": "a/orders", "tier": 1},
        {"match": "*", "of_kind": "pipeline", "tier": 2, "team": "core"},
        {"match": "*/orders", "tier": 3, "domain": "sales"},
    ]
    wanted = desired(settings(rules=rules, assets={"w/orders": {"tier": 0}, "x/new": {"tier": 3}}), known)
    assert wanted == {
        "a/orders": [(None, {"tier": 1, "team": "core", "domain": "sales"})],
        "a/orders_hourly": [(None, {"tier": 2, "team": "core"})],
        "w/orders": [(None, {"tier": 0, "domain": "sales"})],
        "x/new": [(None, {"tier": 3})],
    }


def test_since_makes_versions_at_local_midnight() -> None:
    rules = [{"match": "a/*", "tier": 2}, {"match": "a/*", "tier": 1, "since": "2026-10-01"}]
    wanted = desired(settings(timezone="Europe/Berlin", rules=rules), {"a/orders": None})
    midnight = datetime(2026, 9, 30, 22, tzinfo=UTC)
    assert wanted == {"a/orders": [(None, {"tier": 2}), (midnight, {"tier": 1})]}


def test_attributes_hold_for_the_past_and_expectations_from_now(store: Store) -> None:
    tell(store, settings(assets={"w/orders": {"tier": 1, "freshness": DAILY}}), T1)
    assert told(store) == [("w/orders", None, {"tier": 1}), ("w/orders", T1, {"tier": 1, "freshness": DAILY_FULL})]


def test_an_expectation_with_a_date_holds_from_then(store: Store) -> None:
    tell(store, settings(assets={"w/orders": {"tier": 1, "freshness": DAILY, "since": "2026-06-01"}}), T1)
    assert told(store) == [("w/orders", datetime(2026, 6, 1, tzinfo=UTC), {"tier": 1, "freshness": DAILY_FULL})]


def test_telling_again_changes_nothing(store: Store) -> None:
    said = settings(assets={"w/orders": {"tier": 1, "freshness": DAILY}})
    assert tell(store, said, T1) == 2
    assert tell(store, said, T2) == 0


def test_a_change_counts_from_its_date(store: Store) -> None:
    tell(store, settings(rules=[{"match": "a/*", "tier": 2}]), T1)
    assert tell(store, settings(rules=[{"match": "a/*", "tier": 1}]), T2) == 2
    assert told(store) == [
        ("a/orders", None, {"tier": 2}), ("a/orders", T2, {"tier": 1}),
        ("a/orders_hourly", None, {"tier": 2}), ("a/orders_hourly", T2, {"tier": 1}),
    ]  # fmt: skip


def test_what_no_longer_stands_there_is_taken_back(store: Store) -> None:
    tell(store, settings(rules=[{"match": "*", "tier": 2}]), T1)
    tell(store, settings(rules=[{"match": "w/*", "tier": 2}]), T2)
    assert told(store) == [("w/orders", None, {"tier": 2})]
    assert tell(store, settings(rules=[{"match": "w/*", "tier": 2}]), T2) == 0


def test_an_asset_that_appears_later_is_matched_then(store: Store) -> None:
    said = settings(rules=[{"match": "a/*", "tier": 2}])
    tell(store, said, T1)
    store.upsert([Asset(source="a", id="a/late", asset="a/late")])
    assert tell(store, said, T2) == 1
    assert ("a/late", None, {"tier": 2}) in told(store)


def test_a_rule_reaches_what_only_runs_name(store: Store) -> None:
    store.upsert([Run(source="b", id="1", asset="b/load", state="success")])
    rules = [{"match": "b/*", "tier": 1}, {"match": "a/*", "of_kind": "pipeline", "team": "core"}]
    tell(store, settings(rules=rules), T1)
    assert ("b/load", None, {"tier": 1}) in told(store)


def test_where_a_rule_asks_for_a_kind_one_waits_for_it(store: Store) -> None:
    said = settings(rules=[{"match": "b/*", "of_kind": "pipeline", "team": "core"}, {"match": "*", "tier": 2}])
    store.upsert([Run(source="b", id="1", asset="b/load", state="success")])
    tell(store, said, T1)
    assert not [one for one in told(store) if one[0] == "b/load"]
    store.upsert([Asset(source="b", id="b/load", asset="b/load", kind="pipeline")])
    tell(store, said, T2)
    assert ("b/load", None, {"tier": 2, "team": "core"}) in told(store)


def test_the_fields_told() -> None:
    said = settings(rules=[{"match": "*", "tier": 2}], assets={"x/y": {"owner": "core", "freshness": DAILY}})
    assert fields_told(said) == ("tier", "owner", "freshness")
    assert fields_told(settings()) == ()
