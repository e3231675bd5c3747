"""Whose an asset looks like: what its owner, its tags, a CODEOWNERS file, its relatives and its neighbours say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from slo.facts import INFERRED
from slo.lineage.graph import Graph
from slo.lineage.kin import Kin, own
from slo.suggest import ABOUT_ASSETS, APPLY, Given, Row, Suggestion, about, ranked, sentence

TAGGED, OWNER, CODEOWNED, RELATED, NEIGHBOURS = 40, 35, 30, 20, 10
"""Points of who says so; neighbours by the share of them that agree."""
FEWEST_NEIGHBOURS = 2

_TAG = re.compile(r"(?:[\w.]+\.)?(?:team|owner|owned_by)[ :=]+(.+)", re.IGNORECASE)


class Owners(Suggestion):
    name = "owners"
    columns = ("asset", "owner", "team", *ABOUT_ASSETS)
    title = "Owners and teams of assets"
    connect = (
        "Nothing says whose any asset without a team is: connect dbt (groups, owners), github (CODEOWNERS), Airflow "
        "(DAG owners) or a warehouse with tags, or fill in the columns owner and team of a critical.csv."
    )
    use = APPLY

    def rows(self, given: Given) -> list[Row]:
        kin, graph = Kin(given.view), Graph.of(given.view)
        names = [name for name, _ in given.impact.ranked()]
        return ranked([row for name in names if (row := _proposed(given, kin, graph, name)) is not None])


def _proposed(given: Given, kin: Kin, graph: Graph, asset: str) -> Row | None:
    """The team that most speaks for, where the asset has none of its own; None without evidence."""
    history, t = given.view.history(asset), given.view.as_of
    if own(history, "team", t) is not None:
        return None
    points: Counter[str] = Counter()
    said: dict[str, list[str]] = {}
    for team, weight, words in _signs(given, kin, graph, asset):
        points[team] += weight
        said.setdefault(team, []).append(words)
    if not points:
        return None
    team = max(sorted(points), key=lambda name: points[name])
    owner = team if own(history, "owner", t) is None else None
    return about(given, asset, "team", {"owner": owner, "team": team}, sentence(said[team]), points[team])


def _signs(given: Given, kin: Kin, graph: Graph, asset: str) -> Iterator[tuple[str, int, str]]:
    """(team, points, words) of everything that speaks."""
    history, t = given.view.history(asset), given.view.as_of
    for tag in history.get("tags", t) or ():
        if match := _TAG.fullmatch(tag):
            yield match[1].strip(), TAGGED, f"the tag {tag}"
    told = history.told(t).get("owner")
    if told is not None and told.source != INFERRED:
        yield told.value, OWNER, f"its owner is {told.value}, as {told.source} tells it"
    owned = given.owned(asset, history.get("kind", t))
    if owned is not None:
        yield owned[0], CODEOWNED, owned[1]
    related = kin.inherited(asset, "team", t)
    if related is not None:
        yield related.value, RELATED, related.how
    yield from _neighbours(given, graph, asset)


def _neighbours(given: Given, graph: Graph, asset: str) -> Iterator[tuple[str, int, str]]:
    """The team to which most of what feeds it, and of what it feeds, belongs."""
    beside = graph.parents(asset) | graph.children(asset)
    teams = [own(given.view.history(name), "team", given.view.as_of) for name in sorted(beside)]
    known = Counter(team for team in teams if team is not None)
    for team, count in known.most_common(1):
        if count >= FEWEST_NEIGHBOURS and 2 * count > len(beside):
            words = f"{count} of its {len(beside)} neighbours in the lineage belong to {team}"
            yield team, round(NEIGHBOURS * count / len(beside)), words
