"""What will be late, worked out by hand: chains, failures, clocks that change, what nobody watched."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from slo.due.outstanding import outstanding
from slo.facts import Fact
from slo.platform import Platform, SourceInfo
from slo.results import Query
from slo.store import Store
from slo.stories.late import late
from slo.view import View
from tests.slo.tellings import fact, run

TUESDAY = datetime(2026, 11, 3, tzinfo=UTC)
FIVE = TUESDAY + timedelta(hours=5)
BERLIN = ZoneInfo("Europe/Berlin")


def at(clock: str, day: datetime = TUESDAY) -> datetime:
    hours, minutes = clock.split(":")
    return day + timedelta(hours=int(hours), minutes=int(minutes))


def pipeline(name: str, clock: str | None, minutes: Iterable[float] = (), **more: Any) -> list[Fact]:
    """A daily pipeline with successful runs on the days before, one for each duration."""
    schedule = None if clock is None else f"{int(clock[3:])} {int(clock[:2])} * * *"
    told = fact("asset", name, asset=name, kind="pipeline", tier=2, schedule=schedule, **more)
    start = at(clock or "03:00")
    past = [
        run(f"{name}{place}", name, start - timedelta(days=place + 1), minutes=span)
        for place, span in enumerate(minutes)
    ]
    return [told, *past]


def dataset(name: str = "out", since: datetime = TUESDAY, **rule: Any) -> Fact:
    """A dataset whose rule is known since the morning: of the days before nothing is overdue."""
    return fact("asset", name, asset=name, kind="dataset", tier=1, team="finance", freshness=rule, valid_from=since)


def edges(*chains: str) -> list[Fact]:
    pairs = [pair for chain in chains for pair in pairwise(chain.split(">"))]
    return [fact("edge", f"{up}>{down}", upstream=up, downstream=down, seen_at=TUESDAY) for up, down in pairs]


def told(store: Store, facts: list[Fact], as_of: datetime = FIVE, query: Query | None = None, **platform: Any) -> Any:
    store.upsert(facts)
    view = View(store, Platform(**platform), as_of)
    return late(SimpleNamespace(view=view), query or Query())  # type: ignore[arg-type]


def line(found: dict[str, Any], name: str = "out") -> dict[str, Any]:
    return next(one for one in found["lines"] if one["asset"] == name)


A = [20, 20, 20, 20, 60]
"""Median 20 min; 90th percentile at place 3.6: 20 + 0.6 * 40 = 44 min."""
CHAIN = [
    *pipeline("a", "04:00", A), *pipeline("b", "04:30", [30] * 5), *pipeline("c", "05:00", [40] * 5),
    *edges("a>b>c>out"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("deadline", "verdict"), [("07:00", "on its way"), ("06:24", "on its way"), ("06:23", "may be late"),
                              ("06:10", "may be late"), ("06:09", "will be late")],
)  # fmt: skip
def test_a_chain_of_three_of_which_the_first_still_runs(store: Store, deadline: str, verdict: str) -> None:
    """Started at 04:30, a is past its median: there at any moment, at 05:14 at worst. Then b for 30 min, c for 40."""
    running = run("now", "a", at("04:00"), "running", started_at=at("04:30"))
    found = line(told(store, [*CHAIN, running, dataset(deadline=deadline)]))
    assert (found["verdict"], found["expected"], found["late_case"]) == (verdict, at("06:10"), at("06:24"))
    assert found["slack"] == (at(deadline) - at("06:10")).total_seconds()
    first = found["waits_for"]
    assert (first["asset"], first["state"], first["since"], first["id"]) == ("a", "running", at("04:30"), "now")
    assert [(step["asset"], step["p50"], step["n"]) for step in found["steps"]] == [
        ("a", 1200.0, 5), ("b", 1800.0, 5), ("c", 2400.0, 5),
    ]  # fmt: skip


def test_a_failed_upstream_says_until_when_it_must_run_again(store: Store) -> None:
    """Anew at 05:00: a 05:20, b 05:50, c 06:30, half an hour before the deadline."""
    failed = run("now", "a", at("04:00"), "failed", minutes=25)
    found = line(told(store, [*CHAIN, failed, dataset(deadline="07:00")]))
    assert (found["verdict"], found["expected"]) == ("may be late", at("06:30"))
    assert found["restart_by"] == at("05:30")
    assert found["why"] == [{"what": "failed", "asset": "a", "about": None}]
    assert (found["waits_for"]["state"], found["waits_for"]["since"]) == ("failed", at("04:25"))


def test_what_fails_and_runs_again_in_time_by_its_schedule_is_no_alarm(store: Store) -> None:
    """At 05:10 c failed; the hour's next slot is 06:00, so it is there at 06:40."""
    hourly = fact("asset", "c", asset="c", kind="pipeline", schedule="0 * * * *")
    past = [run(f"c{place}", "c", at("05:00") - timedelta(days=place + 1), minutes=40) for place in range(5)]
    failed = run("now", "c", at("05:00"), "failed", minutes=10)
    facts = [hourly, *past, failed, *edges("c>out"), dataset(deadline="07:00")]
    found = line(told(store, facts, at("05:20")))
    assert (found["verdict"], found["expected"], found["restart_by"]) == ("on its way", at("06:40"), None)


def test_a_slot_that_nobody_met_is_a_doubt_only_after_its_grace(store: Store) -> None:
    facts = [*pipeline("c", "04:50", [40] * 5), *edges("c>out"), dataset(deadline="07:00")]
    within = line(told(store, facts, at("05:04")))
    assert (within["verdict"], within["expected"]) == ("on its way", at("05:44"))
    beyond = line(told(store, [], at("05:05")))
    assert (beyond["verdict"], beyond["waits_for"]["state"], beyond["restart_by"]) == (
        "may be late", "not started", at("06:20"),
    )  # fmt: skip


def test_four_runs_do_not_say_what_is_usual_but_a_lower_bound_may(store: Store) -> None:
    """b alone takes until 05:30: a deadline of 05:20 is lost whatever c takes."""
    facts = [*pipeline("b", "04:50", [30] * 5), *pipeline("c", "05:00", [40] * 4), *edges("b>c>out")]
    found = line(told(store, [*facts, dataset(deadline="07:00")]))
    assert (found["verdict"], found["expected"]) == ("cannot be told", None)
    assert found["why"] == [{"what": "duration", "asset": "c", "about": 4}]
    assert line(told(store, [dataset(deadline="05:20")]))["verdict"] == "will be late"


def test_what_nobody_looked_at_gives_no_alarm(store: Store) -> None:
    """The last look was at 04:40; with an interval of 5 minutes and 5 of tolerance it would have to be 04:50."""
    c = [replaced for one in pipeline("c", "04:30", [40] * 5) for replaced in [_of_airflow(one)]]
    seen = fact(
        "coverage", "1", source="airflow", kinds=["run"], start=at("00:00") - timedelta(days=30), end=at("04:40")
    )
    source = SourceInfo("airflow", {"run": ("due_at",), "asset": ("schedule",)})
    found = line(told(store, [*c, seen, *edges("c>out"), dataset(deadline="05:01")], sources=(source,)))
    assert found["verdict"] == "cannot be told"
    assert found["why"] == [{"what": "unseen", "asset": "c", "about": at("04:40")}]


@pytest.mark.parametrize(("seen", "deadline", "verdict", "why"), [
    ("03:59", "04:00", "cannot be told", [("unseen", at("03:59"))]),
    ("04:01", "04:00", "already late", []),
    ("04:01", "07:00", "on its way", []),
    ("03:54", "07:00", "cannot be told", [("unseen", at("03:54"))]),
])  # fmt: skip
def test_a_deadline_is_late_if_it_was_seen_to_pass_and_open_while_its_source_is_read(
    store: Store, seen: str, deadline: str, verdict: str, why: list[Any]
) -> None:
    """Told by the settings, watched by a warehouse that is read hourly: with the tolerance until five past. It usually
    lands at 05:30."""
    lands = [
        fact("dataset_update", str(back), source="wh", asset="out", at=at("05:30") - timedelta(days=back))
        for back in range(1, 22)
    ]
    watch = fact("coverage", "w", source="wh", kinds=["dataset_update"], start=at("00:00") - timedelta(days=30),
                 end=at(seen))  # fmt: skip
    rule = dataset(deadline=deadline)
    rule.source = "config"
    sources = (
        SourceInfo("config", {"asset": ("freshness",)}),
        SourceInfo("wh", {"dataset_update": ("at",)}, interval=timedelta(hours=1)),
    )
    found = line(told(store, [*lands, watch, rule], sources=sources))
    assert (found["verdict"], [(one["what"], one["about"]) for one in found["why"]]) == (verdict, why)


@pytest.mark.parametrize(
    ("rule", "landed", "deadline", "since"),
    [
        # quarterly, on the first at 04:00; the delivery of 1 July never came, that of 1 October did not either
        ({"cron": "0 4 1 1,4,7,10 *"}, "2026-04-01", "2026-10-01", "2026-07-01"),
        # daily, and nothing since the delivery of 20 September: late since the 21st, for weeks
        ({"deadline": "04:00"}, "2026-09-20", "2026-11-03", "2026-09-21"),
        # daily since 6 May, and it never came
        ({"deadline": "04:00"}, None, "2026-11-03", "2026-05-06"),
    ],
)
def test_what_is_overdue_for_long_stays_late_since_its_first_deadline(
    store: Store, rule: dict[str, str], landed: str | None, deadline: str, since: str
) -> None:
    def clock(day: str) -> datetime:
        return datetime.fromisoformat(f"{day}T04:00+00:00")

    lands = [fact("dataset_update", "1", asset="out", at=clock(landed) - timedelta(hours=1))] if landed else []
    known = dataset(since=datetime(2026, 5, 5, 12, tzinfo=UTC), **rule)
    store.upsert([*lands, known])
    [found], _ = outstanding(View(store, Platform(), FIVE), ["out"])
    assert (found.blind, found.deadline, found.since) == (None, clock(deadline), clock(since))


@pytest.mark.parametrize(
    ("now", "seen", "verdict"),
    [
        ("04:30", "04:28", "on its way"), ("04:42", "04:38", "on its way"), ("04:50", "04:38", "cannot be told"),
        ("06:00", "04:41", "already late"), ("06:00", "04:39", "cannot be told"),
    ],
)  # fmt: skip
def test_a_slot_is_missed_if_somebody_looked_at_it(store: Store, now: str, seen: str, verdict: str) -> None:
    """Called for at 04:40, late from 04:55 on, as pipeline_success_rate judges it; before that it is open as long as
    Airflow is read at least every five minutes, and five of tolerance."""
    facts = [_of_airflow(one) for one in pipeline("p", "04:40", [10] * 5, valid_from=TUESDAY)]
    facts[0].tier = 0  # type: ignore[attr-defined]
    watch = fact("coverage", "w", source="airflow", kinds=["run"], start=at("00:00") - timedelta(days=30), end=at(seen))
    source = SourceInfo("airflow", {"run": ("due_at",), "asset": ("schedule",)})
    found = line(told(store, [*facts, watch], at(now), sources=(source,)), "p")
    assert found["verdict"] == verdict


def _of_airflow(one: Fact) -> Fact:
    one.source = "airflow"
    return one


def test_an_upstream_called_for_after_the_run_is_not_waited_for(store: Store) -> None:
    """c runs at 05:30 and reads what a made yesterday: a comes at 06:00."""
    facts = [*pipeline("a", "06:00", [50] * 5), *pipeline("c", "05:30", [40] * 5), *edges("a>c>out")]
    found = line(told(store, [*facts, dataset(deadline="06:30")]))
    assert (found["verdict"], [step["asset"] for step in found["steps"]]) == ("on its way", ["c"])


def test_lineage_in_a_circle_is_gone_round_once(store: Store) -> None:
    facts = [*pipeline("a", "05:00", [20] * 5), *pipeline("b", "05:00", [30] * 5), *edges("a>b>a", "b>out")]
    found = line(told(store, [*facts, dataset(deadline="06:00")]))
    assert (found["expected"], [step["asset"] for step in found["steps"]]) == (at("05:50"), ["a", "b"])


def test_on_the_day_of_25_hours_the_deadline_is_an_hour_later(store: Store) -> None:
    """25 October 2026: 07:00 in Berlin is 06:00 UTC, the slot of 03:00 is 02:00 UTC; 225 min later it is 05:45."""
    sunday = datetime(2026, 10, 25, tzinfo=UTC)
    c = fact("asset", "c", asset="c", kind="pipeline", schedule="0 3 * * *", schedule_tz="Europe/Berlin")
    past = [run(f"c{n}", "c", at("01:00", sunday - timedelta(days=n)), minutes=225) for n in range(1, 6)]
    facts = [c, *past, *edges("c>out"), dataset(since=sunday, deadline="07:00", tz="Europe/Berlin")]
    facts[-2].seen_at = None  # type: ignore[attr-defined]
    found = line(told(store, facts, at("01:30", sunday), timezone=BERLIN))
    assert (found["deadline"], found["expected"]) == (at("06:00", sunday), at("05:45", sunday))
    assert (found["verdict"], found["slack"]) == ("on its way", 900.0)


def test_a_dataset_without_lineage_is_measured_by_the_clock_it_usually_lands_at(store: Store) -> None:
    """On weekends at 06:30 in Berlin: 04:30 UTC in summer, 05:30 UTC on the 25th. At 05:31 it usually is there."""
    sunday = datetime(2026, 10, 25, tzinfo=UTC)
    lands = [
        fact("dataset_update", str(back), asset="out", at=at("04:30", sunday - timedelta(days=back)))
        for back in (1, 7, 8, 14, 15)
    ]
    facts = [*lands, dataset(since=sunday, deadline="07:00", tz="Europe/Berlin")]
    before = line(told(store, facts, at("05:29", sunday), timezone=BERLIN))
    assert (before["verdict"], before["expected"], before["steps"][0]["n"]) == ("on its way", at("05:30", sunday), 5)
    after = line(told(store, [], at("05:31", sunday), timezone=BERLIN))
    assert (after["verdict"], after["expected"], after["why"][0]["what"]) == ("may be late", None, "overdue")


def test_what_is_there_is_counted_and_what_is_overdue_stands_first(store: Store) -> None:
    landed = [fact("dataset_update", name, asset=name, at=at("01:00")) for name in ("out", "old")]
    old = fact("dataset_update", "older", asset="gone", at=at("01:00") - timedelta(days=1))
    rules = [dataset(deadline="07:00"), dataset("old", max_age_seconds=36_000), dataset("gone", deadline="04:00")]
    found = told(store, [*landed, old, *rules])
    assert [(one["asset"], one["verdict"]) for one in found["lines"]] == [
        ("gone", "already late"), ("old", "cannot be told"),
    ]  # fmt: skip
    assert found["lines"][1]["deadline"] == at("11:00")
    assert (found["due"], found["there"]) == (3, 1)


def test_a_scheduled_run_is_late_once_its_grace_is_over(store: Store) -> None:
    p = [fact("asset", "p", asset="p", kind="pipeline", tier=0, schedule="40 4 * * *")]
    found = line(told(store, p), "p")
    assert (found["verdict"], found["deadline"]) == ("already late", at("04:55"))
    started = run("now", "p", at("04:40"), "running")
    assert told(store, [started])["lines"] == []


def test_only_the_asked_team_and_tier_are_told(store: Store) -> None:
    facts = [dataset(deadline="07:00"), fact("asset", "x", asset="x", kind="dataset", tier=2, team="web",
                                             freshness={"deadline": "07:00"})]  # fmt: skip
    assert [one["asset"] for one in told(store, facts)["lines"]] == ["out"]
    assert [one["asset"] for one in told(store, [], query=Query(tier=2))["lines"]] == ["x"]
    assert told(store, [], query=Query(team="web"))["lines"] == []


def test_a_run_that_was_skipped_brings_nothing_until_its_next_slot(store: Store) -> None:
    """Skipped at 05:10; tomorrow's slot comes after the deadline."""
    skipped = run("now", "c", at("05:00"), "skipped", minutes=10)
    facts = [*pipeline("c", "05:00", [40] * 5), skipped, *edges("c>out"), dataset(deadline="07:00")]
    found = line(told(store, facts, at("05:20")))
    assert (found["verdict"], found["expected"]) == ("may be late", None)
    assert found["why"] == [{"what": "skipped", "asset": "c", "about": None}]
