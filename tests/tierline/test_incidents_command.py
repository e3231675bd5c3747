"""`tierline incidents unmapped`: what remains after all rules, as table, JSON and sheet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from slo.facts import Asset, Incident, Run
from slo.store import Store
from tierline.cli import run

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PAGED = datetime(2026, 11, 20, 6, tzinfo=UTC)
STORE = "sqlite:///x.db"
Capture = pytest.CaptureFixture[str]
SETTINGS = """
store: sqlite:///x.db
sources:
  pager: {type: pagerduty, token: env:PAGER_KEY}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Two services that nobody mapped, three pages, and a run of the web team that failed before the last of them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIERLINE_STORE", raising=False)
    monkeypatch.setenv("PAGER_KEY", "canary-key")
    monkeypatch.setattr("tierline.commands.incidents.now", lambda: NOW)
    monkeypatch.setattr("tierline.commands.now", lambda: NOW)
    (tmp_path / "tierline.yaml").write_text(SETTINGS)
    with Store(STORE) as store:
        store.migrate()
        store.upsert([service("Web / shop"), service("=cmd"), pipeline(), failed(), *map(page, range(3))])
    yield tmp_path


def service(name: str, **told: Any) -> Asset:
    return Asset(source="pager", id=f"pager/{name}", asset=f"pager/{name}", kind="service", **told)


def pipeline() -> Asset:
    return Asset(source="air", id="air/load", asset="air/load", kind="pipeline", team="web", tier=2)


def failed() -> Run:
    return Run(source="air", id="r", asset="air/load", state="failed", trigger="schedule",
               started_at=PAGED - timedelta(minutes=40), ended_at=PAGED - timedelta(minutes=20))  # fmt: skip


def page(number: int) -> Incident:
    """The first is a week old, the second three days; the third went off after the failure."""
    at = PAGED - timedelta(days=(7, 3, 0)[number])
    named = "pager/=cmd" if number == 0 else "pager/Web / shop"
    return Incident(
        source="pager", id=f"P{number}", detected_at=at, resolved_at=at + timedelta(hours=1), assets=[named]
    )


def test_they_are_listed_by_service_with_a_proposal_and_its_reason(folder: Path, capsys: Capture) -> None:
    assert run(["incidents", "unmapped", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["incidents"] == 3
    assert told["services"] == [
        {
            "source": "pager", "service": "Web / shop", "incidents": 2, "first": "2026-11-17", "last": "2026-11-20",
            "team": "web", "tier": 2, "class": None, "asset": "air/load",
            "reason": "air/load failed around 1 of 2; most of what failed is web's",
        },
        {
            "source": "pager", "service": "=cmd", "incidents": 1, "first": "2026-11-13", "last": "2026-11-13",
            "team": None, "tier": None, "class": None, "asset": None,
            "reason": "no run or check failed near any of them",
        },
    ]  # fmt: skip


def test_the_table_ends_with_the_lines_for_the_settings(folder: Path, capsys: Capture) -> None:
    assert run(["incidents", "unmapped"]) == 0
    shown = capsys.readouterr().out
    assert "3 incidents of 2 services" in shown
    assert shown.endswith("  sources:\n    pager:\n      services:\n        Web / shop: {team: web, tier: 2}\n")


def test_the_sheet_holds_no_formula_of_somebody_else(folder: Path, capsys: Capture) -> None:
    assert run(["incidents", "unmapped", "--out", "x.csv"]) == 0
    assert capsys.readouterr().err == "x.csv: 2 services with 3 incidents\n"
    with (folder / "x.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["service"], row["team"], row["tier"]) for row in rows] == [
        ("Web / shop", "web", "2"),
        ("'=cmd", "", ""),
    ]


def test_a_service_with_team_and_tier_is_none_of_them(folder: Path, capsys: Capture) -> None:
    with Store(STORE) as store:
        store.upsert([service(name, team="web", tier=2) for name in ("Web / shop", "=cmd")])
    assert run(["incidents", "unmapped"]) == 0
    assert capsys.readouterr().out == "Every incident names an asset, or a service with a team and a tier.\n"
