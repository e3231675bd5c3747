"""A month is reported, closed, disturbed and restated, as its readers see it: on the pages in a real browser, at the
command line, and on the PDF's own pages.

A worked October, by hand: orders failed on the 5th and 6th, people on the 7th: 59 of 62 runs succeeded. After the
closing a failed run of people comes late, and its run of the 7th is told to have succeeded: 60 of 63.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from slo.interchange import parse
from slo.shelf import shelf
from slo.store import Store
from tests.peers import browsing
from tierline.cli import run
from tierline.config import load
from tierline.opening import open_engine
from tierline.reports.closing import close

pytestmark = pytest.mark.peer
SUCCESS = "pipeline_success_rate"
FIRST = datetime(2025, 10, 1, 6, tzinfo=UTC)
CLOSED, LATER = datetime(2025, 11, 7, 9, tzinfo=UTC), datetime(2025, 11, 11, 9, tzinfo=UTC)
FAILED = {"orders": (5, 6), "people": (7,)}
TEAMS = {"orders": "finance", "people": "growth"}
TARGETS = """
profile: own
title: Our own
targets:
  - row: 1
    kpi: pipeline_success_rate
    text: at least 99 percent
    window: M
    adopted: 2025-01-01
    adopted_by: data platform
    clauses: [{form: at_least, floor: 0.99}]
"""


def ran(asset, key, start, state, **more):
    ended = start + timedelta(minutes=10)
    return {"fact": "run", "source": "import", "id": key, "asset": f"shop/{asset}", "trigger": "event", "state": state,
            "started_at": start.isoformat(), "ended_at": ended.isoformat(), **more}  # fmt: skip


def october():
    """Both pipelines, a run a day from September on."""
    for name, team in TEAMS.items():
        yield {"fact": "asset", "source": "import", "id": name, "asset": f"shop/{name}", "kind": "pipeline",
               "team": team, "valid_from": "2025-08-01T00:00:00Z"}  # fmt: skip
        for day in range(-29, 32):
            state = "failed" if day in FAILED[name] else "success"
            yield ran(name, f"{name}-{day}", FIRST + timedelta(days=day - 1), state)


LATE = ran("people", "late-1", FIRST + timedelta(days=11, hours=3), "failed", url="https://import.example/late-1")
RETOLD = ran("people", "people-7", FIRST + timedelta(days=6), "success", revised_at=CLOSED.isoformat())


@pytest.fixture
def config(tmp_path, monkeypatch):
    """A folder with settings and a target of one's own; of the shelf two KPIs."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TIERLINE_STORE", raising=False)
    Path("targets").mkdir()
    Path("targets/own.yaml").write_text(TARGETS)
    Path("tierline.yaml").write_text("timezone: UTC\nstore: sqlite:///t.db\nprofile: own\n")
    few = {kpi: known for kpi, known in shelf().items() if kpi in (SUCCESS, "mttr")}
    monkeypatch.setattr("slo.engine.shelf", lambda: few)
    monkeypatch.setattr("slo.stories.report.gather.shelf", lambda: few)
    return load("tierline.yaml", {})


def exact(table):
    """The exact figures behind a table's cells, row by row."""
    rows = "rows => rows.map(row => [...row.querySelectorAll('[data-value]')].map(cell => cell.dataset.value))"
    return table.locator("tbody tr").evaluate_all(rows)


def test_a_closed_month_that_late_facts_disturb_is_seen_restated_with_its_cause(visiting, config):
    clock = [CLOSED]
    with Store(config.store_url, clock=lambda: clock[0]) as store:
        store.migrate()
        store.upsert([parse(one) for one in october()])
        engine = open_engine(store, config, CLOSED)
        digest = close(engine, config, "2025-10", "data platform", CLOSED)["hash"]
        clock[0] = LATER
        store.upsert([parse(LATE), parse(RETOLD)])
        standing = browsing.Standing(config, store, LATER + timedelta(days=1))
        try:
            _reports(visiting(standing.address), digest)
            _of_the_kpi(visiting(standing.address))
        finally:
            standing.stop()


CAUSES = ("1 run of import: came after the period was closed", "1 run of import: told again with other content")


def _reports(seen, digest):
    seen.open("/reports", ready="h1:has-text('closed')")
    assert seen.text("h1") == "1 period is closed; 1 figure has changed since"
    closed = seen.page.locator("tr", has_text=digest[:12]).inner_text().split()
    assert closed[:3] == ["2025-10", "●", "closed"] and closed[closed.index("09:00") + 1 :][:6] == list("001010")
    moved = seen.page.locator("section.panel", has=seen.page.locator("h2:text-is('Restated since')"))
    assert exact(moved) == [[repr(59 / 62), repr(60 / 63)]]
    told = moved.inner_text()
    assert "95.16 %" in told and "95.2 %" in told and all(cause in told for cause in CAUSES)
    assert moved.get_by_role("link", name="late-1").get_attribute("href") == LATE["url"]
    seen.keep("reports")
    seen.open("/reports?team=finance", ready="h1:has-text('closed')")
    assert seen.text("h1") == "1 period is closed; every figure stands as it was reported"


def _of_the_kpi(seen):
    restated = seen.page.locator("section.panel:has(h2:text-is('Restated'))")
    seen.open(f"/kpi/{SUCCESS}?window=2025-10", ready="section.panel:has(h2:text-is('Restated'))")
    assert exact(restated) == [[repr(59 / 62), repr(60 / 63), repr(60 / 63 - 59 / 62)]]
    told = restated.inner_text()
    assert all(text in told for text in ("October 2025", "95.16 %", "95.2 %", "+0.08 points", *CAUSES))
    assert seen.page.locator("#kpi-value").get_attribute("title").count(repr(60 / 63)) == 1
    months = seen.page.locator("section.panel", has_text="Month by month")
    assert "ringed: reported otherwise" in months.inner_text()
    assert months.locator(".points path[style*='fill: none']").count() == 1
    seen.keep("restated")


def test_the_report_says_what_show_says_and_its_pages_are_drawn(config, capsys):
    Path("facts.jsonl").write_text("".join(json.dumps(one) + "\n" for one in october()))
    assert run(["facts", "import", "facts.jsonl"]) == 0
    for ending in ("json", "pdf"):
        assert run(["report", "2025-10", "--out", f"r.{ending}"]) == 0
    document = json.loads(Path("r.json").read_text())
    (row,) = (one for group in document["table"] for one in group["rows"])
    capsys.readouterr()
    assert run(["show", row["kpi"], "--window", "2025-10", "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (row["kpi"], row["value"]["value"], row["n"]["value"]) == (SUCCESS, shown["value"], 62) == (
        SUCCESS, 59 / 62, shown["good"] + shown["bad"]
    )  # fmt: skip
    spent = shown["targets"][0]["budget"]["spent"]
    assert (row["status"]["key"], row["before"]["value"]) == (shown["status"], shown["previous"]["value"])
    with pypdfium2.PdfDocument("r.pdf") as paper:
        first = " ".join(paper[0].get_textpage().get_text_range().split())
        drawn = [page.render(scale=1, grayscale=True).to_numpy().squeeze() for page in paper]
    for text in (f"kept {100 * shown['value']:.1f} %", f"budget spent {spent:.2f} times", "from 100 %", "Missed 1 1 1",
                 f"shop/orders 2 of {shown['bad']} failures (66.7 %)"):  # fmt: skip
        assert text in first, text
    for number, page in enumerate(drawn, 1):
        ink = page < 160
        edges = np.concatenate([ink[:18].ravel(), ink[-18:].ravel(), ink[:, :18].ravel(), ink[:, -18:].ravel()])
        assert page.shape == (842, 596) and not edges.any() and 0.002 < ink.mean() < 0.2, number
