"""Past days in OpenMetrics with explicit timestamps, as ``promtool tsdb create-blocks-from openmetrics`` takes them in:
a family after the other, in it a series after the other, its samples by time.

The families are those of /metrics. Those of one KPI are written as soon as it is through; what several KPIs share (the
counts behind them, budgets) is gathered and written last.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from prometheus_client.openmetrics.exposition import generate_latest

from dashboards.metrics import counts, values, verdicts
from dashboards.metrics.exposition import EOF, written
from dashboards.metrics.family import Family, Labels, Shelf, Spec
from dashboards.metrics.results import dimension

Line = tuple[datetime, Mapping[str, Any]]
"""The end of a day, and a result of it."""
DAY = timedelta(days=1)
STEPS = {"1d": DAY, "1h": timedelta(hours=1)}


@dataclass
class Samples:
    """One series: its times in Unix seconds, and its values."""

    times: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))

    def add(self, at: datetime, value: float) -> None:
        self.times.append(int(at.timestamp()))
        self.values.append(value)


class _Book:
    """Series by family, in the order in which they are first met."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Spec, dict[Labels, Samples]]] = {}

    def add(self, at: datetime, families: Iterable[Family]) -> None:
        for family in families:
            _, series = self._kept.setdefault(family.spec.name, (family.spec, {}))
            for labels, value in family.samples.items():
                series.setdefault(labels, Samples()).add(at, value)

    def __iter__(self) -> Iterator[tuple[Spec, dict[Labels, Samples]]]:
        return iter(self._kept.values())


@dataclass(frozen=True)
class Manner:
    """How samples are written. ``step``: between two samples; one shorter than a day repeats the day's value until the
    next day ends, at most until ``now``. ``labels``: what a scrape would have added."""

    now: datetime
    step: timedelta = DAY
    labels: Mapping[str, str] = field(default_factory=dict)


def written_days(kpis: Iterable[Iterable[Line]], manner: Manner) -> Iterator[str]:
    """The whole text in pieces, of each KPI's lines by day. Ends with # EOF."""
    shared = _Book()
    for lines in kpis:
        own = _Book()
        for at, one in lines:
            own.add(at, _values(one))
            shared.add(at, _shared(one))
        yield from _families(own, manner)
    yield from _families(shared, manner)
    yield EOF.decode()


def _values(one: Mapping[str, Any]) -> list[Family]:
    shelf = Shelf()
    values.fill(shelf, dimension(one) or "", [(one["window"]["name"], one)])
    return shelf.families()


def _shared(one: Mapping[str, Any]) -> list[Family]:
    shelf, part = Shelf(), [(one["window"]["name"], one)]
    verdicts.budgets(shelf, part)
    counts.fill(shelf, dimension(one) or "", part)
    return shelf.families()


def _families(book: _Book, manner: Manner) -> Iterator[str]:
    for spec, series in book:
        spec = replace(spec, labels=(*spec.labels, *manner.labels))
        yield written(generate_latest, [Family(spec)]).decode()
        for labels, samples in series.items():
            name = _name(spec, (*labels, *manner.labels.values()))
            yield "".join(f"{name} {value} {at}\n" for at, value in _points(samples, manner))


def _name(spec: Spec, labels: Labels) -> str:
    """A series' name with its labels, escaped by the client's own hand."""
    text = written(generate_latest, [Family(spec, {labels: 0.0})]).decode()
    return text.removesuffix("\n").rpartition("\n")[2].rpartition(" ")[0]


def _points(samples: Samples, manner: Manner) -> Iterator[tuple[int, str]]:
    step, last = int(manner.step.total_seconds()), int(manner.now.timestamp())
    ends = [*samples.times[1:], last]
    for at, value, following in zip(samples.times, samples.values, ends, strict=True):
        text = repr(value)
        yield at, text
        if manner.step < DAY:
            until = min(following, at + int(DAY.total_seconds()), last)
            yield from ((moment, text) for moment in range(at + step, until, step))
