"""Listing the world as Airflow lists it: filters, order, offset and cursor paging, at most 100 a page."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any

from tierline.demo.chance import local_day
from tierline.demo.servers.base import Refused, Request

PAGE, MOST = 50, 100
KEPT = 12
REACH = timedelta(days=4)
"""A run's moments all lie this near its slot's day (a backfill's date apart)."""
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gte": lambda a, b: a >= b, "gt": lambda a, b: a > b, "lte": lambda a, b: a <= b, "lt": lambda a, b: a < b,
}  # fmt: skip


@dataclass(frozen=True)
class Bound:
    """One ``<field>_<operator>=<time>`` of a request."""

    field: str
    operator: str
    value: datetime

    def holds(self, value: datetime | None) -> bool:
        return value is not None and OPERATORS[self.operator](value, self.value)


def bounds(request: Request, fields: Iterable[str]) -> list[Bound]:
    """Every time filter of the request. Like Airflow: 422 on what is no time, 500 on a naive one."""
    found = []
    for field in fields:
        for operator in OPERATORS:
            for text in request.query.get(f"{field}_{operator}", []):
                found.append(Bound(field, operator, _moment(f"{field}_{operator}", text)))
    return found


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        wrong = {"type": "datetime_from_date_parsing", "loc": ["query", name], "input": text,
                 "msg": "Input should be a valid datetime or date"}  # fmt: skip
        raise Refused(422, {"detail": [wrong]}) from None
    if moment.tzinfo is None:
        raise Refused(500, {"detail": "Internal Server Error: naive datetime is disallowed"})
    return moment


def days(found: list[Bound], first: date, last: date) -> tuple[date, date]:
    """The local days in which whatever satisfies the bounds can lie."""
    near = [bound for bound in found if bound.field != "logical_date"]
    for bound in near:
        day = local_day(bound.value)
        if bound.operator.startswith("g"):
            first = max(first, day - REACH)
        else:
            last = min(last, day + REACH)
    return first, last


def pattern(request: Request, name: str, value: str) -> bool:
    """SQL's LIKE, or a prefix."""
    like, prefix = request.one(f"{name}_pattern"), request.one(f"{name}_prefix_pattern")
    if like and like != "~" and not fnmatchcase(value, f"*{like}*".replace("%", "*").replace("_", "?")):
        return False
    return not prefix or value.startswith(prefix)


def number(request: Request, name: str, default: int) -> int:
    text = request.one(name)
    return int(text) if text and text.isdigit() else default


class Snapshots:
    """Query results that later pages are read from, so that a page neither repeats nor leaves out."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, list[Any]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, request: Request, make: Callable[[], list[Any]]) -> list[Any]:
        key = _key(request)
        fresh = not request.one("cursor") and number(request, "offset", 0) == 0
        with self._lock:
            if fresh or key not in self._kept:
                self._kept[key] = make()
                self._kept.move_to_end(key)
                if len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            return self._kept[key]


def _key(request: Request) -> str:
    query = {k: v for k, v in request.query.items() if k not in ("cursor", "offset", "limit")}
    return f"{request.path} {sorted(query.items())}"


def page(request: Request, name: str, items: list[Any], write: Callable[[Any], str], cursors: bool = False) -> bytes:
    """One page as JSON: by offset, or where the endpoint has ``cursors`` and the request asks for one, by cursor."""
    limit = min(number(request, "limit", PAGE), MOST) or MOST
    cursor = request.one("cursor") if cursors else None
    start = _place(cursor) if cursor else number(request, "offset", 0)
    text = ",".join(write(item) for item in items[start : start + limit])
    return f'{{"{name}":[{text}],{_tail(len(items), start + limit, cursor, cursors)}}}'.encode()


def _tail(total: int, following: int, cursor: str | None, cursors: bool) -> str:
    """The counts and cursors behind a page's items. By cursor, Airflow stops counting at 50,000."""
    if cursor is None:
        more = ',"total_entries_limit":null,"next_cursor":null,"previous_cursor":null' if cursors else ""
        return f'"total_entries":{total}{more}'
    next_cursor = f'"c{following}"' if following < total else "null"
    return (
        f'"total_entries":{min(total, 50_000)},"total_entries_limit":50000,'
        f'"next_cursor":{next_cursor},"previous_cursor":null'
    )


def _place(cursor: str) -> int:
    if not cursor.startswith("c") or not cursor[1:].isdigit():
        raise Refused(400, {"detail": "Invalid cursor token"})
    return int(cursor[1:])
