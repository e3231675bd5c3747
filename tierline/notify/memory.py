"""What is remembered of a receiver, in the store: what it knows, and what has been seen since."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from tierline.notify.observing import Held

if TYPE_CHECKING:
    from slo.store import Store


@dataclass(frozen=True)
class Memory:
    """What is remembered of a receiver. ``told``: thing -> the value it knows; ``about``: what to say of its open
    alerts once they are over."""

    as_of: str = ""
    """The last evaluation that was looked at; "" before the first."""
    seen: Mapping[str, Held] = field(default_factory=dict)
    told: Mapping[str, str] = field(default_factory=dict)
    about: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    state: str = ""
    """sending, sent or failed; what was left at sending may have arrived."""
    at: str = ""
    error: str = ""
    tries: int = 0
    again: str = ""
    """Not before this moment is it tried again."""
    began: bool = False
    """It knows how things stood at first."""
    since: str = ""
    """The first look."""
    waits: Sequence[str] = ()
    """The sources whose history changes of budgets and verdicts wait for."""
    whole: bool = True
    """The last evaluation saw all of that history: it waits for nothing, and neither did the one before."""


def remembered(store: Store, name: str) -> Memory:
    """What is remembered of the receiver of this name."""
    told = json.loads(store.meta(f"notify {name}") or "{}")
    seen = {key: Held(*one) for key, one in told.get("seen", {}).items()}
    return Memory(**{**told, "seen": seen})


def remember(store: Store, name: str, memory: Memory) -> None:
    with store.write() as tx:
        tx.set_meta(f"notify {name}", json.dumps(asdict(memory)))
