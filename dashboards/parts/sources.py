"""A source's state as a mark: the page of sources and the morning's strip show the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards.wording import sources, words

_SHAPES = {
    "ok": ("●", "met"), "failing": ("✕", "failing"), "not read yet": ("○", "nodata"),
}  # fmt: skip
"""State -> its shape and its look; the others are the same."""
_WAVERS = ("◇", "provisional")


def mark(source: Mapping[str, Any], say: bool = True) -> html.Span:
    """A source's state as shape, word and colour; the word may be for a screen reader alone."""
    word = sources.state(source)
    shape, look = _SHAPES.get(word, _WAVERS)
    return html.Span(
        [
            html.Span(shape, className="shape", **words.aria(hidden="true")),
            html.Span(word, className="word" if say else "unseen"),
        ],
        className=f"status s-{look}",
    )
