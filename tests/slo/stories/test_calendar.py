"""An asset's October, day by day: what the grid counts is what the engine counts of that asset on that day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slo.engine import Engine, Query
from slo.platform import Platform
from slo.store import Store
from slo.stories.calendar import assets, calendar
from tests.slo.tellings import fact, run

BERLIN = ZoneInfo("Europe/Berlin")
PIPE, DATA, AGED = "shop/orders", "shop/mart", "shop/stream"


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Berlin's clock, in October."""
    return datetime(2026, 10, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


NOW = at(28, 12)


@pytest.fixture
def engine(store: Store) -> Engine:
    """A pipeline every six hours from the 20th on, watched from the 21st on; the clock is set back on the 25th.

    21st kept. 22nd one fails. 23rd its 06:00 run never comes. 24th the 12:00 run is skipped on purpose, one by hand is
    left out. 25th (25 h): all four missed within an agreed maintenance. 26th kept at the second try, one missed.
    27th paused. 28th: 00:00 and 06:00 kept, 12:00 within its grace."""
    told = [
        fact("asset", "o1", asset=PIPE, kind="pipeline", valid_from=at(20), schedule="0 */6 * * *",
             schedule_tz="Europe/Berlin", team="sales", tier=1),
        fact("asset", "o2", asset=PIPE, kind="pipeline", valid_from=at(27), schedule="0 */6 * * *",
             schedule_tz="Europe/Berlin", team="sales", tier=1, paused=True),
        fact("asset", "o3", asset=PIPE, kind="pipeline", valid_from=at(28), schedule="0 */6 * * *",
             schedule_tz="Europe/Berlin", team="sales", tier=1, paused=False),
        fact("coverage", "w", kinds=["run"], start=at(21), end=at(30)),
        fact("exclusion", "x", assets="shop/*", start=at(25), end=at(26), reason="maintenance"),
    ]  # fmt: skip
    for day in (21, 22, 23, 24, 26, 28):
        for hour in (0, 6, 12, 18):
            if (day, hour) not in ((23, 6), (26, 6)) and at(day, hour) < NOW:
                state = {(22, 12): "failed", (24, 12): "skipped"}.get((day, hour), "success")
                tries = 2 if (day, hour) == (26, 18) else 1
                told.append(run(f"{day}-{hour}", PIPE, at(day, hour), state, tries=tries))
    told.append(run("hand", PIPE, at(24, 15), trigger="manual"))
    store.upsert(told)
    return Engine(store, Platform(timezone=BERLIN, holidays=frozenset({date(2026, 10, 24)})))


def days(engine: Engine, asset: str, **asked: Any) -> dict[int, dict[str, Any]]:
    told = engine.tell(calendar, Query(**{"window": "2026-10", "asset": asset, **asked}), NOW)
    return {one["day"].day: one for one in told["grids"][0]["days"]}


def test_each_day_says_what_became_of_what_was_due(engine: Engine) -> None:
    found = days(engine, PIPE)
    assert {day: one["state"] for day, one in found.items() if day >= 19} == {
        19: "nothing", 20: "unseen", 21: "kept", 22: "failed", 23: "missed", 24: "kept", 25: "excluded", 26: "missed",
        27: "paused", 28: "kept", 29: "coming", 30: "coming", 31: "coming",
    }  # fmt: skip
    parts = {day: (one["good"], one["bad"], one["missed"], one["unseen"]) for day, one in found.items()}
    assert [parts[day] for day in (20, 21, 22, 23, 24, 25, 26, 28)] == [
        (0, 0, 0, 4), (4, 0, 0, 0), (3, 1, 0, 0), (3, 1, 1, 0), (3, 0, 0, 0), (0, 0, 0, 0), (3, 1, 1, 0), (2, 0, 0, 0),
    ]  # fmt: skip
    assert (found[24]["left_out"], found[25]["left_out"]) == ({"manual": 1, "skipped": 1}, {"maintenance": 4})
    assert (found[25]["hours"], found[24]["hours"]) == (25.0, 24.0)
    assert (found[24]["holiday"], found[25]["reasons"], found[27]["paused"]) == (True, ["maintenance"], True)
    assert (found[26]["tries"], found[26]["good"]) == (2, 3)  # two of three at the first try


def test_a_days_counts_are_the_engines(engine: Engine) -> None:
    for day, one in days(engine, PIPE).items():
        if day <= 28:
            query = Query(window=f"2026-10-{day:02}", asset=PIPE)
            shown = engine.show("pipeline_success_rate", query, NOW, refresh=False)
            counted = (shown["good"], shown["bad"], shown["unknown"], shown["excluded"])
            assert (one["good"], one["bad"], one["unseen"], sum(one["left_out"].values())) == counted, day


def test_missed_ones_are_told_from_failed_ones_where_an_exclusion_lies_over_half_a_day(engine: Engine) -> None:
    """22nd: 00:00 is left out with its missed run; of the rest one failed. A state's "missed" counts the first, too."""
    engine.store.upsert([
        run("22-0", PIPE, at(22), deleted=True),
        fact("exclusion", "y", assets=PIPE, start=at(22), end=at(22, 3), reason="vendor"),
    ])  # fmt: skip
    one = days(engine, PIPE)[22]
    assert (one["state"], one["bad"], one["missed"], one["left_out"]) == ("failed", 1, 0, {"vendor": 1})


def test_a_chosen_day_lists_its_runs(engine: Engine) -> None:
    told = engine.tell(calendar, Query(window="2026-10-23", asset=PIPE), NOW)
    assert (told["month"], told["chosen"]) == (date(2026, 10, 1), date(2026, 10, 23))
    runs = told["happened"]["runs"]
    assert [(one["due"], one["verdict"], one["id"]) for one in runs] == [
        (at(23), "kept", "23-0"), (at(23, 6), "missed", None), (at(23, 12), "kept", "23-12"),
        (at(23, 18), "kept", "23-18"),
    ]  # fmt: skip
    assert (runs[0]["late"], runs[0]["seconds"]) == (0.0, 600.0)


def test_thirteen_months_can_be_turned_to(engine: Engine) -> None:
    told = engine.tell(calendar, Query(window="28d", asset=PIPE), NOW)
    assert (told["months"][0], told["months"][-1], len(told["months"])) == (date(2026, 10, 1), date(2025, 10, 1), 13)
    assert told["grids"][0]["months"] == {date(2026, 10, 1): (18, 3)}
    older = engine.tell(calendar, Query(window="2025-12", asset=PIPE), NOW)
    assert older["grids"][0]["months"] == {date(2026, 10, 1): (18, 3)}
    assert {one["state"] for one in older["grids"][0]["days"]} == {"nothing"}


def test_deliveries_are_kept_late_or_never_came(store: Store) -> None:
    """Due at 07:00 on business days: Monday 12th there at 06:30; 13th at 09:00; on the 14th nothing came until the
    next one was due; Saturday 17th nothing is due."""
    store.upsert([
        fact("asset", "m", asset=DATA, kind="dataset", valid_from=at(9),
             freshness={"deadline": "07:00", "tz": "Europe/Berlin", "days": "business"}),
        fact("dataset_update", "u1", asset=DATA, at=at(12, 6, 30)),
        fact("dataset_update", "u2", asset=DATA, at=at(13, 9)),
    ])  # fmt: skip
    engine = Engine(store, Platform(timezone=BERLIN))
    found = days(engine, DATA)
    assert {day: found[day]["state"] for day in (12, 13, 14, 17)} == {
        12: "kept", 13: "late", 14: "missed", 17: "nothing",
    }  # fmt: skip
    told = engine.tell(calendar, Query(window="2026-10-13", asset=DATA), NOW)
    assert told["grids"][0]["kpi"] == "dataset_sla_attainment"
    assert [(one["verdict"], one["late"]) for one in told["happened"]["deliveries"]] == [("late", 7200.0)]
    assert [one["id"] for one in told["happened"]["updates"]] == ["u2"]


def test_an_age_is_told_in_seconds_on_a_day_of_25_hours(store: Store) -> None:
    """At most a day old. Landed on the 24th at 12:00 (10:00 UTC): stale from 10:00 UTC of the 25th, which lasts from
    22:00 UTC to 23:00 UTC, on: 12 hours fresh, 13 stale."""
    store.upsert([
        fact("asset", "s", asset=AGED, kind="dataset", valid_from=at(20), freshness={"max_age_seconds": 86_400}),
        fact("dataset_update", "u1", asset=AGED, at=at(24, 12)),
        fact("dataset_update", "u2", asset=AGED, at=at(26, 12)),
    ])  # fmt: skip
    engine = Engine(store, Platform(timezone=BERLIN))
    one = days(engine, AGED)[25]
    assert (one["state"], one["good"], one["bad"], one["hours"]) == ("late", 12 * 3600, 13 * 3600, 25.0)
    shown = engine.show("freshness_slo_attainment", Query(window="2026-10-25", asset=AGED), NOW)
    assert (one["good"], one["bad"]) == (shown["good"], shown["bad"])
    happened = engine.tell(calendar, Query(window="2026-10-25", asset=AGED), NOW)["happened"]
    assert [last - first for first, last in happened["stale"]] == [timedelta(hours=13)]


def test_the_list_of_assets_follows_the_scope(engine: Engine) -> None:
    told = engine.tell(assets, Query(window="2026-10"), NOW)
    assert [(one["asset"], one["good"], one["bad"], one["team"]) for one in told["pipelines"]] == [
        (PIPE, 18, 3, "sales")
    ]
    assert engine.tell(assets, Query(window="2026-10", team="crm"), NOW)["pipelines"] == []
    assert engine.tell(calendar, Query(asset="shop/nowhere"), NOW) is None


def test_runs_alone_make_days(store: Store) -> None:
    """Nobody told of the pipeline itself: what ran is shown, and nothing is expected of it."""
    store.upsert([run("r", "shop/unknown", at(3), "failed")])
    found = days(Engine(store, Platform(timezone=BERLIN)), "shop/unknown")
    assert [number for number, one in found.items() if one["state"] == "failed"] == [3]
    assert (found[3]["bad"], found[3]["missed"], found[4]["state"]) == (1, 0, "nothing")
