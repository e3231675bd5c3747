"""What looking ahead speaks of: a round that is needed, a step that is still to happen, when something is ready."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from slo.due.usual import Usual
from slo.facts import Run


@dataclass(frozen=True, slots=True)
class Round:
    """What a delivery needs done again: whatever upstream was called for in [since, until). ``zone``: that of the
    delivery's day, where it is one of a day."""

    since: datetime
    until: datetime
    zone: ZoneInfo | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that has still to happen. ``state``: running, failed, skipped, not started, due, awaited; ``since``:
    when that began (due: when it is called for)."""

    asset: str
    state: str
    since: datetime | None
    usual: Usual
    expected: datetime
    run: Run | None = None


class Why(NamedTuple):
    """A reason for doubt. ``what``: unseen (``about``: since when, None: never), paused, unscheduled, deep, duration
    or landing (what is usual is not known; ``about``: of how many), failed, skipped,
    not started, overdue."""

    what: str
    asset: str
    about: datetime | int | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """When it is there: ``expected`` if every step takes its median, ``late`` if each takes its 90th percentile. A
    lower bound where ``unknown`` says what cannot be told; ``doubts``: what nobody can date (a failed run)."""

    expected: datetime
    late: datetime
    steps: tuple[Step, ...] = ()
    unknown: tuple[Why, ...] = ()
    doubts: tuple[Why, ...] = ()


def unscheduled(found: Ready | None) -> bool:
    return found is not None and any(
        why.what == "unscheduled" and why.asset == found.steps[-1].asset for why in found.unknown
    )


def latest(found: list[Ready | None]) -> Ready | None:
    """All of them: the one that comes last, with what is not known or doubted of any. None: all are done."""
    open_ends = [one for one in found if one is not None]
    if not open_ends:
        return None
    last = max(open_ends, key=lambda one: one.expected)
    unknown = dict.fromkeys(text for one in open_ends for text in one.unknown)
    doubts = dict.fromkeys(text for one in open_ends for text in one.doubts)
    return Ready(last.expected, max(one.late for one in open_ends), last.steps, tuple(unknown), tuple(doubts))
