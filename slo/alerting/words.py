"""Plain words for alerts: names, lengths of time, shares. Whole units, cut and never rounded up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta


def length(span: timedelta) -> str:
    """The two largest units: "3 d 4 h", "6 h 10 min", "12 min"."""
    minutes = max(0, span // timedelta(minutes=1))
    parts = [(minutes // 1440, "d"), (minutes // 60 % 24, "h"), (minutes % 60, "min")]
    first = next((place for place, (count, _) in enumerate(parts) if count), 2)
    shown = [f"{count} {unit}" for count, unit in parts[first : first + 2] if count]
    return " ".join(shown) or "less than a minute"


def clock(t: datetime) -> str:
    return f"{t:%Y-%m-%d %H:%M}"


def times(rate: float) -> str:
    """A burn rate: "14.4 times"."""
    return f"{rate:.3g} times"


def few(names: Sequence[str], most: int = 3) -> str:
    """The first names, and how many more there are."""
    shown, left = list(names[:most]), len(names) - most
    return ", ".join(shown) + (f" and {left} more" if left > 0 else "")
