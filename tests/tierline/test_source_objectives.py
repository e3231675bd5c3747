"""What tierline.yaml promises of a source's reading reaches the heart; a share of 1 leaves no budget and is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from slo.platform import Objectives
from tierline.config import load
from tierline.settings.problems import SettingsError

SOURCE = "sources:\n  alerts:\n    type: alertmanager\n    url: http://127.0.0.1:9093\n"


def test_a_source_has_objectives_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "tierline.yaml"
    file.write_text(f"{SOURCE}    objectives: {{complete: 0.95}}\n")
    found = {one.name: one.objectives for one in load(file, {}).to_platform().sources}
    assert found["alerts"] == Objectives(fresh=0.99, passes=0.95, complete=0.95)


def test_all_of_it_is_no_objective(tmp_path: Path) -> None:
    file = tmp_path / "tierline.yaml"
    file.write_text(f"{SOURCE}    objectives: {{fresh: 1}}\n")
    with pytest.raises(SettingsError, match="less than 1"):
        load(file, {})
