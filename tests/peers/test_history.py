"""A real Prometheus shows last year: promtool makes blocks of what ``tierline history`` writes, and the answers are
those of ``tierline show``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.peer
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
DAYS = 400
RATIO = 'dataplatform_pipeline_success_ratio{{window="{}"}}'


def told() -> Iterator[dict[str, Any]]:
    """A run a day of two pipelines for 400 days; every seventh, and every eleventh, failed. An incident a month."""
    for tier, (name, every) in enumerate((("orders", 7), ("billing", 11))):
        yield {"fact": "asset", "id": name, "asset": f"etl/{name}", "kind": "pipeline", "tier": tier,
               "valid_from": (TODAY - timedelta(days=DAYS + 9)).isoformat()}  # fmt: skip
        for day in range(1, DAYS):
            at = TODAY - timedelta(days=day) + timedelta(hours=4)
            yield {"fact": "run", "id": f"{name}-{day}", "asset": f"etl/{name}", "trigger": "event",
                   "state": "success" if day % every else "failed", "started_at": at.isoformat(),
                   "ended_at": (at + timedelta(minutes=5)).isoformat()}  # fmt: skip
    for number in range(1, 13):
        at = TODAY - timedelta(days=30 * number) + timedelta(hours=9)
        yield {"fact": "incident", "id": f"i{number}", "assets": ["etl/orders"], "started_at": at.isoformat(),
               "detected_at": (at + timedelta(minutes=number)).isoformat(),
               "resolved_at": (at + timedelta(minutes=10 * number)).isoformat()}  # fmt: skip


@pytest.fixture
def tierline(tmp_path: Path) -> Callable[..., str]:
    """The command over a store that has the year."""
    env = {**os.environ, "TIERLINE_STORE": f"sqlite:///{tmp_path / 'x.db'}"}

    def command(*words: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "tierline", *words], capture_output=True, text=True, check=False, input=stdin,
            env=env, cwd=tmp_path, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    command("facts", "import", "-", stdin="\n".join(json.dumps({"source": "imported", **fact}) for fact in told()))
    return command


def asked(prometheus: str, expression: str, at: datetime) -> list[float]:
    query = urllib.parse.urlencode({"query": expression, "time": at.timestamp()})
    with urllib.request.urlopen(f"{prometheus}/api/v1/query?{query}") as answer:
        return [float(series["value"][1]) for series in json.load(answer)["data"]["result"]]


def test_last_year_is_in_prometheus_as_show_tells_it(
    tierline: Callable[..., str], start_prometheus: Callable[..., str], program: Callable[..., str], tmp_path: Path
) -> None:
    words = ("--by", "tier", "--label", "job=tierline", "--kpi", "pipeline_success_rate", "--kpi", "mttr")
    (tmp_path / "history.om").write_text(tierline("history", "--openmetrics", *words))
    blocks = [program("promtool"), "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=720h"]
    subprocess.run([*blocks, tmp_path / "history.om", tmp_path / "tsdb"], check=True, capture_output=True, timeout=60)
    prometheus = start_prometheus({})
    for back in (1, 330):
        at = TODAY - timedelta(days=back)
        for window in ("1d", "28d"):
            words = ("--window", window, "--as-of", at.isoformat(), "--format", "json")
            success, mttr = json.loads(tierline("show", "pipeline_success_rate", "mttr", *words))
            assert asked(prometheus, RATIO.format(window), at) == [success["value"]]
            assert asked(prometheus, f'dataplatform_slo_bad{{kpi="pipeline_success_rate",window="{window}"}}', at) == [
                success["bad"]
            ]
            expected = [] if mttr["value"] is None else [mttr["value"]]
            assert asked(prometheus, f'dataplatform_mttr_seconds{{window="{window}"}}', at) == expected
    at = TODAY - timedelta(days=100)
    # Of 28 days in a row every seventh failed: of tier 0 just 4.
    assert asked(prometheus, 'dataplatform_tier_pipeline_success_ratio{tier="0",window="28d",job="tierline"}', at) == [
        24 / 28
    ]
    noon = at + timedelta(hours=12)
    assert asked(prometheus, RATIO.format("28d"), noon) == [], "a sample a day: Prometheus looks back five minutes"
    held = f"last_over_time({RATIO.format('28d')}[1d])"
    assert asked(prometheus, held, noon) == asked(prometheus, RATIO.format("28d"), at) != []
    counted = f"count_over_time({RATIO.format('1d')}[365d])"
    assert asked(prometheus, counted, TODAY) == [365.0]
