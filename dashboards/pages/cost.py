"""What does it cost, at which volume, whose is it, and what was done about the most expensive?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from dashboards import format as fmt
from dashboards.figures.spending import UNITS, spending
from dashboards.pages import naming, remedies
from dashboards.parts import awaited, cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Reader
from dashboards.wording import evidence, listed, promises, sentences, words
from slo.stories.cost import another_unit
from slo.stories.cost import cost as story

PATH, NAV = "/cost", (40, "Cost")
KPI = "unit_cost"
RESERVED, STORAGE = "reserved_capacity_utilization", "storage_growth_vs_forecast"
LEAST = 0.05
"""From this share on, cost that nobody answers for is said in the page's title."""
Told = Mapping[str, Any]
Result = Mapping[str, Any]


def render(reader: Reader, ask: Ask, rest: str = "") -> html.Div:
    """The window's cost in the scope; where no terabytes are told, by the query, run or event."""
    result = reader.show(KPI, ask)
    if result["value"] is None:
        result = reader.tell(another_unit, ask) or result
    unit = (result.get("params") or {}).get("unit", "TB")
    told = reader.tell(story, ask, unit=unit)
    if not told["unattributed"]["whole"] and all(day["spend"] is None for day in told["days"]):
        return _nothing(result, reader.snapshot().connectable, ask)
    ten = reader.show(remedies.KPI, ask)
    halves = [_teams(told, result), _nobody(told, result, ask)]
    kept = [_reserved(reader.show(RESERVED, ask), ask), _storage(reader.show(STORAGE, ask), ask)]
    parts = [
        html.H1(title(told, result, ask)), _over_time(told, result, ask, unit), _workloads(told, result, ask),
        _beside(halves), remedies.panel(told["remediated"], ten, ask), _beside(kept),
    ]  # fmt: skip
    return html.Div([part for part in parts if part is not None], className="narrow cost")


def _beside(panels: Sequence[html.Section | None]) -> Any:
    found = [one for one in panels if one is not None]
    if len(found) < 2:
        return found[0] if found else None
    return html.Div(found, className="beside")


def _currency(result: Result) -> str:
    return str(result.get("currency") or "USD")


def title(told: Told, result: Result, ask: Ask) -> str:
    """A terabyte cost USD 30.7 in October 2026, −5.0 % on the window before at volume +1.7 %; USD 35,595 was spent."""
    currency, when = _currency(result), scope.period(ask.window)
    share = told["unattributed"]["share"]
    whole = fmt.money(told["unattributed"]["whole"], currency)
    nobodys = f", {fmt.percent(share)} of it by no team" if share and share >= LEAST and not ask.team else ""
    whose = scope.wanted(ask)
    subject = f"{sentences.who({'scope': whose})}: " if whose else ""
    if result["value"] is None:
        text = f"{whole} was spent {when}{nobodys}; no volume is told beside it"
    else:
        one = UNITS[told["unit"]][0]
        price = fmt.money(result["value"], currency)
        article = "an" if one[0] in "aeiou" else "a"
        text = f"{article} {one} cost {price} {when}{_moved(told, result)}; {whole} was spent{nobodys}"
    return subject + (text if subject else words.sentence(text))


def _moved(told: Told, result: Result) -> str:
    """The change of price and of volume, together or not at all: part of a month moves less volume than a whole."""
    before, growth = (result.get("previous") or {}).get("value"), result.get("volume_growth")
    if told["running"] or not before or growth is None:
        return ""
    return f", {fmt.relative(result['value'] / before - 1)} on the window before at volume {fmt.relative(growth)}"


def _nothing(result: Result, connectable: Mapping[str, Sequence[str]], ask: Ask) -> html.Div:
    """No cost told: not set up, or none in the scope."""
    if result["status"] == "not set up":
        missing = [evidence.group(group) for group in result.get("missing") or ()]
        names = sorted({name for kind in ("meter.cost", "meter.bytes") for name in connectable.get(kind, ())})
        kinds: list[Any] = [part for name in names for part in (", ", html.Code(name))][1:]
        steps: list[Any] = [
            [f"It needs {', and '.join(missing)}."] if missing else "It needs a bill.",
            ["Connect a bill or a warehouse (", *kinds, "): ", html.Code("tierline plugins"),
             " says what each needs."] if kinds else [html.Code("tierline plugins"), " lists what tells a bill."],
        ]  # fmt: skip
        heading = "What the platform costs is not told"
        return html.Div([html.H1(heading), cards.empty("No source tells a bill.", *steps)], className="narrow")
    when = scope.period(ask.window)
    wide = dcc.Link("The whole platform's cost", href=scope.link("/cost", Ask(window=ask.window, lang=ask.lang)))
    why = "Bills come a day or two late, and a scope has what names its assets or teams alone."
    nothing = cards.empty(f"No cost is told for {scope.said(ask)} {when}.", why, wide)
    return html.Div([html.H1(f"No cost is told {when}"), nothing], className="narrow")


def _over_time(told: Told, result: Result, ask: Ask, unit: str) -> html.Section | None:
    """Price, volume and spend; what the bill may still change, and what stands apart."""
    figure = spending(told["days"], result, unit)
    if figure is None:
        return None
    chart = cards.chart(figure, title(told, result, ask), "cost")
    open_days = sum(day["provisional"] for day in told["days"])
    notes = [
        f"lighter: {fmt.plural(open_days, 'day')} whose bill may still change" if open_days else "",
        "a gap: not told" if any(day["spend"] is None for day in told["days"]) else "",
    ]
    body = [html.Dl([html.Div([html.Dt(term), html.Dd(said)]) for term, said in _figures(told, result, ask)],
                    className="company"), chart]  # fmt: skip
    return cards.panel("Day by day", body, note="; ".join(filter(None, notes)), take="cost-by-day")


def _figures(told: Told, result: Result, ask: Ask) -> list[tuple[str, Any]]:
    """The KPI's own figures: price with its verdict, volume, spend, what is kept apart or has no rate."""
    currency, many = _currency(result), UNITS[told["unit"]][1]
    link = dcc.Link(fmt.value(result), href=scope.link(f"/kpi/{KPI}", ask), title=fmt.exact(result))
    verdict = cards.badge(scope.profile_status(result, ask.profile))
    found: list[tuple[str, Any]] = [("unit cost", html.Span([link, " ", verdict]))]
    if promised := promises.target(result, ask.profile):
        found.append(("target", promised))
    if result.get("denominator") is not None:
        found.append(("volume", f"{fmt.number(result['denominator'])} {many}"))
    found.append(("spend", fmt.money(told["unattributed"]["whole"], currency)))
    found += listed.lines({"apart": result.get("apart") or {}, "currency": currency})
    if result.get("unknown"):
        found.append(
            ("without a rate", f"{fmt.plural(result['unknown'], 'reading')} in a currency nobody set a rate for")
        )
    return found


def _workloads(told: Told, result: Result, ask: Ask) -> html.Section | None:
    """The ten most expensive, each with its part of all, its change and whose it is."""
    if not told["workloads"]:
        return None
    currency = _currency(result)
    rows = [
        [
            dcc.Link(cards.name(one["key"]), href=awaited.asset_link(one["key"], ask)),
            cards.figure_cell(fmt.money(one["cost"], currency), one["cost"]), _share(one["share"]),
            _change(one["change"]), naming.teams([one["team"]] if one["team"] else []), naming.tier(one["tier"]),
        ]
        for one in told["workloads"]
    ]  # fmt: skip
    heads = ("workload", "spend", "of all", "change", "team", "tier")
    table = cards.table(heads, rows, right=(1, 2, 3), caption="the most expensive workloads")
    return cards.panel(f"The {_ten(len(rows))}most expensive workloads", table, className="flush", note=_against(told),
                       take="cost-workloads")  # fmt: skip


def _ten(count: int) -> str:
    return "ten " if count == 10 else ""


def _against(told: Told) -> str:
    if told["running"]:
        return "no change is told while the window runs"
    return f"change: against the {fmt.plural(told['days_before'], 'day')} before"


def _share(share: float | None) -> html.Td:
    """A part of all, with a bar that its figure names."""
    if share is None:
        return cards.figure_cell(fmt.NOTHING, None)
    width = f"{max(0.0, min(share, 1.0)) * 100}%"
    bar = html.Span(html.Span(style={"width": width}), className="part", **words.aria(hidden="true"))
    return cards.figure_cell([bar, fmt.percent(share)], share)


def _change(change: float | None) -> html.Td:
    return cards.figure_cell(fmt.NOTHING if change is None else fmt.relative(change), change)


def _teams(told: Told, result: Result) -> html.Section | None:
    if len(told["teams"]) < 2:
        return None
    currency = _currency(result)
    rows = [
        [naming.teams([one["key"]] if one["key"] else []),
         cards.figure_cell(fmt.money(one["cost"], currency), one["cost"]), _share(one["share"]), _change(one["change"])]
        for one in told["teams"]
    ]  # fmt: skip
    table = cards.table(("team", "spend", "of all", "change"), rows, right=(1, 2, 3), caption="spend by team")
    return cards.panel("By team", table, className="flush", note=_against(told), take="cost-teams")


def _nobody(told: Told, result: Result, ask: Ask) -> html.Section | None:
    """Cost without a team or without an asset, said openly, with what would name one."""
    found, currency = told["unattributed"], _currency(result)
    if not found["no_asset"] and not found["no_team"]:
        return None
    amount = fmt.money(found["no_asset"] + found["no_team"], currency)
    share = f", {fmt.percent(found['share'])} of all," if found["share"] is not None else ""
    lead = html.P([html.B(amount), f"{share} is nobody's: no team answers for it."], className="above-table")
    rows = [
        [dcc.Link(cards.name(one["asset"]), href=awaited.asset_link(one["asset"], ask)), "has no team",
         cards.figure_cell(fmt.money(one["cost"], currency), one["cost"])]
        for one in found["assets"]
    ]  # fmt: skip
    if found["no_asset"]:
        alone = cards.figure_cell(fmt.money(found["no_asset"], currency), found["no_asset"])
        rows.append([html.Span("lines of the bill", className="faint"), "name no workload", alone])
    todo = html.P(
        ["Name a ", html.Code("team"), " for these assets in ", html.Code("tierline.yaml"), " (or by ",
         html.Code("tierline suggest owners"), "), and tag what the bill leaves untagged."],
        className="calm after-table",
    )  # fmt: skip
    table = cards.table(("what", "why", "spend"), rows, right=(2,), caption="cost that no team answers for")
    return cards.panel("Nobody's", [lead, table, todo], className="flush",
                       take="cost-unattributed")  # fmt: skip


def _reserved(result: Result, ask: Ask) -> html.Section | None:
    """Commitments: what was paid for and what of it was used."""
    if result["status"] == "not set up" or result.get("denominator") is None:
        return None
    figures = [("used", _plain(result.get("numerator"))), ("paid for", _plain(result["denominator"]))]
    return _one("Commitments", result, ask, figures, "too little used is waste, too much is a risk")


def _storage(result: Result, ask: Ask) -> html.Section | None:
    """Growth of what is stored, against what was forecast."""
    if result["status"] == "not set up" or result.get("denominator") is None:
        return None
    size = result.get("size_deviation")
    figures = [
        ("grew by", fmt.stored(result["numerator"])), ("forecast", fmt.stored(result["denominator"])),
        ("the size itself, against its forecast", "" if size is None else fmt.percent(size, signed=True)),
        ("systems", fmt.count(result.get("n") or 0)),
    ]  # fmt: skip
    return _one("Storage", result, ask, figures, "growth against the growth that was forecast")


def _plain(amount: float | None) -> str:
    return fmt.NOTHING if amount is None else fmt.number(amount)


def _one(name: str, result: Result, ask: Ask, figures: Sequence[tuple[str, str]], note: str) -> html.Section:
    """A KPI in brief: its value, verdict and target, and the amounts behind it."""
    href = scope.link(f"/kpi/{result['kpi']}", ask)
    value = html.Span(dcc.Link(fmt.value(result), href=href), className="headline small", title=fmt.exact(result))
    top = html.Div([value, cards.badge(scope.profile_status(result, ask.profile))], className="verdict")
    pairs = [*figures, ("target", promises.target(result, ask.profile) or "no target")]
    company = html.Dl([html.Div([html.Dt(term), html.Dd(said)]) for term, said in pairs if said], className="company")
    return cards.panel(name, [top, company], note=note)
