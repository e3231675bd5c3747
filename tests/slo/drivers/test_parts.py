"""Drivers of every KPI on the shelf, in random worlds: the parts add up to the change of the value, exactly."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from slo.drivers.amounts import UNPARTED
from slo.drivers.effects import effects
from slo.drivers.parts import Parts
from slo.drivers.telling import DIMENSIONS
from slo.engine import Engine, Query
from slo.platform import Platform
from slo.results import Results
from slo.shelf import shelf
from slo.store import Store
from tests.slo.tellings import START, World

NOW = START + timedelta(days=9, hours=5)
QUERIES = (
    Query(window="4d"), Query(window="2026-W46"), Query(window="3d", team="data"),
    Query(window="4d", as_of=NOW - timedelta(hours=40)),
)  # fmt: skip


@pytest.fixture(scope="module", params=range(3))
def looks(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Results]]:
    """Results of one random world, by the as-of that is asked."""
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('drivers') / 't.db'}")
    store.migrate()
    store.upsert(World(request.param).facts(Random(request.param).choice([120, 250])))
    engine = Engine(store, Platform())
    yield {str(as_of): engine.results(as_of, NOW) for as_of in dict.fromkeys(query.as_of for query in QUERIES)}
    store.close()


def parts(looks: dict[str, Results], kpi_id: str, query: Query) -> Parts:
    results = looks[str(query.as_of)]
    return Parts(results.states, results.asked(shelf()[kpi_id], query))


@pytest.mark.parametrize("kpi_id", sorted(shelf()))
def test_parts_add_up(looks: dict[str, Results], kpi_id: str) -> None:
    for query in QUERIES:
        found = parts(looks, kpi_id, query)
        if None not in found.values:
            shown = looks[str(query.as_of)].result(shelf()[kpi_id], query, series=False)
            for by in DIMENSIONS:
                _add_up(shown, found, by)


def _add_up(shown: dict[str, Any], found: Parts, by: str) -> None:
    before, now = found.by(by)
    change = now.whole.value - before.whole.value  # type: ignore[operator]
    told = effects(before.amounts, now.amounts, now.additive)
    assert sum((one.total for one in told), Fraction(0)) == change
    assert not {UNPARTED} & {one.key for one in told}
    if now.figure == "value":
        assert math.isclose(float(now.whole.value), shown["value"], rel_tol=1e-12)  # type: ignore[arg-type]
        assert math.isclose(float(before.whole.value), shown["previous"]["value"], rel_tol=1e-12)  # type: ignore[arg-type]


@pytest.mark.parametrize("kpi_id", ["pipeline_success_rate", "dq_test_pass_rate", "unit_cost"])
def test_a_group_is_what_its_own_scope_shows(looks: dict[str, Results], kpi_id: str) -> None:
    """The line of a team says what `show --team` says, where no fact is of several teams."""
    found, results = parts(looks, kpi_id, Query(window="4d")), looks["None"]
    _, now = found.by("team")
    for team in {"data", "web"} & set(now.amounts):
        shown = results.result(shelf()[kpi_id], Query(window="4d", team=team), series=False)
        assert now.shown[team] == shown["value"]
