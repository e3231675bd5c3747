"""Why is this number what it is? One KPI: sentence, verdict, formula with figures, trend, tiers, drivers, facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import dash_ag_grid as dag
from dash import dcc, html

from dashboards import cards, figures, scope, sentences
from dashboards import format as fmt
from dashboards import words as naming
from dashboards.reader import Ask, Reader, Snapshot

Result = Mapping[str, Any]
FACTS = 500
WORST = 12


def render(reader: Reader, ask: Ask, kpi: str) -> html.Div:
    snapshot = reader.snapshot()
    known = {one["kpi"]: one for one in scope.kpis(snapshot)}
    if known and kpi not in known:
        return unknown(kpi, known)
    told = reader.explain(kpi, ask, FACTS)
    result = told.get("result") or reader.show(kpi, ask)
    left = [_verdict(result, ask), _trend(result, ask), _tiers(snapshot, result, ask), _breakdown(reader, result, ask)]
    return html.Div(
        [
            html.H1(sentences.full(result, ask.profile)),
            html.Div(
                [html.Div(left, className="main-column"), html.Div(_why(told, result), className="rail")],
                className="columns",
            ),
            _facts(told, result, snapshot, ask),
        ]
    )


def unknown(kpi: str, known: Mapping[str, Result]) -> html.Div:
    links = [html.Li(dcc.Link(one["title"], href=f"/kpi/{key}")) for key, one in known.items()]
    return html.Div(
        [
            html.H1("There is no such KPI"),
            cards.trouble(f"No KPI is called “{kpi}”.", "These are there:"),
            html.Ul(links),
        ]
    )


def _verdict(result: Result, ask: Ask) -> html.Section:
    key = scope.profile_status(result, ask.profile)
    figure = html.Span(fmt.value(result), className="headline", title=fmt.exact(result), id="kpi-value")
    same = result.get("value") is None and key == "no data"
    top = html.Div([figure, None if same else cards.badge(key)], className="verdict")
    caveats = [html.P(text, className="caveat") for text in result.get("caveats") or ()]
    return cards.panel(
        result["title"],
        [top, cards.facts_of(result, ask.profile), *_missing(result), *caveats],
        note=scope.period(ask.window),
    )


def _missing(result: Result) -> list[Any]:
    """What a source must tell before this KPI can be read."""
    if result["status"] != "not set up":
        return []
    groups = [" or ".join(group) for group in result.get("missing") or ()]
    needs = f"It needs a source that tells {', and '.join(groups)}." if groups else "No source tells what it needs."
    tried: list[Any] = [html.Code("tierline plugins"), " lists the sources that do."]
    return [html.P([needs, " ", *tried], className="caveat")]


def _chart(figure: Any, label: str, name: str) -> html.Div:
    """A chart, named for a screen reader, of fixed height so that nothing jumps while it loads."""
    graph = dcc.Graph(
        figure=figure,
        responsive=True,
        style={"height": f"{figure.layout.height}px"},
        config={
            "displaylogo": False,
            "displayModeBar": "hover",
            "modeBarButtons": [["toImage"]],
            "toImageButtonOptions": {"format": "png", "filename": name, "scale": 2},
        },
    )
    return html.Div(graph, role="img", className="chart", **naming.aria(label=label))


def _trend(result: Result, ask: Ask) -> html.Section:
    if all(day["value"] is None for day in result["series"]):
        nothing = cards.empty("No day of this window has a value.", "A longer window, or another scope, may have one.")
        return cards.panel("Day by day", nothing)
    chart = _chart(figures.trend(result, ask.profile), sentences.full(result, ask.profile), result["kpi"])
    return cards.panel("Day by day", chart, note="lighter: provisional; a gap: no data")


def _tiers(snapshot: Snapshot, result: Result, ask: Ask) -> html.Section | None:
    """The tiers on one scale; from the snapshot, which holds each tier on its own."""
    found = {
        f"tier {tier}": one
        for tier in scope.values(snapshot, "tier")
        if (one := scope.find(snapshot.results, ask.window, {"tier": tier}).get(result["kpi"]))
        and one["value"] is not None
    }
    if len(found) < 2 or ask.team or ask.domain or ask.asset:
        return None
    words = "; ".join(f"{name}: {fmt.value(one)}" for name, one in found.items())
    chart = _chart(figures.multiples(found, ask.profile), words, f"{result['kpi']}-tiers")
    return cards.panel("Tier by tier", chart, note="one scale; dashed: the tier's own target")


def _why(told: Mapping[str, Any], result: Result) -> list[Any]:
    parts = [
        html.P(result.get("definition")),
        html.P([html.Span("formula", className="term"), html.Code(told.get("formula") or "")]),
        html.P([html.Span("with figures", className="term"), html.Code(told.get("figures") or "")]),
        html.P([html.Span("not counted", className="term"), told.get("not_counted")])
        if told.get("not_counted")
        else None,
    ]
    tables = [
        _reasons("Left out, by reason", told.get("excluded") or (), result),
        _reasons("Unknown, by reason", told.get("unknown") or (), result),
    ]
    version = html.P(f"definition version {told.get('definition_version') or '1'}", className="note")
    return [cards.panel("Why this number?", [*parts, *tables, version]), _targets(result)]


def _reasons(title: str, rows: Sequence[Mapping[str, Any]], result: Result) -> Any:
    if not rows:
        return None
    say = fmt.duration if fmt.in_seconds(result) else fmt.count
    body = [[row["reason"], say(row.get("n") or 0)] for row in rows]
    return html.Div([html.H3(title), cards.table(("reason", "n"), body, right=(1,), caption=title)])


def _targets(result: Result) -> html.Section | None:
    if not result["targets"]:
        return None
    rows = [
        [
            cards.badge(one["status"]),
            html.Span(one["text"], title=f"{naming.profile(one['profile'])}, row {one['row']}"),
            naming.profile(one["profile"]),
        ]
        for one in result["targets"]
    ]
    return cards.panel(
        "Targets", cards.table(("verdict", "published", "profile"), rows, caption="targets"), className="flush"
    )


def _breakdown(reader: Reader, result: Result, ask: Ask) -> html.Section | None:
    """Where it comes from: the worst assets, and how much each weighs."""
    rows = reader.breakdown(result["kpi"], ask, "asset")
    if not rows:
        return None
    kind = result.get("good") is not None
    heads = ("asset", "value", "good", "bad") if kind else ("asset", "value", "n")
    body = [
        [_asset(row, result, ask), fmt.of(result, row.get("value")), *_weights(row, kind, result)]
        for row in rows[:WORST]
    ]
    note = f"worst {len(body)} of {fmt.count(len(rows))}" if len(rows) > WORST else "worst first"
    return cards.panel(
        "By asset", cards.table(heads, body, right=range(1, 5), caption="by asset"), className="flush", note=note
    )


def _asset(row: Mapping[str, Any], result: Result, ask: Ask) -> dcc.Link:
    return dcc.Link(str(row["key"]), href=scope.link(f"/kpi/{result['kpi']}", ask, asset=row["key"]))


def _weights(row: Mapping[str, Any], kind: bool, result: Result) -> list[str]:
    keys = ("good", "bad") if kind else ("n",)
    say = fmt.duration if kind and fmt.in_seconds(result) else fmt.count
    return [fmt.NOTHING if row.get(key) is None else say(row[key]) for key in keys]


def safe(url: str | None) -> str | None:
    """The link out, or None where it is not plain http(s): facts come from outside."""
    return url if url and urlsplit(url).scheme in ("http", "https") else None


def _figure(fact: Mapping[str, Any], result: Result) -> str:
    """A fact's own figure: a span where the KPI stands on spans, else the bare number."""
    figure = fact.get("value")
    if figure is None or isinstance(figure, str):
        return figure or ""
    spans = result["unit"] == "seconds" or fmt.in_seconds(result) or fmt.is_signed(result)
    if spans and fact.get("kind") != "meter":
        return fmt.duration(float(figure))
    return fmt.of(result, figure) if result["unit"] == "business_days" else fmt.number(float(figure))


def fact_row(fact: Mapping[str, Any], result: Result, zone: ZoneInfo) -> dict[str, Any]:
    """A fact as the grid shows it: time in the platform's zone, the value in the KPI's unit."""
    at = fact.get("at")
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return {
        "when": f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}" if moment else "",
        "asset": fact.get("asset") or fmt.NOTHING,
        "verdict": fact.get("verdict"),
        "reason": fact.get("reason") or "",
        "value": _figure(fact, result),
        "source": fact.get("source"),
        "id": fact.get("id") or "",
        "url": safe(fact.get("url")),
    }


_COLUMNS = [
    {"field": "verdict", "width": 120, "cellRenderer": "TierlineVerdict"},
    {"field": "when", "width": 180, "headerName": "when"},
    {"field": "asset", "flex": 2, "minWidth": 220},
    {"field": "reason", "flex": 2, "minWidth": 200},
    {"field": "value", "width": 130, "type": "rightAligned"},
    {"field": "source", "width": 140},
    {"field": "id", "headerName": "open", "flex": 1, "minWidth": 170, "cellRenderer": "TierlineLink"},
]
for _column in _COLUMNS:
    _column.setdefault("headerName", _column["field"])


def _facts(told: Mapping[str, Any], result: Result, snapshot: Snapshot, ask: Ask) -> html.Section:
    rows = [fact_row(fact, result, ZoneInfo(snapshot.timezone)) for fact in told.get("facts") or ()]
    if not rows:
        nothing = cards.empty(
            "No fact stands behind this number.",
            "Nothing of this kind was told for the window and scope.",
            dcc.Link("See what each source tells", href="/sources"),
        )
        return cards.panel("The facts behind it", nothing)
    total = told.get("facts_total") or len(rows)
    note = html.Span(
        [
            f"{fmt.count(len(rows))} of {fmt.plural(total, 'fact')}, worst first; times in {snapshot.timezone} · ",
            html.A("CSV", href=scope.link(f"/api/kpi/{result['kpi']}/facts.csv", ask), download=""),
        ]
    )
    grid = dag.AgGrid(
        id="facts",
        rowData=rows,
        columnDefs=_COLUMNS,
        defaultColDef={"sortable": True, "filter": True, "resizable": True},
        dashGridOptions={
            "theme": {"function": "themeQuartz"},
            "pagination": True,
            "paginationPageSize": 20,
            "domLayout": "autoHeight",
            "paginationPageSizeSelector": [20, 100, 500],
            "rowHeight": 32,
            "headerHeight": 32,
            "suppressCellFocus": False,
        },
        className="tierline-grid",
        style={"height": None, "width": "100%"},
    )
    return cards.panel("The facts behind it", grid, className="flush wide", note=note)
