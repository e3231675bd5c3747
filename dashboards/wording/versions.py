"""Which version of a target gave a status, in words: whose row, since when it binds, who promised it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards.wording import words


def target(versions: Mapping[str, Any], entry: Mapping[str, Any]) -> str:
    """The version of the target that an entry was judged by; "" where it is not among them."""
    key = (entry["profile"], entry["row"])
    found = [one for one in versions["targets"] if (one["profile"], one["row"]) == key]
    return said(found[0]) if found else ""


def said(version: Mapping[str, Any]) -> str:
    """staff dataops, row 2; first version; adopted 2026-09-01 by platform-board."""
    since = f"binds since {version['valid_from']}" if version["valid_from"] else "first version"
    by = f" by {version['adopted_by']}" if version["adopted_by"] else ""
    promised = f"adopted {version['adopted']}{by}" if version["adopted"] else "published, not adopted"
    return f"{words.profile(version['profile'])}, row {version['row']}; {since}; {promised}"
