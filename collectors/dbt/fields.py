"""What dbt's project says of one model, source or exposure, as fields of an asset.

Of several places that say a thing the nearest to the model wins: its ``meta``, its group, the settings' folders, the
folder's own name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from collectors.dbt.settings import Folder
from slo.errors import FactError
from slo.interchange import parse

Node = Mapping[str, Any]

_META = (
    "owner", "team", "domain", "environment", "layer", "classification", "retention", "encrypted", "regulated",
    "critical", "freshness_objective", "quality_objective", "template", "accountability",
)  # fmt: skip
"""Asset fields that a node's ``meta`` may hold under their own name."""
_LAYERS = {
    "base": "staging", "staging": "staging", "stg": "staging", "intermediate": "intermediate", "int": "intermediate",
    "mart": "mart", "marts": "mart", "curated": "curated", "serving": "serving", "gold": "gold", "silver": "silver",
    "bronze": "bronze", "raw": "raw",
}  # fmt: skip
_TIER = re.compile(r"(?:tier[ :_=-]*)?([0-3])", re.IGNORECASE)
_TIER_TAG = re.compile(r"tier[ :_=-]*([0-3])", re.IGNORECASE)
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(m|h|d)[a-z]*", re.IGNORECASE)
_UNITS = {"m": 60.0, "h": 3600.0, "d": 86400.0}


def threshold(criteria: Node | None, which: str) -> float | None:
    """Seconds of a freshness criterion: ``error_after``, else ``warn_after`` (the other way round for "warn")."""
    order = ("warn_after", "error_after") if which == "warn" else ("error_after", "warn_after")
    for name in order:
        limit = (criteria or {}).get(name) or {}
        if limit.get("count") is not None and limit.get("period") in _SECONDS:
            return float(limit["count"] * _SECONDS[limit["period"]])
    return None


def meta_of(node: Node) -> dict[str, Any]:
    """The node's own words, wherever its version of dbt writes them."""
    return {**((node.get("config") or {}).get("meta") or {}), **(node.get("meta") or {})}


def tags_of(node: Node) -> list[str]:
    return [str(tag) for tag in node.get("tags") or (node.get("config") or {}).get("tags") or []]


def told_in_meta(meta: Node) -> dict[str, Any]:
    """Fields of the vocabulary that ``meta`` holds. A value the vocabulary doesn't know is left out."""
    return {key: meta[key] for key in _META if meta.get(key) is not None and fits(key, meta[key])}


def freshness_of(node: Node, meta: Node, which: str) -> dict[str, Any] | None:
    """How fresh it must be: ``meta.freshness`` ("6h", dbt's warn_after and error_after, or Tierline's own words), else
    what a source's freshness settings say."""
    if which == "none":
        return None
    own = meta.get("freshness")
    span = _SPAN.fullmatch(own.strip()) if isinstance(own, str) else None
    if span:
        return {"max_age_seconds": float(span[1]) * _UNITS[span[2].lower()]}
    if isinstance(own, Mapping) and ("max_age_seconds" in own or "deadline" in own):
        return dict(own) if fits("freshness", own) else None
    limit = threshold(own, which) if isinstance(own, Mapping) else None
    if limit is None:
        limit = threshold(node.get("freshness") or (node.get("config") or {}).get("freshness"), which)
    return None if limit is None else {"max_age_seconds": limit}


def tier_of(meta: Node, tags: Sequence[str]) -> int | None:
    """The tier that ``meta.tier`` or a tag such as ``tier:1`` names."""
    told = _TIER.fullmatch(str(meta.get("tier", "")).strip())
    marks = [told, *(_TIER_TAG.fullmatch(tag.strip()) for tag in tags)]
    return next((int(mark[1]) for mark in marks if mark), None)


def folder_of(node: Node) -> list[str]:
    """The folders below ``models`` that the file is in."""
    return [str(part) for part in (node.get("fqn") or [])[1:-1]]


def of_folder(node: Node, folders: Mapping[str, Folder]) -> dict[str, Any]:
    """What the settings say of the node's folder: the longest that fits wins, field by field."""
    path = "/".join(folder_of(node)) + "/"
    fitting = sorted((name for name in folders if path.startswith(name.strip("/") + "/")), key=len)
    told: dict[str, Any] = {}
    for name in fitting:
        told.update(folders[name].model_dump(exclude_none=True))
    return told


def layer_of(node: Node) -> str | None:
    """By the folder the file is in; what dbt only reads or loads (sources, seeds) is layer "source"."""
    if node.get("resource_type") in ("source", "seed"):
        return "source"
    return next((_LAYERS[part.lower()] for part in folder_of(node) if part.lower() in _LAYERS), None)


def owner_of(owner: Node | None, otherwise: str | None = None) -> str | None:
    """Who owns a group: the name, else the first address, else what stands for it."""
    return (owner or {}).get("name") or _address(owner) or otherwise


def person_of(owner: Node | None) -> str | None:
    """Who owns an exposure, often one person: the address, which the door maps to a team or drops, before the name."""
    return _address(owner) or (owner or {}).get("name")


def _address(owner: Node | None) -> str | None:
    email = (owner or {}).get("email")
    first = email[0] if isinstance(email, list) and email else email
    return str(first) if first else None


def fits(field: str, value: Any) -> bool:
    """Whether the vocabulary takes this value for the field."""
    try:
        parse({"fact": "asset", "source": "-", "id": "-", "asset": "-", field: value})
    except FactError:
        return False
    return True
