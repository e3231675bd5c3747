"""JSON Lines of facts: read with a good word for every bad line, and written."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from slo.errors import ConfigError, FactError
from slo.facts import KINDS, Fact
from slo.interchange import parse, to_line, unknown_fields, wire_name
from tierline.settings.problems import did_you_mean

if TYPE_CHECKING:
    from slo.store import Store

MOST_KEPT = 1_000
"""Bad lines kept for the sources page; all of them are reported and counted."""
LONGEST_LINE = 16_000_000
"""Bytes; what is longer is no fact."""
REMEMBERED = 10_000
"""Lines whose place is kept until the store has taken them: more than one of its batches."""


@contextlib.contextmanager
def opened(file: str) -> Iterator[IO[bytes]]:
    """The file's bytes, or stdin's. Raises ConfigError where it cannot be read."""
    if file == "-":
        yield sys.stdin.buffer
        return
    with contextlib.ExitStack() as stack:
        try:
            stream = stack.enter_context(Path(file).open("rb"))
        except OSError as error:
            remedy = "name a file of JSON Lines, or - for stdin"
            raise ConfigError(f"{file}: cannot be read: {error.strerror}; {remedy}") from None
        yield stream


@contextlib.contextmanager
def written(file: str) -> Iterator[IO[str]]:
    """A text stream into the file, or to stdout."""
    if file != "-":
        with Path(file).open("w", encoding="utf-8") as stream:
            yield stream
        return
    stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", write_through=False)
    try:
        yield stdout
        stdout.flush()
    finally:
        stdout.detach()


class Reading:
    """Iterates the facts of a stream of JSON Lines, telling of every bad line and counting it."""

    def __init__(self, stream: IO[bytes], name: str, tell: Callable[[str], None]) -> None:
        self.stream = stream
        self.name = name
        self.tell = tell
        self.lines = 0
        self.set_aside = 0
        self.bad: list[tuple[str, str, str]] = []
        self._warned: set[tuple[str, str]] = set()
        self._places: OrderedDict[tuple[str, str, str], tuple[int, bytes]] = OrderedDict()

    def __iter__(self) -> Iterator[Fact]:
        number = 0
        while line := self.stream.readline(LONGEST_LINE):
            number += 1
            if not line.strip():
                continue
            self.lines += 1
            try:
                fact = self._fact(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
            except FactError as error:
                self._aside(number, line, str(error))
            else:
                self._remember(fact, number, line)
                yield fact

    def _remember(self, fact: Fact, number: int, line: bytes) -> None:
        """Where the newest facts stood: the store refuses a fact only once its batch is written."""
        self._places[fact.kind_of_fact, fact.source, fact.id] = (number, line)
        if len(self._places) > REMEMBERED:
            self._places.popitem(last=False)

    def refused(self, fact: Fact, error: FactError) -> None:
        """Sets a line aside that reads well and cannot be stored."""
        number, line = self._places.get((fact.kind_of_fact, fact.source, fact.id), (0, to_line(fact).encode()))
        self._aside(number, line, str(error))

    def _fact(self, line: bytes) -> Fact:
        try:
            record = json.loads(line)
        except UnicodeDecodeError:
            raise FactError("not UTF-8 text; save the file as UTF-8") from None
        except (ValueError, RecursionError) as error:
            raise FactError(f"not one JSON object: {error}; write one object on each line") from None
        if not isinstance(record, dict):
            raise FactError("not a JSON object; write one object on each line")
        fact = parse(record)
        self._warn(record)
        return fact

    def _warn(self, record: dict[str, Any]) -> None:
        for field in unknown_fields(record):
            seen = (str(record["fact"]), field)
            if seen not in self._warned:
                self._warned.add(seen)
                known = [wire_name(one.name) for one in fields(KINDS[seen[0]])]
                self.tell(f"warning: {seen[0]}.{field}: not in the vocabulary, left out; {did_you_mean(field, known)}")

    def _aside(self, number: int, line: bytes, error: str) -> None:
        self.set_aside += 1
        place = f"{self.name}:{number}"
        self.tell(f"{place}: {error}")
        if len(self.bad) < MOST_KEPT:
            self.bad.append((place, line[:2_000].decode("utf-8", "replace").rstrip("\n"), error))


def kinds_of(word: str) -> list[str]:
    """The kinds a word names. Raises ConfigError where it names none."""
    if word in ("all", "-"):
        return list(KINDS)
    if word not in KINDS:
        raise ConfigError(f"{word!r} is no kind of fact; {did_you_mean(word, ['all', *KINDS], 'there are')}")
    return [word]


def lines(store: Store, kinds: list[str]) -> Iterator[str]:
    """The stored facts as lines, as they were told: what corrections lay over them is taken off."""
    corrected = {(fact.target_fact, fact.target_id) for fact in store.read("correction")}  # type: ignore[attr-defined]
    for kind in kinds:
        for fact in store.read(kind):
            if (kind, fact.id) in corrected:
                for field, value in store.fact_original(fact).items():
                    setattr(fact, field, value)
            yield to_line(fact)
