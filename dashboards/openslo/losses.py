"""What does not come through: the format cannot say it, or Tierline cannot take it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["left out", "changed", "refused"]
HIDDEN = "(not shown)"
"""Stands for what may hold a secret."""
_LONGEST = 60


@dataclass(frozen=True)
class Loss:
    """One thing of one document. left out: it has no counterpart. changed: something near to it was taken instead.
    refused: what it belongs to was not taken at all."""

    file: str
    document: str
    """SLO main-page; document 3 where it has no name."""
    path: str
    """spec.timeWindow[0].calendar.timeZone; "" the whole document."""
    value: str
    kind: Kind
    instead: str
    """What was done instead, or is to be done."""

    def as_record(self) -> dict[str, str]:
        return asdict(self)


class Refused(Exception):
    """Something that cannot be taken, with its place, its value and what to do about it."""

    def __init__(self, path: str, value: Any, why: str) -> None:
        super().__init__(why)
        self.path, self.value, self.why = path, value, why


class Ledger:
    """Losses, each once, those of a document together."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], dict[Loss, None]] = {}

    def add(self, file: str, document: str, path: str, value: Any, kind: Kind, instead: str) -> None:
        loss = Loss(file, document, path, shown(value), kind, instead)
        self._found.setdefault((file, document), {})[loss] = None

    def __iter__(self) -> Iterator[Loss]:
        return (loss for own in self._found.values() for loss in own)


def refused(losses: Iterable[Loss]) -> int:
    """How many things were not taken at all."""
    return sum(loss.kind == "refused" for loss in losses)


def shown(value: Any) -> str:
    """A value in one short line."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        text = "{" + ", ".join(map(str, value)) + "}"
    elif isinstance(value, list):
        text = "[" + ", ".join(shown(one) for one in value) + "]"
    else:
        text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
