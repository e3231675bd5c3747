"""Why is this number what it is? One KPI: sentence, verdict, formula with figures, trend, tiers, drivers, facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboards import figures
from dashboards import format as fmt
from dashboards.pages import behind, shapes
from dashboards.parts import cards
from dashboards.reading import history, scope
from dashboards.reading.reader import Ask, Reader, Snapshot
from dashboards.wording import benchmarks, changes, decided, sentences
from dashboards.wording import words as naming
from dashboards.wording.caveats import gathered

PATH, NAV = "/kpi", None
Result = Mapping[str, Any]


def render(reader: Reader, ask: Ask, rest: str = "") -> html.Div:
    """The page from the ready snapshot where it holds the scope; what stands behind the number is filled in after."""
    kpi, snapshot = rest, reader.snapshot()
    known = {one["kpi"]: one for one in scope.kpis(snapshot)}
    if known and kpi not in known:
        return unknown(kpi, known)
    result = _ready(snapshot, ask, kpi) or reader.show(kpi, ask)
    left = [
        _verdict(result, ask, snapshot.connectable),
        _decided(result, snapshot),
        _trend(reader, result, ask),
        _tiers(snapshot, result, ask),
        html.Div(_bone(240), id="kpi-shape", className="main-column"),
        html.Div(_bone(240), id="drivers"),
    ]
    right = [html.Div(_bone(320), id="why"), _targets(result, ask)]
    columns = [html.Div(left, className="main-column"), html.Div(right, className="rail")]
    return html.Div(
        [
            html.H1(sentences.full(result, ask.profile)),
            html.Div(columns, className="columns"),
            html.Div(_bone(700), id="behind-facts", className="after"),
            dcc.Store(id="behind", data={"kpi": kpi, "search": scope.search(ask)}),
        ]
    )


def _ready(snapshot: Snapshot, ask: Ask, kpi: str) -> Result | None:
    """The snapshot's result, where it was judged as asked and has its days."""
    if ask.profile is not None:
        return None
    found = scope.find(snapshot, ask.window, scope.wanted(ask)).get(kpi)
    return found if found and found["series"] else None


def _bone(height: int) -> dmc.Skeleton:
    """The place of a part that is still being worked out."""
    return dmc.Skeleton(height=height, radius=4)


def unknown(kpi: str, known: Mapping[str, Result]) -> html.Div:
    """That there is none of this name: those of a like name first, then all."""
    near = get_close_matches(kpi, known, n=3, cutoff=0.6)
    meant = [html.P("Did you mean:"), _links(near, known), html.P("All that there are:")] if near else []
    trouble = cards.trouble(f"No KPI is called “{kpi}”.", "" if near else "These are there:")
    return html.Div([html.H1("There is no such KPI"), trouble, *meant, _links(known, known)])


def _links(names: Iterable[str], known: Mapping[str, Result]) -> html.Ul:
    return html.Ul([html.Li(dcc.Link(known[name]["title"], href=f"/kpi/{name}")) for name in names])


def _unsettled(result: Result, key: str) -> html.Span | None:
    """Beside a verdict that stands already: the figure may still move."""
    said = result.get("value") is None or key == "provisional" or not result.get("provisional")
    return None if said else html.Span("the figure may still move", className="note")


def _verdict(result: Result, ask: Ask, connectable: Mapping[str, Sequence[str]]) -> html.Section:
    key = scope.profile_status(result, ask.profile)
    figure = html.Span(fmt.value(result), className="headline", title=fmt.exact(result), id="kpi-value")
    same = result.get("value") is None and key == "no data"
    entry = scope.headline(result, ask.profile) or {}
    word = entry.get("note", "") if key == "no data" and not same else ""
    badges = [None if same else cards.badge(key, word=word), _unsettled(result, key)]
    top = html.Div([figure, *badges], className="verdict")
    missing = _missing(result, connectable)
    caveats = [html.P(text, className="caveat") for text in gathered(result.get("caveats") or ())]
    return cards.panel(
        result["title"],
        [top, cards.facts_of(result, ask.profile), *_budget(result, entry, ask), *missing, *caveats],
        note=f"{result['lens']} measure, {scope.period(ask.window)}",
    )


def _budget(result: Result, entry: Mapping[str, Any], ask: Ask) -> list[html.P]:
    """The way to the objective's own page, where the headline has a budget."""
    if result["measure"] != "Ratio" or not entry.get("budget") or scope.is_benchmark(result, ask.profile):
        return []
    return [html.P(dcc.Link("What spent its error budget", href=scope.link(f"/slo/{result['kpi']}", ask)))]


def _decided(result: Result, snapshot: Snapshot) -> html.Section | None:
    """Notes for this KPI and window, and who agreed to its target or to what is left out."""
    told = decided.beside(snapshot.decided, result)
    if not told:
        return None
    lines = [html.P([html.Span(text), html.Span(who, className="note")], className="decided") for text, who in told]
    return cards.panel("Noted and agreed", lines)


def _missing(result: Result, connectable: Mapping[str, Sequence[str]]) -> list[Any]:
    """What to connect before this KPI can be read: each group of evidence with the plugins that tell it."""
    if result["status"] != "not set up":
        return []
    told = [_needed(group, connectable) for group in result.get("missing") or ()]
    needs = f"It needs {', and '.join(told)}." if told else "No source tells what it needs."
    tried: list[Any] = [html.Code("tierline plugins"), " lists what every source tells and how to connect it."]
    return [html.P([needs, " ", *tried], className="caveat")]


def _needed(group: Sequence[str], connectable: Mapping[str, Sequence[str]]) -> str:
    """One group: a source that tells deployments or changes (git, file)."""
    names = sorted({name for evidence in group for name in connectable.get(evidence, ())})
    return f"a source that tells {' or '.join(group)}" + (f" ({', '.join(names)})" if names else "")


_NO_DAY = "It compares the window with the one before it: a day alone says nothing."


def _trend(reader: Reader, result: Result, ask: Ask) -> html.Section:
    if all(day["value"] is None for day in result["series"]):
        why = _NO_DAY if fmt.is_signed(result) else "A longer window, or another scope, may have one."
        return cards.panel("Day by day", cards.empty("No day of this window has a value.", why))
    figure = figures.trend(result, ask.profile, steps=history.steps(reader, result, ask))
    chart = cards.chart(figure, sentences.full(result, ask.profile), result["kpi"])
    return cards.panel("Day by day", chart, note="lighter: provisional; a gap: no data")


def _tiers(snapshot: Snapshot, result: Result, ask: Ask) -> html.Section | None:
    """The tiers on one scale; from the snapshot, which holds each tier on its own."""
    found = {
        f"tier {tier}": one
        for tier in scope.values(snapshot, "tier")
        if (one := scope.find(snapshot, ask.window, {"tier": tier}).get(result["kpi"])) and one["value"] is not None
    }
    days = any(day["value"] is not None for one in found.values() for day in one["series"])
    if len(found) < 2 or not days or ask.team or ask.domain or ask.asset:
        return None
    words = "; ".join(f"{name}: {fmt.value(one)} ({fmt.size(one)})" for name, one in found.items())
    chart = cards.chart(figures.multiples(found, ask.profile), words, f"{result['kpi']}-tiers")
    return cards.panel("Tier by tier", chart, note="one scale; dashed: the tier's own target")


def _targets(result: Result, ask: Ask) -> html.Section | None:
    """Every target of the KPI: its verdict, as published, by which profile."""
    if not result["targets"]:
        return None
    rows = [
        [
            _verdict_of(one, ask),
            [html.Div(one["text"]), *(html.Div(text, className="note") for text in _told(one, result, ask))],
        ]
        for one in sorted(result["targets"], key=lambda one: one.get("adopted") is None)
    ]
    return cards.panel("Targets", cards.table(("verdict", "published"), rows, caption="targets"), className="flush")


def _told(entry: Mapping[str, Any], result: Result, ask: Ask) -> list[str]:
    """Whose row it is, and of a trend what it is measured against."""
    return [_row(entry, ask), *changes.of_entry(entry, result)]


def _verdict_of(entry: Mapping[str, Any], ask: Ask) -> html.Span:
    """A verdict of what is adopted, or asked for; else where the value lies in the row's own figures."""
    if scope.is_judged(entry, ask.profile):
        return cards.badge(entry["status"])
    return cards.badge("published", word=benchmarks.of_entry(entry) or "not adopted")


def _row(entry: Mapping[str, Any], ask: Ask) -> str:
    told = (
        f"{naming.profile(entry['profile'])}, row {entry['row']}",
        "published as an example" if entry.get("example") else "",
        entry.get("note"),
        benchmarks.adopted(entry) or benchmarks.asked(ask.profile, entry),
    )
    return "; ".join(filter(None, told))


def wire(dash: Any, reader: Reader) -> None:
    """Months, distribution and teams follow the page; more facts come when asked for."""
    shapes.wire(dash, reader)
    behind.wire(dash, reader)
