"""Tables for people at a terminal: aligned columns, numbers to the right, no frames."""

from __future__ import annotations

import shutil
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence

Cell = str | int | float | None
NARROWEST = 30
"""Columns that a wrapped text is given at least, however narrow the terminal."""


def _text(cell: Cell) -> str:
    return "–" if cell is None else str(cell)


def _width(text: str) -> int:
    """Columns on the screen: wide signs take two, combining ones none."""
    marks = sum(1 for sign in text if unicodedata.combining(sign))
    return len(text) - marks + sum(1 for sign in text if unicodedata.east_asian_width(sign) in "WF")


def _pad(text: str, width: int, right: bool) -> str:
    fill = " " * (width - _width(text))
    return fill + text if right else text + fill


def table(headers: Sequence[str], rows: Sequence[Sequence[Cell]], right: Sequence[int] = (), wrap: bool = False) -> str:
    """The table as text. ``right``: positions of the columns whose cells stand to the right. ``wrap``: the last column
    keeps within the terminal (120 columns where there is none). No rows: the headers."""
    texts = [[_text(cell) for cell in row] for row in rows]
    if wrap:
        texts = [line for row in texts for line in _wrapped(row, _room([list(headers), *texts]))]
    widths = [max(_width(row[at]) for row in [list(headers), *texts]) for at in range(len(headers))]
    lines = [list(headers), ["─" * width for width in widths], *texts]
    return "\n".join(
        "  ".join(_pad(cell, widths[at], at in right) for at, cell in enumerate(line)).rstrip() for line in lines
    )


def _room(rows: Sequence[Sequence[str]]) -> int:
    """Columns left for the last cell beside the others."""
    others = sum(max(_width(row[at]) for row in rows) + 2 for at in range(len(rows[0]) - 1))
    return max(NARROWEST, shutil.get_terminal_size((120, 24)).columns - others)


def _wrapped(row: Sequence[str], room: int) -> Iterator[list[str]]:
    """The row, and as many more as its last cell needs."""
    first, *more = textwrap.wrap(row[-1], room, break_long_words=False, break_on_hyphens=False) or [""]
    yield [*row[:-1], first]
    yield from ([""] * (len(row) - 1) + [text] for text in more)


def pairs(rows: Sequence[tuple[str, Cell]]) -> str:
    """``name   value`` lines, aligned."""
    width = max((_width(name) for name, _ in rows), default=0)
    return "\n".join(f"{_pad(name, width, False)}  {_text(value)}".rstrip() for name, value in rows)
