"""Cells of CSV files."""

from __future__ import annotations

from typing import Any


def cell(value: Any) -> str:
    """A CSV cell; text that a spreadsheet would run as a formula is quoted."""
    text = "" if value is None else str(value)
    return "'" + text if isinstance(value, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
