"""What every KPI on the shelf says of itself, so that a person can read it and a program can rely on it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from slo.engine import Engine, Query
from slo.kpi import Kpi
from slo.own import faults
from slo.params import settle_params
from slo.platform import Platform
from slo.shelf import shelf
from slo.store import Store

each = pytest.mark.parametrize("kpi", shelf().values(), ids=lambda kpi: kpi.id)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A store that nothing was told to."""
    path: Path = tmp_path_factory.mktemp("store") / "empty.db"
    store = Store(f"sqlite:///{path}")
    store.migrate()
    yield Engine(store, Platform())
    store.close()


@each
def test_owes_its_readers_nothing(kpi: Kpi) -> None:
    assert faults(kpi) == []


@each
def test_stands_in_the_file_of_its_name(kpi: Kpi) -> None:
    assert type(kpi).__module__ == f"slo.kpis.{kpi.id}"


@each
def test_defaults_are_taken_as_they_are(kpi: Kpi) -> None:
    assert settle_params(kpi, dict(kpi.defaults)) == kpi.defaults


@each
def test_shows_what_it_declares_to_stand_beside_the_value(kpi: Kpi, empty: Engine) -> None:
    result = empty.show(kpi.id, Query("2026-11"), datetime(2026, 11, 21, tzinfo=UTC))
    assert [one["figure"] for one in result["beside"]] == list(kpi.shown_beside)
    assert set(kpi.shown_beside) <= set(result), "named, and no part of the result"


@each
def test_names_by_beside_no_figures(kpi: Kpi) -> None:
    """``beside`` is what an item or a state counts beside its value; figures to show are ``shown_beside``."""
    assert not isinstance(getattr(kpi, "beside", None), Mapping)
