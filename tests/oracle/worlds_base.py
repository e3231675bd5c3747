"""What every invented fact is drawn from: edges of days around a change of clocks, a few names, a random source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

Record = dict[str, Any]
BASE = datetime(2026, 3, 20, tzinfo=UTC)
"""A Friday. Europe/Berlin changes its clocks on Sunday the 29th, 01:00 UTC."""
EDGES = (0, 1, 60, 330, 360, 375, 420, 540, 720, 1020, 1320, 1380, 1439)
"""Minutes of a day: midnights of UTC and Berlin in both seasons, ticks, deadlines, support hours."""
ASSETS = ("x/a", "x/b", "x/c", "x/was")
SOURCES = ("s1", "s2")


def text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


class Drawer:
    """Draws facts from a random source; every choice is its own, so that a shrinker can take facts away."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.number = 0
        self.taken: set[datetime] = set()
        self.born = {name: self.pick(None, self.when(-2, 9)) for name in ASSETS}
        self.born["x/was"] = self.born["x/a"]
        """When each asset was first seen: all who tell it agree."""
        self.gone = {name: self.pick(None, None, self.when(1, 9)) for name in ASSETS}
        self.gone["x/was"] = self.gone["x/a"]
        """From when on each asset is retired, for good."""
        self.mains: dict[str, Any] = {}

    def pick(self, *choices: Any) -> Any:
        return self.random.choice(choices)

    def when(self, first: int = 0, last: int = 12) -> datetime:
        minute = self.random.choice(EDGES) if self.random.random() < 0.7 else self.random.randint(0, 1439)
        return BASE + timedelta(days=self.random.randint(first, last), minutes=minute)

    def after(self, start: datetime | None) -> datetime | None:
        """A little or much later, now and then at once or never."""
        if start is None or self.random.random() < 0.15:
            return None
        return start + timedelta(minutes=self.pick(0, 5, 60, 61, 600, 1440, 2880, self.random.randint(0, 4000)))

    def fact(self, fact_kind: str, /, **fields: Any) -> Record:
        self.number += 1
        told = {"fact": fact_kind, "source": self.pick(*SOURCES), "id": f"{fact_kind}-{self.number}"}
        return told | {name: text(value) for name, value in fields.items() if value is not None}

    def mostly(self, name: str, *choices: Any) -> Any:
        """One of the choices; half of the time the one that this world has much of."""
        main = self.mains.setdefault(name, self.pick(*choices))
        return self.pick(main, self.pick(*choices))

    def own(self, moment: datetime) -> datetime:
        """A moment that nothing else of its sort shares: which of two came first is then no question."""
        while moment in self.taken:
            moment += timedelta(seconds=1)
        self.taken.add(moment)
        return moment
