"""One source: what is promised of its reading and how it was kept, what rests on it, its newest passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboards import format as fmt
from dashboards.parts import cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader
from dashboards.wording import sources
from slo.stories.passes import SHOWN, passes
from slo.stories.resting import resting


def render(reader: Reader, ask: Ask, name: str) -> html.Div:
    snapshot = reader.snapshot()
    zone = ZoneInfo(snapshot.timezone)
    (source,) = (one for one in snapshot.sources if one["name"] == name)
    on_it = reader.tell(resting, Ask()).get(name, {}) if snapshot.as_of else {}
    newest = reader.tell(passes, Ask(), source=name) if snapshot.as_of else []
    body = [
        html.H1([cards.name(name), f" {sources.SAYS[sources.state(source)]}"]),
        html.P(source["error"], className="lead") if source.get("error") else None,
        *_now(source.get("health")),
        _objectives(source.get("health")),
        _resting(on_it, ask),
        _passes(newest, zone, snapshot.as_of),
        html.P(dcc.Link("All sources", href=scope.link("/sources", ask))),
    ]
    return html.Div(body, className="narrow")


def _objectives(health: sources.Health | None) -> html.Section:
    if not health:
        return cards.panel("Objectives", html.P("It has not been read in the last 28 days.", className="calm"))
    rows = [
        [words, fmt.percent(kept["objective"]), cards.figure_cell(_value(kept), kept["value"]),
         cards.figure_cell(sources.left(kept), kept["remaining"]), sources.bad(name, kept)]
        for name, words in sources.OBJECTIVES.items() if (kept := health["objectives"].get(name))
    ]  # fmt: skip
    if "complete" not in health["objectives"]:
        rows.append([sources.OBJECTIVES["complete"], "", sources.NOT_TOLD, "", ""])
    heads = ("objective", "promised", "kept", "budget left", "not as promised")
    table = cards.table(heads, rows, right=(1, 2, 3), caption="objectives")
    return cards.panel("Objectives, 28 days", table, className="flush fits promises", take="objectives")


def _value(kept: Mapping[str, Any]) -> str:
    return fmt.NOTHING if kept["value"] is None else fmt.percent(kept["value"], (kept["objective"],))


def _now(health: sources.Health | None) -> list[html.P]:
    """What the newest passes say: its count, and how old the newest is that it told."""
    said: list[str] = []
    if health is None:
        return []
    if health["told"]:
        said.append(f"Of what it counts, {sources.counted(health)} records came in the newest pass.")
    if health["lag"] is not None:
        behind = f"The newest that it told is {fmt.minutes(health['lag'])} old"
        usual = health["usual_lag"]
        known = "" if usual is None else f"; in the four weeks before the last day it was {fmt.duration(usual)} at most"
        said.append(f"{behind}{known}.")
    return [html.P(one, className="calm") for one in said]


def _resting(on_it: Mapping[str, Any], ask: Ask) -> html.Section:
    kpis = on_it.get("kpis") or ()
    if not kpis:
        return cards.panel("What rests on it", html.P("No KPI rests on it.", className="calm"))
    held = {kpi for kpi, _ in on_it.get("held") or ()}
    rows = [
        [dcc.Link(title, href=scope.link(f"/kpi/{kpi}", ask)), "cannot be met" if kpi in held else ""]
        for kpi, title in sorted(kpis, key=lambda one: (one[0] not in held, one[1]))
    ]
    table = cards.table(("KPI", "while it is so"), rows, caption="KPIs")
    return cards.panel("What rests on it", table, className="flush fits", take="")


def _passes(newest: Sequence[Mapping[str, Any]], zone: ZoneInfo, now: Any) -> html.Section:
    if not newest:
        return cards.panel("Passes", html.P("It has not been read yet.", className="calm"))
    rows = [
        [
            cards.stamp(one["started"], zone, now),
            "succeeded" if one["ok"] else "failed",
            fmt.duration((one["ended"] - one["started"]).total_seconds()),
            fmt.count(one["facts"]),
            fmt.count(one["set_aside"]),
            sources.counted(one) if one["told"] else fmt.NOTHING,
            fmt.NOTHING if one["lag"] is None else fmt.minutes(one["lag"]),
            one["error"] or "",
        ]
        for one in newest
    ]
    heads = ("began", "outcome", "took", "facts", "set aside", "came of its count", "behind", "what it said")
    table = cards.table(heads, rows, right=range(2, 7), caption="passes")
    return cards.panel("Passes", table, className="flush", note=f"the newest {SHOWN}" if len(rows) == SHOWN else None)
