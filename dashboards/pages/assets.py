"""Which assets are there, what was promised of each, and was it kept? Found by words and scope; one asset's story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from dash import Dash, Input, Output, State, dcc, html, no_update

from dashboards import format as fmt
from dashboards.pages import asset_parts, naming, one_asset
from dashboards.parts import awaited, cards, promised_of
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader, Snapshot
from dashboards.wording import words
from slo.stories.assets import assets as story
from slo.stories.assets import judged, lateness
from slo.stories.late import late

PATH, NAV = "/assets", (50, "Assets")
OWN = ("q", "kind", "lacks", "page")
MOST_TEAMS = 60
EXPLAINED, ALL_FOUND = 5, 50
"""Of so many datasets the last lateness is followed to where it began, and only where no more than so many were found;
each asset's own story tells it of any."""
Told = Mapping[str, Any]


def render(reader: Reader, ask: Ask, rest: str = "", own: Mapping[str, str] | None = None) -> html.Div:
    """The list, or the story of the asset that the address names."""
    chosen = own or {}
    page = int(number) if (number := chosen.get("page", "")).isdecimal() else 0
    if rest:
        return one_asset.render(reader, ask, rest, page)
    text, kind, lacks = chosen.get("q", ""), chosen.get("kind"), chosen.get("lacks")
    # An asset or a profile narrows nothing here: neither may make another question of it.
    told = reader.tell(story, _whole(ask), text=text, kind=kind, lacks=lacks, page=page)
    parts = [
        html.H1(title(told, ask, text, lacks)),
        None if text or lacks else _standing(reader, told, ask),
        _search(text),
        _kinds(told, ask, text, kind, lacks),
        _found(
            reader, told, ask, text, _pages(told, scope.extended(scope.link(PATH, ask), q=text, kind=kind, lacks=lacks))
        ),
    ]
    return html.Div([part for part in parts if part is not None], className="narrow assets")


def _whole(ask: Ask) -> Ask:
    return replace(ask, asset=None, profile=None)


def title(told: Told, ask: Ask, text: str, lacks: str | None = None) -> str:
    """Team finance has 35 assets, 28 of them datasets; 4 of 579 assets hold “orders”."""
    whose = " and ".join(f"{key} {value}" for key, value in scope.wanted(ask).items() if key != "asset")
    if lacks:
        subject = f"{fmt.count(told['found'])} of {fmt.plural(told['in_scope'], 'asset')}" + (
            f" of {whose}" if whose else ""
        )
        return f"{subject}: {asset_parts.said_of(lacks)} is not told"
    if text:
        of = f"the {fmt.count(told['in_scope'])} assets of {whose}" if whose else fmt.plural(told["in_scope"], "asset")
        verb = "holds" if told["found"] == 1 else "hold"
        return f"{fmt.count(told['found'])} of {of} {verb} “{text}”"
    datasets = told["kinds"].get("dataset", 0)
    among = f", {fmt.count(datasets)} of them datasets" if 0 < datasets < told["in_scope"] else ""
    assets = f"{fmt.plural(told['in_scope'], 'asset')}{among}"
    if " and " in whose:
        return f"{words.sentence(whose)}: {assets}"
    return f"{words.sentence(whose)} has {assets}" if whose else f"There are {assets}"


def _standing(reader: Reader, told: Told, ask: Ask) -> html.P | None:
    """How many datasets of the scope kept what they promised, and what is in danger today; each a link."""
    if not told["in_scope"]:
        return None
    own = _whole(ask)
    known = scope.find(reader.snapshot(), own.window, scope.wanted(own)).get("dataset_sla_attainment")
    sla, counts = known or reader.tell(judged, own), reader.tell(late, own)["counts"]
    whole = (sla.get("good") or 0) + (sla.get("bad") or 0)
    parts: list[Any] = []
    if whole:
        missed = fmt.count(sla["bad"]) if sla["bad"] else "none"
        said = f"{missed} of {fmt.plural(whole, 'dataset')} missed what was promised {scope.period(ask.window)}"
        parts += [dcc.Link(said, href=scope.link("/kpi/dataset_sla_attainment", own)), " · "]
    danger = sum(counts[key] for key in awaited.ALARMS)
    said = f"{fmt.count(danger)} late or in danger today" if danger else "nothing in danger today"
    return html.P([*parts, dcc.Link(said, href=scope.link("/late", own))], className="ways")


def _search(text: str) -> html.Div:
    """The search; it goes into the address on Enter, so that what was found is a link."""
    box = dcc.Input(
        id="assets-q", type="search", value=text, debounce=True, maxLength=200, className="search",
        placeholder="name, owner, team, domain, tag", autoComplete="off",
    )  # fmt: skip
    return html.Div([html.Label("Search", htmlFor="assets-q"), box], className="searching", role="search")


def _kinds(told: Told, ask: Ask, text: str, kind: str | None, lacks: str | None) -> html.P | None:
    """One link a kind, with how many it has."""
    if len(told["kinds"]) < 2 and kind is None:
        return None
    base = scope.link(PATH, ask)
    choices = [(None, "all", sum(told["kinds"].values())), *((one, one, n) for one, n in told["kinds"].items())]
    links = []
    for key, word, n in choices:
        current: dict[str, Any] = {"aria-current": "true"} if key == kind else {}
        link = dcc.Link(f"{word} {fmt.count(n)}", href=scope.extended(base, q=text, kind=key, lacks=lacks))
        links.append(html.Span(link, className="chip here" if key == kind else "chip", **current))
    return html.P(links, className="chips")


def listed(reader: Reader, ask: Ask, most: int) -> html.Section | html.Div:
    """The first assets of a scope as the list shows them, for a start page."""
    return _found(reader, reader.tell(story, _whole(ask), most=most), ask, "")


def _found(reader: Reader, told: Told, ask: Ask, text: str, pages: html.P | None = None) -> html.Section | html.Div:
    lines = told["lines"]
    if not lines:
        return _nothing(told, ask, text)
    snapshot = reader.snapshot()
    adopted = promised_of.adopted_targets(snapshot, ask)
    zone, now = ZoneInfo(snapshot.timezone), told["as_of"]
    late_ones = [line["asset"] for line in lines if line["bad"] and line["kind"] == "dataset"]
    bad = late_ones[:EXPLAINED] if told["found"] <= ALL_FOUND else []
    causes = reader.tell(lateness, _whole(ask), names=tuple(bad)) if bad else {}
    today = {line["asset"]: line for line in reader.tell(late, _whole(ask))["lines"]}
    heads = (
        "asset",
        "kept",
        "share",
        "late or failed",
        "today",
        "what was promised",
        "agreed by",
        "last there",
        "open",
    )
    rows = [
        [_name(line, ask), promised_of.kept(line), promised_of.figure(line), _often(line, causes, ask, zone, now),
         _today(today.get(line["asset"]), zone, now), _promised(line), _agreed(line, snapshot, adopted),
         cards.stamp(line["last"], zone, now) if line["last"] else fmt.NOTHING, _open(line)]
        for line in lines
    ]  # fmt: skip
    note = f"{scope.period(ask.window)}, the most critical first"
    if told["found"] > len(lines):
        first, last = told["before"] + 1, told["before"] + len(lines)
        note = f"{fmt.count(first)} to {fmt.count(last)} of {fmt.count(told['found'])}; {note}"
    table = cards.table(heads, rows, right=(2, 8), caption="assets")
    return cards.panel("Assets", [table, pages], className="flush", note=note, take="assets")


def _pages(told: Told, base: str) -> html.P | None:
    """Back to the more critical ones, on to the others."""
    page, last = told["page"], told["before"] + len(told["lines"])
    back = dcc.Link("previous", href=scope.extended(base, page=page - 1 or None)) if page else None
    on = dcc.Link("next", href=scope.extended(base, page=page + 1)) if last < told["found"] else None
    links = [one for one in (back, on) if one is not None]
    return html.P([part for one in links for part in (one, " ")], className="paging") if links else None


def _nothing(told: Told, ask: Ask, text: str) -> html.Div:
    if not told["total"]:
        return cards.empty(
            "No asset is known yet.",
            "An orchestrator, a warehouse or a catalogue tells them; the first ones come with the first pass.",
            dcc.Link("See how far each source is", href="/sources"),
        )
    if not told["in_scope"]:
        return _nobodys(told, ask)
    everything = dcc.Link("Search everywhere", href=scope.extended(PATH, q=text))
    return cards.empty(
        f"None of {fmt.plural(told['in_scope'], 'asset')} in this scope fits.",
        "Every word must stand in the name, the owner, the team, the domain, a tag or the kind.",
        everything if scope.wanted(ask) else dcc.Link("All assets", href=PATH),
    )


def _nobodys(told: Told, ask: Ask) -> html.Div:
    """A scope without an asset: the teams there are."""
    teams = [html.Span(dcc.Link(cards.name(team), href=scope.link(PATH, ask, team=team, domain=None)), className="chip")
             for team in told["teams"][:MOST_TEAMS]]  # fmt: skip
    whose = " and ".join(f"{key} {value}" for key, value in scope.wanted(ask).items())
    found = (
        html.Span(teams, className="chips") if teams else "No source tells a team yet: CODEOWNERS, tags or rules do."
    )
    return cards.empty(
        f"No asset belongs to {whose}.",
        "The teams there are:" if teams else "",
        found,
        dcc.Link("All assets", href=PATH),
    )


def _name(line: Told, ask: Ask) -> html.Div:
    own = [line["kind"] or "kind not told", "not tiered" if line["tier"] is None else f"tier {line['tier']}",
           line["team"] or "no team", line["domain"]]  # fmt: skip
    link = dcc.Link(
        cards.name(naming.shortened(awaited.short(line["asset"]), 60)),
        href=awaited.asset_link(line["asset"], ask), title=line["asset"],
    )  # fmt: skip
    return html.Div([link, html.Div(cards.name(" · ".join(filter(None, own))), className="note")], className="named")


def _promised(line: Told) -> html.Span:
    """What was promised; of a schedule the cron on hover."""
    said = promised_of.objective(line)
    if not said:
        return html.Span("nothing", className="faint")
    return html.Span(said.partition(" (")[0] if "schedule" in line["rule"] else said, title=said)


def _agreed(line: Told, snapshot: Snapshot, adopted: promised_of.Adopted) -> Any:
    if line["rule"] is None:
        return ""
    found = promised_of.agreed(line, snapshot, adopted)
    briefly = promised_of.briefly(found)
    return html.Span(briefly, title="\n".join(found), className="faint" if briefly == promised_of.NOBODY else "")


def _often(line: Told, causes: Mapping[str, Told | None], ask: Ask, zone: ZoneInfo, now: Any) -> html.Div:
    """How often, and what the last time began with."""
    said = [html.Div(promised_of.how_often(line))]
    last = causes.get(line["asset"])
    if last is not None:
        said.append(html.Div(one_asset.last_time(last, ask, zone, now), className="note"))
    return html.Div(said)


def _today(line: Told | None, zone: ZoneInfo, now: Any) -> Any:
    if line is None:
        return ""
    due = f"due {awaited.clock(line['deadline'], zone, now)}"
    return html.Div([awaited.verdict(line["verdict"]), html.Div(due, className="note one-line")])


def _open(line: Told) -> Any:
    return fmt.count(line["incidents"]) if line["incidents"] else fmt.NOTHING


def wire(dash: Dash, reader: Reader) -> None:
    """What is searched for goes into the address."""

    @dash.callback(
        Output("url", "search", allow_duplicate=True),
        Input("assets-q", "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def searched(text: str | None, before: str | None) -> Any:
        return sought(text, before)


def sought(text: str | None, before: str | None) -> Any:
    """The new query string, or no_update where it already says so."""
    ask, own = scope.parse(before), scope.own(before, OWN)
    wanted = (text or "").strip()
    if wanted == own.get("q", ""):
        return no_update
    return scope.extended(scope.search(ask), q=wanted, kind=own.get("kind"), lacks=own.get("lacks"))
