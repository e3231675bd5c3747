"""How runs, freshness, days and spans are got wrong, the wrong figure beside the right (P12 to P18, P24 to P29, P39,
P40)."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from slo.engine import Engine, Query
from slo.interchange import instant, parse
from slo.platform import Platform
from slo.store import Store

NOW = "2026-03-11T00:00:00Z"
DAY = {"window": "2026-03-10"}
DAILY = {"fact": "asset", "id": "p", "asset": "p/a", "valid_from": "2026-03-01T00:00:00Z", "schedule": "0 6 * * *"}


def _run(name: str, state: str = "success", **more: Any) -> dict[str, Any]:
    at = "2026-03-10T06:00:00Z"
    whole = {"due_at": at, "started_at": at, "ended_at": "2026-03-10T06:30:00Z", "trigger": "schedule"}
    return {"fact": "run", "id": name, "asset": "p/a", "state": state, **whole, **more}


def _update(name: str, at: str, **more: Any) -> dict[str, Any]:
    return {"fact": "dataset_update", "id": name, "asset": "d/a", "at": at, **more}


def _dataset(**freshness: Any) -> dict[str, Any]:
    return {"fact": "asset", "id": "d", "asset": "d/a", "kind": "dataset", "valid_from": "2026-03-09T00:00:00Z",
            "freshness": freshness}  # fmt: skip


def test_p12_tries_are_not_runs_and_a_rerun_replaces(tell: Any) -> None:
    """Four tries, the last good: one good run. Cleared and failed later: one bad run, and no good one."""
    tell(DAILY, _run("r", tries=4))
    shown = tell.show("pipeline_success_rate", NOW, **DAY)
    assert (shown["good"], shown["bad"]) == (1, 0)
    tell(_run("r", "failed", tries=5, revised_at="2026-03-10T08:00:00Z"))
    shown = tell.show("pipeline_success_rate", NOW, **DAY)
    assert (shown["good"], shown["bad"]) == (0, 1)


def test_p14_what_never_started_is_bad(tell: Any) -> None:
    """Due on ten days, ran on eight: 80 %, and not 8 of 8."""
    tell(DAILY)
    for day in range(1, 9):
        at = f"2026-03-{day:02}T06:00:00Z"
        tell(_run(at, due_at=at, started_at=at, ended_at=at))
    shown = tell.show("pipeline_success_rate", NOW, window="10d")
    assert (shown["good"], shown["bad"], shown["value"]) == (8, 2, 0.8)


def test_p15_a_run_belongs_to_its_due_day_and_not_to_its_start(tell: Any) -> None:
    """Due on the 10th, started on the 11th after a queue: the 10th has it, once."""
    tell(DAILY, _run("r", started_at="2026-03-11T02:00:00Z", ended_at="2026-03-11T03:00:00Z"))
    assert tell.show("pipeline_success_rate", "2026-03-11T05:00:00Z", **DAY)["good"] == 1
    assert tell.show("pipeline_success_rate", "2026-03-11T05:00:00Z", window="2026-03-11")["good"] == 0


def test_p16_backfills_neither_meet_slots_nor_make_fresh(tell: Any) -> None:
    """Thirty old partitions written anew: the slot is still missed, and the data still of yesterday."""
    tell(DAILY, _dataset(max_age_seconds=3600), _update("u", "2026-03-10T00:00:00Z"),
         *(_run(f"b{i}", trigger="backfill", backfill="b", due_at=None) for i in range(30)),
         _update("old", "2026-03-10T05:00:00Z", backfill=True, data_through="2026-01-01T00:00:00Z"))  # fmt: skip
    shown = tell.show("pipeline_success_rate", NOW, **DAY)
    assert (shown["good"], shown["bad"], shown["excluded"]) == (0, 1, 30)
    fresh = tell.show("freshness_slo_attainment", NOW, **DAY)
    assert (fresh["good"], fresh["bad"]) == (3600, 23 * 3600), "the one hour after midnight's update"


def test_p17_data_that_came_late_was_late(tell: Any) -> None:
    """Due at 07:00, there at 09:00: two stale hours, though a look at 10:00 would find it there."""
    tell(_dataset(deadline="07:00", tz="UTC", days="daily"), _update("y", "2026-03-09T06:00:00Z"),
         _update("u", "2026-03-10T09:00:00Z"))  # fmt: skip
    shown = tell.show("freshness_slo_attainment", NOW, **DAY)
    assert (shown["good"], shown["bad"]) == (22 * 3600, 2 * 3600)
    assert tell.show("dataset_sla_attainment", NOW, **DAY)["value"] == 0.0


def test_p18_data_of_the_future_makes_nothing_fresher(tell: Any) -> None:
    """It says it holds data up to next year: its age counts from when it landed."""
    tell(_dataset(max_age_seconds=7200), _update("u", "2026-03-10T00:00:00Z", data_through="2027-01-01T00:00:00Z"))
    shown = tell.show("freshness_slo_attainment", NOW, **DAY)
    assert (shown["good"], shown["bad"]) == (7200, 22 * 3600)


def test_p24_a_calendar_month_is_no_thirty_days(tell: Any) -> None:
    """Failed checks on 8 February and 1 March: March has one, the 30 days up to 10 March have both."""
    for name, at in (("feb", "2026-02-09T12:00:00Z"), ("mar", "2026-03-01T00:00:00Z")):
        tell({"fact": "check_result", "id": name, "asset": "d/a", "check": "c", "outcome": "fail", "at": at})
    assert tell.show("dq_test_pass_rate", NOW, window="2026-03")["bad"] == 1
    assert tell.show("dq_test_pass_rate", NOW, window="30d")["bad"] == 2


def test_p25_a_day_has_the_hours_that_its_zone_gives_it(tmp_path: Path) -> None:
    """29 March has 23 hours in Berlin: an hourly pipeline has 23 slots there, 24 only for whoever reckons in UTC."""
    with Store(f"sqlite:///{tmp_path / 'z.db'}") as store:
        store.migrate()
        told = DAILY | {"schedule": "0 * * * *", "schedule_tz": "Europe/Berlin", "source": "s"}
        store.upsert(parse(one) for one in (told, _run("r", source="s")))
        engine = Engine(store, Platform(timezone=ZoneInfo("Europe/Berlin")))
        shown = engine.show("pipeline_success_rate", Query(window="2026-03-29"), instant("2026-03-31T00:00:00Z"))
    assert shown["bad"] == 23


def test_p26_what_is_excluded_leaves_both_sides_and_is_said(tell: Any) -> None:
    """Four slots, one of them in maintenance and missed: 3 of 3, one excluded; "counted as good" would say 4 of 4."""
    tell(DAILY | {"schedule": "0 */6 * * *"},
         *(_run(f"r{hour}", due_at=f"2026-03-10T{hour:02}:00:00Z", started_at=f"2026-03-10T{hour:02}:00:00Z",
                ended_at=f"2026-03-10T{hour:02}:10:00Z") for hour in (0, 6, 18)),
         {"fact": "exclusion", "id": "x", "assets": "p/*", "start": "2026-03-10T11:00:00Z",
          "end": "2026-03-10T13:00:00Z", "reason": "maintenance", "by": "ops", "ref": "CHG-1"})  # fmt: skip
    shown = tell.show("pipeline_success_rate", NOW, **DAY)
    assert (shown["good"], shown["bad"], shown["excluded"]) == (3, 0, 1)


def test_p29_late_facts_change_the_past_openly(tell: Any) -> None:
    """The failed run of the 10th comes two days later: the 10th is restated, and its as-of of then is not."""
    tell(DAILY | {"schedule": "0 6,18 * * *"}, _run("r1"))
    before = tell.show("pipeline_success_rate", NOW, **DAY)
    late = {"due_at": "2026-03-10T18:00:00Z", "started_at": "2026-03-10T18:00:00Z", "ended_at": "2026-03-10T18:05:00Z"}
    tell(_run("r2", "success", **late))
    after = tell.show("pipeline_success_rate", "2026-03-12T00:00:00Z", **DAY)
    assert (before["good"], before["bad"]) == (1, 1), "not there, so missed"
    assert (after["good"], after["bad"]) == (2, 0)


def test_p39_credits_purchases_and_currencies_are_no_usage(tell: Any) -> None:
    """100 USD of usage, a credit of 40, a purchase of 1,000, 10 EUR without a rate, over 10 TB: 10 a TB."""
    meter = {"fact": "meter", "asset": "w/a", "at": "2026-03-10T12:00:00Z"}
    cost = {**meter, "meter": "cost", "currency": "USD"}
    tell({**cost, "id": "1", "amount": 100, "category": "usage"},
         {**cost, "id": "2", "amount": -40, "category": "credit"},
         {**cost, "id": "3", "amount": 1000, "category": "purchase"},
         {**cost, "id": "4", "amount": 10, "currency": "EUR"},
         {**meter, "id": "5", "meter": "bytes", "amount": 10 * 10**12})  # fmt: skip
    shown = tell.show("unit_cost", NOW, **DAY)
    assert (shown["value"], shown["numerator"], shown["unknown"]) == (10.0, 100.0, 1)
    assert shown["value"] not in (6.0, 106.0, 107.0, 11.0)


def test_p40_twenty_five_hours_are_no_single_hour(tell: Any) -> None:
    """A backfill of 25 hours is 90,000 s, not 3,600."""
    tell(_run("b", trigger="backfill", backfill="b", due_at=None, started_at="2026-03-09T00:00:00Z",
              ended_at="2026-03-10T01:00:00Z"))  # fmt: skip
    assert tell.show("backfill_completion_time", NOW, **DAY)["value"] == 90_000.0
