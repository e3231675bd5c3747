"""Answers are worked out once an evaluation, and what was asked last is there before it is asked again."""

import gc
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboards.reading import scope
from dashboards.reading.kept import Kept
from dashboards.reading.reader import EngineReader, Snapshot


class Engine:
    """Answers with its own number, and counts."""

    def __init__(self, number):
        self.number, self.worked = number, []

    def work(self, key):
        self.worked.append(key)
        return f"{key}{self.number}"


def ask(kept, engine, *keys):
    return [kept.get(engine.number, key, lambda one, key=key: one.work(key), engine) for key in keys]


def test_a_question_is_worked_out_once_an_evaluation():
    kept, first, second = Kept(), Engine(1), Engine(2)
    assert ask(kept, first, "a", "a", "b") == ["a1", "a1", "b1"]
    assert ask(kept, second, "a") == ["a2"]
    assert (first.worked, second.worked) == (["a", "b"], ["a"])


def test_what_was_asked_last_is_ready_after_the_next_evaluation():
    kept, first, second = Kept(lately=2), Engine(1), Engine(2)
    ask(kept, first, "a", "b", "c")
    kept.again(2, second)
    assert second.worked == ["c", "b"]
    assert ask(kept, second, "c", "b") == ["c2", "b2"]
    assert second.worked == ["c", "b"]


def test_what_nobody_asks_any_more_is_not_worked_out_for_ever():
    kept, second, third = Kept(), Engine(2), Engine(3)
    ask(kept, Engine(1), "a", "b")
    kept.again(2, second)
    ask(kept, second, "b")
    kept.again(3, third)
    kept.again(3, third)
    assert third.worked == ["b"]


def test_an_answer_of_a_past_evaluation_is_not_kept_for_the_next():
    kept, first, second = Kept(), Engine(1), Engine(2)

    def overtaken(one):
        ask(kept, second, "b")
        return one.work("a")

    assert kept.get(1, "a", overtaken, first) == "a1"
    assert ask(kept, second, "a") == ["a2"]


def test_the_oldest_answers_go_first():
    kept, engine = Kept(most=2), Engine(1)
    ask(kept, engine, "a", "b", "a", "c", "a", "b")
    assert engine.worked == ["a", "b", "c", "b"]


def test_who_asks_what_another_works_out_waits_for_that_answer():
    kept, engine, go_on = Kept(), Engine(1), threading.Event()
    begun = threading.Semaphore(0)

    def slow(one):
        begun.release()
        assert go_on.wait(5)
        return one.work("a")

    with ThreadPoolExecutor(2) as people:
        first = people.submit(kept.get, 1, "a", slow, engine)
        assert begun.acquire(timeout=5)
        second = people.submit(kept.get, 1, "a", slow, engine)
        assert not begun.acquire(timeout=0.1)
        assert ask(kept, engine, "b") == ["b1"]
        go_on.set()
        assert (first.result(5), second.result(5)) == ("a1", "a1")
    assert engine.worked == ["b", "a"]


def test_an_error_is_told_and_not_kept():
    kept, engine = Kept(), Engine(1)

    def broken(one):
        raise ValueError("no such period")

    with pytest.raises(ValueError, match="no such period"):
        kept.get(1, "a", broken, engine)
    assert ask(kept, engine, "a") == ["a1"]


def test_what_stands_leaves_the_collectors_rounds_once_an_evaluation():
    moments = [1, 1, 2]
    engine = Engine(1)
    reader = EngineReader(None, lambda: engine, lambda: Snapshot(as_of=moments[0]), lambda: None)
    frozen, usual = [], gc.get_threshold()
    try:
        while moments:
            gc.unfreeze()
            reader.warm()
            frozen.append(gc.get_freeze_count() > 0)
            moments.pop(0)
        assert gc.get_threshold() == (*usual[:2], 1_000)
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
    assert frozen == [True, False, True]


def test_a_scope_is_found_exactly_and_of_its_window_alone():
    def one(kpi, window, **scope):
        whole = {"tier": None, "team": None, "domain": None, "asset": None}
        return {"kpi": kpi, "window": {"name": window}, "scope": whole | scope}

    results = [one("a", "28d"), one("a", "28d", tier=0), one("b", "28d", tier=0), one("a", "7d", tier=0),
               one("a", "28d", tier=1, team="crm")]  # fmt: skip
    snapshot = Snapshot(results=results)
    assert scope.find(snapshot, "28d", {"tier": 0}) == {"a": results[1], "b": results[2]}
    assert scope.find(snapshot, "28d", {"tier": 0, "team": None}) == {"a": results[1], "b": results[2]}
    assert scope.find(snapshot, "28d", {}) == {"a": results[0]}
    assert scope.find(snapshot, "28d", {"team": "crm"}) == {}
    assert scope.values(snapshot, "tier") == [0, 1]
    assert [name for name, _ in scope.windows(snapshot)] == ["7d", "28d"]
