"""OpenSLO v1 out: every promised floor of a Ratio KPI as an SLO over Tierline's own metrics in Prometheus.

The counts are restated when a late fact comes, so they are gauges that hold a whole window, not counters: a reader
takes the newest sample of good and total, and adds nothing up. What the format cannot say stands in the losses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from dashboards.metrics import alerting, counts
from dashboards.openslo import windows
from dashboards.openslo.alerts import Alerts
from dashboards.openslo.losses import Kind, Ledger, Loss
from dashboards.openslo.promised import Slo
from dashboards.openslo.writing import Document, Way, document, named
from slo.promises.clauses import Clause
from slo.promises.target import Target

SOURCE = "tierline-prometheus"
PLATFORM, DOMAINS = "data-platform", "domain-teams"
_TITLES = {PLATFORM: "Data platform", DOMAINS: "Domain teams"}
_EXACT = {"D": "1d", "M": "month", "1d": "1d", "7d": "7d", "28d": "28d"}
"""Windows of targets that the metrics count for the whole platform, and their label."""
NEWEST = (
    "Both series are gauges that hold the counts of the whole window and are restated by late facts: take their newest "
    "sample, never a sum or a rate over time."
)

_TOTAL, _COVERAGE = counts.COUNTS[""], counts.COVERAGE[""]
_NEVER_SAID = (
    ("unknown, excluded, coverage",
     f"good and total hold what was judged; see {_TOTAL['unknown'].name} and {_COVERAGE.name}"),
    ("restatement, provisional days", "gauges: the newest sample holds"),
)  # fmt: skip


class Giver:
    """Writes promises down. ``lookbacks``: SLO -> the lookbacks in force for it, as the watch holds them."""

    def __init__(self, way: Way, lookbacks: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self._way, self._lookbacks = way, lookbacks
        self._ledger = Ledger()
        self._alerts = Alerts(way, self._ledger)

    def documents(self, slos: Iterable[Slo]) -> list[Document]:
        """Data source and services, then each SLI with its SLO, then what alerts."""
        given = [one for one in slos if self._sayable(one)]
        if not given:
            return []
        details = {"url": self._way.url}
        source = document("DataSource", SOURCE, {"type": "Prometheus", "connectionDetails": details})
        services = dict.fromkeys(map(_service, given))
        named_ones = [document("Service", one, {}, _TITLES.get(one, one)) for one in services]
        pairs = [written for one in given for written in (self._sli(one), self._slo(one))]
        if not self._lookbacks:
            self._lose("every SLO", "spec.alertPolicies", "", "left out", "`tierline evaluate` finds which policy fits")
        for value, instead in _NEVER_SAID:
            self._lose("every SLO", "spec.indicatorRef", value, "left out", instead)
        return [source, *named_ones, *pairs, *self._alerts.documents()]

    def losses(self, others: Iterable[tuple[Target, Clause]] = ()) -> tuple[Loss, ...]:
        """What was lost; ``others``: adopted clauses that are no floor of a share of good events."""
        for target, clause in others:
            parts = (target.kpi, clause.form, clause.figure, clause.floor)
            value = " ".join(str(one) for one in parts if one is not None)
            self._lose(f"{target.profile} {target.row}", "", value, "left out", "bounds no share of good events")
        return tuple(self._ledger)

    def _lose(self, title: str, path: str, value: Any, kind: Kind, instead: str) -> None:
        self._ledger.add(self._way.file, title, path, value, kind, instead)

    def _sayable(self, one: Slo) -> bool:
        if one.allowed == 0:
            self._lose(_title(one), "spec.objectives[0].target", 1, "left out", "a target lies under 1: no SLO")
        return one.allowed > 0

    def _slo(self, one: Slo) -> Document:
        for path, value, instead in _unsaid(one):
            self._lose(_title(one), path, value, "left out", instead)
        policies = self._alerts.policies(_title(one), self._lookbacks.get(one.id, ()))
        apart = [name for name in self._lookbacks if name.startswith(f"{one.id}-tier")]
        if apart:
            why = "the promise is watched tier by tier; `tierline rules` has a rule for each"
            self._lose(_title(one), "spec.alertPolicies", ", ".join(apart), "left out", why)
        spec = {
            "description": _said(one), "service": _service(one), "indicatorRef": named(one.id),
            "timeWindow": [self._window(one)], "budgetingMethod": "Occurrences",
            "objectives": [{"displayName": _objective(one), "target": float(1 - one.allowed)}],
        }  # fmt: skip
        slo = document("SLO", named(one.id), spec | ({"alertPolicies": policies} if policies else {}), one.kpi.title)
        slo["metadata"] |= {"labels": _labels(one), "annotations": _annotations(one)}
        return slo

    def _window(self, one: Slo) -> Document:
        window = windows.given(one.target.window, self._way.zone)
        if window is not None:
            return window
        days = windows.days(one.target.window)
        self._lose(_title(one), "spec.timeWindow[0].calendar.timeZone", self._way.zone, "changed",
                   f"the schema takes zones such as Europe/Berlin; written as the last {days}")  # fmt: skip
        return {"duration": days, "isRolling": True}

    def _sli(self, one: Slo) -> Document:
        name = named(one.id)
        good, bad, counted = series(one)
        if counted is not None:
            self._lose(f"SLI {name}", "spec.ratioMetric", one.target.window, "changed",
                       f"no series counts this window of it; these count {counted}")  # fmt: skip
        metrics = {"counter": False, "good": _metric(good), "total": _metric(f"{good} + {bad}")}
        counts = "seconds" if one.kpi.seconds else "events"
        said = f"{one.kpi.definition} good and total are {counts}. {NEWEST}"
        return document("SLI", name, {"description": said[:1050], "ratioMetric": metrics}, one.kpi.title)


def _unsaid(one: Slo) -> Iterator[tuple[str, Any, str]]:
    """Path, value and what stands instead, of what a promise holds beyond objective and window."""
    clause, target = one.clause, one.target
    told = {
        "tiers": (one.tiers, "the series count these tiers alone"),
        "stretch": (clause.stretch, "an annotation; as a second objective it would alert"),
        "params": (one.params or None, "an annotation; the series count in these parameters"),
        "form": (clause.form if clause.form in ("above", "below") else None, "an objective is kept once it is reached"),
        "floor": (clause.floor if one.kpi.complement else None, "shown is the bad share; the target is the good one"),
        "combine": ("any" if target.combine == "any" else None, "one of the clauses suffices; here each stands alone"),
        "pair": (target.pair, "what it is read beside has no place"),
        "due_months": (target.due_months, "here it binds at once"),
    }
    for name, (value, instead) in told.items():
        if value not in (None, ""):
            yield f"metadata.annotations[tierline.{name}]", value, instead


def series(one: Slo) -> tuple[str, str, str | None]:
    """Good and bad of the promise, and what they count where that is not its own window. No breakdown is quoted: the
    cap on the series that are exposed cuts those first."""
    label, clause = _EXACT.get(one.target.window), one.clause
    if label is None or one.params or clause.asset is not None or clause.tiers:
        good, bad = (f'{spec.name}{{slo="{one.id}"}}' for spec in (alerting.GOOD, alerting.BAD))
        return good, bad, None if one.target.window == "30d" else "the last 30 days"
    good, bad = (f'{_TOTAL[part].name}{{kpi="{one.kpi.id}",window="{label}"}}' for part in ("good", "bad"))
    return good, bad, None


def _metric(query: str) -> Document:
    return {"metricSource": {"metricSourceRef": SOURCE, "type": "Prometheus", "spec": {"query": query}}}


def _title(one: Slo) -> str:
    return f"SLO {named(one.id)}"


def _service(one: Slo) -> str:
    if one.clause.asset is not None:
        return named(one.clause.asset)
    return DOMAINS if one.target.scope == "domain" else PLATFORM


def _objective(one: Slo) -> str:
    words = (one.target.text or one.target.metric or one.kpi.title, f"tier {one.tiers}" if one.tiers else "")
    return ", ".join(filter(None, words))


def _said(one: Slo) -> str:
    where = one.clause.asset or (f"tier {one.tiers}" if one.tiers else "the whole platform")
    return f"{one.kpi.definition} Promised for {where} by {one.target.adopted_by or 'the platform'}."[:1050]


def _labels(one: Slo) -> dict[str, str]:
    team = re.sub(r"[^a-zA-Z0-9._-]+", "-", one.target.adopted_by or "").strip("-._")[:63]
    told = {"kpi": one.kpi.id, "profile": one.target.profile, "tier": one.tiers, "team": team}
    return {name: value for name, value in told.items() if value}


def _annotations(one: Slo) -> dict[str, str]:
    clause, target = one.clause, one.target
    told = {
        "slo": one.id, "row": target.row, "clause": one.place, "form": clause.form, "floor": clause.floor,
        "stretch": clause.stretch, "asset": clause.asset, "window": target.window, "adopted": target.adopted,
        "params": ", ".join(f"{name}={value}" for name, value in one.params.items()) or None,
    }  # fmt: skip
    return {f"tierline.{name}": str(value) for name, value in told.items() if value is not None}


def lookbacks(watch: Mapping[str, Any]) -> dict[str, Sequence[Mapping[str, Any]]]:
    """SLO -> its lookbacks, of the watch of the last evaluation."""
    return {one["slo"]: one["lookbacks"] for one in watch.get("slos", ())}
