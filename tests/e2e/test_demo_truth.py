"""The whole path against a world that knows its own truth: the demo's systems speak, the real collectors read, the real
engine reckons, and every figure equals what the world worked out by plain loops over its own events."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import yaml

from collectors.runner import Runner, RunRecord
from slo.engine import Engine, Query
from slo.results import Results
from slo.shelf import get_kpi, shelf
from slo.store import Store
from tierline.config import Config, load
from tierline.demo.platform import demo_settings, start_servers, write_files, write_inventory
from tierline.demo.truth import TRUTHS, Question
from tierline.demo.world import World

NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)
WORLD = {"pipelines": 24, "datasets": 50, "days": 40}
"""Large enough for each story: the change of schedule, the pause, the promotion, the migration, the outage, the change
of the clock on 25 October, open and reopened incidents."""
WINDOWS = {
    "1d": (date(2026, 11, 21), date(2026, 11, 21)),
    "7d": (date(2026, 11, 15), date(2026, 11, 21)),
    "28d": (date(2026, 10, 25), date(2026, 11, 21)),
    "2026-W44": (date(2026, 10, 26), date(2026, 11, 1)),
    "2026-11": (date(2026, 11, 1), date(2026, 11, 30)),
}
LONG = {"2026-Q3": (date(2026, 7, 1), date(2026, 9, 30)), "2026-Q4": (date(2026, 10, 1), date(2026, 12, 31))}
"""Of what is told of longer than the world: registers, and the bills."""
TOLD_FOR_LONG = (
    "toil_hours", "enablement_output", "teams_enabled", "automation_coverage", "learning_progression",
    "architecture_review_rate", "documentation_freshness", "stakeholder_satisfaction", "reserved_capacity_utilization",
    "storage_growth_vs_forecast", "expensive_workloads_remediated",
)  # fmt: skip
ASKED = [(kpi, window) for kpi in TRUTHS for window in WINDOWS] + [(kpi, window) for kpi in TOLD_FOR_LONG
                                                                   for window in LONG]  # fmt: skip
SCOPES: list[dict[str, Any]] = [
    {}, {"tier": 0}, {"tier": 1}, {"tier": 2}, {"tier": 3}, {"team": "commerce"}, {"team": "growth"},
    {"domain": "finance"}, {"tier": 2, "domain": "finance"},
]  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    return World(NOW, **WORLD)


@pytest.fixture(scope="module")
def config(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Config]:
    folder = tmp_path_factory.mktemp("demo")
    assert list(dict.fromkeys(write_files(world, folder, NOW))) == ["new", "day", "all"]
    write_inventory(world, folder, NOW)
    servers = start_servers(world, lambda: NOW)
    settings = demo_settings(folder, servers.urls, f"sqlite:///{folder / 'tierline.db'}", WORLD["days"] + 1)
    path = folder / "tierline.yaml"
    path.write_text(yaml.safe_dump(settings, sort_keys=False))
    try:
        yield load(str(path), {})
    finally:
        servers.stop()


@pytest.fixture(scope="module")
def store(config: Config) -> Iterator[Store]:
    with Store(config.store_url) as made:
        made.migrate()
        yield made


@pytest.fixture(scope="module")
def records(store: Store, config: Config) -> list[RunRecord]:
    return Runner(store, config.sources(lambda: NOW), lambda: NOW).collect_all()


@pytest.fixture(scope="module")
def engine(store: Store, config: Config, records: list[RunRecord]) -> Engine:
    made = Engine(store, config.to_platform())
    assert made.refresh(NOW)
    return made


def test_every_source_is_read_without_an_error(records: list[RunRecord]) -> None:
    assert [
        (record.source, record.error, record.set_aside) for record in records if record.error or record.set_aside
    ] == []
    assert all(record.facts for record in records)


def test_what_happened_is_stored_once(store: Store, world: World, records: list[RunRecord]) -> None:
    told = [one for one in world.catalog.connectors if one.vendor == "airbyte"]
    synced = [run for connector in told for run in world.syncs(None, None, connector)]
    seen = [run for run in (run.seen(NOW) for run in [*world.runs(), *synced]) if run is not None]
    counts = store.counts()
    assert counts["run"] == len(seen)
    assert counts["dataset_update"] == sum(update.at <= NOW for update in world.updates())
    assert counts["check_result"] == sum(len([c for c in world.checks(day) if c.at <= NOW]) for day in world.dates())
    assert counts["incident"] == sum(incident.detected <= NOW for incident in world.incidents)


def test_a_second_pass_changes_nothing(store: Store, config: Config, records: list[RunRecord]) -> None:
    before = store.counts()
    again = Runner(store, config.sources(lambda: NOW), lambda: NOW).collect_all()
    assert [(record.source, record.facts) for record in again if record.facts] == []
    assert store.counts() == before


@pytest.fixture(scope="module")
def results(engine: Engine) -> Results:
    return engine.results(None, NOW, refresh=False)


@pytest.mark.parametrize(("kpi", "window"), ASKED)
def test_every_figure_is_the_worlds_own(results: Results, world: World, kpi: str, window: str) -> None:
    told, true = {}, {}
    for scope in SCOPES:
        name = str(scope or "whole")
        true[name] = TRUTHS[kpi](Question(world, *{**WINDOWS, **LONG}[window], NOW, **scope))
        result = results.result(get_kpi(kpi), Query(window=window, **scope), series=False, before=False)
        told[name] = {part: result.get(part) for part in true[name]}
    assert told == {name: {part: _near(value) for part, value in parts.items()} for name, parts in true.items()}


def test_all_49_are_compared() -> None:
    assert set(TRUTHS) == set(shelf()) and len(TRUTHS) == 49


def _near(value: float | None) -> Any:
    """Equal but for the order in which floats were added."""
    return None if value is None else pytest.approx(value, rel=1e-9, abs=1e-9)


def test_the_stories_are_in_it(world: World) -> None:
    """What the comparison above is about really happens in the compared windows."""
    question = Question(world, *WINDOWS["28d"], NOW)
    assert TRUTHS["pipeline_success_rate"](question)["bad"] > 20
    assert TRUTHS["dataset_sla_attainment"](question)["good"] > 20
    assert TRUTHS["mttr"](question)["open"] == 2
    assert TRUTHS["incident_recurrence_rate"](question)["value"] is not None
    assert TRUTHS["change_failure_rate"](question)["bad"] > 1
    retired = [p for p in world.catalog.pipelines if any(version.retired for version in p.versions)]
    assert len(retired) == 1


def test_every_kpi_has_something_to_say(world: World) -> None:
    """A figure that is neither nought nor none, in the whole of some window."""
    for kpi, truth in TRUTHS.items():
        windows = [window for asked, window in ASKED if asked == kpi]
        values = [truth(Question(world, *{**WINDOWS, **LONG}[window], NOW))["value"] for window in windows]
        assert any(values), kpi


def test_the_corner_cases_are_in_it(world: World) -> None:
    closed = [one for one in world.work if one.opened <= NOW]
    assert {one.outcome for one in closed} == {"done", "refused", "withdrawn"}
    assert any(reopened for one in closed for _, reopened in one.closings)
    assert {one.scale for one in world.known.answers} == {"10", "5", "nps"}
    assert any(world.known.old_name(dataset) for dataset in world.catalog.datasets)
    newest = [cards[-1] for cards in world.known.cards.values() if cards]
    assert {card.registered_by for card in newest if card.first_seen} >= {"auto"}
    assert any(link.gone for link in world.known.links)
    assert {alert.reason for alert in world.security if alert.closed} > {None}
