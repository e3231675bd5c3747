"""The report as JSON-able data under a hash: what is stored when a period is closed, sent and downloaded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from dashboards.report.shape import Report

VERSION = 1

Document = Mapping[str, Any]
"""A Report as plain data, with ``document``, ``version`` and ``hash``."""


def plain(report: Report) -> dict[str, Any]:
    """The report as JSON-able data, with the SHA-256 of all that it says."""
    told: dict[str, Any] = json.loads(json.dumps({"document": "tierline report", "version": VERSION, **asdict(report)}))
    return sealed(told)


def sealed(document: Document) -> dict[str, Any]:
    """The document with the hash of what it now says."""
    told = {key: value for key, value in document.items() if key != "hash"}
    return {"hash": fingerprint(told), **told}


def fingerprint(document: Document) -> str:
    """SHA-256 of a document's content without its ``hash``: two with one hash say the same."""
    content = {key: value for key, value in document.items() if key != "hash"}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def to_json(document: Document) -> str:
    """The document as a file's text."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
