"""What was done about last quarter's ten most expensive workloads: how, when, and what it saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import dcc, html

from dashboards import format as fmt
from dashboards.pages import naming
from dashboards.parts import awaited, cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask

KPI = "expensive_workloads_remediated"
Told = Mapping[str, Any]
_HOW = {"work item": "a work item", "cost a run": "a run costs less"}


def panel(told: Told, result: Mapping[str, Any], ask: Ask) -> html.Section | None:
    """The ten with what became of each; the count is the KPI's own. None where the quarter told no cost."""
    if not told["workloads"]:
        return None
    currency = result.get("currency") or "USD"
    rows = [_row(one, currency, ask) for one in told["workloads"]]
    heads = (
        "workload", f"spend in {quarter(told['quarter'])}", "a run then", "a run now", "remediated by", "when",
        "saved so far", "team",
    )  # fmt: skip
    table = cards.table(heads, rows, right=(1, 2, 3, 6), caption="what was done about the most expensive")
    body = [html.P(said(told, result, currency), className="above-table"), table]
    link = dcc.Link("the KPI", href=scope.link(f"/kpi/{KPI}", ask))
    note = html.Span(["saved: the window's runs at the quarter's cost a run, less what they cost · ", link])
    return cards.panel(
        "What was done about the most expensive", body, className="flush", note=note, take="cost-remedies"
    )


def quarter(name: str) -> str:
    """Q3 2026 of 2026-Q3."""
    year, _, part = name.partition("-")
    return f"{part} {year}"


def said(told: Told, result: Mapping[str, Any], currency: str) -> str:
    """2 of the ten most expensive of Q3 2026 were remediated, and saved USD 881 so far."""
    of, done = len(told["workloads"]), result.get("n") or 0
    saved = [one["saved"] for one in told["workloads"] if one["saved"] is not None]
    text = f"{fmt.count(done)} of the {fmt.count(of)} most expensive of {quarter(told['quarter'])} "
    text += f"{'was' if done == 1 else 'were'} remediated"
    if not saved or not done:
        return text + "."
    whole = sum(saved)
    if whole >= 0:
        return text + f"; their runs cost {fmt.money(whole, currency)} less than at that quarter's rate so far."
    return text + f"; their runs cost {fmt.money(-whole, currency)} more than at that quarter's rate so far."


def _row(one: Told, currency: str, ask: Ask) -> list[Any]:
    how: Any = html.Span("not yet", className="faint")
    if one["how"]:
        titled = (
            html.Div([cards.name(one["title"]), naming.out(one["url"], None)], className="note")
            if one["title"]
            else None
        )
        how = [html.Div([html.Span("● ", className="done"), _HOW[one["how"]]]), titled]
    return [
        dcc.Link(cards.name(one["asset"]), href=awaited.asset_link(one["asset"], ask)), _money(one["cost"], currency),
        _money(one["per_run_before"], currency), _money(one["per_run"], currency), how,
        fmt.day(one["when"]) if one["when"] else fmt.NOTHING, _money(one["saved"], currency),
        naming.teams([one["team"]] if one["team"] else []),
    ]  # fmt: skip


def _money(amount: float | None, currency: str) -> html.Td:
    return cards.figure_cell(fmt.NOTHING if amount is None else fmt.money(amount, currency), amount)
