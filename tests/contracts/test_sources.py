"""Contract and faults over every source of the shelf, by the case in its golden folder."""

from __future__ import annotations

from pathlib import Path

from collectors import registry
from collectors.contract.case import cases
from collectors.contract.suite import SourceContract

GOLDEN = Path(__file__).parents[1] / "golden"


class TestShelf(SourceContract):
    folder = GOLDEN


def test_every_source_has_a_case() -> None:
    told = {case.told.source for case in cases(GOLDEN)}
    assert sorted(set(registry.plugins()) - told) == [], "sources without tests/golden/<source>/case.yaml"
