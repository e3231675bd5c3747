"""A result's target for a narrow place: what was promised and by whom, or what is published of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards.reading import scope
from dashboards.wording import benchmarks, sentences


def target(result: Mapping[str, Any], profile: str | None) -> str | None:
    """≥ 99.5 %, adopted by data platform, since 1 November 2026; published range 5 to 15 %; 7.1 % lies within it."""
    if scope.is_benchmark(result, profile):
        return benchmarks.sentence(result) or None
    entry = scope.headline(result, profile)
    if entry is None:
        return None
    who = benchmarks.adopted(entry) or benchmarks.asked(profile, entry)
    return ", ".join(filter(None, (sentences.target(entry, result), who)))
