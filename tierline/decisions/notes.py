"""notes/PERIOD.md: what the lead says of a period, the decisions asked, and what became of those asked before.

A Markdown file a period beside tierline.yaml, kept under git: notes/2026-10.md. Three headings count, each at most
once, in any order; what stands above the first is a title for whoever reads the file:

    ## In my words            paragraphs
    ## Decisions asked        - second-warehouse: A second warehouse for the month's end, USD 2,000 a month.
    ## What became of them    - on-call: Agreed on 12 October; the rota begins in December.

An item is a name, a colon and its text, which may go on in indented lines. The next period's file says under "What
became of them" what became of each name; one that it does not name is shown as not answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from dashboards.report.shape import Ask, Words
from slo.errors import ConfigError
from slo.windows import parse_window, previous
from tierline.config import Config
from tierline.decisions.reading import BEGINNING
from tierline.settings.problems import Problem, SettingsError, did_you_mean

FOLDER = "notes"
WORDS, DECISIONS, OUTCOMES = "in my words", "decisions asked", "what became of them"
HEADINGS = (WORDS, DECISIONS, OUTCOMES)
UNANSWERED = "not answered"
_ITEM = re.compile(r"[-*]\s+([A-Za-z0-9][\w.-]*)\s*:\s+(\S.*)")
_PLACED = re.compile(r"(.+?):(\d+): (.+)", re.DOTALL)
_MAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")


@dataclass(frozen=True)
class Notes:
    """One file: paragraphs, and items by name in their order."""

    name: str
    paragraphs: tuple[str, ...] = ()
    decisions: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)


def folder(config: Config) -> Path | None:
    """``notes`` beside the settings; None without a settings file."""
    return None if config.path is None else config.path.parent / FOLDER


def load(config: Config, period: str) -> Notes | None:
    """The notes of a period; None where nobody wrote any. Raises ConfigError with file, line and remedy."""
    place = folder(config)
    path = None if place is None else place / f"{period}.md"
    if path is None or not path.is_file():
        return None
    try:
        return parse(path.read_text(encoding="utf-8-sig"), f"{FOLDER}/{path.name}")
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not written in UTF-8; save it as UTF-8") from None


def check(config: Config) -> None:
    """Reads every file of notes. Raises SettingsError with what is wrong in any."""
    place, problems = folder(config), list[Problem]()
    for path in sorted(place.glob("*.md")) if place is not None else ():
        if path.stem.lower() == "readme":
            continue
        try:
            window = parse_window(path.stem, BEGINNING, ZoneInfo(config.settings.timezone))
            if window.rolling:
                raise ConfigError(f"{path.name}: {path.stem} is no period; name the file as 2026-10.md")
            words(config, window.name, previous(window).name)
        except ConfigError as error:
            placed = _PLACED.fullmatch(str(error))
            message, _, remedy = (placed[3] if placed else str(error)).partition("; ")
            problems.append(Problem(str(path), int(placed[2]) if placed else 1, "notes", message, remedy))
    if problems:
        raise SettingsError(problems)


def words(config: Config, period: str, before: str) -> Words | None:
    """What the report of a period says of it, with the asks of the period before; None where neither has notes."""
    now, then = load(config, period), load(config, before)
    if now is None and then is None:
        return None
    now = now or Notes(f"{FOLDER}/{period}.md")
    asked = then.decisions if then else {}
    unknown = [name for name in now.outcomes if name not in asked]
    if unknown:
        known = did_you_mean(unknown[0], list(asked), "there are") if asked else f"{FOLDER}/{before}.md asks nothing"
        raise ConfigError(f"{now.name}: {before} asked no {unknown[0]!r}; {known}")
    asks = [
        Ask(name, text, now.outcomes.get(name, UNANSWERED), answered=name in now.outcomes)
        for name, text in asked.items()
    ]
    made = [Ask(name, text) for name, text in now.decisions.items()]
    return Words(now.name, list(now.paragraphs), made, before, asks)


def parse(text: str, name: str) -> Notes:
    """One file's text. Raises ConfigError."""
    found: dict[str, list[tuple[int, str]]] = {}
    inside: list[tuple[int, str]] | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if _MAIL.search(line):
            raise ConfigError(f"{name}:{number}: names a person; name the team, or a ticket")
        if line.startswith("## "):
            inside = found.setdefault(_heading(line, name, number, found), [])
        elif inside is not None:
            inside.append((number, line))
    return Notes(
        name, tuple(_paragraphs(found.get(WORDS, []))), _items(found.get(DECISIONS, []), name),
        _items(found.get(OUTCOMES, []), name),
    )  # fmt: skip


def _heading(line: str, name: str, number: int, found: dict[str, list[tuple[int, str]]]) -> str:
    heading = line.removeprefix("## ").strip().rstrip(":").lower()
    if heading not in HEADINGS:
        remedy = did_you_mean(heading, list(HEADINGS), "there are")
        raise ConfigError(f"{name}:{number}: {line.removeprefix('## ').strip()!r} is no heading of notes; {remedy}")
    if heading in found:
        raise ConfigError(f"{name}:{number}: {heading!r} stands twice; keep one of them")
    return heading


def _paragraphs(lines: list[tuple[int, str]]) -> Iterator[str]:
    """Lines up to an empty one are one paragraph."""
    told: list[str] = []
    for _, line in [*lines, (0, "")]:
        if line.strip():
            told.append(line.strip())
        elif told:
            yield " ".join(told)
            told = []


def _items(lines: list[tuple[int, str]], name: str) -> dict[str, str]:
    """``- name: text``, and the indented lines that go on with it."""
    found: dict[str, str] = {}
    last = ""
    for number, line in lines:
        item = _ITEM.fullmatch(line.rstrip())
        if item:
            last = item[1]
            if last in found:
                raise ConfigError(f"{name}:{number}: {last!r} stands twice; give each its own name")
            found[last] = item[2]
        elif line.strip() and last and line[0].isspace():
            found[last] += f" {line.strip()}"
        elif line.strip():
            raise ConfigError(f"{name}:{number}: is no item; write `- name: text`, its further lines indented")
    return found
