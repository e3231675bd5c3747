"""Readable names for things that a vendor tells apart by number only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any


def distinct(things: Iterable[tuple[Any, str]]) -> Mapping[Any, str]:
    """Id -> name of (id, name), in the order given: the first of a name keeps it, each further one gets its id behind,
    so that two things never share an asset, and a thing keeps its name when another of that name appears."""
    taken: set[str] = set()
    names: dict[Any, str] = {}
    for key, name in things:
        names[key] = f"{name} ({key})" if name in taken else name
        taken.add(names[key])
    return names
