"""How much was left out by decision, and whether that is more than the platform allows itself.

What a definition never counts (manual runs, skipped tests, duplicates) is no decision and not in the share: nobody can
make a number look better with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, get_args

from slo.facts import Exclusion
from slo.interchange import field_types
from slo.measure import Count, Ratio, Samples, Share

REASONS: tuple[str, ...] = get_args(field_types(Exclusion)["reason"])
"""Reasons an exclusion may give: what was decided, unlike what a definition leaves out."""


@dataclass(frozen=True)
class LeftOut:
    """``judged`` and, by reason, what exclusions took from it: events or microseconds."""

    judged: Fraction = Fraction(0)
    reasons: Mapping[str, int] = field(default_factory=dict)

    def share(self, amount: int) -> float:
        """An amount's part of all that would have been judged."""
        return float(amount / (self.judged + sum(self.reasons.values())))

    def as_result(self, cap: float) -> dict[str, Any]:
        """Share, cap and share by reason; a share of nothing is null."""
        known = self.judged + sum(self.reasons.values()) > 0
        reasons = {reason: self.share(amount) for reason, amount in sorted(self.reasons.items()) if known}
        share = self.share(sum(self.reasons.values())) if known else None
        return {"share": share, "cap": cap, "reasons": reasons}


def left_out(state: Any) -> LeftOut:
    """Of a merged state; of measures that count nothing (sums of money, scores, keys) nothing."""
    match state:
        case Ratio():
            return _decided(state.total, {reason: sum(parts) for reason, parts in state.excluded.items()})
        case Samples() | Count():
            return _decided(state.n, state.excluded)
        case Share():
            return _sum(map(left_out, state.assets.values()))
        case _:
            return LeftOut()


def _decided(judged: float, excluded: Mapping[str, int]) -> LeftOut:
    return LeftOut(Fraction(judged), {reason: n for reason, n in excluded.items() if n and reason in REASONS})


def _sum(parts: Iterable[LeftOut]) -> LeftOut:
    judged, reasons = Fraction(0), dict[str, int]()
    for part in parts:
        judged += part.judged
        for reason, amount in part.reasons.items():
            reasons[reason] = reasons.get(reason, 0) + amount
    return LeftOut(judged, reasons)


def caveat(told: Mapping[str, Any], thing: str) -> list[str]:
    """What stands beside the status once more is left out than the cap allows. ``thing``: events or time."""
    share, cap = told["share"], told["cap"]
    if share is None or share <= cap:
        return []
    verb = "is" if thing == "time" else "are"
    return [f"{percent(share)} of {thing} {verb} excluded by decision, more than the cap of {percent(cap)}"]


def percent(share: float) -> str:
    """Three digits that say which side of a round figure it is: 5.01 %, not 5 %."""
    return f"{100 * share:.3g} %"
