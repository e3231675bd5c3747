"""What stands behind a KPI's number: the formula with its figures, what was left out, the assets, the facts.

It is worked out when asked for, after the page itself is there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import dash_ag_grid as dag
from dash import Input, Output, State, dcc, html, no_update

from dashboards import format as fmt
from dashboards.pages import moved
from dashboards.parts import cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader
from dashboards.wording import answering, versions

Result = Mapping[str, Any]
FACTS = 50
"""Facts at once; more of them come when asked for."""
WORST = 12


def render(reader: Reader, ask: Ask, kpi: str) -> tuple[Any, Any, Any]:
    """(why this number, what moved it with the worst assets, the facts)."""
    told = reader.explain(kpi, ask, FACTS)
    result = told["result"]
    zone = ZoneInfo(reader.snapshot().timezone)
    left = [moved.panel(told["drivers"], result), _breakdown(reader, result, ask)]
    return _why(told, result, zone), left, _facts(told, result, zone, ask)


def _why(told: Mapping[str, Any], result: Result, zone: ZoneInfo) -> html.Section:
    at = datetime.fromisoformat(result["as_of"]).astimezone(zone)
    parts = [
        html.P(result.get("definition")),
        html.P([html.Span("formula", className="term"), html.Code(told.get("formula") or "")]),
        html.P([html.Span("with figures", className="term"), _in_figures(told.get("figures") or "", result)]),
        html.P([html.Span("not counted", className="term"), told.get("not_counted")])
        if told.get("not_counted")
        else None,
    ]
    tables = [
        _readings(result),
        _reasons("Left out, by reason", told.get("excluded") or (), result),
        _reasons("Unknown, by reason", told.get("unknown") or (), result),
    ]
    by = [html.P([html.Span(term, className="term"), text]) for term, text in _versions(told, result)]
    as_of = html.P(f"as of {fmt.time(at)} {at.tzname()}", className="note")
    return cards.panel("Why this number?", [*parts, *tables, *by, as_of])


def _versions(told: Mapping[str, Any], result: Result) -> list[tuple[str, str]]:
    """By which definition, and by which version of the target that gave the status."""
    entry = scope.headline(result, None)
    target = versions.target(told["versions"], entry) if entry else ""
    named = [("definition", f"version {told['versions']['definition']['version']}"), ("target", target)]
    return [(term, text) for term, text in named if text]


_OUTCOME = re.compile(r"= -?[\d.]+(e-?\d+)?( [a-z ]+)?$")


def _in_figures(figures: str, result: Result) -> html.Code:
    """The formula with figures, its outcome as it is shown everywhere else; the exact one on hover."""
    return html.Code(_OUTCOME.sub(lambda _: f"= {fmt.value(result)}", figures), title=figures)


def _reasons(title: str, rows: Sequence[Mapping[str, Any]], result: Result) -> Any:
    if not rows:
        return None
    say = fmt.duration if fmt.in_seconds(result) else fmt.count
    body = [[row["reason"], say(row.get("n") or 0)] for row in rows]
    return html.Div([html.H3(title), cards.table(("reason", "n"), body, right=(1,), caption=title)])


def _readings(result: Result) -> Any:
    """As it counts, as felt and ours, side by side."""
    rows = answering.readings(result)
    if not rows:
        return None
    heads = ("read", "value", "good", "bad")
    return html.Div([html.H3("Who answers"), cards.table(heads, rows, right=(1, 2, 3), caption="who answers")])


def _breakdown(reader: Reader, result: Result, ask: Ask) -> html.Section | None:
    """Where it comes from: the worst assets, and how much each weighs. Of one asset there is nothing to tell apart."""
    if ask.asset:
        return None
    rows = reader.breakdown(result["kpi"], ask, "asset")
    if not rows:
        return None
    kind = result.get("good") is not None
    heads = ("asset", "value", "good", "bad") if kind else ("asset", "value", "n")
    body = [
        [
            _asset(row, result, ask),
            cards.figure_cell(fmt.of(result, row.get("value")), row.get("value")),
            *_weights(row, kind, result),
        ]
        for row in rows[:WORST]
    ]
    note = f"worst {len(body)} of {fmt.count(len(rows))}" if len(rows) > WORST else "worst first"
    return cards.panel(
        "By asset", cards.table(heads, body, right=range(1, 5), caption="by asset"), className="flush", note=note
    )


def _asset(row: Mapping[str, Any], result: Result, ask: Ask) -> dcc.Link:
    return dcc.Link(cards.name(row["key"]), href=scope.link(f"/kpi/{result['kpi']}", ask, asset=row["key"]))


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
    return fmt.of(result, figure) if result["unit"] == "business_days" else fmt.count(float(figure))


def fact_row(fact: Mapping[str, Any], result: Result, zone: ZoneInfo) -> dict[str, Any]:
    """A fact as the grid shows it: time in the platform's zone, the value in the KPI's unit."""
    at = fact.get("at")
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return {
        "when": f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}" if moment else "",
        "asset": fact.get("asset") or fmt.NOTHING,
        "verdict": _verdict(fact, result),
        "reason": "; ".join(filter(None, (fact.get("reason"), answering.corrected(fact)))),
        "began": answering.began(fact, zone),
        "value": _figure(fact, result),
        "source": fact.get("source"),
        "id": fact.get("id") or "",
        "url": safe(fact.get("url")),
    }


def _verdict(fact: Mapping[str, Any], result: Result) -> Any:
    """A fact's verdict; where facts are measured and not judged one by one, that it counts: a span is not good because
    it was taken into a mean."""
    told = fact.get("verdict")
    return "counted" if told == "good" and result.get("good") is None else told


_COLUMNS = [
    {"field": "verdict", "width": 116, "cellRenderer": "TierlineVerdict"},
    {"field": "id", "headerName": "fact", "flex": 1, "minWidth": 104, "cellRenderer": "TierlineLink"},
    {"field": "asset", "flex": 4, "minWidth": 230, "tooltipField": "asset", "cellRenderer": "TierlineAsset"},
    {"field": "when", "width": 180},
    {"field": "reason", "flex": 2, "minWidth": 150, "tooltipField": "reason"},
    {"field": "began", "headerName": "began with", "flex": 3, "minWidth": 230, "tooltipField": "began"},
    {"field": "value", "width": 116, "type": "rightAligned"},
    {"field": "source", "width": 150, "tooltipField": "source"},
]
for _column in _COLUMNS:
    _column.setdefault("headerName", _column["field"])


def columns(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The grid's columns, without those of which no row tells anything."""
    optional = ("asset", "when", "reason", "began", "value")
    told = {field for row in rows for field in optional if row[field] not in ("", fmt.NOTHING)}
    return [one for one in _COLUMNS if one["field"] not in optional or one["field"] in told]


def _facts(told: Mapping[str, Any], result: Result, zone: ZoneInfo, ask: Ask) -> html.Section:
    rows = [fact_row(fact, result, zone) for fact in told.get("facts") or ()]
    if not rows:
        nothing = cards.empty(
            "No fact stands behind this number.",
            "Nothing of this kind was told for the window and scope.",
            dcc.Link("See what each source tells", href="/sources"),
        )
        return cards.panel("The facts behind it", nothing)
    note = html.Span(_listed(told, rows, zone), id="facts-listed")
    rest = html.Button(
        f"{FACTS} more", id="facts-more", n_clicks=0, type="button", className="more", hidden=len(rows) < FACTS
    )
    grid = dag.AgGrid(
        id="facts",
        rowData=rows,
        columnDefs=columns(rows),
        defaultColDef={"sortable": True, "filter": True, "resizable": True},
        dashGridOptions={
            "theme": {"function": "themeQuartz"},
            "pagination": True,
            "paginationPageSize": 20,
            "domLayout": "autoHeight",
            "paginationPageSizeSelector": [20, 50, 100],
            "rowHeight": 32,
            "headerHeight": 32,
            "suppressCellFocus": False,
        },
        className="tierline-grid",
        style={"height": None, "width": "100%"},
    )
    way = scope.link(f"/api/kpi/{result['kpi']}/facts.csv", ask)
    return cards.panel("The facts behind it", [grid, rest], className="flush wide", note=note, csv=way)


def _listed(told: Mapping[str, Any], rows: Sequence[Any], zone: ZoneInfo) -> str:
    """50 of 13,831 facts, worst first; times in Europe/Berlin."""
    total = told.get("facts_total")
    listed = f"the {fmt.count(len(rows))} worst"
    if total is not None:
        listed = f"{fmt.count(len(rows))} of {fmt.plural(total, 'fact')}, worst first"
    return f"{listed}; times in {zone.key}"


def more(reader: Reader, kpi: str, search: str, pages: int) -> tuple[list[dict[str, Any]], str, bool]:
    """(rows, what is listed, whether that is all) of so many pages more."""
    asked = FACTS * (1 + pages)
    told = reader.explain(kpi, scope.parse(search), asked)
    zone = ZoneInfo(reader.snapshot().timezone)
    rows = [fact_row(fact, told["result"], zone) for fact in told.get("facts") or ()]
    return rows, _listed(told, rows, zone), len(rows) < asked


def wire(dash: Any, reader: Reader) -> None:
    """More facts, when asked for."""

    @dash.callback(  # type: ignore[untyped-decorator]
        Output("facts", "rowData"),
        Output("facts", "columnDefs"),
        Output("facts-listed", "children"),
        Output("facts-more", "hidden"),
        Input("facts-more", "n_clicks"),
        State("behind", "data"),
        prevent_initial_call=True,
    )
    def show_more(clicks: int, asked: dict[str, str]) -> Any:
        if not clicks:
            return (no_update,) * 4
        rows, listed, every = more(reader, asked["kpi"], asked["search"], clicks)
        return rows, columns(rows), listed, every
