"""What is late, failing and burning now, worked out by hand from a few pipelines and datasets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slo.alerting.failing import failing
from slo.alerting.watch import remembered, watch
from slo.engine import Engine
from slo.facts import Fact
from slo.kpis.pipeline_success_rate import PipelineSuccessRate
from slo.measure import Item
from slo.platform import Alerting, Platform, SourceInfo
from slo.promises.clauses import Clause
from slo.promises.target import Target
from slo.results import Query, Results
from slo.states import States
from slo.store import Store
from slo.stories.budgets import budgets
from slo.targets import Targets
from slo.view import View
from tests.slo.tellings import fact, run

TODAY = datetime(2026, 11, 10, tzinfo=UTC)
NOON = TODAY + timedelta(hours=12)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
RUNS = "pipeline_success_rate"


def at(clock: str, day: datetime = TODAY) -> datetime:
    hours, minutes = clock.split(":")
    return day + timedelta(hours=int(hours), minutes=int(minutes))


def results(store: Store, as_of: datetime, *targets: Target, **platform: Any) -> Results:
    view = View(store, Platform(**platform), as_of)
    return Results(States(view, frozenset(), fresh=False, settled=False), Targets(targets))


def watched(store: Store, facts: Iterable[Fact], *targets: Target, as_of: datetime = NOON, **platform: Any) -> Any:
    store.upsert(facts)
    return watch(results(store, as_of, *targets, **platform), as_of, {})


def floor(share: float, kpi: str = RUNS, **more: Any) -> Target:
    clause = Clause(form="at_least", floor=share, **more)
    return Target(row=1, kpi=kpi, window="M", clauses=(clause,), adopted=date(2026, 1, 1), profile="own")


def pipeline(name: str = "etl/load", cron: str = "0 2 * * *", tier: int = 1, **more: Any) -> Fact:
    told: dict[str, Any] = {"kind": "pipeline", "tier": tier, "team": "core", "valid_from": TODAY - 40 * DAY}
    return fact("asset", name, asset=name, schedule=cron, **{**told, **more})


def dataset(name: str, tier: int = 1) -> list[Fact]:
    """Due daily at 07:00; landed at 03:00 on the three days before."""
    told: dict[str, Any] = {"kind": "dataset", "tier": tier, "team": "web", "valid_from": TODAY - 3 * DAY}
    rule = {"deadline": "07:00", "tz": "UTC", "days": "daily"}
    return [
        fact("asset", name, asset=name, freshness=rule, **told),
        *(landed(name, at("03:00") - place * DAY) for place in (1, 2, 3)),
    ]


def landed(name: str, when: datetime) -> Fact:
    return fact("dataset_update", f"{name}{when}", asset=name, at=when)


def edges(*pairs: str) -> list[Fact]:
    split = (pair.split(">") for pair in pairs)
    return [fact("edge", f"{up}>{down}", upstream=up, downstream=down, seen_at=TODAY - 9 * DAY) for up, down in split]


def daily(name: str = "etl/load", days: int = 3, **last: Any) -> list[Fact]:
    """A run of half an hour at 02:00 on each day before, and today's, failed unless told otherwise."""
    before = [run(f"{name}{place}", name, at("02:00") - place * DAY, minutes=30) for place in range(1, days + 1)]
    return [*before, run(f"{name}0", name, at("02:00"), **{"state": "failed", "minutes": 30, **last})]


CHAIN = [
    pipeline(), *daily(), *dataset("wh/a"), *dataset("wh/b"), *dataset("wh/c"),
    *edges("etl/load>wh/a", "etl/load>wh/b", "wh/a>wh/c"),
]  # fmt: skip


def test_one_failing_root_and_three_late_datasets_are_one_alert(store: Store) -> None:
    """The load failed at 02:30; its datasets were due at 07:00: nine and a half and five hours ago."""
    found = watched(store, CHAIN)
    (alert,) = found["alerts"]
    assert (alert["key"], alert["cause"], alert["team"], alert["tier"]) == (
        "RunFailing:etl/load", "etl/load", "core", "1",
    )  # fmt: skip
    assert (alert["affected"], alert["severity"]) == (["etl/load", "wh/a", "wh/b", "wh/c"], "ticket")
    assert (alert["since"], alert["page"]) == ("2026-11-10T02:30:00+00:00", "/assets/etl%2Fload")
    assert alert["summary"] == (
        "etl/load has been failing since 2026-11-10 02:30; 3 datasets are late: wh/a, wh/b, wh/c."
    )
    assert [(one["asset"], one["seconds"], one["cause"], one["cause_team"]) for one in found["late"]] == [
        (name, 5 * 3600.0, "etl/load", "core") for name in ("wh/a", "wh/b", "wh/c")
    ]
    (failed,) = found["failed"]
    assert (failed["state"], failed["seconds"], failed["cause"]) == ("failed", 9.5 * 3600, "etl/load")
    assert found["silenced"] == []


def test_data_that_is_still_fresh_at_midnight_absolves_nobody(store: Store) -> None:
    """The load of half past ten in the evening failed at eleven; what it feeds was due at seven."""
    evening = at("22:30") - DAY
    loads = [run(f"{back}", "etl/load", evening - back * DAY, "success" if back else "failed", 30) for back in range(3)]
    begun = pipeline(cron="30 22 * * *", valid_from=TODAY - 3 * DAY)
    (alert,) = watched(store, [begun, *loads, *dataset("wh/a"), *edges("etl/load>wh/a")])["alerts"]
    assert (alert["key"], alert["affected"]) == ("RunFailing:etl/load", ["etl/load", "wh/a"])


def test_recovery_ends_it(store: Store) -> None:
    facts = [*CHAIN, *daily(state="success"), *(landed(name, at("11:00")) for name in ("wh/a", "wh/b", "wh/c"))]
    found = watched(store, facts)
    assert (found["alerts"], found["late"], found["failed"]) == ([], [], [])


def test_what_is_mended_above_and_not_below_stays_one_alert(store: Store) -> None:
    """The slot was met by a second run at 11:00, and a and b came; c, which a held up until then, never did."""
    again = run("again", "etl/load", at("02:00"), started_at=at("10:30"), ended_at=at("11:00"))
    found = watched(store, [*CHAIN, again, landed("wh/a", at("11:00")), landed("wh/b", at("11:00"))])
    (alert,) = found["alerts"]
    assert (alert["key"], alert["affected"]) == ("DatasetLate:wh/a", ["wh/c"])
    assert alert["summary"] == "wh/a was late at 2026-11-10 07:00; 1 dataset is late: wh/c."


def keys(found: Any) -> list[tuple[str, list[str]]]:
    return [(one["key"], one["affected"]) for one in found["alerts"]]


def test_what_waited_for_a_failing_run_hangs_below_it_though_its_slot_came_first(store: Store) -> None:
    """q waits from 02:10 on for the load, which fails at 02:30, and fails itself at 03:00."""
    waits = [run(f"q{back}", "etl/q", at("02:10") - back * DAY, "success" if back else "failed", 50) for back in (0, 1)]
    facts = [*CHAIN, pipeline("etl/q", "10 2 * * *"), *waits, *edges("etl/load>etl/q", "etl/q>wh/c")]
    assert keys(watched(store, facts)) == [("RunFailing:etl/load", ["etl/load", "etl/q", "wh/a", "wh/b", "wh/c"])]


@pytest.mark.parametrize(("ended", "found"), [
    ("07:30", [("RunFailing:etl/load", ["etl/q", "wh/a", "etl/load"])]),
    (None, [("RunFailing:etl/q", ["etl/q", "wh/a"])]),
])  # fmt: skip
def test_what_never_came_was_held_up_by_what_was_under_way_then_and_failed(
    store: Store, ended: str | None, found: Any
) -> None:
    """The load of 02:00 takes until 07:30 and fails. q's slot of 05:00 is missed at 05:15, the data's deadline of 07:00
    with it. As long as the load runs it is no failure, and they are told by themselves."""
    load = {"state": "failed" if ended else "running", "ended_at": at(ended) if ended else None}
    begun = {"valid_from": TODAY - DAY}
    facts = [
        pipeline(**begun), *daily(**load, days=1), pipeline("etl/q", "0 5 * * *", **begun), *dataset("wh/a"),
        run("q", "etl/q", at("05:00") - DAY), *edges("etl/load>etl/q", "etl/q>wh/a"),
    ]  # fmt: skip
    assert keys(watched(store, facts, as_of=at("08:00"))) == found


def test_a_cause_of_more_than_a_day_is_followed_to_its_own(store: Store) -> None:
    """The load fails since yesterday 02:30, p below it since 12:30; the data of this morning was late at 07:00."""
    noon = at("12:00") - DAY
    begun = {"valid_from": TODAY - 2 * DAY}
    facts = [
        pipeline(**begun), pipeline("etl/p", "0 12 * * *", **begun), *dataset("wh/a"),
        *(run(f"load{back}", "etl/load", at("02:00") - back * DAY, "success" if back > 1 else "failed", 30)
          for back in range(3)),
        run("p0", "etl/p", noon, "failed", 30), run("p1", "etl/p", noon - DAY, minutes=30),
        *edges("etl/load>etl/p", "etl/p>wh/a"),
    ]  # fmt: skip
    found = watched(store, facts, as_of=at("08:00"))
    assert keys(found) == [("RunFailing:etl/load", ["etl/load", "etl/p", "wh/a"])]
    assert [one["cause_since"] for one in found["late"]] == ["2026-11-09T02:30:00+00:00"]
    resting = fact("exclusion", "x", start=at("01:00"), end=at("13:00"), assets="etl/p", reason="maintenance")
    found = watched(store, [resting], as_of=at("08:00"))
    assert keys(found) == [("RunFailing:etl/load", ["etl/load"])]
    assert [one["affected"] for one in found["silenced"]] == [["etl/p", "wh/a"]]  # what p rests for, its data rests for


def test_two_that_stand_upstream_of_each_other_are_one_alert(store: Store) -> None:
    facts = [pipeline(), *daily(), pipeline("etl/q"), *daily("etl/q"), *edges("etl/load>etl/q", "etl/q>etl/load")]
    assert keys(watched(store, facts)) == [("RunFailing:etl/load", ["etl/load", "etl/q"])]


@pytest.mark.parametrize("days", [7, 8, 13, 20])
def test_a_cause_stays_what_it_was_however_long_it_lasts(store: Store, days: int) -> None:
    """The data is too old since the morning of the load's failure, which was mended a day later; five days after that
    the load fails once more, and is mended."""
    first = at("02:00") - days * DAY
    loads = [run(str(day), "etl/load", first + day * DAY, "failed" if day in (0, 6) else "success", 30)
             for day in range(-2, days + 1)]  # fmt: skip
    rule = {"max_age_seconds": 86_400 + 7200}
    told = {"kind": "dataset", "tier": 1, "valid_from": first - 2 * DAY}
    facts = [
        pipeline(valid_from=first - 2 * DAY),
        *loads,
        fact("asset", "wh/a", asset="wh/a", freshness=rule, **told),
        landed("wh/a", first - DAY + HOUR),
        fact("edge", "e", upstream="etl/load", downstream="wh/a"),
    ]
    found = watched(store, facts, as_of=NOON)
    assert keys(found) == [("RunFailing:etl/load", ["wh/a"])]
    assert found["alerts"][0]["summary"].startswith(f"etl/load failed at {first + HOUR / 2:%Y-%m-%d %H:%M}; ")


@pytest.mark.parametrize(
    ("exclusion", "why"),
    [
        ({"assets": "etl/*", "reason": "maintenance", "ref": "CHG-7"}, "maintenance: until 2026-11-10 13:00, CHG-7"),
        ({"assets": "etl/*", "reason": "maintenance", "kpis": ["query_p95"]}, None),
        ({"assets": "etl/*", "reason": "vendor"}, None),
        ({"assets": "etl/*", "reason": "agreed"}, None),
        ({"assets": "etl/*", "reason": "agreed", "kpis": [RUNS]}, "agreed: until 2026-11-10 13:00"),
    ],
)
def test_maintenance_silences_the_cause_and_all_behind_it(store: Store, exclusion: Any, why: str | None) -> None:
    resting = fact("exclusion", "x", start=at("01:00"), end=at("13:00"), **exclusion)
    found = watched(store, [*CHAIN, resting])
    assert len(found["alerts"]) == (why is None)
    assert [one["why"] for one in found["silenced"]] == ([] if why is None else [why])
    assert [one["affected"] for one in [*found["alerts"], *found["silenced"]]] == [["etl/load", "wh/a", "wh/b", "wh/c"]]


def test_when_maintenance_is_over_what_still_fails_is_told(store: Store) -> None:
    over = fact("exclusion", "x", start=at("01:00"), end=at("12:00"), assets="*", reason="maintenance")
    assert len(watched(store, [*CHAIN, over])["alerts"]) == 1


def test_tier_two_is_nobodys_alarm(store: Store) -> None:
    facts = [pipeline(tier=2), *daily(), *dataset("wh/a", tier=2), *edges("etl/load>wh/a")]
    found = watched(store, facts, floor(0.99))
    assert (found["assets"], found["alerts"], found["silenced"]) == (0, [], [])
    assert [one["watched"] for one in found["slos"]] == [False]


@pytest.mark.parametrize("more", [{"paused": True}, {"retired": True}, {"environment": "staging"}])
def test_what_is_paused_retired_or_staging_is_silent(store: Store, more: dict[str, Any]) -> None:
    assert watched(store, [pipeline(**more), *daily()])["alerts"] == []


@pytest.mark.parametrize("state", ["skipped", "cancelled", "running"])
def test_what_was_skipped_cancelled_or_still_runs_is_no_failure(store: Store, state: str) -> None:
    assert watched(store, [pipeline(), *daily(state=state)])["failed"] == []


def test_a_pipeline_that_fails_for_days_fails_since_the_first(store: Store) -> None:
    """Good until Wednesday, bad from Thursday's 02:30 on: five days and nine and a half hours."""
    states = ["failed" if back <= 5 else "success" for back in range(9)]
    runs = [run(str(back), "etl/load", at("02:00") - back * DAY, state, 30) for back, state in enumerate(states)]
    (one,) = watched(store, [pipeline(valid_from=TODAY - 8 * DAY), *runs])["failed"]
    assert (one["since"], one["seconds"]) == ("2026-11-05T02:30:00+00:00", 5 * 86_400 + 9.5 * 3600)


@pytest.mark.parametrize("slot", ["failed", None])
@pytest.mark.parametrize("day", [date(2026, 10, 2), date(2026, 11, 4), date(2026, 11, 6), date(2026, 12, 31)])
def test_what_comes_once_a_quarter_fails_until_it_succeeds(store: Store, day: date, slot: str | None) -> None:
    """That of July went well; that of 1 October failed at 02:30, or never came, which was known at 02:15."""
    july, october = (datetime(2026, month, 1, 2, tzinfo=UTC) for month in (7, 10))
    runs = [run("q1", "etl/load", july), *([run("q2", "etl/load", october, slot, 30)] if slot else [])]
    as_of = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    (one,) = watched(store, [pipeline(cron="0 2 1 1,4,7,10 *", valid_from=july - DAY), *runs], as_of=as_of)["failed"]
    known = october + timedelta(minutes=30 if slot else 15)
    assert (one["since"], one["state"]) == (known.isoformat(), slot or "missed")
    by_hand = run("hand", "etl/load", as_of - HOUR, trigger="manual", due_at=None)
    assert watched(store, [by_hand], as_of=as_of)["failed"] == []


def test_since_when_it_fails_does_not_wander(store: Store) -> None:
    """Daily runs that fail since 12 September, 60 of them; on 1 October that of 12 September was run again, and went
    well, as if it were a new one."""
    begun = TODAY - 90 * DAY
    facts = [pipeline(valid_from=begun), *(
        run(str(back), "etl/load", at("02:00") - back * DAY, "failed" if back < 60 else "success", 30)
        for back in range(90)
    )]  # fmt: skip
    store.upsert(facts)
    since = "2026-09-12T02:30:00+00:00"
    for back in (40, 26, 24, 0):
        assert [one["since"] for one in watched(store, [], as_of=NOON - back * DAY)["failed"]] == [since], back
    again = run("59", "etl/load", at("02:00") - 59 * DAY, started_at=at("12:00") - 40 * DAY, minutes=30)
    found = watched(store, [again])["failed"]
    assert [one["since"] for one in found] == ["2026-10-02T02:30:00+00:00"]


def test_of_a_long_failure_its_beginning_and_its_end_are_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 60 failures the first three with the two runs before them, and the last three."""
    store.upsert([pipeline(valid_from=TODAY - 62 * DAY), *(
        run(str(back), "etl/load", at("02:00") - back * DAY, "failed" if back < 60 else "success", 30)
        for back in range(63)
    )])  # fmt: skip
    engine = Engine(store, Platform(), Targets())
    engine.refresh(NOON)
    found, real, read = engine.results(None, NOON, refresh=False), PipelineSuccessRate.items, list[Item]()

    def items(*asked: Any) -> Iterator[Item]:
        for item in real(*asked):
            read.append(item)
            yield item

    monkeypatch.setattr(PipelineSuccessRate, "items", items)
    (one,) = failing(found, ["etl/load"])
    assert one.since == at("02:30") - 59 * DAY
    assert [(TODAY - item.at).days + 1 for item in read if item.facts] == [61, 60, 59, 58, 57, 2, 1, 0]


def test_a_slot_that_is_tried_again_has_not_failed_yet(store: Store) -> None:
    again = run("again", "etl/load", at("02:00"), "running", started_at=at("11:50"))
    assert watched(store, [pipeline(), *daily(), again])["failed"] == []


def test_an_old_run_that_fails_late_does_not_undo_a_newer_success(store: Store) -> None:
    """That of 09:00 took until 11:30; that of 10:00 was done at 10:10."""
    hourly = [run(str(hour), "etl/load", at(f"{hour}:00")) for hour in (8, 10, 11)]
    slow = run("9", "etl/load", at("9:00"), "failed", minutes=150)
    facts = [pipeline(cron="0 * * * *", grace_seconds=7200, valid_from=at("08:00")), *hourly, slow]
    assert watched(store, facts)["failed"] == []


@pytest.mark.parametrize(("seen", "failed"), [("11:00", []), ("12:00", [("missed", 45 * 60.0)])])
def test_a_slot_that_nobody_could_see_is_not_missed(store: Store, seen: str, failed: list[Any]) -> None:
    """The slot of 11:00 is missed at 11:15, where somebody looked."""
    told = {"source": "airflow"}
    facts = [
        pipeline(cron="0 * * * *", valid_from=TODAY, **told),
        *(run(f"{hour}", "etl/load", at(f"{hour}:00"), **told) for hour in range(11)),
        fact("coverage", "c", kinds=["run", "asset"], start=TODAY, end=at(seen), **told),
    ]
    source = SourceInfo("airflow", {"run": ("due_at",), "asset": ("schedule",)})
    found = watched(store, facts, sources=(source,))
    assert [(one["state"], one["seconds"]) for one in found["failed"]] == failed


@pytest.mark.parametrize(("clock", "late"), [("05:59", []), ("06:30", [1800.0])])
def test_a_deadline_on_the_day_the_clocks_go_back(store: Store, clock: str, late: list[float]) -> None:
    """07:00 in Berlin is 06:00 UTC on 25 October, an hour later than the day before."""
    sunday = datetime(2026, 10, 25, tzinfo=UTC)
    rule = {"deadline": "07:00", "tz": "Europe/Berlin", "days": "daily"}
    told = fact("asset", "d", asset="wh/d", kind="dataset", tier=0, freshness=rule, valid_from=sunday - 3 * DAY)
    facts = [told, *(landed("wh/d", at("03:00", sunday) - place * DAY) for place in (1, 2, 3))]
    found = watched(store, facts, as_of=at(clock, sunday), timezone=ZoneInfo("Europe/Berlin"))
    assert [one["seconds"] for one in found["late"]] == late


def test_a_dataset_late_for_days_is_late_since_the_first(store: Store) -> None:
    """It came on Saturday; Sunday's, Monday's and Tuesday's did not."""
    facts = [dataset("wh/a")[0], landed("wh/a", at("03:00") - 3 * DAY)]
    (one,) = watched(store, facts)["late"]
    assert (one["since"], one["deadline"]) == ("2026-11-08T07:00:00+00:00", "2026-11-10T07:00:00+00:00")
    assert one["seconds"] == 2 * 86_400 + 5 * 3600


WAREHOUSE = SourceInfo("wh", {"dataset_update": ("at",), "asset": ("freshness", "tier")})
"""Read every five minutes."""
HOURLY = SourceInfo("wh", {"dataset_update": ("at",)}, interval=HOUR)
SETTINGS = SourceInfo("config", {"asset": ("freshness", "tier")})
INVENTORY = SourceInfo("inventory", {"asset": ("freshness", "tier")}, interval=6 * HOUR)


def of_warehouse(told_by: str, rule: dict[str, Any], lands: Iterable[datetime], *seen: datetime) -> list[Fact]:
    """A dataset of a rule; the warehouse watched for its landings from five days ago on, or from, to, from, to."""
    edges = seen if len(seen) > 1 else (TODAY - 5 * DAY, *seen)
    told: dict[str, Any] = {"kind": "dataset", "tier": 0, "team": "web", "valid_from": TODAY - 4 * DAY}
    return [
        fact("asset", "d", source=told_by, asset="wh/d", freshness=rule, **told),
        *(fact("dataset_update", str(when), source="wh", asset="wh/d", at=when) for when in lands),
        *(fact("coverage", str(start), source="wh", kinds=["dataset_update"], start=start, end=end)
          for start, end in zip(edges[::2], edges[1::2], strict=True)),
    ]  # fmt: skip


SEVEN = {"deadline": "07:00", "tz": "UTC", "days": "daily"}


@pytest.mark.parametrize(("told_by", "sources"), [
    ("config", (SETTINGS, HOURLY)), ("applied", (HOURLY,)), ("inventory", (INVENTORY, HOURLY)), ("wh", (WAREHOUSE,)),
])  # fmt: skip
@pytest.mark.parametrize(("seen", "late"), [
    ("06:10", None), ("07:00", None), ("07:01", 5.0), ("10:59", 5.0), ("11:49", 5.0), ("11:58", 5.0), ("12:00", 5.0),
])  # fmt: skip
def test_what_was_seen_to_be_late_stays_so_between_passes_and_without_any(
    store: Store, told_by: str, sources: tuple[SourceInfo, ...], seen: str, late: float | None
) -> None:
    """Due at 07:00, which somebody saw who looked until later than that; whoever told the rule, and however often."""
    facts = of_warehouse(told_by, SEVEN, [at("03:00") - DAY, at("03:00") - 2 * DAY, at("03:00") - 3 * DAY], at(seen))
    found = watched(store, facts, sources=sources)
    assert [one["seconds"] / 3600 for one in found["late"]] == ([] if late is None else [late])
    assert [one["key"] for one in found["alerts"]] == ([] if late is None else ["DatasetLate:wh/d"])


def test_a_source_that_falls_blind_ends_no_alert(store: Store) -> None:
    """Last read at 09:00, it is blind from 09:20 on; tomorrow's deadline passes unseen, and the data is as late."""
    store.add_source_run("wh", at("09:00"), at("09:00"), True, 0, 0, None)
    facts = of_warehouse("wh", SEVEN, [at("03:00") - place * DAY for place in (1, 2, 3)], at("09:00"))
    for as_of in (NOON, NOON + DAY):
        found = watched(store, facts, as_of=as_of, sources=(WAREHOUSE,))
        assert {one["key"]: one["since"] for one in found["alerts"]} == {
            "DatasetLate:wh/d": "2026-11-10T07:00:00+00:00", "TierlineBlind:wh": "2026-11-10T09:00:00+00:00",
        }  # fmt: skip
    came = fact("dataset_update", "came", source="wh", asset="wh/d", at=at("10:00") + DAY)
    found = watched(store, [came], as_of=NOON + DAY, sources=(WAREHOUSE,))
    assert [one["key"] for one in found["alerts"]] == ["TierlineBlind:wh"]


@pytest.mark.parametrize(("seen", "since"), [
    ([TODAY - DAY, at("11:10")], None),
    ([TODAY - DAY, at("11:35")], None),
    ([TODAY - DAY, at("11:36")], "11:35"),
    ([TODAY - DAY, at("11:10"), at("11:50"), at("11:55")], "11:50"),
])  # fmt: skip
def test_data_is_too_old_from_when_somebody_saw_it(store: Store, seen: list[datetime], since: str | None) -> None:
    """Landed at 11:05, it may be half an hour old: until 11:35. The rule is told by what is read every six hours."""
    facts = of_warehouse("inventory", {"max_age_seconds": 1800}, [at("11:05")], *seen)
    found = watched(store, facts, sources=(INVENTORY, WAREHOUSE))["late"]
    assert [(one["since"], one["deadline"]) for one in found] == (
        [] if since is None else [(at(since).isoformat(), at("11:35").isoformat())]
    )


def hourly(name: str = "etl/load", bad: Iterable[int] = ()) -> list[Fact]:
    """An hourly pipeline of ten days and its runs of ten minutes, the last at 11:00; ``bad``: which failed, counted
    back from it."""
    states = ["failed" if back in set(bad) else "success" for back in range(240)]
    return [
        pipeline(name, "0 * * * *", valid_from=at("11:00") - 239 * HOUR),
        *(run(f"{name}{back}", name, at("11:00") - back * HOUR, state) for back, state in enumerate(states)),
    ]


def slo(found: Any, tier: str = "1") -> Any:
    return next(one for one in found["slos"] if one["tier"] == tier)


NO_RUNS = Alerting(off=frozenset({"RunFailing"}))
BURNING = "BudgetBurning:pipeline_success_rate-own-1-tier1"


def test_hourly_pipelines_burn_by_rate(store: Store) -> None:
    """3 % of two pipelines' runs may fail. Three of the last six did, one of the last two: (3/6) / 0.03 = (1/2) / 0.03
    = 16.7 times in three hours and in one, over 12. In two days 3/96 / 0.03 = 1.04, under 7.5."""
    found = watched(store, [*hourly(bad=[0, 1, 2]), *hourly("etl/other")], floor(0.97))
    whole, tiered = found["slos"]
    assert (whole["slo"], whole["tier"], whole["watched"]) == ("pipeline_success_rate-own-1", "", False)
    assert (tiered["slo"], tiered["watched"]) == ("pipeline_success_rate-own-1-tier1", True)
    burst, hours, days = tiered["lookbacks"]
    assert (burst["name"], burst["min_bad"], hours["min_bad"], burst["fires"]) == ("burst", 3, 2, True)
    assert (hours["long_bad"], hours["short_bad"], hours["threshold"], hours["fires"]) == (3, 1, 12.0, True)
    assert (hours["long_rate"], hours["short_rate"]) == (pytest.approx(1 / 0.06), pytest.approx(1 / 0.06))
    assert (days["long_rate"], days["fires"]) == (pytest.approx(3 / 96 / 0.03), False)
    assert (tiered["policy"], tiered["fires"], hours["severity"]) == ("batch-wide", "ticket", "ticket")
    assert tiered["worst"] == [{"asset": "etl/load", "team": "core", "tier": 1, "bad": 3, "share": 1}]


@pytest.mark.parametrize("hour", [0, 1, 12, 23])
def test_a_single_hourly_pipeline_burns_by_rate_at_any_hour(store: Store, hour: int) -> None:
    """24 runs a day: 720 in thirty, however much of today is still to come."""
    one = slo(watched(store, hourly(), floor(0.97), as_of=TODAY - DAY + hour * HOUR))
    assert (one["policy"], one["low_volume"]) == ("batch-wide", False)


def test_a_budget_burns_no_longer_once_an_hour_went_well(store: Store) -> None:
    assert watched(store, [*hourly(bad=[1, 2, 3]), *hourly("etl/other")], floor(0.97))["alerts"] == []


def test_paging_is_asked_for(store: Store) -> None:
    asked = Alerting(paging=True, off=NO_RUNS.off)
    found = watched(store, [*hourly(bad=[0, 1, 2]), *hourly("etl/other")], floor(0.97), alerting=asked)
    (alert,) = found["alerts"]
    assert (alert["key"], alert["severity"], alert["team"]) == (BURNING, "page", "platform")
    assert alert["page"] == "/slo/pipeline_success_rate/own-1-0?window=30d&tier=1"
    assert alert["summary"].startswith("Pipeline success rate, tier 1: burnt 16.7 times as fast as allowed over 3 h; ")


def test_a_budget_that_one_cause_eats_is_told_by_its_alert(store: Store) -> None:
    found = watched(store, [*hourly(bad=[0, 1, 2]), *hourly("etl/other")], floor(0.97))
    (alert,), (silenced,) = found["alerts"], found["silenced"]
    assert (alert["key"], alert["slo"]) == ("RunFailing:etl/load", "pipeline_success_rate-own-1-tier1")
    assert (silenced["key"], silenced["why"]) == (BURNING, "explained by RunFailing:etl/load")
    assert alert["remaining"] == slo(found)["remaining"]


def test_a_third_of_it_does_not_explain_it(store: Store) -> None:
    """Of three bad runs one is of the pipeline that fails still."""
    found = watched(store, [*hourly(bad=[0]), *hourly("etl/other", bad=[1, 2])], floor(0.97))
    assert {one["key"] for one in found["alerts"]} == {"RunFailing:etl/load", BURNING}


@pytest.mark.parametrize(("bad", "fires"), [([0], ""), ([0, 4], "ticket"), ([1, 4], ""), ([0, 8], "")])
def test_a_daily_pipeline_burns_by_count(store: Store, bad: list[int], fires: str) -> None:
    """1 % of 30 runs is less than one failure: the second within a week is told, while the last day holds one."""
    states = ["failed" if back in bad else "success" for back in range(30)]
    facts = [run(str(back), "etl/load", at("02:00") - back * DAY, state) for back, state in enumerate(states)]
    one = slo(watched(store, [pipeline(), *facts], floor(0.99)))
    assert (one["policy"], one["low_volume"], one["fires"]) == ("event-count", True, fires)
    assert one["lookbacks"][0]["long_bad"] == sum(back < 7 for back in bad)


def test_where_nothing_may_fail_one_failure_is_told(store: Store) -> None:
    one = slo(watched(store, hourly(bad=[1]), floor(1.0)))
    assert (one["policy"], one["remaining"], one["remaining_events"], one["fires"]) == (
        "zero-failure",
        None,
        -1,
        "ticket",
    )
    assert slo(watched(store, hourly(), floor(1.0)))["remaining"] == 1.0


def test_a_tiers_own_promise_is_watched_as_it_was_made(store: Store) -> None:
    """One for tier 1 is watched there, and holds in tier 0, which has none of its own."""
    begun = {"valid_from": TODAY - 3 * DAY}
    zero = [pipeline("etl/zero", tier=0, **begun), *daily("etl/zero", state="success")]
    facts = [pipeline(**begun), *daily(), *zero]
    found = watched(store, facts, floor(0.99, tiers=(1,)))
    assert [(one["slo"], one["tier"], one["good"], one["bad"], one["watched"]) for one in found["slos"]] == [
        ("pipeline_success_rate-own-1", "1", 3, 1, True), ("pipeline_success_rate-own-1-tier0", "0", 4, 0, True),
    ]  # fmt: skip


def test_the_page_tells_the_same_budget(store: Store) -> None:
    store.upsert(hourly(bad=[0, 30, 70, 200]))
    told = results(store, NOON, floor(0.97))
    (page,) = budgets(told, Query(window="30d", tier=1))
    one = slo(watch(told, NOON, {}))
    same = (
        "kpi",
        "good",
        "bad",
        "value",
        "remaining",
        "remaining_events",
        "allowed",
        "low_volume",
        "outlook",
        "burn_rate",
    )
    assert {name: one[name] for name in same} == {name: page[name] for name in same}
    assert one["present_burn"] == next(burn["rate"] for burn in page["burn"] if burn["lookback"] == "3d")


def test_a_kind_that_is_off_is_not_told(store: Store) -> None:
    found = watched(store, CHAIN, alerting=NO_RUNS)
    assert [(one["key"], one["affected"]) for one in found["alerts"]] == [
        ("DatasetLate:etl/load", ["wh/a", "wh/b", "wh/c"])
    ]


def test_an_evaluation_keeps_the_watch_beside_its_results(store: Store) -> None:
    store.upsert(CHAIN)
    engine = Engine(store, Platform(), Targets())
    engine.evaluate(NOON)
    kept = remembered(store)
    assert kept["as_of"] == store.results()[0].isoformat() == NOON.isoformat()  # type: ignore[union-attr]
    assert [one["key"] for one in kept["alerts"]] == ["RunFailing:etl/load"]
    assert engine.watch(NOON) == kept


def test_since_when_a_budget_burns_is_remembered(store: Store) -> None:
    store.upsert(hourly(bad=[0, 2]))
    first = watch(results(store, NOON, floor(0.97), alerting=NO_RUNS), NOON, {})
    assert [one["key"] for one in first["alerts"]] == [BURNING]
    later = NOON + timedelta(minutes=5)
    (again,) = watch(results(store, later, floor(0.97), alerting=NO_RUNS), later, first)["alerts"]
    assert again["since"] == NOON.isoformat()


def test_a_budget_that_wavers_about_its_limit_is_one_alert_until_it_was_quiet_for_an_hour(store: Store) -> None:
    """The third failure, known at 11:10, stands in the last hour at 12:05 and no longer at 12:15, when all goes well
    again. So it fired last at 12:05, and is told until 13:05."""
    well = [run(f"{name}{hour}", name, at(f"{hour}:00"), "success") for name in ("etl/load", "etl/other")
            for hour in (12, 13)]  # fmt: skip
    store.upsert([*hourly(bad=[0, 1, 2]), *hourly("etl/other"), *well])
    told: dict[str, Any] = {}
    for clock in ("12:00", "12:05", "12:15", "13:04", "13:05"):
        told = watch(results(store, at(clock), floor(0.97), alerting=NO_RUNS), at(clock), told)
        on = [] if clock == "13:05" else [(BURNING, NOON.isoformat())]
        assert [(one["key"], one["since"]) for one in told["alerts"]] == on, clock
        if clock == "13:04":
            (alert,) = told["alerts"]
            assert alert["fired"] == at("12:05").isoformat() and slo(told)["fires"] == ""
            assert "tier 1: burnt too fast until 2026-" in alert["summary"] and " 12:05; " in alert["summary"]


def by_hand(name: str, started: str) -> Fact:
    """A success of five minutes."""
    begun = at(started)
    return run(name + started, name, begun, trigger="manual", due_at=None, ended_at=begun + timedelta(minutes=5))


def test_a_budget_that_was_told_is_not_told_again_when_all_is_mended(store: Store) -> None:
    """The third failure of 11:10 stands in the last hour until 12:10, a success by hand of 11:55 or not. What fails at
    12:15 was told by nobody, though a second success by hand follows it."""
    store.upsert([*hourly(bad=[0, 1, 2]), *hourly("etl/other")])
    first = watch(results(store, NOON, floor(0.97)), NOON, {})
    store.upsert([by_hand("etl/load", "11:55")])
    five = NOON + timedelta(minutes=5)
    mended = watch(results(store, five, floor(0.97)), five, first)
    assert mended["alerts"] == []
    assert [(one["key"], one["why"]) for one in mended["silenced"]] == [
        (BURNING, "explained by RunFailing:etl/load, which is over")
    ]
    unseen = run("noon", "etl/load", NOON, "failed", 15)
    store.upsert([unseen, run("other", "etl/other", NOON), by_hand("etl/load", "12:16")])
    later = NOON + timedelta(minutes=25)
    assert [one["key"] for one in watch(results(store, later, floor(0.97)), later, mended)["alerts"]] == [BURNING]


def test_of_several_budgets_an_alert_tells_that_of_its_own_tier(store: Store) -> None:
    """The load of tier 0 failed at 9:20, and twice since; two pipelines of tier 1 at 10:10 and 11:10: both budgets burn
    for it."""
    slots = [at("11:00") - back * HOUR for back in range(240)]
    load = [run(f"load{slot}", "etl/load", slot, "failed" if slot >= at("9:00") else "success", 20) for slot in slots]
    head = pipeline("etl/load", "0 * * * *", tier=0, valid_from=slots[-1])
    names = ("etl/a", "etl/b")
    behind = [one for name in names for one in hourly(name, bad=[0, 1])]
    found = watched(store, [head, *load, *behind, *edges(*(f"etl/load>{name}" for name in names))], floor(0.97))
    (alert,) = found["alerts"]
    assert (alert["cause"], alert["affected"]) == ("etl/load", ["etl/load", "etl/a", "etl/b"])
    assert alert["slo"] == "pipeline_success_rate-own-1-tier0"
    assert [one["why"] for one in found["silenced"]] == 2 * ["explained by RunFailing:etl/load"]
