"""Laws of the store, over histories that hypothesis invents."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slo.facts import Asset, Correction, Fact, Run
from slo.store import Mark, StateRow, Store

T = datetime(2026, 10, 5, tzinfo=UTC)
D = date(2026, 10, 5)

LAW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

KINDS = ("run", "asset", "correction")


@st.composite
def tellings(draw: st.DrawFn, revised: bool = True) -> list[Fact]:
    """Tellings of a handful of facts, each with a revision of its own, so that the order says nothing."""
    facts: list[Fact] = []
    for number in range(draw(st.integers(1, 12))):
        values = {"source": draw(st.sampled_from("st")), "id": draw(st.sampled_from("12"))}
        values["revised_at"] = T + timedelta(minutes=number) if revised else None
        kind = draw(st.sampled_from(KINDS))
        if draw(st.integers(0, 4)) == 0:
            facts.append({"run": Run, "asset": Asset, "correction": Correction}[kind](**values, deleted=True))
        elif kind == "run":
            due = T + timedelta(hours=draw(st.integers(0, 3)))
            state = draw(st.sampled_from(["success", "failed"]))
            facts.append(Run(**values, asset=draw(st.sampled_from("ab")), state=state, due_at=due))
        elif kind == "asset":
            facts.append(Asset(**values, asset="x", tier=draw(st.integers(0, 3)), valid_from=T))
        else:
            field = draw(st.sampled_from([{"state": "missed"}, {"tries": 7}, {"due_at": "2026-10-09T00:00:00Z"}]))
            source = draw(st.sampled_from([None, "s"]))
            target = draw(st.sampled_from("12"))
            facts.append(Correction(**values, target_fact="run", target_source=source, target_id=target, set=field))
    return facts


def everything(store: Store) -> dict[str, list[Fact]]:
    return {kind: sorted(store.read(kind, order_by=None), key=lambda fact: (fact.source, fact.id)) for kind in KINDS}


def originals(store: Store) -> list[dict]:
    return [store.fact_original(run) for run in everything(store)["run"]]


@LAW
@given(facts=tellings(), data=st.data())
def test_any_order_and_any_batches_give_the_same_rows(place, facts: list[Fact], data: st.DataObject):
    with Store(place.fresh()) as store:
        store.upsert(facts)
        expected = (everything(store), originals(store), store.counts(), store.earliest("s"), store.earliest("t"))
    shuffled = data.draw(st.permutations(facts))
    cut = data.draw(st.integers(0, len(facts)))
    with Store(place.fresh()) as store:
        store.upsert(shuffled[:cut])
        store.upsert(shuffled[cut:])
        assert (
            everything(store),
            originals(store),
            store.counts(),
            store.earliest("s"),
            store.earliest("t"),
        ) == expected


@LAW
@given(facts=tellings())
def test_importing_twice_is_importing_once(place, facts: list[Fact]):
    with Store(place.fresh()) as store:
        store.upsert(facts)
        before = everything(store)
        with store.write() as tx:
            tx.drop_changes(1000)
        counts = store.upsert(facts)
        assert (counts.stored, everything(store)) == (0, before)
        with store.write() as tx:
            assert tx.changes(1000) == []


@LAW
@given(facts=tellings(revised=False))
def test_an_export_imported_elsewhere_is_the_same(place, facts: list[Fact]):
    with Store(place.fresh()) as store:
        store.upsert(facts)
        told = everything(store)
        collected = [replace(run, **store.fact_original(run)) for run in told["run"]]
    with Store(place.fresh()) as store:
        store.upsert([*collected, *told["correction"], *told["asset"]])
        assert everything(store) == told


@LAW
@given(facts=tellings(revised=False), size=st.integers(1, 5))
def test_whatever_readers_see_differently_is_in_the_log_with_what_they_saw_before(place, facts: list[Fact], size: int):
    with Store(place.fresh()) as store:
        before: dict[tuple, Fact] = {}
        for start in range(0, len(facts), size):
            store.upsert(facts[start : start + size])
            with store.write() as tx:
                changes = [(change.new, change.old) for change in tx.changes(1000)]
                tx.drop_changes(1000_000)
            after = {(kind, fact.source, fact.id): fact for kind, found in everything(store).items() for fact in found}
            for key in before.keys() | after.keys():
                old, new = before.get(key), after.get(key)
                if old != new:
                    told = None if new is not None and new.deleted and old is not None else new
                    assert (told, old) in changes
            before = after


@st.composite
def puts(draw: st.DrawFn) -> list[tuple]:
    made = []
    for _ in range(draw(st.integers(1, 6))):
        assets = draw(st.sets(st.sampled_from("abc"), min_size=1))
        first = draw(st.integers(0, 2))
        days = (D + timedelta(first), D + timedelta(draw(st.integers(first, 3))))
        rows = [
            StateRow(
                slice=draw(st.sampled_from(["", "x"])), asset=draw(st.sampled_from(sorted(assets))),
                day=days[0] + timedelta(draw(st.integers(0, (days[1] - days[0]).days))),
                tier=draw(st.sampled_from([None, 1])), state={"n": draw(st.integers(0, 9))},
            )
            for _ in range(draw(st.integers(0, 5)))
        ]  # fmt: skip
        made.append((assets, days, rows))
    return made


def add(kpi: str, states: list[dict]) -> dict:
    return {"n": sum(state["n"] for state in states)}


@LAW
@given(made=puts())
def test_roll_ups_are_the_merge_of_the_rows(place, made: list[tuple]):
    with Store(place.fresh()) as store:
        for assets, days, rows in made:
            with store.write() as tx:
                tx.put_states("k", assets, days, rows, merge=add)
        for name in ("", "x"):
            sums: dict[tuple, int] = {}
            for row in store.states("k", name, D, D + timedelta(9), rollup=False):
                sums[row.day, row.tier] = sums.get((row.day, row.tier), 0) + row.state["n"]
            rolled = store.states("k", name, D, D + timedelta(9))
            assert {(row.day, row.tier): row.state["n"] for row in rolled} == sums
            assert len(rolled) == len(sums)


@LAW
@given(spans=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 4) | st.none()), max_size=12))
def test_marks_cover_exactly_the_days_marked_and_never_touch(place, spans: list[tuple[int, int | None]]):
    with Store(place.fresh()) as store:
        for first, length in spans:
            last = None if length is None else D + timedelta(first + length)
            with store.write() as tx:
                tx.mark("k", [Mark("a", D + timedelta(first), last)])
        with store.write() as tx:
            found = sorted(tx.marks("k", 1000), key=lambda mark: mark.first)
    end = D + timedelta(60)
    expected = {D + timedelta(n) for f, length in spans for n in range(f, 61 if length is None else f + length + 1)}
    days = [mark.first + timedelta(n) for mark in found for n in range(((mark.last or end) - mark.first).days + 1)]
    assert (set(days), len(days)) == (expected, len(expected))
    assert all(one.last + timedelta(2) <= two.first for one, two in pairwise(found))
