"""Marks: what is to be worked out anew."""

from datetime import date

from slo.store import Mark, Store


def day(number: int) -> date:
    return date(2026, 10, number)


def marked(store: Store, *spans: tuple, kpi: str = "k", asset: str | None = "a") -> None:
    with store.write() as tx:
        tx.mark(kpi, [Mark(asset, day(first), last and day(last)) for first, last in spans])


def found(store: Store, kpi: str = "k", limit: int = 100) -> list[tuple]:
    with store.write() as tx:
        return [(mark.asset, mark.first.day, mark.last and mark.last.day) for mark in tx.marks(kpi, limit)]


def test_marks_that_overlap_or_touch_are_one(store: Store):
    marked(store, (1, 3), (10, 12))
    marked(store, (3, 5), (6, 7), (20, 20))
    assert found(store) == [("a", 10, 12), ("a", 1, 7), ("a", 20, 20)]
    marked(store, (8, 9))
    assert found(store) == [("a", 20, 20), ("a", 1, 12)]


def test_a_mark_to_the_end_swallows_what_follows(store: Store):
    marked(store, (5, 6), (20, 21))
    marked(store, (7, None))
    assert found(store) == [("a", 5, None)]
    marked(store, (1, 2), (9, 9))
    assert found(store) == [("a", 1, 2), ("a", 5, None)]


def test_units_are_kept_apart(store: Store):
    marked(store, (1, 1))
    marked(store, (2, 2), asset=None)
    marked(store, (2, 2), asset="b")
    marked(store, (2, 2), kpi="other")
    assert found(store) == [("a", 1, 1), (None, 2, 2), ("b", 2, 2)]
    assert found(store, "other") == [("a", 2, 2)]
    assert found(store, limit=2) == [("a", 1, 1), (None, 2, 2)]
    assert found(store, "unknown") == []


def test_unmarking_takes_away_what_was_seen_and_nothing_that_came_after(store: Store):
    marked(store, (1, 9))
    with store.write() as tx:
        seen = tx.marks("k", 10)
    marked(store, (5, 5))  # told while the marks seen were worked on
    with store.write() as tx:
        tx.unmark("k", [mark.id for mark in seen])
    assert found(store) == [("a", 1, 9)]
    with store.write() as tx:
        tx.unmark("other", [mark.id for mark in tx.marks("k", 10)])
        assert len(tx.marks("k", 10)) == 1
        tx.unmark("k", [mark.id for mark in tx.marks("k", 10)])
    assert found(store) == []


def test_the_same_day_marked_by_every_fact_of_a_batch_is_one_mark(store: Store):
    with store.write() as tx:
        tx.mark("k", [Mark(f"a{n % 3}", day(1), day(1)) for n in range(3000)])
    assert found(store) == [("a0", 1, 1), ("a1", 1, 1), ("a2", 1, 1)]


def test_nothing_marked_is_nothing(store: Store):
    marked(store)
    assert found(store) == []
