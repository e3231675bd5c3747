"""OpenSLO v1 in: SLOs over Prometheus as entries of sources of type prometheus, and as targets of a profile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any

from dashboards.openslo import windows
from dashboards.openslo.connections import SECRETS, Connections
from dashboards.openslo.documents import Document, Documents, Part
from dashboards.openslo.indicators import METHODS, Indicator, Measured
from dashboards.openslo.losses import HIDDEN, Kind, Ledger, Loss, Refused
from slo.platform import Alerting

KPI = "service_slo_compliance"
_ALERTS = "once adopted, budgets are watched by Tierline's own policies, in the tiers that `alerts` are for"
_UNUSED = {
    "AlertPolicy": _ALERTS, "AlertCondition": _ALERTS, "AlertNotificationTarget": "name receivers in tierline.yaml",
    "Service": "its name is part of the names of what it has SLOs for",
}  # fmt: skip
_UNWATCHED = "no alert watches its budget"
_TIERS = (0, 1, 2, 3)
_COMPOSITE = "composite: each indicator is judged by itself; write an SLO for each"


@dataclass(frozen=True)
class Promise:
    """Who promises what is read, and from when."""

    team: str
    day: date


@dataclass(frozen=True)
class Tiers:
    """``given``: the tier of services that name none; ``alerted``: the tiers whose budgets alerts watch."""

    given: int | None = None
    alerted: Sequence[int] = Alerting.tiers


@dataclass(frozen=True)
class Taken:
    """Sources by name as tierline.yaml has them, the targets as a file of their profile has them, and the losses."""

    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    targets: list[dict[str, Any]] = field(default_factory=list)
    losses: tuple[Loss, ...] = ()


def take(
    files: list[tuple[str, str]], zone: str, promise: Promise | None = None, tiers: Tiers = Tiers()
) -> Taken:  # fmt: skip
    """What the files (name, text) hold; ``zone`` is the platform's, without a promise nobody has adopted the targets.
    Raises ConfigError where a file is no YAML."""
    ledger = Ledger()
    reader = _Reader(Documents(files, ledger), ledger, zone, promise, tiers)
    reader.read()
    used = {name: told for name, told in reader.sources.items() if "slis" in told or "slices" in told}
    return Taken(used, reader.targets, tuple(ledger))


class _Reader:
    def __init__(
        self, documents: Documents, ledger: Ledger, zone: str, promise: Promise | None, tiers: Tiers
    ) -> None:  # fmt: skip
        self._documents, self._ledger, self._zone, self._promise = documents, ledger, zone, promise
        self._tiers = tiers
        self._connections = Connections(documents, ledger)
        self.sources = self._connections.sources
        self.targets: list[dict[str, Any]] = []
        self._used: set[str] = set()
        """Titles of the SLOs and SLIs that were taken."""

    def read(self) -> None:
        for slo in self._documents.of("SLO"):
            try:
                self._slo(slo)
            except Refused as fault:
                self._lose(slo, fault.path, fault.value, "refused", fault.why)
        for kind, why in _UNUSED.items():
            for one in self._documents.of(kind):
                self._lose(one, "", one.name, "left out", why)
        for kind in ("SLO", "SLI", "DataSource"):
            for one in self._documents.of(kind):
                self._rest(one)

    def _lose(self, document: Document, path: str, value: Any, kind: Kind, instead: str) -> None:
        self._ledger.add(document.file, document.title, path, value, kind, instead)

    def _rest(self, document: Document) -> None:
        """What nobody has asked for: the parts of a document that was taken, else the document."""
        if document.title in self._used | self._connections.used:
            for path, value in document.root.unread():
                secret = path.startswith("spec.connectionDetails")
                self._lose(document, path, HIDDEN if secret else value, "left out", SECRETS if secret else _why(path))
        elif document.kind != "SLO":
            self._lose(document, "", document.name, "left out", "no SLO that was taken refers to it")

    def _slo(self, slo: Document) -> None:
        spec = slo.root.part("spec")
        method = spec.value("budgetingMethod") or "Occurrences"
        if method not in METHODS:
            raise Refused(spec.at("budgetingMethod"), method, f"is none of {', '.join(METHODS)}")
        window = windows.taken(spec, self._zone, self._telling(slo, slo))
        objectives = spec.parts("objectives")
        if not objectives:
            raise Refused(spec.at("objectives"), None, "has no objective")
        holder, sli = self._indicator(slo, spec)
        for place, objective in enumerate(objectives):
            sources = partial(self._connections.source, holder)
            read = Indicator(sli, objective, method, sources, self._telling(slo, holder))
            try:
                self._objective(slo, objective, window, read, place)
                self._used |= {slo.title, holder.title}
            except Refused as fault:
                at = _place(fault.path, slo, holder)
                self._lose(at, fault.path, fault.value, "refused", fault.why)

    def _telling(self, slo: Document, holder: Document) -> Callable[[str, Any, str], None]:
        """Tells what was taken instead, of the SLO or of the SLI that it refers to."""

        def changed(path: str, value: Any, instead: str) -> None:
            self._lose(_place(path, slo, holder), path, value, "changed", instead)

        return changed

    def _indicator(self, slo: Document, spec: Part) -> tuple[Document, Part]:
        """The SLI's spec, inline or of its own document, with the document that holds it."""
        if spec.has("indicator"):
            inline = spec.part("indicator")
            inline.part("metadata").value("name")
            return slo, inline.part("spec")
        if not spec.has("indicatorRef") and any(map(_composite, spec.parts("objectives"))):
            raise Refused(spec.at("objectives"), None, _COMPOSITE)
        name = spec.value("indicatorRef")
        sli = self._documents.find("SLI", str(name))
        if sli is None:
            raise Refused(spec.at("indicatorRef"), name, "no such SLI stands in the files; give its file")
        return sli, sli.root.part("spec")

    def _objective(self, slo: Document, objective: Part, window: str, indicator: Indicator, place: int) -> None:
        if _composite(objective):
            raise Refused(objective.path, None, _COMPOSITE)
        floor = _floor(objective)
        measured = indicator.measured()
        service = self._service(slo, measured, place)
        name = slo.root.part("metadata").text("displayName") or slo.name
        adopted = {} if self._promise is None else {"adopted": self._promise.day, "adopted_by": self._promise.team}
        text = " ".join(filter(None, (f"{name}: >= {_percent(floor)}%", objective.text("displayName"))))
        self.targets.append({
            "row": len(self.targets) + 1, "kpi": KPI, "metric": name, "text": text, "window": window, **adopted,
            "clauses": [{"form": "at_least", "floor": floor, "asset": f"{measured.source}/{service}"}],
        })  # fmt: skip

    def _service(self, slo: Document, measured: Measured, place: int) -> str:
        """The name of the entry; objectives that are measured alike share one."""
        spec, meta = slo.root.part("spec"), slo.root.part("metadata")
        base = "/".join(filter(None, (spec.text("service"), slo.name)))
        entries = self.sources[measured.source].setdefault(measured.group, [])
        told = {"tier": self._tier(slo, meta), **_words(spec, meta)}
        told = {key: value for key, value in told.items() if value is not None}
        for entry in entries:
            if entry == {"service": entry["service"], **told, **measured.told} and _of(entry["service"], base):
                return str(entry["service"])
        others = {
            one["service"] for group in ("slis", "slices") for one in self.sources[measured.source].get(group, ())
        }
        name = f"{base}/{place + 1}" if base in others else base
        entries.append({"service": name, **told, **measured.told})
        return name

    def _tier(self, slo: Document, meta: Part) -> int | None:
        """The service's tier, by the SLO's label or for all; tells where no alert is for it."""
        label, path = _label(meta, "tier"), "metadata.labels.tier"
        tier = self._tiers.given if label is None else next((one for one in _TIERS if str(one) == label), None)
        if tier is None:
            why = f"{_UNWATCHED} until the service has a tier: label it tier (0 to 3), or say --tier"
            self._lose(slo, path, label, "left out", why)
        elif tier not in self._tiers.alerted:
            why = f"{_UNWATCHED}: tier {tier} is not among alerts.tiers ({', '.join(map(str, self._tiers.alerted))})"
            self._lose(slo, path, tier, "changed", why)
        return tier


def _words(spec: Part, meta: Part) -> dict[str, str | None]:
    """What is told of a service beside its readings: its team, and what it is."""
    return {"team": _label(meta, "team"), "description": spec.text("description") or meta.text("displayName")}


def _of(service: str, base: str) -> bool:
    return service == base or service.startswith(f"{base}/")


def _place(path: str, slo: Document, holder: Document) -> Document:
    """Which of both a path speaks of."""
    return slo if path.startswith(("spec.objectives", "spec.timeWindow")) else holder


def _composite(objective: Part) -> bool:
    return objective.has("indicator") or objective.has("indicatorRef")


def _floor(objective: Part) -> float:
    """The objective as a share. Raises Refused."""
    key, most = ("targetPercent", 100) if objective.has("targetPercent") else ("target", 1)
    told = objective.value(key)
    if not isinstance(told, int | float) or isinstance(told, bool) or not 0 <= told < most:
        raise Refused(objective.at(key), told, f"is needed: a number from 0 up to, not including, {most}")
    return float(Fraction(str(told)) / most)


def _percent(share: float) -> str:
    """A share in percent, with every digit it is written with."""
    value = Fraction(str(share)) * 100
    return str(int(value)) if value.denominator == 1 else f"{float(value):.12g}"


def _label(meta: Part, name: str) -> str | None:
    """The one value of a label; of several none is taken."""
    if not meta.has("labels"):
        return None
    labels = meta.part("labels")
    told = labels.data.get(name)
    one = told[0] if isinstance(told, list) and len(told) == 1 else told
    if isinstance(one, bool) or not isinstance(one, str | int) or one == "":
        return None
    labels.value(name)
    return str(one)


def _why(path: str) -> str:
    """What to do about a part that has no counterpart."""
    if path.startswith("spec.alertPolicies"):
        return _ALERTS
    if path.endswith((".op", ".value")):
        return "only a thresholdMetric is compared with a value"
    if "timeSlice" in path:
        return "the budgeting method counts no slices"
    return "has no counterpart"
