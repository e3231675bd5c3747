"""What spent an error budget: its bad ones by asset, team, tier and who answers for them, as parts that add up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from dash import dcc, html

from dashboards import format as fmt
from dashboards.parts import cards
from dashboards.reading import scope
from dashboards.reading.reader import Ask
from dashboards.wording import budgets

Budget = Mapping[str, Any]
NAMELESS = {"none": "none told", "several": "several", "not parted": "not parted"}
CUTS = (("asset", "By asset"), ("team", "By team"), ("tier", "By tier"), ("responsible", "By who answers for it"))


def panels(one: Budget, ask: Ask) -> list[Any]:
    """By asset, team, tier and who answers, each where it says something."""
    cuts = [(by, words, one["spenders"][by]) for by, words in CUTS if one["spenders"][by]["lines"]]
    told = [(by, words, found) for by, words, found in cuts if _tells(found, by == "asset")]
    if not told:
        why = "Nothing names what spent it." if one["bad"] else "Nothing bad was counted."
        return [cards.panel("What spent it", html.P(why, className="calm"))]
    first, *rest = told
    small = [_spent(*cut, one, ask) for cut in rest]
    return [_spent(*first, one, ask), *([html.Div(small, className="beside")] if small else [])]


def _tells(found: Mapping[str, Any], alone: bool) -> bool:
    """Whether a cut names anybody; one group alone says something of an asset only."""
    named = [line for line in found["lines"] if line["key"] not in NAMELESS]
    return bool(named) and (alone or len(found["lines"]) > 1)


def _spent(by: str, words: str, found: Mapping[str, Any], one: Budget, ask: Ask) -> html.Section:
    bad = "time" if one["seconds"] else budgets.many(one["nouns"][1])
    heads = [words.removeprefix("By ").removeprefix("who "), bad, "share", "of the budget"]
    heads += ["facts"] if by == "asset" else []
    rows = [_line(by, line, one, ask) for line in found["lines"]]
    if found["rest"]:
        rest = found["rest"]
        rows.append([f"{fmt.count(rest['groups'])} others", *_amounts(rest, one), *([""] if by == "asset" else [])])
    table = cards.table(heads, rows, right=(1, 2, 3), caption=f"what spent it, {words.lower()}")
    name = "What spent it" if by == "asset" else words
    return cards.panel(name, table, className="flush", take=f"{one['kpi']}-spent-by-{by}")


def _line(by: str, line: Mapping[str, Any], one: Budget, ask: Ask) -> list[Any]:
    key = line["key"]
    named = isinstance(key, str) and key not in NAMELESS
    if by == "asset" and named:
        here = scope.link(f"/kpi/{one['kpi']}", ask, asset=key)
        return [
            dcc.Link(cards.name(key), href=f"/assets/{quote(key)}"),
            *_amounts(line, one),
            dcc.Link("its facts", href=here),
        ]
    if by == "team" and named:
        return [dcc.Link(cards.name(key), href=scope.link(f"/slo/{one['kpi']}", ask, team=key)), *_amounts(line, one)]
    words = NAMELESS.get(key) or (f"tier {key}" if by == "tier" else str(key))
    every: list[Any] = [dcc.Link("all facts", href=scope.link(f"/kpi/{one['kpi']}", ask))] if by == "asset" else []
    return [words, *_amounts(line, one), *every]


def _amounts(line: Mapping[str, Any], one: Budget) -> list[Any]:
    bad = fmt.duration(line["bad"]) if one["seconds"] else fmt.count(line["bad"])
    of = line["of_budget"]
    return [
        cards.figure_cell(bad, line["bad"]),
        cards.figure_cell(fmt.percent(line["share"]), line["share"]),
        cards.figure_cell(fmt.NOTHING if of is None else fmt.percent(of), of),
    ]
