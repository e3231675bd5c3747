"""A real Prometheus scrapes ``tierline serve``: what it answers is what ``tierline show`` prints. A real Alertmanager
delivers to the service's webhook."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

PRESCRIBED = re.compile(r'dataplatform_\w+_(business_days|hours_per_week) use base unit "seconds" instead of')
pytestmark = pytest.mark.peer
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
HOOK_TOKEN = "t0ken-of-the-hook"
AS_OF = "tierline_as_of_timestamp_seconds"
TOTALS = '{{__name__=~"dataplatform_({})",window="28d"}}'


def text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def told() -> Iterator[dict[str, Any]]:
    """Three weeks of a small platform: runs, checks, costs, deployments, incidents."""
    for tier, name in enumerate(("orders", "billing", "reports")):
        yield {"fact": "asset", "id": name, "asset": f"etl/{name}", "kind": "pipeline", "tier": tier,
               "team": "core" if tier < 2 else "bi", "valid_from": text(TODAY - timedelta(days=40))}  # fmt: skip
        for day in range(1, 22):
            yield from nightly(tier, f"etl/{name}", day)
    for number in range(6):
        yield from deployment(number)


def nightly(tier: int, asset: str, day: int) -> Iterator[dict[str, Any]]:
    at = TODAY - timedelta(days=day) + timedelta(hours=4)
    state = "failed" if (day + 3 * tier) % 7 == 0 else "success"
    own = {"id": f"{asset}-{day}", "asset": asset}
    yield {"fact": "run", **own, "trigger": "event", "state": state, "started_at": text(at),
           "ended_at": text(at + timedelta(seconds=100 + 7 * day))}  # fmt: skip
    yield {"fact": "check_result", **own, "check": "rows", "outcome": "fail" if day == 5 else "pass", "at": text(at)}
    yield {"fact": "meter", **own, "meter": "cost", "currency": "USD", "amount": 3.7 * (tier + 1), "at": text(at)}
    yield {"fact": "meter", **own, "id": f"{asset}-{day}-b", "meter": "bytes", "amount": 1.3e11, "at": text(at)}


def deployment(number: int) -> Iterator[dict[str, Any]]:
    at = TODAY - timedelta(days=2 + 3 * number)
    yield {"fact": "change", "id": f"v{number}", "kind": "deployment", "state": "succeeded", "at": text(at),
           "failure": "hotfix" if number == 2 else None}  # fmt: skip
    yield {"fact": "incident", "id": f"i{number}", "cause": "disk", "assets": ["etl/orders"], "severity": 2,
           "started_at": text(at), "detected_at": text(at + timedelta(minutes=7 * number + 1)),
           "resolved_at": text(at + timedelta(minutes=55 + 11 * number))}  # fmt: skip


class Tierline:
    """The command with one config, its store in a folder of the test."""

    def __init__(self, folder: Path, web: int, ops: int) -> None:
        self.config, self.web, self.ops = folder / "tierline.yaml", web, ops
        sources = {"alerts": {"type": "alertmanager", "webhook_token": "env:HOOK_TOKEN", "asset": "etl/{dataset}"}}
        settings = {"store": f"sqlite:///{folder / 'tierline.db'}", "web": {"port": web}, "ops": {"port": ops},
                    "sources": sources}  # fmt: skip
        self.config.write_text(json.dumps(settings))
        self.env = {**os.environ, "HOOK_TOKEN": HOOK_TOKEN}
        for name in ("TIERLINE_STORE", "TIERLINE_PORT"):
            self.env.pop(name, None)

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "tierline", "--config", str(self.config), *words]

    def run(self, *words: str, stdin: str | None = None) -> str:
        done = subprocess.run(
            self.command(*words), capture_output=True, text=True, timeout=120, check=False, input=stdin, env=self.env
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def tierline(
    module_processes: Any, free_port: Callable[[], int], wait_until: Callable[..., None], is_up: Callable[[str], bool]
) -> Tierline:
    """``tierline serve``, ready, over imported facts."""
    made = Tierline(module_processes.folder, free_port(), free_port())
    made.run("facts", "import", "-", stdin="\n".join(json.dumps({"source": "imported", **fact}) for fact in told()))
    module_processes.start("serve", made.command("serve"), env=made.env)
    wait_until(lambda: is_up(f"http://127.0.0.1:{made.ops}/readyz"), "tierline serve is ready")
    return made


def asked(prometheus: str, expression: str, at: datetime) -> dict[str, float]:
    """Metric name -> value of an instant query."""
    query = urllib.parse.urlencode({"query": expression, "time": at.timestamp()})
    with urllib.request.urlopen(f"{prometheus}/api/v1/query?{query}") as answer:
        result = json.load(answer)["data"]["result"]
    return {series["metric"]["__name__"]: float(series["value"][1]) for series in result}


def test_prometheus_answers_what_show_prints(
    tierline: Tierline, start_prometheus: Callable[..., str], wait_until: Callable[..., None]
) -> None:
    job = {"job_name": "tierline", "static_configs": [{"targets": [f"127.0.0.1:{tierline.ops}"]}]}
    prometheus = start_prometheus({"global": {"scrape_interval": "1s"}, "scrape_configs": [job]})
    wait_until(lambda: asked(prometheus, AS_OF, datetime.now(UTC)) != {}, "Tierline is scraped")
    now = datetime.now(UTC)
    as_of = text(datetime.fromtimestamp(asked(prometheus, AS_OF, now)[AS_OF], UTC))
    printed = json.loads(tierline.run("show", "--all", "--window", "28d", "--as-of", as_of, "--format", "json"))
    expected = {f"dataplatform_{one['metric']}": one["value"] for one in printed}
    scraped = asked(prometheus, TOTALS.format("|".join(one["metric"] for one in printed)), now)
    assert scraped == {name: value for name, value in expected.items() if value is not None}
    assert len(scraped) >= 8
    assert len(expected) > len(scraped)  # what has no data has no sample
    assert scraped["dataplatform_pipeline_success_ratio"] == 54 / 63  # 3 of each job's 21 nights failed
    with urllib.request.urlopen(f"{prometheus}/api/v1/targets/metadata?metric=dataplatform_mttr_seconds") as answer:
        (told,) = json.load(answer)["data"]
    assert (told["type"], told["unit"]) == ("gauge", "seconds"), "plain text has no units: it asked for OpenMetrics"


def test_promtool_has_nothing_to_say(tierline: Tierline, program: Callable[..., str]) -> None:
    """But of the two units that the KPIs' rules prescribe and its lint does not know (docs/decisions/metrics.md)."""
    with urllib.request.urlopen(f"http://127.0.0.1:{tierline.ops}/metrics") as answer:
        exposition = answer.read()
    done = subprocess.run([program("promtool"), "check", "metrics"], input=exposition, capture_output=True, check=False)
    said = [line for line in (done.stdout + done.stderr).decode().splitlines() if not PRESCRIBED.match(line)]
    assert said == []
    assert done.returncode in (0, 3), "3: only its lint speaks"
    assert b"\ndataplatform_pipeline_success_ratio{" in exposition


def test_a_real_alertmanager_delivers_to_the_service(
    tierline: Tierline, start_alertmanager: Callable[[str, str], str], watch_datasets: Callable[[str], str],
    exporter: Any, wait_until: Callable[..., None],
) -> None:  # fmt: skip
    def stored() -> list[dict[str, Any]]:
        return [json.loads(line) for line in tierline.run("facts", "export", "alert").splitlines()]

    orders = 'dataset_age_seconds{dataset="orders"}'
    exporter.values = {orders: 7200.0}
    watch_datasets(start_alertmanager(f"http://127.0.0.1:{tierline.web}/hooks/alerts/alerts", HOOK_TOKEN))
    wait_until(lambda: stored() != [], "the alert is stored")
    exporter.values[orders] = 30.0
    wait_until(lambda: "resolved_at" in stored()[0], "its end is stored")
    [alert] = stored()  # delivered every second, stored once
    told = {"source": "alerts", "rule": "DatasetStale", "asset": "etl/orders", "label": "actionable"}
    assert {name: alert.get(name) for name in told} == told
    assert alert["fired_at"] < alert["resolved_at"]
