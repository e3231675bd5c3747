"""A scrape at 10,000 series over HTTP, as Prometheus asks (OpenMetrics, gzip), while the same process stores facts as
fast as it can and takes a newer snapshot every 15 seconds, as the service does. Beside it stands the same for
/healthz: what a listener of this process takes to answer anything at all meanwhile."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.store import runs
from dashboards.exporter import Exporter, ops_app
from dashboards.reading.reader import Holder, Snapshot
from slo.store import Store
from tierline.service import LOOK
from tierline.serving.listeners import Listener

SERIES = 10_000
SCRAPES = 200
PAUSE = 0.2
PORT = 18951
GOAL_RATIO = 2.0
"""A scrape may take so many times as long as an answer of three bytes."""
ASKED = {"Accept": "application/openmetrics-text;version=1.0.0", "Accept-Encoding": "gzip"}
_AS_OF = datetime(2026, 11, 20, tzinfo=UTC)


def results(teams: int) -> list[dict[str, Any]]:
    """Results of 15 KPIs in four windows, for the whole, each tier and so many teams."""
    scopes: list[dict[str, Any]] = [{}, *({"tier": tier} for tier in range(4))]
    scopes += [{"team": f"team{number}"} for number in range(teams)]
    return [
        _result(kpi, window, scope)
        for kpi in range(15)
        for window in ("1d", "7d", "28d", "2026-11")
        for scope in scopes
    ]


def _result(kpi: int, window: str, scope: dict[str, Any]) -> dict[str, Any]:
    whole = {"tier": None, "team": None, "domain": None, "asset": None}
    return {
        "kpi": f"kpi_{kpi}", "title": f"KPI {kpi}", "definition": "One sentence.", "metric": f"kpi_{kpi}_ratio",
        "unit": "ratio", "measure": "Ratio", "family": "reliability", "better": "up", "lens": "lagging",
        "scope": {**whole, **scope}, "params": {}, "value": 0.98765, "good": 987, "bad": 12, "unknown": 0,
        "excluded": 3, "coverage": 1.0, "interval": [0.97, 0.99], "status": "met", "caveats": [], "series": [],
        "window": {"name": window, "start": (_AS_OF - timedelta(days=7)).isoformat(), "end": _AS_OF.isoformat()},
        "as_of": _AS_OF.isoformat(), "previous": None,
        "targets": [{
            "profile": "staff_platform", "row": 2, "text": ">= 99.5%", "form": "at_least", "floor": 0.95,
            "stretch": None, "scope": whole, "params": {}, "value": 0.98765, "n": 999, "status": "met",
            "budget": {"allowed": 0.05, "spent": 0.24, "remaining": 0.76, "burn_rate": 0.24, "allowed_events": 50.0},
        }],
    }  # fmt: skip


def snapshot(teams: int) -> Snapshot:
    return Snapshot(as_of=_AS_OF, results=results(teams), evaluated_at=_AS_OF, facts={"run": 1_000_000})


def enough() -> int:
    """How many teams make the series wanted."""
    return next(teams for teams in range(10, 1_000, 10) if _series(text(snapshot(teams))) >= SERIES)


def text(of: Snapshot) -> bytes:
    return Exporter(lambda: of, cap=1_000_000).text()


def _series(text: bytes) -> int:
    return sum(1 for line in text.splitlines() if line and not line.startswith(b"#"))


def _collect(folder: str, stop: threading.Event) -> None:
    with Store(f"sqlite:///{folder}/x.db") as store:
        store.migrate()
        facts = runs(100_000_000)
        while not stop.is_set():
            store.upsert([next(facts) for _ in range(2_000)])


def _evaluate(holder: Holder, exporter: Exporter, teams: int, stop: threading.Event) -> None:
    while not stop.wait(LOOK.total_seconds()):
        holder.replace(snapshot(teams))
        exporter.prepare()


def measure(teams: int) -> tuple[int, list[float], list[float]]:
    """The series of a scrape, and the seconds of each scrape and of each /healthz in between."""
    holder, stop = Holder(snapshot(teams)), threading.Event()
    exporter = Exporter(holder, cap=1_000_000)
    listener = Listener("ops", ops_app(exporter), "127.0.0.1", PORT, 2)
    listener.start()
    with tempfile.TemporaryDirectory() as folder:
        work = [threading.Thread(target=_collect, args=(folder, stop)),
                threading.Thread(target=_evaluate, args=(holder, exporter, teams, stop))]  # fmt: skip
        for thread in work:
            thread.start()
        both = [(_asked(listener.url + "/metrics"), _asked(listener.url + "/healthz")) for _ in range(SCRAPES)]
        stop.set()
        for thread in work:
            thread.join()
    listener.close()
    scrapes, others = (sorted(taken) for taken in zip(*both, strict=True))
    return _series(exporter.text()), scrapes, others


def _asked(url: str) -> float:
    time.sleep(PAUSE)
    began = time.perf_counter()
    with urllib.request.urlopen(urllib.request.Request(url, headers=ASKED)) as answer:
        answer.read()
    return time.perf_counter() - began


def main() -> None:
    series, scrapes, others = measure(enough())
    half, p95, other = (_at(*asked) for asked in ((scrapes, 0.5), (scrapes, 0.95), (others, 0.95)))
    sys.stdout.write(f"{series:,} series, {SCRAPES} scrapes while collecting: median {half * 1000:.1f} ms, ")
    sys.stdout.write(f"p95 {p95 * 1000:.1f} ms; /healthz p95 {other * 1000:.1f} ms: {p95 / other:.2f} times   ")
    sys.stdout.write(f"{GOAL_RATIO:.0f} or less\n")


def _at(taken: list[float], share: float) -> float:
    return taken[int(len(taken) * share)]


if __name__ == "__main__":
    main()
