"""Seeds of invented platforms: some for every run, all for the long one (.ci/full)."""

from __future__ import annotations

from typing import Any

import pytest


def seeds(first: int, every: int, more: int) -> list[Any]:
    """So many that every run takes, and so many more that only the long one does."""
    long = range(first + every, first + every + more)
    return [*range(first, first + every), *(pytest.param(seed, marks=pytest.mark.full) for seed in long)]
