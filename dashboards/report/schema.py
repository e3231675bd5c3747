"""The JSON Schema of a report (docs/report.schema.json)."""

from __future__ import annotations

from typing import Any

from dashboards.report.sealing import VERSION
from dashboards.report.shape import Report


def schema() -> dict[str, Any]:
    """The JSON Schema of a document."""
    from pydantic import TypeAdapter

    made = TypeAdapter(Report).json_schema()
    own = {
        "hash": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256 of everything else here."},
        "document": {"const": "tierline report"},
        "version": {"const": VERSION},
    }
    made["properties"] = own | made["properties"]
    made["required"] = [*own, *made["required"], "reading"]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "tierline report"}
    return dict(_closed(head))


def _closed(node: Any) -> Any:
    """Objects hold what is named and nothing else; what has a default stands there all the same."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    found = {key: _closed(value) for key, value in node.items() if key not in ("default",)}
    if found.get("type") == "object" and "properties" in found:
        found |= {"additionalProperties": False, "required": list(found["properties"])}
    return found
