"""What every KPI on the shelf says of itself, so that a person can read it and a program can rely on it."""

from __future__ import annotations

import pytest

from slo.kpi import Kpi, settle_params, shelf
from slo.own import faults

each = pytest.mark.parametrize("kpi", shelf().values(), ids=lambda kpi: kpi.id)


@each
def test_owes_its_readers_nothing(kpi: Kpi) -> None:
    assert faults(kpi) == []


@each
def test_stands_in_the_file_of_its_name(kpi: Kpi) -> None:
    assert type(kpi).__module__ == f"slo.kpis.{kpi.id}"


@each
def test_defaults_are_taken_as_they_are(kpi: Kpi) -> None:
    assert settle_params(kpi, dict(kpi.defaults)) == kpi.defaults
