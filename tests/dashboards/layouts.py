"""What a layout says and where it leads."""

from __future__ import annotations

from typing import Any


def texts(node: Any) -> list[str]:
    """Every piece of text of a component, or of several, in order. None and booleans draw nothing."""
    if node is None or isinstance(node, bool):
        return []
    if isinstance(node, (str, int, float)):
        return [str(node)]
    if isinstance(node, (list, tuple)):
        return [text for one in node for text in texts(one)]
    return texts(getattr(node, "children", None))


def said(node: Any) -> str:
    """All of its text in one line; white space is one space, as a browser shows it."""
    return " ".join(" ".join(texts(node)).split())


def links(node: Any) -> list[str]:
    """Where every link leads, in order."""
    if isinstance(node, (list, tuple)):
        return [href for one in node for href in links(one)]
    own = [node.href] if getattr(node, "href", None) else []
    return own + (links(node.children) if hasattr(node, "children") else [])
