"""What is measured, and what would it take to measure the rest? KPI by what is missing by what would give it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import dcc, html

from dashboards import format as fmt
from dashboards.pages import asset_parts
from dashboards.parts import cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader, Snapshot
from dashboards.wording import evidence, words
from slo.evidence.coverage import MEASURED, UNSET, WITHIN, line, tally
from slo.stories.lacking import lacking

PATH, NAV = "/coverage", (70, "Coverage")
TIERS = (0, 1, 2, 3)
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
    panels = [
        _panel(WITHIN, snapshot), _panel(UNSET, snapshot), _partly(snapshot), _lacking(reader, ask),
        _measured(snapshot),
    ]  # fmt: skip
    return html.Div([html.H1(_title(snapshot)), *filter(None, panels)], className="narrow")


def _partly(snapshot: Snapshot) -> html.Section | None:
    """Measured, but not all of it: what was expected and nobody looked, or could not be judged."""
    own = scope.find(snapshot, scope.DEFAULT_WINDOW, {}).values()
    short = [one for one in own if one.get("coverage") is not None and one["coverage"] < 1]
    if not short:
        return None
    rows = [
        [dcc.Link(one["title"], href=f"/kpi/{one['kpi']}"),
         cards.figure_cell(fmt.percent(one["coverage"]), one["coverage"]), _unknown(one)]
        for one in sorted(short, key=lambda one: one["coverage"])
    ]  # fmt: skip
    table = cards.table(("KPI", "known", "what is not"), rows, right=(1,), caption="partly measured")
    note = "a source that was not read leaves a hole, which nothing is guessed into; see Sources"
    return cards.panel(f"Measured in part: {fmt.count(len(rows))}", table, className="flush lacking", note=note)


def _unknown(one: Mapping[str, Any]) -> str:
    """How much nobody can tell: events, or time."""
    amount = one.get("unknown")
    if not amount:
        return ""
    return f"{fmt.duration(amount) if fmt.in_seconds(one) else fmt.count(amount)} not known"


def _measured(snapshot: Snapshot) -> html.Section | None:
    """The KPIs that need nothing, by name."""
    own = [one for one in snapshot.coverage if one["state"] == MEASURED]
    if not own:
        return None
    links = [html.Li(dcc.Link(one["title"], href=f"/kpi/{one['kpi']}")) for one in own]
    title = f"{MEASURED[0].upper()}{MEASURED[1:]}: {len(own)}"
    return cards.panel(title, html.Ul(links, className="in-columns"), note=_NOTES[MEASURED])


def _lacking(reader: Reader, ask: Ask) -> html.Section | None:
    """What nobody told of the assets themselves: each count is a link to those that lack it."""
    own = replace(ask, asset=None)
    lines = reader.tell(lacking, own)
    if not lines:
        return None
    heads = ("kind", "not told", "of all", *(f"tier {tier}" for tier in TIERS), "not tiered", "what would fill it")
    rows = [
        [
            line["kind"], asset_parts.said_of(line["field"]),
            *(_count(line, tier, own) for tier in ("all", *TIERS, None)), asset_parts.filling(line["field"]),
        ]
        for line in lines
    ]  # fmt: skip
    table = cards.table(heads, rows, right=range(2, 8), caption="what assets lack")
    return cards.panel(_worst(lines[0]), table, className="flush lacking", note="what most of tier 0 and 1 lack first")


def _worst(line: Mapping[str, Any]) -> str:
    """A deadline or maximum age is not told of 12 of 77 datasets of tier 0 and 1."""
    missing, of = (sum(line[part].get(tier, 0) for tier in (0, 1)) for part in ("missing", "of"))
    whose = "of tier 0 and 1"
    if not missing:
        missing, of, whose = line["missing"]["all"], line["of"]["all"], "of any tier"
    what = words.sentence(asset_parts.said_of(line["field"]))
    return f"{what} is not told of {fmt.count(missing)} of {fmt.plural(of, line['kind'])} {whose}"


def _count(line: Mapping[str, Any], tier: Any, ask: Ask) -> html.Td:
    """How many lack it, of how many there are; the untiered ones cannot be linked to."""
    missing, of = line["missing"].get(tier, 0), line["of"].get(tier, 0)
    if not of:
        return html.Td("")
    if not missing:
        return cards.figure_cell(html.Span("none", className="faint"), 0)
    shown: Any = fmt.count(missing)
    if tier is not None and line["kind"] != "not told":
        base = scope.link("/assets", ask, **({} if tier == "all" else {"tier": tier}))
        shown = dcc.Link(shown, href=scope.extended(base, kind=line["kind"], lacks=line["field"]))
    return cards.figure_cell([shown, html.Span(f" of {fmt.count(of)}", className="note")], missing)


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
    table = cards.table(("KPI", "what is missing", "what would give it"), rows, caption=state)
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
