"""On what a status rests: a target is promised once it is adopted; until then its published figures are a benchmark.

Every entry keeps the verdict that the rules give it. Where some of a KPI's targets are adopted, its status is theirs;
where none is, the status is that of the published ones, and no way out for people shows it as a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

Entry = Mapping[str, Any]
Standing = Literal["adopted", "published"]


def adopted(entries: Iterable[Entry]) -> list[Any]:
    """The entries that somebody has adopted."""
    return [entry for entry in entries if entry.get("adopted") is not None]


def resting(entries: Sequence[Any], profile: str | None) -> list[Any]:
    """The entries that give the status: all of an asked profile; else the adopted ones; else all that are published."""
    return list(entries) if profile is not None else adopted(entries) or list(entries)


def standing(entries: Sequence[Entry], profile: str | None) -> Standing:
    """Whether the status is a verdict: it rests on adopted targets, or somebody asked to be judged by a profile."""
    return "adopted" if profile is not None or adopted(entries) else "published"
