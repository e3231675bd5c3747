"""Budgets of platforms that lie between single daily pipelines and hourly ones, of weekly loads, and of promises of
little: what fires, by hand, now and in a replay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from slo.alerting.replay.story import replay
from slo.alerting.watch import watch
from slo.facts import Fact
from slo.platform import Alerting, Platform
from slo.promises.clauses import Clause
from slo.promises.target import Target
from slo.results import Query, Results
from slo.states import States
from slo.store import Store
from slo.targets import Targets
from slo.view import View
from tests.slo.tellings import fact, run

TODAY = datetime(2026, 11, 10, tzinfo=UTC)
"""A Tuesday."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NOON = TODAY + 12 * HOUR


def results(store: Store, as_of: datetime, share: float, kpi: str = "pipeline_success_rate") -> Results:
    clause = Clause(form="at_least", floor=share)
    own = Target(row=1, kpi=kpi, window="M", clauses=(clause,), adopted=date(2026, 1, 1), profile="own")
    view = View(store, Platform(), as_of)
    return Results(States(view, frozenset(), fresh=False, settled=False), Targets((own,)))


def budget(store: Store, as_of: datetime, share: float, kpi: str = "pipeline_success_rate") -> dict[str, Any]:
    told = watch(results(store, as_of, share, kpi), as_of, {})
    found: dict[str, Any] = next(one for one in told["slos"] if one["watched"])
    return found


def loads(name: str, cron: str, slots: Iterable[datetime], bad: Iterable[datetime]) -> Iterator[Fact]:
    """A pipeline of tier 1 and a run of ten minutes at each slot."""
    slots, failed = list(slots), set(bad)
    yield fact("asset", name, asset=name, kind="pipeline", tier=1, schedule=cron, valid_from=min(slots))
    for slot in slots:
        yield run(f"{name}{slot}", name, slot, "failed" if slot in failed else "success", 10)


def twenty(bad: int) -> Iterator[Fact]:
    """Daily pipelines for 31 days, each in an hour of its own, the last 20 runs today; of the ``bad`` latest failures
    two were on each day, of the first pipelines in turn."""
    failed = {(place // 2, 7 * place % 20) for place in range(bad)}
    for one in range(20):
        slots = [TODAY - 12 * HOUR + one * HOUR - back * DAY for back in range(31)]
        yield from loads(
            f"p{one}", f"0 {(12 + one) % 24} * * *", slots, [slots[back] for back, p in failed if p == one]
        )


@pytest.mark.parametrize(("bad", "fires"), [(15, ""), (16, "ticket")])
def test_twenty_daily_pipelines_burn_once_half_a_budget_went_in_eight_days(store: Store, bad: int, fires: str) -> None:
    """Of 160 runs at 95 % eight may fail at the even pace, 15 at 1.875 times it: the 16th is more. Of the last day's 20
    two failed, and 1.875 may."""
    store.upsert(twenty(bad))
    one = budget(store, NOON, 0.95)
    (second,) = one["lookbacks"]
    assert (one["policy"], one["fires"], second["long_bad"], second["short_bad"]) == ("event-count", fires, bad, 2)
    assert (second["threshold"], second["min_bad"]) == (1.875, 2)
    assert (second["long_rate"], second["short_rate"]) == (pytest.approx(bad / 8), 2)


def test_twenty_daily_pipelines_with_two_thirds_of_their_budget_left_are_quiet(store: Store) -> None:
    """One failure each third day: 10 of 600 runs, where 30 may fail."""
    slots = {one: [TODAY - 12 * HOUR + one * HOUR - back * DAY for back in range(31)] for one in range(20)}
    for one, own in slots.items():
        failed = [own[back] for back in range(0, 31, 3) if 7 * back % 20 == one]
        store.upsert(loads(f"p{one}", f"0 {(12 + one) % 24} * * *", own, failed))
    for back in (0, 6, 40, 75):
        found = budget(store, NOON - back * HOUR, 0.95)
        assert (found["policy"], found["fires"]) == ("event-count", "")
        assert found["remaining"] > 0.6
    told = replay(results(store, NOON, 0.95), Query(window="28d"), alerting=Alerting())
    fires = {one["policy"]: one["fires"] for one in told["policies"]}
    assert (fires["default"], fires["event-count"], fires["rare-count"]) == (0, 0, 0)
    assert fires["every-failure"] == 9  # the tenth was on 13 October, a day before the window


@pytest.mark.parametrize(
    ("every", "policy"), [(1, "batch-wide"), (2, "event-count"), (6, "event-count"), (24, "event-count")]
)
def test_a_few_bad_requests_of_many_are_nothing_however_often_they_are_read(
    store: Store, every: int, policy: str
) -> None:
    """33,000 requests a day at 99 %, of which 3 are bad."""
    store.upsert(requests(every, 0))
    one = budget(store, NOON, 0.99, "service_slo_compliance")
    assert (one["policy"], one["fires"]) == (policy, "")
    assert 0.99 < one["remaining"] < 1


@pytest.mark.parametrize(("last", "fires"), [(4_926, ""), (4_927, "ticket")])
def test_many_bad_requests_fire_though_they_are_read_every_six_hours(store: Store, last: int, fires: str) -> None:
    """Of eight days' 264,000 a hundredth times 1.875 may be bad: 4,950; 24 were, before the last reading."""
    store.upsert(requests(6, last))
    assert budget(store, NOON, 0.99, "service_slo_compliance")["fires"] == fires


def requests(every: int, last: int) -> Iterator[Fact]:
    """A service of 33,000 requests a day, read once in so many hours; three a day are bad, in the last reading ``last``
    more."""
    yield fact("asset", "s", asset="s", kind="service", tier=1, valid_from=TODAY - 31 * DAY)
    for place in range(31 * 24 // every):
        since, total = NOON - (place + 1) * every * HOUR, 33_000 * every // 24
        bad = 3 * (place % (24 // every) == 0) + (last if place == 0 else 0)
        for name, amount in (("total", total), ("good", total - bad)):
            until = since + every * HOUR
            yield fact("meter", f"{name}{place}", asset="s", at=since, until=until, meter=name, amount=amount)


@pytest.mark.parametrize(
    ("weeks", "share", "fires"),
    [((0, 1), 0.95, "ticket"), ((0, 2), 0.95, "ticket"), ((0, 4), 0.95, "ticket"), ((0,), 0.95, ""),
     ((1, 2), 0.95, ""), ((0, 1), 0.5, ""), ((0, 1, 2), 0.5, "ticket")],
)  # fmt: skip
def test_a_weekly_load_burns_with_its_second_failure_in_a_month(
    store: Store, weeks: tuple[int, ...], share: float, fires: str
) -> None:
    """Mondays at two, the last yesterday. Five lie in thirty days: at 95 % a quarter of a failure may be, at 50 % two
    and a half. Eight days after the last it is quiet."""
    slots = [TODAY - 22 * HOUR - week * 7 * DAY for week in range(9)]
    store.upsert(loads("w", "0 2 * * 1", slots, [slots[week] for week in weeks]))
    one = budget(store, NOON, share)
    (again,) = one["lookbacks"]
    assert (one["policy"], one["fires"], again["threshold"]) == ("rare-count", fires, 1)
    assert again["long_bad"] == len(weeks)


@pytest.mark.parametrize(("hours", "fires"), [(24, ""), (162, ""), (163, "ticket")])
def test_a_promise_of_little_burns_once_half_a_budget_went_in_eight_days(store: Store, hours: int, fires: str) -> None:
    """Three hourly pipelines at 85 %, of which one fails: of eight days' 576 runs 15 % times 1.875 may fail, 162."""
    slots = [NOON - (back + 1) * HOUR for back in range(9 * 24)]
    for name in "abc":
        store.upsert(loads(name, "0 * * * *", slots, slots[:hours] if name == "a" else ()))
    one = budget(store, NOON, 0.85)
    assert (one["policy"], one["fires"], one["lookbacks"][0]["long_bad"]) == ("event-count", fires, hours)
