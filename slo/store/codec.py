"""Facts to rows and back. For every fact kind two functions are written out and compiled once, as ``dataclasses`` does
for ``__init__``: half a million facts pass here, and a loop over fields would cost several times as much.

A row is a tuple in the order of the table's columns, without ``pk``: source, id, revised_at, deleted, url, the fields,
placed_at, collected (and told_at for an asset).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from slo.errors import FactError
from slo.facts import KINDS, Fact, place_fields
from slo.interchange import wire_name
from slo.store.tables import FACTS, FORMS, KEEPS_DELETED

Row = tuple[Any, ...]

SOURCE, ID, REVISED, DELETED, URL, FIRST_FIELD = range(6)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_BIGGEST = 2**63 - 1


def micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC. Raises TypeError on a naive time."""
    return (moment - _EPOCH) // _TICK


def moment(ticks: int) -> datetime:
    """The UTC instant of a number of microseconds."""
    return _EPOCH + timedelta(0, 0, ticks)


def micros_or_none(value: datetime | None) -> int | None:
    return None if value is None else micros(value)


def moment_or_none(ticks: int | None) -> datetime | None:
    return None if ticks is None else moment(ticks)


dump = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode
"""JSON text with sorted keys, so that equal contents are equal texts. Raises ValueError on NaN."""


def older(first: int | None, second: int | None) -> bool:
    """Whether the first revised_at sorts below the second; null sorts below any instant."""
    return second is not None and (first is None or first < second)


def _finite(value: float) -> float:
    if math.isfinite(value):
        return value
    raise ValueError("expected a finite number")


def _whole(value: int) -> int:
    if -_BIGGEST <= value <= _BIGGEST:
        return value
    raise ValueError("expected a whole number of at most 63 bits")


def _dump_spans(spans: list[Any]) -> str:
    return dump([[micros(start), micros_or_none(end)] for start, end in spans])


def _load_spans(text: str) -> list[Any]:
    return [[moment(start), moment_or_none(end)] for start, end in json.loads(text)]


def _load_names(text: str, renamed: Mapping[str, str]) -> list[str]:
    """A list of asset names, by their present names, each once."""
    return list(dict.fromkeys(renamed.get(name, name) for name in json.loads(text)))


_ENCODE = {
    "text": "{v}", "flag": "{v}", "instant": "micros({v})", "number": "finite({v})", "whole": "whole({v})",
    "json": "dump({v})", "names": "dump({v})", "spans": "dump_spans({v})", "asset": "assets[{v}]",
}  # fmt: skip
_DECODE = {
    "text": "{v}", "flag": "bool({v})", "instant": "moment({v})", "number": "{v}", "whole": "{v}", "json": "loads({v})",
    "names": "load_names({v}, renamed)", "spans": "load_spans({v})", "asset": "assets[{v}]",
}  # fmt: skip
_TOOLS = {
    "micros": micros, "moment": moment, "finite": _finite, "whole": _whole, "dump": dump, "dump_spans": _dump_spans,
    "loads": json.loads, "load_spans": _load_spans, "load_names": _load_names,
}  # fmt: skip


def _unless_none(template: str, value: str) -> str:
    text = template.format(v=value)
    return text if text == value else f"None if {value} is None else {text}"


def _compile(source: str, name: str, tools: Mapping[str, Any]) -> Any:
    space: dict[str, Any] = dict(tools)
    exec(compile(source, f"<codec {name}>", "exec"), space)
    return space[name]


def _encoder(kind: str) -> Callable[[Fact, Mapping[str, int], Mapping[str, int]], Row]:
    forms = FORMS[kind]
    lines = [f" f_{field} = {_unless_none(_ENCODE[form], f'f.{field}')}" for field, form in forms.items()]
    placed = "None"
    for field in reversed(place_fields(KINDS[kind])):
        placed = f"f_{field} if f_{field} is not None else {placed}"
    values = ["sources[f.source]", "f.id", "None if f.revised_at is None else micros(f.revised_at)", "f.deleted"]
    values += ["f.url", *(f"f_{field}" for field in forms), placed, "None", *_told(kind)]
    body = "\n".join(["def encode(f, sources, assets):", *lines, f" return ({', '.join(values)})"])
    encode: Callable[[Fact, Mapping[str, int], Mapping[str, int]], Row] = _compile(body, "encode", _TOOLS)
    return encode


def _told(kind: str) -> list[str]:
    return ["None"] if kind in KEEPS_DELETED else []


def _decoder(kind: str) -> Callable[[Row, Mapping[int, str], Mapping[int, str], Mapping[str, str]], Fact]:
    names = [f"c_{column.name}" for column in FACTS[kind].columns]
    values = [f"{field}={_unless_none(_DECODE[form], f'c_{field}')}" for field, form in FORMS[kind].items()]
    envelope = "source=sources[c_source_id], id=c_id, url=c_url, deleted=bool(c_deleted), "
    envelope += "revised_at=None if c_revised_at is None else moment(c_revised_at), "
    body = f"def decode(row, sources, assets, renamed):\n {', '.join(names)} = row\n"
    body += f" return cls({envelope}{', '.join(values)})"
    decode: Callable[[Row, Mapping[int, str], Mapping[int, str], Mapping[str, str]], Fact] = _compile(
        body, "decode", {**_TOOLS, "cls": KINDS[kind]}
    )
    return decode


ENCODERS = {kind: _encoder(kind) for kind in KINDS}
"""Kind -> (fact, source name -> key, asset name -> key) -> row. TypeError or ValueError: it can't be stored."""
DECODERS = {kind: _decoder(kind) for kind in KINDS}
"""Kind -> (pk and row, key -> source name, key -> present asset name, renamed names) -> fact."""
FIELDS = {kind: {field: FIRST_FIELD + n for n, field in enumerate(FORMS[kind])} for kind in KINDS}
"""Kind -> field -> its position in a row."""
PLACED = {kind: FIRST_FIELD + len(FORMS[kind]) for kind in KINDS}
_PLACES = {kind: [FIELDS[kind][field] for field in place_fields(KINDS[kind])] for kind in KINDS}
_ENCODE_ONE = {
    form: _compile(f"def one(v, assets):\n return {_unless_none(template, 'v')}", "one", _TOOLS)
    for form, template in _ENCODE.items()
}
_DECODE_ONE = {
    form: _compile(f"def one(v, assets, renamed):\n return {_unless_none(template, 'v')}", "one", _TOOLS)
    for form, template in _DECODE.items()
}


def collected_at(kind: str) -> int:
    """The position of ``collected`` in a row; ``told_at`` follows it where the kind has it."""
    return PLACED[kind] + 1


def encode_value(kind: str, field: str, value: Any, assets: Mapping[str, int]) -> Any:
    """One field as its column holds it."""
    return value if field == "url" else _ENCODE_ONE[FORMS[kind][field]](value, assets)


def decode_value(kind: str, field: str, value: Any, assets: Mapping[int, str], renamed: Mapping[str, str]) -> Any:
    """One column's value as the field holds it."""
    return value if field == "url" else _DECODE_ONE[FORMS[kind][field]](value, assets, renamed)


def position(kind: str, field: str) -> int:
    return URL if field == "url" else FIELDS[kind][field]


def placed(kind: str, row: Row) -> int | None:
    """Where a row belongs in time, from its own columns."""
    return next((row[place] for place in _PLACES[kind] if row[place] is not None), None)


def asset_names_of(kind: str, facts: list[Fact]) -> set[str]:
    """Every asset name that the facts refer to by key."""
    fields = [field for field, form in FORMS[kind].items() if form == "asset"]
    names = {getattr(fact, field) for field in fields for fact in facts}
    return {name for name in names if isinstance(name, str)}


def why_not(fact: Fact, assets: Mapping[str, int]) -> FactError:
    """What in this fact cannot be stored: the message names field, value and remedy."""
    kind = fact.kind_of_fact
    for field in ("source", "id"):
        if not isinstance(getattr(fact, field), str):
            return FactError(f"{kind}.{field}: {getattr(fact, field)!r}: expected text; every fact names its {field}")
    for field, form in {"revised_at": "instant", **FORMS[kind]}.items():
        value = getattr(fact, field)
        try:
            _ENCODE_ONE[form](value, assets)
        except TypeError as error:
            naive = isinstance(value, datetime) and value.tzinfo is None
            reason = "the time has no offset: write 2026-10-01T06:00:00Z or +02:00" if naive else str(error)
            return FactError(f"{kind}.{wire_name(field)}: {value!r}: {reason}")
        except (ValueError, KeyError, AttributeError) as error:
            return FactError(f"{kind}.{wire_name(field)}: {value!r}: {error}")
    return FactError(f"{kind} {fact.id!r} of {fact.source!r} cannot be stored: check the types of its fields")
