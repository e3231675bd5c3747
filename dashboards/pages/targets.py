"""What was promised, and was it kept? The view's lines, leading beside lagging, and every row of every profile with its
own value: a verdict where somebody adopted it or asked for it, else its place in what is published."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from dash import dcc, html

from dashboards import format as fmt
from dashboards.parts import cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader
from dashboards.wording import benchmarks
from dashboards.wording import words as naming
from slo.targets import PLATFORM

PATH, NAV = "/targets", (60, "Targets")
Result = Mapping[str, Any]
Entry = Mapping[str, Any]


Pair = tuple[Result, Entry]


def _entries(results: Mapping[str, Result], profile: str | None) -> list[Pair]:
    """(result, target) pairs in order of profile and row."""
    found = [
        (one, entry)
        for one in results.values()
        for entry in one["targets"]
        if (profile is None or scope.holds(entry, profile)) and one["status"] != "not set up"
    ]
    return sorted(found, key=lambda pair: (pair[1]["profile"], pair[1]["row"]))


def _title(pairs: list[tuple[Result, Entry]], ask: Ask) -> str:
    where, when = scope.said(ask), scope.period(ask.window)
    words = [entry["status"] for _, entry in pairs if scope.is_judged(entry, ask.profile)]
    judged = sum(word in ("met", "near", "missed") for word in words)
    kept = judged - words.count("missed")
    if pairs and not words:
        return f"No target of {where} is adopted yet: {fmt.plural(len(pairs), 'published row')} as benchmarks {when}"
    if not judged:
        return f"No target of {where} could be judged {when}"
    return f"{kept} of {fmt.plural(judged, 'judged target')} of {where} were kept {when}"


def _row(one: Result, entry: Entry, ask: Ask) -> list[Any]:
    """Verdict, name and value first: what a phone shows without moving sideways."""
    own = dict(one) | {"value": entry.get("value")}
    figures = _figure(own) if entry.get("value") is not None else fmt.NOTHING
    left = fmt.budget(entry.get("budget")).replace(" of budget", "").removeprefix("budget ")
    return [
        verdict(entry, ask),
        dcc.Link(one["title"], href=scope.link(f"/kpi/{one['kpi']}", ask)),
        html.Span(figures, title=fmt.exact(own)),
        [entry["text"], *_notes(entry, ask)],
        _where(entry, one),
        _behind(one, entry),
        left if scope.is_judged(entry, ask.profile) else "",
        entry["row"],
    ]


def verdict(entry: Entry, ask: Ask) -> html.Span:
    """The status of what is adopted or asked for; else where the value lies in the row's own figures."""
    missing = entry["status"] == "no data"
    if scope.is_judged(entry, ask.profile) or missing:
        return cards.badge(entry["status"], word=entry.get("note", "") if missing else "")
    return cards.badge("published", word=benchmarks.of_entry(entry) or "not adopted")


def _notes(entry: Entry, ask: Ask) -> list[html.Span]:
    """Whether its figure was an example, and who adopted it."""
    example = "published as an example" if entry.get("example") else ""
    told = (example, benchmarks.adopted(entry), benchmarks.asked(ask.profile, entry))
    return [html.Span(f" {text}", className="note") for text in told if text]


def _figure(own: Mapping[str, Any]) -> str:
    """The target's value in the KPI's unit; a clause on a count of a ratio's KPI (critical failures) as a count."""
    count = own["unit"] == "ratio" and not fmt.is_signed(own) and own["value"] > 1
    return fmt.count(own["value"]) if count else fmt.value(own)


def _behind(one: Result, entry: Entry) -> str:
    """What stands behind the target's value: events, or a span where the KPI counts time."""
    if not entry.get("n"):
        return fmt.NOTHING
    return fmt.duration(entry["n"]) if fmt.in_seconds(one) else fmt.count(entry["n"])


def _where(entry: Entry, one: Result) -> str:
    """What a target narrows: tier 1; start detected."""
    shown = {**scope.of(one), **scope.narrower(entry, one)}
    return ", ".join(f"{key} {value}" for key, value in (*shown.items(), *_chosen(entry, one).items())) or "all"


def _chosen(entry: Entry, one: Result) -> dict[str, Any]:
    """The parameters in which the target differs from the result it stands beside."""
    usual = one.get("params") or {}
    return {key: value for key, value in (entry.get("params") or {}).items() if usual.get(key) != value}


_HEADS = ("verdict", "KPI", "value", "published target", "over", "n", "error budget", "row")


def render(reader: Reader, ask: Ask, rest: str = "") -> html.Div:
    snapshot = reader.snapshot()
    here = scope.find(snapshot, ask.window, scope.wanted(ask))
    pairs = _entries(here, ask.profile)
    panels = _panels(pairs, ask, ask.profile or snapshot.profile or PLATFORM)
    if not panels:
        panels = [
            cards.empty(
                "No target applies here.",
                "Choose another profile, window or scope above.",
                dcc.Link("All targets of the last 28 days", href="/targets"),
            )
        ]
    return html.Div([html.H1(_title(pairs, ask)), *panels], className="narrow")


def _panels(pairs: list[Pair], ask: Ask, view: str) -> list[Any]:
    """The view first, leading beside lagging; below it the profiles whole, where none was asked for."""
    shown = [pair for pair in pairs if scope.holds(pair[1], view)]
    lenses = [(lens, [pair for pair in shown if pair[0]["lens"] == lens]) for lens in LENSES]
    first = [_view(f"{naming.profile(view)}: {LENSES[lens]}", own, ask) for lens, own in lenses if own]
    profiles = groupby(pairs if ask.profile is None else [], key=lambda pair: pair[1]["profile"])
    whole = [_profile(naming.profile(name), list(own), ask) for name, own in profiles if name != view]
    return [html.Div(first, className="beside"), *whole] if first else whole


LENSES = {"lagging": "what has happened (lagging)", "leading": "what makes it happen (leading)"}


def _view(name: str, pairs: list[Pair], ask: Ask) -> html.Section:
    """A view's lines of one lens, in the columns that fit beside the other."""
    rows = [[cell for place, cell in enumerate(_row(one, entry, ask)) if place in _FEW] for one, entry in pairs]
    heads = [head for place, head in enumerate(_HEADS) if place in _FEW]
    table = cards.table(heads, rows, right=(2, 4), caption=name)
    return cards.panel(naming.sentence(name), table, className="flush", note=_tally(pairs, ask))


_FEW = (0, 1, 2, 3, 5)
"""Verdict, KPI, value, target and n."""


def _tally(pairs: list[Pair], ask: Ask) -> str:
    """1 missed, 5 met, 12 not adopted."""
    shown = [entry["status"] if scope.is_judged(entry, ask.profile) else "published" for _, entry in pairs]
    return ", ".join(f"{shown.count(key)} {fmt.status(key).word}" for key in fmt.STATUSES if key in shown)


def _profile(name: str, pairs: list[Pair], ask: Ask) -> html.Section:
    rows = [_row(one, entry, ask) for one, entry in pairs]
    table = cards.table(_HEADS, rows, right=(2, 5, 6, 7), caption=name)
    return cards.panel(naming.sentence(name), table, className="flush", note=_tally(pairs, ask))
