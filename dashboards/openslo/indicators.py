"""An SLI with its budgeting method as an entry of Tierline's source of type prometheus: good and total events of a step
(``slis``), or time slices (``slices``)."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dashboards.openslo import queries
from dashboards.openslo.documents import Part
from dashboards.openslo.losses import Refused
from dashboards.openslo.queries import Query
from dashboards.openslo.windows import duration

Changed = Callable[[str, Any, str], None]
METHODS = ("Occurrences", "Timeslices", "RatioTimeslices")
_EQUAL = "a ratio has no counts: every step weighs the same, whatever its traffic"
_RANGES = "names several ranges; give each query one, or {{.window}}"


@dataclass(frozen=True)
class Source:
    """Where a query runs: the DataSource's name, and the query."""

    name: str
    query: str
    path: str


Sources = Callable[[Part], Source]
"""A metricSource's place and query. Raises Refused."""


@dataclass(frozen=True)
class Measured:
    """An entry of ``slis`` or ``slices``, without its name."""

    source: str
    group: str
    told: dict[str, Any]


class Indicator:
    """One SLI, read for one objective."""

    def __init__(self, spec: Part, objective: Part, method: str, sources: Sources, changed: Changed) -> None:
        self._spec, self._objective, self._method = spec, objective, method
        self._sources, self._changed = sources, changed

    def measured(self) -> Measured:
        """Raises Refused where it cannot be told so."""
        if self._spec.has("thresholdMetric"):
            return self._threshold(self._spec.part("thresholdMetric"))
        if not self._spec.has("ratioMetric"):
            raise Refused(self._spec.path, None, "has neither a ratioMetric nor a thresholdMetric")
        ratio = self._spec.part("ratioMetric")
        return self._raw(ratio) if ratio.has("raw") else self._ratio(ratio)

    def _query(self, metric: Part) -> Source:
        return self._sources(metric.part("metricSource"))

    def _ratio(self, ratio: Part) -> Measured:
        side = "good" if ratio.has("good") else "bad"
        if not ratio.has(side) or not ratio.has("total"):
            raise Refused(ratio.path, None, "needs good and total, bad and total, or raw")
        part, whole = self._query(ratio.part(side)), self._query(ratio.part("total"))
        if part.name != whole.name:
            raise Refused(ratio.at("total"), whole.name, f"{side} is of another source, {part.name}")
        counter = bool(ratio.value("counter"))
        alike = queries.simple(part.query) and queries.simple(whole.query)
        own, total = self._events(part, counter, alike), self._events(whole, counter, alike)
        steps = {own.step, total.step} - {None}
        if len(steps) > 1:
            raise Refused(whole.path, whole.query, f"counts over {total.step}, and {side} over {own.step}")
        if side == "bad":
            self._changed(part.path, part.query, "where total is there, an absent series of bad ones is read as none")
        step = own.step or total.step
        if self._method == "Occurrences":
            good = own.text if side == "good" else queries.good_of_bad(own.text, total.text)
            return Measured(part.name, "slis", {"good": good, "total": total.text, **_step(step)})
        share = queries.good_share if side == "good" else queries.share_of_bad
        return self._sliced(part.name, share(own.text, total.text), step, part.path)

    def _events(self, told: Source, counter: bool, by_series: bool) -> Query:
        found = queries.events(told.query, counter, by_series)
        if found is None:
            raise Refused(told.path, told.query, _RANGES)
        if found.changed:
            self._changed(told.path, told.query, found.changed)
        return found

    def _figure(self, told: Source) -> Query:
        found = queries.spanned(told.query)
        if found is None:
            raise Refused(told.path, told.query, _RANGES)
        return found

    def _raw(self, ratio: Part) -> Measured:
        told, kind = self._query(ratio.part("raw")), ratio.value("rawType")
        ratio.value("counter")  # has no effect beside raw
        if kind not in ("success", "failure"):
            raise Refused(ratio.at("rawType"), kind, "raw needs a rawType, success or failure")
        figure = self._figure(told)
        text = figure.text if figure.ranged else queries.mean(figure.text)
        text = text if kind == "success" else f"1 - ({text})"
        if self._method == "Occurrences":
            self._changed(told.path, told.query, _EQUAL)
            return Measured(told.name, "slices", {"expression": text, **_step(figure.step)})
        return self._sliced(told.name, text, figure.step, told.path)

    def _threshold(self, threshold: Part) -> Measured:
        told, objective = self._query(threshold), self._objective
        op, value = objective.value("op"), objective.value("value")
        if op not in tuple(queries.SIGNS) or not _number(value):
            raise Refused(objective.at("op"), op, "a thresholdMetric needs op (lte, lt, gte, gt) and value")
        figure = self._figure(told)
        if self._method == "Occurrences":
            self._changed(told.path, told.query, "every moment of the source's resolution counts as one event")
            good, total = queries.moments(figure.text, op, value)
            return Measured(told.name, "slis", {"good": good, "total": total, **_step(figure.step)})
        if figure.ranged and self._method == "Timeslices":
            part, least = self._slice(told.path, figure.step), objective.value("timeSliceTarget")
            self._changed(objective.at("timeSliceTarget"), least, "the query gives one figure a slice, which is judged")
            return Measured(told.name, "slices", {"expression": figure.text, "op": op, "value": value, "step": part})
        return self._sliced(told.name, queries.share_of_time(figure.text, op, value), figure.step, told.path)

    def _sliced(self, source: str, share: str, step: str | None, path: str) -> Measured:
        """Slices by the good share of each: judged against timeSliceTarget, or taken as it is."""
        told: dict[str, Any] = {"expression": share}
        if self._method == "Timeslices":
            least = self._objective.value("timeSliceTarget")
            if not _number(least) or not 0 < least <= 1:
                raise Refused(self._objective.at("timeSliceTarget"), least, "is needed: a share over 0 and up to 1")
            told |= {"op": "gte", "value": least}
        return Measured(source, "slices", {**told, "step": self._slice(path, step)})

    def _slice(self, path: str, named: str | None) -> str:
        """How long a slice is. Raises Refused where the query speaks of another length."""
        told = self._objective.value("timeSliceWindow")
        whole = isinstance(told, int) and not isinstance(told, bool)
        found = duration(f"{told}m" if whole else told)
        if found is None or found[1] not in "mhd":
            raise Refused(self._objective.at("timeSliceWindow"), told, "is needed: a length such as 1m, 10m, 1h")
        text = f"{found[0]}{found[1]}"
        if named not in (None, text):
            why = f"the query counts over {named}, a slice is {text}; write {{{{.window}}}} in the query"
            raise Refused(path, named, why)
        return text


def _number(told: Any) -> bool:
    """Whether it is a number that a float holds."""
    return isinstance(told, int | float) and not isinstance(told, bool) and abs(told) <= sys.float_info.max


def _step(step: str | None) -> dict[str, str]:
    return {} if step is None else {"step": step}
