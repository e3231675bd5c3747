"""The interchange: JSON objects to facts and back. Every field is checked; errors name field, value and remedy."""

from __future__ import annotations

import json
import math
import typing
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from types import UnionType
from typing import Any, Literal
from zoneinfo import ZoneInfo

from slo.errors import FactError
from slo.facts import KINDS, REQUIRED, Data, Fact, Instant, Words


def wire_name(field: str) -> str:
    """The field's name in the interchange: Python keywords carry a trailing underscore here only."""
    return field.rstrip("_")


def instant(value: Any) -> Instant:
    """An aware datetime or an ISO 8601 text with offset, as UTC. Raises ValueError on a naive time."""
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        raise ValueError("expected an ISO 8601 time such as 2026-10-01T06:00:00Z")
    if moment.tzinfo is None:
        raise ValueError("the time has no offset: write 2026-10-01T06:00:00Z or +02:00")
    return moment.astimezone(UTC)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("expected text")
    if "\x00" in value or (not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value)):
        raise ValueError("expected text without NUL or half characters")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError("expected a finite number")
    return float(value)


def _whole(value: Any) -> int:
    number = _number(value)
    if number != int(number):
        raise ValueError("expected a whole number")
    return int(number)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("expected true or false")
    return value


def _words(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise ValueError("expected a list of texts")
    return value


def _data(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("expected an object")
    return {str(key): item for key, item in value.items()}


def _buckets(value: Any) -> dict[str, Any]:
    counts = _data(value)
    for index, count in counts.items():
        if not index.removeprefix("-").isdecimal() or _number(count) < 0:
            raise ValueError(f"bucket {index!r}: expected a whole number and its count, 0 or more")
    return counts


def _zone(value: Any) -> str:
    name = _text(value)
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("no such time zone; write an IANA name such as Europe/Berlin or UTC") from None
    return name


def _spans(value: Any) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(pair, (list, tuple)) and len(pair) == 2 for pair in value):
        raise ValueError("expected a list of [start, end or null]")
    return [[instant(start), None if end is None else instant(end)] for start, end in value]


def _one_of(choices: tuple[Any, ...]) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        if isinstance(value, bool) or value not in choices:
            raise ValueError("expected one of " + ", ".join(str(choice) for choice in choices))
        return choices[choices.index(value)]

    return convert


_BY_TYPE: dict[Any, Callable[[Any], Any]] = {
    str: _text, float: _number, int: _whole, bool: _flag, datetime: instant,
    Words: _words, Data: _data, list[Any]: _spans,
}  # fmt: skip


def _plain_type(annotation: Any) -> Any:
    """The type behind ``X | None``."""
    if isinstance(annotation, UnionType) or typing.get_origin(annotation) is typing.Union:
        return next(arg for arg in typing.get_args(annotation) if arg is not type(None))
    return annotation


def field_types(kind: type[Fact]) -> dict[str, Any]:
    """Field name -> plain type (``Literal`` kept) of a fact kind, envelope first."""
    hints = typing.get_type_hints(kind)
    return {field.name: _plain_type(hints[field.name]) for field in fields(kind)}


def choices(plain_type: Any) -> tuple[Any, ...] | None:
    """The words a field may hold, or None where it is free."""
    return typing.get_args(plain_type) if typing.get_origin(plain_type) is Literal else None


def _converter(plain_type: Any) -> Callable[[Any], Any]:
    words = choices(plain_type)
    return _one_of(words) if words is not None else _BY_TYPE[plain_type]


_CONVERTERS: dict[str, dict[str, tuple[str, Callable[[Any], Any]]]] = {
    name: {wire_name(field): (field, _converter(kind)) for field, kind in field_types(cls).items()}
    for name, cls in KINDS.items()
}
# What no KPI could read is refused at the door: stored, it would stop every reading of its kind.
_CONVERTERS["distribution"] |= {"buckets": ("buckets", _buckets), "tz": ("tz", _zone)}
_CONVERTERS["meter"] |= {"tz": ("tz", _zone)}
_CONVERTERS["figure"] |= {"tz": ("tz", _zone)}


def unknown_fields(record: Mapping[str, Any]) -> list[str]:
    """Fields of an interchange record that the vocabulary doesn't know; they are ignored by ``parse``."""
    known = _CONVERTERS.get(str(record.get("fact")), {})
    return [key for key in record if key != "fact" and key not in known]


def convert(kind: str, key: str, value: Any) -> Any:
    """One value of an interchange object as its field holds it. Raises FactError naming field, value and remedy."""
    try:
        return _CONVERTERS[kind][key][1](value)
    except (ValueError, TypeError, OverflowError) as error:
        raise FactError(f"{kind}.{key}: {value!r}: {error}") from None


def field_name(kind: str, key: str) -> str | None:
    """The field that holds an interchange key; None where the vocabulary doesn't know it."""
    known = _CONVERTERS[kind].get(key)
    return known[0] if known else None


def parse(record: Mapping[str, Any]) -> Fact:
    """A fact from one interchange object. Raises FactError naming field, value and remedy."""
    kind = record.get("fact")
    if not isinstance(kind, str) or kind not in KINDS:
        raise FactError(f"fact: {kind!r} is not a kind of fact; expected one of {', '.join(KINDS)}")
    converters = _CONVERTERS[kind]
    values: dict[str, Any] = {}
    for key, value in record.items():
        if value is None or key not in converters:
            continue
        values[converters[key][0]] = convert(kind, key, value)
    _require(kind, values)
    return KINDS[kind](**values)


def _require(kind: str, values: dict[str, Any]) -> None:
    """What a telling must hold. A deletion needs its identity alone."""
    needed = ("source", "id") if values.get("deleted") else ("source", "id", *REQUIRED.get(kind, ()))
    for name in needed:
        if values.get(name) in (None, ""):
            raise FactError(f"{kind}.{name}: missing; every {kind} names its {name}")
    if kind == "survey_answer" and not values.get("deleted"):
        _require_score(values)
    if kind == "figure" and not values.get("deleted"):
        _require_figure(values)
    if kind == "incident" and not values.get("deleted") and not ("started_at" in values or "detected_at" in values):
        raise FactError("incident.started_at: missing; an incident names started_at, or at least detected_at")


def _require_score(values: dict[str, Any]) -> None:
    most = 5 if values["scale"] == "5" else 10
    if not 0 <= values["score"] <= most:
        raise FactError(f"survey_answer.score: {values['score']:g}: lies outside its scale; give 0 to {most}")


def _require_figure(values: dict[str, Any]) -> None:
    counts = [values.get(name) for name in ("good", "bad")]
    if "value" not in values and None in counts:
        raise FactError("figure.value: missing; a figure holds good and bad, or a value")
    if any(count is not None and count < 0 for count in counts):
        raise FactError(f"figure.good, figure.bad: {counts}: counts are not negative")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def to_record(fact: Fact) -> dict[str, Any]:
    """The interchange object of a fact, without nulls; ``parse`` of it gives the fact again."""
    record: dict[str, Any] = {"fact": fact.kind_of_fact}
    for field in fields(fact):
        value = getattr(fact, field.name)
        if value is not None and not (field.name == "deleted" and value is False):
            record[wire_name(field.name)] = _plain(value)
    return record


def to_line(fact: Fact) -> str:
    """The fact as one line of JSON Lines."""
    return json.dumps(to_record(fact), ensure_ascii=False, separators=(",", ":"))
