"""Corrections: laid over what was collected, in either order of arrival, and taken off again."""

from datetime import UTC, datetime, timedelta

import pytest

from slo.errors import FactError
from slo.facts import Asset, Correction, Run
from slo.store import Counts, Store

T = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)


def run(state: str = "failed", source: str = "s", **more) -> Run:
    return Run(source=source, id="1", **{"asset": "a/b", "state": state, "due_at": T, "tries": 2, **more})


def fix(set: dict | None, id: str = "c", target_source: str | None = None, at: int | None = None, **more) -> Correction:
    moment = None if at is None else T + timedelta(hours=at)
    return Correction(
        source="hand", id=id, target_fact="run", target_source=target_source, target_id="1", set=set, at=moment, **more
    )


def test_a_correction_after_its_fact(store: Store):
    store.upsert([run()])
    assert store.upsert([fix({"state": "success", "tries": 1})]) == Counts(stored=1)
    (fact,) = store.read("run")
    assert fact == run("success", tries=1)
    assert store.fact_original(fact) == {"state": "failed", "tries": 2}


def test_a_correction_before_its_fact(store: Store):
    store.upsert([fix({"state": "success"})])
    store.upsert([run()])
    (fact,) = store.read("run")
    assert (fact, store.fact_original(fact)) == (run("success"), {"state": "failed"})


def test_a_correction_and_its_fact_in_one_batch(store: Store):
    store.upsert([run(), fix({"state": "success"})])
    assert store.read("run") == [run("success")]


def test_the_next_collection_does_not_undo_it(store: Store):
    store.upsert([run(), fix({"state": "success"})])
    assert store.upsert([run()]) == Counts(unchanged=1)
    assert store.upsert([run(tries=3)]) == Counts(stored=1)
    (fact,) = store.read("run")
    assert fact == run("success", tries=3)
    assert store.fact_original(fact) == {"state": "failed"}


def test_a_deleted_correction_gives_the_collected_fact_back(store: Store):
    store.upsert([run(), fix({"state": "success"})])
    store.upsert([run(tries=4)])
    store.upsert([Correction(source="hand", id="c", deleted=True)])
    assert store.read("run") == [run(tries=4)]
    assert store.fact_original(run()) == {}


def test_a_correction_told_again_replaces_itself(store: Store):
    store.upsert([run(), fix({"state": "success", "tries": 1})])
    store.upsert([fix({"tries": 7})])
    (fact,) = store.read("run")
    assert (fact, store.fact_original(fact)) == (run(tries=7), {"tries": 2})


def test_a_correction_that_moves_to_another_fact_leaves_the_first(store: Store):
    other = Run(source="s", id="2", asset="a/b", state="failed", due_at=T + timedelta(hours=1))
    store.upsert([run(), other, fix({"state": "success"})])
    moved = Correction(source="hand", id="c", target_fact="run", target_id="2", set={"state": "success"})
    store.upsert([moved])
    assert [fact.state for fact in store.read("run")] == ["failed", "success"]


def test_several_are_laid_by_time_then_id_whatever_their_arrival(store: Store):
    store.upsert(
        [fix({"tries": 30}, "a", at=3), fix({"tries": 10, "rows": 5.0}, "b", at=1), fix({"tries": 20}, "z", at=2)]
    )
    store.upsert([run()])
    assert store.read("run") == [run(tries=30, rows=5.0)]
    store.upsert([fix({"tries": 31}, "b2", at=3)])
    assert store.read("run") == [run(tries=31, rows=5.0)]
    store.upsert([fix({"tries": 99}, "undated")])
    assert store.read("run") == [run(tries=31, rows=5.0)]


def test_a_named_source_is_corrected_alone_and_a_null_one_means_any(store: Store):
    store.upsert([run(), run(source="t"), fix({"tries": 5}, target_source="t")])
    assert [(fact.source, fact.tries) for fact in store.read("run")] == [("s", 2), ("t", 5)]
    store.upsert([fix({"state": "success"}, "d")])
    assert [(fact.source, fact.state) for fact in store.read("run")] == [("s", "success"), ("t", "success")]


def test_values_are_read_as_the_interchange_writes_them(store: Store):
    store.upsert([run(), fix({"due_at": "2026-10-07T08:00:00+02:00", "rows": 3, "asset": "a/new"})])
    moved = T + timedelta(days=2)
    (fact,) = store.read("run", {"placed_at": (moved, moved + timedelta(seconds=1)), "asset": "a/new"})
    assert fact == run(due_at=moved, rows=3.0, asset="a/new")
    assert store.fact_original(fact) == {"due_at": T, "rows": None, "asset": "a/b"}
    assert store.earliest("s") == moved


def test_a_field_may_be_corrected_to_nothing_unless_the_fact_needs_it(store: Store):
    store.upsert([run(), fix({"tries": None})])
    assert store.read("run") == [run(tries=None)]
    with pytest.raises(FactError, match=r"correction 'd' of 'hand': set\.state: null: every run names its state"):
        store.upsert([fix({"state": None}, "d")])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"colour": "red"}, r"correction 'c' of 'hand': set\.colour: a run has no such field"),
        ({"id": "7"}, r"set\.id: a run has no such field to correct"),
        ({"deleted": True}, r"set\.deleted: a run has no such field to correct"),
        ({"state": "splendid"}, r"set\.state: run\.state: 'splendid': expected one of success, failed"),
        ({"due_at": "2026-10-07T08:00:00"}, r"set\.due_at: .*the time has no offset"),
        ({"tries": "two"}, r"set\.tries: run\.tries: 'two': expected a finite number"),
        ({}, r"set: {}: expected an object of fields"),
        (None, r"set: None: expected an object of fields"),
    ],
)
def test_what_cannot_be_set_is_refused_and_the_fact_stays(store: Store, wrong: dict | None, message: str):
    store.upsert([run()])
    with pytest.raises(FactError, match=message):
        store.upsert([fix(wrong)])
    assert (store.read("run"), store.read("correction", order_by=None)) == ([run()], [])


@pytest.mark.parametrize("kind", ["nothing", "correction", "alias", None])
def test_what_cannot_be_corrected_is_refused(store: Store, kind: str | None):
    with pytest.raises(FactError, match=r"target_fact: .* cannot be corrected; expected one of asset, run"):
        store.upsert([Correction(source="hand", id="c", target_fact=kind, target_id="1", set={"a": 1})])


def test_a_deleted_fact_stays_deleted_under_a_correction(store: Store):
    store.upsert([run(), fix({"tries": 5})])
    store.upsert([Run(source="s", id="1", deleted=True)])
    assert store.read("run") == []
    store.upsert([run()])
    assert store.read("run") == [run(tries=5)]


def test_a_deleted_asset_can_still_be_corrected(store: Store):
    gone = T + timedelta(days=1)
    store.upsert([Asset(source="s", id="1", asset="a/b", tier=3, revised_at=T)])
    store.upsert([Asset(source="s", id="1", deleted=True, revised_at=gone)])
    store.upsert([Correction(source="hand", id="c", target_fact="asset", target_id="1", set={"tier": 1})])
    assert store.read("asset") == [Asset(source="s", id="1", asset="a/b", tier=1, revised_at=gone, deleted=True)]


def test_a_word_that_python_keeps_for_itself_is_corrected_by_its_wire_name(store: Store):
    from slo.facts import Incident

    store.upsert([Incident(source="s", id="1", started_at=T, class_="other")])
    store.upsert([Correction(source="h", id="c", target_fact="incident", target_id="1", set={"class": "security"})])
    (incident,) = store.read("incident")
    assert (incident.class_, store.fact_original(incident)) == ("security", {"class_": "other"})


def test_an_older_telling_under_a_correction_is_superseded(store: Store):
    store.upsert([run(revised_at=T + timedelta(minutes=5)), fix({"state": "success"})])
    assert store.upsert([run("skipped", revised_at=T)]) == Counts(superseded=1)
    assert store.fact_original(run()) == {"state": "failed"}
