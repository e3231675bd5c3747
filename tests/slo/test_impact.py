"""What rests on an asset: exposures, assets downstream, queries; in a lineage drawn by hand."""

from __future__ import annotations

from slo.lineage.graph import Graph
from slo.lineage.impact import Impact, Weight
from slo.platform import Platform
from slo.store import Store
from slo.view import View
from tests.slo.tellings import HOUR, START, fact

DAY = 24 * HOUR
EDGES = [("raw", "a"), ("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("d", "board"), ("d", "a"), ("x", "x")]
"""A diamond with a circle back to its head; x feeds itself."""


def edge(up: str, down: str, **more: object) -> object:
    return fact("edge", f"{up}>{down}", upstream=up, downstream=down, seen_at=START, **more)


def view(store: Store) -> View:
    return View(store, Platform(), START + 30 * DAY)


def test_everything_below_is_counted_once_and_never_the_asset_itself() -> None:
    graph = Graph(EDGES)
    assert graph.below("raw") == {"a", "b", "c", "d", "board"}
    assert graph.below("a") == {"b", "c", "d", "board"}
    assert (graph.below("board"), graph.below("x"), graph.below("nobody")) == (set(), set(), set())
    assert graph.parents("d") == {"b", "c"}


def test_edges_that_are_gone_or_still_to_come_do_not_stand(store: Store) -> None:
    store.upsert([
        edge("a", "b"), edge("a", "c", gone_at=START + DAY), edge("a", "d", gone_at=START + 40 * DAY),
        fact("edge", "late", upstream="a", downstream="e", seen_at=START + 31 * DAY),
        fact("alias", "1", old="b", new="bb"),
    ])  # fmt: skip
    assert Graph.of(view(store)).below("a") == {"bb", "d"}


def test_points_are_an_exposure_ten_an_asset_one_a_tenfold_of_queries_five() -> None:
    assert Weight(("board", "app"), 3, 1000).score == 20 + 3 + 15
    assert [Weight(queries=count).score for count in (0, 0.5, 1, 10, 40)] == [0, 0, 0, 5, 8]
    assert Weight(("board",), 2, 1).words() == ["1 exposure downstream", "2 assets downstream", "1 query in 28 days"]
    assert Weight((), 1, 12345).words() == ["1 asset downstream", "12,345 queries in 28 days"]


def test_assets_are_ranked_by_what_rests_on_them(store: Store) -> None:
    names = {"raw": "dataset", "a": "dataset", "b": "dataset", "c": "dataset", "d": "dataset", "dag": "pipeline"}
    store.upsert([
        *(fact("asset", name, asset=name, kind=kind) for name, kind in names.items()),
        fact("asset", "board", asset="board", kind="workload", tags=["exposure:dashboard"]),
        fact("asset", "old", asset="old", kind="dataset", retired=True),
        *(edge(up, down) for up, down in EDGES if up != "x"),
        fact("meter", "1", asset="dag", at=START + 2 * DAY, meter="queries", amount=60.0),
        fact("meter", "2", asset="dag", at=START + 9 * DAY, meter="queries", amount=40.0),
        fact("meter", "3", asset="dag", at=START, meter="queries", amount=900.0),
        fact("meter", "4", asset="b", at=START + 9 * DAY, meter="cost", amount=900.0),
    ])  # fmt: skip
    impact = Impact(view(store))
    assert [(name, weight.score) for name, weight in impact.ranked()] == [
        ("raw", 14), ("a", 13), ("b", 13), ("c", 13), ("d", 13), ("dag", 10), ("board", 0),
    ]  # fmt: skip
    assert impact.weight("dag") == Weight((), 0, 100.0), "28 days back: the first reading is older"
    assert impact.weight("d") == Weight(("board",), 3, 0.0), "the circle leads back over a to b and c"
    assert [name for name, _ in impact.ranked(("pipeline", "workload"))] == ["dag", "board"]
