"""Each measure worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest

from slo.measure import Change, Count, Distinct, Item, Quotient, Ratio, Register, Score, Share
from slo.measure.grouped import middle

AT = datetime(2026, 11, 2, tzinfo=UTC)
LATER = AT + timedelta(hours=1)


def test_ratio() -> None:
    state = Ratio.of([
        Item(at=AT, good=7), Item(at=AT, bad=1), Item(at=AT, unseen=2), Item(at=AT, unjudged=3),
        Item(at=AT, bad=1, excluded="vendor"), Item(at=AT, good=4, excluded="vendor"),
        Item(at=AT, bad=5, excluded="maintenance"), Item(at=AT, other=1, excluded="skipped"),
    ])  # fmt: skip
    assert (state.good, state.bad, state.total, state.unknown, state.excluded_total) == (7, 1, 8, 5, 11)
    assert state.excluded == {"vendor": (4, 1, 0), "maintenance": (0, 5, 0), "skipped": (0, 0, 1)}
    assert state.coverage == 8 / 10


def test_ratio_as_felt_puts_back_what_others_are_to_blame_for() -> None:
    state = Ratio(8, 1, excluded={"vendor": (4, 2, 1), "upstream": (0, 1, 0), "maintenance": (0, 5, 0)})
    felt = state.as_felt()
    assert (felt.good, felt.bad, felt.excluded) == (12, 4, {"maintenance": (0, 5, 0)})
    assert (state.good, state.bad) == (8, 1)


def test_ratio_as_ours_leaves_out_what_others_answer_for() -> None:
    state = Ratio.of([
        Item(at=AT, good=7), Item(at=AT, bad=1, responsible="platform"), Item(at=AT, bad=2, responsible="domain"),
        Item(at=AT, good=3, responsible="domain"), Item(at=AT, bad=4, responsible="vendor"),
        Item(at=AT, bad=8, responsible="vendor", excluded="vendor"), Item(at=AT, unseen=16, responsible="vendor"),
    ])  # fmt: skip
    assert (state.good, state.bad) == (10, 7)
    assert state.others == {"domain": (3, 2), "vendor": (0, 4)}
    assert (state.ours().good, state.ours().bad, state.ours().others) == (7, 1, {})
    assert state.merge(Ratio(1, 1, others={"vendor": (1, 1)})).others == {"domain": (3, 2), "vendor": (1, 5)}
    assert Ratio.from_json(state.to_json()) == state


def test_ratio_of_nothing_expected_has_no_coverage() -> None:
    assert Ratio(unjudged=4).coverage is None
    assert Ratio(unseen=4).coverage == 0


def test_quotient() -> None:
    state = Quotient.of([Item(at=AT, value=0.1), Item(at=AT, value=0.2), Item(at=AT, over=Fraction(3, 2))])
    assert state.value == (Fraction(0.1) + Fraction(0.2)) / Fraction(3, 2)


def test_a_quotient_needs_both_sides_told() -> None:
    assert Quotient.of([Item(at=AT, value=5)]).value is None
    assert Quotient.of([Item(at=AT, over=5)]).value is None
    assert Quotient.of([Item(at=AT, value=5, over=0)]).value is None
    assert Quotient.of([Item(at=AT, value=0, over=5)]).value == 0


def test_quotient_keeps_apart_what_is_left_out() -> None:
    items = [Item(at=AT, value=9, excluded="tax"), Item(at=AT, value=-2, excluded="credit"), Item(at=AT, unseen=1)]
    state = Quotient.of(items)
    assert (state.numerator, state.unknown) == (None, 1)
    assert state.excluded == {"tax": 9, "credit": -2}


def test_count() -> None:
    state = Count.of([Item(at=AT, value=1.5), Item(at=AT, value=0), Item(at=AT, value=3, excluded="agreed")])
    assert (state.total, state.n, state.excluded) == (Fraction(3, 2), 2, {"agreed": 1})


def test_distinct() -> None:
    keys = ["a", "b", "a", None]
    items = [*(Item(at=AT, key=key) for key in keys), Item(at=AT, key="c", excluded="agreed")]
    assert Distinct.of(items).keys == {"a", "b"}


def test_distinct_counts_what_is_left() -> None:
    """Two tell a and one takes it back: a is left. b was taken back as often as told."""
    told = [Item(at=AT, key=key, sign=sign) for key, sign in (("a", 1), ("b", -1), ("a", 1), ("a", -1), ("b", 1))]
    state = Distinct.of(told)
    assert state.keys == {"a"} == Distinct.of(told[:2]).merge(Distinct.of(told[2:])).keys
    assert state.only({"b"}).keys == set()


def test_a_register_adds_up_what_changed() -> None:
    """One was bad, then good, then was left out; another is good: 1 of 1, and one good left out. In any order."""
    items = [
        Item(at=AT, bad=1, beside={"tier": 1}), Item(at=AT, bad=1, beside={"tier": 1}, sign=-1),
        Item(at=AT, good=1, beside={"tier": 1, "owner": 1}),
        Item(at=LATER, good=1, beside={"tier": 1, "owner": 1}, sign=-1),
        Item(at=LATER, good=1, beside={"tier": 1, "owner": 1}, excluded="agreed"),
        Item(at=LATER, good=1, beside={"owner": 1}),
    ]  # fmt: skip
    for told in (items, items[::-1]):
        state = Register.of(told)
        assert (state.good, state.bad, state.excluded, state.beside) == (1, 0, {"agreed": (1, 0, 0)}, {"owner": 1})
    assert Register.of(items[:2]) == Register()


def test_share_judges_each_asset_by_itself() -> None:
    """99 of 100 in one asset don't outweigh 1 of 2 in another: one of two keeps its objective, one is too little
    seen."""
    state = Share.of([
        Item(at=AT, asset="big", good=99), Item(at=AT, asset="big", bad=1),
        Item(at=AT, asset="small", good=1, bad=1), Item(at=AT, asset="x", key="dark", unseen=1),
    ])  # fmt: skip
    verdict = state.judged(lambda _, ratio: ratio.good / ratio.total >= 0.9 if ratio.total else None)
    assert (verdict.good, verdict.bad, verdict.unseen) == (1, 1, 1)
    assert state.assets["dark"].unseen == 1


def _runs(**seconds: list[float]) -> Change:
    return Change.of(Item(at=AT, asset=asset, value=value) for asset, told in seconds.items() for value in told)


def test_change_compares_each_asset_with_itself() -> None:
    """a went from 100 to 80, b from 10 to 12; c is new, d has too few: -20 %, +20 %, and their median 0."""
    before = _runs(a=[100, 100], b=[10, 10], d=[5])
    now = _runs(a=[80, 80], b=[12, 12], c=[1, 1], d=[1, 1])
    changes = now.against(before, 0.95, 2)
    assert changes == {"a": pytest.approx(-0.2), "b": pytest.approx(0.2)}
    assert middle(changes) == pytest.approx(0, abs=1e-12)
    assert middle({}) is None


def test_change_from_nothing_is_no_change() -> None:
    assert _runs(a=[5, 5]).against(_runs(a=[0, 0]), 0.5, 2) == {}


def test_score() -> None:
    """Promoters gave 9 or 10, detractors 0 to 6: two and one of four."""
    state = Score.of(Item(at=AT, value=value) for value in (10, 9, 7, 6))
    assert (state.n, state.mean, state.promoters, state.detractors, state.nps) == (4, 8, 2, 1, 25)
    assert (Score().mean, Score().nps) == (None, None)
