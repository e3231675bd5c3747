"""What was promised, and was it kept? Every target of every profile with its own value and verdict."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from dash import dcc, html

from dashboards import cards, scope
from dashboards import format as fmt
from dashboards import words as naming
from dashboards.reader import Ask, Reader

Result = Mapping[str, Any]
Entry = Mapping[str, Any]


def _entries(results: Mapping[str, Result], profile: str | None) -> list[tuple[Result, Entry]]:
    """(result, target) pairs in order of profile and row."""
    found = [
        (one, entry)
        for one in results.values()
        for entry in one["targets"]
        if profile in (None, entry["profile"]) and one["status"] != "not set up"
    ]
    return sorted(found, key=lambda pair: (pair[1]["profile"], pair[1]["row"]))


def _title(pairs: list[tuple[Result, Entry]], ask: Ask) -> str:
    where, when = scope.said(ask), scope.period(ask.window)
    words = [entry["status"] for _, entry in pairs]
    judged = sum(word in ("met", "near", "missed") for word in words)
    kept = judged - words.count("missed")
    if not judged:
        return f"No target of {where} could be judged {when}"
    return f"{kept} of {fmt.plural(judged, 'judged target')} of {where} were kept {when}"


def _row(one: Result, entry: Entry, ask: Ask) -> list[Any]:
    """Verdict, name and value first: what a phone shows without moving sideways."""
    own = dict(one) | {"value": entry.get("value")}
    figures = _figure(own) if entry.get("value") is not None else fmt.NOTHING
    left = fmt.budget(entry.get("budget")).replace(" of budget", "").removeprefix("budget ")
    return [
        cards.badge(entry["status"], word=entry.get("note", "") if entry["status"] == "no data" else ""),
        dcc.Link(one["title"], href=scope.link(f"/kpi/{one['kpi']}", ask)),
        html.Span(figures, title=fmt.exact(own)),
        [entry["text"], _EXAMPLE if entry.get("example") else None],
        _where(entry, one),
        _behind(one, entry),
        left,
        entry["row"],
    ]


_EXAMPLE = html.Span(" published as an example", className="note")


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


def render(reader: Reader, ask: Ask) -> html.Div:
    snapshot = reader.snapshot()
    here = scope.find(snapshot.results, ask.window, scope.wanted(ask))
    pairs = _entries(here, ask.profile)
    panels: list[Any] = [
        _profile(name, list(rows), ask) for name, rows in groupby(pairs, key=lambda pair: pair[1]["profile"])
    ]
    if not panels:
        panels = [
            cards.empty(
                "No target applies here.",
                "Choose another profile, window or scope above.",
                dcc.Link("All targets of the last 28 days", href="/targets"),
            )
        ]
    return html.Div([html.H1(_title(pairs, ask)), *panels], className="narrow")


def _profile(name: str, pairs: list[tuple[Result, Entry]], ask: Ask) -> html.Section:
    tally = [
        f"{sum(entry['status'] == key for _, entry in pairs)} {fmt.status(key).word}"
        for key in fmt.STATUSES
        if any(entry["status"] == key for _, entry in pairs)
    ]
    rows = [_row(one, entry, ask) for one, entry in pairs]
    return cards.panel(
        naming.profile(name).capitalize(),
        cards.table(_HEADS, rows, right=(2, 5, 6, 7), caption=naming.profile(name)),
        className="flush",
        note=", ".join(tally),
    )
