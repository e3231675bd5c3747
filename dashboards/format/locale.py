"""The reader's locale: how numbers and dates are written. Words stay English, and so does the page's direction.

It is held in a context variable that a page's callback sets and everything else leaves at English: reports, exports,
the command line, metrics and the JSON API are the same for every reader. Digits are those that CLDR names the
locale's default: 0 to 9 for ``ar`` and ``ar-MA``, the Arabic-Indic ones for ``ar-EG``; a reader's browser says which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any, Literal

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton

ENGLISH = "en"
_CONTROLS = dict.fromkeys(map(ord, "\u200e\u200f\u061c"))
_APART, _END = "\u2067", "\u2069"
"""Right-to-left isolate and its end: a date in Arabic letters keeps its own order inside an English line."""
_TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}")


@dataclass(frozen=True)
class Writing:
    """How a locale writes: its signs, its ten digits ("" for 0 to 9), sizes of groups (last, the others)."""

    tag: str
    decimal: str = "."
    group: str = ","
    percent: str = " %"
    digits: str = ""
    groups: tuple[int, int] = (3, 3)
    currency_last: bool = False
    rtl: bool = False

    @property
    def english(self) -> bool:
        return self.tag == ENGLISH


_HERE = Writing(ENGLISH)
_now: ContextVar[Writing | None] = ContextVar("locale", default=None)


def current() -> Writing:
    return _now.get() or _HERE


@contextmanager
def using(tag: str) -> Iterator[None]:
    """Write as ``tag`` does, until the block ends."""
    kept = _now.set(writing(tag))
    try:
        yield
    finally:
        _now.reset(kept)


def enter(tag: str) -> None:
    """Write as ``tag`` does, in the rest of this context (a request's thread is told anew by every request)."""
    _now.set(writing(tag))


def choose(asked: str | None, accepted: str | None = None) -> str:
    """The tag to use: what the address asks for, else the first that the browser accepts and Babel knows, else English.

    ``accepted`` is an Accept-Language header: de-AT,de;q=0.9,en;q=0.8.
    """
    for tag in ([asked] if asked else []) + _accepted(accepted or ""):
        if _known(tag) is not None:
            return tag.replace("_", "-")
    return ENGLISH


def _accepted(header: str) -> list[str]:
    """The tags of the header, the most wanted first; what is no tag is passed over."""
    weighed: list[tuple[float, str]] = []
    for part in header[:400].split(","):
        tag, _, rest = part.strip().partition(";")
        weight = re.fullmatch(r"\s*q=([01](?:\.\d{1,3})?)\s*", rest)
        if _TAG.fullmatch(tag):
            weighed.append((-float(weight[1]) if weight else -1.0, tag))
    return [tag for weight, tag in sorted(weighed, key=lambda one: one[0]) if weight]


@lru_cache(64)
def _known(tag: str) -> Locale | None:
    if not _TAG.fullmatch(tag):
        return None
    try:
        return Locale.parse(tag, sep="-" if "-" in tag else "_")
    except (UnknownLocaleError, ValueError):
        return None


@lru_cache(64)
def writing(tag: str) -> Writing:
    """What Babel knows of a locale; all English is the house's own."""
    locale = _known(tag)
    if locale is None or locale.language == ENGLISH:
        return Writing(ENGLISH)
    system = locale.default_numbering_system
    symbols = locale.number_symbols.get(system) or locale.number_symbols["latn"]
    sign = str(symbols["percentSign"]).translate(_CONTROLS)
    return Writing(
        tag,
        decimal=str(symbols["decimal"]),
        group=str(symbols["group"]),
        percent=sign if _DIGITS.get(system) else f" {sign}",
        digits=_DIGITS.get(system, ""),
        groups=tuple(locale.decimal_formats[None].grouping),
        currency_last=locale.currency_formats["standard"].pattern.split(";")[0].rstrip().endswith("¤"),
        rtl=locale.text_direction == "rtl",
    )


_DIGITS = {
    name: "".join(chr(zero + step) for step in range(10))
    for name, zero in (("arab", 0x660), ("arabext", 0x6F0), ("deva", 0x966), ("beng", 0x9E6), ("mymr", 0x1040))
}


def first_weekday() -> int:
    """With which day a week begins for the reader: 0 is Monday, which is the house's own (ISO 8601)."""
    way = current()
    known = None if way.english else _known(way.tag)
    return 0 if known is None else int(known.first_week_day)


_NUMERAL = re.compile(r"(\d+(?:,\d{3})*)(?:\.(\d+))?")


def spell(text: str) -> str:
    """A text whose numerals are written in English (1,234.5), with them written as the reader does."""
    way = current()
    return text if way.english else _signed(_NUMERAL.sub(lambda found: _numeral(found, way), text), way)


def _numeral(found: re.Match[str], way: Writing) -> str:
    whole, rest = found[1], found[2]
    if "," in whole:
        whole = _grouped(whole.replace(",", ""), way)
    return _digits(whole + (way.decimal + rest if rest else ""), way)


def _grouped(whole: str, way: Writing) -> str:
    last, other = way.groups
    parts = [whole[-last:]]
    whole = whole[:-last]
    while whole:
        parts.insert(0, whole[-other:])
        whole = whole[:-other]
    return way.group.join(parts)


def _digits(text: str, way: Writing) -> str:
    return text.translate({ord(str(place)): digit for place, digit in enumerate(way.digits)})


def _signed(text: str, way: Writing) -> str:
    """A sign before right-to-left digits stays at their left."""
    return re.sub("[−+]", lambda sign: "\u200e" + sign[0], text) if way.rtl else text


def percent(text: str) -> str:
    """An English "98.8 %" as the reader writes it."""
    way = current()
    return text if way.english else spell(text.removesuffix(" %")) + (way.percent if text.endswith(" %") else "")


def priced(currency: str, figure: str) -> str:
    """An amount with its currency's code on the side where the locale puts it."""
    return f"{figure} {currency}" if current().currency_last else f"{currency} {figure}"


_HOUSE = {
    "yMMMd": "{0.day} {0:%b} {0.year}", "yMMMMd": "{0.day} {0:%B} {0.year}", "MMMd": "{0.day} {0:%b}",
    "yMMMM": "{0:%B} {0.year}", "yMMMMEEEEd": "{0:%A} {0.day} {0:%B} {0.year}", "Hm": "{0:%H:%M}",
    "Hms": "{0:%H:%M:%S}", "E": "{0:%a}", "MMM": "{0:%b}",
}  # fmt: skip
"""English is written the same for every English reader: the day, the month's name, the year."""


def dated(when: date | datetime | time, skeleton: str) -> str:
    """A date or time by a CLDR skeleton of ``_HOUSE``, in the zone that it already stands in."""
    way = current()
    if way.english:
        return _HOUSE[skeleton].format(when)
    bare = when.replace(tzinfo=None) if isinstance(when, (datetime, time)) else when
    moment = datetime.combine(bare, time()) if type(bare) is date else bare
    text = _digits(_by_skeleton(moment, skeleton, way.tag), way)
    return f"{_APART}{text}{_END}" if way.rtl and any(one.isalpha() for one in text) else text


def _by_skeleton(moment: Any, skeleton: str, tag: str) -> str:
    locale = _known(tag)
    assert locale is not None
    if skeleton in _LONG:
        return str(format_date(moment, _LONG[skeleton], locale=locale))
    return str(format_skeleton(skeleton, moment, locale=locale, fuzzy=True))


_LONG: dict[str, Literal["long", "full"]] = {"yMMMMd": "long", "yMMMMEEEEd": "full"}
"""CLDR names these by width; as skeletons they would match shorter ones."""
