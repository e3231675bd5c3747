"""Prometheus (or what speaks its API: Thanos, Mimir, VictoriaMetrics): query_range as an SLI's good and total events.

Time is cut into steps aligned to the epoch. One complete step gives one reading ``good`` and one ``total``: what the
expressions say at the step's end. A gap, NaN or an infinity gives no reading: what was not observed is unknown, not
zero. ``increase()`` extrapolates to the step's edges, so readings of a sparse counter are close, not exact.
A time slice is one event: good where its figure keeps a bound, or as good as its share says.
"""

from __future__ import annotations

import logging
import math
import operator
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from pydantic import Field, model_validator

from collectors.base import Enumerated, Finding, Period, Raw, Source
from collectors.credentials import Credentials
from collectors.http import Http
from collectors.prometheus.services import Measured, Probe, Sli, Slices, seconds
from collectors.spans import Span
from slo.errors import RetriableError, SourceError

log = logging.getLogger(__name__)

MOST_POINTS = 11_000
"""Points a series that Prometheus gives in one answer."""
_ROUNDING = 1e-9
"""Relative; so far may ``good`` lie above ``total`` by the rounding of sums before it is more than a rounding."""
_REMEDY = "Give this account (or the proxy's rule for it) GET on /api/v1/query_range and /api/v1/query."
_KEEPS = {"lte": operator.le, "lt": operator.lt, "gte": operator.ge, "gt": operator.gt}
_TOLD = ("tier", "team", "domain", "owner", "description", "critical")


class PrometheusSettings(Credentials):
    url: str = Field(description="Prometheus's address, such as http://prometheus:9090.")
    slis: list[Sli] = Field(default=[], description="Services by two expressions.")
    probes: list[Probe] = Field(default=[], description="Services by a metric of zeros and ones.")
    slices: list[Slices] = Field(default=[], description="Services by time slices that are good or bad as a whole.")
    step: Span = Field(default=timedelta(minutes=5), ge=timedelta(seconds=1), description="How long one reading is.")
    lag: Span = Field(default=timedelta(minutes=2), description="A step is read once it ended so long ago: scrapes and "
                      "recording rules come late.")  # fmt: skip

    @property
    def services(self) -> list[Measured]:
        return [*self.slis, *self.probes, *self.slices]

    @model_validator(mode="after")
    def _named_once(self) -> PrometheusSettings:
        names = [one.service for one in self.services]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(
                f"slis, probes and slices: {', '.join(twice)} stands there twice; give every service its own name"
            )
        return self


class Prometheus(Source):
    plugin = "prometheus"
    title = "Prometheus"
    family = "metrics"
    tells = {"asset": ("kind", *_TOLD), "meter": ("good", "total")}
    settle = timedelta(minutes=2)
    chunk = timedelta(days=7)
    requests_per_second = 10
    tested = "Prometheus 2.42.0, run live"
    grants = "GET /api/v1/query_range, /api/v1/query and /api/v1/status/buildinfo."
    probes = {"/api/v1/status/buildinfo": "success"}
    Settings = PrometheusSettings
    settings: PrometheusSettings

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        if period.latest:
            yield from (Raw("service", service.model_dump()) for service in self.settings.services)
            yield Enumerated("asset", frozenset(self.asset(one.service) for one in self.settings.services))
        http = self._http()
        for service in self.settings.services:
            step = service.step or self.settings.step
            first, last = self._grid(period, step)
            for start in range(first, last + 1, MOST_POINTS * seconds(step)):
                end = min(last, start + (MOST_POINTS - 1) * seconds(step))
                yield self._readings(http, service, step, start, end)

    def _grid(self, period: Period, step: timedelta) -> tuple[int, int]:
        """First and last end of a step to read: of the steps that begin in the period those that are complete. An
        incremental period reaches back to those the last pass found incomplete."""
        size, lag = seconds(step), self.settings.lag
        begin = period.start - step - lag if period.incremental else period.start
        first = math.ceil(begin.timestamp() / size) * size
        last = (math.ceil(period.end.timestamp() / size) - 1) * size
        complete = math.floor((self.now() - lag).timestamp() / size) * size
        return first + size, min(last + size, complete)

    def _readings(self, http: Http, service: Measured, step: timedelta, start: int, end: int) -> Raw:
        """Both expressions at the steps' ends, from ``start`` to ``end`` (seconds of the epoch), both included."""
        series, partial = {}, False
        expressions = service.expressions(step)
        for meter, expression in expressions.items():
            place = f"{self.settings.url}: {meter} of {service.service}"
            query = {"query": expression, "start": start, "end": end, "step": seconds(step)}
            answer = _query(http, "/api/v1/query_range", query, place)
            partial = partial or bool(answer.get("warnings") or answer.get("isPartial"))
            series[meter] = _one_series(answer["data"]["result"], place)
        context = {"service": service.service, "step": seconds(step), "partial": partial, "expressions": expressions}
        if isinstance(service, Slices):
            context["bound"] = None if service.op is None else [service.op, service.value]
        return Raw("readings", series, context)

    def parse(self, raw: Raw) -> Iterator[dict[str, Any]]:
        if raw.kind == "service":
            told = {name: raw.data[name] for name in _TOLD}
            yield {"fact": "asset", "asset": self.asset(raw.data["service"]), "kind": "service", **told}
            return
        if "slice" in raw.data:
            yield from self._slices(raw)
            return
        good, total = (_numbers(raw.data[meter]) for meter in ("good", "total"))
        for end, amount in good.items():
            within = amount <= total.get(end, amount) * (1 + _ROUNDING)
            yield self._reading(raw, "good", end, min(amount, total.get(end, amount)) if within else amount)
        for end, amount in total.items():
            yield self._reading(raw, "total", end, amount)

    def _slices(self, raw: Raw) -> Iterator[dict[str, Any]]:
        """One event a slice. NaN is no figure: nothing was there to be judged."""
        bound = raw.context["bound"]
        for at, text in raw.data["slice"]:
            figure = float(text)
            if not math.isnan(figure) and (bound or math.isfinite(figure)):
                good = float(_KEEPS[bound[0]](figure, bound[1])) if bound else _share(figure)
                yield self._reading(raw, "good", round(at), good)
                yield self._reading(raw, "total", round(at), 1.0)

    def _reading(self, raw: Raw, meter: str, end: int, amount: float) -> dict[str, Any]:
        service, at = raw.context["service"], _text(end - raw.context["step"])
        expressions = raw.context["expressions"]
        return {
            "fact": "meter", "id": f"{service}/{at}/{meter}", "asset": self.asset(service), "meter": meter,
            "amount": amount, "at": at, "until": _text(end), "provisional": True if raw.context["partial"] else None,
            "url": self._graph(expressions.get(meter) or expressions["slice"], end),
        }  # fmt: skip

    def _graph(self, expression: str, end: int) -> str:
        """The expression in Prometheus's own page, in the hour up to the reading."""
        shown = datetime.fromtimestamp(end, UTC).strftime("%Y-%m-%d %H:%M:%S")
        query = {"g0.expr": expression, "g0.tab": 0, "g0.range_input": "1h", "g0.end_input": shown}
        return f"{self.settings.url.rstrip('/')}/graph?{urlencode(query)}"

    def _http(self) -> Http:
        return self.settings.http(self.settings.url, _REMEDY, self.rate)

    def check(self) -> list[Finding]:
        try:
            build = self._http().get("/api/v1/status/buildinfo")
        except SourceError as error:
            return [Finding(False, "connection", str(error))]
        version = build.get("data", {}).get("version", "of unknown version")
        works = Finding(True, f"connection: Prometheus {version}")
        return [works, *(self._check(one) for one in self.settings.services)]

    def _check(self, service: Measured) -> Finding:
        """Whether both expressions give one series now."""
        for meter, expression in service.expressions(service.step or self.settings.step).items():
            what = f"{meter} of {service.service}"
            try:
                answer = _query(self._http(), "/api/v1/query", {"query": expression}, what)
                found = _one_series(answer["data"]["result"], what, "value")
            except SourceError as error:
                return Finding(False, what, str(error))
            if not found:
                return Finding(False, f"{what}: no series now", f"Does Prometheus scrape it? Try: {expression}")
        return Finding(True, f"{service.service}: one series for each expression")


def _query(http: Http, path: str, query: Mapping[str, Any], place: str) -> dict[str, Any]:
    """A successful answer. Raises SourceError in Prometheus's own words, RetriableError where it may pass."""
    try:
        answer = http.get(path, query)
    except RetriableError:
        raise
    except SourceError as error:
        raise type(error)(f"{place}: {error} The expression was: {query['query']}") from None
    if not isinstance(answer, dict) or answer.get("status") != "success":
        raise RetriableError(f"{place}: the answer is no success: {str(answer)[:200]}")
    for warning in answer.get("warnings") or []:
        log.warning("%s: %s; its readings are provisional", place, warning)
    return answer


def _one_series(result: list[dict[str, Any]], place: str, key: str = "values") -> list[Any]:
    """The points of the one series of an answer; none where there is no series."""
    if len(result) > 1:
        labels = " and ".join(str(series.get("metric")) for series in result[:2])
        raise SourceError(f"{place}: the expression gives {len(result)} series ({labels} ...); wrap it in sum(...)")
    if result and key not in result[0]:
        raise SourceError(f"{place}: the expression gives a native histogram; count it with histogram_count(...)")
    return list(result[0][key]) if result else []


def _numbers(points: list[Any]) -> dict[int, float]:
    """Second of the epoch -> amount, of the points that hold a count."""
    pairs = ((round(at), float(text)) for at, text in points)
    return {at: amount for at, amount in pairs if math.isfinite(amount) and amount >= 0}


def _share(figure: float) -> float:
    """A share of a slice; so little beyond 0 or 1 is a rounding, and what lies further is told as it is."""
    near = min(max(figure, 0.0), 1.0)
    return near if abs(figure - near) <= _ROUNDING else figure


def _text(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
