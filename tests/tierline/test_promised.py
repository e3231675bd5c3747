"""The targets/ folder while the service runs, and what the demo has adopted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from slo.targets import SHIPPED_TARGETS, load_targets
from tierline.config import load
from tierline.demo.files.targets import write_targets
from tierline.targets.promised import Watch, folder


@pytest.fixture
def config(tmp_path: Path):
    (tmp_path / "tierline.yaml").write_text("store: sqlite:///x.db\n", encoding="utf-8")
    return load(str(tmp_path / "tierline.yaml"), {})


def test_targets_are_read_again_when_a_file_changes_and_a_fault_leaves_the_last_good_ones(config, tmp_path):
    said: list[str] = []
    watch = Watch(config, said.append)
    first = watch.read()
    assert len(first.in_force()) == 96
    assert watch.read() is first
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets" / "mine.yaml").write_text("profile: mine\nlines: [staff_platform/2]\n", encoding="utf-8")
    second = watch.read()
    assert "mine" in second.profiles
    (tmp_path / "targets" / "mine.yaml").write_text("profile: mine\nlines: [nosuch]\n", encoding="utf-8")
    assert watch.read() is second
    assert watch.read() is second
    assert len(said) == 1
    assert "'nosuch' is no row" in said[0]


def test_a_fault_from_the_start_leaves_the_shipped_targets(config, tmp_path):
    said: list[str] = []
    watch = Watch(config, said.append)
    (tmp_path / "targets").mkdir()
    (tmp_path / "targets" / "mine.yaml").write_text("profile: mine\nlines: [nosuch]\n", encoding="utf-8")
    first = watch.read()
    assert len(first.in_force()) == 96
    assert watch.read() is first
    assert len(said) == 1


def test_the_shipped_folder_is_not_the_users_own():
    """The settings that are shipped stand beside the published targets."""
    assert folder(load(str(SHIPPED_TARGETS.parent / "tierline.yaml"), {})) is None


def test_the_demo_has_adopted_every_line_of_the_platform_view(tmp_path):
    write_targets(tmp_path / "targets", date(2025, 1, 1))
    own = load_targets(SHIPPED_TARGETS, tmp_path / "targets")
    assert all(one.adopted == date(2025, 1, 1) for one in own.rows("platform"))
    assert sum(one.adopted is not None for one in own.in_force()) == 12 + 5
    assert len(own.in_force()) == 96
