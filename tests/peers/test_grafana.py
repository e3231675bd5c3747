"""Every query of the shipped Grafana dashboards is one that Prometheus reads."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.peer
FOLDER = Path(__file__).parents[2] / "config" / "grafana" / "dashboards"
CHOSEN = {"$job": "tierline", "$slo": "pipeline_success_rate-platform-1", "$window": "28d"}


def queries(panels: list[dict[str, Any]]) -> Iterator[str]:
    for one in panels:
        yield from (target["expr"] for target in one.get("targets") or ())
        yield from queries(one.get("panels") or [])


def test_promtool_reads_every_query(tmp_path: Path, program: Callable[..., str]) -> None:
    asked = [query for file in FOLDER.glob("*.json") for query in queries(json.loads(file.read_text())["panels"])]
    for name, value in CHOSEN.items():
        asked = [query.replace(name, value) for query in asked]
    assert len(asked) > 100 and not any("$" in query for query in asked)
    rules = [{"record": f"q{number}", "expr": query} for number, query in enumerate(asked)]
    file = tmp_path / "queries.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    done = subprocess.run([program("promtool"), "check", "rules", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert f"{len(asked)} rules found" in done.stdout
