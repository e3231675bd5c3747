"""Aliases: an asset renamed, its history follows; undone when the alias goes."""

from datetime import UTC, datetime, timedelta

import pytest

from slo.errors import FactError
from slo.facts import Alias, Edge, Incident, Run
from slo.store import Counts, Store

T = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)


def run(asset: str, id: str) -> Run:
    return Run(source="s", id=id, asset=asset, state="success", due_at=T)


def alias(old: str, new: str, id: str | None = None, revised: int | None = None) -> Alias:
    revised_at = None if revised is None else T + timedelta(minutes=revised)
    return Alias(source="f", id=id or f"{old}>{new}", old=old, new=new, revised_at=revised_at)


def names(store: Store) -> list[tuple[str, str]]:
    return [(fact.id, fact.asset) for fact in store.read("run")]


def test_history_follows_the_new_name(store: Store):
    store.upsert([run("a", "1"), run("b", "2"), run("c", "3")])
    store.upsert([alias("a", "b")])
    assert names(store) == [("1", "b"), ("2", "b"), ("3", "c")]
    assert [fact.id for fact in store.read("run", {"asset": "b"})] == ["1", "2"]
    assert [fact.id for fact in store.read("run", {"asset": {"b", "c"}})] == ["1", "2", "3"]


def test_the_old_name_finds_the_same_facts(store: Store):
    store.upsert([run("a", "1"), run("b", "2"), alias("a", "b")])
    assert [fact.id for fact in store.read("run", {"asset": "a"})] == ["1", "2"]


def test_facts_told_later_under_the_old_name_follow_too(store: Store):
    store.upsert([alias("a", "b")])
    store.upsert([run("a", "1")])
    assert names(store) == [("1", "b")]


def test_chains_end_at_the_last_name(store: Store):
    store.upsert([run("a", "1"), run("b", "2"), run("c", "3")])
    store.upsert([alias("b", "c"), alias("a", "b")])
    assert names(store) == [("1", "c"), ("2", "c"), ("3", "c")]


def test_a_deleted_alias_is_undone(store: Store):
    store.upsert([run("a", "1"), run("b", "2"), alias("b", "c"), alias("a", "b")])
    store.upsert([Alias(source="f", id="b>c", deleted=True)])
    assert names(store) == [("1", "b"), ("2", "b")]
    store.upsert([Alias(source="f", id="a>b", deleted=True)])
    assert names(store) == [("1", "a"), ("2", "b")]


def test_edges_and_incidents_bear_present_names(store: Store):
    edge = Edge(source="s", id="e", upstream="a", downstream="x", seen_at=T)
    incident = Incident(source="s", id="i", started_at=T, assets=["a", "x", "b"])
    store.upsert([edge, incident, alias("a", "b")])
    assert store.read("edge", {"upstream": "b"}) == [Edge(source="s", id="e", upstream="b", downstream="x", seen_at=T)]
    assert store.read("incident")[0].assets == ["b", "x"]


def test_a_circle_is_refused_and_the_others_hold(store: Store):
    store.upsert([run("a", "1"), alias("a", "b"), alias("b", "c")])
    with pytest.raises(FactError, match=r"alias 'c>a' of 'f': c -> a -> b -> c goes in a circle; delete one"):
        store.upsert([alias("c", "a")])
    assert names(store) == [("1", "c")]
    assert len(store.read("alias", order_by=None)) == 2


def test_a_name_that_leads_to_itself_is_refused(store: Store):
    with pytest.raises(FactError, match="a -> a goes in a circle"):
        store.upsert([alias("a", "a")])


def test_a_circle_within_one_batch_refuses_the_one_that_closes_it(store: Store):
    refused = []
    counts = store.upsert([alias("a", "b"), alias("b", "a")], lambda fact, error: refused.append(fact.id))
    assert (counts, refused) == (Counts(stored=1), ["b>a"])


def test_a_deletion_in_the_same_batch_opens_the_circle(store: Store):
    store.upsert([alias("a", "b"), run("a", "1"), run("b", "2")])
    store.upsert([Alias(source="f", id="a>b", deleted=True), alias("b", "a")])
    assert names(store) == [("1", "a"), ("2", "a")]


def test_a_deletion_too_old_to_matter_opens_nothing(store: Store):
    store.upsert([alias("a", "b", revised=5)])
    too_old = Alias(source="f", id="a>b", deleted=True, revised_at=T)
    with pytest.raises(FactError, match="goes in a circle"):
        store.upsert([too_old, alias("b", "a")])


def test_of_two_aliases_of_one_name_the_latest_revision_is_followed(store: Store):
    store.upsert([run("a", "1"), alias("a", "new", revised=2)])
    store.upsert([alias("a", "older", revised=1)])
    assert names(store) == [("1", "new")]


def test_another_process_learns_of_a_renaming(place, store: Store):
    store.upsert([run("a", "1")])
    with Store(place.url) as other:
        assert names(other) == [("1", "a")]
        store.upsert([alias("a", "b"), run("new", "2")])
        assert names(other) == [("1", "b"), ("2", "new")]
        other.upsert([Alias(source="f", id="a>b", deleted=True), run("newer", "3")])
    assert names(store) == [("1", "a"), ("2", "new"), ("3", "newer")]
