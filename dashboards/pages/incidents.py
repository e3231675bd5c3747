"""What is broken now, since when and whose; what was restored and how quickly; what came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboards import format as fmt
from dashboards.figures import swim
from dashboards.pages import incident, naming
from dashboards.parts import cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader
from dashboards.wording import changes, sentences, words
from slo.stories.incidents import incidents as story

PATH, NAV = "/incidents", (20, "Incidents")
QUICKNESS = ("mttd", "mtta", "mttr")
AGAIN = "incident_recurrence_rate"
LISTED = 200
Line = Mapping[str, Any]
Result = Mapping[str, Any]
_START = {"told": "told", "derived": "derived", "none": "not known"}
"""How an incident's start is known."""


def render(reader: Reader, ask: Ask, rest: str = "") -> html.Div:
    """The window's incidents; with a source and an id behind the path the story of one."""
    if rest:
        return incident.render(reader, ask, rest)
    told = reader.tell(story, ask)
    results = {kpi: reader.show(kpi, ask) for kpi in (*QUICKNESS, AGAIN)}
    snapshot = reader.snapshot()
    zone = ZoneInfo(snapshot.timezone)
    parts = [
        html.H1(title(told, results, ask)),
        _nobody_looks(told, ask, snapshot.connectable) or _open(told, ask, zone),
        _quickness(results, ask),
        _timeline(told, ask, zone),
        _repeats(told["repeats"], results[AGAIN], ask, zone),
        _restored(told["restored"], ask, zone),
        _folded(told["duplicates"], ask, zone),
        _unmapped(told["unmapped"], ask, zone),
    ]
    return html.Div([part for part in parts if part is not None], className="narrow incidents")


def title(told: Line, results: Mapping[str, Result], ask: Ask) -> str:
    """3 incidents are open, the oldest since 14 h; 41 were restored in October 2026, median 95 min; 4 were repeats."""
    if told["watched"] is None:
        return "Nobody watches for incidents: no source tells them"
    mttr, again = results["mttr"], results[AGAIN]
    parts = [_still(told), _closed(told, mttr, ask)]
    if again.get("bad"):
        parts.append("1 was a repeat" if again["bad"] == 1 else f"{fmt.count(again['bad'])} were repeats")
    whose = scope.wanted(ask)
    subject = f"{sentences.who({'scope': whose})}: " if whose else ""
    text = "; ".join(part for part in parts if part)
    return subject + (text if subject else words.sentence(text))


def _still(told: Line) -> str:
    count = len(told["open"])
    if not count:
        return "no incident is open" if told["total"] else ""
    oldest = fmt.duration(told["open"][0]["age"])
    if count == 1:
        return f"1 incident is open, for {oldest}"
    return f"{fmt.count(count)} incidents are open, the oldest for {oldest}"


def _closed(told: Line, mttr: Result, ask: Ask) -> str:
    """How many were restored, by the KPI's own count and median."""
    when = scope.period(ask.window)
    if not told["total"]:
        return f"no incident {when}"
    if not mttr.get("n"):
        return f"none was restored {when}"
    was = "was" if mttr["n"] == 1 else "were"
    return f"{fmt.count(mttr['n'])} {was} restored {when}, median {fmt.of(mttr, mttr['median'])}"


def _nobody_looks(told: Line, ask: Ask, connectable: Mapping[str, Sequence[str]]) -> html.Div | None:
    """A quiet window is told from one that nobody watched."""
    if told["watched"] is None:
        names = connectable.get("incident.detected_at") or ()
        listed: list[Any] = [part for name in names for part in (", ", html.Code(name))][1:]
        kinds: list[Any] = [" (", *listed, ")"] if listed else []
        return cards.empty(
            "No source tells incidents.",
            ["Connect one that does", *kinds, ": ", html.Code("tierline plugins"), " lists what each of them needs."],
            ["Or hand them in: ", html.Code("tierline facts import incidents.jsonl")],
        )
    if told["total"]:
        return None
    when = scope.period(ask.window)
    if told["watched"] >= 0.95:
        read = f"The sources of incidents were read for {fmt.percent(told['watched'])} of the window."
        return html.Div(
            [html.P(f"Watched and quiet: no incident {when}.", className="lead"), html.P(read)], className="empty"
        )
    return cards.empty(
        f"No incident {when}, but nobody looked for {fmt.percent(1 - told['watched'])} of it.",
        "What happened while no source was read is not known: this is not a quiet window.",
        dcc.Link("See since when each source is read", href=scope.link("/sources", ask)),
    )


def _open(told: Line, ask: Ask, zone: ZoneInfo) -> html.Section | None:
    if not told["open"]:
        return None
    rows = [
        [
            severity(one), naming.incident(one, ask), cards.figure_cell(fmt.duration(one["age"]), one["age"]),
            naming.instant(one["at"], zone), naming.assets(one["assets"], ask), naming.tier(one["tier"]),
            naming.teams(one["teams"]), one["class"] or fmt.NOTHING, _START[one["start"]],
        ]
        for one in told["open"]
    ]  # fmt: skip
    heads = ("severity", "incident", "open for", "since", "assets", "tier", "team", "class", "start")
    table = cards.table(heads, rows, right=(2,), caption="open incidents")
    return cards.panel("Open, the oldest first", table, className="flush", take="incidents-open")


def severity(line: Line) -> Any:
    """1 and 2 stand out by weight, not by colour."""
    if line["severity"] is None:
        return html.Span("not told", className="faint")
    number = fmt.count(line["severity"])
    return html.B(number) if line["severity"] <= 2 else number


def _quickness(results: Mapping[str, Result], ask: Ask) -> html.Section | None:
    """Detected, acknowledged, restored: the KPIs' own figures, side by side."""
    shown = [results[kpi] for kpi in QUICKNESS if results[kpi]["status"] != "not set up"]
    if not shown:
        return None
    rows = [_quick(one, ask) for one in shown]
    heads = ("measure", "mean", "verdict", "target", "median", "P90", "behind it", "against the window before")
    table = cards.table(heads, rows, right=(1, 4, 5), caption="time to detect, acknowledge and restore")
    note = "acknowledged: alerts, in support hours; the others: incidents, around the clock"
    return cards.panel("How quickly", table, className="flush", note=note, take="incidents-how-quickly")


def _quick(result: Result, ask: Ask) -> list[Any]:
    entry = scope.headline(result, ask.profile)
    target = sentences.target(entry, result) if entry and not scope.is_benchmark(result, ask.profile) else fmt.NOTHING
    href = scope.link(f"/kpi/{result['kpi']}", ask)
    return [
        dcc.Link(result["title"], href=href), _figure(result, "value"),
        cards.badge(scope.profile_status(result, ask.profile)), target, _figure(result, "median"),
        _figure(result, "p90"), fmt.size(result), changes.in_full(result) or fmt.NOTHING,
    ]  # fmt: skip


def _figure(result: Result, part: str) -> html.Td:
    value = result.get(part)
    return cards.figure_cell(fmt.of(result, value) if value is not None else fmt.NOTHING, value)


def _timeline(told: Line, ask: Ask, zone: ZoneInfo) -> html.Section | None:
    figure = swim.days(told["timeline"], told["start"], told["end"], zone, lambda one: naming.story_of(one, ask))
    if figure is None:
        return None
    label = f"{fmt.plural(told['total'], 'incident')} {scope.period(ask.window)}, day by day; the tables hold them all"
    legend = [
        html.Span([html.I(className=f"swatch phase-{place}", **words.aria(hidden="true")), name])
        for place, (name, _) in enumerate(swim.PHASES)
    ]
    more = told["total"] - told["listed"]
    note = html.Span(
        [*legend, "thicker: severity 1 and 2", f"; the newest {fmt.count(told['listed'])}" if more else None],
        className="legend",
    )
    return cards.panel("Day by day", cards.chart(figure, label, "incidents"), note=note, className="swim")


def _repeats(repeats: Sequence[Line], result: Result, ask: Ask, zone: ZoneInfo) -> html.Section | None:
    """Causes that came back, each with its chain; and what became of the quarter before's."""
    before = result.get("repeat_causes_before") or []
    if not repeats and not before:
        return None
    parts: list[Any] = []
    if repeats:
        rows = [
            [cards.name(one["cause"]), fmt.plural(one["recurred"], "time"), _chain(one["incidents"], ask, zone),
             naming.teams(sorted({team for line in one["incidents"] for team in line["teams"]}))]
            for one in repeats
        ]  # fmt: skip
        heads = ("cause", "came back", "in order, the first one restored before", "team")
        parts.append(cards.table(heads, rows, caption="causes that came back"))
    if before:
        said = "; ".join(f"{one['cause']} {'is back' if one['occurred'] else 'stayed away'}" for one in before)
        parts.append(html.P(f"The quarter before's most recurring: {said}.", className="calm after-table"))
    days = (result.get("params") or {}).get("days")
    share = f"{fmt.value(result)} of those with a cause" if result.get("value") is not None else "the KPI"
    link = dcc.Link(share, href=scope.link(f"/kpi/{AGAIN}", ask))
    note = html.Span([f"same cause restored within {fmt.count(days)} days before; " if days else "", link])
    take = "incidents-repeats" if repeats else ""
    return cards.panel("Repeats", parts, className="flush", note=note, take=take)


def _chain(lines: Sequence[Line], ask: Ask, zone: ZoneInfo) -> html.Ol:
    return html.Ol(
        [html.Li([cards.stamp(one["at"], zone), " ", naming.incident(one, ask)]) for one in lines], className="chain"
    )


def _restored(lines: Sequence[Line], ask: Ask, zone: ZoneInfo) -> html.Section | None:
    if not lines:
        return None
    rows = [
        [
            severity(one), naming.incident(one, ask), naming.instant(one["at"], zone), _after(one["detect"]),
            _after(one["acknowledge"]), _after(one["seconds"]), naming.briefly(one["assets"], ask),
            naming.tier(one["tier"]), naming.teams(one["teams"]), _cause(one),
        ]
        for one in lines[:LISTED]
    ]  # fmt: skip
    heads = (
        "severity", "incident", "began", "detected after", "taken on after", "restored after", "assets", "tier",
        "team", "cause",
    )  # fmt: skip
    note = f"the newest {fmt.count(LISTED)} of {fmt.count(len(lines))}" if len(lines) > LISTED else "the newest first"
    table = cards.table(heads, rows, right=(3, 4, 5), caption="restored incidents")
    return cards.panel("Restored", table, className="flush", note=note, take="incidents-restored")


def _cause(line: Line) -> html.Div:
    named = cards.name(line["cause"]) if line["cause"] else html.Span("not named", className="faint")
    return html.Div([named, html.Div(line["class"], className="note") if line["class"] else None])


def _after(seconds: float | None) -> html.Td:
    return cards.figure_cell(fmt.NOTHING if seconds is None else fmt.duration(seconds), seconds)


def _folded(duplicates: Sequence[Line], ask: Ask, zone: ZoneInfo) -> html.Section | None:
    """What counts for another and nowhere itself."""
    if not duplicates:
        return None
    rows = [
        [naming.incident(one["main"], ask), fmt.count(len(one["folded"])),
         [html.Div([cards.stamp(each["at"], zone), " ", naming.incident(each, ask)]) for each in one["folded"]]]
        for one in duplicates
    ]  # fmt: skip
    heads = ("counted", "duplicates", "folded into it")
    table = cards.table(heads, rows, right=(1,), caption="duplicates")
    return cards.panel("Duplicates", table, className="flush", note="they count nowhere", take="incidents-duplicates")


def _unmapped(lines: Sequence[Line], ask: Ask, zone: ZoneInfo) -> html.Section | None:
    """What no team's and no tier's numbers hold, and what to do."""
    if not lines:
        return None
    rows = [
        [naming.incident(one, ask), naming.instant(one["at"], zone), cards.name(one["service"]) if one["service"] else
         html.Span("none", className="faint")]
        for one in lines[:LISTED]
    ]  # fmt: skip
    todo = html.P(
        ["They count for the platform and for no team or tier. ", html.Code("tierline suggest incidents"),
         " proposes an asset, a team and a tier for each service, with its reason, as CSV to edit and apply."],
        className="calm above-table",
    )  # fmt: skip
    table = cards.table(("incident", "began", "service it names"), rows, caption="unmapped incidents")
    name = f"On no asset: {fmt.count(len(lines))}"
    return cards.panel(name, [todo, table], className="flush", take="incidents-unmapped")
