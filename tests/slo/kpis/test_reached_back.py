"""What is told late of one day and decides an earlier one: in two lots with a look between it gives what it gives at
once, and what a hand gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slo.engine import Engine, Query
from slo.facts import Asset, Fact
from slo.incidents.refs import namesakes
from slo.interchange import parse
from slo.kpis.change_failure_rate import ChangeFailureRate
from slo.platform import Platform
from slo.store import ChangeRow, Store
from slo.targets import load_targets
from slo.view import View
from tests.slo.tellings import fact

Shown = Callable[..., list[Any]]


def june(day: int, hour: float = 0) -> datetime:
    return datetime(2026, 6, 1, tzinfo=UTC) + timedelta(days=day - 1, hours=hour)


def version(day: int, environment: str, **more: Any) -> Fact:
    return fact("asset", f"x{day}", asset="x", valid_from=june(day), environment=environment, **more)


def deployment(key: str, at: datetime, state: str = "succeeded", **more: Any) -> Fact:
    return fact("change", key, kind="deployment", at=at, state=state, **more)


def incident(started: datetime, **more: Any) -> Fact:
    return fact("incident", "i", started_at=started, **more)


@pytest.fixture
def shown(store: Store, fresh: Callable[..., Store]) -> Shown:
    """Parts of a KPI in June as of 30 June."""

    def ask(kpi: str, parts: tuple[str, ...], first: list[Fact], second: list[Fact], **platform: Any) -> list[Any]:
        now, query, settings = june(30), Query(window="2026-06"), Platform(**platform)
        store.upsert(first)
        made = Engine(store, settings, load_targets())
        made.show(kpi, query, now)
        store.upsert(second)
        engines = (made, Engine(fresh([*first, *second]), settings, load_targets()))
        found = [[one.show(kpi, query, now)[part] for part in parts] for one in engines]
        assert found[0] == found[1]
        return found[0]

    return ask


# An asset that is told to have left production: what happened to it since then is out of scope

STAGING = [version(5, "staging")]


@pytest.mark.parametrize(("state", "settled"), [("succeeded", [1, 0]), ("failed", [0, 0])])
def test_an_incident_out_of_scope_fails_no_deployment(shown: Shown, state: str, settled: list[int]) -> None:
    """Deployed on 1 June, an incident of the 10th named it; its asset was in staging since the 5th. The deployment
    settled, or had failed before it reached anybody."""
    first = [version(1, "prod"), deployment("d", june(1), state), incident(june(10), assets=["x"], change="d")]
    assert shown("change_failure_rate", ("good", "bad"), first, STAGING) == settled


def test_an_incident_out_of_scope_makes_no_deployment(shown: Shown) -> None:
    """One that failed counts as deployed by an incident alone; the other one counts anyway."""
    failed = [deployment("d", june(1), "failed"), incident(june(10), assets=["x"], change="d")]
    assert shown(
        "deployment_frequency", ("sum",), [version(1, "prod"), *failed, deployment("e", june(2))], STAGING
    ) == [1]


def test_an_incident_out_of_scope_is_blamed_on_nothing(shown: Shown) -> None:
    """Deployed on 4 June at noon; an incident of 6 June, within the two days of a guess, was of staging."""
    first = [version(1, "prod"), deployment("d", june(4, 12), asset="x"), incident(june(6), assets=["x"])]
    within = timedelta(days=2)
    assert shown("change_failure_rate", ("good", "bad"), first, STAGING, guess_failures_within=within) == [1, 0]


def test_a_first_success_in_staging_leaves_the_closing_of_the_request(shown: Shown) -> None:
    """Asked on Monday 1 June, closed on Thursday, first loaded on the 10th, but in staging: three business days."""
    asked = fact(
        "work_item", "w", kind="onboarding", asset="x", opened_at=june(1), closed_at=june(4), outcome="done",
    )  # fmt: skip
    loaded = fact("run", "r", asset="x", state="success", started_at=june(10), ended_at=june(10))
    assert shown("onboarding_lead_time", ("n", "median"), [version(1, "prod"), asked, loaded], STAGING) == [1, 3.0]


def test_a_defect_out_of_scope_has_not_leaked(shown: Shown) -> None:
    """Found by a consumer on 4 June, said to have begun on the 10th; a test caught another one."""
    check = {"check": "c", "type": "range", "outcome": "fail"}
    told = incident(june(10), detected_at=june(4), class_="correctness", found_by="consumer", assets=["x"])
    first = [version(1, "prod"), fact("check_result", "k", asset="t", at=june(4), **check), told]
    assert shown("defect_leakage", ("good", "bad"), first, STAGING) == [1, 0]


def test_a_version_reaches_back_to_the_deployments_of_its_own_incidents_alone(store: Store) -> None:
    """From 5 June on, and the 1st: not the 2nd, whose incident was before it, nor the 3rd, of another asset."""
    staging = version(5, "staging")
    store.upsert([
        version(1, "prod"), staging, *(deployment(f"d{day}", june(day)) for day in (1, 2, 3)),
        fact("incident", "1", started_at=june(10), assets=["x", "y"], change="d1"),
        fact("incident", "2", started_at=june(4), assets=["x"], change="d2"),
        fact("incident", "3", started_at=june(10), assets=["y"], change="d3"),
    ])  # fmt: skip
    assert isinstance(staging, Asset)
    marks = ChangeFailureRate().reach([ChangeRow(1, staging, None)], View(store, Platform(), june(12)))
    assert [(mark.first.day, mark.last.day if mark.last else None) for mark in marks] == [(5, None), (1, 1)]


# A change that is told late takes the name by which an incident means another


@pytest.mark.parametrize(("named", "told"), [("x/d", ("x", "d")), ("x/y/d", ("x", "y/d")), ("x/y/d", ("x/y", "d"))])
def test_a_source_and_id_come_before_an_id_of_the_same_words(shown: Shown, named: str, told: tuple[str, str]) -> None:
    """An incident names a deployment of 1 June by its id, which holds a slash; then one of 3 June is told whose source
    and id are these words: that one failed, and the first settled."""
    first = [deployment(named, june(1)), incident(june(10), change=named)]
    late = parse({
        "fact": "change", "source": told[0], "id": told[1], "kind": "deployment", "at": june(3), "state": "succeeded",
    })  # fmt: skip
    assert shown("change_failure_rate", ("good", "bad"), first, [late]) == [1, 1]


def test_the_first_slash_that_gives_a_source_is_meant(shown: Shown) -> None:
    """ "x/y/d" meant d of x/y until x told a y/d."""
    one, two = ({"fact": "change", "source": source, "id": key} for source, key in (("x/y", "d"), ("x", "y/d")))
    made = [parse({**told, "kind": "deployment", "at": june(day), "state": "succeeded"})
            for day, told in ((1, one), (3, two))]  # fmt: skip
    assert shown("change_failure_rate", ("good", "bad"), [made[0], incident(june(10), change="x/y/d")], [made[1]]) == [
        1,
        1,
    ]


def test_a_change_reaches_those_of_its_own_words_alone(store: Store) -> None:
    others = [("a", "x/d", 1), ("b", "d", 2), ("b", "y/d", 4), ("x", "d", 5)]
    made = [
        parse({"fact": "change", "source": source, "id": key, "kind": "deployment", "at": june(day), "state": "failed"})
        for source, key, day in others
    ]
    store.upsert(made)
    found = namesakes(View(store, Platform(), june(12)), "change", [made[-1]])
    assert sorted((one.source, one.id) for one in found) == [("a", "x/d"), ("b", "d"), ("x", "d")]
