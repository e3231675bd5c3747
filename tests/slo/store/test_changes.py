"""The change log: complete, oldest first, with what readers saw before."""

from datetime import UTC, datetime, timedelta

from slo.facts import Alias, Asset, CheckResult, Correction, Incident, Run
from slo.store import ChangeRow, Store

T = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)


def run(id: str = "1", state: str = "success", **more) -> Run:
    return Run(source="s", id=id, asset="a/b", state=state, due_at=T, **more)


def log(store: Store, limit: int = 100) -> list[ChangeRow]:
    with store.write() as tx:
        return tx.changes(limit)


def pairs(store: Store) -> list[tuple]:
    return [(row.new, row.old) for row in log(store)]


def test_a_first_telling_has_no_past(store: Store):
    store.upsert([run("1"), run("2")])
    assert log(store) == [ChangeRow(1, run("1"), None), ChangeRow(2, run("2"), None)]


def test_a_new_content_brings_the_old_one_with_every_type_intact(store: Store):
    old = Incident(
        source="s",
        id="1",
        started_at=T,
        spans=[[T, None]],
        severity=2,
        assets=["a/b"],
        steps={"told": True},
        class_="other",
    )
    new = Incident(source="s", id="1", started_at=T, resolved_at=T + timedelta(hours=1))
    store.upsert([old])
    store.upsert([new])
    assert pairs(store) == [(new, None), (new, old)]


def test_a_deletion_has_no_present(store: Store):
    store.upsert([run()])
    with store.write() as tx:
        tx.drop_changes(1)
    store.upsert([Run(source="s", id="1", deleted=True)])
    assert pairs(store) == [(None, run())]


def test_what_came_and_went_between_two_refreshes_says_nothing_of_its_coming(store: Store):
    store.upsert([run("1")])
    store.upsert([Run(source="s", id="1", deleted=True)])
    assert log(store) == [ChangeRow(2, None, run("1"))]


def test_dropped_changes_are_gone_and_their_numbers_never_come_again(store: Store):
    store.upsert([run(str(n)) for n in range(5)])
    assert [row.seq for row in log(store, 3)] == [1, 2, 3]
    with store.write() as tx:
        tx.drop_changes(3)
    assert [row.seq for row in log(store)] == [4, 5]
    with store.write() as tx:
        tx.drop_changes(5)
    store.upsert([run("9")])
    assert [row.seq for row in log(store)] == [6]


def test_void_changes_do_not_hide_later_ones(store: Store):
    store.upsert([run(str(n)) for n in range(4)])
    store.upsert([Run(source="s", id=str(n), deleted=True) for n in range(4)])
    assert [(row.seq, row.new, row.old.id) for row in log(store, 2)] == [(5, None, "0"), (6, None, "1")]


def test_a_change_belongs_to_the_transaction_of_its_fact(store: Store):
    try:
        with store.write() as tx:
            tx.set_meta("a", "b")
            raise KeyError("stop")
    except KeyError:
        pass
    assert store.meta("a") is None and log(store) == []


def test_a_renaming_appears_as_its_alias(store: Store):
    store.upsert([Alias(source="f", id="1", old="a/b", new="a/c")])
    assert pairs(store) == [(Alias(source="f", id="1", old="a/b", new="a/c"), None)]


def test_a_correction_appears_itself_and_in_what_it_corrects(store: Store):
    store.upsert([run()])
    correction = Correction(source="f", id="1", target_fact="run", target_id="1", set={"state": "failed"})
    store.upsert([correction])
    right = run(state="failed")
    assert pairs(store) == [(right, None), (correction, None), (right, run())]


def test_the_deletion_of_an_asset_says_what_it_was(store: Store):
    asset = Asset(source="s", id="1", asset="a/b", tier=1, valid_from=T, revised_at=T)
    store.upsert([asset])
    with store.write() as tx:
        tx.drop_changes(1)
    store.upsert([Asset(source="s", id="1", deleted=True, revised_at=T + timedelta(days=1))])
    assert pairs(store) == [(None, asset)]


def test_an_asset_first_told_after_its_deletion_is_a_change(store: Store):
    later = T + timedelta(days=1)
    store.upsert([Asset(source="s", id="1", deleted=True, revised_at=later)])
    store.upsert([Asset(source="s", id="1", asset="a/b", tier=1, valid_from=T, revised_at=T)])
    gone = Asset(source="s", id="1", asset="a/b", tier=1, valid_from=T, revised_at=later, deleted=True)
    assert pairs(store) == [(gone, None)]


def test_a_moved_deletion_of_an_asset_is_a_change(store: Store):
    first, second = T + timedelta(days=1), T + timedelta(days=2)
    store.upsert([Asset(source="s", id="1", asset="a/b", revised_at=T)])
    store.upsert([Asset(source="s", id="1", deleted=True, revised_at=first)])
    with store.write() as tx:
        tx.drop_changes(10)
    store.upsert([Asset(source="s", id="1", deleted=True, revised_at=second)])
    assert pairs(store) == [(None, Asset(source="s", id="1", asset="a/b", revised_at=first, deleted=True))]


def test_changes_bear_the_present_names_of_assets(store: Store):
    store.upsert([run(state="failed")])
    store.upsert([run()])
    store.upsert([Alias(source="f", id="1", old="a/b", new="a/c")])
    assert [(row.new.asset, row.old and row.old.asset) for row in log(store)[:2]] == [("a/c", None), ("a/c", "a/c")]


def test_the_span_of_what_changed_holds_the_places_of_before_and_after(store: Store) -> None:
    def check(day: int, outcome: str = "pass") -> CheckResult:
        at = datetime(2026, 11, day, 6, tzinfo=UTC)
        return CheckResult(source="s", id="c", asset="a", check="rows", outcome=outcome, at=at)  # type: ignore[arg-type]

    kinds = ("check_result", "run")
    assert store.changed_span(kinds) is None
    store.upsert([check(10)])
    assert store.changed_span(kinds) == (datetime(2026, 11, 10, 6, tzinfo=UTC),) * 2
    with store.write() as tx:
        tx.drop_changes(tx.changes(10)[-1].seq)
    store.upsert([check(12)])
    assert store.changed_span(kinds) == (datetime(2026, 11, 10, 6, tzinfo=UTC), datetime(2026, 11, 12, 6, tzinfo=UTC))
    assert store.changed_span(("run",)) is None
