"""Which run holds a slot, and since when it is that one."""

from __future__ import annotations

from datetime import datetime, timedelta

from slo.due.slots import Held, Slot, held_by, met_by
from slo.facts import Run
from tests.slo.tellings import HOUR, START, run

DAY = timedelta(days=1)
CALLED = [Slot(START + day * DAY, timedelta(0), "import") for day in range(5)]


def floating(key: str, started: datetime) -> Run:
    """A run that does not tell its slot."""
    told = run(key, "p", started, due_at=None)
    assert isinstance(told, Run)
    return told


def dated(key: str, due: datetime, started: datetime) -> Run:
    told = run(key, "p", due, started_at=started)
    assert isinstance(told, Run)
    return told


def test_a_run_that_comes_late_for_its_slot_moves_those_that_held_it() -> None:
    """By themselves a, b and c hold the slots of days 3, 2 and 4. The run that tells day 3 starts on day 5: from then
    on a holds day 2 and b day 1. It changes nothing for c; d started after it and was never elsewhere."""
    runs = [
        floating("a", START + 3 * DAY + HOUR), floating("b", START + 3 * DAY + 2 * HOUR),
        floating("c", START + 4 * DAY + HOUR), dated("late", START + 3 * DAY, START + 5 * DAY),
        floating("d", START + 6 * DAY),
    ]  # fmt: skip
    since = START + 5 * DAY
    assert held_by(runs, CALLED) == {
        ("import", "a"): Held(START + 2 * DAY, since), ("import", "b"): Held(START + DAY, since),
        ("import", "c"): Held(START + 4 * DAY, None), ("import", "d"): Held(START, None),
    }  # fmt: skip
    assert met_by(runs, CALLED)[("import", "b")] == START + DAY


def test_a_run_without_a_slot_left_is_moved_too() -> None:
    """The only slot was the first run's until the one that tells it came; of two such the first to start."""
    runs = [
        floating("a", START + HOUR), dated("late", START, START + DAY), dated("again", START, START + 2 * DAY),
    ]  # fmt: skip
    assert held_by(runs, CALLED[:1]) == {("import", "a"): Held(None, START + DAY)}
    assert met_by(runs, CALLED[:1]) == {}


def test_a_run_that_came_before_moves_nobody() -> None:
    runs = [dated("first", START + DAY, START + DAY), floating("a", START + DAY + HOUR)]
    assert held_by(runs, CALLED) == {("import", "a"): Held(START, None)}
