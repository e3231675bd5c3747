"""The page of reports: what is closed, what has changed since, what comes next; and its downloads."""

from __future__ import annotations

import io
import json
from typing import Any

from openpyxl import load_workbook

from dashboards.app import create_app
from dashboards.pages import reports
from dashboards.reading.reader import Ask
from dashboards.report import sealing
from tests.dashboards.layouts import links, said
from tests.dashboards.report import paper

CLOSED = {
    "name": "2026-10", "kind": "M", "start": "2026-10-01T00:00:00+02:00", "end": "2026-11-01T00:00:00+01:00",
    "state": "closed", "as_of": "2026-11-06T08:00:00+01:00", "closed_at": "2026-11-06T08:00:03+01:00",
    "by": "the reporting day", "hash": "ab12" * 16, "counts": {"met": 40, "missed": 9},
    "promised": {"met": 18, "near": 3, "missed": 6}, "provisional_lines": 2, "restatements": 1, "settled": 0,
    "disputes": [{"id": 1, "period": "2026-10", "kpi": "mttr", "domain": "finance", "text": "<b>not ours</b>",
                  "by": None, "opened_at": "2026-11-04T10:00:00+01:00", "settled_at": None, "settlement": None}],
}  # fmt: skip
RUNNING = CLOSED | {
    "name": "2026-11", "state": "open", "as_of": None, "closed_at": None, "by": None, "hash": None, "counts": None,
    "promised": None, "provisional_lines": 0, "restatements": 0, "disputes": [],
}  # fmt: skip
RESTATED = {
    "period": "2026-10", "kpi": "pipeline_success_rate", "title": "Pipeline success rate", "unit": "ratio",
    "better": "up", "scope": {"tier": None, "team": None, "domain": None}, "how": "restated",
    "reported": {"value": 0.98434, "status": "met", "parts": {}},
    "now": {"value": 0.98412, "status": "missed", "parts": {}}, "difference": -0.00022, "targets": [],
    "first_seen": "2026-11-09T08:00:00+01:00", "seen": "2026-11-09T08:00:00+01:00",
    "causes": [{"text": "5 runs of airflow-prod came after the period was closed",
                "named": [{"id": "r-1", "url": "https://airflow.example/r-1"},
                          {"id": "r-2", "url": "javascript:alert(1)"}]}],
}  # fmt: skip
COMING = {"period": "2026-11", "draft": "2026-12-02T08:00:00+01:00", "report": "2026-12-07T08:00:00+01:00",
          "ways": ["the folder reports", "Slack, C1"]}  # fmt: skip


class Reader:
    """A reader with a ledger of its own; all else is the common fake's."""

    def __init__(self, fake: Any, found: list[Any], moved: list[Any], coming: tuple[Any, ...] = (COMING,)) -> None:
        self.fake, self.told, self.coming = fake, {"periods": found, "restated": moved}, coming
        self.asked: list[tuple[str, Ask]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.fake, name)

    def snapshot(self) -> Any:
        from dataclasses import replace

        return replace(self.fake.snapshot(), reporting=self.coming)

    def tell(self, story: Any, ask: Ask, **asked: Any) -> Any:
        return self.told[story.__name__]

    def report(self, period: str, ask: Ask) -> dict[str, Any]:
        self.asked.append((period, ask))
        return PAPER


def test_it_says_what_is_closed_and_what_changed_since(fake: Any) -> None:
    page = reports.render(Reader(fake.FakeReader(), [RUNNING, CLOSED], [RESTATED]), Ask())
    text = said(page)
    assert text.startswith("1 period is closed; 1 figure has changed since")
    assert "2026-11 Wed 2 Dec 2026, 08:00 Mon 7 Dec 2026, 08:00 the folder reports, Slack, C1" in text
    assert "2026-10 ● closed Fri 6 Nov 2026, 08:00 18 3 6 2 1 1 HTML" in text
    assert "2026-11 ○ still running – – – – – – 0 HTML" in text
    unpromised = reports.render(Reader(fake.FakeReader(), [CLOSED | {"promised": {}}], []), Ask())
    assert "2026-10 ● closed Fri 6 Nov 2026, 08:00 0 0 0 2 1 1 HTML" in said(unpromised)
    assert "Pipeline success rate 98.43 % ● met 98.4 % ▲ missed restated" in text
    assert "5 runs of airflow-prod came after the period was closed" in text
    assert "2026-10 mttr finance <b>not ours</b> Wed 4 Nov 2026, 10:00" in text


def test_its_links_keep_the_scope_and_no_foreign_one_runs(fake: Any) -> None:
    found = links(reports.render(Reader(fake.FakeReader(), [CLOSED], [RESTATED]), Ask(team="finance")))
    assert "/api/report/2026-10.pdf?team=finance" in found
    drawn = [
        getattr(link, "data-drawn", None) for link in reports._downloads("2026-11", Ask(), stored=False).children[:3:2]
    ]
    assert drawn == ["2026-11 as HTML", "2026-11 as PDF"]
    assert not hasattr(reports._downloads("2026-10", Ask(), stored=True).children[0], "data-drawn")
    assert "https://airflow.example/r-1" in found
    assert not any(one.startswith("javascript:") for one in found)


def test_where_nothing_is_closed_it_says_how(fake: Any) -> None:
    ended = RUNNING | {"name": "2026-10", "state": "provisional"}
    text = said(reports.render(Reader(fake.FakeReader(), [RUNNING, ended], [], coming=()), Ask()))
    assert text.startswith("No period is closed yet")
    assert "Nothing is closed by itself here. By hand: tierline close 2026-10" in text
    assert said(reports.render(Reader(fake.FakeReader(), [], []), Ask())).startswith("No period can be reported yet")


PAPER = paper.document()


def test_the_downloads_are_the_report(fake: Any) -> None:
    reader = Reader(fake.FakeReader(), [CLOSED], [])
    client = create_app(reader).test_client()
    kept = client.get("/api/report/2026-10.xlsx?team=finance")
    assert kept.headers["Content-Disposition"] == 'attachment; filename="tierline-2026-10-finance.xlsx"'
    assert load_workbook(io.BytesIO(kept.data))["Summary"]["A1"].value == PAPER["title"]
    assert client.get("/api/report/2026-10.pdf").data.startswith(b"%PDF-")
    assert json.loads(client.get("/api/report/2026-10.json").data) == json.loads(sealing.to_json(PAPER))
    assert [period for period, _ in reader.asked] == ["2026-10"] * 3
    assert reader.asked[0][1].team == "finance"
    assert client.get("/api/report/2026-10.docx").status_code == 400
    looked = client.get("/api/report/2026-10.html")
    assert (looked.mimetype, looked.headers["Content-Disposition"][:6]) == ("text/html", "inline")
