"""The figures of a merged state: every KPI of a measure is read the same way, unless it says otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from slo.evidence.scopes import speaks_of
from slo.kpi import Figures, Kpi, Reading
from slo.measure import Count, Distinct, Quotient, Ratio, Samples, Score, State
from slo.windows import elapsed_days


def read(kpi: Kpi, reading: Reading) -> Figures:
    """The value of a reading and its parts, as the KPI's measure is read."""
    figures: Figures = _READERS[kpi.measure](kpi, reading)
    return figures


def _ratio(kpi: Kpi, reading: Reading) -> Figures:
    state: Ratio = reading.state
    value = (state.bad if kpi.complement else state.good) / state.total if state.total else None
    scale = kpi.scale
    parts = {
        "good": shown(state.good, scale), "bad": shown(state.bad, scale), "unknown": shown(state.unknown, scale),
        "excluded": shown(state.excluded_total, scale), "as_felt": _read(kpi, state.as_felt()),
        "ours": _read(kpi, state.ours()) | {"others": _others(kpi, state)},
    }  # fmt: skip
    kept = scale if kpi.amounts else 1
    good, bad = shown(state.good, kept), shown(state.bad, kept)
    return Figures(value, shown(state.total, scale), parts, good, bad, state.coverage, counts=True)


def _read(kpi: Kpi, state: Ratio) -> dict[str, Any]:
    """A ratio read another way (as felt: others' faults put back; ours: what others answer for left out)."""
    scale = kpi.scale
    value = (state.bad if kpi.complement else state.good) / state.total if state.total else None
    return {"value": value, "good": shown(state.good, scale), "bad": shown(state.bad, scale)}


def _others(kpi: Kpi, state: Ratio) -> list[dict[str, Any]]:
    """Who else answers for a part of good and bad, and for how much."""
    scale = kpi.scale
    return [
        {"responsible": name, "good": shown(good, scale), "bad": shown(bad, scale)}
        for name, (good, bad) in sorted(state.others.items())
    ]


def shown(amount: int, scale: int) -> int | float:
    """Microseconds as seconds, whole where they are whole."""
    return amount // scale if amount % scale == 0 else amount / scale


def _samples(kpi: Kpi, reading: Reading) -> Figures:
    state: Samples = reading.state
    parts = {
        "n": state.n, "mean": state.mean, "median": state.quantile(0.5), "p90": state.quantile(0.9),
        "p95": state.quantile(0.95), "excluded": sum(state.excluded.values()),
    }  # fmt: skip
    return Figures(parts[kpi.pick], state.n, parts, coverage=1.0 if state.n else None)


def _quotient(kpi: Kpi, reading: Reading) -> Figures:
    state: Quotient = reading.state
    parts = {
        "numerator": None if state.numerator is None else float(state.numerator),
        "denominator": None if state.denominator is None else float(state.denominator),
    }
    value = None if state.value is None else float(state.value)
    return Figures(value, 0 if value is None else 1, parts, coverage=None if value is None else 1.0)


_PERIOD = {"per_week": timedelta(days=7), "per_month": timedelta(days=30), "hours_per_week": timedelta(days=7)}


def _count(kpi: Kpi, reading: Reading) -> Figures:
    state: Count = reading.state
    told = state.n > 0 or seen_whole(kpi, reading)
    total = float(state.total)
    days = elapsed_days(reading.window, reading.view.as_of)
    period = _PERIOD.get(kpi.unit)
    rate = total if period is None else (total * period.days / days if days else None)
    parts = {"sum": (int(total) if total == int(total) else total) if told else None, "n": state.n}
    return Figures(rate if told else None, state.n, parts, coverage=1.0 if told else None)


def seen_whole(kpi: Kpi, reading: Reading) -> bool:
    """Whether a source that tells this kind of fact, and of such a scope, was seen for the whole window: only then is
    nothing nought."""
    return seen_by(kpi.witnesses(reading.view), kpi.witness or kpi.facts[0], reading)


def seen_by(sources: Iterable[str], evidence: str, reading: Reading) -> bool:
    """Whether any of the sources was seen for a kind of fact ("entry.toil") in the whole window, up to as-of, and its
    facts can speak of the scope."""
    kind = evidence.partition(".")[0]
    if reading.scope is not None:
        sources = [one for one in sources if speaks_of(reading.view, one, evidence, reading.scope)]
    start, end = reading.window.start, min(reading.window.end, reading.view.as_of)
    for source in sources:
        if any(first <= start and end <= last for first, last in reading.view.observed(source, kind)):
            return start < end
    return False


def _distinct(kpi: Kpi, reading: Reading) -> Figures:
    state: Distinct = reading.state
    told = bool(state.keys) or seen_whole(kpi, reading)
    size = len(state.keys)
    parts = {"sum": size if told else None, "n": size}
    return Figures(float(size) if told else None, size, parts, coverage=1.0 if told else None)


def _score(kpi: Kpi, reading: Reading) -> Figures:
    state: Score = reading.state
    parts = {"n": state.n, "mean": state.mean, "promoters": state.promoters, "detractors": state.detractors}
    return Figures(state.mean, state.n, parts, coverage=1.0 if state.n else None)


_READERS: dict[type[State], Any] = {
    Ratio: _ratio, Samples: _samples, Quotient: _quotient, Count: _count, Distinct: _distinct, Score: _score,
}  # fmt: skip
