"""One pass over the sources, as the command line runs it: progress on stderr, one record a source."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from collectors.runner import Progress, Runner, RunRecord
from slo.errors import ConfigError
from tierline.commands import now
from tierline.config import Config
from tierline.settings.problems import did_you_mean

if TYPE_CHECKING:
    from slo.store import Store


def chosen(config: Config, names: Sequence[str]) -> list[str]:
    """The named sources, all where none is named. Raises ConfigError for a name that isn't configured."""
    known = [one.name for one in config.configured]
    for name in names:
        if name not in known:
            raise ConfigError(f"{name!r} is no source of these settings; {did_you_mean(name, known, 'there are')}")
    return list(dict.fromkeys(names)) or known


def collect_all(
    store: Store, config: Config, names: Sequence[str], since: datetime | None, full: bool, tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    """One pass over each source, one after the other; a failing one is told at once and the next one goes on."""
    runner = Runner(store, config.sources(now), now, people=config.settings.people)
    line = ProgressLine()
    records = []
    for name in names:
        record = runner.collect(name, since=since, full=full, progress=line)
        line.clear()
        if record.error:
            tell(f"error: {record.error}")
        for reason in record.unseen:
            tell(f"warning: {name}: a part was not seen: {reason}")
        if record.set_aside:
            tell(f"warning: {name}: {record.set_aside} records set aside; the sources page lists them")
        records.append(summary(record))
    return records


def summary(record: RunRecord) -> dict[str, Any]:
    """A pass as plain data."""
    ended = record.ended or record.started
    return {
        "source": record.source,
        "ok": record.ok,
        "state": "● done" if record.ok else "▲ failed",
        "facts": record.facts,
        "unchanged": record.unchanged,
        "set_aside": record.set_aside,
        "seconds": round((ended - record.started).total_seconds(), 1),
        "error": record.error,
    }


class ProgressLine:
    """Where a pass is, on one line that is written over; nothing where stderr is no terminal."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()

    def __call__(self, at: Progress) -> None:
        whole, done = at.end - at.floor, at.start - at.floor
        part = f", {1 - done / whole:.0%} of its history" if whole.total_seconds() and at.start > at.floor else ""
        self._write(f"{at.source}: {at.start:%Y-%m-%d} to {at.end:%Y-%m-%d}{part}, {at.facts:,} facts")

    def clear(self) -> None:
        """Makes room for a line of its own."""
        self._write("")

    def _write(self, text: str) -> None:
        if self.shown:
            sys.stderr.write(f"\r\x1b[2K{text[:110]}")
            sys.stderr.flush()
