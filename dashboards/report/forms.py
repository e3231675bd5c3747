"""The forms in which a report is handed out, by the ending of its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FORMS = {
    "html": "text/html",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
}
"""Ending -> media type."""


def draw(document: Mapping[str, Any], form: str) -> bytes:
    """The document (a ``shape.Report`` as plain data) in one of the forms."""
    if form == "html":
        from dashboards.report.html import render

        return render(document).encode()
    if form == "pdf":
        from dashboards.report import pdf

        return pdf.render(document)
    if form == "xlsx":
        from dashboards.report import sheets

        return sheets.render(document)
    from dashboards.report import sealing

    return sealing.to_json(document).encode()
