"""What dbt's manifest says: assets with tier and owner, lineage, and what each test tests.

Read leniently: v4 (dbt 1.0) to v12 (dbt 1.12) differ in what they have, never in what a key means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from slo.errors import FactError
from slo.interchange import parse

DATASETS = frozenset({"model", "seed", "snapshot", "source"})
TESTS = frozenset({"test", "unit_test"})
_META = (
    "owner", "team", "domain", "environment", "layer", "classification", "retention", "encrypted", "regulated",
    "critical", "freshness_objective", "quality_objective", "template",
)  # fmt: skip
"""Asset fields that a node's ``meta`` may hold under their own name."""
_LAYERS = {
    "base": "staging", "staging": "staging", "stg": "staging", "intermediate": "intermediate", "int": "intermediate",
    "mart": "mart", "marts": "mart", "curated": "curated", "serving": "serving", "gold": "gold", "silver": "silver",
    "bronze": "bronze", "raw": "raw",
}  # fmt: skip
_TIER = re.compile(r"(?:tier[ :_=-]*)?([0-3])", re.IGNORECASE)
_TIER_TAG = re.compile(r"tier[ :_=-]*([0-3])", re.IGNORECASE)
_REF = re.compile(r"""(?:ref|source)\(.*['"]([^'"]+)['"]\s*\)""")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


def _name(node: Mapping[str, Any]) -> str | None:
    """``database.schema.name``; None where the node has no relation (ephemeral, test, unit test)."""
    table = node.get("identifier") or node.get("alias") or node.get("name")
    if node.get("resource_type") not in DATASETS or not table or not node.get("schema") or _ephemeral(node):
        return None
    return ".".join(str(part) for part in (node.get("database"), node["schema"], table) if part)


def _ephemeral(node: Mapping[str, Any]) -> bool:
    return (node.get("config") or {}).get("materialized") == "ephemeral"


def threshold(criteria: Mapping[str, Any] | None, which: str) -> float | None:
    """Seconds of a freshness criterion: ``error_after``, else ``warn_after`` (the other way round for "warn")."""
    order = ("warn_after", "error_after") if which == "warn" else ("error_after", "warn_after")
    for name in order:
        limit = (criteria or {}).get(name) or {}
        if limit.get("count") is not None and limit.get("period") in _SECONDS:
            return float(limit["count"] * _SECONDS[limit["period"]])
    return None


class Manifest:
    """A manifest, indexed. ``case`` folds names ("lower", "upper"), as a warehouse may spell them otherwise."""

    def __init__(self, data: Mapping[str, Any] | None = None, case: str = "as_is") -> None:
        data = data or {}
        self.project = str((data.get("metadata") or {}).get("project_name") or "dbt")
        self.groups: Mapping[str, Any] = data.get("groups") or {}
        self.parents: Mapping[str, Any] = data.get("parent_map") or {}
        self.nodes: dict[str, Mapping[str, Any]] = {
            **(data.get("nodes") or {}), **(data.get("sources") or {}), **(data.get("unit_tests") or {}),
        }  # fmt: skip
        self._fold = {"lower": str.lower, "upper": str.upper}.get(case, str)
        self.tested = {self.subject(key) for key, node in self.nodes.items() if node.get("resource_type") in TESTS}

    def name(self, unique_id: str) -> str:
        """The relation's name; the unique id where there is none, or the node is unknown."""
        name = _name(self.nodes.get(unique_id, {}))
        return self._fold(name) if name else unique_id

    def datasets(self) -> list[str]:
        """Unique ids of everything that has a relation."""
        return sorted(key for key, node in self.nodes.items() if _name(node))

    def subject(self, test: str) -> str:
        """The unique id of what a test tests. Before dbt 1.4 there is no ``attached_node``: then the model its generic
        test was given, else the first it depends on; a test on nothing, or unknown, is its own subject."""
        node = self.nodes.get(test, {})
        if node.get("attached_node"):
            return str(node["attached_node"])
        upstream = [str(key) for key in (node.get("depends_on") or {}).get("nodes") or []]
        given = _REF.search(str(((node.get("test_metadata") or {}).get("kwargs") or {}).get("model", "")))
        named = [key for key in upstream if given and key.split(".")[-1] == given[1]]
        return (named or upstream or [test])[0]

    def edges(self) -> Iterator[tuple[str, str]]:
        """(upstream, downstream) unique ids between relations; lineage goes through ephemeral models."""
        for child in self.datasets():
            for parent in sorted(self._relations_above(child, {child})):
                yield parent, child

    def _relations_above(self, child: str, seen: set[str]) -> set[str]:
        found: set[str] = set()
        for parent in self.parents.get(child) or (self.nodes.get(child, {}).get("depends_on") or {}).get("nodes") or []:
            if parent in seen or parent not in self.nodes:
                continue
            seen.add(parent)
            if _name(self.nodes[parent]):
                found.add(parent)
            elif _ephemeral(self.nodes[parent]):
                found |= self._relations_above(parent, seen)
        return found

    def asset(self, unique_id: str, which: str) -> dict[str, Any]:
        """Fields of an asset fact, without its name. A ``meta`` value the vocabulary doesn't know is left out."""
        node = self.nodes[unique_id]
        config = node.get("config") or {}
        meta = {**(config.get("meta") or {}), **(node.get("meta") or {})}
        tags = [str(tag) for tag in node.get("tags") or config.get("tags") or []]
        limit = threshold(node.get("freshness") or config.get("freshness"), which) if which != "none" else None
        fields = {
            "kind": "dataset",
            "description": (node.get("description") or "").strip() or None,
            "tags": tags or None,
            "tested": True if unique_id in self.tested else None,
            "tier": _tier(meta, tags),
            "layer": _layer(node),
            "freshness": {"max_age_seconds": limit} if limit is not None else None,
        }
        fields["owner"] = self._group_owner(node)
        known = {key: meta[key] for key in _META if meta.get(key) is not None and _fits(key, meta[key])}
        return {**fields, **known}

    def _group_owner(self, node: Mapping[str, Any]) -> str | None:
        group = node.get("group") or (node.get("config") or {}).get("group")
        owner = (self.groups.get(f"group.{node.get('package_name')}.{group}") or {}).get("owner") or {}
        return (owner.get("name") or owner.get("email") or group) if group else None


def _tier(meta: Mapping[str, Any], tags: list[str]) -> int | None:
    told = _TIER.fullmatch(str(meta.get("tier", "")).strip())
    marks = [told, *(_TIER_TAG.fullmatch(tag.strip()) for tag in tags)]
    return next((int(mark[1]) for mark in marks if mark), None)


def _layer(node: Mapping[str, Any]) -> str | None:
    """By the folder the file is in; what dbt only reads or loads (sources, seeds) is layer "source"."""
    if node.get("resource_type") in ("source", "seed"):
        return "source"
    folders = [str(part).lower() for part in (node.get("fqn") or [])[1:-1]]
    return next((_LAYERS[folder] for folder in folders if folder in _LAYERS), None)


def _fits(field: str, value: Any) -> bool:
    try:
        parse({"fact": "asset", "source": "-", "id": "-", "asset": "-", field: value})
    except FactError:
        return False
    return True
