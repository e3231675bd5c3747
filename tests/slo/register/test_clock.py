"""Registers by the clock and at the edges of days: what changes without a fact, and when it counts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from slo.folding import Scope
from slo.measure import Register
from slo.platform import Platform, SourceInfo
from slo.register import RegisterKpi
from slo.shelf import get_kpi
from slo.states import States
from slo.store import Store
from slo.view import View
from slo.windows import parse_window
from tests.slo.register.platforms import DAY, HOUR, START, fact, refreshed

SECOND = timedelta(seconds=1)


def counts(store: Store, kpi_id: str, as_of: datetime, window: str = "1d", scope: Scope | None = None) -> Any:
    """Good, bad and excluded, from the states that are stored for this instant."""
    kpi = get_kpi(kpi_id)
    view = View(store, Platform(), as_of)
    states = States(view, frozenset({(kpi_id, "")}), True, False)
    state = states.reading(kpi, parse_window(window, as_of, view.platform.timezone), scope or Scope(), {}).state
    assert isinstance(state, Register)
    return state.good, state.bad, {reason: sum(parts) for reason, parts in state.excluded.items()}


def dataset(key: str, asset: str, at: datetime | None, **fields: Any) -> Any:
    return fact("asset", key, asset=asset, kind="dataset", valid_from=at, **fields)


OWNED = {"owner": "data", "tier": 1, "description": "Orders"}


def test_a_change_at_midnight_is_of_the_day_that_ends(store: Store) -> None:
    """Owned from 4 November 00:00 on: at the end of the 3rd it is, as of a second before it is not."""
    store.upsert([dataset("1", "a", START, tier=1, description="x"), dataset("2", "a", START + 2 * DAY, **OWNED)])
    found = []
    for now in (START + 2 * DAY - SECOND, START + 2 * DAY, START + 2 * DAY + SECOND):
        refreshed(store, now)
        found.append([counts(store, "ownership_coverage", now, window)[:2] for window in ("2026-11-02", "2026-11-03")])
    assert found == [[(0, 1), (0, 1)], [(0, 1), (1, 0)], [(0, 1), (1, 0)]]


def test_a_document_becomes_stale_on_a_quiet_day(store: Store) -> None:
    """Updated at START: good up to 183 days later, the instant included; nobody tells anything in between."""
    store.upsert([fact("entry", "1", kind="document", subject="a", key=True, at=START, updated_at=START)])
    due = START + 183 * DAY
    found = []
    for now in (START, due - HOUR, due, due + SECOND, due + 40 * DAY):
        refreshed(store, now)
        found.append(counts(store, "documentation_freshness", now)[:2])
    assert found == [(1, 0), (1, 0), (1, 0), (0, 1), (0, 1)]


def test_a_check_speaks_for_28_days(store: Store) -> None:
    """Ran on 2 November 06:00; the next one on 20 December speaks again."""
    ran = [START + 6 * HOUR, START + 48 * DAY]
    checks = [fact("check_result", str(n), asset="a", check="c", type="null", outcome="fail", at=at)
              for n, at in enumerate(ran)]  # fmt: skip
    store.upsert([dataset("1", "a", START, tier=0), checks[0]])
    found = []
    for now in (ran[0], ran[0] + 28 * DAY, ran[0] + 28 * DAY + SECOND, ran[1] + SECOND):
        if now > ran[1]:
            store.upsert([checks[1]])
        refreshed(store, now)
        found.append(counts(store, "automated_test_coverage", now)[:2])
    assert found == [(1, 0), (1, 0), (0, 1), (1, 0)]


def test_a_check_at_the_very_end_is_not_before_it(store: Store) -> None:
    """Midnight between the 3rd and the 4th: not in the 28 days before the end of the 3rd, but before now."""
    midnight = START + 2 * DAY
    check = fact("check_result", "1", asset="a", check="c", type="range", outcome="pass", at=midnight)
    store.upsert([dataset("1", "a", START, tier=1), check])
    refreshed(store, midnight + SECOND)
    told = [
        counts(store, "automated_test_coverage", midnight + SECOND, day)[:2] for day in ("2026-11-03", "2026-11-04")
    ]
    assert told == [(0, 1), (1, 0)]


def test_an_agreement_begins_and_ends_by_itself(store: Store) -> None:
    span = {"start": START + 5 * DAY + HOUR, "end": START + 6 * DAY + HOUR}
    store.upsert([dataset("1", "a", START, **OWNED), fact("exclusion", "x", assets="a", reason="agreed", **span)])
    found = []
    for now in (START + 5 * DAY, span["start"], span["end"] - SECOND, span["end"]):
        refreshed(store, now)
        found.append(counts(store, "ownership_coverage", now))
    inside = (0, 0, {"agreed": 1})
    assert found == [(1, 0, {}), inside, inside, (1, 0, {})]


def test_a_milestone_falls_due(store: Store) -> None:
    store.upsert([fact("entry", "1", kind="milestone", at=START, planned_at=START + DAY, done_at=START + 3 * DAY)])
    found = []
    for now in (START + DAY - SECOND, START + DAY, START + 3 * DAY):
        refreshed(store, now)
        found.append(counts(store, "learning_progression", now)[:2])
    assert found == [(0, 0), (0, 1), (1, 0)]


def test_a_tier_left_behind_leaves_nothing_there(store: Store) -> None:
    """Tier 2, then 1: in tier 2 nothing stands any more; in September, before it was told of, nothing at all."""
    store.upsert([dataset("1", "a", START, **{**OWNED, "tier": 2}), dataset("2", "a", START + 3 * DAY, **OWNED)])
    now = START + 5 * DAY
    refreshed(store, now)
    assert counts(store, "ownership_coverage", now, "7d", Scope(tiers=(2,)))[:2] == (0, 0)
    assert counts(store, "ownership_coverage", now, "2026-11-03", Scope(tiers=(2,)))[:2] == (1, 0)
    assert counts(store, "ownership_coverage", now, "7d", Scope(tiers=(1,)))[:2] == (1, 0)
    assert counts(store, "ownership_coverage", now, "2026-09")[:2] == (0, 0)


def test_a_word_said_again_by_another_source_is_heard(store: Store) -> None:
    """Of imports the latest speaks: list says its word again after import said another."""
    store.upsert([
        dataset("1", "a", START, source="list", **OWNED),
        dataset("1", "a", START + DAY, source="import", **{**OWNED, "owner": " "}),
    ])  # fmt: skip
    refreshed(store, START + 2 * DAY)
    before = counts(store, "ownership_coverage", START + 2 * DAY)[:2]
    store.upsert([dataset("2", "a", START + 3 * DAY, source="list", **OWNED)])
    refreshed(store, START + 4 * DAY)
    assert (before, counts(store, "ownership_coverage", START + 4 * DAY)[:2]) == ((0, 1), (1, 0))


@pytest.mark.parametrize(("warehouse", "told"), [(True, (1, 0)), (False, (2, 0))])
def test_what_a_catalogue_alone_lists_is_in_no_denominator(store: Store, warehouse: bool, told: Any) -> None:
    """Both are listed by the catalogue, one is in the warehouse, too."""
    entry = {**OWNED, "layer": "mart", "in_catalog": True, "classification": "internal"}
    store.upsert([
        dataset("1", "a", START, source="catalogue", **entry), dataset("2", "b", START, source="catalogue", **entry),
        dataset("1", "a", START, source="warehouse"),
    ])  # fmt: skip
    sources = [SourceInfo("catalogue", {"asset": ("kind", "layer", "in_catalog", "owner")})]
    if warehouse:
        sources.append(SourceInfo("warehouse", {"asset": ("kind",), "meter": ("bytes",)}))
    kpi, view = get_kpi("catalog_coverage"), View(store, Platform(sources=tuple(sources)), START + DAY)
    assert isinstance(kpi, RegisterKpi)
    items = list(kpi.standing(view, None, START + DAY, {}))
    assert (sum(item.good for item in items), sum(item.bad for item in items)) == told


def test_what_stands_names_what_is_missing_and_who_said_so(store: Store) -> None:
    store.upsert([dataset("1", "a", START, tier=1), dataset("2", "b", START, **OWNED)])
    kpi, view = get_kpi("ownership_coverage"), View(store, Platform(), START + DAY)
    assert isinstance(kpi, RegisterKpi)
    told = [
        (item.asset, item.note, [one.id for one in item.facts]) for item in kpi.standing(view, None, START + DAY, {})
    ]
    assert told == [("a", "no owner, no description", ["1"]), ("b", "", ["2"])]
