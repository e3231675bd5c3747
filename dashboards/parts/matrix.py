"""The overview's matrix: KPI by tier, with target and change; a chosen team or domain stands in one column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from dash import dcc, html

from dashboards import format as fmt
from dashboards.parts import cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Snapshot
from dashboards.wording import benchmarks, changes

Result = Mapping[str, Any]
TIERS = (0, 1, 2, 3)


@dataclass(frozen=True)
class Cut:
    """The results of a window by KPI: of the whole, and of every tier that has a column."""

    ask: Ask
    whole: Mapping[str, Result]
    tiers: Mapping[int, Mapping[str, Result]]


def panel(snapshot: Snapshot, ask: Ask) -> html.Section:
    """KPI by tier; a chosen team or domain stands in the first column alone (the snapshot cuts one way at a time)."""
    base = scope.wanted(ask)
    whole = scope.find(snapshot, ask.window, {key: base[key] for key in base if key != "tier"})
    tiers = {tier: scope.find(snapshot, ask.window, {"tier": tier}) for tier in TIERS}
    shown: tuple[int, ...] = TIERS if ask.tier is None else (ask.tier,)
    if ask.team or ask.domain:
        shown = ()
    first = scope.said(Ask(team=ask.team, domain=ask.domain)).removeprefix("the whole ")
    heads = ["KPI", "target", first, *(f"tier {tier}" for tier in shown), "change"]
    head = html.Thead(html.Tr([html.Th(word, scope="col", className=f"c{place}") for place, word in enumerate(heads)]))
    shown_kpis = [one for one in scope.kpis(snapshot) if one["status"] != "not set up"]
    if not shown_kpis:
        told = "No source that is connected tells what a KPI needs."
        return cards.panel(
            "By KPI", cards.empty(told, dcc.Link("What each one needs", href=scope.link("/coverage", ask)))
        )
    cut = Cut(ask, whole, {tier: tiers[tier] for tier in shown})
    inside, others = scope.split(shown_kpis, snapshot.profile, ask.profile)
    note = f"{scope.period(ask.window)}; change against the window before{_as_asked(whole, ask)}"
    parts = [
        html.Table([head, *_body(inside, cut)], className=f"matrix t{len(shown)}"),
        _others(others, html.Table([head, *_body(others, cut, sparks=False)], className=f"matrix t{len(shown)}")),
        _untiered(snapshot) if shown else None,
    ]
    return cards.panel("By tier" if shown else "By KPI", parts, className="flush", note=note)


def _as_asked(whole: Mapping[str, Result], ask: Ask) -> str:
    """Of a profile that was asked for, how much nobody has adopted."""
    own = [one for result in whole.values() for one in scope.targets(result, ask.profile)] if ask.profile else []
    left = sum(1 for one in own if not one.get("adopted"))
    return f"; {left} of {fmt.plural(len(own), 'target')} {benchmarks.UNADOPTED}" if left else ""


def _body(kpis: Sequence[Result], cut: Cut, sparks: bool = True) -> list[html.Tbody]:
    groups = groupby(kpis, key=lambda one: one["family"])
    return [_family(name, list(members), cut, sparks) for name, members in groups]


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


def _family(name: str, kpis: Sequence[Result], cut: Cut, sparks: bool) -> html.Tbody:
    head = html.Tr(html.Th(name, colSpan=len(cut.tiers) + 4, scope="rowgroup"), className="family")
    return html.Tbody([head, *(_row(one, cut, sparks) for one in kpis)])


def _row(kpi: Result, cut: Cut, sparks: bool) -> html.Tr:
    path, ask, whole = f"/kpi/{kpi['kpi']}", cut.ask, cut.whole.get(kpi["kpi"])
    entry = scope.headline(whole, ask.profile) if whole else None
    promised, published = _promise(whole, entry, ask)
    cells = [
        cards.cell(found.get(kpi["kpi"]), scope.link(path, ask, tier=tier), ask.profile, f"tier {tier}", sparks)
        for tier, found in cut.tiers.items()
    ]
    return html.Tr(
        [
            html.Th(
                [dcc.Link(kpi["title"], href=scope.link(path, ask)), _unit(kpi), _pair(whole)],
                scope="row",
                title=kpi["definition"],
            ),
            html.Td(promised, className="promised", title=published),
            cards.cell(whole, scope.link(path, ask, tier=None), ask.profile, spark=sparks),
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
