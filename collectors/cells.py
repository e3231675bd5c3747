"""A cell of somebody's register as a value of the vocabulary: times, numbers, lists, words.

Every function raises ValueError saying what was expected and what to set; blank is None before any of them is asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from slo.interchange import choices

_THOUSANDS = re.compile(r"[+-]?\d{1,3}([,' ]\d{3})+(\.\d+)?")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_TRUE, _FALSE = {"true", "yes", "y", "1", "x"}, {"false", "no", "n", "0"}
_EPOCHS: Mapping[str, Callable[[float], datetime]] = {
    "epoch": lambda number: datetime.fromtimestamp(number, UTC),
    "epoch_ms": lambda number: datetime.fromtimestamp(number / 1000, UTC),
    "excel": lambda number: datetime(1899, 12, 30) + timedelta(days=number),  # noqa: DTZ001  the sheet's own zone
}


@dataclass(frozen=True)
class Reading:
    """How cells are to be understood."""

    timezone: ZoneInfo | None = None
    """Zone of times without an offset; without one such times are refused."""
    time_format: str | None = None
    """strptime format; or "epoch", "epoch_ms", "excel" (days since 1899-12-30)."""
    list_separator: str = ","
    decimal_comma: bool = False


def blank(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def value(cell: Any, kind: Any, reading: Reading) -> Any:
    """The cell as a value of a fact's field type."""
    words = choices(kind)
    if words is not None:
        return _word(cell, words)
    convert = _CONVERTERS.get(kind, _data)
    return convert(cell, reading)


def _time(cell: Any, reading: Reading) -> datetime:
    moment = _moment(cell, reading)
    if moment.tzinfo is None:
        if reading.timezone is None:
            raise ValueError("the time has no offset: set timezone (such as Europe/Berlin)")
        moment = moment.replace(tzinfo=reading.timezone)
    return moment.astimezone(UTC)


def _moment(cell: Any, reading: Reading) -> datetime:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if reading.time_format is not None and reading.time_format in _EPOCHS:
        return _EPOCHS[reading.time_format](_number(cell, reading))
    text = str(cell).strip()
    try:
        return datetime.strptime(text, reading.time_format) if reading.time_format else datetime.fromisoformat(text)  # noqa: DTZ007
    except ValueError:
        expected = reading.time_format or "2026-10-01T06:00:00Z or 2026-10-01 06:00"
        raise ValueError(f"expected a time such as {expected}; else set time_format") from None


def _number(cell: Any, reading: Reading) -> float:
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return cell
    text = str(cell).strip().replace("\u00a0", " ").replace("\u202f", " ")
    if reading.decimal_comma:
        text = text.replace(".", "").replace(" ", "").replace(",", ".")
    elif _THOUSANDS.fullmatch(text):
        text = re.sub(r"[,' ]", "", text)
    if not _PLAIN.fullmatch(text):
        raise ValueError("expected a number such as 1234.5 or 1,234.5; for 1.234,5 set decimal_comma: true")
    return float(text)


def _whole(cell: Any, reading: Reading) -> int:
    number = _number(cell, reading)
    if number != int(number):
        raise ValueError("expected a whole number")
    return int(number)


def _flag(cell: Any, _: Reading) -> bool:
    word = str(int(cell)) if isinstance(cell, (int, float)) and cell in (0, 1) else str(cell).strip().casefold()
    if word not in _TRUE | _FALSE:
        raise ValueError("expected true or false (yes, no, 1, 0); else map it with values")
    return word in _TRUE


def text(cell: Any) -> str:
    """The cell as people read it: a whole number without its ".0"."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, (date, datetime, time)) else str(cell).strip()


def _words(cell: Any, reading: Reading) -> list[str]:
    parts = cell if isinstance(cell, list) else text(cell).split(reading.list_separator)
    return [text(part) for part in parts if not blank(part)]


def _data(cell: Any, _: Reading) -> Any:
    """An object or list: from JSON Lines as it is, from a cell as JSON."""
    if not isinstance(cell, str):
        return cell
    try:
        return json.loads(cell)
    except json.JSONDecodeError:
        raise ValueError("expected JSON") from None


def _word(cell: Any, words: tuple[Any, ...]) -> Any:
    """One of the vocabulary's words, whatever its spelling's case."""
    plain = text(cell).casefold()
    for word in words:
        if str(word).casefold() == plain:
            return word
    raise ValueError("expected one of " + ", ".join(map(str, words)) + "; map other words with values")


_CONVERTERS: dict[Any, Callable[[Any, Reading], Any]] = {
    datetime: _time, float: _number, int: _whole, bool: _flag, list[str]: _words,
    str: lambda cell, _: text(cell),
}  # fmt: skip
