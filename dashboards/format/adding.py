"""Rounding that still adds up: signed parts of a change, so that what is shown sums to the total that is shown.

Each part is cut to the same number of decimals and the steps that are left over go to those that lost most by it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

MINUS = "−"
SIGNIFICANT = 3
MOST_DECIMALS = 4


@dataclass(frozen=True)
class Steps:
    """Whole steps of 10^-decimals in a unit: they are added as they are, and written at last."""

    decimals: int

    def written(self, steps: int) -> str:
        """+1.23, −0.04, 0."""
        if not steps:
            return "0"
        sign = "+" if steps > 0 else MINUS
        return f"{sign}{abs(steps) / 10**self.decimals:,.{self.decimals}f}"


def steps_for(figures: Sequence[float]) -> Steps:
    """As many decimals as show the largest of the figures with three digits."""
    largest = max((abs(figure) for figure in figures), default=0.0)
    if not largest:
        return Steps(0)
    return Steps(min(MOST_DECIMALS, max(0, SIGNIFICANT - 1 - math.floor(math.log10(largest)))))


def adding_up(parts: Sequence[float], steps: Steps) -> list[int]:
    """The parts in whole steps, whose sum is the rounded sum of the parts."""
    scaled = [part * 10**steps.decimals for part in parts]
    whole = [math.floor(part) for part in scaled]
    left = math.floor(math.fsum(scaled) + 0.5) - sum(whole)
    by_loss = sorted(range(len(parts)), key=lambda place: (whole[place] - scaled[place], place))
    for place in by_loss[:left]:
        whole[place] += 1
    return whole
