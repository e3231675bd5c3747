"""Past days from states: the figures of windows that ended with each day, as they are known now."""

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from slo.calendars import DAY
from slo.engine import Engine, Query
from slo.interchange import parse
from slo.past import Past, past
from slo.past.states import OverlappingStates, _blocks
from slo.platform import Platform
from slo.shelf import get_kpi
from slo.states import States
from slo.store import Store
from slo.targets import load_targets
from slo.windows import parse_window

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
FIRST = date(2026, 9, 1)
SUCCESS = get_kpi("pipeline_success_rate")
ADOPTED = """\
profile: staff_platform
title: Ours
targets:
  - row: 2
    kpi: pipeline_success_rate
    text: ">= 90%"
    cadence: monthly
    window: M
    adopted: 2026-11-02
    adopted_by: platform
    clauses:
      - {form: at_least, floor: 0.9}
"""


def run(number, day, state, asset="etl/a"):
    start = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    return parse({"fact": "run", "source": "airflow", "id": f"{asset}{number}", "asset": asset, "state": state,
                  "trigger": "event", "started_at": start.isoformat(),
                  "ended_at": (start + timedelta(minutes=5)).isoformat()})  # fmt: skip


def facts():
    """A run a day of one tier-1 pipeline since 1 September; every tenth fails: 1, 11, 21, 31 ... days after it."""
    yield parse({"fact": "asset", "source": "airflow", "id": "a", "asset": "etl/a", "kind": "pipeline", "tier": 1,
                 "valid_from": "2026-08-01T00:00:00Z"})  # fmt: skip
    for number in range(80):
        yield run(number, FIRST + number * DAY, "failed" if number % 10 == 1 else "success")


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """The facts with their states, refreshed once."""
    path = tmp_path_factory.mktemp("past") / "t.db"
    with Store(f"sqlite:///{path}") as made:
        made.migrate()
        made.upsert(facts())
        Engine(made, Platform()).refresh(NOW)
    return path


@pytest.fixture
def store(original, tmp_path):
    """A copy of them."""
    shutil.copy(original, tmp_path / "t.db")
    with Store(f"sqlite:///{tmp_path}/t.db") as made:
        yield made


def lines(store, wanted, platform=None, targets=None, kpi=SUCCESS):
    engine = Engine(store, platform or Platform(), targets)
    engine.refresh(NOW)
    return engine.tell(lambda results, query: list(past(results, kpi, wanted)), Query(), NOW, refresh=False)


def test_each_day_s_window_ends_with_the_day(store):
    found = lines(store, Past(date(2026, 8, 31), date(2026, 9, 12), ("1d", "7d")))
    values = {(at.date() - DAY, one["window"]["name"]): one["value"] for at, one in found}
    assert {at.hour for at, _ in found} == {0}
    assert [values[date(2026, 9, day), "1d"] for day in (1, 2, 3, 12)] == [1, 0, 1, 0]
    assert [values[date(2026, 9, day), "7d"] for day in (1, 2, 8, 9)] == [1, 1 / 2, 6 / 7, 1]
    assert values[date(2026, 8, 31), "7d"] is None
    last = found[-1][1]
    assert (last["good"], last["bad"], last["scope"]["tier"]) == (6, 1, None)


def test_a_past_day_is_what_show_tells_of_it(store):
    found = lines(store, Past(date(2026, 10, 1), date(2026, 10, 2), ("28d",), ({}, {"tier": 1}, {"tier": 0})))
    engine = Engine(store, Platform())
    for at, one in found:
        shown = engine.show(SUCCESS.id, Query(as_of=at, tier=one["scope"]["tier"]), NOW, refresh=False)
        assert (one["value"], one.get("good"), one["coverage"]) == (shown["value"], shown["good"], shown["coverage"])
    assert len(found) == 3 * 2


def test_what_is_told_late_counts_in_its_day(store):
    wanted = Past(date(2026, 9, 2), date(2026, 9, 2), ("1d",))
    assert lines(store, wanted)[0][1]["value"] == 0
    store.upsert([run(99, date(2026, 9, 2), "success", "etl/late")])
    assert lines(store, wanted)[0][1]["value"] == 1 / 2


def test_a_promise_has_a_budget_from_the_day_it_was_adopted_on(store, tmp_path: Path):
    (tmp_path / "staff_platform.yaml").write_text(ADOPTED)
    targets = load_targets(tmp_path)
    found = lines(store, Past(date(2026, 11, 1), date(2026, 11, 3), ("28d",)), targets=targets)
    before, *after = [one["targets"] for _, one in found]
    assert before == []
    # 28 days up to 2 November: the days after 1 September numbered 35 to 62, of which 41, 51 and 61 failed.
    (entry,) = after[0]
    assert (entry["profile"], entry["row"]) == ("staff_platform", 2)
    assert entry["budget"]["burn_rate"] == pytest.approx((3 / 28) / 0.1)
    assert entry["budget"]["remaining"] == pytest.approx(1 - (3 / 28) / 0.1)


def test_a_day_is_one_of_the_platform_s_zone(store):
    berlin = Platform(timezone=ZoneInfo("Europe/Berlin"))
    found = lines(store, Past(date(2026, 10, 24), date(2026, 10, 26), ("1d",)), berlin)
    assert [at for at, _ in found] == [
        datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC),
        datetime(2026, 10, 26, 23, tzinfo=UTC),
    ]  # fmt: skip


def test_what_no_source_tells_has_no_past(store):
    assert lines(store, Past(FIRST, FIRST + DAY, ("28d",)), kpi=get_kpi("unit_cost")) == []


def test_stretches_share_their_days_and_forget_them(store, monkeypatch: pytest.MonkeyPatch):
    wanted = Past(date(2026, 9, 1), date(2026, 11, 18), ("7d", "28d"))
    whole = lines(store, wanted)
    monkeypatch.setattr("slo.past.days.STRETCH", 5)
    assert lines(store, wanted) == whole


def test_windows_merged_from_blocks_are_the_same(store):
    def both(results, query):
        asked = results.asked(SUCCESS, query)
        apart, together = results.states, OverlappingStates(results.states)
        assert isinstance(apart, States)
        for back in range(60):
            at = results.view.start_of(date(2026, 11, 20)) - back * DAY
            window = parse_window("28d", at, results.view.platform.timezone)
            one, other = (
                kept.reading(SUCCESS, window, asked.scope, asked.params, light=True) for kept in (apart, together)
            )
            assert (one.state, one.days) == (other.state, other.days)
        return together

    engine = Engine(store, Platform())
    engine.refresh(NOW)
    assert engine.tell(both, Query(), NOW, refresh=False)


def test_blocks_cover_the_days_once():
    for first in range(1, 40):
        for last in range(first, first + 40):
            days = [day for start, size in _blocks(first, last) for day in range(start, start + size)]
            assert days == list(range(first, last + 1))
    assert len(list(_blocks(740_000, 740_027))) <= 8
