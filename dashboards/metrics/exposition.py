"""Families as text: the formats a scraper may ask for, and the bytes of one snapshot, ready before they are asked for.

Three parts follow one another: the results (written anew with each evaluation), the product's own (with each look at
the sources) and what moves by the clock (at each scrape: a few lines). gzip goes on from where the results ended.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, choose_encoder, generate_latest

from dashboards.metrics import everything, product
from dashboards.metrics.bundle import Given, capped
from dashboards.metrics.family import Family
from dashboards.reading.reader import Snapshot

Encode = Callable[[CollectorRegistry], bytes]
EOF = b"# EOF\n"
_GZIP, _LEVEL = 31, 1
"""zlib's word for a gzip member; the quickest level: a scraper is near, and the text shrinks tenfold all the same."""


def negotiated(accept: str | None) -> tuple[Encode, str]:
    """The encoder and the content type for an Accept header, as prometheus_client chooses; the plain text where the
    header cannot be read."""
    try:
        return choose_encoder(accept or "")
    except (TypeError, ValueError):
        return generate_latest, CONTENT_TYPE_PLAIN_0_0_4


def format_of(content_type: str) -> str:
    """What tells two texts apart: the media type and how names are escaped, not the version that was asked for."""
    parts = [part.strip() for part in content_type.split(";")]
    return ";".join([parts[0], *(part for part in parts if part.startswith("escaping="))])


def metric(family: Family) -> Metric:
    """A family as prometheus_client has it."""
    spec, made = family.spec, _empty(family)
    for values, number in family.samples.items():
        labels = dict(zip(spec.labels, values, strict=True))
        made.add_sample(spec.name, labels, number)
    return made


def _empty(family: Family) -> Metric:
    spec = family.spec
    if spec.kind == "counter":
        return CounterMetricFamily(spec.name, spec.words)
    if spec.kind == "info":
        return InfoMetricFamily(spec.name.removesuffix("_info"), spec.words)
    return GaugeMetricFamily(spec.name, spec.words, unit=spec.unit)


class _Collected:
    """A prometheus_client collector over families; ``describe`` does no work."""

    def __init__(self, families: Iterable[Family]) -> None:
        self._families = families

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        return (metric(family) for family in self._families)


def written(encode: Encode, families: Iterable[Family], last: bool = False) -> bytes:
    """Families in a format. ``last``: nothing follows, so OpenMetrics may end."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collected(families))
    text = encode(registry)
    return text if last else text.removesuffix(EOF)


@dataclass(frozen=True)
class _Ready:
    """The text of one snapshot in one format. ``of`` are the parts of the snapshot that the results stand on."""

    snapshot: Snapshot
    of: tuple[Any, ...]
    given: Given
    results: bytes
    own: bytes
    packed: bytes
    packer: Any
    """A gzip compressor that has read the results; it is copied, never used."""


class Text:
    """One format's text, of the newest snapshot. ``encode`` writes it."""

    def __init__(self, encode: Encode, cap: int) -> None:
        self._encode, self._cap = encode, cap
        self._lock = threading.Lock()
        self._ready: _Ready | None = None

    def prepare(self, snapshot: Snapshot) -> Given:
        """Writes a newer snapshot; what the cap left of it. While another thread is at it the last text stays: a scrape
        waits only where that would tell of no evaluation."""
        ready = self._ready
        nothing = ready is None or ready.snapshot.as_of is None
        if (ready is None or ready.snapshot is not snapshot) and self._lock.acquire(blocking=nothing):
            try:
                if self._ready is None or self._ready.snapshot is not snapshot:
                    self._ready = self._write(snapshot)
            finally:
                self._lock.release()
        assert self._ready is not None
        return self._ready.given

    def _write(self, snapshot: Snapshot) -> _Ready:
        last, of = self._ready, (snapshot.results, snapshot.watch, snapshot.assets)
        if last is not None and all(one is other for one, other in zip(last.of, of, strict=True)):
            given, results, packed, packer = last.given, last.results, last.packed, last.packer
        else:
            given = capped(everything.bundles(snapshot), self._cap)
            results = written(self._encode, given.families)
            packer = zlib.compressobj(_LEVEL, wbits=_GZIP)
            packed = packer.compress(results) + packer.flush(zlib.Z_SYNC_FLUSH)
        own = written(self._encode, product.fixed(snapshot, self._cap, given.dropped))
        return _Ready(snapshot, of, given, results, own, packed, packer)

    def body(self, now: Any, gzip: bool) -> bytes:
        """The whole exposition at a moment. Results of a stale evaluation are left out."""
        ready = self._ready
        assert ready is not None
        end = ready.own + written(self._encode, product.moving(ready.snapshot, now), last=True)
        whole = not product.stale(ready.snapshot, now)
        if not gzip:
            return (ready.results if whole else b"") + end
        head, packer = (ready.packed, ready.packer.copy()) if whole else (b"", zlib.compressobj(_LEVEL, wbits=_GZIP))
        return head + packer.compress(end) + packer.flush()
