"""What is measured, and what would it take to measure the rest? KPI by what is missing by what would give it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from dashboards import cards, evidence
from dashboards import format as fmt
from dashboards.reader import Ask, Reader, Snapshot
from slo.setup import MEASURED, UNSET, WITHIN, line, tally

PATH, NAV = "/coverage", (70, "Coverage")
Standing = Mapping[str, Any]
_NOTES = {
    WITHIN: "no new source is needed: a setting, a right, or merely something that has not happened yet",
    UNSET: "no source that is connected can tell it; one of those named would",
    MEASURED: "a value in the last 28 days",
}
SETTINGS = "tierline.yaml"


def link(snapshot: Snapshot) -> html.P | None:
    """The one line that opens this page; None where nothing is evaluated yet."""
    if not snapshot.coverage:
        return None
    return html.P(dcc.Link(line(snapshot.coverage), href="/coverage"), className="measured")


def render(reader: Reader, ask: Ask, rest: str = "") -> html.Div:
    snapshot = reader.snapshot()
    if not snapshot.coverage:
        return html.Div([html.H1("Nothing is evaluated yet"), start(bool(snapshot.sources))], className="narrow")
    panels = [_panel(state, snapshot) for state in (WITHIN, UNSET, MEASURED)]
    return html.Div([html.H1(_title(snapshot)), *filter(None, panels)], className="narrow")


def start(connected: bool) -> html.Div:
    """The first minutes of an installation, and what to do next."""
    if connected:
        return cards.empty(
            "No result has been evaluated yet.",
            "The sources are being read, the newest days first; this page fills within minutes.",
            dcc.Link("See how far each source is", href="/sources"),
        )
    return cards.empty(
        "No source is connected yet.",
        ["Connect the first one: ", html.Code("tierline init https://airflow.example.com --token env:AIRFLOW_TOKEN")],
        [
            "It checks the rights, writes tierline.yaml, reads the newest week and opens this page again. Run without "
            "arguments, ",
            html.Code("tierline init"),
            " asks.",
        ],
        ["Or look around first: ", html.Code("tierline demo"), " shows a year of a believable platform."],
    )


def _title(snapshot: Snapshot) -> str:
    counted = tally(snapshot.coverage)
    whole = len(snapshot.coverage)
    if counted[MEASURED] == whole:
        return f"All {whole} KPIs are measured"
    rest = f"{counted[WITHIN]} more need no new source" if counted[WITHIN] else "the others need another source"
    return f"{counted[MEASURED]} of {fmt.plural(whole, 'KPI')} are measured; {rest}"


def _panel(state: str, snapshot: Snapshot) -> html.Section | None:
    own = [one for one in snapshot.coverage if one["state"] == state]
    if not own:
        return None
    rows = [_row(one) for one in own]
    title = f"{state[0].upper()}{state[1:]}: {len(own)}"
    heads = ("KPI", "what is missing", "what would give it")[: 1 if state == MEASURED else 3]
    table = cards.table(heads, [row[: len(heads)] for row in rows], caption=state)
    return cards.panel(title, table, className="flush coverage", note=_NOTES[state])


def _row(one: Standing) -> list[Any]:
    """The KPI, what is missing, and which source or setting would tell it."""
    name = dcc.Link(one["title"], href=f"/kpi/{one['kpi']}")
    if not one["missing"]:
        return [name, one["why"], "nothing to do: it fills as it happens"]
    missing = [html.Div(evidence.group(gap["evidence"])) for gap in one["missing"]]
    gives = [html.Div(_gives(gap)) for gap in one["missing"]]
    return [name, missing, gives]


def _gives(gap: Standing) -> list[Any]:
    """Sources that are connected first, by name; then the kinds that could be."""
    here = [name for name in gap["here"] if name != SETTINGS]
    own: list[Any] = ["what you say of assets in ", html.Code(SETTINGS)] if SETTINGS in gap["here"] else []
    if gap["here"]:
        more = ["another setting or right of ", *_listed(here)] if here else []
        return [*own, "; or " if own and more else "", *more]
    if not gap["kinds"]:
        return ["facts handed in: ", html.Code("tierline facts import")]
    return ["a source of kind ", *_listed(gap["kinds"])]


def _listed(names: Sequence[str]) -> list[Any]:
    """`a`, `b` or `c`."""
    parts: list[Any] = []
    for place, name in enumerate(names):
        parts += [] if not place else [" or " if place == len(names) - 1 else ", "]
        parts.append(html.Code(name))
    return parts
