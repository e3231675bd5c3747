"""What nobody told of assets, and ought to: field by field, by kind and tier."""

from __future__ import annotations

from typing import Any

from slo.lineage.graph import Graph
from slo.results import Query, Results
from slo.view import View

WANTED = {
    "dataset": ("owner", "tier", "team", "domain", "description", "tags", "classification", "freshness", "tested"),
    "pipeline": ("owner", "tier", "team", "domain", "description", "schedule"),
}
"""What ought to be told of each kind; of any kind lineage, too, where it moves data."""
OTHERS = ("owner", "tier", "team", "domain", "description")
LINEAGE = "lineage"
_MOVED = ("dataset", "pipeline")


def lacks(view: View, name: str, kind: str | None) -> tuple[str, ...]:
    """The fields of one asset that nobody told; ``lineage`` where nothing stands around it."""
    history = view.history(name)
    blank = tuple(field for field in WANTED.get(kind or "", OTHERS) if _blank(history.filled(field, view.as_of)))
    graph = lineage(view)
    alone = kind in _MOVED and not graph.parents(name) and not graph.children(name)
    return (*blank, LINEAGE) if alone else blank


def _blank(value: Any) -> bool:
    return value is None or value is False or value in ("", [])


def lineage(view: View) -> Graph:
    """The lineage at the view's as-of, read once."""
    if "stories.graph" not in view.kept:
        view.kept["stories.graph"] = Graph.of(view)
    found: Graph = view.kept["stories.graph"]
    return found


def lacking(results: Results, query: Query) -> list[dict[str, Any]]:
    """One line a kind and field that any asset of the scope lacks: kind, field, ``missing`` and ``of``, each by tier
    (None: not tiered) and under "all"; what most of tier 0 and 1 lack first."""
    from slo.stories.assets import in_scope

    counts: dict[tuple[str, str], dict[Any, int]] = {}
    whole: dict[str, dict[Any, int]] = {}
    for row in in_scope(results.view, query):
        kind = row.kind or "not told"
        for key in ("all", row.tier):
            whole.setdefault(kind, {})[key] = whole.setdefault(kind, {}).get(key, 0) + 1
            for field in row.lacks:
                own = counts.setdefault((kind, field), {})
                own[key] = own.get(key, 0) + 1
    lines = [
        {"kind": kind, "field": field, "missing": missing, "of": whole[kind]}
        for (kind, field), missing in counts.items()
    ]
    return sorted(lines, key=_weight)


def _weight(line: dict[str, Any]) -> tuple[int, int, str, str]:
    missing = line["missing"]
    return -missing.get(0, 0) - missing.get(1, 0), -missing["all"], line["kind"], line["field"]
