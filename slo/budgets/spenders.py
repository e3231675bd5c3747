"""On what a budget went: the bad ones of a window by asset, team, domain, tier and by who answers for them.

From states, never from facts; the parts of each cut add up to all that was bad.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from slo.drivers.groups import cut
from slo.folding import Scope
from slo.kpi import Kpi
from slo.measure import Ratio, merge_all
from slo.states import Decoded

DIMENSIONS = ("asset", "team", "domain", "tier")
MOST = 12
"""Groups told one by one; the others are one line."""


def spenders(rows: Decoded, kpi: Kpi, scope: Scope, whole: Fraction, most: int = MOST) -> dict[str, dict[str, Any]]:
    """Cut -> ``lines`` (key, bad, of: how many were counted, share of what was bad, of_budget), the largest first, and
    ``rest`` (groups, bad, share, of_budget) or None. ``whole``: how much may be bad in the window."""
    found = {by: cut(rows, by, scope, kpi.measure, False).parted(rows) for by in DIMENSIONS}
    parts = {by: {key: (one.bad, one.total) for key, one in groups.items()} for by, groups in found.items()}
    parts["responsible"] = _answering(merge_all(Ratio, (state for _, state in rows)))
    return {by: _ranked(groups, kpi.scale, whole, most) for by, groups in parts.items()}


def _answering(state: Ratio) -> dict[Any, tuple[int, int]]:
    """Who answers -> (bad, counted): the platform for all that nobody else does."""
    others = {name: (bad, good + bad) for name, (good, bad) in state.others.items()}
    bad, total = (sum(pair[side] for pair in others.values()) for side in (0, 1))
    return {"platform": (state.bad - bad, state.total - total), **others}


def _ranked(groups: Mapping[Any, tuple[int, int]], scale: int, whole: Fraction, most: int) -> dict[str, Any]:
    spent = sorted(((key, *pair) for key, pair in groups.items() if pair[0]), key=lambda one: (-one[1], str(one[0])))
    every = sum(bad for _, bad, _ in spent)
    kept = spent if len(spent) <= most + 1 else spent[:most]
    rest = spent[len(kept) :]

    def line(bad: int) -> dict[str, Any]:
        return {"bad": bad / scale, "share": bad / every, "of_budget": float(bad / whole) if whole else None}

    lines = [{"key": key, "of": total / scale, **line(bad)} for key, bad, total in kept]
    left = sum(bad for _, bad, _ in rest)
    return {"lines": lines, "rest": {"groups": len(rest), **line(left)} if rest else None}
