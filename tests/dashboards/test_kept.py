"""Answers are worked out once an evaluation, and what was asked last is there before it is asked again."""

from dashboards.reading.kept import Kept


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
