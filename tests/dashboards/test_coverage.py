"""The coverage page, the line that opens it, and what the pages leave out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboards.pages import coverage, overview, targets
from dashboards.reading.reader import Ask, Snapshot
from dashboards.report import margins
from dashboards.report.told import Told
from dashboards.wording import evidence
from slo.evidence.coverage import MEASURED, UNSET, WITHIN
from slo.shelf import shelf
from slo.windows import parse_window
from tests.dashboards.layouts import said

GAP = {"evidence": ["alert.acknowledged_at"], "kinds": ["file", "pagerduty"], "here": []}
OWN = {"evidence": ["asset.freshness"], "kinds": ["dbt", "tierline.yaml"], "here": ["tierline.yaml"]}
HERE = {"evidence": ["change.deployment"], "kinds": ["git"], "here": ["repo"]}


def standing(kpi: str, state: str, *missing: dict[str, Any], why: str = "") -> dict[str, Any]:
    return {"kpi": kpi, "title": kpi.upper(), "family": "x", "state": state, "missing": list(missing), "why": why}


class Shown:
    """A reader of one snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot, self.now = lambda: snapshot, lambda: snapshot.as_of

    def tell(self, story: Any, ask: Ask, **asked: Any) -> Any:
        """What assets lack, as slo/stories/lacking.py tells it; of everything else nothing."""
        return LACKING if story.__name__ == "lacking" else {}


LACKING = [
    {"kind": "dataset", "field": "freshness", "missing": {"all": 15, 0: 3, 1: 9, None: 3},
     "of": {"all": 120, 0: 20, 1: 77, 3: 20, None: 3}},
]  # fmt: skip
FOUND = [
    standing("mttr", MEASURED),
    standing("mtta", UNSET, GAP),
    standing("fresh", WITHIN, OWN),
    standing("cfr", WITHIN, HERE),
    standing("mttd", WITHIN, why="no incident has been told yet"),
]


def test_what_assets_lack_is_counted_by_tier_and_says_what_fills_it() -> None:
    page = coverage.render(Shown(Snapshot(coverage=FOUND)), Ask(team="finance"))
    told = said(page)
    assert "A deadline or maximum age is not told of 12 of 97 datasets of tier 0 and 1" in told
    assert "dataset a deadline or maximum age 15 of 120 3 of 20 9 of 77 none 3 of 3 tierline suggest freshness" in told
    assert "/assets?tier=1&team=finance&kind=dataset&lacks=freshness" in str(page)


def test_the_page_says_what_is_missing_and_what_would_give_it() -> None:
    told = said(coverage.render(Shown(Snapshot(coverage=FOUND)), Ask()))
    assert told.startswith("1 of 5 KPIs are measured; 3 more need no new source")
    assert "MTTA when alerts were acknowledged a source of kind file or pagerduty" in told
    assert "FRESH how fresh each dataset must be what you say of assets in tierline.yaml" in told
    assert "CFR deployments another setting or right of repo" in told
    assert "MTTD no incident has been told yet nothing to do: it fills as it happens" in told


def test_the_line_opens_it() -> None:
    link = coverage.link(Snapshot(coverage=FOUND))
    assert said(link) == "1 measured, 3 more with what you have, 1 not set up"
    assert link is not None and link.children.href == "/coverage"
    assert coverage.link(Snapshot()) is None


def test_an_empty_store_leads_to_init() -> None:
    told = said(coverage.render(Shown(Snapshot()), Ask()))
    assert "tierline init https://airflow.example.com --token env:AIRFLOW_TOKEN" in told
    assert "fills within minutes" in said(coverage.render(Shown(Snapshot(sources=[{"name": "a"}])), Ask()))


@pytest.fixture
def partly(reader: Any) -> Snapshot:
    """The invented platform, its unit cost not set up."""
    whole: Snapshot = reader.snapshot()
    changed = [
        {**one, "status": "not set up", "value": None} if one["kpi"] == "unit_cost" else one for one in whole.results
    ]
    return replace(whole, results=changed, coverage=[standing("mttr", MEASURED), standing("unit_cost", UNSET, GAP)])


def test_what_is_not_set_up_leaves_overview_and_targets(reader: Any, partly: Snapshot) -> None:
    assert "Unit cost" in said(overview.render(reader, Ask()))
    told = said(overview.render(Shown(partly), Ask()))
    assert "Unit cost" not in told and "Mean time to restore" in told
    assert "1 measured, 1 not set up" in told
    assert "Unit cost" not in said(targets.render(Shown(partly), Ask()))


def test_a_platform_without_any_evidence_is_told_what_it_needs(partly: Snapshot) -> None:
    nothing = replace(partly, results=[{**one, "status": "not set up"} for one in partly.results])
    assert "No source that is connected tells what a KPI needs." in said(overview.render(Shown(nothing), Ask()))


def test_the_report_leaves_it_out_and_counts_it(partly: Snapshot) -> None:
    window = parse_window("2026-10", partly.as_of, ZoneInfo("UTC"))
    told = Told({"results": partly.results, "restricted": []}, window, partly.as_of, coverage=partly.coverage)
    assert margins.coverage(told).text == "Of the KPIs, 1 measured, 1 not set up."
    assert "unit_cost" not in {one["kpi"] for one in told.own} and "mttr" in {one["kpi"] for one in told.own}


def test_evidence_is_said_in_words() -> None:
    """What has no words of its own is said by its name, and nothing is said as the vocabulary writes it."""
    wanted = {one for kpi in shelf().values() for group in kpi.needs for one in group}
    told = {evidence.said(one) for one in wanted if not one.startswith("imported ")}
    assert [words for words in told if "_" in words or "." in words] == []
    assert evidence.said("asset.owner") == "owner of each asset"


def test_groups_of_evidence_read_as_a_list() -> None:
    assert evidence.group(["run", "imported schedule"]) == "runs"
    assert evidence.group(["meter.bytes", "meter.queries", "meter.runs"]) == "bytes processed, queries or runs counted"
    assert evidence.said("incident.severity") == "severity of each incident"
