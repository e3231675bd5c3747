"""A profile's card in words: its head, the counted summary, its groups and rows. Figures are the heart's
(slo/promises/scorecard.py)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from dashboards import format as fmt
from dashboards.wording import benchmarks, sentences, words

Line = Mapping[str, Any]
GROUPS = {
    "lagging": "Lagging: what has happened", "leading": "Leading: what makes it happen",
    "domain": "The domain teams' own",
}  # fmt: skip


def head(card: Mapping[str, Any]) -> str:
    """staff platform, as of 21 November 2026, 09:12; judged as published."""
    local = datetime.fromisoformat(card["as_of"])
    scope = words.subject({key: value for key, value in card["scope"].items() if value is not None})
    whom = "" if scope == "the platform" else f", {scope}"
    asked = "; judged as published, adopted or not" if card["asked"] else ""
    title = f" ({card['title']})" if card["title"] else ""
    when = f"{local.day} {local:%B %Y, %H:%M}"
    return f"{words.sentence(words.profile(card['profile']))}{title}{whom}, as of {when}{asked}"


def tally(counted: Mapping[str, int]) -> str:
    """12 lines: 10 promised, 11 measured; 6 met, 2 met (minimum), 1 missed; 1 undecided, 1 not measurable."""
    told = [f"{counted['promised']} promised", f"{counted['measured']} measured"]
    verdicts = [f"{counted['met']} met", f"{counted['near']} met (minimum)", f"{counted['missed']} missed"]
    others = [(counted["undecided"], "undecided"), (counted["not_measurable"], "not measurable"),
              (counted["benchmarks"], "beside their published range")]  # fmt: skip
    rest = [f"{number} {word}" for number, word in others if number]
    parts = [", ".join(told), ", ".join(verdicts) if counted["judged"] else "", ", ".join(rest)]
    return f"{fmt.plural(counted['lines'], 'line')}: {'; '.join(filter(None, parts))}"


def groups(lines: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    """Lagging, leading, and apart from both what the domain teams answer for; empty ones are left out."""
    found: dict[str, list[Line]] = {key: [] for key in GROUPS}
    for line in lines:
        found["domain" if line["accountability"] == "domain" else line["lens"]].append(line)
    return [(GROUPS[key], own) for key, own in found.items() if own]


def row(line: Line) -> list[str | None]:
    """KPI, window, value, n, status, target: as the terminal prints them."""
    n = fmt.count(line["n"]) if line["n"] and not fmt.in_seconds(line) else None
    status = verdict(line)
    return [line["title"], line["window"]["name"], value(line), n, f"{status.shape} {status.word}", target(line)]


def value(line: Line) -> str:
    """The row's value in its KPI's unit; a figure beside the KPI's own as a bare number with its name."""
    if line["figure"] is None or line["value"] is None:
        return fmt.value(line)
    return f"{fmt.count(line['value'])} {line['figure'].replace('_', ' ')}"


def verdict(line: Line) -> fmt.Status:
    """The status of what is adopted or asked for; else that there is no verdict."""
    if line["standing"] == "adopted" or line["status"] in ("not set up", "too few"):
        return fmt.status(line["status"])
    return fmt.status("no data" if line["value"] is None else "published")


def target(line: Line) -> str:
    """As published, then who adopted it, or where the value lies."""
    own = [one for one in (line["clauses"] or ()) if one["status"] == line["status"] and one["form"] in _BOUNDS]
    said = line["text"] or sentences.target({**line, **(own[0] if own else {})}, line)
    who, floor = benchmarks.adopted(line), f"here {fmt.target(line, line)}" if line["own_figures"] else ""
    where = benchmarks.sentence(line) if line["standing"] == "published" and _ranged(line) else ""
    return "; ".join(filter(None, (said, floor, who, where)))


_BOUNDS = ("at_least", "at_most", "above", "below")


def _ranged(line: Line) -> bool:
    return line["benchmark"] is not None and line["benchmark"]["lo"] is not None
