"""Every kind of fact goes in and comes out the same; what cannot be stored is refused by name."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from slo.errors import FactError
from slo.facts import KINDS, Alias, CheckResult, Distribution, Incident, Meter, Run, place
from slo.interchange import choices, field_types, instant, parse
from slo.store import Counts, Store

T = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
ENVELOPE = {"source": "s", "id": "1", "url": "https://x.example/1", "revised_at": T, "deleted": False}
BY_TYPE = {
    str: "word", float: 2.5, int: 3, bool: False, datetime: T + timedelta(microseconds=7), list[str]: ["b", "a"],
    dict[str, object]: {"k": [1, None, "é"]},
}  # fmt: skip


def full(kind: str):
    """A fact of this kind with every field told."""
    values = dict(ENVELOPE)
    for field, plain in field_types(KINDS[kind]).items():
        if field in ENVELOPE:
            continue
        words = choices(plain)
        if (kind, field) == ("incident", "spans"):
            values[field] = [[T, T + timedelta(hours=1)], [T + timedelta(hours=2), None]]
        elif kind == "correction" and field in ("target_fact", "set"):
            values[field] = "run" if field == "target_fact" else {"state": "failed"}
        elif words:
            values[field] = words[-1]
        else:
            values[field] = BY_TYPE.get(plain, {"k": [1, None, "é"]})
    return KINDS[kind](**{**values, **({"old": "a", "new": "b"} if kind == "alias" else {})})


@pytest.mark.parametrize("kind", KINDS)
def test_a_fact_with_every_field_comes_back_the_same(store: Store, kind: str):
    fact = full(kind)
    assert store.upsert([fact]) == Counts(stored=1)
    assert store.read(kind) == [fact]


@pytest.mark.parametrize("kind", KINDS)
def test_a_fact_with_nothing_but_its_needs_comes_back_the_same(store: Store, kind: str):
    fact = KINDS[kind](source="s", id="1")
    if kind == "correction":
        fact = KINDS[kind](source="s", id="1", target_fact="run", target_id="x", set={"tries": 1})
    store.upsert([fact])
    assert store.read(kind, order_by="id") == [fact]


def test_an_offset_comes_back_as_the_same_instant_in_utc(store: Store):
    kolkata = timezone(timedelta(hours=5, minutes=30))
    store.upsert(
        [Run(source="s", id="1", asset="a/b", state="success", started_at=datetime(2026, 10, 5, 12, tzinfo=kolkata))]
    )
    (run,) = store.read("run")
    assert run.started_at == datetime(2026, 10, 5, 6, 30, tzinfo=UTC)
    assert run.started_at.utcoffset() == timedelta(0)


def test_the_longest_times_come_back_to_the_microsecond(store: Store):
    first, last = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    store.upsert([Run(source="s", id="1", asset="a/b", state="success", started_at=first, ended_at=last)])
    (run,) = store.read("run")
    assert (run.started_at, run.ended_at) == (first, last)


def test_a_naive_time_is_refused_and_the_others_go_in(store: Store):
    naive = Run(source="s", id="1", asset="a/b", state="success", started_at=datetime(2026, 10, 5))  # noqa: DTZ001
    good = Run(source="s", id="2", asset="a/b", state="success", started_at=T)
    with pytest.raises(FactError, match=r"run\.started_at: .*the time has no offset: write 2026-10-01T06:00:00Z"):
        store.upsert([naive, good])
    assert store.read("run") == [good]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_never_stored(store: Store, value: float):
    fact = Meter(source="s", id="1", at=T, meter="cost", amount=value)
    with pytest.raises(FactError, match=r"meter\.amount: .*expected a finite number"):
        store.upsert([fact])
    with pytest.raises(FactError, match=r"distribution\.buckets"):
        store.upsert([Distribution(source="s", id="1", at=T, metric="lag_seconds", gamma=1.1, buckets={"1": value})])
    assert store.read("meter") == [] and store.read("distribution") == []


def test_a_naive_time_inside_a_span_is_refused(store: Store):
    spans = [[T, datetime(2026, 10, 5)]]  # noqa: DTZ001
    with pytest.raises(FactError, match=r"incident\.spans"):
        store.upsert([Incident(source="s", id="1", started_at=T, spans=spans)])


def test_a_fact_without_a_source_is_refused(store: Store):
    with pytest.raises(FactError, match=r"run\.source: None: expected text"):
        store.upsert([Run(source=None, id="1", asset="a", state="success")])  # type: ignore[arg-type]


def test_refusals_are_handed_over_where_someone_takes_them(store: Store):
    naive = CheckResult(source="s", id="1", asset="a", check="c", outcome="pass", at=datetime(2026, 1, 1))  # noqa: DTZ001
    circle = Alias(source="s", id="2", old="x", new="x")
    told = []
    counts = store.upsert(
        [naive, circle, Run(source="s", id="3", asset="a", state="success")], lambda *it: told.append(it)
    )
    assert counts == Counts(stored=1)
    assert [(fact.id, str(error).split(":")[0]) for fact, error in told] == [
        ("2", "alias '2' of 's'"),
        ("1", "check_result.at"),
    ]


def test_a_run_belongs_by_its_slot_and_anything_else_by_its_moment(store: Store):
    slot, start = T, T + timedelta(hours=3)
    both = Run(source="s", id="1", asset="a", state="success", due_at=slot, started_at=start)
    manual = Run(source="s", id="2", asset="a", state="success", started_at=start)
    assert (place(both), place(manual), both.moment) == (slot, start, start)
    store.upsert([both, manual, Incident(source="s", id="i", detected_at=start)])
    assert store.read("run", {"placed_at": (slot, start)}) == [both]
    assert store.read("run", {"placed_at": (start, None)}) == [manual]
    assert [fact.id for fact in store.read("incident", {"placed_at": (start, start + timedelta(seconds=1))})] == ["i"]


def test_counts_kinds_sources_and_the_earliest_follow_the_facts(store: Store):
    runs = [Run(source="s", id=str(n), asset="a", state="success", due_at=T + timedelta(hours=n)) for n in range(3)]
    store.upsert([*runs, Meter(source="m", id="1", at=T, meter="cost", amount=1.0)])
    assert store.counts() == {"run": 3, "meter": 1}
    assert store.kinds_told() == {"s": {"run"}, "m": {"meter"}}
    assert store.sources() == ["m", "s"]
    assert store.earliest("s") == T
    store.upsert([Run(source="s", id="0", deleted=True)])
    assert (store.counts()["run"], store.earliest("s")) == (2, T + timedelta(hours=1))
    store.upsert([Run(source="s", id="1", asset="a", state="success", due_at=T + timedelta(hours=5))])
    assert store.earliest("s") == T + timedelta(hours=2)
    assert store.earliest("unknown") is None


def test_an_emptied_source_has_no_earliest(store: Store):
    store.upsert([Run(source="s", id="0", asset="a", state="success", due_at=T)])
    store.upsert([Run(source="s", id="0", deleted=True)])
    assert store.earliest("s") is None
    assert (store.counts(), store.kinds_told()) == ({"run": 0}, {"s": {"run"}})


def test_a_text_that_no_database_takes_is_refused_at_the_door():
    for bad in ("a\x00b", "a\ud800b"):
        with pytest.raises(FactError, match=r"run\.asset: .*without NUL or half characters"):
            parse({"fact": "run", "source": "s", "id": "1", "asset": bad, "state": "success"})


@pytest.mark.parametrize(
    ("field", "value"), [("buckets", {"x": 1}), ("buckets", {"1": None}), ("buckets", {"1": -1}), ("tz", "Mars/X")]
)
def test_what_no_kpi_could_read_is_refused_at_the_door(field: str, value: object):
    record = {"fact": "distribution", "source": "s", "id": "1", "at": "2026-04-09T00:00:00Z", "metric": "query_seconds"}
    good = parse(record | {"gamma": 1.02, "buckets": {"-3": 2, "10": 0.5}, "tz": "Europe/Berlin"})
    assert good.buckets == {"-3": 2, "10": 0.5}
    with pytest.raises(FactError, match=rf"distribution\.{field}"):
        parse(record | {"gamma": 1.02, "buckets": {"1": 1}, field: value})


def test_a_text_of_any_language_comes_back(store: Store):
    words = "Zürich 北京 🚀 \"quoted\" 'single' back\\slash %s :name \t tab"
    fact = Incident(source="s", id=words, title=words, started_at=T, assets=[words], steps={words: True})
    store.upsert([fact])
    assert store.read("incident", {"id": {words}}) == [fact]


def test_an_ended_asset_survives_export_and_import(store: Store) -> None:
    """A first telling that is a deletion with content keeps the content, and its source stays seen since then."""
    born, gone = "2026-10-01T00:00:00Z", "2026-10-01T03:00:00Z"
    record = {"fact": "asset", "source": "s", "id": "a", "asset": "x/a", "valid_from": born, "schedule": "0 * * * *"}
    store.upsert([parse(record | {"revised_at": gone, "deleted": True})])
    (kept,) = store.read("asset")
    assert (kept.deleted, getattr(kept, "schedule"), kept.revised_at) == (True, "0 * * * *", instant(gone))  # noqa: B009


def test_an_asset_that_ended_leaves_its_source_seen(store: Store) -> None:
    born = "2026-10-01T00:00:00Z"
    record = {"fact": "asset", "source": "s", "id": "a", "asset": "x/a", "valid_from": born}
    store.upsert([parse(record)])
    store.upsert(
        [parse({"fact": "asset", "source": "s", "id": "a", "deleted": True, "revised_at": "2026-10-02T00:00:00Z"})]
    )
    assert store.earliest("s") == instant(born)
