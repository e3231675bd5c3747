"""/metrics from a ready snapshot: never a query, never a wait. And the ops listener: /metrics, /healthz, /readyz.

The exposition of a snapshot is rendered once and served until a newer snapshot is there; only the sources' ages, which
move by the second, are added at each scrape.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest

from dashboards import families
from dashboards.reading.reader import Snapshot

CAP = 4000
Start = Callable[..., Any]


def _metric(family: families.Family) -> GaugeMetricFamily:
    metric = GaugeMetricFamily(family.name, family.help, labels=family.labels)
    for labels, value in family.samples:
        metric.add_metric(labels, value)
    return metric


class Collector:
    """A prometheus_client collector over families; ``describe`` does no work."""

    def __init__(self, found: Callable[[], Iterable[families.Family]]) -> None:
        self._found = found

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        return (_metric(family) for family in self._found())


def _render(found: Callable[[], Iterable[families.Family]]) -> bytes:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector(found))
    return generate_latest(registry)


class Exporter:
    """The exposition of the snapshot that ``snapshots`` hands out. ``now``: the door's clock, for the sources' ages;
    without one the ages stand at the snapshot's as-of. ``cap``: the most series of results."""

    def __init__(
        self, snapshots: Callable[[], Snapshot], now: Callable[[], datetime] | None = None, cap: int = CAP
    ) -> None:
        self._snapshots, self._now, self._cap = snapshots, now, cap
        self._lock = threading.Lock()
        self._rendered: tuple[Snapshot, bytes] | None = None

    def text(self) -> bytes:
        """The whole exposition, in Prometheus' plain text format."""
        snapshot = self._snapshots()
        return self._fixed(snapshot) + self._ages(snapshot)

    def _fixed(self, snapshot: Snapshot) -> bytes:
        if self._rendered is None or self._rendered[0] is not snapshot:
            self._render_once(snapshot)
        assert self._rendered is not None
        return self._rendered[1]

    def _render_once(self, snapshot: Snapshot) -> None:
        """Renders a newer snapshot. While another thread is at it the last text is served: a scrape never waits."""
        if self._lock.acquire(blocking=self._rendered is None):
            try:
                if self._rendered is None or self._rendered[0] is not snapshot:
                    self._rendered = (snapshot, _render(lambda: families.everything(snapshot, self._cap)))
            finally:
                self._lock.release()

    def _ages(self, snapshot: Snapshot) -> bytes:
        moment = self._now() if self._now else snapshot.as_of
        if moment is None or not snapshot.sources:
            return b""
        return _render(lambda: [families.ages(snapshot, moment)])

    def ready(self) -> str | None:
        """None once there is an evaluation to serve, else what is missing."""
        return None if self._snapshots().as_of is not None else "no evaluation yet: the sources are being read"


def ops_app(exporter: Exporter, healthy: Callable[[], str | None] = lambda: None) -> Callable[..., list[bytes]]:
    """The WSGI app of the ops listener. ``healthy`` gives None, or the words of what is wrong (503)."""

    def plain(problem: str | None) -> tuple[str, str, bytes]:
        return (
            ("200 OK" if problem is None else "503 Service Unavailable"),
            "text/plain; charset=utf-8",
            ((problem or "ok") + "\n").encode(),
        )

    def answer(path: str) -> tuple[str, str, bytes]:
        if path == "/metrics":
            return "200 OK", CONTENT_TYPE_PLAIN_0_0_4, exporter.text()
        if path == "/healthz":
            return plain(healthy())
        if path == "/readyz":
            return plain(healthy() or exporter.ready())
        return "404 Not Found", "text/plain; charset=utf-8", b"here are /metrics, /healthz and /readyz\n"

    def app(environ: dict[str, Any], start_response: Start) -> list[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            status, kind, body = "405 Method Not Allowed", "text/plain; charset=utf-8", b"GET only\n"
        else:
            status, kind, body = answer(environ["PATH_INFO"])
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    return app
