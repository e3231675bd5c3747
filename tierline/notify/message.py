"""A message, drawn for every way out at once: as text, as Slack's blocks, as data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

VERSION = 1
"""Of the JSON that a webhook gets (docs/notifications.md)."""


@dataclass(frozen=True)
class Message:
    """``text`` is the whole of it as plain text, its first line the title; ``data``: the same as JSON values."""

    title: str
    text: str
    blocks: list[dict[str, Any]]
    kind: str
    """baseline, changes, digest or test."""
    data: Mapping[str, Any]
    at: datetime
    day: str = ""
    """Of what is told once a day, whatever it says: the local day."""

    @property
    def rest(self) -> str:
        """The text below its title; the title where there is nothing else."""
        return self.text.removeprefix(self.title).lstrip("\n") or self.title

    @property
    def identity(self) -> str:
        """The same for what says the same (of one day): a receiver that gets it again knows it."""
        told = {name: value for name, value in self.data.items() if name != "as_of"}
        said = json.dumps([self.kind, told, *([self.day] if self.day else [])], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    @property
    def body(self) -> dict[str, Any]:
        """What a webhook gets."""
        return {"version": VERSION, "kind": self.kind, "id": self.identity, "title": self.title, **self.data}


def test_line(name: str, at: datetime, what: str = "") -> Message:
    """One line, to see whether it arrives. ``at`` is among its data: no test is another's repetition."""
    line = what or f"Tierline's messages to {name} come here."
    return Message(line, line, [], "test", {"at": at.isoformat(), "receiver": name}, at)
