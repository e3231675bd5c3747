"""What of the snapshot's results is exposed: which windows, under which stable label, and which cuts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

Result = Mapping[str, Any]
Part = Sequence[tuple[str, Result]]
"""Results of one cut, each with its window's label."""
ROLLING = ("1d", "7d", "28d")
WINDOWS = (*ROLLING, "month", "previous_month")
CUTS = ("tier", "team", "domain")


def parts(results: Iterable[Result]) -> dict[str, Part]:
    """Cut ("" the whole platform, tier, team, domain) -> its results. Finer cuts are not exposed."""
    every = list(results)
    windows = window_labels(every)
    known = [(windows[one["window"]["name"]], one) for one in every if one["window"]["name"] in windows]
    found: dict[str, list[tuple[str, Result]]] = {cut: [] for cut in ("", *CUTS)}
    for window, one in known:
        cut = dimension(one)
        if cut is not None:
            found[cut].append((window, one))
    return {cut: found[cut] for cut in found}


def window_labels(results: Iterable[Result]) -> dict[str, str]:
    """Window name -> its stable label: 1d, 7d, 28d, month, previous_month. Other windows are not exposed."""
    labels = {name: name for name in ROLLING}
    months = {one["window"]["name"]: one for one in results if len(one["window"]["name"]) == 7}
    current = [name for name, one in months.items() if _running(one)]
    ended = sorted(name for name in months if name not in current)
    for name in current[-1:]:
        labels[name] = "month"
    for name in ended[-1:]:
        labels[name] = "previous_month"
    return labels


def _running(result: Result) -> bool:
    return datetime.fromisoformat(result["window"]["end"]) > datetime.fromisoformat(result["as_of"])


def dimension(result: Result) -> str | None:
    """ "" for the platform's total, the one dimension of a breakdown, None for a finer cut."""
    cut = [key for key, value in result["scope"].items() if value is not None]
    if not cut:
        return ""
    return cut[0] if len(cut) == 1 and cut[0] in CUTS else None


def infix(cut: str) -> str:
    """What stands in a name before the metric: a cut has families of its own, so that sum() is safe."""
    return f"{cut}_" if cut else ""


def cut_label(result: Result, cut: str) -> tuple[Any, ...]:
    return (result["scope"][cut],) if cut else ()
