"""States and their roll-ups."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event

from slo.facts import Alias
from slo.store import Only, StateRow, Store

T = datetime(2026, 10, 5, tzinfo=UTC)
D1, D2, D3 = date(2026, 10, 5), date(2026, 10, 6), date(2026, 10, 7)
HOUR = timedelta(hours=1)


def merge(kpi: str, states: list[dict]) -> dict:
    return {
        "good": sum(state["good"] for state in states),
        "of": [name for state in states for name in state.get("of", [])],
    }


def row(asset: str | None, day: date, good: int, **more) -> StateRow:
    values = {"slice": "", "tier": 1, "team": "core", "domain": "sales", "environment": "production", **more}
    return StateRow(asset=asset, day=day, state={"good": good, "of": [asset] if asset else []}, **values)


def put(store: Store, assets, days, rows, kpi="k") -> None:
    with store.write() as tx:
        tx.put_states(kpi, assets, days, rows, merge=merge)


def goods(store: Store, **more) -> list[tuple]:
    return [(row.day, row.asset, row.state["good"]) for row in store.states("k", "", D1, D3, **more)]


def test_a_row_comes_back_as_it_was(store: Store):
    mine = row("a", D1, 3, valid_from=T, valid_until=T + HOUR, member="m")
    bare = StateRow(slice="", asset="b", day=D2, state={"good": 1})
    put(store, ["a", "b"], (D1, D3), [mine, bare])
    assert store.states("k", "", D1, D3, rollup=False) == [mine, bare]
    assert store.states("k", "", D1, D3, asset="a") == [mine]
    assert store.states("k", "", D2, D2, rollup=False) == [bare]
    assert store.states("k", "other", D1, D3, rollup=False) == store.states("nothing", "", D1, D3) == []


def test_rows_of_some_assets_or_dimensions_alone(store: Store):
    """What matches assets by itself may belong to any team: it is read along."""
    rows = [row("a", D1, 1), row("b", D1, 2, team="other"), row("c", D2, 4)]
    put(store, ["a", "b", "c"], (D1, D2), rows)
    put(
        store,
        None,
        (D1, D2),
        [row(None, D1, 8, team=None, matches=[["b", "other", None]]), row(None, D1, 16, team="x")],
    )
    of_core = Only(dims=lambda dim: dim[2] == "core")
    assert goods(store, rollup=False, only=of_core) == [(D1, None, 8), (D1, "a", 1), (D2, "c", 4)]
    assert goods(store, rollup=False, only=Only(assets=["b", "c", "unknown"])) == [(D1, "b", 2), (D2, "c", 4)]


def test_rows_of_assets_are_merged_a_day_and_dimension_in_order_of_their_names(store: Store):
    rows = [
        row("b", D1, 2, valid_from=T, valid_until=T + 3 * HOUR),
        row("a", D1, 1, valid_from=T + HOUR, valid_until=T + 2 * HOUR),
        row("c", D1, 4, tier=2), row("a", D2, 8), row("a", D1, 16, slice="by_start"),
    ]  # fmt: skip
    put(store, ["a", "b", "c"], (D1, D2), rows)
    first, second, third = store.states("k", "", D1, D3)
    assert (first.day, first.tier, first.state) == (D1, 1, {"good": 3, "of": ["a", "b"]})
    assert (first.asset, first.member, first.matches) == (None, None, None)
    assert (first.valid_from, first.valid_until) == (T + HOUR, T + 2 * HOUR)
    assert (first.team, first.domain, first.environment) == ("core", "sales", "production")
    assert (second.tier, second.state["good"], second.valid_from) == (2, 4, None)
    assert (third.day, third.state["good"]) == (D2, 8)


def test_the_platforms_own_rows_are_not_merged(store: Store):
    one = StateRow(slice="", asset=None, day=D1, tier=1, state={"good": 1}, member="i1", matches=[["a", "core", None]])
    two = StateRow(slice="", asset=None, day=D1, tier=1, state={"good": 2}, member="i2", matches=[])
    put(store, None, (D1, D1), [one, two])
    put(store, ["a"], (D1, D1), [row("a", D1, 5)])
    own, merged = [one, two], store.states("k", "", D1, D1)
    assert [found for found in merged if found.team is None] == own
    assert [found.state for found in merged if found.team == "core"] == [{"good": 5, "of": ["a"]}]
    assert len(merged) == 3
    assert store.states("k", "", D1, D1, rollup=False)[:2] == [one, two]


def test_putting_replaces_all_rows_of_the_units_and_no_others(store: Store):
    put(store, ["a", "b"], (D1, D3), [row("a", D1, 1), row("a", D2, 2), row("b", D1, 4), row("b", D3, 8)])
    put(store, None, (D1, D3), [row(None, D1, 100)])
    put(store, ["a"], (D1, D1), [row("a", D1, 16), row("a", D1, 32, tier=3)])
    assert goods(store, rollup=False) == [
        (D1, None, 100), (D1, "a", 16), (D1, "a", 32), (D1, "b", 4), (D2, "a", 2), (D3, "b", 8),
    ]  # fmt: skip
    assert sorted(goods(store)) == [(D1, None, 20), (D1, None, 32), (D1, None, 100), (D2, None, 2), (D3, None, 8)]
    put(store, ["a"], (D1, None), [])
    assert goods(store, rollup=False) == [(D1, None, 100), (D1, "b", 4), (D3, "b", 8)]
    assert sorted(goods(store)) == [(D1, None, 4), (D1, None, 100), (D3, None, 8)]
    put(store, None, (D1, D1), [])
    assert goods(store, rollup=False) == [(D1, "b", 4), (D3, "b", 8)]


def test_an_emptied_roll_up_is_gone(store: Store):
    put(store, ["a"], (D1, D1), [row("a", D1, 1)])
    put(store, ["a"], (D1, D1), [])
    assert goods(store) == []


def test_a_row_of_another_unit_is_refused(store: Store):
    for assets, wrong in (
        (["a"], row("b", D1, 1)),
        (["a"], row("a", D3, 1)),
        (None, row("a", D1, 1)),
        (["a"], row(None, D1, 1)),
    ):
        with pytest.raises(ValueError, match="is not of the units that are replaced"):
            put(store, assets, (D1, D2), [wrong])


def test_only_what_differs_is_merged_anew(store: Store):
    merged: list[list[str]] = []

    def watched(kpi: str, states: list[dict]) -> dict:
        merged.append([state["of"][0] for state in states])
        return merge(kpi, states)

    rows = [row("a", D1, 1), row("b", D1, 2), row("a", D2, 4), row("b", D2, 8)]
    put(store, ["a", "b"], (D1, D2), rows)
    with store.write() as tx:
        tx.put_states("k", ["a", "b"], (D1, D2), [*rows[:3], row("b", D2, 9)], merge=watched)
    assert merged == [["a", "b"]]
    assert goods(store) == [(D1, None, 3), (D2, None, 13)]


def test_states_that_are_the_same_are_not_written_again(store: Store):
    rows = [row("a", D1, 1), row("a", D1, 1), row("b", D1, 2)]
    put(store, ["a", "b"], (D1, D1), rows)
    written = []
    event.listen(store._engine, "before_cursor_execute", lambda c, cur, sql, *_: written.append(sql.split()[0]))
    put(store, ["a", "b"], (D1, D1), rows)
    assert not {"INSERT", "DELETE", "UPDATE"} & set(written)
    assert goods(store, rollup=False) == [(D1, "a", 1), (D1, "a", 1), (D1, "b", 2)]


def test_several_puts_of_one_transaction_make_a_roll_up_once(store: Store):
    calls = []
    with store.write() as tx:
        for name in "abc":
            tx.put_states("k", [name], (D1, D1), [row(name, D1, 1)], merge=lambda k, s: calls.append(k) or merge(k, s))
    assert (calls, goods(store)) == (["k"], [(D1, None, 3)])


def test_clearing_a_kpi_leaves_the_others(store: Store):
    put(store, ["a"], (D1, D1), [row("a", D1, 1)])
    put(store, ["a"], (D1, D1), [row("a", D1, 2)], kpi="other")
    with store.write() as tx:
        tx.put_states("k", ["a"], (D2, D2), [row("a", D2, 1)], merge=merge)
        tx.clear_states("k")
    assert goods(store) == goods(store, rollup=False) == []
    assert [row.state["good"] for row in store.states("other", "", D1, D3)] == [2]


def test_a_failed_transaction_leaves_states_and_roll_ups_as_they_were(store: Store):
    put(store, ["a"], (D1, D1), [row("a", D1, 1)])
    with pytest.raises(ZeroDivisionError), store.write() as tx:
        tx.put_states("k", ["a", "new"], (D1, D1), [row("a", D1, 7), row("new", D1, 7)], merge=lambda k, s: 1 / 0)
    assert (goods(store), goods(store, rollup=False)) == ([(D1, None, 1)], [(D1, "a", 1)])
    put(store, ["newer"], (D1, D1), [row("newer", D1, 2)])
    assert goods(store, rollup=False) == [(D1, "a", 1), (D1, "newer", 2)]


def test_expiring_units(store: Store):
    rows = [
        row("a", D1, 1, valid_until=T + HOUR), row("a", D1, 2, tier=2, valid_until=T),
        row("b", D2, 1, valid_until=T + 2 * HOUR),
        row("c", D1, 1),
    ]  # fmt: skip
    put(store, ["a", "b", "c"], (D1, D2), rows)
    put(store, None, (D3, D3), [row(None, D3, 1, valid_until=T)])
    assert store.expiring("k", T - HOUR) == []
    assert store.expiring("k", T) == [("a", D1), (None, D3)]
    assert store.expiring("k", T + 2 * HOUR) == [("a", D1), ("b", D2), (None, D3)]


def test_states_keep_the_name_they_were_put_under(store: Store):
    put(store, ["old", "new"], (D1, D1), [row("old", D1, 1), row("new", D1, 2)])
    store.upsert([Alias(source="f", id="1", old="old", new="new")])
    assert goods(store, rollup=False) == [(D1, "new", 2), (D1, "old", 1)]
    put(store, ["old"], (D1, None), [])
    assert goods(store, rollup=False) == [(D1, "new", 2)]
