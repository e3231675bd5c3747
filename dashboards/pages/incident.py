"""One incident: when it began, was seen, taken on and restored, what it began with, and what belongs to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboards import format as fmt
from dashboards.pages import naming
from dashboards.parts import cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader
from slo.stories.incident import incident as story

Told = Mapping[str, Any]
_START = {"told": "as its source tells", "derived": "derived from what failed first", "none": "not known"}


def render(reader: Reader, ask: Ask, rest: str) -> html.Div:
    """``rest`` is source/id; either may itself hold a slash."""
    back = dcc.Link("All incidents", href=scope.link("/incidents", ask))
    found = ((reader.tell(story, Ask(), source=source, id=key)) for source, key in _read(rest))
    told = next((one for one in found if one is not None), None)
    if told is None:
        nothing = cards.empty("There is no such incident.", "It may have been withdrawn by its source.", back)
        return html.Div([html.H1(cards.name(rest)), nothing], className="narrow")
    zone = ZoneInfo(reader.snapshot().timezone)
    parts = [
        html.P([back, naming.out(told["url"], told["source"], said=True)], className="trail"),
        html.H1([cards.name(told["title"]), html.Span(f" · {_standing(told)}", className="faint")]),
        _is_duplicate(told, ask) if told["main"] else _times(told, zone),
        _beside(_assets(told, ask), _began(told, ask, zone)),
        _change(told, ask, zone),
        _beside(_alerts(told, ask, zone), _steps(told)),
        _beside(
            _kin("The same cause before", told.get("earlier"), ask, zone),
            _kin("Folded into this one", told.get("folded"), ask, zone),
        ),
        _laid(told, zone),
    ]
    return html.Div([part for part in parts if part is not None], className="narrow incident")


def _beside(*panels: html.Section | None) -> Any:
    """Two panels in a row where there are two."""
    found = [one for one in panels if one is not None]
    if len(found) < 2:
        return found[0] if found else None
    return html.Div(found, className="beside")


def _read(rest: str) -> Iterator[tuple[str, str]]:
    for place, letter in enumerate(rest):
        if letter == "/" and rest[:place] and rest[place + 1 :]:
            yield rest[:place], rest[place + 1 :]


def _standing(told: Told) -> str:
    line = told["line"]
    if told["main"]:
        return "a duplicate"
    if line is None:
        return "not counted: no asset of production"
    active = _active(line)
    if active is None:
        return "left out: it ends before it begins"
    calm = "active" if len(line["spans"]) > 1 else ""
    if line["restored"] is None:
        return f"open, {calm} for {fmt.duration(active)}" if calm else f"open for {fmt.duration(active)}"
    return f"restored after {fmt.duration(active)}{', reopened in between' if calm else ''}"


def _active(line: Told) -> float | None:
    """Seconds of its active spans, which mttr counts; None where one is negative, which counts nowhere."""
    spans = [((last or line["until"]) - first).total_seconds() for first, last in line["spans"]]
    return float(sum(spans)) if min(spans) >= 0 else None


def _is_duplicate(told: Told, ask: Ask) -> html.Section:
    source, key = told["main"]
    main = {"source": source, "id": key, "title": f"{source}/{key}"}
    return cards.panel("Counts nowhere itself", html.P(["It is a duplicate of ", naming.incident(main, ask)]))


def _times(told: Told, zone: ZoneInfo) -> html.Section | None:
    """Each step with its instant and how long after the one before."""
    line = told["line"]
    if line is None:
        return None
    steps: list[tuple[str, datetime | None, str]] = [
        ("began", line["started"], _START[line["start"]]),
        ("detected", line["detected"], _by(line["found_by"])),
        ("acknowledged", line["acknowledged"], ""),
    ]
    for number, (first, last) in enumerate(line["spans"]):
        if number:
            steps.append(("reopened", first, ""))
        steps.append(("restored" if number == len(line["spans"]) - 1 else "closed", last, ""))
    rows, before = [], None
    for word, when, more in steps:
        rows.append(
            [word, _at(when, zone, "still open" if word == "restored" else "not told"), _later(before, when), more]
        )
        before = when or before
    facts = [
        ("severity", fmt.count(line["severity"]) if line["severity"] else "not told"),
        ("tier", "none" if line["tier"] is None else fmt.count(line["tier"])), ("class", line["class"]),
        ("team", naming.teams(line["teams"])), ("cause", line["cause"] and cards.name(line["cause"])),
        ("answered for by", line["responsible"]), ("source", told["source"]), ("number", cards.name(told["id"])),
    ]  # fmt: skip
    company = html.Dl([html.Div([html.Dt(term), html.Dd(text)]) for term, text in facts if text], className="company")
    table = cards.table(
        ("step", "at", "after the step before", "how it is known"), rows, right=(2,), caption="steps of the incident"
    )
    return cards.panel("What happened when", [company, table], note=f"times in {zone.key}", take="incident-times")


def _by(found_by: str | None) -> str:
    return f"by a {found_by}" if found_by and found_by != "operator" else "by an operator" if found_by else ""


def _at(when: datetime | None, zone: ZoneInfo, otherwise: str = fmt.NOTHING) -> html.Td:
    return naming.instant(when, zone, otherwise, full=True)


def _later(before: datetime | None, when: datetime | None) -> Any:
    if before is None or when is None:
        return fmt.NOTHING
    seconds = (when - before).total_seconds()
    return cards.figure_cell(fmt.duration(seconds), seconds)


def _assets(told: Told, ask: Ask) -> html.Section | None:
    if told["line"] is None:
        return None
    if not told["assets"]:
        todo = html.P(
            ["It names no asset, so no team's and no tier's numbers hold it. ", html.Code("tierline suggest incidents"),
             " proposes one."],
        )  # fmt: skip
        return cards.panel("What it hurt", todo)
    rows = [
        [naming.asset(one["asset"], ask), one["kind"] or fmt.NOTHING, naming.tier(one["tier"]),
         naming.teams([one["team"]] if one["team"] else []), cards.name(one["domain"] or fmt.NOTHING)]
        for one in told["assets"]
    ]  # fmt: skip
    table = cards.table(("asset", "kind", "tier", "team", "domain"), rows, caption="assets of the incident")
    return cards.panel("What it hurt", table, className="flush", note="as they stood when it began")


def _began(told: Told, ask: Ask, zone: ZoneInfo) -> html.Section | None:
    """Up the lineage: what was failing or late before."""
    if told["line"] is None or not told["assets"]:
        return None
    title = "What it began with, by lineage"
    if not told["lineage"]:
        return cards.panel(title, html.P("No source tells what stands upstream of these assets.", className="calm"))
    if not told["began"]:
        words = "Nothing upstream was failing or late in the day before: it began with these assets themselves."
        return cards.panel(title, html.P(words, className="calm"))
    rows = [
        [naming.asset(one["of"], ask), naming.asset(one["asset"], ask),
         [one["what"], naming.out(one["url"], one["source"])],
         _at(datetime.fromisoformat(one["at"]), zone), one["responsible"]]
        for one in told["began"]
    ]  # fmt: skip
    heads = ("asset", "began with", "which", "at", "answered for by")
    return cards.panel(title, cards.table(heads, rows, caption="causes by lineage"), className="flush")


def _change(told: Told, ask: Ask, zone: ZoneInfo) -> html.Section | None:
    one = told["change"]
    if one is None:
        return None
    if one["title"] is None:
        said: list[Any] = ["It names ", html.Code(one["named"]), ", of which no source tells."]
        return cards.panel("The change that caused it", html.P(said, className="calm"))
    row = [
        [cards.name(one["title"]), naming.out(one["url"], one["source"])], (one["kind"] or "").replace("_", " "),
        _at(one["at"], zone, "not told"), naming.asset(one["asset"], ask) if one["asset"] else fmt.NOTHING,
        naming.teams([one["team"]] if one["team"] else []), (one["state"] or "").replace("_", " "),
    ]  # fmt: skip
    table = cards.table(("change", "kind", "at", "asset", "team", "state"), [row], caption="change")
    return cards.panel("The change that caused it", table, className="flush", note="as the incident names it")


def _alerts(told: Told, ask: Ask, zone: ZoneInfo) -> html.Section | None:
    alerts = told.get("alerts")
    if not alerts:
        return None
    rows = [
        [_alert(one), _at(one["at"], zone),
         _later(one["at"], one["acknowledged"]), _later(one["at"], one["resolved"]),
         naming.briefly([one["asset"]], ask) if one["asset"] else fmt.NOTHING]
        for one in alerts
    ]  # fmt: skip
    heads = ("alert", "fired", "acknowledged after", "resolved after", "asset")
    table = cards.table(heads, rows, right=(2, 3), caption="alerts of the incident")
    return cards.panel("Alerts that belong to it", table, className="flush")


def _alert(one: Mapping[str, Any]) -> html.Div:
    """Its rule, and what somebody said it was: actionable, noise."""
    label = html.Div(one["label"], className="note") if one["label"] else None
    return html.Div([cards.name(one["rule"] or one["id"]), naming.out(one["url"], one["source"]), label])


def _steps(told: Told) -> html.Section | None:
    """The steps of whoever was on call; what was not called for is not listed."""
    called = {name: done for name, done in told["steps"].items() if done is not None}
    if not called:
        return None
    rows = [[name, "done" if done else "not done"] for name, done in called.items()]
    done = sum(bool(one) for one in called.values())
    note = f"{fmt.count(done)} of {fmt.count(len(called))} done"
    return cards.panel(
        "Steps", cards.table(("step", "taken"), rows, caption="steps taken"), className="flush", note=note
    )


def _kin(title: str, lines: list[Told] | None, ask: Ask, zone: ZoneInfo) -> html.Section | None:
    if not lines:
        return None
    rows = [[_at(one["at"], zone, "not told"), naming.incident(one, ask)] for one in lines]
    return cards.panel(title, cards.table(("began", "incident"), rows, caption=title), className="flush")


def _laid(told: Told, zone: ZoneInfo) -> html.Section | None:
    """Corrections laid over what its source told, so that nobody wonders why both differ."""
    if not told["laid"]:
        return None
    rows = [
        [one["field"].replace("_", " "), _said(one["told"], zone), _said(one["reads"], zone),
         "inferred by Tierline" if one["inferred"] else "corrected", _why(one)]
        for one in told["laid"]
    ]  # fmt: skip
    heads = ("field", "its source tells", "reads", "how", "why")
    return cards.panel(
        "Laid over what its source tells", cards.table(heads, rows, caption="corrections"), className="flush"
    )


def _said(value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, datetime):
        return _at(value, zone)
    if isinstance(value, list):
        return html.Div([html.Div(cards.name(str(one))) for one in value])
    return html.Span("nothing", className="faint") if value is None else cards.name(str(value))


def _why(one: Told) -> str:
    return ", ".join(filter(None, (one["reason"], one["ref"]))) or fmt.NOTHING
