"""The sources that read this machine's disk, through the real runner into a real store: pass after pass."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from collectors.base import Source
from collectors.runner import Runner, RunRecord
from collectors.sources.dbt import DbtSettings, DbtSource
from collectors.sources.file import FileSettings, FileSource
from collectors.sources.focus import FocusSettings, FocusSource
from collectors.sources.git import GitSettings, GitSource
from slo.store import Store

GOLDEN = Path(__file__).parents[1] / "golden"
START = datetime(2026, 11, 21, 12, tzinfo=UTC)


class House:
    """A store and a clock; every pass is ten minutes after the last."""

    def __init__(self, path: Path) -> None:
        self.store = Store(f"sqlite:///{path}")
        self.store.migrate()
        self.at = START

    def collect(self, source: Source, full: bool = False) -> RunRecord:
        self.at += timedelta(minutes=10)
        record = Runner(self.store, [source], lambda: self.at).collect(source, full=full)
        assert record.error is None
        return record

    def told(self, kind: str) -> list[Any]:
        return list(self.store.read(kind))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "t.db")
    yield made
    made.store.close()


def now() -> datetime:
    return START


COVERAGE = 1
"""What a quiet pass writes: that it was observed ten minutes longer."""


def test_dbt_artifacts_are_collected_once(house: House, tmp_path: Path) -> None:
    shutil.copytree(GOLDEN / "dbt", tmp_path / "target")
    source = DbtSource("dbt", DbtSettings.model_validate({"path": tmp_path / "target"}), now)
    house.collect(source)
    counts = house.store.counts()
    assert {kind: counts[kind] for kind in ("run", "check_result", "dataset_update", "edge")} == {
        "run": 1, "check_result": 4, "dataset_update": 2, "edge": 2,
    }  # fmt: skip
    assert house.collect(source).facts == COVERAGE
    assert house.collect(source, full=True).facts == COVERAGE
    assert house.store.counts() == counts
    assert {edge.seen_at for edge in house.told("edge")} == {START + timedelta(minutes=10)}  # as first seen, not later


def test_a_register_corrected_by_hand(house: House, tmp_path: Path) -> None:
    path = tmp_path / "incidents.csv"
    path.write_text("Id,Opened,Sev\nA,2026-10-01T08:00Z,1\nB,2026-10-02T08:00Z,2\nC,2026-10-03T08:00Z,3\n")
    settings = FileSettings.model_validate({
        "path": str(path), "fact": "incident", "id": "{Id}", "complete": True,
        "map": {"started_at": "Opened", "severity": "Sev"},
    })  # fmt: skip
    source = FileSource("register", settings, now)
    assert house.collect(source).facts == 3 + 2  # coverage: the newest day, then the history before it
    assert house.collect(source).facts == COVERAGE
    path.write_text("Id,Opened,Sev\nA,2026-10-01T08:00Z,2\nB,2026-10-02T08:00Z,2\n,2026-10-03T08:00Z,1\n")
    record = house.collect(source)
    assert record.set_aside == 1
    assert {fact.id: fact.severity for fact in house.told("incident")} == {
        "A": 2,
        "B": 2,
        "C": 3,
    }  # C: the row without id may be it
    path.write_text("Id,Opened,Sev\nA,2026-10-01T08:00Z,2\nB,2026-10-02T08:00Z,2\n")
    house.collect(source)
    assert {fact.id for fact in house.told("incident")} == {"A", "B"}


def charges(path: Path, *rows: str) -> None:
    head = "BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,BillingCurrency,ChargeCategory,"
    period = "2026-11-01,2026-12-01,2026-11-{0} 00:00:00,2026-11-{0} 01:00:00,USD,Usage,{1}\n"
    lines = "".join(period.format(*row.split(",", 1)) for row in rows)
    path.write_text(f"{head}ServiceName,EffectiveCost\n{lines}")


def test_a_cost_export_that_is_replaced(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    charges(folder / "11.csv", "18,Warehouse,5", "19,Lake,1")
    source = FocusSource("aws", FocusSettings.model_validate({"path": folder}), now)
    house.collect(source)
    assert house.collect(source).facts == COVERAGE
    assert house.collect(source, full=True).facts == COVERAGE
    charges(folder / "11.csv", "18,Warehouse,6.5")
    house.collect(FocusSource("aws", FocusSettings.model_validate({"path": folder}), now))
    assert [(fact.asset, fact.amount, fact.provisional) for fact in house.told("meter")] == [
        ("aws/Warehouse", 6.5, True)
    ]


def test_a_repository_that_goes_on(house: House, tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        who = ["-c", "user.name=x", "-c", "user.email=x@example.invalid", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *who, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True,
            env={"PATH": "/usr/bin:/bin:/usr/local/bin", "GIT_COMMITTER_DATE": "2026-11-20T10:00:00Z"},
        )  # fmt: skip
        return done.stdout.strip()

    git("init", "-q", "-b", "main", "repo")
    repo = str(tmp_path / "repo")
    git("-C", repo, "commit", "-q", "--allow-empty", "-m", "one")
    git("-C", repo, "tag", "v1")
    bad = git("-C", repo, "rev-parse", "HEAD")
    source = GitSource("git", GitSettings.model_validate({"path": Path(repo)}), now)
    house.collect(source)
    assert house.collect(source).facts == COVERAGE
    git("-C", repo, "commit", "-q", "--allow-empty", "-m", "back", "-m", f"This reverts commit {bad}.")
    git("-C", repo, "tag", "v2")
    git("-C", repo, "tag", "v3")
    house.collect(source)
    assert {fact.id: (fact.failure, fact.environment) for fact in house.told("change")} == {
        "v1": ("rollback", "production"), "v2": (None, "production"), "v3": (None, "production"),
    }  # fmt: skip
    git("-C", repo, "tag", "-d", "v3")
    house.collect(source)
    assert {fact.id for fact in house.told("change")} == {"v1", "v2"}
