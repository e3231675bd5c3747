"""Values of single assets: those of ``show --asset``, and none of what is retired or gone."""

from datetime import UTC, datetime, timedelta

import pytest

from slo import by_asset
from slo.engine import Engine, Query
from slo.interchange import parse
from slo.platform import Platform
from slo.shelf import get_kpi
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


def told(engine, now):
    """The values of the one KPI, as of a moment."""
    kpi = get_kpi("pipeline_success_rate")
    return engine.tell(lambda results, query: by_asset.by_asset(results, [kpi]), Query(), now)[SUCCESS]["values"]


def test_each_asset_s_value_is_that_of_show_and_ends_with_the_asset(store):
    engine = Engine(store, Platform())
    assert told(engine, NOW) == {"etl/a": 0.75, "etl/b": 1.0}
    assert engine.show("pipeline_success_rate", Query(asset="etl/a"), NOW, refresh=False)["value"] == 0.75
    retired = asset("b", retired=True, valid_from=(NOW + timedelta(minutes=1)).isoformat())
    gone = asset("a", deleted=True, revised_at=(NOW + timedelta(minutes=3)).isoformat())
    store.upsert([retired, gone])
    assert told(engine, NOW + timedelta(minutes=2)) == {"etl/a": 0.75}
    assert told(engine, NOW + timedelta(minutes=4)) == {}


def test_they_are_kept_beside_the_results_where_the_settings_ask_for_them(store):
    assert by_asset.remembered(store) == {}
    Engine(store, Platform(asset_kpis=("pipeline_success_rate",))).evaluate(NOW)
    kept = by_asset.remembered(store)
    assert {metric: one["values"] for metric, one in kept.items()} == {SUCCESS: {"etl/a": 0.75, "etl/b": 1.0}}
