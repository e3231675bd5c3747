"""Verdicts as they are shown: a shape first, a word second, a colour class last."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Status:
    """How a verdict is shown: a shape first, a word second, a colour (CSS class) last."""

    key: str
    shape: str
    word: str
    css: str


STATUSES: dict[str, Status] = {
    status.key: status
    for status in (
        Status("missed", "▲", "missed", "missed"),
        Status("near", "◐", "met (minimum)", "near"),
        Status("met", "●", "met", "met"),
        Status("provisional", "◇", "provisional", "provisional"),
        Status("published", "·", "not adopted", "notarget"),
        Status("too few", "◌", "too few", "few"),
        Status("no data", "○", "no data", "nodata"),
        Status("not set up", "⊘", "not set up", "unset"),
        Status("no target", "–", "no target", "notarget"),
    )
}
"""Worst first: the order in which a page names them. "published": a benchmark, which nobody has adopted."""


def status(key: str | None) -> Status:
    """The look of a status word; an unknown word is shown as it is, without a colour."""
    return STATUSES.get(key or "", Status(key or "", "–", key or "no status", "notarget"))


def rank(key: str | None) -> int:
    """Place of a status from worst (0) on."""
    return list(STATUSES).index(key) if key in STATUSES else len(STATUSES)
