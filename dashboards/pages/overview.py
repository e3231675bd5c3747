"""How is the platform doing? What needs attention, the matrix of KPI by tier, budgets, sources. One screen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from dash import dcc, html

from dashboards import attention, benchmarks, cards, changes, scope, sentences
from dashboards import format as fmt
from dashboards import words as naming
from dashboards.pages import coverage
from dashboards.reader import Ask, Reader, Snapshot

PATH, NAV = "/", (0, "Overview")
Result = Mapping[str, Any]
TIERS = (0, 1, 2, 3)
MOST_BUDGETS = 8


def render(reader: Reader, ask: Ask, rest: str = "") -> html.Div:
    snapshot = reader.snapshot()
    if not snapshot.results:
        return nothing(snapshot)
    left = html.Div([_attention(snapshot, ask), _matrix(snapshot, ask)], className="main-column")
    right = html.Div([_budgets(snapshot, ask), _sources(snapshot)], className="rail")
    head = html.Div([html.H1(title(snapshot, ask)), coverage.link(snapshot)], className="answer")
    return html.Div([head, html.Div([left, right], className="columns")])


def nothing(snapshot: Snapshot) -> html.Div:
    """The first minute of an installation."""
    return coverage.start(bool(snapshot.sources))


def title(snapshot: Snapshot, ask: Ask) -> str:
    """The overview's answer: how many KPIs miss their target in the chosen scope."""
    here = list(scope.find(snapshot.results, ask.window, scope.wanted(ask)).values())
    judged = [one for one in here if scope.profile_status(one, ask.profile) in ("met", "near", "missed")]
    missed = [one for one in judged if scope.profile_status(one, ask.profile) == "missed"]
    where = scope.said(ask)
    when = scope.period(ask.window)
    if not here:
        return f"Nothing is evaluated for {where} {when}"
    if not judged and any(scope.is_benchmark(one, ask.profile) for one in here):
        return f"No target of {where} is adopted yet; the published ranges stand beside its figures {when}"
    if not judged:
        return f"No target could be judged for {where} {when}"
    if not missed:
        return f"All {len(judged)} judged KPIs of {where} met their targets {when}"
    return f"{len(missed)} of {fmt.plural(len(judged), 'judged KPI')} of {where} missed their targets {when}"


def _attention(snapshot: Snapshot, ask: Ask) -> html.Section:
    rows = [_sentence(one, ask) for one in attention.worst(snapshot, ask)]
    late = [_stale(one) for one in snapshot.sources if one.get("stale") or not one.get("ok", True)]
    items = [*rows[: attention.MOST - len(late[:1])], *late[:1]]
    if not items:
        return cards.panel("Needs attention", _calm(snapshot, ask))
    return cards.panel("Needs attention", html.Ol(items, className="attention"), note="worst first")


def _calm(snapshot: Snapshot, ask: Ask) -> html.P:
    """Nothing is wrong; or nothing was promised yet, and how to begin."""
    if ask.profile is None and not any(one.get("standing") != "published" for one in snapshot.results):
        how: list[Any] = [html.Code("tierline adopt"), " adopts a target."]
        return html.P(["Nothing was promised yet, so nothing is missed. ", *how], className="calm")
    return html.P("No target is missed and every source answers.", className="calm")


def _sentence(one: Result, ask: Ask) -> html.Li:
    own = scope.of(one)
    href = scope.link(f"/kpi/{one['kpi']}", ask, **{key: own.get(key) for key in ("tier", "team", "domain")})
    key = scope.profile_status(one, ask.profile)
    return html.Li([cards.badge(key, say=False), dcc.Link(sentences.attention(one, ask.profile), href=href)])


def _stale(source: Mapping[str, Any]) -> html.Li:
    text = (
        f"Source {source['name']} is {'stale' if source.get('ok', True) else 'failing'}: what it tells is provisional"
    )
    return html.Li([cards.badge("provisional", say=False), dcc.Link(text, href="/sources")])


def _matrix(snapshot: Snapshot, ask: Ask) -> html.Section:
    """KPI by tier; a chosen team or domain stands in the first column alone (the snapshot cuts one way at a time)."""
    base = scope.wanted(ask)
    whole = scope.find(snapshot.results, ask.window, {key: base[key] for key in base if key != "tier"})
    tiers = {tier: scope.find(snapshot.results, ask.window, {"tier": tier}) for tier in TIERS}
    shown: tuple[int, ...] = TIERS if ask.tier is None else (ask.tier,)
    if ask.team or ask.domain:
        shown = ()
    first = scope.said(Ask(team=ask.team, domain=ask.domain)).removeprefix("the whole ")
    heads = ["KPI", "target", first, *(f"tier {tier}" for tier in shown), "change"]
    head = html.Thead(html.Tr([html.Th(word, scope="col", className=f"c{place}") for place, word in enumerate(heads)]))
    shown_kpis = [one for one in scope.kpis(snapshot) if one["status"] != "not set up"]
    if not shown_kpis:
        told = "No source that is connected tells what a KPI needs."
        return cards.panel("By KPI", cards.empty(told, dcc.Link("What each one needs", href="/coverage")))
    columns = {tier: tiers[tier] for tier in shown}
    inside, others = scope.split(shown_kpis, snapshot.profile, ask.profile)
    note = f"{scope.period(ask.window)}; change against the window before{_as_asked(whole, ask)}"
    parts = [
        html.Table([head, *_body(inside, whole, columns, ask)], className=f"matrix t{len(shown)}"),
        _others(others, html.Table([head, *_body(others, whole, columns, ask)], className=f"matrix t{len(shown)}")),
        _untiered(snapshot) if shown else None,
    ]
    return cards.panel("By tier" if shown else "By KPI", parts, className="flush", note=note)


def _as_asked(whole: Mapping[str, Result], ask: Ask) -> str:
    """Of a profile that was asked for, how much nobody has adopted."""
    own = [one for result in whole.values() for one in scope.targets(result, ask.profile)] if ask.profile else []
    left = sum(1 for one in own if not one.get("adopted"))
    return f"; {left} of {fmt.plural(len(own), 'target')} {benchmarks.UNADOPTED}" if left else ""


def _body(
    kpis: Sequence[Result], whole: Mapping[str, Result], tiers: Mapping[int, Mapping[str, Result]], ask: Ask
) -> list[html.Tbody]:
    groups = groupby(kpis, key=lambda one: one["family"])
    return [_family(name, list(members), whole, tiers, ask) for name, members in groups]


def _others(kpis: Sequence[Result], table: html.Table) -> html.Details | None:
    """What the view leaves out, folded away."""
    if not kpis:
        return None
    return html.Details([html.Summary(f"{fmt.plural(len(kpis), 'KPI')} outside this view"), table], className="others")


def _untiered(snapshot: Snapshot) -> html.P | None:
    """What stands in no tier's column: assets that nobody has given a tier are no tier 3."""
    left, assets = snapshot.tiering.get("untiered", 0), snapshot.tiering.get("assets", 0)
    if not left:
        return None
    told = f"Not tiered yet: {fmt.count(left)} of {fmt.plural(assets, 'asset')}, counted in the whole and in no tier. "
    return html.P([told, html.Code("tierline suggest tiers"), " proposes which matter most."], className="untiered")


def _family(
    name: str, kpis: Sequence[Result], whole: Mapping[str, Result], tiers: Mapping[int, Mapping[str, Result]], ask: Ask
) -> html.Tbody:
    head = html.Tr(html.Th(name, colSpan=len(tiers) + 4, scope="rowgroup"), className="family")
    return html.Tbody([head, *(_row(one, whole.get(one["kpi"]), tiers, ask) for one in kpis)])


def _row(kpi: Result, whole: Result | None, tiers: Mapping[int, Mapping[str, Result]], ask: Ask) -> html.Tr:
    path = f"/kpi/{kpi['kpi']}"
    entry = scope.headline(whole, ask.profile) if whole else None
    promised, published = _promise(whole, entry, ask)
    cells = [
        cards.cell(found.get(kpi["kpi"]), scope.link(path, ask, tier=tier), ask.profile, f"tier {tier}")
        for tier, found in tiers.items()
    ]
    return html.Tr(
        [
            html.Th(
                [dcc.Link(kpi["title"], href=scope.link(path, ask)), _unit(kpi), _pair(whole)],
                scope="row",
                title=kpi["definition"],
            ),
            html.Td(promised, className="promised", title=published),
            cards.cell(whole, scope.link(path, ask, tier=None), ask.profile),
            *cells,
            html.Td(changes.said(whole) if whole else "", className="change", title=changes.noise(whole or {})),
        ]
    )


def _promise(whole: Result | None, entry: Mapping[str, Any] | None, ask: Ask) -> tuple[Any, str]:
    """The target as the column shows it, and on hover who adopted it, or all that is published."""
    if whole is None or entry is None:
        return fmt.NOTHING, "no target"
    around = benchmarks.sentence(whole)
    if scope.is_benchmark(whole, ask.profile):
        return html.Span(benchmarks.short(whole), className="faint"), f"not adopted; {around}"
    who = benchmarks.adopted(entry) or benchmarks.asked(ask.profile, entry)
    return _promised(entry, whole), "; ".join(filter(None, (str(entry["text"]), who, around)))


def _promised(entry: Mapping[str, Any], whole: Result) -> str:
    """The target in a narrow column, with the tier where it speaks of one alone."""
    tier = scope.narrower(entry, whole).get("tier")
    return fmt.target(entry, whole) + ("" if tier is None else f", t{tier}")


def _pair(whole: Result | None) -> html.Div | None:
    """The partner that the KPI is read with, under its name."""
    told = changes.partner(whole or {})
    return html.Div(f"with {told}", className="note", title=changes.pair(whole or {})) if told else None


def _unit(kpi: Result) -> html.Span | None:
    words = fmt.unit_words(kpi)
    return html.Span(f" {words}", className="note") if words else None


def _budgets(snapshot: Snapshot, ask: Ask) -> html.Section:
    """Error budgets of the chosen scope: of each KPI the emptiest, the emptiest first."""
    here = scope.find(snapshot.results, ask.window, scope.wanted(ask)).values()
    found = [(one, entry) for one in here if (entry := sentences.lowest_budget(one, ask.profile)) is not None]
    found.sort(key=lambda pair: (pair[1]["budget"]["remaining"], pair[0]["title"]))
    rows = [_budget(one, entry, ask) for one, entry in found[:MOST_BUDGETS]]
    if not rows:
        return cards.panel("Error budgets", html.P("No target with an error budget in this scope.", className="calm"))
    return cards.panel("Error budgets", html.Ul(rows, className="budgets"), note="left · burn rate")


def _budget(one: Result, entry: Mapping[str, Any], ask: Ask) -> html.Li:
    left = entry["budget"]["remaining"]
    tier = scope.narrower(entry, one).get("tier")
    words = fmt.percent(left) if left >= 0 else "overspent"
    pace = f"{fmt.number(entry['budget']['burn_rate'])} ×" if entry["budget"].get("burn_rate") is not None else ""
    bar = html.Span(html.Span(style={"width": f"{100 * min(max(left, 0.0), 1.0):.1f}%"}), className="bar")
    head = [
        dcc.Link(one["title"], href=scope.link(f"/kpi/{one['kpi']}", ask)),
        html.Span(f"{fmt.target(entry, one)}{'' if tier is None else f', tier {tier}'}", className="note"),
    ]
    look = "spent" if left < 0 else ("low" if left < 0.25 else "fine")
    return html.Li(
        [html.Div(head), html.Div([bar, html.Span(words, className="left"), html.Span(pace, className="pace")])],
        className=look,
        title=f"{naming.profile(entry['profile'])}, row {entry['row']}: {entry['text']}",
    )


def _sources(snapshot: Snapshot) -> html.Section:
    from dashboards.pages.sources import state

    order = sorted(snapshot.sources, key=lambda one: (one.get("ok", True) and not one.get("stale"), one["name"]))
    rows = [html.Li([html.Span(one["name"]), html.Span(state(one), className="note")]) for one in order[:8]]
    more = [html.Li(dcc.Link(f"{len(order) - 8} more", href="/sources"))] if len(order) > 8 else []
    return cards.panel(
        "Sources",
        html.Ul([*rows, *more], className="mini") if order else "No source is connected.",
        note=dcc.Link("all", href="/sources"),
    )
