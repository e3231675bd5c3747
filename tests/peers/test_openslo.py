"""OpenSLO taken in, collected from a real Prometheus, and judged: the figures are counted by hand."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from dashboards.openslo.giving import series
from dashboards.openslo.promised import slos
from dashboards.openslo.taking import take
from slo.promises.target import Target
from slo.targets import Targets
from tierline.cli import run

pytestmark = pytest.mark.peer


def metric(query: str) -> dict[str, Any]:
    return {"metricSource": {"metricSourceRef": "main", "spec": {"query": query}}}


def slo(name: str, sli: dict[str, Any], method: str, **objective: Any) -> dict[str, Any]:
    return {
        "apiVersion": "openslo/v1", "kind": "SLO", "metadata": {"name": name},
        "spec": {
            "service": "shop", "indicator": {"metadata": {"name": name}, "spec": sli}, "budgetingMethod": method,
            "timeWindow": [{"duration": "30d", "isRolling": True}], "objectives": [objective],
        },
    }  # fmt: skip


def history(folder: Path, program: Callable[..., str], start: datetime) -> None:
    """An hour, a sample a minute: of ten requests one fails; the lag is over 30 in one minute of the second ten, and in
    five of the third."""
    late = {13, 21, 22, 23, 24, 25}
    lines = ["# TYPE req counter"]
    stamps = [int((start + timedelta(minutes=minute)).timestamp()) for minute in range(61)]
    for state, rate in (("ok", 9), ("failed", 1)):
        lines += [f'req_total{{state="{state}"}} {rate * minute} {at}' for minute, at in enumerate(stamps)]
    lines += ["# TYPE lag gauge", *(f"lag {99 if minute in late else 5} {at}" for minute, at in enumerate(stamps))]
    text = folder / "samples.om"
    text.write_text("\n".join(lines) + "\n# EOF\n")
    made = [program("promtool"), "tsdb", "create-blocks-from", "openmetrics", str(text), str(folder / "tsdb")]
    done = subprocess.run(made, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_objectives_taken_in_are_judged_by_what_prometheus_holds(
    tmp_path: Path, program: Callable[..., str], start_prometheus: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    yesterday = datetime.now(UTC).replace(hour=1, minute=0, second=0, microsecond=0) - timedelta(days=1)
    history(tmp_path, program, yesterday)
    url = start_prometheus({})
    source = {"apiVersion": "openslo/v1", "kind": "DataSource", "metadata": {"name": "main"},
              "spec": {"type": "Prometheus", "connectionDetails": {"url": url}}}  # fmt: skip
    ratio = {"counter": True, "bad": metric('sum(req_total{state="failed"})'), "total": metric("sum(req_total)")}
    slices = {"target": 0.99, "timeSliceTarget": 0.8, "timeSliceWindow": "10m"}
    documents = [
        source,
        slo("errors", {"ratioMetric": ratio}, "Occurrences", target=0.95),
        slo("minutes", {"ratioMetric": ratio}, "Timeslices", **slices),
        slo("lag", {"thresholdMetric": metric("max(lag)")}, "Timeslices", op="lte", value=30, **slices),
    ]
    (tmp_path / "slo.yaml").write_text(yaml.safe_dump_all(documents))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TIERLINE_STORE", f"sqlite:///{tmp_path}/t.db")
    assert run(["openslo", "in", "slo.yaml", "--out", "new", "--by", "shop"]) == 0
    assert run(["--config", "new/tierline.yaml", "collect"]) == 0
    capsys.readouterr()
    asked = ["show", "service_slo_compliance", "--window", "30d", "--profile", "openslo", "--format", "json"]
    assert run(["--config", "new/tierline.yaml", *asked]) == 0
    told = {one["scope"]["asset"]: one for one in json.loads(capsys.readouterr().out)["targets"]}
    # 12 steps of five minutes, 50 requests each, of which 5 failed; 5 % of the 600 may: twice the budget is spent
    errors = told["main/shop/errors"]
    assert (errors["value"], errors["n"], errors["status"]) == (0.9, 600, "missed")
    assert errors["budget"]["remaining"] == pytest.approx(-1)
    # six slices of ten minutes, 90 % good in each
    assert (told["main/shop/minutes"]["value"], told["main/shop/minutes"]["n"]) == (1.0, 6)
    # the hour's six slices, and one before and one after it that hold its first and its last sample; the third is bad
    assert (told["main/shop/lag"]["value"], told["main/shop/lag"]["n"]) == (7 / 8, 8)


QUANTILE = "histogram_quantile(0.9, sum by (le) (rate(b[$__interval])))"
QUERIES = (
    "req_total", 'sum(req_total{code=~"2..", path="}{"})', "sum(rate(req_total[5m]))", "sum(a) - sum(b)",
    "sum by (job) (a)", "increase(a[{{.window}}])", QUANTILE,
)  # fmt: skip
METHODS = ("Occurrences", "Timeslices", "RatioTimeslices")


def test_every_expression_is_promql(tmp_path: Path, program: Callable[..., str]) -> None:
    """promtool reads what comes in (a step of five minutes) and what goes out."""
    inline = [{"metricSource": {"type": "Prometheus", "spec": {"query": query}}} for query in QUERIES]
    ratios: list[dict[str, Any]] = [
        {"counter": counter, side: one, "total": one} for one in inline for side in ("good", "bad")
        for counter in (True, False)
    ]  # fmt: skip
    ratios += [{"rawType": "failure", "raw": one} for one in inline]
    slis: list[dict[str, Any]] = [
        *({"ratioMetric": one} for one in ratios),
        *({"thresholdMetric": one} for one in inline),
    ]
    bounds = {"op": "lt", "value": 0.5, "timeSliceTarget": 0.9, "timeSliceWindow": "5m", "target": 0.9}
    documents = [slo(f"s{place}-{method.lower()}", sli, method, **bounds)
                 for place, sli in enumerate(slis) for method in METHODS]  # fmt: skip
    taken = take([("f.yaml", yaml.safe_dump_all(documents))], "UTC")
    assert len(taken.targets) == len(documents) == 3 * 7 * 6
    entries = [entry for group in taken.sources["prometheus"].values() if isinstance(group, list) for entry in group]
    texts = [entry[key] for entry in entries for key in ("good", "total", "expression") if key in entry]
    clauses: list[dict[str, Any]] = [{}, {"tiers": [1]}, {"tiers": [0, 1]}, {"asset": "etl/a"}]
    for row, clause in enumerate(clauses, 1):
        one = Target.model_validate(
            {"profile": "p", "row": row, "kpi": "pipeline_success_rate", "window": "M", "adopted": "2026-01-01",
             "clauses": [{"form": "at_least", "floor": 0.99} | clause]}
        )  # fmt: skip
        (promise,) = slos(Targets((one,)), date(2026, 11, 1))
        good, bad, _ = series(promise)
        texts.append(f"({good}) / ({good} + {bad})")
    rules = [{"record": f"r{place}", "expr": text.replace("$step", "300s")} for place, text in enumerate(texts)]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": rules}]}))
    asked = [program("promtool"), "check", "rules", str(tmp_path / "rules.yml")]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert f"{len(texts)} rules found" in done.stdout
