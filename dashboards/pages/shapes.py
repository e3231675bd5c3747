"""The shape of a KPI, below its days: month by month with what was reported, how its samples lie, team beside team."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlencode

import dash_mantine_components as dmc
from dash import Input, Output, State, dcc, html, no_update

from dashboards import figures, svg
from dashboards import format as fmt
from dashboards.pages import restatements
from dashboards.parts import cards
from dashboards.reading import history, scope
from dashboards.reading.reader import Ask, Reader
from dashboards.wording import words
from slo.errors import TierlineError
from slo.stories.ledger import reported
from slo.stories.shape import distribution, months, teams

LOG = logging.getLogger("tierline.dashboard")
Result = Mapping[str, Any]
YEAR = "365d"
MOST_COMPARED = 4


def render(reader: Reader, ask: Ask, kpi: str, compared: Sequence[str] = ()) -> list[Any]:
    """Months beside the distribution, what was restated, then the teams."""
    result = reader.show(kpi, ask)
    beside = [one for one in (_months(reader, result, ask), _distribution(reader, result, ask)) if one is not None]
    row = html.Div(beside, className="beside") if len(beside) > 1 else (beside[0] if beside else None)
    parts = (row, restatements.panel(reader, result, ask), _teams(reader, result, ask, compared))
    return [one for one in parts if one is not None]


def _months(reader: Reader, result: Result, ask: Ask) -> html.Section | None:
    """Twelve months at most, each with what was reported where it was closed."""
    found = reader.tell(months, ask, kpi=result["kpi"])
    if sum(one["value"] is not None for one in found) < 2:
        return None
    closed = {one["period"]: one for one in reader.tell(reported, ask, kpi=result["kpi"]) if one["kind"] == "M"}
    known = [{**one, **_closed(closed.get(one["month"]))} for one in found]
    figure = figures.months(result, known, history.steps(reader, result, ask, YEAR))
    said = "; ".join(f"{one['month']}: {fmt.of(result, one['value'])}" for one in known)
    note = "ringed: reported otherwise" if any(one["restated"] for one in known) else "lighter: provisional"
    return cards.panel("Month by month", cards.chart(figure, said, f"{result['kpi']}-months"), note=note)


def _closed(line: Mapping[str, Any] | None) -> dict[str, Any]:
    """What was reported of a closed month; nothing of an open one."""
    return {"reported": line["value"] if line else None, "restated": bool(line and line["restated"])}


def _distribution(reader: Reader, result: Result, ask: Ask) -> html.Section | None:
    bounds = scope.bound(result, ask.profile)
    found = reader.tell(distribution, ask, kpi=result["kpi"], bounds=tuple(bounds))
    if found is None:
        return None
    named = ((word, found[name]) for name, word in (("median", "median"), ("p90", "P90"), ("p95", "P95")))
    told = [f"{word} {fmt.of(result, figure)}" for word, figure in named if figure is not None]
    kept = [
        f"{fmt.count(one['n'])} of {fmt.count(found['n'])} at most {fmt.mark(one['bound'], result)}"
        for one in found["within"]
    ]
    chart = cards.chart(figures.histogram(found, result, bounds), "; ".join([*told, *kept]), f"{result['kpi']}-sizes")
    return cards.panel("How they lie", chart, note="; ".join(kept) or f"n {fmt.count(found['n'])}")


def _teams(reader: Reader, result: Result, ask: Ask, compared: Sequence[str]) -> html.Section | None:
    """Every team with its days; those that are compared above them, on one scale."""
    if ask.asset is not None or (ask.team is not None and not compared):
        return None
    whole = replace(ask, team=None)
    found = reader.tell(teams, whole, kpi=result["kpi"])
    if len(found) < 2:
        return None
    known = [one["team"] for one in found]
    chosen = [team for team in compared if team in known]
    parts = [_picker(known, chosen), *_compared(reader, result, whole, chosen)]
    rows = [_team(one, result, whole, reader) for one in _worst(found, result)]
    heads, rows = _told(("team", "value", "n", "verdict", "day by day"), rows)
    parts.append(cards.table(heads, rows, right=(1, 2), caption="teams, worst first"))
    return cards.panel("Team by team", parts, className="teams", note="worst first", take=f"{result['kpi']}-teams")


def _told(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[list[str], list[list[Any]]]:
    """The columns in which any row says something."""
    kept = [place for place in range(len(heads)) if any(row[place] != "" for row in rows)]
    return [heads[place] for place in kept], [[row[place] for place in kept] for row in rows]


def _worst(found: Sequence[Mapping[str, Any]], result: Result) -> list[Mapping[str, Any]]:
    down = result["better"] == "down"
    return sorted(found, key=lambda one: (-one["value"] if down else one["value"], one["team"]))


def _team(one: Mapping[str, Any], result: Result, ask: Ask, reader: Reader) -> list[Any]:
    judged = scope.find(reader.snapshot(), ask.window, {"team": one["team"]}).get(result["kpi"])
    alone = ask.tier is None and ask.domain is None
    verdict = _verdict(judged, ask) if judged and alone else ""
    markup = svg.spark(one["days"], scope.bound(result, ask.profile), width=120)
    link = dcc.Link(cards.name(one["team"]), href=scope.link(f"/kpi/{result['kpi']}", ask, team=one["team"]))
    size = fmt.duration(one["n"]) if fmt.in_seconds(result) else fmt.count(one["n"])
    picture = html.Img(src=svg.uri(markup), alt="", width=120, height=22) if markup else ""
    return [link, cards.figure_cell(fmt.of(result, one["value"]), one["value"]), size, verdict, picture]


def _verdict(result: Result, ask: Ask) -> html.Span:
    """The verdict; of a value that no target speaks of (one for tier 1, and nothing of tier 1) that there is none."""
    key = scope.profile_status(result, ask.profile)
    silent = key == "no data" and result["value"] is not None
    return cards.badge("no target" if silent else key, word="no verdict" if silent else "")


def _picker(known: Sequence[str], chosen: Sequence[str]) -> dmc.MultiSelect:
    return dmc.MultiSelect(
        id="kpi-compare",
        data=list(known),
        value=list(chosen),
        placeholder="" if chosen else "compare two teams",
        maxValues=MOST_COMPARED,
        clearable=True,
        size="xs",
        className="compare",
        **words.aria(label="teams to compare"),
    )


def _compared(reader: Reader, result: Result, ask: Ask, chosen: Sequence[str]) -> list[Any]:
    """The chosen teams day by day on one scale, each with its sentence of figures at its end."""
    if not chosen:
        return []
    each = {team: reader.show(result["kpi"], replace(ask, team=team)) for team in chosen}
    drawn = {team: one for team, one in each.items() if any(day["value"] is not None for day in one["series"])}
    if not drawn:
        return [cards.empty("None of these teams has a value on any day of this window.")]
    said = "; ".join(f"{team}: {fmt.value(one)} ({fmt.size(one)})" for team, one in drawn.items())
    chart = cards.chart(figures.multiples(drawn, ask.profile, 104), said, f"{result['kpi']}-compared")
    heads = ("figure", *drawn)
    rows = [
        [term, *(_said(term, one, ask) for one in drawn.values())]
        for term in ("value", "n", "95 % interval", "verdict")
    ]
    return [chart, cards.table(heads, rows, right=range(1, 1 + len(drawn)), caption=said)]


def _said(term: str, one: Result, ask: Ask) -> Any:
    if term == "verdict":
        return _verdict(one, ask)
    if term == "value":
        return cards.figure_cell(fmt.value(one), one["value"])
    return fmt.size(one) if term == "n" else fmt.interval(one) or fmt.NOTHING


def asked(search: str | None) -> list[str]:
    """The teams that an address compares: ?compare=finance,commerce."""
    told = parse_qs((search or "").lstrip("?")).get("compare", [""])[-1]
    return [team for team in told.split(",") if team][:MOST_COMPARED]


def choosing(chosen: Sequence[str], search: str | None) -> Any:
    """The query string that compares the chosen teams, or no_update where it does already."""
    if list(chosen) == asked(search):
        return no_update
    fields = {key: values[-1] for key, values in parse_qs((search or "").lstrip("?")).items() if key != "compare"}
    if chosen:
        fields["compare"] = ",".join(chosen)
    return f"?{urlencode(fields, safe=',')}" if fields else ""


def wire(dash: Any, reader: Reader) -> None:
    """What takes a read of its own follows once the page is there; a choice goes into the address."""

    @dash.callback(  # type: ignore[untyped-decorator]
        Output("kpi-shape", "children"), Input("behind", "data"), State("url", "search")
    )
    def shape(behind: dict[str, str], search: str | None) -> Any:
        return shaped(reader, behind, search)

    @dash.callback(  # type: ignore[untyped-decorator]
        Output("url", "search", allow_duplicate=True),
        Input("kpi-compare", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def compare(chosen: list[str] | None, search: str | None) -> Any:
        return choosing(chosen or [], search)


def shaped(reader: Reader, behind: Mapping[str, str], search: str | None) -> Any:
    """The panels; a failure is said in their place."""
    try:
        return render(reader, scope.parse(behind["search"]), behind["kpi"], asked(search))
    except TierlineError as error:
        return cards.trouble(str(error), "The number and its trend are as evaluated.")
    except Exception:
        LOG.exception("the shape of %s", behind)
        return cards.trouble("Months and teams could not be read; the log says why.", "The number is as evaluated.")
