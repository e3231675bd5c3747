"""What every KPI on the shelf says of itself, so that a person can read it and a program can rely on it."""

from __future__ import annotations

import pytest

from slo.kpi import METRIC_SUFFIX, WORDED, Kpi, settle_params, shelf
from slo.store.tables import FACTS

FAMILIES = ("reliability", "incidents", "delivery", "quality", "cost", "governance", "adoption")
KPIS = shelf().values()
each = pytest.mark.parametrize("kpi", KPIS, ids=lambda kpi: kpi.id)


@each
def test_says_what_it_means(kpi: Kpi) -> None:
    """Definition and example are sentences; what is not counted is said."""
    assert kpi.definition.endswith("."), "write the definition as a sentence"
    assert kpi.example.endswith(".") and any(letter.isdigit() for letter in kpi.example), "work an example with figures"
    assert kpi.not_counted and kpi.formula and kpi.title[0].isupper()


@each
def test_has_the_words_of_the_design(kpi: Kpi) -> None:
    assert kpi.family in FAMILIES
    assert kpi.lens in ("leading", "lagging")
    assert kpi.better in ("up", "down", "band", "neither")
    assert kpi.unit in METRIC_SUFFIX


@each
def test_stands_in_the_file_of_its_name(kpi: Kpi) -> None:
    assert type(kpi).__module__ == f"slo.kpis.{kpi.id}"


@each
def test_rests_on_facts_that_exist(kpi: Kpi) -> None:
    """Kinds it hears of, evidence it needs, the witness of a nought."""
    assert set(kpi.facts) <= set(FACTS)
    told = [evidence.removeprefix("imported ") for group in kpi.needs for evidence in group]
    kinds = {evidence.partition(".")[0] for evidence in told if "." in evidence}
    assert kinds <= set(FACTS)
    kind, _, word = kpi.witness.partition(".")
    assert not kpi.witness or (kind in FACTS and (not word or kind in WORDED))


@each
def test_defaults_are_among_their_choices(kpi: Kpi) -> None:
    assert settle_params(kpi, dict(kpi.defaults)) == kpi.defaults
    assert set(kpi.choices) <= set(kpi.defaults)
