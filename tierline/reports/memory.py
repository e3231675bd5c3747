"""What is remembered of reporting days, so that nothing is sent twice: a line a task, in the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from slo.store import Store

KEY = "reports"
MOST = 400
"""Tasks that are remembered; the newest stay."""


@dataclass(frozen=True)
class Done:
    """How a task stands. ``state``: sending, sent or failed; one left at sending may have arrived. ``again``: not
    before this moment is a failed one tried again; "" never."""

    state: str
    at: str
    error: str = ""
    again: str = ""


@dataclass(frozen=True)
class Memory:
    """``since``: what was due before this moment is nobody's promise. ``tasks``: "2026-10 report mail" -> how it
    stands."""

    since: str
    tasks: Mapping[str, Done] = field(default_factory=dict)

    def is_open(self, task: str, moment: datetime, repeatable: bool) -> bool:
        """Whether it is to be done now. ``repeatable``: doing it twice does no harm."""
        done = self.tasks.get(task)
        if done is None:
            return True
        if done.state == "sending":
            return repeatable
        return done.state == "failed" and bool(done.again) and moment >= datetime.fromisoformat(done.again)


def remembered(store: Store) -> Memory | None:
    """None before the first look."""
    told = store.meta(KEY)
    if not told:
        return None
    found = json.loads(told)
    return Memory(found["since"], {task: Done(**done) for task, done in found["tasks"].items()})


def begin(store: Store, moment: datetime) -> Memory:
    """What is remembered; at the first look that it begins now."""
    found = remembered(store)
    if found is None:
        found = Memory(moment.isoformat())
        _write(store, found)
    return found


def remember(store: Store, task: str, done: Done) -> None:
    """How a task stands now."""
    found = begin(store, datetime.fromisoformat(done.at))
    tasks = {name: one for name, one in found.tasks.items() if name != task} | {task: done}
    _write(store, Memory(found.since, dict(list(tasks.items())[-MOST:])))


def _write(store: Store, memory: Memory) -> None:
    with store.write() as tx:
        tx.set_meta(KEY, json.dumps(asdict(memory)))
