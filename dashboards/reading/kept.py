"""Answers of one evaluation: worked out once, and once more after the next for what was asked lately."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any

MOST = 512
"""Answers kept of one evaluation."""
LATELY = 24
"""Questions that are asked again by themselves: a page has up to ten, and few are open at once."""
Work = Callable[[Any], Any]


class Kept:
    """Question -> answer of the present evaluation, the latest asked kept; a newer evaluation empties it."""

    def __init__(self, most: int = MOST, lately: int = LATELY) -> None:
        self._most, self._lately, self._lock = most, lately, threading.Lock()
        self._of: Hashable = None
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._asked: OrderedDict[Hashable, Work] = OrderedDict()
        self._before: list[tuple[Hashable, Work]] = []
        self._under_way: dict[tuple[Hashable, Hashable], Future[Any]] = {}

    def get(self, evaluation: Hashable, key: Hashable, work: Work, engine: Any) -> Any:
        """The kept answer, or ``work(engine)``. Who asks what another is working out waits for that answer, or fails
        with its error: a report takes seconds, and is drawn once."""
        with self._lock:
            self._turn(evaluation)
            self._asked[key] = work
            self._asked.move_to_end(key)
        return self._answer(evaluation, key, work, engine)

    def _answer(self, evaluation: Hashable, key: Hashable, work: Work, engine: Any) -> Any:
        of = (evaluation, key)
        with self._lock:
            if evaluation == self._of and key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
            others = self._under_way.get(of)
            own = self._under_way.setdefault(of, Future())
        if others is not None:
            return others.result()
        try:
            own.set_result(self._keep(evaluation, key, work(engine)))
        except BaseException as error:
            own.set_exception(error)
        with self._lock:
            del self._under_way[of]
        return own.result()

    def again(self, evaluation: Hashable, engine: Any) -> None:
        """Works out what was asked last of the evaluation before, so that who reads on need not wait. What nobody has
        asked since then is not worked out a third time."""
        with self._lock:
            self._turn(evaluation)
            open_ones = [(key, work) for key, work in self._before if key not in self._answers]
            self._before = []
        for key, work in open_ones:
            self._answer(evaluation, key, work, engine)

    def _turn(self, evaluation: Hashable) -> None:
        if evaluation != self._of:
            self._before = list(reversed(self._asked.items()))[: self._lately]
            self._answers.clear()
            self._asked.clear()
            self._of = evaluation

    def _keep(self, evaluation: Hashable, key: Hashable, answer: Any) -> Any:
        with self._lock:
            if evaluation == self._of:
                self._answers[key] = answer
                while len(self._answers) > self._most:
                    self._answers.popitem(last=False)
        return answer
