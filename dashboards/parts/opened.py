"""The open alerts of the overview: how severe each is, what is wrong, whose it is, since when; silent ones folded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboards import format as fmt
from dashboards.parts import awaited, cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Snapshot
from dashboards.wording import alerts, words
from dashboards.wording.alerts import Alert

MOST, FOLDED = 4, 50
"""Alerts that are shown, and that are folded behind them; `tierline alerts` lists every one."""


def found(snapshot: Snapshot, ask: Ask, now: datetime | None) -> list[Alert] | None:
    """The open alerts of the choice, with that of an evaluation too old to speak of ``now``; None where no evaluation
    has told them."""
    return alerts.joined(alerts.opened(snapshot, ask), alerts.lag(snapshot, now) if now is not None else ())


def panel(snapshot: Snapshot, ask: Ask, now: datetime) -> html.Section | None:
    """Nothing where none is open and none silenced, or no evaluation has told them: what needs attention says so."""
    told, silent = found(snapshot, ask, now) or [], alerts.silenced(snapshot, ask)
    if not told and not silent:
        return None
    teams = set(scope.values(snapshot, "team"))
    rows = [_row(one, snapshot, ask, teams) for one in told]
    shown = html.Ol(rows[:MOST], className="attention alerts") if rows else html.P("None is open.", className="calm")
    more = [_folded(f"{fmt.plural(len(rows) - MOST, 'more alert')}", rows[MOST:])] if len(rows) > MOST else []
    quiet = [_folded(alerts.quiet(silent), [_silent(one, snapshot, ask) for one in silent])] if silent else []
    return cards.panel("Open alerts", [shown, *more, *quiet], note=alerts.counted(told) or None)


def _folded(summary: str, rows: Sequence[html.Li]) -> html.Details:
    left = fmt.count(len(rows) - FOLDED)
    more = (
        [html.P([f"and {left} more: ", html.Code("tierline alerts")], className="calm")] if len(rows) > FOLDED else []
    )
    listed = html.Ol(rows[:FOLDED], className="attention alerts")
    return html.Details([html.Summary(summary), listed, *more], className="folded")


def severity(one: Alert) -> html.Span:
    """A shape, a word, a colour."""
    look = alerts.look(one["severity"])
    shape = html.Span(look.shape, className="shape", **words.aria(hidden="true"))
    return html.Span([shape, html.Span(look.word, className="word")], className=f"status s-{look.css}")


def _row(one: Alert, snapshot: Snapshot, ask: Ask, teams: Collection[str]) -> html.Li:
    since = datetime.fromisoformat(one["since"])
    beside = [
        html.Span(_team(one, ask, teams), className="whose"),
        html.Span(alerts.reach(one)),
        html.Span(["since ", cards.stamp(since, ZoneInfo(snapshot.timezone), snapshot.as_of)], className="since"),
    ]
    return html.Li([severity(one), _link(one, snapshot, ask), html.Span(beside, className="note")])


def _silent(one: Alert, snapshot: Snapshot, ask: Ask) -> html.Li:
    return html.Li([severity(one), _link(one, snapshot, ask), html.Span(one["why"], className="note")])


def _link(one: Alert, snapshot: Snapshot, ask: Ask) -> dcc.Link:
    """Its first clauses, names without their namespaces; all of it on hover."""
    said, page = alerts.brief(one, snapshot.timezone), one["page"]
    for name in sorted({one["cause"], *one["affected"]}, key=len, reverse=True):
        said = said.replace(name, awaited.short(name))
    return dcc.Link(said, href=page if "?" in page else scope.link(page, ask, asset=None), title=one["summary"])


def _team(one: Alert, ask: Ask, teams: Collection[str]) -> Any:
    """With a way to its page, where any asset is of it."""
    if one["team"] not in teams:
        return cards.name(one["team"])
    return dcc.Link(cards.name(one["team"]), href=scope.link("/", ask, team=one["team"], tier=None, domain=None))
