"""What warns beside a value, a line a sentence: what is said of several sources alike is said once, with the names."""

from __future__ import annotations

from collections.abc import Iterable

ALIKE = {" has not been read for longer than it should": " have not been read for longer than they should"}
"""How the heart says it of one source, and how it is said of several."""


def gathered(caveats: Iterable[str]) -> list[str]:
    """The caveats in their order, those alike as one: "airbyte and airflow have not been read for longer than they
    should"."""
    found: dict[tuple[str, str], list[str]] = {}
    for said in caveats:
        one = next((tail for tail in ALIKE if said.endswith(tail)), None)
        key = ("", said) if one is None else (one, "")
        found.setdefault(key, []).append(said.removesuffix(one or ""))
    return [_line(tail, names) for (tail, _), names in found.items()]


def _line(tail: str, names: list[str]) -> str:
    if len(names) == 1:
        return names[0] + tail
    return f"{', '.join(names[:-1])} and {names[-1]}{ALIKE.get(tail, tail)}" if tail else names[0]
