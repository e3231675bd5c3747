"""/metrics from a ready snapshot: never a query, never a wait. And the ops listener: /metrics, /healthz, /readyz."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from prometheus_client.exposition import gzip_accepted

from dashboards.metrics.bundle import CAP, Given
from dashboards.metrics.exposition import Text, format_of, negotiated
from dashboards.reading.reader import Snapshot

Start = Callable[..., Any]


class Exporter:
    """The exposition of the snapshot that ``snapshots`` hands out. ``now``: the door's clock, for what moves by it;
    without one the ages stand at the snapshot's as-of. ``cap``: the most series of results; ``say`` is told what
    is left out by it."""

    def __init__(
        self, snapshots: Callable[[], Snapshot], now: Callable[[], datetime] | None = None, cap: int = CAP,
        say: Callable[[str], object] = lambda words: None,
    ) -> None:  # fmt: skip
        self._snapshots, self._now, self._cap, self._say = snapshots, now, cap, say
        self._texts: dict[str, Text] = {}
        self._said = set[str]()

    def prepare(self) -> None:
        """Writes the newest snapshot in every format that was asked for, before anybody scrapes it."""
        snapshot = self._snapshots()
        for text in list(self._texts.values()) or [self._text(None)[0]]:
            self._told(text.prepare(snapshot))

    def answer(self, accept: str | None = None, encodings: str | None = None) -> tuple[dict[str, str], bytes]:
        """Headers and body for a request's Accept and Accept-Encoding."""
        text, content_type = self._text(accept)
        self._told(text.prepare(self._snapshots()))
        gzip = gzip_accepted(encodings or "")
        headers = {"Content-Type": content_type, "Vary": "Accept, Accept-Encoding"}
        if gzip:
            headers["Content-Encoding"] = "gzip"
        return headers, text.body(self._now() if self._now else None, gzip)

    def text(self, accept: str | None = None) -> bytes:
        """The whole exposition; Prometheus' plain text where nothing else is asked for."""
        return self.answer(accept)[1]

    def _text(self, accept: str | None) -> tuple[Text, str]:
        encode, content_type = negotiated(accept)
        return self._texts.setdefault(format_of(content_type), Text(encode, self._cap)), content_type

    def _told(self, given: Given) -> None:
        """Says once what is left out, and again when more is, or when that happens anew."""
        if not set(given.names) <= self._said:
            self._say(
                f"/metrics: {given.dropped} series above the cap of {self._cap} are left out, what did not fit and all "
                f"after it: {', '.join(given.names)}; raise ops.metrics.cap, "
                "or name fewer KPIs under ops.metrics.assets"
            )
            self._said.update(given.names)
        if not given.names:
            self._said.clear()

    def ready(self) -> str | None:
        """None once there is an evaluation to serve, else what is missing."""
        return None if self._snapshots().as_of is not None else "no evaluation yet: the sources are being read"


def ops_app(exporter: Exporter, healthy: Callable[[], str | None] = lambda: None) -> Callable[..., list[bytes]]:
    """The WSGI app of the ops listener. ``healthy`` gives None, or the words of what is wrong (503)."""

    def plain(status: str, words: str) -> tuple[str, dict[str, str], bytes]:
        return status, {"Content-Type": "text/plain; charset=utf-8"}, (words + "\n").encode()

    def health(problem: str | None) -> tuple[str, dict[str, str], bytes]:
        return plain("200 OK" if problem is None else "503 Service Unavailable", problem or "ok")

    def answer(environ: dict[str, Any]) -> tuple[str, dict[str, str], bytes]:
        path = environ["PATH_INFO"]
        if path == "/metrics":
            return "200 OK", *exporter.answer(environ.get("HTTP_ACCEPT"), environ.get("HTTP_ACCEPT_ENCODING"))
        if path == "/healthz":
            return health(healthy())
        if path == "/readyz":
            return health(healthy() or exporter.ready())
        return plain("404 Not Found", "here are /metrics, /healthz and /readyz")

    def app(environ: dict[str, Any], start_response: Start) -> list[bytes]:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            status, headers, body = plain("405 Method Not Allowed", "GET only")
        else:
            status, headers, body = answer(environ)
        start_response(status, [*headers.items(), ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    return app
