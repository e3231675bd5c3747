"""The newest passes over a source, as they were kept."""

from __future__ import annotations

from typing import Any

from slo.results import Query, Results

SHOWN = 50


def passes(results: Results, query: Query, source: str) -> list[dict[str, Any]]:
    """Newest first: started, ended, ok, facts, set_aside, error, told (records that it counts), taken (those that
    came of them), lag (seconds from its newest fact)."""
    return results.view.store.source_runs(source, SHOWN)
