"""How much may still go wrong? The error budgets of a scope, the emptiest first, and one objective's own page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboards import figures, svg
from dashboards import format as fmt
from dashboards.pages import objective
from dashboards.parts import cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader, Snapshot
from dashboards.wording import benchmarks, budgets
from slo.stories.budgets import budgets as story

PATH, NAV = "/slo", (30, "Budgets")
Budget = Mapping[str, Any]
ADOPT = ("A target becomes a budget once it is adopted: ", html.Code("tierline targets adopt"), " says how.")


def render(reader: Reader, ask: Ask, rest: str = "") -> html.Div:
    """The list, or the objective of a KPI where the address names one."""
    snapshot = reader.snapshot()
    if rest:
        return objective.render(reader, ask, rest)
    found = reader.tell(story, ask)
    zone = ZoneInfo(snapshot.timezone)
    inside = [_list(found, ask, zone), _published(snapshot, ask)]
    return html.Div([html.H1(budgets.summary(found, ask.window)), *inside], className="narrow slo")


def _list(found: Sequence[Budget], ask: Ask, zone: ZoneInfo) -> html.Section:
    if not found:
        nothing = cards.empty("No target with an error budget is adopted in this scope.", html.Span([*ADOPT]))
        return cards.panel("Error budgets", nothing)
    heads = ("objective", "left", "burn-down", "burn", "runs out", "spent", "adopted by")
    often = Counter(one["kpi"] for one in found)
    rows = [_row(one, ask, zone, often[one["kpi"]] > 1) for one in found]
    table = cards.table(heads, rows, right=(1, 3), caption="error budgets, the emptiest first")
    note = "burn: over three days, as times the pace at which it lasts"
    return cards.panel("Error budgets", table, className="flush", note=note, take="error-budgets")


def _row(one: Budget, ask: Ask, zone: ZoneInfo, several: bool) -> list[Any]:
    link = dcc.Link(one["title"], href=objective.link(one, ask, several))
    told = [budgets.target(one), budgets.low_volume(one)]
    name = [link, *(html.Div(text, className="note") for text in told if text)]
    rate = budgets.burn(one)
    return [
        html.Div([cards.badge(one["status"], say=False), html.Div(name)], className="objective"),
        cards.figure_cell(_left(one), one["whole"]["remaining"]),
        _spark(one),
        cards.figure_cell(budgets.rate(rate), rate),
        budgets.when(one, zone),
        [budgets.spent(one), html.Div(budgets.allowed(one), className="note")],
        budgets.adopted(one),
    ]


def _left(one: Budget) -> html.Span:
    over = one["outlook"] == "spent" or (one["whole"]["remaining"] or 0) < 0
    return html.Span(budgets.left(one), className="over" if over else "")


def _spark(one: Budget) -> html.Img | str:
    markup = figures.spark(one)
    return html.Img(src=svg.uri(markup), alt="", width=96, height=24, className="burned") if markup else ""


def _published(snapshot: Snapshot, ask: Ask) -> html.Section | None:
    """Ratios whose published figures nobody has adopted: a benchmark beside the value, and no verdict."""
    here = scope.find(snapshot, ask.window, scope.wanted(ask)).values()
    rows = [
        [
            dcc.Link(one["title"], href=scope.link(f"/kpi/{one['kpi']}", ask)),
            cards.figure_cell(fmt.value(one), one["value"]),
            fmt.size(one),
            benchmarks.sentence(one),
        ]
        for one in here
        if one["measure"] == "Ratio" and one["value"] is not None and _open(one, ask)
    ]
    if not rows:
        return None
    table = cards.table(("KPI", "value", "behind it", "published"), rows, right=(1, 2), caption="published targets")
    return cards.panel("Published, not adopted", [table], className="flush", take="published-targets")


def _open(one: Mapping[str, Any], ask: Ask) -> bool:
    return scope.is_benchmark(one, ask.profile) and bool(benchmarks.published(one))


def wire(dash: Any, reader: Reader) -> None:
    objective.wire(dash, reader)
