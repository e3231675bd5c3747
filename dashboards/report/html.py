"""The report as one self-contained HTML file: it prints on A4, and reads on a phone. Drawn from the document alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from dashboards.report import drawing

MISSES, CHANGES, MOVED = 6, 6, 3
"""Misses, changes and restatements on page one; the rest are counted there, and told in full further on."""
CAUSES = ((3, 4), (4, 2), (MISSES, 1))
"""Up to how many misses each is told with how many of its causes."""
ROOM = ((56, ""), (62, "dense"))
"""Lines that a printed page holds, by how densely it is set; what is longer is set as small as can be read."""
WIDE, HALF = 125, 58
"""Letters of a line across the page, and of one of its two columns."""


def render(document: Mapping[str, Any]) -> str:
    """The document (a ``shape.Report`` as plain data) as HTML. The same document gives the same bytes."""
    return _environment().get_template("report.html.j2").render(d=document, page=_page(document))


def _page(document: Mapping[str, Any]) -> dict[str, Any]:
    """What page one has room for, and how densely it is set."""
    misses, changes = document["misses"], document["changes"]
    most = next((causes for count, causes in CAUSES if len(misses) <= count), 1)
    since = document["closed"]["since"] if document["closed"] else []
    page = {
        "misses": [(one, one["causes"][:most]) for one in misses[:MISSES]],
        "more_misses": misses[MISSES:],
        "judged": any(row["counted"] for row in document["counts"] if row["key"] == "measured"),
        "changes": changes[:CHANGES],
        "more_changes": len(changes[CHANGES:]),
        "moved": [("since it was closed", since)] * bool(since) + [("of earlier periods", document["restated"])],
        "most_moved": MOVED,
    }
    return page | {"density": _density(document, page)}


def _density(document: Mapping[str, Any], page: Mapping[str, Any]) -> str:
    """By an estimate of the lines that page one takes."""
    lines = _lines(document, page)
    return next((name for room, name in ROOM if lines <= room), "densest")


def _lines(document: Mapping[str, Any], page: Mapping[str, Any]) -> int:
    words = document["words"] or {"paragraphs": (), "decisions": (), "asks": ()}
    left = 9 + _taken([document["counts_text"], *document["cost"]], HALF)
    right = 3 + _taken(words["paragraphs"], HALF) + _taken([one["text"] for one in words["decisions"]], HALF)
    right += _taken([text for one in words["asks"] for text in (one["text"], one["outcome"])], HALF)
    missed = 2 + _taken([text for one, causes in page["misses"] for text in (one["sentence"], *causes)], WIDE)
    changed = 2 + _taken([*(one["text"] + 8 * " " for one in page["changes"]), document["changes_text"]], HALF)
    moved = sum(1 + 2 * min(MOVED, len(found)) for _, found in page["moved"])
    agreed = [part["text"] + part["term"] for one in document["excluded"] for part in one["amounts"]]
    noted = _taken([one["text"] + one["who"] for one in (*document["disputed"], *document["noted"])], WIDE)
    margin = moved + 3 + _taken(agreed, HALF) + sum(2 * len(one["agreements"]) for one in document["excluded"])
    return 6 + len(document["intro"]) + max(left, right) + missed + max(changed, margin) + noted


def _taken(texts: Iterable[str], width: int) -> int:
    return sum(-(-len(text) // width) for text in texts)


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
