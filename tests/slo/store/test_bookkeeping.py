"""Settings of its own, leases, snapshots, passes over sources."""

from datetime import UTC, datetime, timedelta

import pytest

from slo.store import Store, bookkeeping
from slo.store.tables import meta
from slo.store.tallies import Tally

T = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_meta(store: Store):
    assert store.meta("zone") is None
    with store.write() as tx:
        tx.set_meta("zone", "UTC")
        tx.set_meta("zone", "Europe/Berlin")
    assert store.meta("zone") == "Europe/Berlin"


def test_a_lease_is_one_holders_until_it_runs_out(store: Store):
    assert store.lease("evaluate", "me", 60, T)
    assert not store.lease("evaluate", "you", 60, T + timedelta(seconds=59))
    assert store.lease("collect", "you", 60, T)
    assert store.lease("evaluate", "me", 60, T + timedelta(seconds=30))
    assert not store.lease("evaluate", "you", 60, T + timedelta(seconds=89))
    assert store.lease("evaluate", "you", 60, T + timedelta(seconds=90))


def test_a_lease_is_given_back_by_its_holder_alone(store: Store):
    store.lease("evaluate", "me", 60, T)
    store.release("evaluate", "you")
    assert not store.lease("evaluate", "you", 60, T)
    store.release("evaluate", "me")
    assert store.lease("evaluate", "you", 60, T)


def test_the_newest_snapshot_is_read(store: Store):
    assert store.results() == (None, [])
    store.put_results(T, iter([{"kpi": "mttd", "value": None, "text": "é ≥ 1"}]))
    store.put_results(T + HOUR, [{"kpi": "mttd", "value": 1.5}])
    assert store.results() == (T + HOUR, [{"kpi": "mttd", "value": 1.5}])
    store.put_results(T + HOUR, [])
    assert store.results() == (T + HOUR, [])


def test_of_each_day_the_newest_snapshot_is_kept(store: Store):
    for hours in (0, 5, 17, 18, 30, 20):  # 06:00, 11:00, 23:00; 00:00, 12:00, 02:00 of the next day
        store.put_results(T + hours * HOUR, [{"at": hours}])
    assert store.results() == (T + 30 * HOUR, [{"at": 30}])
    assert store.results(as_of=T + 29 * HOUR) == (T + 17 * HOUR, [{"at": 17}])
    assert store.results(as_of=T + 16 * HOUR) == (None, [])


def test_a_snapshot_never_holds_what_is_no_number(store: Store):
    with pytest.raises(ValueError, match="not JSON compliant"):
        store.put_results(T, [{"value": float("nan")}])
    assert store.results() == (None, [])


def test_a_sources_state(store: Store):
    assert store.source_state("airflow") == {}
    with store.write() as tx:
        tx.set_source_state("airflow", {"watermark": 1, "chunks": [1, None]})
        tx.set_source_state("dbt", {"watermark": 2})
        tx.set_source_state("airflow", {"watermark": 3})
    assert (store.source_state("airflow"), store.source_state("dbt")) == ({"watermark": 3}, {"watermark": 2})
    assert store.sources() == []


def test_passes_newest_first(store: Store):
    store.add_source_run("airflow", T, T + HOUR, True, 10, 1, None, told=12, taken=11, lag=60)
    store.add_source_run("dbt", T, T, False, 0, 0, "refused")
    store.add_source_run("airflow", T + HOUR, T + HOUR, True, 2, 0, None)
    first = {
        "source": "airflow",
        "started": T,
        "ended": T + HOUR,
        "ok": True,
        "facts": 10,
        "set_aside": 1,
        "error": None,
        "told": 12,
        "taken": 11,
        "lag": 60,
    }
    assert store.source_runs("airflow") == [
        {**first, "started": T + HOUR, "ended": T + HOUR, "facts": 2, "set_aside": 0}
        | dict.fromkeys(("told", "taken", "lag")),
        first,
    ]
    assert [run["error"] for run in store.source_runs()] == [None, "refused", None]
    assert [run["ok"] for run in store.source_runs(limit=2)] == [True, False]
    assert store.source_runs("unknown") == []


def test_the_newest_passes_of_each_source_up_to_an_instant(store: Store):
    for hours, ok in ((0, False), (1, True), (2, False), (3, True)):
        at = T + hours * HOUR
        store.add_source_run("airflow", at, at, ok, hours, 0, None)
    store.add_source_run("dbt", T, T, False, 9, 0, None)
    found = store.newest_runs(["dbt", "airflow", "new"], T + 2 * HOUR, 2)
    assert {source: [one["facts"] for one in runs] for source, runs in found.items()} == {
        "dbt": [9], "airflow": [2, 1], "new": [],
    }  # fmt: skip
    assert found["airflow"] == store.source_runs("airflow")[1:3]
    assert store.newest_runs([], T, 2) == {}
    assert store.reached("airflow", T + 2 * HOUR) == (T, T + HOUR)
    assert store.reached("dbt", T) == (T, None)
    assert store.reached("new", T) == (None, None)


def test_passes_are_added_up(store: Store):
    """At 0, 1, 2, 30 and 31 hours, the third failed; in the last day two. From 1 to 30 hours none
    succeeded, which is 29 hours; what began before the stretch is left out."""
    passes = [(-1, True, None, 9), (0, True, 10, 100), (1, True, None, 400), (2, False, None, 500), (30, True, 20, 900)]
    for hours, ok, told, lag in [*passes, (31, True, 5, None)]:
        at = T + hours * HOUR
        taken = None if told is None else told - 1
        store.add_source_run("airflow", at, at, ok, 0, 0, None if ok else "refused", told=told, taken=taken, lag=lag)
    (found,) = store.tallies(T, T + 31 * HOUR, 28 * HOUR).values()
    assert found == Tally(
        first=T, passes=5, failed=1, day_passes=2, day_failed=0, told=35, taken=32, usual_lag=500, first_success=T,
        last_success=T + 31 * HOUR, gaps=((T + HOUR, T + 30 * HOUR),),
    )  # fmt: skip
    assert store.tallies(T, T + 31 * HOUR, 29 * HOUR)["airflow"].gaps == ()


def test_records_set_aside(store: Store):
    store.set_aside("airflow", "dagRuns", '{"a": 1}', "no state", T)
    store.set_aside("airflow", "dagRuns", '{"a": 2}', "no state", T)
    store.set_aside("airflow", "dagRuns", '{"a": 1}', "still no state", T + HOUR)
    store.set_aside("dbt", "line 7", "x", "not JSON", T)
    again = {"source": "airflow", "place": "dagRuns", "record": '{"a": 1}', "error": "still no state", "at": T + HOUR}
    assert store.set_asides("airflow") == [again, {**again, "record": '{"a": 2}', "error": "no state", "at": T}]
    assert [row["source"] for row in store.set_asides(limit=2)] == ["dbt", "airflow"]


def test_only_the_newest_are_kept(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bookkeeping, "KEPT_ASIDE", 3)
    monkeypatch.setattr(bookkeeping, "KEPT_RUNS", 2)
    for number in range(5):
        store.set_aside("airflow", "p", str(number), "e", T)
        store.add_source_run("airflow", T, T, True, number, 0, None)
    store.set_aside("dbt", "p", "0", "e", T)
    assert [row["record"] for row in store.set_asides("airflow")] == ["4", "3", "2"]
    assert [row["facts"] for row in store.source_runs("airflow")] == [4, 3]
    assert len(store.set_asides("dbt")) == 1


def test_passes_are_counted_for_ever_also_those_no_longer_kept(store: Store, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bookkeeping, "KEPT_RUNS", 2)
    assert store.passes() == {}
    for number, ok in enumerate([True, False, True, True, False]):
        store.add_source_run("air%flow", T, T, ok, 10 + number, 0, None)
    store.add_source_run("air_flow", T, T, False, 7, 0, "refused")
    assert len(store.source_runs("air%flow")) == 2
    assert store.passes() == {
        "air%flow": {"succeeded": 3, "failed": 2, "facts": 10 + 11 + 12 + 13 + 14},
        "air_flow": {"succeeded": 0, "failed": 1, "facts": 7},
    }


def test_a_store_that_did_not_count_begins_with_the_passes_it_has_kept(store: Store):
    for number in range(3):
        store.add_source_run("dbt", T, T, number > 0, 5, 0, None)
    with store._transaction() as connection:
        connection.execute(meta.delete().where(meta.c.key == "passes of dbt"))
    store.add_source_run("dbt", T, T, True, 5, 0, None)
    assert store.passes()["dbt"] == {"succeeded": 3, "failed": 1, "facts": 20}


def test_what_stands_beside_a_snapshot_of_the_past_is_not_that_of_now(store: Store) -> None:
    store.put_results(T + HOUR, [], beside={"watch": "now"})
    store.put_results(T, [], beside={"watch": "an hour ago"})
    store.put_results(T - 48 * HOUR, [], beside={"watch": "two days ago"})
    assert store.meta("watch") == "now"
    store.put_results(T + HOUR, [], beside={"watch": "now, again"})
    assert store.meta("watch") == "now, again"
