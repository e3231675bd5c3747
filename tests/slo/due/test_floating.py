"""Runs without a due time, told in two lots with a look between: what the same runs give at once, and what a hand
gives. A change marks the days between which it moves them, and no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from slo.due.floating import displaced
from slo.engine import Engine, Query
from slo.facts import Fact
from slo.platform import Platform
from slo.store import ChangeRow, Store
from slo.targets import load_targets
from slo.view import View
from tests.slo.tellings import fact

Judged = Callable[..., tuple[int, int]]


def june(day: int, hour: float = 0) -> datetime:
    return datetime(2026, 6, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour)


def pipeline(schedule: str, key: str = "p", day: int = 1) -> Fact:
    return fact("asset", key, asset="p", kind="pipeline", valid_from=june(day), schedule=schedule)


def run(key: str, started: datetime, state: str = "success", due: datetime | None = None) -> Fact:
    told = {"asset": "p", "state": state, "trigger": "schedule", "started_at": started, "ended_at": started}
    return fact("run", key, **told, due_at=due)


@pytest.fixture
def judged(store: Store, fresh: Callable[..., Store]) -> Judged:
    def ask(first: list[Fact], second: list[Fact], now: datetime) -> tuple[int, int]:
        store.upsert(first)
        made = Engine(store, Platform(), load_targets())
        made.show("pipeline_success_rate", Query(window="2026-06"), now)
        store.upsert(second)
        engines = (made, Engine(fresh([*first, *second]), Platform(), load_targets()))
        found = [one.show("pipeline_success_rate", Query(window="2026-06"), now) for one in engines]
        assert [(one["good"], one["bad"]) for one in found] == [(found[1]["good"], found[1]["bad"])] * 2
        return found[0]["good"], found[0]["bad"]

    return ask


def test_a_run_with_its_due_time_takes_the_slot_that_another_held(judged: Judged) -> None:
    """Daily at 06:00 from 1 June, asked on the 9th: eight slots. Of two runs on the 7th before 06:00 the first (good)
    held the 6th, the second (failed) the 5th. A run of the 6th is told: the first moves to the 5th, the second to the
    4th; 3 failed, 1, 2, 7 and 8 missed."""
    held = [
        pipeline("0 6 * * *"), run("1", june(3, 6.2), "failed"), run("2", june(7, 5.2)),
        run("3", june(7, 5.3), "failed"),
    ]  # fmt: skip
    assert judged(held, [run("4", june(8, 6.1), due=june(6, 6))], june(9)) == (2, 6)


def test_a_run_that_loses_the_only_slot_counts_on_the_day_it_started(judged: Judged) -> None:
    """Called for on the 1st of the month. The failed run of the 10th held that slot until one of the 5th came."""
    held = [pipeline("0 6 1 * *"), run("1", june(10, 6), "failed")]
    assert judged(held, [run("2", june(5, 6))], june(12)) == (1, 1)


def test_a_slot_given_back_is_found_again(judged: Judged) -> None:
    """A run of the 2nd turns out to be of the 3rd: the one that started at 07:00 on the 2nd, and stood on the 1st's
    slot, has its own again, and the 1st was missed."""
    held = [pipeline("0 6 * * *"), run("1", june(2, 7)), run("2", june(3, 6), "failed", due=june(2, 6))]
    assert judged(held, [run("2", june(3, 6), "failed", due=june(3, 6))], june(4)) == (1, 2)


def test_a_schedule_that_changes_reaches_the_slot_that_a_later_run_held(judged: Judged) -> None:
    """The 1st of the month at first, from the 10th on the 10th: the run of the 10th is of that day, the 1st missed."""
    held = [pipeline("0 6 1 * *"), run("1", june(10, 6.1))]
    assert judged(held, [pipeline("0 6 10 * *", "later", 10)], june(12)) == (1, 1)


def test_a_run_in_its_own_slot_moves_nobody(store: Store) -> None:
    """Runs of every day with and without a due time: one more of the 4th leaves the later ones where they are; one of
    the 4th that started on the 3rd had to find an earlier slot."""
    told = [run(f"{day}", june(day, 6.1), due=june(day, 6) if day % 2 else None) for day in range(1, 10)]
    store.upsert([pipeline("0 6 * * *"), *told])
    view = View(store, Platform(), june(10))

    def reached(*facts: Fact) -> list[tuple[int, int | None]]:
        marks = displaced([ChangeRow(1, one, None) for one in facts], view)
        return [(mark.first.day, mark.last.day if mark.last else None) for mark in marks]

    assert reached(run("late", june(5, 6.2), due=june(5, 6))) == []
    assert (
        reached(fact("asset", "q", asset="p", kind="pipeline", valid_from=june(5), schedule="0 6 * * *", tier=1)) == []
    )
    assert reached(run("late", june(4, 5))) == [(1, 4)]
