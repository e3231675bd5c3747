"""One objective: how its error budget went day by day, how fast it goes, when it has gone, what spent it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import dash_mantine_components as dmc
from dash import Input, Output, dcc, html

from dashboards import figures
from dashboards import format as fmt
from dashboards.pages import spent
from dashboards.parts import cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader
from dashboards.wording import budgets
from slo.errors import TierlineError
from slo.stories.budgets import budgets as story
from slo.stories.burning import burning
from slo.stories.promised import promised

LOG = logging.getLogger("tierline.dashboard")
Budget = Mapping[str, Any]
NAMED = ("kpi", "profile", "row", "clause")
"""What tells one budget from every other."""


def link(one: Budget, ask: Ask, several: bool = False) -> str:
    """The objective's own page: of a target for one tier in that tier; of one among several of the KPI by its place."""
    tier = one["scope"].get("tier")
    path = f"/slo/{one['kpi']}" + (f"/{place(one)}" if several else "")
    return scope.link(path, ask, tier=tier if isinstance(tier, int) else ask.tier)


def place(one: Budget) -> str:
    """Profile, row and clause: staff_platform-5-1."""
    return f"{one['profile']}-{one['row']}-{one['clause']}"


def render(reader: Reader, ask: Ask, rest: str) -> html.Div:
    """The emptiest budget of the KPI in the scope, or the one whose place the address names; its others beside it."""
    kpi, _, wanted = rest.partition("/")
    snapshot = reader.snapshot()
    if kpi not in {one["kpi"] for one in snapshot.results}:
        known = [html.Li(dcc.Link("All error budgets", href=scope.link("/slo", ask)))]
        trouble = cards.trouble(f"No KPI is called “{kpi}”.", "The budgets that there are:")
        return html.Div([html.H1("There is no such objective"), trouble, html.Ul(known)])
    found = reader.tell(story, ask, kpi=kpi, parts=True)
    if not found:
        return _nothing(reader, ask, kpi)
    zone = ZoneInfo(snapshot.timezone)
    one, others = _chosen(found, wanted)
    history = reader.tell(promised, ask, kpi=kpi, profile=one["profile"], row=one["row"], clause=one["clause"])[
        "changes"
    ]
    left = [_burndown(one), html.Div(dmc.Skeleton(height=160, radius=4), id="slo-burn"), *spent.panels(one, ask)]
    right = [_facts(one, ask, zone), _history(history, one), _others(others, ask)]
    asked = {"search": scope.search(ask), **{name: one[name] for name in NAMED}}
    columns = [html.Div(left, className="main-column"), html.Div(right, className="rail")]
    return html.Div(
        [
            html.H1(budgets.title(one, zone)),
            html.Div(columns, className="columns"),
            dcc.Store(id="slo-asked", data=asked),
        ],
        className="slo",
    )


def _chosen(found: Sequence[Budget], wanted: str) -> tuple[Budget, list[Budget]]:
    one = next((one for one in found if place(one) == wanted), found[0])
    return one, [other for other in found if other is not one]


def _nothing(reader: Reader, ask: Ask, kpi: str) -> html.Div:
    known = {one["kpi"]: one["title"] for one in reader.snapshot().results}
    what = f"{known[kpi]} has no error budget here."
    why = "Nobody has adopted a target with a bad share for it, or nothing was counted in this window and scope."
    ways: list[Any] = [dcc.Link("The KPI's own page", href=scope.link(f"/kpi/{kpi}", ask)), " · "]
    ways.append(dcc.Link("All error budgets", href=scope.link("/slo", ask)))
    return html.Div([html.H1(what), cards.empty(why, html.Span(ways))], className="narrow slo")


def _burndown(one: Budget) -> html.Section:
    label = f"{one['title']}: what is left of the error budget after each day"
    note = "dashed: even pace; dotted: the present pace; lighter: provisional; a gap: not observed"
    chart = cards.chart(figures.burndown(one), label, f"{one['kpi']}-burn-down")
    return cards.panel("What was left after each day", chart, note=note, take=f"{one['kpi']}-burn-down")


def _facts(one: Budget, ask: Ask, zone: ZoneInfo) -> html.Section:
    over = (one["whole"]["remaining"] or 0) < 0
    figure = html.Div(
        [html.Span(budgets.left(one), className="headline"), cards.badge(one["status"])], className="verdict"
    )
    whole = budgets.amount(one, one["whole"]["allowed_events"])
    told = [
        ("target", budgets.target(one)),
        ("adopted by", budgets.adopted(one)),
        ("spent", f"{budgets.spent(one)}, {budgets.allowed(one)}"),
        ("allowed in the whole window, at the volume so far", whole if one["whole"]["expected"] else ""),
        ("left to spend", "" if over else budgets.amount(one, max(one["whole"]["remaining_events"], 0.0))),
        ("runs out at the present burn", budgets.when(one, zone)),
        ("at this volume", budgets.low_volume(one)),
    ]
    pairs = [html.Div([html.Dt(term), html.Dd(text)]) for term, text in told if text]
    way = dcc.Link("Why this number?", href=scope.link(f"/kpi/{one['kpi']}", ask))
    heading = "times spent" if over else "left of the budget"
    return cards.panel("The budget", [figure, html.Dl(pairs, className="company tall"), html.P(way)], note=heading)


def _history(changes: Sequence[Mapping[str, Any]], one: Budget) -> html.Section:
    if not changes:
        return cards.panel("History of the target", html.P("It has been as published ever since.", className="calm"))
    rows = [
        html.Li([html.Span(fmt.day(date.fromisoformat(change["day"]))), html.Span(_change(change, one))])
        for change in reversed(changes)
    ]
    return cards.panel("History of the target", html.Ul(rows, className="mini"))


def _change(change: Mapping[str, Any], one: Budget) -> str:
    who = f" by {change['by']}" if change["by"] else ""
    return f"{change['what']}{who}: {_promise(change, one)}"


def _promise(change: Mapping[str, Any], one: Budget) -> str:
    now = fmt.target({**one, "floor": change["floor"]}, one)
    if change["before"] in (None, change["floor"]):
        return now
    return f"{fmt.target({**one, 'floor': change['before']}, one)} → {now}"


def _others(others: Sequence[Budget], ask: Ask) -> html.Section | None:
    """The KPI's other promises."""
    if not others:
        return None
    rows = [
        html.Li([dcc.Link(budgets.target(one), href=link(one, ask, several=True)), html.Span(budgets.left(one))])
        for one in others
    ]
    return cards.panel("Other promises of this KPI", html.Ul(rows, className="mini"))


def wire(dash: Any, reader: Reader) -> None:
    """The burn over the last hours is read from facts: it follows once the page is there."""

    @dash.callback(Output("slo-burn", "children"), Input("slo-asked", "data"))  # type: ignore[untyped-decorator]
    def burn(asked: dict[str, Any]) -> Any:
        return burned(reader, asked)


def burned(reader: Reader, asked: Mapping[str, Any]) -> Any:
    """The panel of burn rates; a failure is said in its place."""
    try:
        return _burn(reader, scope.parse(asked["search"]), asked)
    except TierlineError as error:
        return cards.trouble(str(error), "The budget and its burn-down are as evaluated.")
    except Exception:
        LOG.exception("the burn of %s", asked)
        return cards.trouble("The burn could not be read; the log says why.", "The budget is as evaluated.")


def _burn(reader: Reader, ask: Ask, asked: Mapping[str, Any]) -> html.Section:
    named = {name: asked[name] for name in NAMED}
    found = reader.tell(story, ask, kpi=asked["kpi"], parts=True)
    one = next(one for one in found if all(one[name] == named[name] for name in NAMED))
    lookbacks = reader.tell(burning, ask, **named)
    days = [_days(line, one) for line in one["burn"]]
    alarm = ("lookback", "burn", "shortly before", "worth a word from")
    parts: list[Any] = [cards.table(("over", "burn", "counted"), days, right=(1,), caption="burn over days")]
    if lookbacks:
        hours = [_window(line, one) for line in lookbacks]
        parts.append(html.H3(f"Its alert: {lookbacks[0]['policy']} ({lookbacks[0]['why']})"))
        parts.append(cards.table(alarm, hours, right=(1, 2, 3), caption="burn over the alert's windows"))
    note = "1 × lasts exactly to the window's end"
    return cards.panel("How fast it burns", parts, className="flush burns", note=note, take=f"{one['kpi']}-burn")


def _days(line: Mapping[str, Any], one: Budget) -> list[Any]:
    words = scope.period(line["lookback"]).removeprefix("in ")
    total = line["good"] + line["bad"]
    counted = (
        f"{fmt.duration(line['bad'])} of {fmt.duration(total)}"
        if one["seconds"]
        else f"{budgets.amount(one, line['bad'])} of {fmt.count(total)}"
    )
    return [words, cards.figure_cell(budgets.rate(line["rate"]), line["rate"]), counted if total else "nothing counted"]


def _window(line: Mapping[str, Any], one: Budget) -> list[Any]:
    """A lookback: its burn, the burn shortly before, and from which burn, or from how many bad events, on it fires."""
    shape = cards.badge("missed", word="burning") if line["fires"] else None
    short: Any = fmt.NOTHING
    if line["short"] is not None:
        told = f"{budgets.rate(line['short_rate'])} in {budgets.length(line['short'])}"
        short = cards.figure_cell(told, line["short_rate"])
    return [
        [budgets.length(line["long"]), " ", shape],
        cards.figure_cell(budgets.rate(line["long_rate"]), line["long_rate"]),
        short,
        cards.figure_cell(f"{budgets.worth(line, one)} ({line['severity']})", line["factor"] or line["min_bad"]),
    ]
