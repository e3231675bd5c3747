"""What the overview tells beside its matrix, each a panel: what will be late, budgets, changes, sources.

They stand on stories (slo/stories) and are filled in after the page itself is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboards import format as fmt
from dashboards.parts import awaited, cards
from dashboards.parts.sources import mark
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader, Snapshot
from dashboards.wording import sources as wording
from slo.budgets.pace import PRESENT

Told = Mapping[str, Any]
PACE = f"{PRESENT}d"
MOST_LATE, MOST_BUDGETS, MOST_CHANGES, MOST_SOURCES = 3, 6, 6, 4
_LATE = (*awaited.ALARMS, "cannot be told")


def _asset(name: str, ask: Ask) -> dcc.Link:
    return dcc.Link(cards.name(awaited.short(name)), href=awaited.asset_link(name, ask), title=name)


def late(reader: Reader, ask: Ask) -> html.Section:
    """The deliveries of tier 0 and 1 that are late or will be, the worst first."""
    from slo.stories.late import late as story

    told, zone = reader.tell(story, ask), ZoneInfo(reader.snapshot().timezone)
    lines = [line for line in told["lines"] if line["verdict"] in _LATE]
    note = dcc.Link("all", href=scope.link("/late", ask), title="every delivery due until tomorrow")
    if not lines:
        return cards.panel("Late today", html.P(_in_time(told), className="calm"), note=note)
    rows = [_late_line(line, ask, zone, told["as_of"]) for line in lines[:MOST_LATE]]
    more = len(lines) - MOST_LATE
    rest = [html.Li(dcc.Link(f"{more} more", href=scope.link("/late", ask)))] if more > 0 else []
    return cards.panel("Late today", html.Ul([*rows, *rest], className="mini told"), note=note)


def _in_time(told: Told) -> str:
    if not told["due"]:
        return "No delivery of tier 0 or 1 is due until this time tomorrow."
    there = fmt.count(told["there"])
    return f"Of {fmt.plural(told['due'], 'delivery', 'deliveries')} due in 24 hours {there} are there; none is late."


def _late_line(line: Told, ask: Ask, zone: ZoneInfo, now: datetime) -> html.Li:
    due = fmt.moment(line["deadline"].astimezone(zone), now)
    expected = line["expected"]
    comes = f", comes {fmt.moment(expected.astimezone(zone), now)}" if expected and expected > now else ""
    said: list[Any] = [f"{line['verdict']}, due {due}{comes}"]
    if line["team"]:
        said += ["; ", cards.name(line["team"])]
    return html.Li(
        [
            awaited.verdict(line["verdict"], say=False),
            html.Div([_asset(line["asset"], ask), html.Span(said, className="note")]),
        ]
    )


def budgets(reader: Reader, ask: Ask) -> html.Section:
    """Error budgets, the emptiest first: what is left, how fast it goes, when it has gone."""
    from slo.stories.budgets import budgets as story

    found = _one_a_kpi(reader.tell(story, ask))
    zone = ZoneInfo(reader.snapshot().timezone)
    rows = [_budget(one, ask, zone) for one in found[:MOST_BUDGETS]]
    note = dcc.Link("all", href=scope.link("/slo", ask))
    if not rows:
        return cards.panel("Error budgets", html.P("No target with an error budget in this scope.", className="calm"))
    return cards.panel("Error budgets", html.Ul(rows, className="budgets"), note=note)


def _one_a_kpi(found: Sequence[Told]) -> list[Told]:
    first: dict[str, Told] = {}
    for one in found:
        first.setdefault(one["kpi"], one)
    return list(first.values())


def _budget(one: Told, ask: Ask, zone: ZoneInfo) -> html.Li:
    left = one["whole"]["remaining"]
    tier = (one.get("scope") or {}).get("tier") if ask.tier is None else None
    target = fmt.target(one, one) + ("" if tier is None else f", tier {_tiers(tier)}")
    words = "overspent" if left is None or left < 0 else fmt.percent(left)
    width = {"width": f"{100 * min(max(left or 0.0, 0.0), 1.0):.1f}%"}
    head = [dcc.Link(one["title"], href=scope.link(f"/kpi/{one['kpi']}", ask)), html.Span(words, className="left")]
    look = "spent" if left is None or left < 0 else ("low" if left < 0.25 else "fine")
    tail = [html.Span(target), html.Span(outlook(one, zone))]
    bar = html.Div(html.Span(style=width), className="bar")
    return html.Li([html.Div(head), bar, html.Div(tail, className="note")], className=look, title=one["text"])


def _tiers(tier: Any) -> str:
    return "-".join(map(str, tier)) if isinstance(tier, (list, tuple)) else str(tier)


def outlook(one: Told, zone: ZoneInfo) -> str:
    """When a budget has gone: runs out 24 Nov 13:00; ran out 4 Nov; else how fast it burnt in the last three days."""
    if one["runs_out"] is not None:
        return f"runs out {fmt.moment(one['runs_out'].astimezone(zone))}"
    if one["ran_out"] is not None:
        return f"ran out {fmt.day_short(datetime.fromisoformat(one['ran_out']))}"
    rate = next((told["rate"] for told in one["burn"] if told["lookback"] == PACE), None)
    return "" if rate is None else f"burns {fmt.number(rate)} ×"


def changes(reader: Reader, ask: Ask) -> html.Section:
    """What is otherwise than a day before."""
    from slo.stories.changes import changes as story

    told = reader.tell(story, ask)
    rows = [*_statuses(told, ask), *_restated(told, ask), *_moves(told, ask), *_deployed(told, ask)]
    if not rows:
        said = "Nothing was deployed, moved, restated or judged otherwise in 24 hours."
        return cards.panel("Since yesterday", html.P(said, className="calm"))
    more = len(rows) - MOST_CHANGES
    rest = [html.Li(f"and {more} more", className="note")] if more > 0 else []
    return cards.panel("Since yesterday", html.Ul([*rows[:MOST_CHANGES], *rest], className="mini told"))


def _statuses(told: Told, ask: Ask) -> list[html.Li]:
    return [
        html.Li(
            [
                cards.badge(one["now"], say=False),
                html.Div(
                    [
                        dcc.Link(one["title"], href=scope.link(f"/kpi/{one['kpi']}", ask)),
                        html.Span(_turned(one), className="note"),
                    ]
                ),
            ]
        )
        for one in told["statuses"]
    ]


def _turned(one: Told) -> str:
    return f"{fmt.status(one['now']).word}, was {fmt.status(one['before']).word}"


def _line(shape: str, what: Any, said: Any) -> html.Li:
    return html.Li([html.Span(shape, className="shape faint"), html.Div([what, html.Span(said, className="note")])])


def _restated(told: Told, ask: Ask) -> list[html.Li]:
    return [
        _line("↺", dcc.Link(one["title"], href=scope.link("/reports", ask)), f"{one['period']} was restated")
        for one in told["restated"]
    ]


def _moves(told: Told, ask: Ask) -> list[html.Li]:
    return [
        _line("⇄", _asset(one["asset"], ask), f"{_tier(one['before'])} → {_tier(one['now'])}") for one in told["tiers"]
    ]


def _tier(tier: int | None) -> str:
    return "no tier" if tier is None else f"tier {tier}"


def _deployed(told: Told, ask: Ask) -> list[html.Li]:
    found = told["deployments"]
    if not found["n"]:
        return []
    teams = sorted({line["team"] for line in found["lines"] if line["team"]})
    said = [f"{fmt.count(found['failed'])} failed" if found["failed"] else "none failed"]
    said += [f"newest by {', '.join(teams)}"] if teams else []
    link = dcc.Link(
        fmt.plural(found["n"], "deployment"), href=scope.link("/kpi/deployment_frequency", ask, window="1d")
    )
    return [_line("⇧", link, "; ".join(said))]


def sources(snapshot: Snapshot, ask: Ask) -> html.Section:
    """Those that need a look by name, the others counted."""
    bad = sorted((one for one in snapshot.sources if wording.state(one) != "ok"), key=lambda one: str(one["name"]))
    told = [(one, f"{wording.state(one)}, last read {wording.age(one, snapshot.as_of)} ago") for one in bad]
    rows = [
        html.Li([mark(one, say=False), html.Div([cards.name(one["name"]), html.Span(how, className="note")])])
        for one, how in told[:MOST_SOURCES]
    ]
    said = wording.counts(snapshot.sources) if snapshot.sources else "No source is connected."
    return cards.panel(
        "Sources",
        [html.Ul(rows, className="mini told") if rows else None, html.P(said, className="calm")],
        note=dcc.Link("all", href=scope.link("/sources", ask)),
    )
