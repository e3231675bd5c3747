"""The world is always alike, as large as promised, and holds together."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from tierline.demo.chance import day_bounds
from tierline.demo.clock import ticks
from tierline.demo.model import Pipeline, Run
from tierline.demo.truth import TRUTHS, Question
from tierline.demo.world import World

DAY = date(2026, 11, 10)


def print_of(world: World, day: date) -> str:
    """A fingerprint of everything a day holds."""
    told = [
        *((r.pipeline.name, r.run_id, r.started, r.ended, r.state, r.tries) for r in world.day(day).runs),
        *((u.number, u.dataset.name, u.at, u.through) for u in world.day(day).updates),
        *((c.dataset.name, c.name, c.outcome, c.at) for c in world.checks(day)),
        *((c.day, c.resource, c.amount) for c in world.money.costs(day)),
        *((q.workload.name, q.outcome, sorted(q.buckets.items())) for q in world.money.queries(day)),
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def test_the_same_seed_and_last_day_give_the_same_days(now: datetime) -> None:
    first, second = World(now), World(now - timedelta(hours=5))
    list(second.runs(DAY - timedelta(days=3), DAY))  # whatever was asked before
    assert print_of(first, DAY) == print_of(second, DAY)
    assert [i.key for i in first.incidents] == [i.key for i in second.incidents]
    assert [(a.key, a.fired) for a in first.alerts] == [(a.key, a.fired) for a in second.alerts]


def test_another_seed_gives_another_world(now: datetime, year: World) -> None:
    assert print_of(World(now, seed=21), DAY) != print_of(year, DAY)


def test_it_is_as_large_as_promised(year: World) -> None:
    catalog = year.catalog
    assert (len(catalog.pipelines), len(catalog.datasets)) == (150, 400)
    assert {t.versions[0].tier for t in catalog.pipelines} == {0, 1, 2, 3}
    assert len({p.versions[0].team for p in catalog.pipelines}) == 6
    assert len({p.name for p in catalog.pipelines}) == 150
    week = [date(2026, 11, 9) + timedelta(days=offset) for offset in range(7)]
    facts = sum(len(year.day(day).runs) + len(year.day(day).updates) + len(year.checks(day)) for day in week)
    assert 440_000 < facts / 7 * 365 < 560_000


def test_its_figures_are_believable(year: World, now: datetime) -> None:
    def value(kpi: str, days: int = 28, **scope: int) -> float:
        found: float = TRUTHS[kpi](Question.rolling(year, days, now, **scope))["value"]
        return found

    assert 0.996 < value("pipeline_success_rate", tier=0) < 1
    assert 0.985 < value("pipeline_success_rate", tier=1) < 0.996
    assert 0.94 < value("pipeline_success_rate", tier=3) < 0.98
    assert 0.98 < value("freshness_slo_attainment") < 0.9995
    assert 40 * 60 < value("mttr", 90) < 180 * 60
    assert 0.06 < value("change_failure_rate", 90) < 0.12
    assert 0.65 < value("alert_precision", 90) < 0.80
    assert 10 < value("deployment_frequency", 90) < 20


def test_a_terabyte_costs_less_than_a_year_ago(year: World, now: datetime) -> None:
    before = Question(year, date(2025, 12, 1), date(2025, 12, 31), now)
    after = Question(year, date(2026, 10, 1), date(2026, 10, 31), now)
    cost = TRUTHS["unit_cost"]
    assert 0.80 < cost(after)["value"] / cost(before)["value"] < 0.95


def test_scheduled_runs_are_of_ticks_and_each_tick_has_at_most_one(small: World) -> None:
    seen: set[tuple[str, datetime]] = set()
    for run in small.runs():
        assert run.started < run.ended
        if run.trigger == "schedule":
            assert run.due is not None and run.due <= run.started
            key = (run.pipeline.name, run.due)
            assert key not in seen
            seen.add(key)
            version = run.pipeline.at(run.due)
            assert version.schedule and not version.paused and not version.retired
    assert len(seen) > 1_000


def test_the_paused_pipeline_does_not_run(small: World) -> None:
    start, end = small.weather.pause
    paused = small.catalog.pipelines[2]
    states = {version.since: version.paused for version in paused.versions}
    assert list(states.values()) == [False, True, False]
    moments = [run.due for run in small.runs() if run.pipeline is paused and run.trigger == "schedule" and run.due]
    assert not [moment for moment in moments if start <= moment < end]
    assert min(moments) < start and max(moments) > end


def test_a_daily_pipeline_turned_hourly(small: World) -> None:
    turned, since = small.catalog.pipelines[1], small.weather.hourly_since
    before = [r for r in small.runs() if r.pipeline is turned and r.trigger == "schedule" and r.due and r.due < since]
    day = small.weather.last - timedelta(days=2)
    after = [r for r in small.runs(day, day) if r.pipeline is turned and r.trigger == "schedule"]
    assert len(before) <= (since.date() - small.weather.first).days + 1
    assert 20 <= len(after) <= 24


def test_in_the_outage_most_runs_fail_and_many_never_start(year: World) -> None:
    start, end = year.weather.outage
    down = year.weather.scheduler_down
    day = start.date()
    runs = [r for r in year.runs(day, day) if r.trigger == "schedule" and r.due and start <= r.due < end]
    assert not [r for r in runs if r.due and down[0] <= r.due < down[1]]
    hourly = [p for p in year.catalog.pipelines if (p.versions[0].schedule or "").split(" ")[1:2] == ["*"]]
    assert hourly and all(
        sum(1 for r in runs if r.pipeline is p)
        < sum(1 for t in ticks(p.versions[0].schedule or "", day) if start <= t < end)
        for p in hourly
    )
    failed = Counter(run.state for run in runs if run.earlier is None)
    assert failed["failed"] > failed["success"]


def test_the_migration_replaces_pipelines(year: World) -> None:
    start, end = year.weather.migration
    born = [p for p in year.catalog.pipelines if p.born == start]
    gone = [p for p in year.catalog.pipelines if any(v.retired and v.since == end for v in p.versions)]
    assert len(born) == len(gone) > 3
    assert {p.domain for p in [*born, *gone]} == {"finance"}


def test_incidents_keep_their_order_of_moments(year: World) -> None:
    for incident in year.incidents:
        assert incident.started <= incident.detected <= incident.acknowledged
        assert all(end is None or start < end for start, end in incident.spans)
        assert incident.things
    assert sum(incident.resolved is None for incident in year.incidents) == 2
    assert len({incident.cause for incident in year.incidents}) < len(year.incidents) / 2


def test_what_an_incident_keeps_down_fails(year: World) -> None:
    broken: Counter[str] = Counter()
    for incident in year.incidents[-60:]:
        day = incident.started.date()
        for run in year.runs(day, day):
            if run.trigger == "schedule" and run.earlier is None and incident.hurts(run.pipeline.name, run.started):
                broken[run.state] += 1
    assert broken["failed"] > 4 * broken["success"]


def run_of(pipeline: Pipeline) -> Run:
    at = datetime(2026, 11, 10, 4, tzinfo=UTC)
    again = at + timedelta(hours=1)
    return Run(
        pipeline, "scheduled__x", "schedule", at, again, again + timedelta(minutes=5), "success",
        earlier=(at, at + timedelta(minutes=10)),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("minutes", "state"), [(-1, None), (5, "running"), (10, "failed"), (59, "failed"), (61, "running"), (65, "success")]
)
def test_a_run_cleared_and_run_again_as_it_goes_by(small: World, minutes: int, state: str | None) -> None:
    run = run_of(small.catalog.pipelines[0])
    seen = run.seen(datetime(2026, 11, 10, 4, tzinfo=UTC) + timedelta(minutes=minutes))
    assert (seen.state if seen else None) == state


def test_updates_follow_successful_runs(small: World) -> None:
    day = small.day(date(2026, 11, 12))
    assert {update.run.state for update in day.updates} == {"success"}
    assert all(update.through <= update.at and update.dataset in update.run.pipeline.outputs for update in day.updates)
    assert len({update.number for update in day.updates}) == len(day.updates)
    assert day_bounds(date(2026, 11, 12))[0] <= min(update.at for update in day.updates)
