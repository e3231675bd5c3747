"""From a raw record to facts: parse, stamp, map persons to teams, check. What cannot be taken is set aside, one by
one; the rest goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from collectors.base import Raw, Source
from collectors.people import impersonal, teams_only
from collectors.registers import Register
from collectors.secrets import starred
from slo import interchange
from slo.errors import FactError, StoreError
from slo.facts import Fact

_KEPT = 2_000
"""Characters of a set-aside record that are kept to look at."""
_STAMPED = ("asset", "change")
"""Kinds that carry the source's environment."""


@dataclass(frozen=True)
class SetAside:
    """One record that could not be taken, and why."""

    place: str
    record: str
    error: str


class Intake:
    """Takes the raw records of one pass of one source."""

    def __init__(self, source: Source, people: Mapping[str, str], register: Register, at: datetime) -> None:
        self.source = source
        self.people = people
        self.register = register
        self.at = at
        self.aside: list[SetAside] = []

    def take(self, raw: Raw) -> Iterator[Fact]:
        """The facts of one raw record. Assets go to the register, which tells their versions at the period's end."""
        try:
            for record in self.source.parse(raw):
                yield from self.record(record, raw.kind)
        except StoreError:
            raise
        except Exception as error:
            self._set_aside(raw.kind, raw.data, error)

    def record(self, record: Mapping[str, Any], place: str) -> Iterator[Fact]:
        """The fact of one interchange object, as far as it is not the register's."""
        try:
            stamped = self._stamp(dict(record))
            if stamped.get("fact") == "asset" and not stamped.get("valid_from") and not stamped.get("deleted"):
                interchange.parse({"id": stamped.get("asset"), **stamped})
                self.register.tell(stamped)
            else:
                yield interchange.parse(stamped)
        except FactError as error:
            self._set_aside(place, record, error)

    def refuse(self, fact: Fact, error: FactError) -> None:
        """Sets aside a fact that the store cannot take."""
        self._set_aside(fact.kind_of_fact, interchange.to_record(fact), error)

    def _stamp(self, record: dict[str, Any]) -> dict[str, Any]:
        record["source"] = self.source.name
        if record.get("fact") in _STAMPED and record.get("environment") is None:
            record["environment"] = self.source.settings.environment
        if record.get("fact") == "asset" and record.get("valid_from") and not record.get("id"):
            record["id"] = f"{record.get('asset')}@{record['valid_from']}"
        if record.get("fact") == "edge" and not record.get("deleted"):
            record = self.register.edge(record)
        return teams_only(record, self.people)

    def _set_aside(self, place: str, record: Any, error: Exception) -> None:
        text = impersonal(starred(json.dumps(record, default=str, ensure_ascii=False))[:_KEPT])
        known = isinstance(error, FactError)
        reason = starred(error if known else f"{type(error).__name__}: {error}")
        self.aside.append(SetAside(f"{self.source.name}: {place}", text, reason))
