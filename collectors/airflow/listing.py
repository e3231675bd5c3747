"""Reads an Airflow list endpoint to its end: by cursor where the server knows it, else by offset. Duplicates drop out,
and an answer that is shorter than what the server itself counts is an error, never taken for the whole."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Any

from collectors.totals import counted
from slo.errors import RetriableError

Record = dict[str, Any]
Ask = Callable[..., Record]
"""Asks one page: (limit, offset) or (limit, cursor) -> the decoded answer."""

LIMIT = 100
"""Airflow lowers a higher limit to [api] maximum_page_limit, silently; a page's length says nothing about the end."""
TRIES = 3
ASTRAY: Record = {}
"""Stands for a page whose cursor leads back to one that was read."""


def listed(
    ask: Ask, items: str, key: Callable[[Record], Hashable], *, cursor: bool = True, what: str = ""
) -> list[Record]:
    """Every record, once. Read again where rows moved while it was read; raises RetriableError where records still
    are missing after that."""
    found: dict[Hashable, Record] = {}
    least = 0
    for _ in range(TRIES):
        found, totals, whole = {}, [], True
        for answer in _pages(ask, items, cursor):
            whole = answer is not ASTRAY
            found.update({key(record): record for record in answer[items]} if whole else {})
            totals += [int(answer.get("total_entries") or 0)] if whole else []
        least = min(totals)
        if whole and len(found) >= least:
            counted(least, len(found))
            return list(found.values())
    counted(least, len(found))
    raise RetriableError(f"{what or items}: Airflow counts {least} entries, but its pages held only {len(found)}. "
                         "Nothing of this period was kept as complete; the next pass reads it again.")  # fmt: skip


def _pages(ask: Ask, items: str, cursor: bool) -> Iterator[Record]:
    answer = ask(limit=LIMIT, cursor="") if cursor else ask(limit=LIMIT, offset=0)
    yield answer
    if cursor and "next_cursor" in answer:  # asked by offset, Airflow 3 answers a null cursor on every page
        turned = set()
        while answer.get("next_cursor"):
            if answer["next_cursor"] in turned:
                yield ASTRAY
                return
            turned.add(answer["next_cursor"])
            answer = ask(limit=LIMIT, cursor=answer["next_cursor"])
            yield answer
        return
    read = len(answer[items])
    while answer[items] and read < int(answer.get("total_entries") or 0):
        answer = ask(limit=LIMIT, offset=read)
        read += len(answer[items])
        yield answer
