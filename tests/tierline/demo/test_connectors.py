"""The demo's Fivetran and Airbyte, read by the real collectors: what happened is told, once, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from collectors.runner import Runner
from collectors.sources.airbyte import Airbyte, AirbyteSettings
from collectors.sources.fivetran import Fivetran, FivetranSettings
from slo.store import Store
from tierline.demo.connectors import volume
from tierline.demo.servers import airbyte, fivetran
from tierline.demo.servers.base import Server
from tierline.demo.world import World

NOW = datetime(2026, 11, 21, 11, 2, tzinfo=UTC)
"""At 11:00 UTC, noon in Berlin, several syncs have just begun."""


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(scope="module")
def world() -> World:
    return World(NOW, pipelines=1, datasets=0, days=30)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(f"sqlite:///{tmp_path / 't.db'}") as made:
        made.migrate()
        yield made


@pytest.fixture
def source_of_airbyte(world: World, clock: Clock) -> Iterator[Airbyte]:
    server = Server(airbyte.AirbyteSite(world, clock))
    settings = AirbyteSettings(
        url=server.url + airbyte.ROOT, client_id=airbyte.CLIENT, client_secret=SecretStr(airbyte.SECRET),
        requests_per_second=1000, history_days=31,
    )  # fmt: skip
    yield Airbyte("airbyte", settings, clock)
    server.stop()


@pytest.fixture
def source_of_fivetran(world: World, clock: Clock) -> Iterator[Fivetran]:
    server = Server(fivetran.FivetranSite(world, clock))
    settings = FivetranSettings(
        url=server.url, key=SecretStr(fivetran.KEY), secret=SecretStr(fivetran.SECRET), requests_per_second=1000
    )
    yield Fivetran("fivetran", settings, clock)
    server.stop()


def test_airbytes_whole_history_is_told_once(
    world: World, clock: Clock, store: Store, source_of_airbyte: Airbyte
) -> None:
    runner = Runner(store, [source_of_airbyte], clock)
    for later in (timedelta(0), timedelta(hours=5), timedelta(hours=5, minutes=1)):
        clock.at = NOW + later
        record = runner.collect("airbyte")
        assert (record.error, record.set_aside) == (None, 0)
    told = {run.id: (run.asset, run.state, run.started_at, run.ended_at, run.rows) for run in store.read("run")}
    seen = [run.seen(clock.at) for run in world.syncs()]
    assert told == {
        f"job/{run.run_id}": (
            run.pipeline.name, run.state, run.started, None if run.state == "running" else run.ended,
            None if run.state == "running" else volume(run)[1],
        )
        for run in seen
        if run is not None and run.pipeline.name.startswith("airbyte/")
    }  # fmt: skip
    assert {state for _, state, *_ in told.values()} >= {"success", "failed"}


def test_fivetran_is_told_as_it_happens(world: World, clock: Clock, store: Store, source_of_fivetran: Fivetran) -> None:
    runner = Runner(store, [source_of_fivetran], clock)
    for minute in range(0, 12 * 60, 2):
        clock.at = NOW + timedelta(minutes=minute)
        assert runner.collect("fivetran").error is None
    told = {(run.asset, run.state, run.ended_at): run for run in store.read("run")}
    happened = {
        (run.pipeline.name, run.state, run.ended): run
        for run in world.syncs(date(2026, 11, 21), date(2026, 11, 22))
        if run.pipeline.name.startswith("fivetran/") and NOW < run.ended <= clock.at
    }
    assert set(told) == set(happened)
    assert len(told) == 5  # salesforce and zendesk twice, Google Ads once
    for name, run in happened.items():
        early = run.started - told[name].started_at
        assert timedelta(0) <= early <= timedelta(minutes=2) or run.started < NOW


def test_both_say_that_they_can_be_read(source_of_airbyte: Airbyte, source_of_fivetran: Fivetran) -> None:
    findings = [*source_of_airbyte.check(), *source_of_fivetran.check()]
    assert [(one.ok, one.what.split(": ")[1]) for one in findings][0::2] == [(True, "4 read"), (True, "1 read")]
    assert all(one.ok for one in findings)
