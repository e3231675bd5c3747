"""Values of single assets: those of ``show --asset``, and none of what is retired or gone."""

from datetime import UTC, datetime, timedelta

import pytest

from slo import by_asset
from slo.engine import Engine, Query
from slo.interchange import parse
from slo.platform import Platform
from slo.store import Store

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
SUCCESS = "pipeline_success_ratio"


def asset(name, **more):
    return parse({"fact": "asset", "source": "airflow", "id": name, "asset": f"etl/{name}", "kind": "pipeline",
                  "valid_from": "2026-10-01T00:00:00Z", **more})  # fmt: skip


def run(name, hours, state):
    start = NOW - timedelta(hours=hours)
    return parse({"fact": "run", "source": "airflow", "id": f"{name}{hours}", "asset": f"etl/{name}", "state": state,
                  "trigger": "event", "started_at": start.isoformat(),
                  "ended_at": (start + timedelta(minutes=5)).isoformat()})  # fmt: skip


@pytest.fixture
def store(tmp_path):
    with Store(f"sqlite:///{tmp_path}/t.db") as made:
        made.migrate()
        made.upsert([asset("a"), asset("b"), asset("idle")])
        made.upsert(run("a", hours, "failed" if hours == 2 else "success") for hours in range(1, 5))
        made.upsert(run("b", hours, "success") for hours in range(1, 4))
        yield made


def test_each_asset_s_value_is_evaluated_with_the_snapshot_and_ends_with_the_asset(store):
    engine = Engine(store, Platform(asset_kpis=("pipeline_success_rate",)))
    engine.evaluate(NOW)
    told = by_asset.remembered(store)
    assert list(told) == [SUCCESS]
    assert told[SUCCESS]["values"] == {"etl/a": 0.75, "etl/b": 1.0}
    shown = engine.show("pipeline_success_rate", Query(asset="etl/a"), NOW)
    assert shown["value"] == 0.75
    retired = asset("b", retired=True, valid_from=(NOW + timedelta(minutes=1)).isoformat())
    gone = asset("a", deleted=True, revised_at=(NOW + timedelta(minutes=3)).isoformat())
    store.upsert([retired, gone])
    engine.evaluate(NOW + timedelta(minutes=2))
    assert by_asset.remembered(store)[SUCCESS]["values"] == {"etl/a": 0.75}
    engine.evaluate(NOW + timedelta(minutes=4))
    assert by_asset.remembered(store)[SUCCESS]["values"] == {}


def test_unasked_nothing_is_kept(store):
    Engine(store, Platform(asset_kpis=("pipeline_success_rate",))).evaluate(NOW)
    Engine(store, Platform()).evaluate(NOW)
    assert by_asset.remembered(store) == {}
