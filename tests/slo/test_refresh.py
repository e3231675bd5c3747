"""Refresh: a day's work costs a day's work, a quiet day what falls due in it, and nothing is ever forgotten."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slo.engine import Engine, Query
from slo.platform import Platform
from slo.store import Store, Tx
from slo.targets import load_targets
from tests.seeds import seeds
from tests.slo.tellings import HOUR, START, World, fact, run

DAY = timedelta(days=1)
TARGETS = load_targets()
SCOPES: tuple[dict[str, Any], ...] = ({}, {"tier": 1}, {"team": "data"}, {"asset": "shop/orders"})
Put = tuple[str, tuple[str, ...] | None, date, date]


def engine(store: Store, **platform: Any) -> Engine:
    return Engine(store, Platform(**platform), TARGETS)


def everything(made: Engine, now: datetime, as_of: datetime | None = None) -> list[dict[str, Any]]:
    """Every KPI in several windows and scopes."""
    queries = [Query(window=window, as_of=as_of, **scope) for window in ("7d", "2026-11") for scope in SCOPES]
    return [found for query in queries for found in made.show_all(list(made.shelf), query, now)]


def differing(one: list[dict[str, Any]], two: list[dict[str, Any]]) -> list[str]:
    """What two lists of results disagree on, in words."""
    return [
        f"{a['kpi']} {a['window']['name']} {a['scope']}: {key}: {a[key]} / {b[key]}"
        for a, b in zip(one, two, strict=True) for key in a if a[key] != b[key]
    ]  # fmt: skip


@pytest.fixture
def puts(monkeypatch: pytest.MonkeyPatch) -> list[Put]:
    """What was worked out anew: (KPI, assets, first day, last day)."""
    told: list[Put] = []
    real = Tx.put_states

    def spy(
        self: Tx, kpi: str, assets: Collection[str] | None, days: tuple[date, date | None], rows: Any, *, merge: Any
    ) -> None:
        assert days[1] is not None
        told.append((kpi, None if assets is None else tuple(sorted(assets)), days[0], days[1]))
        real(self, kpi, assets, days, rows, merge=merge)

    monkeypatch.setattr(Tx, "put_states", spy)
    return told


# A day's work costs a day's work


@pytest.fixture
def worked(store: Store, puts: list[Put]) -> Engine:
    """Three pipelines with a run a day for twenty days, worked out; no schedule, so nothing falls due."""
    assets = [fact("asset", name, asset=name, tier=1, valid_from=START) for name in ("a", "b", "c")]
    runs = [run(f"{name}{day}", name, START + day * DAY) for name in ("a", "b", "c") for day in range(20)]
    store.upsert([*assets, *runs])
    made = engine(store)
    made.refresh(START + 20 * DAY)
    puts.clear()
    return made


def test_nothing_new_costs_nothing(worked: Engine, puts: list[Put]) -> None:
    worked.refresh(START + 20 * DAY)
    worked.refresh(START + 21 * DAY)
    assert puts == []


def test_a_run_reaches_its_own_day_and_pipeline(worked: Engine, puts: list[Put]) -> None:
    worked.store.upsert([run("b20", "b", START + 20 * DAY)])
    worked.refresh(START + 21 * DAY)
    day = (START + 20 * DAY).date()
    assert sorted(puts) == [("job_runtime", ("b",), day, day), ("pipeline_success_rate", ("b",), day, day)]


def test_a_late_run_reaches_the_past_day_alone(worked: Engine, puts: list[Put]) -> None:
    worked.store.upsert([run("c3", "c", START + 3 * DAY, "failed", revised_at=START + 20 * DAY)])
    worked.refresh(START + 21 * DAY)
    day = (START + 3 * DAY).date()
    assert set(puts) == {("job_runtime", ("c",), day, day), ("pipeline_success_rate", ("c",), day, day)}
    found = worked.show("pipeline_success_rate", Query(window="2026-11-05", asset="c"), START + 21 * DAY)
    assert (found["good"], found["bad"]) == (0, 1)


def test_a_run_moved_to_another_day_reaches_both(worked: Engine, puts: list[Put]) -> None:
    worked.store.upsert([run("a5", "a", START + 8 * DAY + HOUR)])
    worked.refresh(START + 21 * DAY)
    days = {first for kpi, _, first, last in puts if kpi == "pipeline_success_rate" and first == last}
    assert days == {(START + 5 * DAY).date(), (START + 8 * DAY).date()}
    assert all(assets == ("a",) for _, assets, _, _ in puts)


def test_the_same_facts_again_cost_nothing(worked: Engine, puts: list[Put]) -> None:
    worked.store.upsert([run("a5", "a", START + 5 * DAY)])
    worked.refresh(START + 21 * DAY)
    assert puts == []


def test_a_word_of_an_asset_that_no_kpi_uses_costs_nothing(worked: Engine, puts: list[Put]) -> None:
    version = fact("asset", "a2", asset="a", tier=1, valid_from=START + 10 * DAY, url="https://wiki/orders")
    worked.store.upsert([version])
    worked.refresh(START + 21 * DAY)
    assert puts == []


def test_a_tier_changed_reaches_from_its_date(worked: Engine, puts: list[Put]) -> None:
    worked.store.upsert([fact("asset", "a2", asset="a", tier=2, valid_from=START + 18 * DAY)])
    worked.refresh(START + 20 * DAY)
    mine = {(first, last) for kpi, assets, first, last in puts if kpi == "pipeline_success_rate" and assets == ("a",)}
    assert mine == {((START + 18 * DAY).date(), (START + 20 * DAY).date())}
    for tier, runs in ((1, 18), (2, 2)):
        found = worked.show("pipeline_success_rate", Query(window="2026-11", asset="a", tier=tier), START + 20 * DAY)
        assert found["good"] == runs


def test_an_older_fact_of_a_source_reaches_the_days_that_it_adds(store: Store, puts: list[Put]) -> None:
    """A source that never says when it was watched is seen from its earliest fact on: of day 8 first, then of day 3."""
    store.upsert([fact("asset", "p", asset="p", schedule="0 6 * * *"), run("8", "p", START + 8 * DAY)])
    made = engine(store)
    made.refresh(START + 20 * DAY)
    puts.clear()
    store.upsert([run("3", "q", START + 3 * DAY)])
    made.refresh(START + 20 * DAY)
    mine = {
        (first, last) for kpi, assets, first, last in puts if kpi == "pipeline_success_rate" and "p" in (assets or ())
    }
    assert mine == {((START + 3 * DAY).date(), (START + 8 * DAY).date())}


# A quiet day


def judged(made: Engine, kpi: str, now: datetime, window: str = "2026-11-02") -> tuple[Any, ...]:
    found = made.show(kpi, Query(window=window), now)
    return found["good"], found["bad"], found["unknown"]


def test_a_grace_that_passes_makes_a_miss(store: Store) -> None:
    """Called for at 00, 06, 12 and 18; the first ran. A slot is missed a quarter of an hour later, to the second."""
    schedule = fact("asset", "p", asset="p", schedule="0 */6 * * *", valid_from=START)
    store.upsert([schedule, run("1", "p", START)])
    made = engine(store, step=timedelta(seconds=1))
    minute = timedelta(minutes=1)
    found = [
        judged(made, "pipeline_success_rate", START + at)
        for at in (HOUR, 6 * HOUR, 6 * HOUR + 15 * minute - minute / 60, 6 * HOUR + 15 * minute, 23 * HOUR)
    ]
    assert found == [(1, 0, 0), (1, 0, 0), (1, 0, 0), (1, 1, 0), (1, 3, 0)]
    assert judged(made, "pipeline_success_rate", START + 40 * HOUR, "2026-11-03") == (0, 3, 0)


def test_quiet_days_are_judged_however_long_nobody_looked(store: Store) -> None:
    store.upsert([fact("asset", "p", asset="p", schedule="0 */6 * * *", valid_from=START), run("1", "p", START)])
    made = engine(store)
    made.refresh(START + HOUR)
    assert judged(made, "pipeline_success_rate", START + 10 * DAY, "2026-11") == (1, 39, 0)


def test_freshness_ages_second_by_second(store: Store) -> None:
    """An update at midnight keeps it fresh for two hours."""
    rule = fact("asset", "d", asset="d", freshness={"max_age_seconds": 7200}, valid_from=START)
    store.upsert([rule, fact("dataset_update", "1", asset="d", at=START)])
    made = engine(store)
    found = [judged(made, "freshness_slo_attainment", START + at * HOUR) for at in (1, 2, 3, 3.5)]
    assert found == [(3600, 0, 0), (7200, 0, 0), (7200, 3600, 0), (7200, 5400, 0)]


def test_a_deadline_passes_on_quiet_days(store: Store) -> None:
    """Due at 07:00 each day from the second on; nothing ever comes after the first evening."""
    rule = fact(
        "asset", "d", asset="d", freshness={"deadline": "07:00", "tz": "UTC", "days": "daily"},
        valid_from=START + 12 * HOUR,
    )  # fmt: skip
    store.upsert([rule, fact("dataset_update", "1", asset="d", at=START + 18 * HOUR)])
    made = engine(store)
    found = [
        judged(made, "freshness_slo_attainment", START + at * HOUR, "7d")[:2]
        + judged(made, "dataset_sla_attainment", START + at * HOUR, "7d")[:2]
        for at in (20, 30, 31, 32, 56)
    ]
    assert found == [(0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 1), (0, 3600, 0, 1), (0, 25 * 3600, 0, 1)]


def test_a_deployment_settles_a_day_later(store: Store) -> None:
    store.upsert([fact("change", "1", kind="deployment", at=START, state="succeeded")])
    made = engine(store)
    found = [made.show("change_failure_rate", Query(window="7d"), START + at * HOUR) for at in (1, 23, 24)]
    assert [(one["good"], one["bad"], one["excluded"]) for one in found] == [(0, 0, 1), (0, 0, 1), (1, 0, 0)]


def test_what_lies_in_the_future_wakes_when_it_comes(store: Store) -> None:
    """A run that will start and end, an incident that will be resolved, a tier that will change."""
    store.upsert([
        fact("asset", "1", asset="p", tier=1, valid_from=START),
        fact("asset", "2", asset="p", tier=2, valid_from=START + 5 * HOUR),
        run("1", "p", START + 2 * HOUR, minutes=60), run("2", "p", START + 6 * HOUR, "failed", minutes=60),
        fact("incident", "1", started_at=START, detected_at=START + HOUR, resolved_at=START + 4 * HOUR),
    ])  # fmt: skip
    made = engine(store)

    def at(hours: float) -> tuple[Any, ...]:
        now = START + hours * HOUR
        rate = made.show("pipeline_success_rate", Query(window="1d"), now)
        tier = made.show("pipeline_success_rate", Query(window="1d", tier=2), now)
        mttr = made.show("mttr", Query(window="1d"), now)
        return rate["good"], rate["bad"], rate["excluded"], tier["bad"], mttr["n"], mttr["open"]

    assert at(1) == (0, 0, 0, 0, 0, 1)
    assert at(2.5) == (0, 0, 1, 0, 0, 1)
    assert at(4) == (1, 0, 0, 0, 1, 0)
    assert at(6.5) == (1, 0, 1, 0, 1, 0)
    assert at(7) == (1, 1, 0, 1, 1, 0)


@pytest.mark.parametrize(("since", "watch", "begins"), [
    (-1200, None, date(2023, 7, 21)), (-1200, -500, date(2024, 5, 16)), (None, -500, date(2024, 5, 16)),
    (-20_000, None, date(2016, 10, 26)), (None, None, date(2025, 9, 29)),
])  # fmt: skip
def test_slots_count_since_the_schedule_holds_but_not_long_before_anybody_watched(
    store: Store, puts: list[Put], since: int | None, watch: int | None, begins: date
) -> None:
    """Days from 2 November 2026, worked out on the 3rd: since the schedule's own first day; 400 days before the watch
    began; of a schedule said to hold since ever 3,660 days; where no moment at all was told, 400."""
    told = fact("asset", "p", asset="p", schedule="0 6 * * 1", valid_from=since and START + since * DAY)
    store.upsert([told, *([fact("coverage", "c", start=START + watch * DAY, end=START)] if watch else [])])
    engine(store).refresh(START + DAY)
    assert min(first for kpi, _, first, _ in puts if kpi == "pipeline_success_rate" and first > date.min) == begins


# Nothing is forgotten


class Killed(Exception):
    """Stands for a process that died."""


def test_a_crash_between_store_and_refresh_is_caught_up(worked: Engine) -> None:
    worked.store.upsert([run("a20", "a", START + 20 * DAY, "failed")])
    again = engine(worked.store)
    found = again.show("pipeline_success_rate", Query(window="2026-11"), START + 21 * DAY)
    assert (found["good"], found["bad"]) == (60, 1)


@pytest.mark.parametrize("after", (0, pytest.param(4, marks=pytest.mark.full), 11))
def test_a_crash_inside_the_refresh_is_caught_up(
    store: Store, fresh: Callable[..., Store], monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    facts, now = World(after).facts(60), START + 13 * DAY
    store.upsert(facts)
    real, left = Tx.put_states, [after]

    def dying(self: Tx, *args: Any, **more: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        real(self, *args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(Tx, "put_states", dying)
        with pytest.raises(Killed):
            engine(store).refresh(now)
    assert differing(everything(engine(store), now), everything(engine(fresh(facts)), now)) == []


def test_another_definition_rebuilds_that_kpi_alone(
    worked: Engine, puts: list[Put], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(worked.shelf["job_runtime"]), "version", 99)
    engine(worked.store).refresh(START + 20 * DAY)
    assert {kpi for kpi, _, _, _ in puts} == {"job_runtime"}
    assert {asset for _, assets, _, _ in puts for asset in assets or ()} == {"a", "b", "c"}
    puts.clear()
    engine(worked.store).refresh(START + 20 * DAY)
    assert puts == []


def test_another_zone_rebuilds_every_day(worked: Engine, fresh: Callable[..., Store]) -> None:
    """Runs of midnight UTC are of the next day in Kolkata, and of the day before in New York."""
    now = START + 20 * DAY
    for zone, day in (("Asia/Kolkata", "2026-11-02"), ("America/New_York", "2026-11-01")):
        moved = engine(worked.store, timezone=ZoneInfo(zone))
        found = moved.show("pipeline_success_rate", Query(window=day), now)
        assert (found["good"], found["bad"]) == (3, 0), zone
    before = moved.show("pipeline_success_rate", Query(window="2026-11-21"), now)
    assert before["good"] == 0


def test_a_lease_held_elsewhere_gives_the_same_numbers_from_memory(
    store: Store, fresh: Callable[..., Store], puts: list[Put]
) -> None:
    facts, now = World(5).facts(80), START + 13 * DAY
    store.upsert(facts[:50])
    made = engine(store)
    made.refresh(now - DAY)
    store.upsert(facts[50:])
    assert store.lease("refresh", "another process", 600, now)
    puts.clear()
    found = everything(made, now)
    assert puts == []
    assert differing(found, everything(engine(fresh(facts)), now)) == []
    store.release("refresh", "another process")
    assert differing(everything(made, now), found) == []


def test_breakdowns_and_explanations_need_no_lease(worked: Engine) -> None:
    now, query = START + 20 * DAY, Query(window="28d")
    known = worked.breakdown("pipeline_success_rate", query, "asset", now)
    worked.store.upsert([run("d", "d", START + 20 * DAY - HOUR, "failed")])
    worked.store.lease("refresh", "another process", 600, now)
    found = worked.breakdown("pipeline_success_rate", query, "asset", now)
    assert [line["key"] for line in known] == ["a", "b", "c"]
    assert [(line["key"], line["bad"]) for line in found] == [("d", 1), ("a", 0), ("b", 0), ("c", 0)]


# Properties over random platforms


@pytest.mark.parametrize("seed", seeds(0, 1, 5))
def test_bit_by_bit_is_the_same_as_at_once(store: Store, fresh: Callable[..., Store], seed: int) -> None:
    """Facts arrive in five lots over the days, each time refreshed; then a quiet day and a half."""
    facts = World(seed).facts(90)
    made = engine(store)
    for lot in range(5):
        store.upsert(facts[lot * 19 : (lot + 1) * 19])
        made.refresh(START + (3 * lot + 1) * DAY + 7 * HOUR)
    for hours in (1, 9, 36):
        now = START + 13 * DAY + 7 * HOUR + hours * HOUR
        made.refresh(now)
    assert differing(everything(made, now), everything(engine(fresh(facts)), now)) == []


@pytest.mark.parametrize("seed", seeds(20, 1, 5))
def test_a_past_as_of_is_what_was_seen_then(store: Store, fresh: Callable[..., Store], seed: int) -> None:
    """A store refreshed today, asked about the past, equals one with the same facts that is refreshed at that time."""
    facts = World(seed).facts(90)
    store.upsert(facts)
    made, now = engine(store), START + 14 * DAY
    made.refresh(now)
    for then in (START + 4 * DAY, START + 7 * DAY + 7.5 * HOUR):
        other = engine(fresh(facts))
        assert differing(everything(made, now, then), everything(other, then)) == []
