"""The report as PDF, typeset by Typst: no browser and no system library. The document is handed over as JSON and shown
as text: nothing in it is read as markup. The same document gives the same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from slo.errors import TierlineError

TEMPLATES = Path(__file__).parent.parent / "templates"
TEMPLATE = TEMPLATES / "report.typ"
LONGEST, PIECE = 24, 8
"""Letters of a word from which on a line may break inside it, and of the pieces that stay whole."""
_BREAKS = re.compile(r"(?<=[/_.:\-])(?=\w)")
_WORD = re.compile(rf"\S{{{LONGEST},}}")
_BREAK = "\u200b"
_HELD = re.compile(r"(?<=[≥≤<>±]) (?=\d)|(?<=\d) (?=%)")
"""A figure stays on one line with its sign."""


def render(document: Mapping[str, Any]) -> bytes:
    """The document (a ``shape.Report`` as plain data) as a tagged PDF. TierlineError where it cannot be typeset."""
    import typst

    made = datetime.fromisoformat(document["as_of"]).astimezone(UTC)
    inputs = {
        "document": json.dumps(_breakable(document), ensure_ascii=False),
        "made": json.dumps([made.year, made.month, made.day, made.hour, made.minute, made.second]),
    }
    try:
        return bytes(_typeset(inputs))
    except typst.TypstError as error:
        raise TierlineError(f"the PDF could not be typeset: {error}; write .html instead, and report it") from None


def _typeset(inputs: dict[str, str]) -> Any:
    """By the standard for readers of every kind (PDF/UA), which refuses a letter that no font here has; then the same
    without its seal, a box in that letter's place."""
    import typst

    try:
        return typst.compile(TEMPLATE, root=TEMPLATES, format="pdf", sys_inputs=inputs, pdf_standards="ua-1")
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
    return typst.compile(TEMPLATE, root=TEMPLATES, format="pdf", sys_inputs=inputs)


def _breakable(value: Any) -> Any:
    """The same data, its longest words breakable: behind their joints, and where they have none, anywhere."""
    if isinstance(value, str):
        return _WORD.sub(lambda word: _broken(word[0]), _HELD.sub("\u00a0", value))
    if isinstance(value, Mapping):
        return {key: item if key in _EXACT else _breakable(item) for key, item in value.items()}
    return [_breakable(item) for item in value] if isinstance(value, (list, tuple)) else value


_EXACT = ("hash", "as_of", "name", "key")
"""Fields that are compared or cut, not only shown."""


def _broken(word: str) -> str:
    parts = _BREAKS.split(word)
    return _BREAK.join(_BREAK.join(_slices(part)) for part in parts)


def _slices(part: str) -> list[str]:
    return [part[at : at + PIECE] for at in range(0, len(part), PIECE)] or [part]
