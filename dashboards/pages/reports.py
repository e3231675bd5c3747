"""What was published, and does it still hold? The ledger's periods with their reports, what has been restated since and
why, what is disputed, and what comes next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboards import format as fmt
from dashboards.parts import cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader, Snapshot
from dashboards.report.forms import FORMS
from dashboards.wording import words
from slo.stories.ledger import periods, restated

PATH, NAV = "/reports", (90, "Reports")
Told = Mapping[str, Any]
UNCLOSED = 6
"""Periods that are listed though nobody closed them: the newest."""
_STATES = {"closed": ("●", "met"), "provisional": ("◇", "provisional"), "open": ("○", "nodata")}
_WORDS = {"closed": "closed", "provisional": "ended, not closed", "open": "still running"}


def render(reader: Reader, ask: Ask, rest: str = "") -> html.Div:
    snapshot = reader.snapshot()
    zone = ZoneInfo(snapshot.timezone)
    found = _listed(reader.tell(periods, ask))
    moved = reader.tell(restated, ask)
    if not found:
        body: list[Any] = [_nothing()]
    else:
        body = [
            _coming(snapshot, found, zone),
            _periods(found, ask, zone),
            _restated(moved, ask, zone),
            *_disputes(found, zone),
        ]
    return html.Div([html.H1(_title(found, moved)), *body], className="narrow")


def _listed(found: Sequence[Told]) -> list[Told]:
    """All that are closed, and the newest others."""
    others = [one["name"] for one in found if one["state"] != "closed"][:UNCLOSED]
    return [one for one in found if one["state"] == "closed" or one["name"] in others]


def _title(found: Sequence[Told], moved: Sequence[Told]) -> str:
    closed = [one["name"] for one in found if one["state"] == "closed"]
    if not found:
        return "No period can be reported yet"
    if not closed:
        return "No period is closed yet"
    own = [one for one in moved if one["how"] == "restated"]
    counted = f"{fmt.plural(len(closed), 'period')} {'is' if len(closed) == 1 else 'are'} closed"
    if not own:
        return f"{counted}; every figure stands as it was reported"
    verb = "has" if len(own) == 1 else "have"
    return f"{counted}; {fmt.plural(len(own), 'figure')} {verb} changed since"


def _nothing() -> html.Div:
    return cards.empty(
        "Nothing has been collected yet, so there is no period to report.",
        "Collect a source; its months and quarters are then listed here, each with its report.",
        dcc.Link("Sources", href="/sources"),
    )


def _coming(snapshot: Snapshot, found: Sequence[Told], zone: ZoneInfo) -> html.Section:
    """The next drafts and the next reporting day, or how to close by hand."""
    if not snapshot.reporting:
        last = next((one["name"] for one in found if one["state"] == "provisional"), "2026-10")
        text = html.P(["Nothing is closed by itself here. By hand: ", html.Code(f"tierline close {last}")])
        return cards.panel("What comes next", text)
    rows = [
        [
            html.Span(one["period"], className="when"),
            _day(one["draft"], zone) if one["draft"] else "no drafts",
            _day(one["report"], zone),
            ", ".join(one["ways"])
            or html.Span(["nowhere yet: name a folder, a mail or a channel under ", html.Code("report:")]),
        ]
        for one in snapshot.reporting
    ]
    heads = ("period", "drafts to the domains", "closed and reported", "sent to")
    return cards.panel(
        "What comes next", cards.table(heads, rows, caption="reporting days"), className="flush", take="reporting-days"
    )


def _day(text: str | None, zone: ZoneInfo) -> html.Span:
    """A day with its hour, exact on hover."""
    if text is None:
        return html.Span(fmt.NOTHING)
    local = datetime.fromisoformat(text).astimezone(zone)
    shown = f"{fmt.weekday_short(local.date())} {fmt.day(local.date())}, {fmt.time(local)}"
    # Set apart: where the day's name runs right to left, the whole moment does.
    return html.Span(cards.name(shown), title=local.isoformat(timespec="seconds"), className="when")


def _periods(found: Sequence[Told], ask: Ask, zone: ZoneInfo) -> html.Section:
    rows = [_row(one, ask, zone) for one in found]
    heads = (
        "period", "state", "closed on", "met", "minimum", "missed", "provisional", "restated", "disputed", "report",
        "hash",
    )  # fmt: skip
    table = cards.table(heads, rows, right=range(3, 9), caption="periods")
    return cards.panel("Periods", table, className="flush", take="periods")


def _row(one: Told, ask: Ask, zone: ZoneInfo) -> list[Any]:
    counts = one["promised"]
    return [
        html.Span(dcc.Link(one["name"], href=scope.link("/", ask, window=one["name"])), className="when"),
        _state(one["state"]),
        _day(one["closed_at"], zone) if one["closed_at"] else fmt.NOTHING,
        *(_count(None if counts is None else counts.get(status, 0)) for status in ("met", "near", "missed")),
        _count(None if counts is None else one["provisional_lines"]),
        _count(None if counts is None else one["restatements"]),
        _count(len(one["disputes"])),
        _downloads(one["name"], ask, stored=one["state"] == "closed"),
        html.Code(one["hash"][:12], title=one["hash"], className="when") if one["hash"] else fmt.NOTHING,
    ]


def _count(number: int | None) -> str:
    return fmt.NOTHING if number is None else fmt.count(number)


def _state(state: str) -> html.Span:
    shape, look = _STATES[state]
    mark = html.Span(shape, className="shape", **words.aria(hidden="true"))
    return html.Span([mark, html.Span(_WORDS[state], className="word")], className=f"status s-{look}")


def _downloads(period: str, ask: Ask, stored: bool) -> html.Span:
    """Links to the report in each form, of the page's own scope; one that is not stored says that it is being drawn."""
    links: list[Any] = []
    for form in FORMS:
        href = scope.link(f"/api/report/{period}.{form}", ask, window="28d")
        label = words.aria(label=f"Report of {period} as {form.upper()}")
        label |= {} if stored else {"data-drawn": f"{period} as {form.upper()}"}
        links += [html.A(form.upper(), href=href, target="_blank", **label), " · "]
    return html.Span(links[:-1], className="when")


def _restated(moved: Sequence[Told], ask: Ask, zone: ZoneInfo) -> html.Section:
    """Lines that differ now, each with what was reported and why."""
    if not moved:
        said = "No figure of a closed period differs now from what was reported."
        return cards.panel("Restated since", html.P(said, className="quiet"))
    rows = [
        [
            html.Span(one["period"], className="when"),
            dcc.Link(one["title"], href=scope.link(f"/kpi/{one['kpi']}", ask, window=one["period"])),
            _value(one, "reported"),
            _value(one, "now"),
            "settled by the clock" if one["how"] == "settled" else "restated",
            _causes(one["causes"]),
            _day(one["seen"], zone),
        ]
        for one in moved
    ]
    heads = ("period", "KPI", "reported", "now", "how", "why", "seen")
    table = cards.table(heads, rows, right=(2, 3), caption="restatements")
    return cards.panel("Restated since", table, className="flush", take="restatements")


def _value(one: Told, which: str) -> html.Td:
    value, status = one[which]["value"], fmt.status(one[which]["status"])
    other = one["now" if which == "reported" else "reported"]["value"]
    shown = fmt.NOTHING if value is None else fmt.apart(one, value, other)
    mark = html.Span(f" {status.shape} {status.word}", className="note")
    return cards.figure_cell([shown, mark], value)


def _causes(causes: Sequence[Told]) -> html.Div:
    """The sentences, each fact that is named with its link."""
    # On a phone the sentence keeps its width; the table scrolls.
    return html.Div([html.Div([one["text"], *_named(one["named"])]) for one in causes], style={"minWidth": "240px"})


def _named(facts: Sequence[Told]) -> list[Any]:
    linked = [fact for fact in facts if str(fact.get("url") or "").startswith(("https://", "http://"))]
    return [part for fact in linked[:3] for part in (" ", html.A(cards.name(fact["id"]), href=fact["url"]))]


def _disputes(found: Sequence[Told], zone: ZoneInfo) -> list[html.Section]:
    rows = [
        [
            one["period"],
            dispute["kpi"],
            cards.name(dispute["domain"]) if dispute["domain"] else "all",
            cards.name(dispute["text"]),
            _day(dispute["opened_at"], zone),
        ]
        for one in ({"period": each["name"], **each} for each in found)
        for dispute in one["disputes"]
    ]
    if not rows:
        return []
    table = cards.table(("period", "KPI", "domain", "what is disputed", "since"), rows, caption="open disputes")
    return [cards.panel("Open disputes", table, className="flush", take="disputes")]
