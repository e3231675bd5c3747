"""Listings in pages: how a vendor pages, and what guards a listing that shifts, repeats itself or never ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from collectors.patience import Garbled
from collectors.secrets import starred
from slo.errors import SourceError

Params = Mapping[str, Any]
Key = Callable[[Any], Hashable]
"""What identifies a record within a listing."""
MOST_PAGES = 100_000
"""No listing is longer; one that is has no end."""


class Pages(Protocol):
    """How a vendor pages: the parameters of the first page, then those of the next from an answer, None at the end."""

    items: str

    def first(self) -> dict[str, Any]: ...

    def following(self, sent: Params, answer: Any, count: int) -> dict[str, Any] | None: ...


class OffsetPages:
    """``limit`` and ``offset``; the end is told by a total, never by a short page (servers cap the limit silently)."""

    def __init__(self, items: str, limit: int = 100, total: str = "total_entries") -> None:
        self.items, self.limit, self.total = items, limit, total

    def first(self) -> dict[str, Any]:
        return {"limit": self.limit, "offset": 0}

    def following(self, sent: Params, answer: Any, count: int) -> dict[str, Any] | None:
        offset = sent["offset"] + count
        return {**sent, "offset": offset} if count and offset < answer[self.total] else None

    def counted(self, answer: Any) -> int:
        """How many records the source itself counts."""
        return int(answer[self.total])


class CursorPages:
    """A cursor in the answer; empty for the first page, null or missing at the end."""

    def __init__(self, items: str, limit: int = 100, send: str = "cursor", read: str = "next_cursor") -> None:
        self.items, self.limit, self.send, self.read = items, limit, send, read

    def first(self) -> dict[str, Any]:
        return {"limit": self.limit, self.send: ""}

    def following(self, sent: Params, answer: Any, count: int) -> dict[str, Any] | None:
        return {**sent, self.send: answer[self.read]} if answer.get(self.read) else None


class Listing:
    """One listing while it is read. ``key`` drops what was seen on an earlier page: records shift while pages are
    turned. A page that is asked for twice, or comes twice, would lose what stood in its place or never end."""

    def __init__(self, place: str, key: Key | None = None) -> None:
        self.place, self.key = starred(place), key
        self._asked: set[str] = set()
        self._came: set[bytes] = set()
        self._seen: set[Hashable] = set()
        self.came = 0
        """Records so far, each once where they have a key."""

    def ask(self, page: Any) -> None:
        """Says which page is asked for next. Raises SourceError where it was read before, or where no end is in
        sight."""
        text = json.dumps(page, sort_keys=True, default=str)
        if text in self._asked:
            raise SourceError(
                f"{self.place}: the listing leads back to a page that was read before ({starred(text[:160])}), so its "
                "end cannot be reached. The next pass tries again."
            )
        self._asked.add(text)
        if len(self._asked) > MOST_PAGES:
            raise SourceError(f"{self.place}: more than {MOST_PAGES} pages; this listing has no end.")

    def check(self, items: Iterable[Any]) -> None:
        """Raises Garbled where an earlier page came again. Pages without items are alike and no harm."""
        records = list(items)
        if records and self._print(records) in self._came:
            raise Garbled(f"{self.place}: the same page came twice, so what stands in its place was not seen.")

    def new(self, items: Iterable[Any]) -> Iterator[Any]:
        """The records of a page that no earlier page held."""
        records = list(items)
        self._came.add(self._print(records))
        for record in records:
            if self.key is None or self.key(record) not in self._seen:
                if self.key:
                    self._seen.add(self.key(record))
                self.came += 1
                yield record

    def _print(self, records: list[Any]) -> bytes:
        """A page's fingerprint: its records' keys, or else all of them."""
        told = [repr(self.key(record)) for record in records] if self.key else records
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).digest()
