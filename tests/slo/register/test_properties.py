"""Registers over random platforms: bit by bit, from nothing and judged directly are the same, in any order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import pytest

from slo.facts import Fact
from slo.store import Store
from tests.seeds import seeds
from tests.slo.register.platforms import DAY, HOUR, LIFE, START, Chance, differing, direct, refreshed, shown

AT = START + LIFE * DAY + 7 * HOUR
Fresh = Callable[[Iterable[Fact]], Store]


def same(store: Store, as_of: datetime) -> None:
    """What is stored says what judging everything anew says."""
    assert differing(shown(store, as_of, True), direct(store, as_of)) == []


@pytest.mark.parametrize("seed", seeds(0, 6, 12))
def test_what_is_stored_is_what_judging_everything_says(fresh: Fresh, seed: int) -> None:
    for as_of in (START + 10 * DAY, AT):
        store = fresh(Chance(seed).facts(40))
        refreshed(store, as_of)
        same(store, as_of)


@pytest.mark.parametrize("seed", seeds(100, 6, 12))
def test_bit_by_bit_is_the_same_as_at_once(fresh: Fresh, seed: int) -> None:
    """Facts arrive over the weeks while the clock runs; then quiet days."""
    facts, store = Chance(seed).facts(60), fresh([])
    for lot in range(6):
        store.upsert(facts[lot * 10 : lot * 10 + 10])
        now = START + (10 * lot - 20) * DAY + (lot % 3) * 9 * HOUR
        refreshed(store, now)
        same(store, now)
    for days in (1, 2, 9, 30, 31):
        now = START + (40 + days) * DAY
        refreshed(store, now)
        same(store, now)


@pytest.mark.parametrize("seed", seeds(200, 4, 8))
def test_a_past_as_of_is_what_was_seen_then(fresh: Fresh, seed: int) -> None:
    facts = Chance(seed).facts(50)
    store = fresh(facts)
    refreshed(store, AT)
    for then in (START + 3 * DAY, START + 33 * DAY + 11 * HOUR):
        other = fresh(facts)
        refreshed(other, then)
        assert differing(shown(store, then, False), shown(other, then, True)) == []
