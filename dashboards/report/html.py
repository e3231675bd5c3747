"""The report as one self-contained HTML file: it prints on A4, and reads on a phone. Drawn from the document alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from dashboards.report import drawing

FULL, BRIEF = 3, 2
"""Misses on page one that are told with all their causes; causes of those after them."""
MISSES, CHANGES = 6, 6
"""Misses and changes on page one; the rest are counted there, and stand on their families' pages."""


def render(document: Mapping[str, Any]) -> str:
    """The document (shape.py, as plain data) as HTML. The same document gives the same bytes."""
    return _environment().get_template("report.html.j2").render(d=document, page=_page(document))


def _page(document: Mapping[str, Any]) -> dict[str, Any]:
    """What page one has room for."""
    misses, changes = document["misses"], document["changes"]
    few = len(misses) <= FULL
    return {
        "misses": [(one, one["causes"] if few else one["causes"][:BRIEF]) for one in misses[:MISSES]],
        "more_misses": misses[MISSES:],
        "changes": changes[:CHANGES],
        "more_changes": len(changes[CHANGES:]),
    }


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("dashboards", "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(drawing=drawing)
    return made
