"""What became of what was due, day by day? One asset's months; a day opens the list of what happened on it.

The window of the address says which month (the one that its last day lies in); a day's own name opens that day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboards import format as fmt
from dashboards.format import locale
from dashboards.pages import naming, one_day
from dashboards.parts import awaited, cards, months
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader
from dashboards.wording import words
from slo.stories.calendar import assets as every_asset
from slo.stories.calendar import calendar as story

PATH, NAV = "/calendar", None
LISTED = 60
Told = Mapping[str, Any]


def render(reader: Reader, ask: Ask, rest: str = "") -> html.Div:
    """An asset's month; without an asset in the path the assets that have days, the worst first."""
    if not rest:
        return _choose(reader.tell(every_asset, ask), ask)
    told = reader.tell(story, Ask(window=ask.window, asset=rest))
    if told is None:
        return _nowhere(rest, ask)
    zone = ZoneInfo(reader.snapshot().timezone)
    heading = title(told)
    grids = [_grid(told, one, ask) for one in told["grids"]]
    if not grids:
        return html.Div([_trail(told, ask), html.H1(heading), _unknown()])
    back = _here(told, ask, _name(told["month"]))
    side = one_day.render(told, back, zone) if told["chosen"] else _hint(told)
    body = [html.Div(grids, className="main-column"), html.Div(side, className="side")]
    return html.Div([_trail(told, ask), html.H1(heading), html.Div(body, className="days-columns")])


def _here(told: Told, ask: Ask, window: str) -> str:
    return scope.link(f"/calendar/{quote(told['asset'], safe='')}", ask, window=window, asset=None)


def title(told: Told) -> Any:
    """orders_hourly kept 709 of 712 runs in October 2026: 2 failed, 1 never came."""
    name = html.Bdi(awaited.short(told["asset"]), title=told["asset"])
    when = fmt.month(told["month"])
    if not told["grids"]:
        return [name, " has no days to show"]
    grid = told["grids"][0]
    good, bad = (sum(day[side] for day in grid["days"]) for side in ("good", "bad"))
    if not good + bad:
        return [name, f" had nothing that counts in {when}"]
    if grid["seconds"]:
        said = f" was fresh {fmt.percent(good / (good + bad))} of {when}"
        return [name, said + (f", stale for {fmt.duration(bad)}" if bad else "")]
    missed = sum(day["missed"] for day in grid["days"])
    runs = grid["kind"] == "runs"
    parts = [
        f"{fmt.count(bad - missed)} {'failed' if runs else 'late'}" if bad > missed else "",
        f"{fmt.count(missed)} never came" if missed else "",
    ]
    whole = fmt.plural(good + bad, "run") if runs else fmt.plural(good + bad, "delivery", "deliveries")
    bad_ones = ", ".join(filter(None, parts))
    return [name, f" kept {fmt.count(good)} of {whole} in {when}" + (f": {bad_ones}" if bad_ones else "")]


def _trail(told: Told, ask: Ask) -> html.P:
    team = [" · ", naming.teams([told["team"]])] if told["team"] else []
    tier = [f" · tier {fmt.count(told['tier'])}"] if told["tier"] is not None else []
    own = [] if told["counted"] else [f" · {told['environment']}: counts in no KPI"]
    whole = dcc.Link("The whole story", href=awaited.asset_link(told["asset"], ask))
    every = dcc.Link("Every asset's days", href=scope.link("/calendar", ask, asset=None))
    return html.P([every, " · ", whole, " · ", cards.name(told["asset"]), *tier, *team, *own], className="trail crumbs")


def _unknown() -> html.Div:
    return cards.empty(
        "Nothing that is due is known of it.",
        "A schedule or its runs would give its days, or a deadline or maximum age of its data.",
        [
            "Set one in ",
            html.Code("tierline.yaml"),
            ", or see what ",
            html.Code("tierline suggest freshness"),
            " proposes.",
        ],
    )


def _nowhere(name: str, ask: Ask) -> html.Div:
    links = dcc.Link("Every asset's days", href=scope.link("/calendar", ask, asset=None))
    nothing = cards.empty("No source tells of an asset of this name.", links)
    return html.Div([html.H1(cards.name(name)), nothing], className="narrow")


def _grid(told: Told, grid: Told, ask: Ask) -> html.Section:
    """One month, with the way to the twelve before it."""
    kind = "Runs" if grid["kind"] == "runs" else "Data"
    table = months.grid(grid, told["today"], told["chosen"], lambda day: _here(told, ask, day.isoformat()))
    parts = [_turn(told, ask), table, months.legend(grid), _strip(told, grid, ask)]
    kpi = dcc.Link(
        "the KPI", href=scope.link(f"/kpi/{grid['kpi']}", ask, asset=told["asset"], window=_name(told["month"]))
    )
    name = f"{kind}, {fmt.month(told['month'])}"
    return cards.panel(name, parts, note=kpi, take=f"days-{grid['kind']}-{_name(told['month'])}")


def _name(first: date) -> str:
    return first.isoformat()[:7]


def _turn(told: Told, ask: Ask) -> html.Nav:
    """To the month before and after, where there is one."""
    known = sorted(told["months"])
    before = [month for month in known if month < told["month"]][-1:]
    after = [month for month in known if month > told["month"]][:1]
    links = [
        dcc.Link(f"{arrow} {fmt.month(month)}" if arrow == "←" else f"{fmt.month(month)} {arrow}",
                 href=_here(told, ask, _name(month)))
        for arrow, found in (("←", before), ("→", after)) for month in found
    ]  # fmt: skip
    return html.Nav(links, className="turn", **words.aria(label="the month before and after"))


def _strip(told: Told, grid: Told, ask: Ask) -> html.Nav:
    """The thirteen months, each with how many were bad."""
    links = []
    for month in sorted(told["months"]):
        good, bad = grid["months"].get(month, (0, 0))
        current = words.aria(current="true") if month == told["month"] else {}
        css, shape = _strip_look(good, bad, grid)
        said = _bad(bad, grid) if bad else "none bad" if good else ""
        year = f" {locale.spell(str(month.year))}" if month.month == 1 or month == min(told["months"]) else ""
        inside = [
            html.Span(fmt.month_short(month) + year), html.Span(shape, className="shape", **words.aria(hidden="true")),
            html.Span(said, className="note"),
        ]  # fmt: skip
        about = f"{fmt.month(month)}: {said or 'nothing that counts'}"
        link = dcc.Link(inside, href=_here(told, ask, _name(month)), className=f"status {css}", title=about)
        links.append(html.Span(link, **current))
    return html.Nav(links, className="strip", **words.aria(label="the last thirteen months"))


def _strip_look(good: float, bad: float, grid: Told) -> tuple[str, str]:
    if not good + bad:
        return "s-notarget", "·"
    if not bad:
        return "s-met", "●"
    return ("s-missed", "▲") if grid["kind"] == "runs" else ("s-near", "◐")


def _bad(bad: float, grid: Told) -> str:
    return fmt.duration(bad / 1_000_000) if grid["seconds"] else f"{fmt.count(bad)} bad"


def _hint(told: Told) -> html.Section:
    what = "its runs: when due, when started, tries, how each ended" if told["grids"][0]["kind"] == "runs" else (
        "what landed, when it was due and how late it was"
    )  # fmt: skip
    return cards.panel("A day", html.P(f"Choose a day to see {what}.", className="calm"))


def _choose(told: Mapping[str, list[Told]], ask: Ask) -> html.Div:
    """Every asset with days, the worst first."""
    pipes, data = told["pipelines"], told["datasets"]
    if not pipes and not data:
        nothing = cards.empty(
            "No asset has days to show here.",
            "A pipeline has them once its runs are told, a dataset once its deadline or maximum age is set.",
            dcc.Link("What every source tells", href=scope.link("/sources", ask)),
        )
        return html.Div([html.H1("No days to show"), nothing], className="narrow")
    bad = sum(one["bad"] > 0 for one in pipes)
    when = scope.period(ask.window)
    said = f"{fmt.count(bad)} of {fmt.plural(len(pipes), 'pipeline')} had a failed or missed run {when}"
    late = sum(one["bad"] > 0 for one in data)
    stale = f"{fmt.count(late)} of {fmt.plural(len(data), 'dataset')} had stale data"
    heading = "; ".join(text for text, there in ((said, pipes), (stale, data)) if there)
    panels = [_list("Pipelines", pipes, ask, seconds=False), _list("Datasets", data, ask, seconds=True)]
    found = [panel for panel in panels if panel is not None]
    return html.Div([html.H1(words.sentence(heading)), html.Div(found, className="beside")], className="narrow")


def _list(name: str, lines: list[Told], ask: Ask, seconds: bool) -> html.Section | None:
    if not lines:
        return None
    say = fmt.duration if seconds else fmt.count
    rows = []
    for one in lines[:LISTED]:
        whole = one["good"] + one["bad"]
        share = one["good"] / whole if whole else None
        href = _here(one, ask, ask.window)
        link = dcc.Link(cards.name(awaited.short(one["asset"])), href=href, title=one["asset"])
        kept = cards.figure_cell(fmt.NOTHING if share is None else fmt.percent(share), share)
        bad = cards.figure_cell(say(one["bad"]), one["bad"])
        rows.append([link, kept, bad, naming.tier(one["tier"]), naming.teams([one["team"]] if one["team"] else [])])
    heads = ("asset", "fresh" if seconds else "kept", "stale for" if seconds else "failed or missed", "tier", "team")
    table = cards.table(heads, rows, right=(1, 2), caption=name.lower())
    more = len(lines) > LISTED
    note = f"the worst {fmt.count(LISTED)} of {fmt.count(len(lines))}" if more else "the worst first"
    return cards.panel(name, table, className="flush", note=note, take=f"days-{name.lower()}")
