"""What /metrics exposes, read back by the client's own parser."""

from __future__ import annotations

from typing import Any

from prometheus_client.parser import text_string_to_metric_families as plain_text


def parsed(text: bytes, parse: Any = plain_text) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """{name: {labels as sorted pairs: value}}; nothing may be exposed twice."""
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in parse(text.decode()):
        for sample in family.samples:
            key = tuple(sorted(sample.labels.items()))
            assert key not in found.setdefault(sample.name, {}), f"{sample.name}{key} is exposed twice"
            found[sample.name][key] = sample.value
    return found
