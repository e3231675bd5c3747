"""The reporting day end to end: facts in, drafts out, the period closed by the real ledger, its report in a folder."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from openpyxl import load_workbook

from dashboards.reading.reader import Snapshot
from slo.engine import Engine
from slo.ledger.book import Ledger
from tierline.cli import run
from tierline.config import load
from tierline.opening import open_store
from tierline.reports.memory import remembered
from tierline.reports.sending import Reporting
from tierline.reports.ways import ways

pytestmark = pytest.mark.peer
YAML = "store: sqlite:///x.db\nreport: {folder: out, formats: [json, pdf, xlsx, html]}\n"


def test_a_month_is_drafted_closed_and_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIERLINE_STORE", raising=False)
    asset = {"fact": "asset", "source": "s", "id": "a", "asset": "air/orders", "kind": "pipeline", "tier": 1,
             "domain": "orders", "environment": "production", "valid_from": "2026-09-01T00:00:00Z"}  # fmt: skip
    runs = [
        {"fact": "run", "source": "s", "id": f"r{day}", "asset": "air/orders", "trigger": "schedule",
         "state": "failed" if day == 3 else "success", "due_at": f"2026-10-{day:02}T03:00:00Z",
         "started_at": f"2026-10-{day:02}T03:00:01Z", "ended_at": f"2026-10-{day:02}T03:10:00Z"}
        for day in range(1, 31)
    ]  # fmt: skip
    (tmp_path / "f.jsonl").write_text("".join(json.dumps(fact) + "\n" for fact in (asset, *runs)))
    (tmp_path / "tierline.yaml").write_text(YAML)
    assert run(["facts", "import", "f.jsonl"]) == 0
    config = load("tierline.yaml", {})
    clock = [datetime(2026, 11, 1, 8, tzinfo=UTC)]
    with open_store(config.store_url) as store:
        engine = Engine(store, config.to_platform())
        reporting = Reporting(
            store, config, lambda: engine, ways(config), lambda: Snapshot(as_of=clock[0]), lambda: clock[0]
        )
        for day in (1, 3, 6):
            clock[0] = datetime(2026, 11, day, 8, tzinfo=UTC)
            engine.refresh(clock[0])
            reporting.tick()
        memory = remembered(store)
        assert memory is not None and {task: done.state for task, done in memory.tasks.items()} == {
            "2026-10 draft folder orders": "sent", "2026-10 close": "sent", "2026-10 report folder": "sent",
        }  # fmt: skip
        closed = Ledger(store, engine.platform.timezone).closed("2026-10")
    assert closed is not None and (closed["by"], closed["closed_at"][:10]) == ("the reporting day", "2026-11-06")
    folder = tmp_path / "out" / "2026-10"
    assert sorted(path.name for path in folder.iterdir()) == [
        f"{name}.{form}" for name in ("draft-2026-10-orders", "tierline-2026-10")
        for form in ("html", "json", "pdf", "xlsx")
    ]  # fmt: skip
    document = json.loads((folder / "tierline-2026-10.json").read_text(encoding="utf-8"))
    assert (document["state"], document["closed"]["hash"]) == ("closed", closed["hash"])
    (row,) = (one for group in document["table"] for one in group["rows"] if one["kpi"] == "pipeline_success_rate")
    assert row["value"]["value"] == 29 / 30
    book = load_workbook(io.BytesIO((folder / "tierline-2026-10.xlsx").read_bytes()))
    cells = {line[0]: line[3] for line in book["Figures"].iter_rows(values_only=True)}
    assert cells["pipeline_success_rate"] == 29 / 30
    with pypdfium2.PdfDocument(folder / "tierline-2026-10.pdf") as paper:
        first = " ".join(paper[0].get_textpage().get_text_range().split())
    assert document["title"] in first
    for count in document["counts"]:
        title = count["title"][0].upper() + count["title"][1:]
        assert f"{title} {count['counted']} {count['felt']} {count['ours']}" in first
