"""The lookbacks that watch a budget, as alert policies and their conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from dashboards.openslo.losses import Kind, Ledger
from dashboards.openslo.writing import Document, Way, document, named

_LEAST = "1m"
"""The shortest alertAfter that the schema takes."""
_BURN = "gauges of a whole window give no burn rate of a lookback; `tierline rules` writes rules that quote it"
_RATE = "a condition is a burn rate alone; Tierline asks for so many bad events, too"
_COUNT = "a condition is a burn rate; this lookback counts events"
_SHORT = "a condition has one lookback: it stays until the long one has recovered"


class Alerts:
    """A lookback's policy is written once, however many SLOs have it."""

    def __init__(self, way: Way, ledger: Ledger) -> None:
        self._way, self._ledger = way, ledger
        self._found: dict[tuple[str, str], Document] = {}

    def documents(self) -> list[Document]:
        return list(self._found.values())

    def policies(self, title: str, lookbacks: Sequence[Mapping[str, Any]]) -> list[str]:
        """The names of an SLO's alert policies. ``lookbacks``: those in force for it."""
        for one in lookbacks:
            if one.get("min_bad") is not None:
                value = f"{one['name']}: {one['min_bad']} bad in {length(one['long'])}"
                instead = _RATE if one.get("threshold") else _COUNT
                self._lose(title, "spec.alertPolicies", value, "left out", instead)
        names = [self._policy(one) for one in lookbacks if one.get("threshold")]
        if names:
            self._lose(title, "spec.alertPolicies", ", ".join(names), "changed", _BURN)
        return names

    def _policy(self, lookback: Mapping[str, Any]) -> str:
        name, team = named(f"burn-{lookback['name']}-{lookback['severity']}"), named(self._way.team)
        if ("AlertPolicy", name) not in self._found:
            self._condition(name, lookback)
            self._found["AlertPolicy", name] = document("AlertPolicy", name, {
                "alertWhenNoData": False, "alertWhenResolved": True, "alertWhenBreaching": True,
                "conditions": [{"conditionRef": name}], "notificationTargets": [{"targetRef": team}],
            })  # fmt: skip
            self._target(name, team)
        return name

    def _condition(self, name: str, lookback: Mapping[str, Any]) -> None:
        spec = {
            "severity": lookback["severity"],
            "condition": {"kind": "burnrate", "op": "gt", "threshold": lookback["threshold"],
                          "lookbackWindow": length(lookback["long"]), "alertAfter": _LEAST},
        }  # fmt: skip
        self._found["AlertCondition", name] = document("AlertCondition", name, spec)
        if lookback.get("short") not in (None, lookback["long"]):
            short = f"short {length(lookback['short'])}"
            self._lose(f"AlertCondition {name}", "spec.condition.lookbackWindow", short, "left out", _SHORT)

    def _target(self, policy: str, team: str) -> None:
        if self._way.notify is not None:
            target = document("AlertNotificationTarget", team, {"target": self._way.notify})
            self._found["AlertNotificationTarget", team] = target
        else:
            why = "make this target on the reader's side, or ask for it with --notify"
            self._lose(f"AlertPolicy {policy}", "spec.notificationTargets[0].targetRef", team, "left out", why)

    def _lose(self, title: str, path: str, value: str, kind: Kind, instead: str) -> None:
        self._ledger.add(self._way.file, title, path, value, kind, instead)


def length(told: Any) -> str:
    """Seconds in the greatest unit that is whole: 1h, 3d."""
    minutes = int((told.total_seconds() if isinstance(told, timedelta) else float(told)) // 60)
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"
