"""Failures guessed from their time: off unless a setting allows it, marked, and the same however they were told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from slo.engine import Engine, Query
from slo.interchange import instant, parse
from slo.platform import Platform
from slo.shelf import shelf
from slo.store import Store

NOW = "2026-10-08T00:00:00Z"
Fact = dict[str, Any]


def deployed(name: str, at: str, **more: Any) -> Fact:
    return {"fact": "change", "id": name, "kind": "deployment", "asset": "p/a", "at": f"2026-10-05T{at}:00Z", **more}


def broke(name: str, at: str, revised: int = 0, **more: Any) -> Fact:
    when = {"started_at": f"2026-10-05T{at}:00Z", "revised_at": f"2026-10-06T00:00:0{revised}Z"}
    return {"fact": "incident", "id": name, "assets": ["p/a"], **when, **more}


STORY = (
    (deployed("d1", "10:00"), 1, 0, 0),
    (broke("i1", "11:00"), 0, 1, 1),  # blamed on d1
    (deployed("d2", "10:30"), 1, 1, 1),  # stands between: on d2 now
    (broke("i1", "11:00", 1, change="d1"), 1, 1, 0),  # names d1: nothing is guessed any more
    (broke("i1", "11:00", 2), 1, 1, 1),
    (broke("i1", "09:59", 3), 2, 0, 0),  # began before both
    (broke("i1", "10:10", 4), 1, 1, 1),  # after d1 alone
    (broke("i1", "10:10", 5, deleted=True), 2, 0, 0),
)
"""Fact by fact: what is told, and the good, bad and guessed deployments from then on."""


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one KPI that guesses has the shelf for itself: every store here is worked out from nothing."""
    alone = {"change_failure_rate": shelf()["change_failure_rate"]}
    monkeypatch.setattr("slo.engine.shelf", lambda: alone)


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[Callable[[], Store]]:
    made: list[Store] = []

    def build() -> Store:
        made.append(Store(f"sqlite:///{tmp_path / f'{len(made)}.db'}"))
        made[-1].migrate()
        return made[-1]

    yield build
    for store in made:
        store.close()


def shown(store: Store, now: str = NOW, within: timedelta | None = timedelta(hours=2), **query: Any) -> dict[str, Any]:
    engine = Engine(store, Platform(guess_failures_within=within))
    return engine.show("change_failure_rate", Query(window="2026-10-05", **query), instant(now))


def counts(result: dict[str, Any]) -> tuple[int, int, int]:
    return result["good"], result["bad"], result["guessed"]


def test_each_telling_moves_what_is_guessed(stores: Callable[[], Store]) -> None:
    told = stores()
    for number, (fact, *expected) in enumerate(STORY, start=1):
        told.upsert([parse({"source": "s", **fact})])
        at_once = stores()
        at_once.upsert(parse({"source": "s", **one}) for one, *_ in STORY[:number])
        assert counts(shown(told)) == counts(shown(at_once)) == tuple(expected), fact


def test_it_is_off_by_default_and_said_where_it_is_on(stores: Callable[[], Store]) -> None:
    store = stores()
    store.upsert(parse({"source": "s", **one}) for one, *_ in STORY[:2])
    on, off = shown(store), shown(store, within=None)
    assert counts(off) == (1, 0, 0)
    assert counts(on) == (0, 1, 1)
    said = "1 of 1 failures is guessed from the time of an incident"
    assert said in on["caveats"]
    assert said not in off["caveats"]
    assert counts(shown(store)) == (0, 1, 1), "and on again"


def test_before_the_incident_began_nothing_was_guessed(stores: Callable[[], Store]) -> None:
    store, early = stores(), "2026-10-05T10:59:00Z"
    store.upsert(parse({"source": "s", **one}) for one, *_ in STORY[:2])
    assert counts(shown(store)) == (0, 1, 1)
    assert counts(shown(store, as_of=instant(early))) == (0, 0, 0), "not settled yet"
