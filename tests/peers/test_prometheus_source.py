"""The prometheus source against a real Prometheus: its readings equal the counters that were scraped."""

from __future__ import annotations

import json
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from collectors.base import Period, Raw
from collectors.sources.prometheus import Prometheus
from slo.errors import SourceError

pytestmark = pytest.mark.peer
OK, FAILED = 'jobs_total{state="ok"}', 'jobs_total{state="failed"}'
HOUR = datetime(2026, 10, 25, 0, 0, tzinfo=UTC)


def source(url: str, now: datetime | None = None, **settings: Any) -> Prometheus:
    made = Prometheus.Settings.model_validate({"url": url, **settings})
    return Prometheus("prom", made, lambda: now or datetime.now(UTC))


def readings(one: Prometheus, start: datetime, end: datetime) -> dict[str, dict[str, float]]:
    """Meter -> start of the reading -> amount; an id told twice would be seen as a missing one."""
    found: dict[str, dict[str, float]] = {"good": {}, "total": {}}
    for raw in one.fetch(Period(start, end)):
        for fact in one.parse(raw) if isinstance(raw, Raw) else ():
            found[fact["meter"]][fact["at"]] = fact["amount"]
    return found


def asked(url: str, expression: str) -> float | None:
    """What Prometheus itself answers now."""
    with urllib.request.urlopen(f"{url}/api/v1/query?{urllib.parse.urlencode({'query': expression})}") as answer:
        result = json.load(answer)["data"]["result"]
    return float(result[0]["value"][1]) if result else None


def test_what_was_scraped_adds_up_to_the_exporter_s_own_counters(
    start_prometheus: Callable[..., str], exporter: Any, wait_until: Callable[..., None]
) -> None:
    exporter.values = {OK: 1000.0, FAILED: 50.0}
    began = datetime.now(UTC)
    jobs = {"job_name": "jobs", "static_configs": [{"targets": [exporter.target]}]}
    url = start_prometheus({"global": {"scrape_interval": "500ms"}, "scrape_configs": [jobs]})
    everything = "sum(jobs_total offset 2s)"
    wait_until(lambda: asked(url, everything) == 1050, "the first figures are two seconds old")
    for ok, failed in ((7, 0), (0, 3), (11, 2)):
        exporter.values[OK] += ok
        exporter.values[FAILED] += failed
        now = sum(exporter.values.values())
        wait_until(lambda now=now: asked(url, "sum(jobs_total)") == now, "the next figures are scraped")
    wait_until(lambda: asked(url, "sum(jobs_total offset 4s)") == 1073, "the last figures are four seconds old")
    grown = {"good": 'sum(jobs_total{state="ok"}) - sum(jobs_total{state="ok"} offset $step)',
             "total": "sum(jobs_total) - sum(jobs_total offset $step)"}  # fmt: skip
    one = source(url, slis=[{"service": "jobs", **grown}], step="2s", lag="1s")
    found = readings(one, began - timedelta(minutes=1), datetime.now(UTC))
    assert (sum(found["good"].values()), sum(found["total"].values())) == (18, 23)
    assert set(found["good"]) == set(found["total"])
    assert [line.ok for line in one.check()] == [True, True]


def blocks(folder: Path, program: Callable[..., str], lines: list[str]) -> None:
    """A Prometheus data folder holding these samples."""
    text = folder / "samples.om"
    text.write_text("# TYPE jobs counter\n" + "\n".join(lines) + "\n# EOF\n")
    made = [program("promtool"), "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=720h",
            str(text), str(folder / "tsdb")]  # fmt: skip
    done = subprocess.run(made, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def sample(state: str, minute: float, value: float) -> str:
    return f'jobs_total{{state="{state}"}} {value} {int((HOUR + timedelta(minutes=minute)).timestamp())}'


@pytest.fixture
def history(tmp_path: Path, program: Callable[..., str], start_prometheus: Callable[..., str]) -> str:
    """Two counters, a sample a minute: ok grows by 6 and failed by 1 a minute. Between 01:00 and 01:30 nothing was
    scraped; at 02:00 both began at zero again. Until 03:00; the night the clocks went back."""
    minutes = [minute for minute in range(181) if not 60 < minute < 90]
    lines = [
        sample(state, minute, rate * (minute if minute < 120 else minute - 119))
        for state, rate in (("ok", 6), ("failed", 1)) for minute in minutes
    ]  # fmt: skip
    blocks(tmp_path, program, lines)
    return start_prometheus({})


def test_increase_over_history_gap_and_counter_reset(history: str) -> None:
    grown = {"good": 'sum(increase(jobs_total{state="ok"}[$step]))', "total": "sum(increase(jobs_total[$step]))"}
    one = source(history, HOUR + timedelta(days=1), slis=[{"service": "jobs", **grown}])
    found = readings(one, HOUR, HOUR + timedelta(hours=3))
    steps = {(HOUR + timedelta(minutes=minute)).strftime("%Y-%m-%dT%H:%M:%SZ"): minute for minute in range(0, 180, 5)}
    silent = set(range(60, 90, 5))
    expected = {at: 5.0 for at, minute in steps.items() if minute not in silent}
    assert found["good"] == {at: 6 * amount for at, amount in expected.items()}
    assert found["total"] == {at: 7 * amount for at, amount in expected.items()}


def test_every_way_of_cutting_history_gives_the_same_readings(history: str) -> None:
    grown = {"good": 'sum(increase(jobs_total{state="ok"}[$step]))', "total": "sum(increase(jobs_total[$step]))"}
    one = source(history, HOUR + timedelta(days=1), slis=[{"service": "jobs", **grown}])
    whole = readings(one, HOUR, HOUR + timedelta(hours=3))
    cuts = [HOUR + timedelta(minutes=minute) for minute in (0, 3, 5, 47.5, 110, 180)]
    parts = [readings(one, start, end) for start, end in pairwise(cuts)]
    for meter in ("good", "total"):
        assert sum(len(part[meter]) for part in parts) == len(whole[meter])
        assert {at: amount for part in parts for at, amount in part[meter].items()} == whole[meter]


def test_a_probe_counts_the_samples_that_were_one(
    tmp_path: Path, program: Callable[..., str], start_prometheus: Callable[..., str]
) -> None:
    lines = [
        f"up {int(minute % 10 != 0)} {int((HOUR + timedelta(minutes=minute)).timestamp())}" for minute in range(61)
    ]
    blocks(tmp_path, program, ["# TYPE up gauge", *lines])
    url = start_prometheus({})
    one = source(url, HOUR + timedelta(days=1), probes=[{"service": "web", "selector": "up", "step": "10m"}])
    found = readings(one, HOUR + timedelta(minutes=10), HOUR + timedelta(minutes=30))
    # Prometheus before 3.0 counts both edges of a range: 11 samples, of which minutes 10 and 20, 20 and 30 are nought
    edges = {"2026-10-25T00:10:00Z": 11.0, "2026-10-25T00:20:00Z": 11.0}
    assert found == {"good": {at: count - 2 for at, count in edges.items()}, "total": edges}


def test_prometheus_s_own_words_come_through(start_prometheus: Callable[..., str]) -> None:
    url = start_prometheus({})
    broken = source(url, HOUR, slis=[{"service": "jobs", "good": "sum(jobs_total{", "total": "sum(jobs_total)"}])
    with pytest.raises(SourceError, match="parse error: unexpected end of input"):
        readings(broken, HOUR - timedelta(hours=1), HOUR)
    assert [line.ok for line in broken.check()] == [True, False]
    empty = source(url, HOUR, slis=[{"service": "jobs", "good": "sum(jobs_total)", "total": "sum(jobs_total)"}])
    assert readings(empty, HOUR - timedelta(days=60), HOUR) == {"good": {}, "total": {}}  # 17,280 points, in two pieces
