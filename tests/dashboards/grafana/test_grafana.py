"""The shipped Grafana dashboards: as the catalogue has them now, readable by Grafana's own models, quoting only what
is exposed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.grafana.files import files
from slo.shelf import built_in

SHIPPED = Path(__file__).parents[3] / "config" / "grafana" / "dashboards"
METRICS = Path(__file__).parents[3] / "docs" / "metrics.md"
NAMES = ("tierline-overview.json", "tierline-slo.json", "tierline-sources.json")


def panels(name: str) -> Iterator[dict[str, Any]]:
    told = json.loads((SHIPPED / name).read_text(encoding="utf-8"))["panels"]
    yield from told
    yield from (inner for one in told for inner in one.get("panels") or ())


def test_what_is_shipped_is_what_the_catalogue_gives() -> None:
    assert files() == {name: (SHIPPED / name).read_text(encoding="utf-8") for name in NAMES}, (
        "stale: run python -m dashboards.grafana"
    )


@pytest.mark.parametrize("name", NAMES)
def test_grafana_s_own_models_read_it(name: str) -> None:
    read = Dashboard.from_json(json.loads((SHIPPED / name).read_text(encoding="utf-8")))
    assert read.uid == name.removesuffix(".json")
    assert read.templating is not None and read.templating.list_val is not None
    assert [one.name for one in read.templating.list_val][:2] == ["source", "job"]


@pytest.mark.parametrize("name", NAMES)
def test_every_panel_asks_for_what_is_exposed(name: str) -> None:
    """docs/metrics.md lists them; a test of its own holds that to what is exposed."""
    listed = re.findall(r"^\| `(\w+)` \|", METRICS.read_text(encoding="utf-8"), re.MULTILINE)
    known = {*listed, *(f"dataplatform_target_{kpi.metric}" for kpi in built_in().values())}
    for one in panels(name):
        for target in one.get("targets") or ():
            asked = set(re.findall(r"(?:dataplatform|tierline)_\w+", target["expr"]))
            assert asked and asked <= known, one["title"]


def test_the_overview_has_every_kpi_once() -> None:
    titles = [one["title"] for one in panels(NAMES[0]) if one["type"] == "timeseries"]
    assert sorted(titles) == sorted([*(kpi.title for kpi in built_in().values()), "Error budgets left"])


def test_no_panel_lies_on_another() -> None:
    for name in NAMES:
        taken: set[tuple[int, int]] = set()
        for one in panels(name):
            place = one["gridPos"]
            cells = {
                (place["x"] + right, place["y"] + down) for right in range(place["w"]) for down in range(place["h"])
            }
            assert not cells & taken, (name, one["title"])
            assert place["x"] + place["w"] <= 24
            taken |= cells
