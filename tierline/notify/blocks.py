"""Digest and notice as Slack lays them out: a header, a section a part, the moment and the link below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dashboards import digest as digests
from dashboards import notice

Parts = Sequence[tuple[str, Sequence[tuple[str, str]]]]
"""(heading, [(sentence, link or nothing)])."""
MOST_HEADER, MOST_TEXT = 150, 3_000
"""Characters that Slack takes in a header and in a section."""
LINES, MOST_LINE = 3, 700
"""Lines with links in one section, and characters of one."""


def escaped(text: str) -> str:
    """Text that Slack shows as it is: no mention, no link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def blocks(digest: Mapping[str, Any], zone: str) -> list[dict[str, Any]]:
    """The message's blocks."""
    calm = [section(digests.calm(digest))] if digests.calm(digest) else []
    return _message(digest, zone, [*_sections(digests.parts(digest)), *calm])


def notice_blocks(told: Mapping[str, Any], zone: str) -> list[dict[str, Any]]:
    """The blocks of a notice."""
    return _message(told, zone, _sections(notice.parts(told)))


def _message(told: Mapping[str, Any], zone: str, sections: list[dict[str, Any]]) -> list[dict[str, Any]]:
    header = {"type": "header", "text": {"type": "plain_text", "text": _cut(told["title"], MOST_HEADER)}}
    foot = f"{escaped(digests.when(told, zone))} · <{escaped(told['page'])}|open the page>"
    return [header, *sections, {"type": "context", "elements": [{"type": "mrkdwn", "text": foot}]}]


def _sections(parts: Parts) -> list[dict[str, Any]]:
    """One a part; one for each few lines where they have links, for a section's text is bounded."""
    return [
        section("\n".join([*([f"*{heading}*"] if at == 0 else []), *map(_linked, lines[at : at + step])]))
        for heading, lines in parts
        for step in [LINES if any(link for _, link in lines) else len(lines)]
        for at in range(0, len(lines), step)
    ]


def _linked(line: tuple[str, str]) -> str:
    said, link = line
    told = escaped(_cut(said, MOST_LINE))
    return f"{told} <{escaped(link)}|open>" if link else told


def section(text: str) -> dict[str, Any]:
    """A part of a message; the text is Slack's own markdown, escaped by whoever writes it."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": _cut(text, MOST_TEXT)}}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
