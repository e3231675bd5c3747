"""Identity, the latest telling, deletion."""

from datetime import UTC, datetime, timedelta, timezone

from slo.facts import Asset, Run
from slo.store import Counts, Store

T = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)


def run(state: str | None = "success", revised: int | None = None, id: str = "1", **more) -> Run:
    revised_at = None if revised is None else T + timedelta(minutes=revised)
    return Run(source="s", id=id, asset="a/b", state=state, due_at=T, revised_at=revised_at, **more)


def gone(revised: int | None = None) -> Run:
    return Run(source="s", id="1", deleted=True, revised_at=None if revised is None else T + timedelta(minutes=revised))


def states(store: Store) -> list[str]:
    return [fact.state for fact in store.read("run")]


def test_the_same_told_twice_is_unchanged(store: Store):
    assert store.upsert([run()]) == Counts(stored=1)
    assert store.upsert([run()]) == Counts(unchanged=1)
    assert store.upsert([run(), run()]) == Counts(unchanged=2)
    with store.write() as tx:
        assert len(tx.changes(10)) == 1


def test_the_latest_revision_wins_in_whatever_order(store: Store):
    assert store.upsert([run("failed", 2)]) == Counts(stored=1)
    assert store.upsert([run("success", 1)]) == Counts(superseded=1)
    assert states(store) == ["failed"]
    assert store.upsert([run("cancelled", 3), run("skipped", 1)]) == Counts(stored=1, superseded=1)
    assert states(store) == ["cancelled"]


def test_no_revision_sorts_below_any(store: Store):
    store.upsert([run("failed", 1)])
    assert store.upsert([run("success")]) == Counts(superseded=1)
    assert states(store) == ["failed"]


def test_of_equal_revisions_the_last_to_arrive_wins(store: Store):
    store.upsert([run("failed", 1), run("success", 1)])
    assert states(store) == ["success"]
    store.upsert([run("skipped", 1)])
    assert states(store) == ["skipped"]


def test_without_revisions_the_last_to_arrive_wins(store: Store):
    assert store.upsert([run("failed"), run("success"), run("failed")]) == Counts(stored=3)
    assert states(store) == ["failed"]


def test_revisions_are_compared_as_instants_not_as_texts(store: Store):
    late = datetime(2026, 10, 5, 12, 0, tzinfo=timezone(timedelta(hours=2)))  # 10:00 UTC
    store.upsert([Run(source="s", id="1", asset="a", state="failed", revised_at=late)])
    earlier = datetime(
        2026, 10, 5, 11, 0, tzinfo=timezone(timedelta(hours=5))
    )  # 06:00 UTC, though it reads later than 10:00
    assert store.upsert([Run(source="s", id="1", asset="a", state="success", revised_at=earlier)]) == Counts(
        superseded=1
    )


def test_a_newer_revision_of_the_same_content_is_no_change_but_is_remembered(store: Store):
    store.upsert([run("failed", 1)])
    assert store.upsert([run("failed", 5)]) == Counts(unchanged=1)
    assert store.upsert([run("success", 3)]) == Counts(superseded=1)
    assert store.read("run") == [run("failed", 5)]
    with store.write() as tx:
        assert len(tx.changes(10)) == 1


def test_the_same_id_of_another_source_or_kind_is_another_fact(store: Store):
    other = Run(source="t", id="1", asset="a/b", state="failed", due_at=T)
    store.upsert([run(), other, Asset(source="s", id="1", asset="a/b")])
    assert store.counts() == {"run": 2, "asset": 1}
    assert store.read("run") == [run(), other]


def test_a_deleted_fact_is_left_out(store: Store):
    store.upsert([run(revised=1), run(id="2")])
    assert store.upsert([gone(2)]) == Counts(stored=1)
    assert [fact.id for fact in store.read("run")] == ["2"]
    assert store.upsert([gone(2)]) == Counts(unchanged=1)


def test_an_older_telling_does_not_resurrect(store: Store):
    store.upsert([run(revised=1), gone(5)])
    assert store.upsert([run("failed", 4)]) == Counts(superseded=1)
    assert states(store) == []


def test_a_newer_telling_does_resurrect(store: Store):
    store.upsert([run(revised=1), gone(5)])
    assert store.upsert([run("failed", 6)]) == Counts(stored=1)
    assert states(store) == ["failed"]


def test_a_deletion_of_what_was_never_told_holds(store: Store):
    assert store.upsert([gone(5)]) == Counts(stored=1)
    assert store.upsert([run("failed", 4)]) == Counts(superseded=1)
    assert states(store) == []
    with store.write() as tx:
        assert tx.changes(10) == []


def test_an_older_deletion_deletes_nothing(store: Store):
    store.upsert([run(revised=5)])
    assert store.upsert([gone(4)]) == Counts(superseded=1)
    assert states(store) == ["success"]


def asset(tier: int, revised: int) -> Asset:
    return Asset(source="s", id="a", asset="x/y", tier=tier, valid_from=T, revised_at=T + timedelta(minutes=revised))


def test_a_deleted_asset_is_read_with_its_last_content(store: Store):
    deletion = T + timedelta(minutes=9)
    store.upsert([asset(1, 1), asset(2, 2), Asset(source="s", id="a", deleted=True, revised_at=deletion)])
    expected = Asset(source="s", id="a", asset="x/y", tier=2, valid_from=T, revised_at=deletion, deleted=True)
    assert store.read("asset") == [expected]
    assert store.counts() == {"asset": 0}


def test_the_content_a_deletion_keeps_does_not_depend_on_the_order(store: Store):
    deletion = Asset(source="s", id="a", deleted=True, revised_at=T + timedelta(minutes=9))
    expected = Asset(
        source="s", id="a", asset="x/y", tier=2, valid_from=T, revised_at=T + timedelta(minutes=9), deleted=True
    )
    assert store.upsert([deletion]) == Counts(stored=1)
    assert store.read("asset") == []
    assert store.upsert([asset(2, 2)]) == Counts(stored=1)
    assert store.read("asset") == [expected]
    assert store.upsert([asset(1, 1), asset(2, 2)]) == Counts(superseded=2)
    assert store.read("asset") == [expected]


def test_many_tellings_of_one_fact_in_one_batch_are_one_row(store: Store):
    tellings = [run("failed" if n % 2 else "success", n * 7 % 10) for n in range(10)]
    store.upsert(tellings)
    assert store.read("run") == [max(tellings, key=lambda fact: fact.revised_at)]
    with store.write() as tx:
        assert len(tx.changes(10)) == 1


def test_more_facts_than_a_batch(store: Store):
    from slo.store.writing import BATCH

    facts = (run(id=str(n)) for n in range(BATCH * 2 + 3))
    assert store.upsert(facts) == Counts(stored=BATCH * 2 + 3)
    assert store.counts() == {"run": BATCH * 2 + 3}
    assert len({fact.id for fact in store.read("run", order_by=None)}) == BATCH * 2 + 3
