"""Small wordings that the report needs and no component library: it must render where Dash is not loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def aria(**attributes: str) -> dict[str, Any]:
    """Attributes for a screen reader, as Dash takes them: aria(label="x") is {"aria-label": "x"}."""
    return {f"aria-{name}": value for name, value in attributes.items()}


def profile(name: str) -> str:
    """A profile's name as words: staff platform."""
    return name.replace("_", " ")


def sentence(text: str) -> str:
    """The text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def subject(scope: Mapping[str, Any]) -> str:
    """Whom a report speaks of: the platform; tier 1; team finance."""
    parts = [f"{key} {value}" for key, value in scope.items() if value is not None]
    return ", ".join(parts) or "the platform"
