"""``tierline report`` at the command line: the numbers of ``show``, a closed month, and what came late."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from slo.shelf import shelf
from tierline.cli import run

KPI = "pipeline_success_rate"


def ran(day: int, state: str, month: int = 10) -> dict[str, Any]:
    at = f"2025-{month:02}-{day:02}T06"
    return {"fact": "run", "source": "airflow", "id": f"{month}/{day}", "asset": "shop/orders", "trigger": "event",
            "state": state, "started_at": f"{at}:00:00Z", "ended_at": f"{at}:05:00Z"}  # fmt: skip


def imported(*facts: dict[str, Any]) -> None:
    Path("facts.jsonl").write_text("\n".join(map(json.dumps, facts)), encoding="utf-8")
    assert run(["facts", "import", "facts.jsonl"]) == 0


@pytest.fixture
def month(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve runs of October 2025, three of them failed, ten good ones of November; of the shelf two KPIs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "2025-10.md").write_text("## In my words\n\nA quiet month.\n", encoding="utf-8")
    (tmp_path / "tierline.yaml").write_text("timezone: UTC\nstore: sqlite:///t.db\n", encoding="utf-8")
    few = {kpi: known for kpi, known in shelf().items() if kpi in (KPI, "mttr")}
    monkeypatch.setattr("slo.engine.shelf", lambda: few)
    monkeypatch.setattr("slo.stories.report.gather.shelf", lambda: few)
    asset = {"fact": "asset", "source": "s", "id": "a", "asset": "shop/orders", "kind": "pipeline", "team": "finance"}
    october = [ran(day, "failed" if day in (2, 3, 4) else "success") for day in range(1, 13)]
    imported(asset, *october, *(ran(day, "success", 11) for day in range(1, 11)))


def told(*arguments: str) -> dict[str, Any]:
    assert run(["report", *arguments, "--out", "r.json"]) == 0
    found: dict[str, Any] = json.loads(Path("r.json").read_text(encoding="utf-8"))
    return found


def row(report: dict[str, Any]) -> dict[str, Any]:
    rows: list[dict[str, Any]] = [one for group in report["table"] for one in group["rows"]]
    return next(one for one in rows if one["kpi"] == KPI)


def test_its_numbers_are_those_of_show(month: None, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["show", KPI, "--window", "2025-10", "--team", "finance", "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    found = row(told("2025-10", "--team", "finance"))
    assert found["value"]["value"] == shown["value"] == 0.75
    assert {name: shown[name] for name in found["parts"]} == found["parts"]
    assert (found["parts"]["good"], found["parts"]["bad"], found["before"]["value"]) == (9, 3, None)
    assert found["coverage"]["value"] == shown["coverage"]


def test_a_closed_month_is_printed_as_it_was_and_says_what_came_late(month: None) -> None:
    """A run of October that failed comes after the closing: 9 of 12 stays reported, 9 of 13 is what holds now."""
    before = told("2025-10")
    assert before["state"] == "provisional" and before["words"]["paragraphs"] == ["A quiet month."]
    assert run(["close", "2025-10", "--by", "data platform"]) == 0
    imported(ran(20, "failed"))

    closed = told("2025-10")
    assert closed["state"] == "closed" and closed["closed"]["by"] == "data platform"
    assert row(closed) == row(before) and row(closed)["value"]["value"] == 0.75
    (moved,) = closed["closed"]["since"]
    assert (moved["reported"]["value"], moved["now"]["value"]) == (0.75, 9 / 13)
    assert "1 run" in moved["causes"][0]
    assert closed["state_text"].endswith("since then 1 figure was restated.")

    after = told("2025-11")
    assert [(one["period"], one["reported"]["value"]) for one in after["restated"]] == [("2025-10", 0.75)]
    card = next(card for family in after["families"] for card in family["cards"] if card["kpi"] == KPI)
    points = {one["name"]: (one["value"], one["restated"]) for one in card["trend"]["points"]}
    assert points["2025-10"] == (0.75, True) and points["2025-11"] == (1.0, False)


@pytest.mark.parametrize("ending", ["html", "json"])
def test_a_closed_report_is_the_same_bytes_every_time(month: None, ending: str) -> None:
    assert run(["close", "2025-10", "--by", "data platform"]) == 0
    for name in ("one", "two"):
        assert run(["report", "2025-10", "--out", f"{name}.{ending}"]) == 0
    assert Path(f"one.{ending}").read_bytes() == Path(f"two.{ending}").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["28d"], "28d: is no period of a report; write one such as 2026-10"),
        (["2025-10", "--profile", "nobody"], "profile: 'nobody' has no targets"),
        (["2099-01"], "2099-01: has not begun yet"),
    ],
)
def test_what_cannot_be_reported_is_told(
    month: None, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["report", *arguments]) == 2
    assert said in capsys.readouterr().err


DRAWN = """
import sys; sys.path.insert(0, {folder!r})
from conftest import Engine, Platform, SHIPPED_TARGETS, Store, TARGETS, document, facts, load_targets, told
from dashboards.report import html, sealing
from pathlib import Path
place = Path({place!r}); place.mkdir(exist_ok=True); (place / "own.yaml").write_text(TARGETS)
with Store("sqlite:///" + str(place / "t.db")) as store:
    store.migrate(); store.upsert(facts())
    made = document(told(Engine(store, Platform(), load_targets(SHIPPED_TARGETS, place))))
sys.stdout.buffer.write((html.render(made) + sealing.to_json(made)).encode())
"""


@pytest.mark.peer
def test_the_same_facts_give_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    """Two processes, two stores, two orders of hashing."""
    folder = str(Path(__file__).parents[1] / "dashboards" / "report")

    def drawn(seed: str) -> bytes:
        code = DRAWN.format(folder=folder, place=str(tmp_path / seed))
        environ = {**os.environ, "PYTHONHASHSEED": seed}
        return subprocess.run([sys.executable, "-c", code], capture_output=True, env=environ, check=True).stdout

    one, two = drawn("1"), drawn("77")
    assert len(one) > 50_000 and one == two
