"""/metrics of a service: what the settings ask for is there, and a scrape never reaches for the store."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dashboards.exporter import Exporter, ops_app
from slo.interchange import parse
from slo.store import Store
from tierline.config import load
from tierline.service import Service

NOW = datetime.now(UTC)
SETTINGS = """\
sources:
  alerts: {type: alertmanager, url: http://127.0.0.1:9, interval: 5m}
ops: {metrics: {assets: [pipeline_success_rate], cap: 100}}
"""


@pytest.fixture
def service(tmp_path: Path) -> Any:
    """A service over 150 pipelines, each with one run that succeeded, and one pass of its source."""
    (tmp_path / "tierline.yaml").write_text(SETTINGS)
    store = Store(f"sqlite:///{tmp_path}/x.db")
    store.migrate()
    at = NOW - timedelta(hours=2)
    store.upsert(
        parse({"fact": "run", "source": "s", "id": str(number), "asset": f"etl/{number:03}", "trigger": "event",
               "state": "success", "started_at": at.isoformat(), "ended_at": at.isoformat()})
        for number in range(150)
    )  # fmt: skip
    store.upsert(
        parse({"fact": "asset", "source": "s", "id": str(number), "asset": f"etl/{number:03}", "kind": "pipeline",
               "valid_from": "2026-01-01T00:00:00Z"})
        for number in range(150)
    )  # fmt: skip
    store.add_source_run("alerts", NOW, NOW, True, 12, 0, None)
    yield Service(load(str(tmp_path / "tierline.yaml"), {}), store, "collect")
    store.close()


def scraped(service: Service, exporter: Exporter | None = None) -> dict[str, list[tuple[dict[str, str], float]]]:
    told: list[Any] = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/metrics"}
    body = b"".join(ops_app(exporter or service.exporter, service._healthy)(environ, lambda *line: told.append(line)))
    assert told[0][0] == "200 OK"
    return {
        family.name: [(sample.labels, sample.value) for sample in family.samples]
        for family in text_string_to_metric_families(body.decode())
    }


def results(found: dict[str, list[Any]]) -> int:
    """How many series of results there are."""
    return sum(len(samples) for name, samples in found.items() if name.startswith("dataplatform_"))


def test_a_scrape_reaches_for_no_store_and_the_settings_are_kept(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="tierline"):
        service.evaluate()

    def refuse(*_: object) -> None:
        raise AssertionError("a scrape reaches for the store")

    for way_in in ("_reading", "_transaction", "steady"):
        monkeypatch.setattr(Store, way_in, refuse)
    with pytest.raises(AssertionError):
        service.store.counts()
    found = scraped(service)
    assert 50 < results(found) <= 100  # breakdowns are left out whole
    assert ({"window": "28d"}, 1.0) in found["dataplatform_pipeline_success_ratio"]
    assert found["tierline_facts_stored"] == [({"source": "alerts"}, 12.0)]
    uncut = scraped(service, Exporter(service.snapshots.holder, cap=100_000))
    assets = uncut["dataplatform_asset_pipeline_success_ratio"]
    assert (len(assets), assets[0]) == (150, ({"asset": "etl/000", "window": "28d"}, 1.0))
    assert found["tierline_series_dropped"] == [({}, results(uncut) - results(found))]
    said = [record.getMessage() for record in caplog.records if "above the cap of 100" in record.getMessage()]
    assert len(said) == 1
