"""The truth's arithmetic on worlds so small that every figure is worked out by hand here."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tierline.demo.model import Alert, Dataset, Deployment, Incident, Pipeline, Run, Thing, Update, Version
from tierline.demo.truth import TRUTHS, Question
from tierline.demo.truth.question import quantile
from tierline.demo.world import Day, World

NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)
BORN = datetime(2026, 10, 1, tzinfo=UTC)
DAY = date(2026, 11, 10)
"""A Tuesday; Berlin's midnight is 23:00 UTC."""


def at(hour: int, minute: int = 0, day: int = 10) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def empty() -> World:
    """A world in which nothing happens by itself."""
    world = World(NOW, pipelines=1, datasets=0, days=60)
    world.catalog.pipelines, world.catalog.datasets, world.catalog.connectors = [], [], []
    world.incidents, world.alerts, world.deployments = [], [], []
    for day in world.dates():
        world._days[day] = Day([], [])
    return world


def pipeline(cron: str | None = "0 4 * * *", *later: Version) -> Pipeline:
    return Pipeline("airflow-prod/p", "pipeline", "web", [Version(BORN, 2, "growth", cron), *later])


def run(
    of: Pipeline, due: datetime | None, state: str = "success", minutes: int = 10, trigger: str = "schedule"
) -> Run:
    start = (due or at(9)) + timedelta(minutes=1)
    return Run(of, f"{trigger}__{start}", trigger, due, start, start + timedelta(minutes=minutes), state)


def asked(world: World, kpi: str, first: date = DAY, last: date = DAY, as_of: datetime = NOW, **scope: Any) -> Any:
    return TRUTHS[kpi](Question(world, first, last, as_of, **scope))


def test_success_counts_slots_without_a_run_as_missed(empty: World) -> None:
    daily = pipeline()  # 04:00 in Berlin is 03:00 UTC
    empty.catalog.pipelines = [daily]
    days = [date(2026, 11, day) for day in (9, 10, 11, 12, 13)]
    empty._days[days[0]] = Day([run(daily, at(3, day=9))], [])
    empty._days[days[1]] = Day([run(daily, at(3, day=10), "failed")], [])
    empty._days[days[2]] = Day([run(daily, at(3, day=11), "skipped"), run(daily, None, trigger="manual")], [])
    told = asked(empty, "pipeline_success_rate", days[0], days[4])
    assert (told["good"], told["bad"]) == (1, 3)  # failed on the 10th, nothing on the 12th and 13th
    assert told["value"] == 0.25


def test_a_slot_is_missed_only_after_its_grace(empty: World) -> None:
    empty.catalog.pipelines = [pipeline()]
    assert asked(empty, "pipeline_success_rate", as_of=at(3, 14))["value"] is None
    assert asked(empty, "pipeline_success_rate", as_of=at(3, 15))["value"] == 0.0


def test_a_pause_calls_for_nothing(empty: World) -> None:
    paused = Version(at(0, day=9), 2, "growth", "0 4 * * *", paused=True)
    empty.catalog.pipelines = [pipeline("0 4 * * *", paused, Version(at(0, day=12), 2, "growth", "0 4 * * *"))]
    told = asked(empty, "pipeline_success_rate", date(2026, 11, 8), date(2026, 11, 12))
    assert (told["good"], told["bad"]) == (0, 2)  # the 8th and the 12th


def test_runs_are_judged_by_the_tier_of_their_day(empty: World) -> None:
    promoted = pipeline("0 4 * * *", Version(at(0, day=10), 0, "growth", "0 4 * * *"))
    empty.catalog.pipelines = [promoted]
    empty._days[date(2026, 11, 9)] = Day([run(promoted, at(3, day=9), "failed")], [])
    empty._days[DAY] = Day([run(promoted, at(3))], [])
    first = date(2026, 11, 9)
    assert asked(empty, "pipeline_success_rate", first, DAY, tier=0)["value"] == 1.0
    assert asked(empty, "pipeline_success_rate", first, DAY, tier=2)["value"] == 0.0


def dataset(world: World, **promise: Any) -> Dataset:
    found = Dataset("snowflake://acme/a.b.c", "dataset", "web", [Version(BORN, 1, "growth")], **promise)
    world.catalog.datasets = [found]
    return found


def land(world: World, of: Dataset, *moments: tuple[datetime, datetime]) -> None:
    """(landed, data through) each."""
    for number, (moment, through) in enumerate(moments):
        update = Update(of, moment, through, run(pipeline(), None), number)
        world._days[moment.date()].updates.append(update)


def test_age_counts_from_the_data_not_from_the_landing(empty: World) -> None:
    hourly = dataset(empty, max_age=7200)
    land(empty, hourly, (at(22, day=9), at(22, day=9)), (at(6), at(5)), (at(20), at(20)))
    told = asked(empty, "freshness_slo_attainment")
    # 23:00 to 00:00 fresh (age 2 h at midnight UTC), stale to 06:00; fresh to 07:00 (data of 05:00), stale to 20:00,
    # fresh to 22:00, stale to 23:00
    assert (told["good"], told["bad"]) == (4 * 3600, 20 * 3600)
    assert asked(empty, "dataset_sla_attainment") == {"value": 0.0, "good": 0, "bad": 1}


def test_before_its_first_update_a_datasets_age_is_unknown(empty: World) -> None:
    land(empty, dataset(empty, max_age=86400), (at(13), at(13)))
    told = asked(empty, "freshness_slo_attainment")
    assert (told["good"], told["bad"]) == (10 * 3600, 0)
    assert asked(empty, "dataset_sla_attainment")["value"] is None  # less than half is known


def test_a_late_delivery_is_stale_from_its_deadline_until_it_is_there(empty: World) -> None:
    daily = dataset(empty, deadline="07:00", objective=0.9)
    land(
        empty, daily, (at(4, day=9), at(3, day=9)), (at(5, day=10), at(3, day=9)), (at(9, 30, day=10), at(3, day=10)),
        (at(4, day=11), at(3, day=11)),
    )  # fmt: skip
    told = asked(empty, "freshness_slo_attainment")
    # 07:00 is 06:00 UTC: stale until 09:30; what landed at 05:00 was yesterday's data
    assert told["bad"] == 3.5 * 3600
    assert told["good"] == 20.5 * 3600
    assert asked(empty, "dataset_sla_attainment")["value"] == 0.0
    assert asked(empty, "dataset_sla_attainment", date(2026, 11, 11), date(2026, 11, 11))["value"] == 1.0


def test_on_business_days_only_a_friday_without_delivery_lasts_until_monday(empty: World) -> None:
    land(empty, dataset(empty, deadline="07:00", days="business"), (at(4, day=12), at(3, day=12)))
    told = asked(empty, "freshness_slo_attainment", date(2026, 11, 13), date(2026, 11, 15))
    assert told["bad"] == (17 + 24 + 24) * 3600  # Friday 07:00 to Sunday 24:00
    assert told["good"] == 7 * 3600


def incident(
    number: int, start: datetime, minutes: int | None, cause: str | None = "disk-full", **more: Any
) -> Incident:
    end = None if minutes is None else start + timedelta(minutes=minutes)
    thing = Thing("airflow-prod/p", "pipeline", "web", [Version(BORN, 2, "growth")])
    found = start + timedelta(minutes=5)
    return Incident(
        number, "x", cause, start, found, found, [(start, end)], 3, "availability", "monitor", [thing], **more
    )


def test_times_to_detect_and_to_restore(empty: World) -> None:
    reopened = incident(3, at(5), 30)
    reopened.spans.append((at(7), at(7, 30)))
    empty.incidents = [
        incident(1, at(1), 90),
        incident(2, at(2), None),
        reopened,
        incident(4, at(1), 90, duplicate_of=1),
    ]
    told = asked(empty, "mttr", as_of=at(12))
    assert (told["n"], told["value"]) == (2, 4500.0)  # 90 min; 30 + 30 min
    assert (told["open"], told["at_least"]) == (1, (5400 + 3600 + 36000) / 3)
    assert asked(empty, "mttd", as_of=at(12)) == {"value": 300.0, "n": 3, "mean": 300.0, "median": 300.0}


def test_an_incident_recurs_when_its_cause_was_made_good_within_thirty_days(empty: World) -> None:
    empty.incidents = [
        incident(1, at(12, day=1) - timedelta(days=22), 60),  # restored on 10 October, 13:00
        incident(2, at(13, day=9), 60), incident(3, at(12, 30, day=10), 60),
        incident(4, at(1, day=10), 60, cause=None), incident(5, at(2, day=10), 60, cause="other"),
    ]  # fmt: skip
    told = asked(empty, "incident_recurrence_rate", date(2026, 11, 9), DAY)
    # 2: thirty days after 1 was restored, to the minute: yes. 3: after 2. 5: alone. 4: nobody knows.
    assert told == {"value": 2 / 3, "good": 1, "bad": 2, "unknown": 1}


def alert(key: str, fired: datetime, acked: int | None, minutes: int | None, dedup: str, **more: Any) -> Alert:
    thing = Thing("airflow-prod/p", "pipeline", "web", [Version(BORN, 2, "growth")])
    acknowledged = None if acked is None else fired + timedelta(minutes=acked)
    resolved = None if minutes is None else fired + timedelta(minutes=minutes)
    return Alert(key, "rule", thing, fired, acknowledged, resolved, dedup=dedup, **more)


def test_alerts_are_judged_once_a_firing(empty: World) -> None:
    empty.alerts = [
        alert("a", at(8), 10, 60, "x", label="actionable"), alert("b", at(8, 30), None, 60, "x"),  # one firing
        alert("c", at(12), None, 5, "x"),  # gone by itself
        alert("d", at(13), 5, 30, "y"),  # acknowledged, and nobody said what of it
        alert("e", at(14), None, 30, "z", incident=incident(1, at(13), 60)),
    ]  # fmt: skip
    assert asked(empty, "alert_precision") == {"value": 2 / 3, "good": 2, "bad": 1, "unknown": 1}


def test_only_support_hours_pass_until_an_acknowledgement(empty: World) -> None:
    empty.alerts = [
        alert("a", at(7, 30), 60, 90, "x"),  # 08:30 to 09:30 in Berlin: 30 minutes of it
        alert("b", at(10), 10, 90, "y"), alert("c", at(20), 10, 90, "z"),  # the last by night: left out
    ]  # fmt: skip
    assert asked(empty, "mtta") == {"value": 1200.0, "n": 2, "mean": 1200.0, "median": 1200.0}


def test_deployments_settle_after_a_day_and_fail_at_once(empty: World) -> None:
    back = Deployment("v2", "x", "growth", at(10), fails="rollback", reverted_at=at(11))
    empty.deployments = [
        Deployment("v1", "x", "growth", at(9)), back, Deployment("v2-revert", "x", "growth", at(11), reverts="v2"),
        Deployment("v3", "x", "commerce", at(15)),
    ]  # fmt: skip
    told = asked(empty, "change_failure_rate", as_of=at(12, day=11))
    assert (told["good"], told["bad"], told["value"]) == (2, 1, 1 / 3)  # v3 is not yet a day old
    assert asked(empty, "change_failure_rate", team="commerce")["value"] == 0.0
    assert asked(empty, "deployment_frequency")["value"] == 28.0  # 4 on one day
    assert asked(empty, "deployment_frequency", date(2026, 10, 25), date(2026, 10, 25))["value"] == 0.0


def test_runtimes_are_compared_job_by_job(empty: World) -> None:
    hourly = pipeline("0 * * * *")
    empty.catalog.pipelines = [hourly]
    for day, minutes in ((9, 10), (10, 8)):
        due = [at(hour, day=day) for hour in range(1, 13)]
        empty._days[date(2026, 11, day)] = Day([run(hourly, moment, minutes=minutes) for moment in due], [])
    assert asked(empty, "job_runtime") == {"value": pytest.approx(-0.2), "n": 1}


def test_a_backfill_takes_from_its_first_start_to_its_last_end(empty: World) -> None:
    daily = pipeline()
    runs = [run(daily, at(hour), trigger="backfill") for hour in (1, 2, 4)]
    for one in runs:
        one.backfill = "7"
    empty._days[DAY] = Day(runs, [])
    assert asked(empty, "backfill_completion_time")["value"] == 3 * 3600 + 600
    assert asked(empty, "backfill_completion_time", as_of=at(4, 5))["value"] is None


@pytest.mark.parametrize(
    ("values", "share", "expected"), [([3.0], 0.95, 3.0), ([1, 2, 3, 4], 0.5, 2.5), ([10, 20, 30], 0.95, 29.0)]
)
def test_quantiles_are_r7(values: list[float], share: float, expected: float) -> None:
    assert quantile(values, share) == pytest.approx(expected)
