"""Answers of a newer server: fields and words that nobody knows yet."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collectors.contract.standin import Asked, Disturb, Reply, changed

FIELD, WORD = "zz_unheard_of", "zz_unheard_of"
ENUMS = frozenset((
    "conclusion", "event", "kind", "outcome", "priority", "resolution", "result", "run_type", "setup_state", "severity",
    "state", "status", "sync_state", "triggered_by", "type", "urgency",
))  # fmt: skip
"""Keys whose values are one of a few words, at most vendors."""
_WORD = re.compile(r"[A-Za-z][A-Za-z_ -]{1,40}")
_SHORTEST = 3


@dataclass(frozen=True)
class Place:
    """One word of one object of an answer."""

    asked: Asked
    record: dict[str, Any]
    key: str

    def names(self) -> set[str]:
        """Texts by which the record may be known: its own, and those of the path it was asked under."""
        own = {text.rsplit("/", 1)[-1] for text in texts(self.record)} | set(texts(self.record))
        path = {part for part in self.asked.path.split("/") if any(letter.isdigit() for letter in part)}
        return {text for text in own | path if len(text) >= _SHORTEST and text != self.record[self.key]}


def texts(value: Any) -> Iterator[str]:
    """Every text and whole number in a value."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        yield str(value)


def decoded(reply: Reply) -> Any:
    """A reply's JSON; None where it is something else."""
    try:
        return json.loads(reply.body)
    except ValueError:
        return None


def unknown_field(leave: Collection[str]) -> Disturb:
    """Every object answered has one more field; not those with free keys (named in ``leave``, or maps of objects)."""

    def disturb(number: int, asked: Asked, reply: Reply) -> Reply:
        body = decoded(reply)
        return reply if body is None else changed(reply, _grown(body, leave))

    return disturb


def _grown(value: Any, leave: Collection[str]) -> Any:
    if isinstance(value, list):
        return [_grown(item, leave) for item in value]
    if not isinstance(value, dict):
        return value
    grown = {key: item if key in leave else _grown(item, leave) for key, item in value.items()}
    return grown if value and all(isinstance(item, dict) for item in value.values()) else {**grown, FIELD: "zz"}


def places(asked: list[Asked], replies: list[Reply]) -> list[Place]:
    """The first word of every key in every answer that is one of a few."""
    found: dict[tuple[str, str], Place] = {}
    for request, reply in zip(asked, replies, strict=True):
        for record, key in _words(decoded(reply)):
            found.setdefault((request.path, key), Place(request, record, key))
    return list(found.values())


def _words(value: Any, listed: bool = False) -> Iterator[tuple[dict[str, Any], str]]:
    """Record and key of every such word in what is listed: an answer's own envelope is no record."""
    if isinstance(value, dict):
        if listed:
            yield from ((value, key) for key, item in value.items()
                        if key in ENUMS and isinstance(item, str) and _WORD.fullmatch(item))  # fmt: skip
        for item in value.values():
            yield from _words(item, listed)
    elif isinstance(value, list):
        for item in value:
            yield from _words(item, True)


def unknown_word(place: Place) -> Disturb:
    """The record says a word that nobody knows, wherever it is answered."""

    def disturb(number: int, asked: Asked, reply: Reply) -> Reply:
        body = decoded(reply)
        return reply if body is None else changed(reply, _replaced(body, place))

    return disturb


def _replaced(value: Any, place: Place) -> Any:
    if isinstance(value, list):
        return [_replaced(item, place) for item in value]
    if not isinstance(value, dict):
        return value
    if value == place.record:
        return {**value, place.key: WORD}
    return {key: _replaced(item, place) for key, item in value.items()}
