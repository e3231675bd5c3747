"""What dbt's manifest says: assets with tier and owner, lineage, what uses them, and what each test tests.

Read leniently: v4 (dbt 1.0) to v12 (dbt 1.12) differ in what they have, never in what a key means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.dbt import fields
from collectors.dbt.settings import Folder

DATASETS = frozenset({"model", "seed", "snapshot", "source"})
TESTS = frozenset({"test", "unit_test"})
_BETWEEN = ("metric.", "semantic_model.", "saved_query.")
"""What stands between an exposure and the models it reads."""
_REF = re.compile(r"""(?:ref|source)\(.*['"]([^'"]+)['"]\s*\)""")


def _name(node: Mapping[str, Any]) -> str | None:
    """``database.schema.name``; None where the node has no relation (ephemeral, test, unit test)."""
    table = node.get("identifier") or node.get("alias") or node.get("name")
    if node.get("resource_type") not in DATASETS or not table or not node.get("schema") or _ephemeral(node):
        return None
    return ".".join(str(part) for part in (node.get("database"), node["schema"], table) if part)


def _ephemeral(node: Mapping[str, Any]) -> bool:
    return (node.get("config") or {}).get("materialized") == "ephemeral"


class Manifest:
    """A manifest, indexed. ``case`` folds names ("lower", "upper"), as a warehouse may spell them otherwise;
    ``folders`` is the settings' word on models by folder."""

    def __init__(
        self, data: Mapping[str, Any] | None = None, case: str = "as_is", folders: Mapping[str, Folder] | None = None
    ) -> None:
        data = data or {}
        self.project = str((data.get("metadata") or {}).get("project_name") or "dbt")
        self.groups: Mapping[str, Any] = data.get("groups") or {}
        self.parents: Mapping[str, Any] = data.get("parent_map") or {}
        self.exposures: Mapping[str, Any] = data.get("exposures") or {}
        self.folders = folders or {}
        self.nodes: dict[str, Mapping[str, Any]] = {
            **(data.get("nodes") or {}), **(data.get("sources") or {}), **(data.get("unit_tests") or {}),
        }  # fmt: skip
        self._between = {
            **(data.get("metrics") or {}), **(data.get("semantic_models") or {}), **(data.get("saved_queries") or {})
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

    def contracted(self, unique_id: str) -> bool:
        """Whether dbt holds the model's columns and types against its contract when it builds it."""
        node = self.nodes.get(unique_id, {})
        contract = (node.get("config") or {}).get("contract") or node.get("contract") or {}
        return bool(contract.get("enforced"))

    def edges(self) -> Iterator[tuple[str, str]]:
        """(upstream, downstream) unique ids between relations; lineage goes through ephemeral models."""
        for child in self.datasets():
            for parent in sorted(self._relations_above(child, {child})):
                yield parent, child

    def uses(self) -> Iterator[tuple[str, str]]:
        """(relation, exposure) unique ids: what an exposure reads, itself or by way of metrics."""
        for exposure in sorted(self.exposures):
            for parent in sorted(self._relations_above(exposure, {exposure})):
                yield parent, exposure

    def _relations_above(self, child: str, seen: set[str]) -> set[str]:
        found: set[str] = set()
        for parent in self._direct(child):
            if parent in seen:
                continue
            seen.add(parent)
            node = self.nodes.get(parent)
            if node is not None and _name(node):
                found.add(parent)
            elif (node is not None and _ephemeral(node)) or parent.startswith(_BETWEEN):
                found |= self._relations_above(parent, seen)
        return found

    def _direct(self, child: str) -> list[str]:
        """What a node depends on, by the manifest's map or else by the node's own word."""
        node = self.nodes.get(child) or self.exposures.get(child) or self._between.get(child) or {}
        return list(self.parents.get(child) or (node.get("depends_on") or {}).get("nodes") or [])

    def asset(self, unique_id: str, which: str) -> dict[str, Any]:
        """Fields of a dataset, without its name. ``which`` of its freshness limits is the threshold."""
        node = self.nodes[unique_id]
        meta, tags, folder = fields.meta_of(node), fields.tags_of(node), fields.of_folder(node, self.folders)
        tier = fields.tier_of(meta, tags)
        return {
            "kind": "dataset", "description": (node.get("description") or "").strip() or None, "tags": tags or None,
            "tested": True if unique_id in self.tested else None, "layer": fields.layer_of(node), **folder,
            "tier": folder.get("tier") if tier is None else tier, **self._group(node), **fields.told_in_meta(meta),
            "freshness": fields.freshness_of(node, meta, which),
        }  # fmt: skip

    def _group(self, node: Mapping[str, Any]) -> dict[str, Any]:
        """The node's group as its team, and the group's owner by name, else the group; nothing without one."""
        name = node.get("group") or (node.get("config") or {}).get("group")
        if not name:
            return {}
        owner = (self.groups.get(f"group.{node.get('package_name')}.{name}") or {}).get("owner") or {}
        return {"owner": fields.owner_of(owner, name), "team": name}

    def exposure(self, unique_id: str) -> dict[str, Any]:
        """Fields of an exposure: something that people or programs use, and that lives on these models."""
        node = self.exposures[unique_id]
        meta, tags = fields.meta_of(node), fields.tags_of(node)
        told = {"exposure": node.get("type"), "maturity": node.get("maturity")}
        marks = [f"{word}:{value}" for word, value in told.items() if value]
        return {
            "kind": "workload", "description": (node.get("description") or node.get("label") or "").strip() or None,
            "tags": [*tags, *marks] or None, "tier": fields.tier_of(meta, tags), "url": node.get("url"),
            "owner": fields.person_of(node.get("owner")), **fields.told_in_meta(meta),
        }  # fmt: skip
