"""The demo's files: git itself finds the repositories whole, registers tell only what has happened, dbt's folders hold
an era's manifest each."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tierline.demo.delivery import ON_GITHUB
from tierline.demo.files.dbt import eras
from tierline.demo.files.repository import write_repository
from tierline.demo.platform import demo_settings, write_files, write_inventory
from tierline.demo.world import World


@pytest.fixture(scope="module")
def folder(small: World, now: datetime, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    assert list(dict.fromkeys(write_files(small, made, now))) == ["new", "day", "all"]
    return made


def git(path: Path, *words: str) -> str:
    done = subprocess.run(["git", "-C", str(path), *words], capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_git_finds_the_repositories_whole(folder: Path, small: World, now: datetime) -> None:
    tags = []
    for path in sorted(folder.glob("*.git")):
        assert git(path, "fsck", "--full", "--strict") == ""
        tags += git(path, "tag").split()
    kept = (one for one in small.deployments if one.at <= now and one.team not in ON_GITHUB)
    assert sorted(tags) == sorted(one.tag for one in kept)


def test_a_revert_names_the_commit_it_takes_back(small: World, now: datetime, tmp_path: Path) -> None:
    back = next(one for one in small.deployments if one.reverts)
    path = tmp_path / f"{back.team}.git"
    write_repository(small, back.team, path, now)
    reverted = git(path, "rev-parse", str(back.reverts)).strip()
    assert f"This reverts commit {reverted}." in git(path, "log", "-1", "--format=%B", back.tag)


def test_writing_it_again_changes_nothing(folder: Path, small: World, now: datetime) -> None:
    path = folder / "growth.git"
    before = git(path, "show-ref")
    write_repository(small, "growth", path, now)
    assert git(path, "show-ref") == before


def test_the_inventory_begins_with_the_newest_weeks_and_is_completed(folder: Path, small: World, now: datetime) -> None:
    first = lines(folder / "inventory.jsonl")
    begin = now - timedelta(days=15)
    assert min(datetime.fromisoformat(row["valid_from"]) for row in first) > begin
    write_inventory(small, folder, now)
    whole = lines(folder / "inventory.jsonl")
    assert min(datetime.fromisoformat(row["valid_from"]) for row in whole) == small.start
    assert (
        len({row["id"] for row in whole})
        == len(whole)
        == sum(version.since <= now for thing in small.catalog for version in thing.versions)
    )


def test_each_day_of_tests_lies_beside_a_manifest_that_knows_them(folder: Path, small: World, now: datetime) -> None:
    results = sorted(folder.glob("dbt/*/*/run_results.json"))
    assert len(results) == sum(1 for day in small.dates() if small.checks(day))
    for path in results:
        known = json.loads((path.parents[1] / "manifest.json").read_text())["nodes"]
        assert {one["unique_id"] for one in json.loads(path.read_text())["results"]} <= set(known)
    assert len(eras(small, now)) == len(list(folder.glob("dbt/*/manifest.json")))


def test_the_settings_name_every_file_that_is_there(folder: Path) -> None:
    anywhere: dict[str, str] = defaultdict(lambda: "http://127.0.0.1:1")
    sources = demo_settings(folder, anywhere, "sqlite://", 30)["sources"]
    assert next(iter(sources)) == "inventory"  # trusted first
    paths = [Path(source["path"]) for source in sources.values() if "path" in source]
    assert paths and all(path.exists() for path in paths)
    told = json.dumps(sources)
    beside = {"targets"}  # found beside the settings
    assert [entry.name for entry in folder.iterdir() if str(entry) not in told and entry.name not in beside] == []
