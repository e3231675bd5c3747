"""The small parts that pages are made of: a verdict, a number with its company, a sparkline, an empty state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboards import format as fmt
from dashboards import svg
from dashboards.parts.panels import chart, empty, figure_cell, name, panel, table, trouble
from dashboards.reading import scope
from dashboards.wording import answering, benchmarks, changes, sentences, words

__all__ = [
    "badge", "burn", "cell", "chart", "empty", "facts_of", "figure_cell", "moment", "name", "panel", "sparkline",
    "stamp", "table", "trouble",
]  # fmt: skip
Result = Mapping[str, Any]


def badge(key: str, say: bool = True, word: str = "") -> html.Span:
    """A verdict: shape, word, colour. Not said: the shape, named for a screen reader. ``word`` replaces its own."""
    look = fmt.status(key)
    shape = html.Span(look.shape, className="shape", **words.aria(hidden="true"))
    named = html.Span(word or look.word, className="word" if say else "unseen")
    return html.Span([shape, named], className=f"status s-{look.css}", title=word or look.word)


def sparkline(result: Result, profile: str | None = None, width: int = 50) -> html.Img | None:
    """The result day by day; None where no day has a value."""
    markup = svg.spark(result["series"], scope.bound(result, profile), width=width)
    if not markup:
        return None
    return html.Img(src=svg.uri(markup), className="spark", alt="", width=width, height=22)


def cell(result: Result | None, href: str, profile: str | None = None, column: str = "", spark: bool = True) -> html.Td:
    """One square of the matrix: shape, value, sparkline; the sentence on hover, one link over all of it."""
    column_of: dict[str, Any] = {"data-col": column}
    if result is not None and result.get("value") is not None:
        column_of["data-value"] = str(result["value"])
    if result is None:
        return html.Td(html.Span("–", className="faint"), className="cell", **column_of)
    key = scope.profile_status(result, profile)
    look = fmt.status("no data" if result.get("value") is None and key == "no target" else key)
    figure = fmt.compact(result) if result.get("value") is not None else look.word
    inside = [
        html.Span(look.shape, className="shape", **words.aria(hidden="true")),
        html.Span(figure, className="figure" if result.get("value") is not None else "figure faint"),
        sparkline(result, profile) if spark and result.get("value") is not None else None,
    ]
    title = f"{sentences.full(result, profile)} · {look.word} · exactly {fmt.exact(result)}"
    anchor = dcc.Link(inside, href=href, className="square", title=title)
    hatch = " hatched" if result.get("value") is None else ""
    return html.Td(anchor, className=f"cell s-{look.css}{hatch}", **column_of)


def facts_of(result: Result, profile: str | None = None) -> html.Dl:
    """Value, then verdict, target, n, interval, coverage: each smaller than the last."""
    entry = scope.headline(result, profile)
    pairs = [
        *_promise(result, entry, profile),
        *answering.beside(result),
        ("behind it", fmt.size(result)),
        ("95 % interval", fmt.interval(result)),
        ("coverage", fmt.coverage(result)),
        ("against the window before", changes.in_full(result)),
        *(() if scope.is_benchmark(result, profile) else _spent((entry or {}).get("budget"))),
        *_spread(result),
    ]
    return html.Dl([html.Div([html.Dt(term), html.Dd(text)]) for term, text in pairs if text], className="company")


def _promise(result: Result, entry: Mapping[str, Any] | None, profile: str | None) -> list[tuple[str, str]]:
    """The target with who adopted it, or what is published; both say whether it is a verdict."""
    around = ("published", benchmarks.sentence(result).removeprefix("published ").removeprefix(": "))
    if scope.is_benchmark(result, profile):
        return [around, ("target", "not adopted")]
    if entry is None:
        return [("target", "no target")]
    who = benchmarks.adopted(entry).removeprefix("adopted ") or benchmarks.asked(profile, entry)
    said = f"{sentences.target(entry, result)}, {words.profile(entry['profile'])}"
    return [("target", said), ("adopted", who), around]


def _spent(budget: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    return [("error budget", fmt.budget(budget)), ("burn rate", burn(budget))]


def _spread(result: Result) -> list[tuple[str, str]]:
    """Median and P90 beside a mean, and what the open ones add."""
    found = []
    for key, term in (("median", "median"), ("p90", "P90"), ("at_least", "at least, open ones counted")):
        if result.get(key) is not None:
            found.append((term, fmt.of(result, result[key])))
    if result.get("open"):
        found.append(("still open", fmt.plural(result["open"], "incident")))
    starts = result.get("starts") or {}
    if any(starts.values()):
        found.append(("starts", ", ".join(f"{fmt.count(n)} {_START[how]}" for how, n in starts.items() if n)))
    return found


_START = {"told": "told", "derived": "derived", "none": "not known"}
"""How an incident's start is known, in words."""


def burn(budget: Mapping[str, Any] | None) -> str:
    rate = (budget or {}).get("burn_rate")
    return "" if rate is None else f"{fmt.number(rate)} × the sustainable pace"


def moment(when: datetime | None, zone: ZoneInfo, now: datetime | None = None) -> str:
    """A clock time in the platform's zone, with the day where it is not today's."""
    if when is None:
        return "never"
    local = when.astimezone(zone)
    return fmt.moment(local, now)


def stamp(when: datetime | None, zone: ZoneInfo, now: datetime | None = None) -> html.Span:
    """The moment, with the exact one on hover."""
    exact = when.astimezone(zone).isoformat(timespec="seconds") if when else ""
    return html.Span(moment(when, zone, now), title=exact, className="when")
