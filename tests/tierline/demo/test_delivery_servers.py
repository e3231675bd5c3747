"""The demo's GitHub and Jira, read by the real collectors: what is stored is what happened in the world."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from collectors.runner import Runner
from slo.store import Store
from tierline.config import load
from tierline.demo.delivery import ON_GITHUB, change_of
from tierline.demo.platform import TOKENS, demo_settings, start_servers
from tierline.demo.servers.jira import SIZES, issue_id
from tierline.demo.work import Work
from tierline.demo.world import World


@pytest.fixture(scope="module")
def urls(small: World, now: datetime) -> Iterator[dict[str, str]]:
    running = start_servers(small, lambda: now)
    yield running.urls
    running.stop()


@pytest.fixture(scope="module")
def store(urls: dict[str, str], now: datetime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("delivery")
    for name, token in TOKENS.items():
        (folder / name).write_text(token)
    settings = demo_settings(folder, urls, f"sqlite:///{folder / 'tierline.db'}", 36)
    settings["sources"] = {name: settings["sources"][name] for name in ("github", "jira")}
    path: Path = folder / "tierline.yaml"
    path.write_text(yaml.safe_dump(settings))
    config = load(str(path), {})
    with Store(config.store_url) as made:
        made.migrate()
        for _ in range(2):  # the second pass is an incremental one
            records = Runner(made, config.sources(lambda: now), lambda: now).collect_all()
            assert [(record.error, record.set_aside) for record in records] == [(None, 0), (None, 0)]
        assert [record.facts for record in records] == [0, 0]
        yield made


def test_deployments_are_the_worlds_own(store: Store, small: World, now: datetime) -> None:
    told = {(f"github/{one.id}", one.at, one.state, one.team, one.title)
            for one in store.read("change", {"kind": "deployment"})}  # fmt: skip
    true = {
        (change_of(one), one.at, "rolled_back" if one.reverted_at and one.reverted_at <= now else "succeeded",
         one.team, one.title)
        for one in small.deployments if one.team in ON_GITHUB and one.at <= now
    }  # fmt: skip
    assert told == true
    assert {state for _, _, state, _, _ in told} == {"succeeded", "rolled_back"}


def test_work_is_the_worlds_own(store: Store, small: World, now: datetime) -> None:
    told = {
        one.id: (one.kind, one.title, one.team, one.opened_at, one.started_at, one.closed_at, one.outcome, one.due_at,
                 one.size, one.asset, one.severity, one.complexity)
        for one in store.read("work_item", {"source": "jira"})
    }  # fmt: skip
    assert told == {issue_id(one): _seen(one, now) for one in small.work if one.opened <= now}
    assert {kind for kind, *_ in told.values()} >= {"support", "access_request", "scoped", "action", "onboarding"}
    assert any(len(one.closings) == 2 for one in small.work)


def _seen(one: Work, now: datetime) -> tuple[Any, ...]:
    """What is to be known of it now."""
    closed = None
    for end, reopened in one.closings:
        if end <= now and (reopened is None or reopened > now):
            closed = end
    return (one.kind, one.title, one.team, one.opened, one.started if one.started <= now else None, closed,
            one.outcome if closed else None, one.due, SIZES[str(one.points)], one.asset, one.severity,
            one.complexity)  # fmt: skip


def test_security_alerts_are_the_worlds_own(store: Store, small: World, now: datetime) -> None:
    told = {(one.id, one.team, one.severity, one.opened_at, one.closed_at, one.outcome)
            for one in store.read("work_item", {"source": "github"})}  # fmt: skip
    ends = {None: "done", "tolerable_risk": "refused", "not_used": "withdrawn", "inaccurate": "withdrawn"}
    closed = {one: one.closed if one.closed and one.closed <= now else None for one in small.security}
    assert told == {
        (
            f"acme/{one.team}/dependabot/{one.number}",
            one.team,
            one.severity,
            one.opened,
            at,
            ends[one.reason] if at else None,
        )
        for one, at in closed.items()
        if one.opened <= now and (at is None or at >= now - timedelta(days=36))
    }


def test_strangers_are_refused(urls: dict[str, str]) -> None:
    assert requests.post(f"{urls['github']}/graphql", json={}, timeout=5).status_code == 401
    assert requests.get(f"{urls['jira']}/rest/api/3/field", auth=("x", "y"), timeout=5).status_code == 401
