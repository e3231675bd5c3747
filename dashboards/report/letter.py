"""The report as a message: its first page as the body of a mail, and as a few lines for a channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from dashboards.report.sealing import Document

MOST = 5
"""Misses that a channel is told; the report has all."""


@dataclass(frozen=True)
class Letter:
    """What is sent: the report of a period, or a domain's draft (``until``: the moment of closing, in words)."""

    document: Document
    page: str
    """Where the page of reports is."""
    until: str = ""
    dispute: str = ""
    """The command that disputes a line of it."""

    @property
    def is_draft(self) -> bool:
        return bool(self.until)

    @property
    def subject(self) -> str:
        period, subject = self.document["period"]["title"], self.document["scope"]["subject"]
        return _one_line(f"{'Draft: report' if self.is_draft else 'Report'} of {period}, {subject}")

    @property
    def ask(self) -> str:
        """What a draft asks of its reader; "" of a report."""
        if not self.is_draft:
            return ""
        return f"This is a draft. It is closed on {self.until}. Until then a line can be disputed: {self.dispute}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _lists(d: Document) -> list[tuple[str, list[str]]]:
    """(heading, lines) of the first page, those that have something to say."""
    words = d["words"] or {"paragraphs": (), "decisions": (), "asks": (), "asked_in": ""}
    restated = [*(d["closed"]["since"] if d["closed"] else ()), *d["restated"]]
    told = [
        ("Missed, and why", [_because(one["sentence"], one["causes"]) for one in d["misses"]]),
        ("What changed", [text for text in (d["changes_text"], *(one["text"] for one in d["changes"])) if text]),
        ("Cost against volume", list(d["cost"])),
        ("In the lead's words", list(words["paragraphs"])),
        ("Decisions asked", [f"{one['id']}: {one['text']}" for one in words["decisions"]]),
        (f"Asked in {words['asked_in']}", [f"{one['id']}: {one['text']} ({one['outcome']})" for one in words["asks"]]),
        ("Restated", [_restated(one) for one in restated]),
        ("Disputed", [f"{one['text']} ({one['who']})" for one in d["disputed"]]),
        ("Left out by agreement", [each["text"] for one in d["excluded"] for each in one["agreements"]]),
    ]  # fmt: skip
    return [(heading, lines) for heading, lines in told if lines]


def _restated(one: Document) -> str:
    difference = f" ({one['difference']})" if one["difference"] else ""
    figures = f"{one['reported']['text']} reported, now {one['now']['text']}{difference}"
    return _because(f"{one['title']}, {one['period_title']}: {figures}", one["causes"])


def _because(sentence: str, causes: Sequence[str]) -> str:
    return f"{sentence}. {'; '.join(causes)}" if causes else sentence


def text(letter: Letter) -> str:
    """The first page as plain text."""
    d = letter.document
    lines = [d["title"], *filter(None, (d["state_text"], letter.ask)), ""]
    width = max(len(one["title"]) for one in d["counts"])
    lines += [f"{'':{width}}  counted  as felt  ours alone"]
    lines += [f"{one['title']:{width}}  {one['counted']:7}  {one['felt']:7}  {one['ours']:10}" for one in d["counts"]]
    for heading, told in _lists(d):
        lines += ["", heading, *(f"- {line}" for line in told)]
    return "\n".join([*lines, "", *_foot(letter)]) + "\n"


def _foot(letter: Letter) -> list[str]:
    d = letter.document
    return [f"As of {d['as_of_text']}, {d['timezone']}. {d['hash'][:12]}", letter.page]


def html(letter: Letter) -> str:
    """The same as HTML that mail readers take: no script, no image, no style sheet."""
    made = Environment(
        loader=PackageLoader("dashboards", "templates"), autoescape=select_autoescape(default=True),
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    page = made.get_template("letter.html.j2")
    return page.render(letter=letter, d=letter.document, lists=_lists(letter.document), foot=_foot(letter)[0])


def brief(letter: Letter) -> dict[str, Any]:
    """For a channel: title, lines, foot, page. Plain text, to be escaped by whoever sends it."""
    d = letter.document
    lines = [text for text in (d["counts_text"], d["state_text"]) if text]
    missed = [f"▲ {one['sentence']}" for one in d["misses"]]
    more = [f"and {len(missed) - MOST} more in the report"] if len(missed) > MOST else []
    return {
        "title": _one_line(d["title"]), "lines": lines, "missed": [*missed[:MOST], *more],
        "foot": f"as of {d['as_of_text']}", "page": letter.page,
    }  # fmt: skip
