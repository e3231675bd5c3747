"""No secret of a source is on a page or among the metrics, also where its server echoes what it was sent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from plotly.utils import PlotlyJSONEncoder

from collectors.contract.case import Case, cases
from collectors.contract.faults import echoing
from collectors.contract.suite import secrets
from collectors.contract.world import World
from dashboards.exporter import Exporter
from dashboards.pages import sources
from dashboards.reading.reader import Ask, EngineReader, Holder, Snapshot
from slo.engine import Engine
from slo.evidence.health import readings_of
from slo.platform import Platform, SourceInfo

HTTP = [case for case in cases(Path(__file__).parents[1] / "golden") if case.over_http]


@pytest.mark.parametrize("case", HTTP, ids=[case.name for case in HTTP])
@pytest.mark.parametrize("status", [401, 500])
def test_neither_page_nor_metrics_show_a_secret(case: Case, status: int, tmp_path: Path) -> None:
    with World(case, tmp_path, echoing(status)) as world:
        source = world.source()
        record = world.collect(source)
        info = SourceInfo(source.name, source.tells, interval=source.interval)
        told = readings_of(world.store, (info,), case.now)[source.name].as_result()
        shown = [{**told, "type": source.plugin, "stored": 0}]
        holder = Holder(Snapshot(as_of=case.now, evaluated_at=case.now, sources=shown))
        engine = Engine(world.store, Platform())
        reader = EngineReader(world.store, lambda engine=engine: engine, holder, lambda: case.now)
        page = json.dumps(sources.render(reader, Ask()), cls=PlotlyJSONEncoder)
        metrics = Exporter(holder, lambda: case.now).text().decode()
        hidden = secrets(world)
    assert not record.ok
    assert f"HTTP {status}" in page, "the error is shown"
    assert f'source="{source.name}"' in metrics
    assert hidden, "the case has no secret"
    assert [one for one in hidden if one in page + metrics] == []
