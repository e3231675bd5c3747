"""Tables for people at a terminal: aligned columns, numbers to the right, no frames."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

Cell = str | int | float | None


def _text(cell: Cell) -> str:
    return "–" if cell is None else str(cell)


def _width(text: str) -> int:
    """Columns on the screen: wide signs take two, combining ones none."""
    marks = sum(1 for sign in text if unicodedata.combining(sign))
    return len(text) - marks + sum(1 for sign in text if unicodedata.east_asian_width(sign) in "WF")


def _pad(text: str, width: int, right: bool) -> str:
    fill = " " * (width - _width(text))
    return fill + text if right else text + fill


def table(headers: Sequence[str], rows: Sequence[Sequence[Cell]], right: Sequence[int] = ()) -> str:
    """The table as text. ``right``: positions of the columns whose cells stand to the right. No rows: the headers."""
    texts = [[_text(cell) for cell in row] for row in rows]
    widths = [max(_width(row[at]) for row in [list(headers), *texts]) for at in range(len(headers))]
    lines = [list(headers), ["─" * width for width in widths], *texts]
    return "\n".join(
        "  ".join(_pad(cell, widths[at], at in right) for at, cell in enumerate(line)).rstrip() for line in lines
    )


def pairs(rows: Sequence[tuple[str, Cell]]) -> str:
    """``name   value`` lines, aligned."""
    width = max((_width(name) for name, _ in rows), default=0)
    return "\n".join(f"{_pad(name, width, False)}  {_text(value)}".rstrip() for name, value in rows)
