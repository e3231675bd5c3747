"""Digest and notice as Slack lays them out: a header, a section a part, the moment and the link below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards import notice
from dashboards.digest import CALM, PARTS, when

MOST_HEADER, MOST_TEXT = 150, 3_000
"""Characters that Slack takes in a header and in a section."""
LINES, MOST_LINE = 3, 700
"""Lines of a notice in one section, and characters of one."""


def escaped(text: str) -> str:
    """Text that Slack shows as it is: no mention, no link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def blocks(digest: Mapping[str, Any], zone: str) -> list[dict[str, Any]]:
    """The message's blocks."""
    header = {"type": "header", "text": {"type": "plain_text", "text": _cut(digest["title"], MOST_HEADER)}}
    parts = [_part(heading, digest[key]) for key, heading in PARTS if digest[key]]
    if not digest["attention"] and not digest["sources"]:
        parts.append(section(CALM))
    foot = f"{escaped(when(digest, zone))} · <{escaped(digest['page'])}|open the page>"
    return [header, *parts, {"type": "context", "elements": [{"type": "mrkdwn", "text": foot}]}]


def notice_blocks(told: Mapping[str, Any], zone: str) -> list[dict[str, Any]]:
    """The blocks of a notice; a section for each few lines, for a section's text is bounded."""
    header = {"type": "header", "text": {"type": "plain_text", "text": _cut(told["title"], MOST_HEADER)}}
    sections = [
        section("\n".join([*([f"*{heading}*"] if at == 0 else []), *map(_linked, lines[at : at + LINES])]))
        for heading, lines in notice.parts(told)
        for at in range(0, len(lines), LINES)
    ]
    foot = f"{escaped(when(told, zone))} · <{escaped(told['page'])}|open the page>"
    return [header, *sections, {"type": "context", "elements": [{"type": "mrkdwn", "text": foot}]}]


def _linked(line: tuple[str, str]) -> str:
    said, link = line
    return f"{escaped(_cut(said, MOST_LINE))} <{escaped(link)}|open>"


def _part(heading: str, lines: list[str]) -> dict[str, Any]:
    return section("\n".join([f"*{heading}*", *map(escaped, lines)]))


def section(text: str) -> dict[str, Any]:
    """A part of a message; the text is Slack's own markdown, escaped by whoever writes it."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": _cut(text, MOST_TEXT)}}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
