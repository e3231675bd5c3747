"""How well a source is read, in words: its state, its objectives, what of its own count came, how far it is behind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from dashboards import format as fmt

Health = Mapping[str, Any]
"""What slo/evidence/health.py tells of a source."""
Source = Mapping[str, Any]
"""As the snapshot has it."""
OBJECTIVES = {
    "fresh": "read in time",
    "passes": "passes that succeed",
    "complete": "records that came",
}
"""In the order in which they are shown."""
NOT_TOLD = "not told"
SAYS = {
    "ok": "is read as it should be",
    "stale": "has not been read for longer than it should",
    "incomplete": "counts more records than came of it",
    "behind": "tells only what is older than usual",
    "failing": "has not been read for longer than it should, and could not be read the last time",
    "retrying": "could not be read the last time, and is tried again",
    "not read yet": "has not been read yet",
}
"""State -> what is said of a source, in the order in which they are counted."""


def state(source: Source) -> str:
    """A source's state in a word: what is not seen of it (slo/evidence/health.py, Reading.blind), else how it is
    read."""
    if source.get("last_attempt") is None and source.get("last_success") is None:
        return "not read yet"
    blind: str | None = source.get("blind")
    return blind or ("ok" if source.get("ok", True) else "retrying")


def counts(sources: Iterable[Source]) -> str:
    """The header's line: 14 ok, 1 stale."""
    states = [state(source) for source in sources]
    return ", ".join(f"{states.count(word)} {word}" for word in SAYS if word in states) or "none connected"


def age(source: Source, now: datetime | None) -> str:
    """How long ago it was read with success: 12 min."""
    last = source.get("last_success")
    if last is None or now is None:
        return fmt.NOTHING
    seconds = (now - last).total_seconds()
    return "< 1 min" if seconds < 60 else fmt.minutes(seconds)


def complete(health: Health | None) -> str:
    """What of its own count came, in the newest pass in which it counted: 99.7 %."""
    if not health or not health["told"]:
        return NOT_TOLD
    return fmt.percent(health["taken"] / health["told"])


def counted(health: Health) -> str:
    """1,090 of 1,100."""
    return f"{fmt.count(health['taken'])} of {fmt.count(health['told'])}"


def failed(health: Health) -> str:
    """2 of 288 passes of the last day."""
    return f"{fmt.count(health['day_failed'])} of {fmt.count(health['day_passes'])}"


def usual(health: Health) -> str:
    """How far behind it was at most in the days before."""
    known = health["usual_lag"]
    return "" if known is None else f"before: at most {fmt.duration(known)}"


def left(kept: Mapping[str, Any]) -> str:
    """What is left of an objective's budget: 46.6 %; 2.76 times spent."""
    share = kept["remaining"]
    if share is None:
        return fmt.NOTHING
    return fmt.percent(share) if share >= 0 else f"{fmt.number(1 - share)} times spent"


def emptiest(health: Health | None) -> str | None:
    """The objective with the least left; None where nothing was read yet."""
    found = {name: one["remaining"] for name, one in (health or {}).get("objectives", {}).items()}
    told = {name: share for name, share in found.items() if share is not None}
    return min(told, key=lambda name: told[name], default=None)


def bad(name: str, kept: Mapping[str, Any]) -> str:
    """What was not as promised: 3 h 20 of 28 days; 2 of 8,064 passes."""
    if name == "fresh":
        return f"{fmt.duration(kept['bad'])} of {fmt.duration(kept['total'])}"
    noun = {"passes": "pass", "complete": "record"}[name]
    return f"{fmt.count(kept['bad'])} of {fmt.plural(kept['total'], noun, 'passes' if noun == 'pass' else 'records')}"
