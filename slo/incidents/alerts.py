"""Alerts as KPIs count them: what one rule fired in one go is one firing (kpi_rules, section 5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from slo.facts import Alert
from slo.kpi import tellings
from slo.measure.item import Dims, Item
from slo.store import ChangeRow, Mark
from slo.view import View, later, own

OWN = "tierline's own"
"""Why Tierline's own alerts are left out."""
_OWN_RULE = re.compile(r"^Tierline|\bTierline[A-Z]")
"""How the names of Tierline's own rules begin; a pager may have one within its summary: [FIRING:1] (TierlineBlind)."""
OPEN_FOR = timedelta(hours=24)
"""How long an alert that nobody resolved reaches."""


@dataclass(frozen=True, slots=True)
class Firing:
    """Alerts of one (source, dedup_key) whose times overlap in a chain, by the time they fired."""

    alerts: tuple[Alert, ...]

    @property
    def first(self) -> Alert:
        return self.alerts[0]

    @property
    def fired_at(self) -> datetime:
        assert self.first.fired_at is not None
        return self.first.fired_at

    @property
    def acknowledged_at(self) -> datetime | None:
        return min((alert.acknowledged_at for alert in self.alerts if alert.acknowledged_at), default=None)

    @property
    def resolved(self) -> bool:
        return all(alert.resolved_at is not None for alert in self.alerts)

    @property
    def label(self) -> str | None:
        """The earliest label decides."""
        return next((alert.label for alert in self.alerts if alert.label is not None), None)

    def verdict(self, view: View) -> str | None:
        """actionable, noise, or None where no rule decides: that nobody acknowledged an alert says something only of
        a source that could have told."""
        if self.label is not None:
            return self.label
        if any(alert.incident for alert in self.alerts):
            return "actionable"
        ignored = self.resolved and self.acknowledged_at is None
        return "noise" if ignored and view.can_tell(self.first.source, "alert", "acknowledged_at") else None

    def is_left_out(self, view: View) -> bool:
        """Whether it is an alert of Tierline itself, which says nothing of the platform's alerts unless it is asked
        to."""
        ours = _OWN_RULE.search(self.first.rule or "") is not None
        return ours and not view.platform.alerting.own_in_precision

    def exclusion(self, view: View, kpi: str, at: datetime) -> str | None:
        if self.is_left_out(view):
            return OWN
        return view.exclusion(kpi, self.first.asset, view.dims(self.first.asset, at), at)

    def item(self, view: View, at: datetime, **parts: Any) -> Item:
        dims = view.dims(self.first.asset, at)
        return Item(
            at=at, dims=Dims(dims.tier, environment=dims.environment), member=f"{self.first.source}/{self.first.id}",
            matches=[[self.first.asset, dims.team, dims.domain]], since=own(self.alerts, view.as_of),
            facts=self.alerts, **parts,
        )  # fmt: skip


def firings(alerts: Iterable[Alert]) -> Iterator[Firing]:
    """Alerts grouped into firings. One without a key stands for itself."""
    groups: dict[tuple[str, str], list[Alert]] = {}
    for alert in alerts:
        if alert.dedup_key is None:
            yield Firing((alert,))
        else:
            groups.setdefault((alert.source, alert.dedup_key), []).append(alert)
    for members in groups.values():
        yield from _chains(members)


def _chains(alerts: list[Alert]) -> Iterator[Firing]:
    chain: list[Alert] = []
    until: datetime | None = None
    for alert in sorted(alerts, key=lambda alert: (alert.fired_at, alert.id)):
        assert alert.fired_at is not None
        if until is not None and alert.fired_at > until:
            yield Firing(tuple(chain))
            chain, until = [], None
        chain.append(alert)
        until = later(until, alert.resolved_at or alert.fired_at + OPEN_FOR)
    if chain:
        yield Firing(tuple(chain))


def firings_around(view: View, field: str, start: datetime, end: datetime) -> list[Firing]:
    """Whole firings of which some alert's ``field`` lies in [start, end)."""
    inside: list[Alert] = view.read("alert", {field: (start, end)})
    keys = sorted({alert.dedup_key for alert in inside if alert.dedup_key is not None})
    sources = {alert.source for alert in inside}
    kin: list[Alert] = view.read("alert", {"dedup_key": keys}) if keys else []
    alone = [alert for alert in inside if alert.dedup_key is None]
    return list(firings([*alone, *(alert for alert in kin if alert.source in sources)]))


def firing_marks(changes: Iterable[ChangeRow], view: View, *fields: str) -> Iterator[Mark]:
    """The days of every alert that was, or is, in one firing with a changed one."""
    told = [fact for fact in tellings(changes) if isinstance(fact, Alert)]
    keys = sorted({alert.dedup_key for alert in told if alert.dedup_key is not None})
    kin: list[Alert] = view.read("alert", {"dedup_key": keys}) if keys else []
    changed = {(alert.source, alert.id) for alert in told}
    for firing in firings([*told, *kin]):
        if any((alert.source, alert.id) in changed for alert in firing.alerts):
            moments = [getattr(alert, field) for alert in firing.alerts for field in fields]
            for moment in {moment for moment in moments if moment is not None}:
                yield Mark(None, view.day(moment), view.day(moment))
