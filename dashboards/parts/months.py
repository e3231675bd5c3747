"""A month as a grid of weeks: each day a link, its state as shape, word and colour, its counts beneath. A real table,
so that a screen reader says week day and day, and every day can be reached by Tab."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dash import dcc, html

from dashboards import format as fmt
from dashboards.format import locale
from dashboards.wording import words

DAY = timedelta(days=1)
Day = Mapping[str, Any]


@dataclass(frozen=True)
class Look:
    """How a day's state is shown: a shape, a word, a CSS class."""

    shape: str
    word: str
    css: str


LOOKS: dict[str, Look] = {
    "missed": Look("▲", "never came", "missed"), "failed": Look("✕", "failed", "missed"),
    "late": Look("◐", "late", "near"), "kept": Look("●", "kept", "met"), "skipped": Look("»", "skipped", "notarget"),
    "excluded": Look("◫", "left out", "notarget"), "running": Look("◌", "running", "provisional"),
    "paused": Look("‖", "paused", "notarget"), "unseen": Look("○", "not seen", "nodata"),
    "nothing": Look("·", "nothing due", "notarget"), "coming": Look("", "", "notarget"),
}  # fmt: skip
"""Worst first. A dataset's "kept" is said as "on time" or "fresh"."""
SAID = {"dataset_sla_attainment": "on time", "freshness_slo_attainment": "fresh"}


def look(state: str, kpi: str) -> Look:
    plain = LOOKS[state]
    return Look(plain.shape, SAID[kpi], plain.css) if state == "kept" and kpi in SAID else plain


def said(day: Day, told: Mapping[str, Any]) -> Look:
    """The look of a day; where only a part of it was bad, how many were: one of 96 runs is no lost day."""
    plain = look(day["state"], told["kpi"])
    several = not told["seconds"] and day["good"] + day["bad"] > 1
    if plain.css not in ("missed", "near") or not several:
        return plain
    bad = day["missed"] if day["state"] == "missed" else day["bad"] - day["missed"]
    return Look(plain.shape, f"{fmt.count(bad)} {plain.word}", plain.css)


def weeks(days: Sequence[Day], first_weekday: int) -> list[list[Day | None]]:
    """The days in rows of seven that begin with a weekday (0 is Monday); None before the first and after the last."""
    before = (days[0]["day"].weekday() - first_weekday) % 7
    cells: list[Day | None] = [*([None] * before), *days]
    cells += [None] * (-len(cells) % 7)
    return [cells[place : place + 7] for place in range(0, len(cells), 7)]


def grid(told: Mapping[str, Any], today: date, chosen: date | None, href: Callable[[date], str]) -> html.Div:
    """The month's table. ``told``: a grid of the calendar's story; ``href``: the address of a day."""
    first = locale.first_weekday()
    rows = weeks(told["days"], first)
    start = told["days"][0]["day"]
    heads = [start + ((place + first - start.weekday()) % 7) * DAY for place in range(7)]
    cells = [[_cell(day, told, today, chosen, href) for day in week] for week in rows]
    caption = f"{fmt.month(start)}, a row a week"
    table = html.Table(
        [
            html.Caption(caption, className="unseen"),
            html.Thead(html.Tr([html.Th(fmt.weekday_short(day), scope="col") for day in heads])),
            html.Tbody([html.Tr(week) for week in cells]),
        ],
        className="month",
    )
    return html.Div(table, className="month-box")


def _cell(
    day: Day | None, told: Mapping[str, Any], today: date, chosen: date | None, href: Callable[[date], str]
) -> html.Td:
    if day is None:
        return html.Td(className="outside")
    shown = said(day, told)
    counts, marks = amount(day, told), marked(day)
    number = html.Span(
        [fmt.count(day["day"].day), *[html.Span(mark, className="mark") for mark in marks]], className="no"
    )
    if day["state"] == "coming":
        return html.Td(html.Div(number, className="day"), className="coming")
    state = html.Span(
        [
            html.Span(shown.shape, className="shape", **words.aria(hidden="true")),
            html.Span(shown.word, className="word"),
        ],
        className=f"status s-{shown.css}",
    )
    exact: dict[str, Any] = {"data-value": " ".join(filter(None, (day["day"].isoformat(), shown.word, counts, *marks)))}
    label = ": ".join(filter(None, (fmt.weekday(day["day"]), ", ".join(filter(None, (shown.word, counts, *marks))))))
    current = words.aria(current="date") if day["day"] == chosen else {}
    link = dcc.Link(
        [number, state, html.Span(counts, className="note")], href=href(day["day"]), className="day", title=label
    )
    kinds = [f"is-{day['state']}", "today" if day["day"] == today else "", "chosen" if day["day"] == chosen else ""]
    hatch = "hatched" if day["state"] == "unseen" else ""
    return html.Td(link, className=" ".join(filter(None, [*kinds, hatch])), **current, **exact)


def amount(day: Day, told: Mapping[str, Any]) -> str:
    """What stands behind a state: 23 of 24; stale 3 h 20; 4 maintenance."""
    good, bad = day["good"], day["bad"]
    if told["seconds"]:
        said = [f"stale {fmt.duration(bad)}" if bad else fmt.duration(good) if good else ""]
    else:
        said = [f"{fmt.count(good)} of {fmt.count(good + bad)}" if good + bad else ""]
        if day["missed"] and day["missed"] < bad:
            said.append(f"{fmt.count(day['missed'])} never came")
    amounts: Callable[[float], str] = fmt.duration if told["seconds"] else fmt.count
    if day["unseen"]:
        said.append(f"{amounts(day['unseen'])} not seen")
    said += [f"{amounts(n)} {left}" for left, n in day["left_out"].items() if n and left != "superseded"]
    return ", ".join(filter(None, said))


def marked(day: Day) -> list[str]:
    """What is peculiar to the day: its length, a holiday, a pause."""
    length = f"{fmt.count(day['hours'])} h" if day["hours"] != 24 else ""
    paused = "paused" if day["paused"] and day["state"] != "paused" else ""
    return [mark for mark in (length, "holiday" if day["holiday"] else "", paused) if mark]


def legend(told: Mapping[str, Any]) -> html.P:
    """The states that the month shows, worst first."""
    there = {day["state"] for day in told["days"]}
    parts = [look(state, told["kpi"]) for state in LOOKS if state in there and LOOKS[state].word]
    return html.P(
        [
            html.Span(
                [html.Span(one.shape, className="shape", **words.aria(hidden="true")), html.Span(one.word)],
                className=f"status s-{one.css}",
            )
            for one in parts
        ],
        className="legend",
    )
