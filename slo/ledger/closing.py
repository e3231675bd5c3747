"""Closing a period: what is reported is stored for good, with a hash over all of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slo.engine import Engine
from slo.errors import ConfigError, StoreError
from slo.ledger.hearing import HEARD
from slo.ledger.lines import Line, canonical, hash_of, is_provisional, judged_by, lines_of
from slo.ledger.scopes import scopes_of
from slo.results import Query, Results
from slo.windows import Window, parse_window

KINDS = ("W", "M", "Q", "H")
EXAMPLES = "2026-10, 2026-W44, 2026-Q4, 2026-H2"


def window_of(engine: Engine, period: str, now: datetime) -> Window:
    """The period's window. Raises ConfigError unless it is a week, month, quarter or half-year."""
    window = parse_window(period, now, engine.platform.timezone)
    if window.kind not in KINDS:
        raise ConfigError(f"{period}: is no period of the ledger; name a week, month, quarter or half, as {EXAMPLES}")
    return window


def refuse_unless_closable(engine: Engine, period: str, now: datetime) -> Window:
    """The window of a period that has ended and is not closed. Raises ConfigError, which says what to do instead."""
    window = window_of(engine, period, now)
    if window.end > now:
        end = window.end.astimezone(window.tz)
        raise ConfigError(f"{window.name}: has not ended; it can be closed from {end:%Y-%m-%d %H:%M} ({window.tz}) on")
    for row in engine.store.ledger.periods():
        if row.name == window.name:
            raise ConfigError(
                f"{window.name}: is closed already (hash {row.hash[:12]}), and a closed period is never rewritten; "
                f"`tierline ledger {window.name}` lists what has changed since"
            )
    return window


class Still(Engine):
    """The engine held at one instant: all that is read is of one moment of the store, and nothing is refreshed."""

    def __init__(self, engine: Engine, results: Results, renew: Any) -> None:
        self.__dict__.update(engine.__dict__)
        self._still, self._renew = results, renew

    def refresh(self, now: datetime) -> bool:
        return True

    def results(self, as_of: datetime | None, now: datetime, refresh: bool = True) -> Results:
        self._renew()
        return self._still

    @contextmanager
    def _reading(self, as_of: datetime | None, now: datetime, refresh: bool) -> Iterator[Results]:
        yield self.results(as_of, now, refresh)


@dataclass
class Closing:
    """What is about to be closed. ``still`` is the engine to make the reports with."""

    engine: Engine
    still: Engine
    window: Window
    as_of: datetime
    heard: int
    """The number of the last change that is in it."""
    lines: list[Line] = field(default_factory=list)
    documents: dict[str, str] = field(default_factory=dict)

    @property
    def scopes(self) -> list[str]:
        return scopes_of(self.still.results(None, self.as_of).view, self.window)

    @property
    def provisional(self) -> list[str]:
        """KPIs whose line of the whole has not settled."""
        return [line["kpi"] for line in self.lines if line["scope"] == "whole" and is_provisional(line)]

    def judged(self) -> None:
        """Works out every line. Raises ConfigError where nothing at all is known of the period."""
        kpis = self.engine.shelf.values()
        self.lines = list(lines_of(self.still.results(None, self.as_of), kpis, self.scopes, self.window.name))
        if all(line["result"]["value"] is None for line in self.lines):
            raise ConfigError(f"{self.window.name}: nothing is known of it; collect or import its facts first")

    def head(self, closed_at: datetime, by: str, notes: Any, disputes: list[dict[str, Any]]) -> dict[str, Any]:
        """What stands over the lines."""
        results, zone = self.still.results(None, self.as_of), self.window.tz
        return {
            "name": self.window.name, "kind": self.window.kind, **{
                name: moment.astimezone(zone).isoformat()
                for name, moment in (
                    ("start", self.window.start), ("end", self.window.end), ("as_of", self.as_of),
                    ("closed_at", closed_at),
                )
            },
            "by": by, "seq": self.heard, "notes": notes, "disputes": disputes,
            "unsettled": sorted({line["kpi"] for line in self.lines if is_provisional(line)}),
            "judged_by": judged_by(results, self.engine.shelf.values(), self.window.name),
        }  # fmt: skip

    def store(self, head: dict[str, Any]) -> str:
        """Puts it into the ledger in one transaction; the hash. Raises StoreError where it is closed already, or where
        facts were heard meanwhile that are not in it."""
        found = hash_of(head, self.lines, self.documents)
        rows = [(line["kpi"], line["scope"], canonical(line)) for line in self.lines]
        days = (self.window.first_day.toordinal(), self.window.last_day.toordinal())
        with self.engine.store.write() as tx:
            if int(tx.meta(HEARD) or 0) != self.heard:
                raise StoreError(f"{self.window.name}: other facts came in while it was closed; run it again")
            tx.ledger.close_period(self.window.name, days, found, canonical(head), rows, self.documents)
        return found


@contextmanager
def closing(engine: Engine, window: Window, now: datetime) -> Iterator[Closing]:
    """A period about to be closed, every line of it of one moment of the store. Nothing is refreshed meanwhile."""
    if not engine.refresh(now):
        raise StoreError(f"{window.name}: another process is evaluating; wait a minute and run it again")
    with engine.holding(now) as renew, engine.store.steady():
        results = engine.results(Query().as_of, now, refresh=False)
        heard = int(engine.store.meta(HEARD) or 0)
        found = Closing(engine, Still(engine, results, renew), window, results.view.as_of, heard)
        found.judged()
        yield found
