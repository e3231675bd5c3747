"""A target's own history beside a result: which version bound on which days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader
from slo.stories.promised import promised

Result = Mapping[str, Any]


def steps(reader: Reader, result: Result, ask: Ask, window: str | None = None) -> list[Mapping[str, Any]]:
    """The stretches of the window (or another) in which one version of the headline's target bound; empty where the
    headline is no bound in the value's unit, or nobody adopted it. Of an asked profile each counts as promised."""
    entry = scope.headline(result, ask.profile)
    if entry is None or not scope.bound(result, ask.profile):
        return []
    asked = {"kpi": result["kpi"], "profile": entry["profile"], "row": entry["row"], "clause": _place(entry)}
    told = reader.tell(promised, replace(ask, window=window or ask.window), **asked)
    if ask.profile is None:
        return list(told["steps"])
    return [{**one, "adopted": one["adopted"] or "asked"} for one in told["steps"]]


def _place(entry: Mapping[str, Any]) -> int:
    """Which of the target's clauses gave the headline."""
    same = [
        place
        for place, clause in enumerate(entry.get("clauses") or ())
        if (clause["form"], clause["floor"], clause["scope"]) == (entry["form"], entry["floor"], entry["scope"])
    ]
    return same[0] if same else 0
