"""One number, computed once: engine, API, page, exposition and report say the same of real facts."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dashboards import format as fmt
from dashboards.app import create_app, draw, explained
from dashboards.exporter import Exporter
from dashboards.reading.reader import EngineReader, Snapshot
from dashboards.report import html
from dashboards.report.document import document
from dashboards.report.told import Told
from slo.engine import Engine, Query
from slo.interchange import parse
from slo.platform import Platform
from slo.store import Store
from slo.stories.report.gather import gather
from slo.windows import parse_window
from tests.dashboards.layouts import said, texts

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
ASSET = "airflow/orders"


def facts():
    """Forty event runs in ten days, three of them failed; one tier-1 pipeline of team finance."""
    yield parse({"fact": "asset", "source": "airflow", "id": "orders", "asset": ASSET, "kind": "pipeline",
                 "valid_from": "2026-11-01T00:00:00Z", "tier": 1, "team": "finance", "domain": "sales"})  # fmt: skip
    for place in range(40):
        start = NOW - timedelta(hours=6 * (place + 1))
        yield parse({"fact": "run", "source": "airflow", "id": f"r{place}", "asset": ASSET, "trigger": "event",
                     "state": "failed" if place in (3, 17, 31) else "success", "started_at": start.isoformat(),
                     "ended_at": (start + timedelta(minutes=10)).isoformat(),
                     "url": f"https://airflow.example/runs/r{place}"})  # fmt: skip


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('store')}/t.db")
    store.migrate()
    store.upsert(facts())
    engine = Engine(store, Platform())
    engine.evaluate(NOW)
    as_of, results = store.results()
    snapshot = Snapshot(as_of=as_of, results=results, evaluated_at=as_of, facts=store.counts())
    yield EngineReader(store, lambda: engine, lambda: snapshot, lambda: NOW)
    store.close()


def grid_of(component):
    """The grid somewhere inside."""
    if hasattr(component, "rowData"):
        return component
    children = getattr(component, "children", None)
    inside = children if isinstance(children, (list, tuple)) else [children]
    return next((found for child in inside if child is not None and (found := grid_of(child)) is not None), None)


def test_engine_api_page_metrics_and_report_agree(reader):
    value = 37 / 40
    shown = reader._engine().show("pipeline_success_rate", Query(window="28d"), NOW)
    assert (shown["value"], shown["good"], shown["bad"]) == (value, 37, 3)

    answer = create_app(reader).test_client().get("/api/kpi/pipeline_success_rate?window=28d")
    assert answer.json["value"] == value

    _, page = draw(reader, "/kpi/pipeline_success_rate", "?window=28d")
    assert "92.5 %" in texts(page)

    exposed = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(Exporter(reader.snapshot).text().decode())
        for sample in family.samples
    }
    assert exposed["dataplatform_pipeline_success_ratio", (("window", "28d"),)] == value
    assert exposed["dataplatform_tier_pipeline_success_ratio", (("tier", "1"), ("window", "28d"))] == value
    assert exposed["dataplatform_slo_bad", (("kpi", "pipeline_success_rate"), ("window", "28d"))] == 3
    assert ("dataplatform_tier_pipeline_success_ratio", (("tier", "0"), ("window", "28d"))) not in exposed

    assert f"The platform kept {fmt.percent(value)} of its scheduled runs in November 2026" in reported(reader)


def reported(reader):
    """The report of the month, as HTML."""
    gathered = reader._engine().tell(gather, Query(window="2026-11"), NOW, periods=("2026-11",))
    return html.render(document(Told(gathered, parse_window("2026-11", NOW, reader._engine().platform.timezone), NOW)))


def test_the_facts_behind_the_number_are_the_failed_runs_first(reader):
    why, assets, behind = explained(reader, "pipeline_success_rate", "?window=28d")
    assert "37 / (37 + 3) = 92.5 %" in texts(why)
    assert ASSET in texts(assets)
    rows = grid_of(behind).rowData
    assert [row["verdict"] for row in rows[:4]] == ["bad", "bad", "bad", "good"]
    assert {row["id"] for row in rows[:3]} == {"r3", "r17", "r31"}
    assert rows[0]["url"].startswith("https://airflow.example/runs/r")


def test_what_no_source_tells_is_not_set_up_and_says_what_to_connect(reader):
    words = said(draw(reader, "/kpi/unit_cost", "")[1])
    assert "Unit cost is not set up" in words
    assert "tierline plugins" in words
    assert "Unit cost" not in reported(reader)


def test_every_page_of_every_kpi_draws(reader):
    for kpi in reader._engine().kpis():
        for search in ("", "?tier=1", "?team=finance", "?window=2026-11&profile=staff_dataops"):
            _, page = draw(reader, f"/kpi/{kpi['id']}", search)
            assert "could not be drawn" not in said(page), (kpi["id"], search)
            why = said(explained(reader, kpi["id"], search)[0])
            assert "Why this number?" in why, (kpi["id"], search)
