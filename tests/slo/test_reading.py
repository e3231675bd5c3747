"""Rows are read where they are wanted: of a team its own, of assets by name theirs, and each once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from slo.engine import Engine, Query
from slo.explaining.explanation import breakdown
from slo.folding import Scope
from slo.interchange import parse
from slo.platform import Platform
from slo.shelf import get_kpi
from slo.store import Store

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
FIRST, LAST, BEFORE = date(2026, 11, 4), date(2026, 11, 10), date(2026, 10, 28)
KPI = get_kpi("pipeline_success_rate")


def told(fact, key, **fields):
    return parse({"fact": fact, "source": "s", "id": key, **fields})


def facts():
    """Three pipelines that ran once a day for twenty days: two of team red, of which "moved" was blue's until the 8th;
    "bad" fails each day."""
    since = (NOW - timedelta(days=20)).isoformat()
    for name, team in (("good", "red"), ("moved", "blue"), ("bad", "blue")):
        yield told("asset", name, asset=name, kind="pipeline", team=team, valid_from=since)
        for day in range(20):
            at = NOW - timedelta(days=day, hours=1)
            yield told("run", f"{name}/{day}", asset=name, trigger="schedule", due_at=at.isoformat(),
                       state="failed" if name == "bad" else "success", started_at=at.isoformat(),
                       ended_at=(at + timedelta(minutes=5)).isoformat())  # fmt: skip
    yield told("asset", "moved/2", asset="moved", kind="pipeline", team="red", valid_from="2026-11-08T00:00:00Z")


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    with Store(f"sqlite:///{tmp_path_factory.mktemp('store')}/t.db") as store:
        store.migrate()
        store.upsert(facts())
        engine = Engine(store, Platform())
        engine.refresh(NOW)
        yield engine


@pytest.fixture
def results(engine):
    return engine.results(None, NOW, refresh=False)


@pytest.fixture
def read(engine, monkeypatch):
    """The assets of every row that the store hands out, a list a reading."""
    found, states = [], engine.store.states

    def noted(*asked, **more):
        rows = states(*asked, **more)
        found.append(sorted({row.asset for row in rows if row.asset}))
        return rows

    monkeypatch.setattr(engine.store, "states", noted)
    return found


def kept(rows):
    return [(row.asset, row.day.day) for row, _ in rows]


def test_of_a_team_only_its_own_rows_are_read_and_once(results, read):
    red = Scope(team="red")
    rows = results.states.rows(KPI, FIRST, LAST, red, KPI.defaults)
    own = [("good", day) for day in range(4, 8)]
    assert kept(rows) == own + [(name, day) for day in (8, 9, 10) for name in ("good", "moved")]
    assert results.states.rows(KPI, FIRST, LAST, red, KPI.defaults) == rows
    assert read == [["good", "moved"]]


def test_what_the_whole_has_read_serves_every_scope(results, read):
    assert len(results.states.rows(KPI, FIRST, LAST, Scope(), KPI.defaults)) == 21
    blue = results.states.rows(KPI, FIRST, LAST, Scope(team="blue"), KPI.defaults)
    assert [asset for asset, _ in kept(blue)].count("moved") == 4
    assert read == [["bad", "good", "moved"]]


def test_a_breakdown_holds_the_assets_of_its_scope_with_what_they_did_there(results, read):
    """Of the one that moved three days are red's, and four are blue's."""
    lines = breakdown(results, KPI, Query(window="7d", team="red"), "asset")
    assert [(line["key"], line["good"], line["bad"]) for line in lines] == [("good", 7, 0), ("moved", 3, 0)]
    assert read == [["good", "moved"], ["good", "moved"]]
    lines = breakdown(results, KPI, Query(window="7d", team="blue"), "asset")
    assert [(line["key"], line["good"], line["bad"]) for line in lines] == [("bad", 0, 7), ("moved", 4, 0)]


def test_an_asset_that_was_read_for_its_value_is_not_read_again_for_its_rows(results, read):
    own = Scope(asset="moved")
    days = results.states.days(KPI, BEFORE, LAST, own, KPI.defaults)
    assert sum(state.good for state in days.values()) == len(results.states.rows(KPI, BEFORE, LAST, own, KPI.defaults))
    assert read == [["moved"]]
