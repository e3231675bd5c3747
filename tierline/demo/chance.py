"""Dice that always fall alike: every draw comes from a generator seeded by the seed and by what is drawn for."""

from __future__ import annotations

import hashlib
import math
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
"""The platform's own time zone."""


def dice(seed: int, *words: object) -> Random:
    """A generator that depends on the seed and the words alone, not on what was drawn before."""
    text = "|".join([str(seed), *map(str, words)])
    return Random(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big"))


def spread(rng: Random, median: float, sigma: float) -> float:
    """A log-normal draw around its median: most near it, some far above, none below zero."""
    return median * math.exp(rng.gauss(0.0, sigma))


def whole(moment: datetime) -> datetime:
    """The moment without its fraction of a second, so that every form a vendor writes it in is exact."""
    return moment.replace(microsecond=0)


def local(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """The instant (UTC) of a local wall time. A time in the DST gap is the first real instant after it; of a doubled
    one it is the first."""
    wall = datetime.combine(day, time(hour, minute), ZONE)
    moment = wall.astimezone(UTC)
    back = moment.astimezone(ZONE)
    if back.replace(tzinfo=None) == wall.replace(tzinfo=None):
        return moment
    return gap_end(moment - timedelta(hours=3))


def gap_end(start: datetime) -> datetime:
    """The instant at which the zone's offset next changes after ``start``, found minute by minute."""
    before = start.astimezone(ZONE).utcoffset()
    moment = start.replace(second=0, microsecond=0)
    while moment.astimezone(ZONE).utcoffset() == before:
        moment += timedelta(minutes=1)
    return moment


def local_day(moment: datetime) -> date:
    """The platform's calendar day of an instant."""
    return moment.astimezone(ZONE).date()


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The half-open instants of a local day: 23, 24 or 25 hours."""
    return local(day), local(day + timedelta(days=1))
