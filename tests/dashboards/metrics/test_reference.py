"""docs/metrics.md lists whatever is exposed, with its labels and type; its queries are PromQL."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from dashboards.exporter import Exporter
from dashboards.metrics.reference import page
from slo.shelf import built_in

PAGE = page(built_in().values())
LISTED = {
    name: (kind, set(re.findall(r"`(\w+)`", labels)))
    for name, kind, labels in re.findall(r"^\| `([\w<>]+)` \| (\w+) \| (.*?) \|", PAGE, re.MULTILINE)
}


def test_whatever_is_exposed_is_listed(reader, fake):
    source = {**fake.sources()[5], "passes": {"succeeded": 1, "failed": 1, "facts": 1}}
    snapshot = replace(reader.snapshot(), sources=[source])
    text = Exporter(lambda: snapshot, cap=100_000).text().decode()
    metrics = {kpi.metric for kpi in built_in().values()}
    kinds = dict(re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE))
    assert len(kinds) > 80
    for name, labels in set(re.findall(r"^(\w+)(?:\{(.*?)\})? ", text, re.MULTILINE)):
        listed = name if name in LISTED else re.sub("_(" + "|".join(metrics) + ")$", "_<metric>", name)
        kind, known = LISTED[listed]
        assert kind.replace("info", "gauge") == kinds[name]
        assert set(re.findall(r'(\w+)="', labels)) == known, name


def test_every_kpi_is_listed():
    assert {f"dataplatform_{kpi.metric}" for kpi in built_in().values()} < set(LISTED)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_the_queries_are_promql(tmp_path):
    queries = [block.strip() for block in re.findall(r"(?:^    .*\n)+", PAGE, re.MULTILINE)]
    queries = [one for one in queries if not one.startswith(("curl", "tierline"))]
    assert len(queries) > 12
    rules = "".join(f"  - record: q{place}\n    expr: |\n      {one}\n" for place, one in enumerate(queries))
    (tmp_path / "rules.yml").write_text(f"groups:\n- name: docs\n  rules:\n{rules}")
    told = subprocess.run(
        ["promtool", "check", "rules", tmp_path / "rules.yml"], capture_output=True, check=False, text=True
    )
    assert told.returncode == 0, told.stderr
