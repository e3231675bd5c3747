"""What was counted in the past is what somebody then would have seen; incidents are met by what hurt them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from slo.alerting.meter import Meter
from slo.alerting.moments import TICK, Counted, Piece, ticks
from slo.alerting.replay.firing import Span
from slo.alerting.replay.meeting import MARGIN, Outcome, Trouble, outcome, troubles
from slo.alerting.replay.past import Past, pasts
from slo.engine import Engine, Query
from slo.folding import Scope
from slo.platform import Platform
from slo.shelf import get_kpi
from slo.store import Store
from slo.view import View
from tests.slo.tellings import fact, run

START = datetime(2026, 11, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def engine(store: Store) -> Engine:
    """Five days of an hourly pipeline (every seventh run fails after 50 minutes, every eleventh never comes), a daily
    one that takes nine hours, and a dataset that should be at most two hours old and comes every three."""
    told = [
        fact("asset", "p", asset="p", kind="pipeline", tier=1, schedule="0 * * * *", valid_from=START),
        fact("asset", "q", asset="q", kind="pipeline", tier=1, schedule="0 20 * * *", valid_from=START),
        fact("asset", "d", asset="d", kind="dataset", tier=1, freshness={"max_age_seconds": 7200}, valid_from=START),
    ]
    for hour in range(120):
        at = START + hour * HOUR
        if hour % 11 != 10:
            bad = hour % 7 == 6
            told.append(run(f"p{hour}", "p", at, "failed" if bad else "success", 50 if bad else 5))
        if hour % 24 == 20:
            told.append(run(f"q{hour}", "q", at, "failed" if hour < 48 else "success", 540))
        if hour % 3 == 0:
            told.append(fact("dataset_update", f"d{hour}", asset="d", at=at + 7 * HOUR / 60, through=at))
    store.upsert(told)
    return Engine(store, Platform())


@pytest.mark.parametrize("kpi_id", ["pipeline_success_rate", "freshness_slo_attainment"])
def test_history_is_what_an_observer_then_would_have_seen(engine: Engine, kpi_id: str) -> None:
    end = START + 5 * DAY
    kpi, scope = get_kpi(kpi_id), Scope(tiers=(1,))
    view = View(engine.store, engine.platform, end)
    (past,) = pasts(view, kpi, kpi.defaults, [scope], START - DAY, end)
    seen = set()
    for hours in (0.5, 30.25, 53, 54.9, 55, 78.75, 101, 119.5):
        then = START + hours * HOUR
        meter = Meter(*_asked(engine, kpi_id, then))
        for length in (HOUR, 6 * HOUR, DAY, 3 * DAY):
            state = meter.since(length)
            assert past.counted.between(ticks(then - length), ticks(then)) == (state.good, state.bad), (hours, length)
            seen.add(state.bad)
    assert len(seen) > 5


def _asked(engine: Engine, kpi_id: str, then: datetime):
    results = engine.results(then, START + 5 * DAY, refresh=False)
    return results, results.asked(get_kpi(kpi_id), Query(tier=1))


def test_a_run_is_news_when_it_has_ended(engine: Engine) -> None:
    """Due at 20:00, failed at 5:00 the next day."""
    kpi = get_kpi("pipeline_success_rate")
    view = View(engine.store, engine.platform, START + 5 * DAY)
    (past,) = pasts(view, kpi, kpi.defaults, [Scope(asset="q")], START, START + 5 * DAY)
    failed = ticks(START + 29 * HOUR)
    assert past.counted.between(ticks(START), failed - 1) == (0, 0)
    assert past.counted.between(failed - 1, failed) == (0, 1)
    assert past.bad(Span(failed, failed)) == [Piece(failed, 0, 1, "q")]
    assert past.bad(Span(failed + 1, failed + 2)) == []


def test_incidents_that_cost_budget_are_those_with_something_bad_of_theirs(engine: Engine) -> None:
    """One about p while it fails at 6:50; one while all of p went well; one about a source that feeds p; one that was
    told twice; one of tier 3."""

    def incident(key: str, hour: float, asset: str, **more: object):
        at = START + hour * HOUR
        return fact("incident", key, title=key, assets=[asset], started_at=at, resolved_at=at + HOUR / 2, **more)

    engine.store.upsert(
        [
            incident("fails", 6.5, "p"), incident("well", 1, "p"), incident("feeds", 6.5, "s"),
            incident("twice", 6.5, "p", duplicate_of="fails"), incident("low", 6.5, "p", tier=3),
            fact("asset", "s", asset="s", kind="dataset", tier=1, valid_from=START),
            fact("edge", "s-p", upstream="s", downstream="p"),
        ]
    )  # fmt: skip
    kpi, end = get_kpi("pipeline_success_rate"), START + 5 * DAY
    view = View(engine.store, engine.platform, end)
    (past,) = pasts(view, kpi, kpi.defaults, [Scope(tiers=(1,))], START, end)
    found = troubles(view, Scope(tiers=(1,)), past, Span(ticks(START), ticks(end)))
    assert sorted((one.title, one.cost) for one in found) == [("fails", 1), ("feeds", 1)]
    assert troubles(view, Scope(tiers=(1,)), past, Span(ticks(START + DAY), ticks(end))) == []


H = HOUR // TICK


def trouble(key: str, start: int, end: int, *assets: str, over: bool = True) -> Trouble:
    return Trouble(key, key, Span(start * H, end * H), over, frozenset(assets))


def test_what_fired_meets_the_incidents_of_what_was_bad_then() -> None:
    """a fails at 10 and 11, b at 50. Fired 11-14 and 51-60. The first meets "a" (10-12): an hour late, two hours of
    reset, not "other" (another asset), nor "before" (over three hours earlier, more than the margin). The second meets
    none: "b" began when it had ended."""
    bad = [Piece(10 * H, 0, 1, "a"), Piece(11 * H, 0, 1, "a"), Piece(50 * H, 0, 1, "b")]
    past = Past([Counted.of(bad, False)], bad, False)
    assert MARGIN == 2 * HOUR
    found = [
        replace(trouble("a", 10, 12, "a"), cost=2), trouble("other", 10, 12, "c"), trouble("before", 1, 8, "a"),
        trouble("b", 60, 70, "b"),
    ]  # fmt: skip
    told = outcome([Span(11 * H, 14 * H), Span(51 * H, 60 * H)], past, 6 * HOUR, found, Span(0, 120 * H)).told()
    missed = [one["incident"] for one in told.pop("missed")]
    assert missed == ["before", "other", "b"]
    assert told == {
        "fires": 2, "met": 1, "precision": 0.5, "pages": 0, "pages_met": 0, "incidents": 4, "incidents_met": 1,
        "several": 1, "several_met": 1,
        "late": {"median": 3600.0, "worst": 3600.0}, "reset": {"median": 7200.0, "worst": 7200.0},
        "firing_share": 0.1,
    }  # fmt: skip


def test_of_several_objectives_the_first_to_fire_meets_and_the_last_to_end_resets() -> None:
    whole = Outcome()
    assert whole.told() == {
        "fires": 0, "met": 0, "precision": None, "pages": 0, "pages_met": 0, "incidents": 0,
        "incidents_met": 0, "several": 0, "several_met": 0, "missed": [],
        "late": {"median": None, "worst": None}, "reset": {"median": None, "worst": None}, "firing_share": None,
    }  # fmt: skip
    one = trouble("a", 10, 12, "a")
    open_ = trouble("open", 10, 100, "a", over=False)
    whole.add(Outcome(100 * H, 2, 1, 1, 0, 10 * H, {"a": one, "open": open_}, {"a": 2 * H, "open": H}, {"a": 3 * H}))
    whole.add(Outcome(300 * H, 1, 1, 1, 1, 30 * H, {"a": replace(one, cost=3)}, {"a": H}, {"a": 5 * H}))
    told = whole.told()
    assert (told["fires"], told["met"], told["firing_share"], told["incidents"]) == (3, 2, 0.1, 2)
    assert (told["pages"], told["pages_met"], told["several"], told["several_met"]) == (2, 1, 1, 1)
    assert (told["late"], told["reset"]["worst"]) == ({"median": 3600.0, "worst": 3600.0}, 18000.0)
