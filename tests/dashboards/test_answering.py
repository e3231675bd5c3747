"""As felt, ours, what was left out, what a failure began with, and what people decided: in words."""

from __future__ import annotations

from typing import Any

import pytest

from dashboards.wording import answering, decided

WEEK = {"name": "2026-W45", "start": "2026-11-02T00:00:00+00:00", "end": "2026-11-09T00:00:00+00:00"}


def result(**more: Any) -> dict[str, Any]:
    return {
        "kpi": "pipeline_success_rate", "title": "Pipeline success rate", "unit": "ratio", "measure": "Ratio",
        "better": "up", "value": 0.9, "good": 90, "bad": 10, "targets": [], "window": WEEK, "scope": {"tier": None},
        "as_felt": {"value": 0.9, "good": 90, "bad": 10},
        "ours": {"value": 0.9, "good": 90, "bad": 10, "others": []},
        "excluded_share": {"share": 0.0, "cap": 0.05, "reasons": {}}, **more,
    }  # fmt: skip


BLAMED = result(
    as_felt={"value": 0.75, "good": 90, "bad": 30},
    ours={"value": 0.96, "good": 48, "bad": 2, "others": [
        {"responsible": "domain", "good": 42, "bad": 3}, {"responsible": "vendor", "good": 0, "bad": 5},
    ]},
    excluded_share={"share": 1 / 6, "cap": 0.05, "reasons": {"maintenance": 1 / 24, "vendor": 1 / 8}},
)  # fmt: skip


def test_nothing_is_said_where_all_readings_are_one() -> None:
    assert answering.beside(result()) == []
    assert answering.readings(result()) == []
    assert answering.beside(result(as_felt=0.9)) == answering.beside(result(as_felt=None, ours=None)) == []


def test_what_differs_stands_side_by_side() -> None:
    assert answering.beside(BLAMED) == [
        ("as felt, others' faults put back", "75.0 %"),
        ("ours, others' part left out", "96.0 %, without 3 bad and 42 good of domain and 5 bad of vendor"),
        ("left out by decision", "16.7 % (vendor 12.5 %, maintenance 4.17 %)"),
    ]  # fmt: skip
    assert answering.readings(BLAMED) == [
        ("as it counts", "90.0 %", "90", "10"), ("as felt", "75.0 %", "90", "30"), ("ours", "96.0 %", "48", "2"),
        ("of domain", "", "42", "3"), ("of vendor", "", "0", "5"),
    ]  # fmt: skip


def test_one_reason_is_named_once() -> None:
    told = result(excluded_share={"share": 0.125, "cap": 0.05, "reasons": {"vendor": 0.125}})
    assert answering.excluded(told) == "12.5 % (vendor)"


def test_what_a_failure_began_with() -> None:
    cause = {"asset": "crm/people", "at": "2026-11-02T02:10:00+01:00", "what": "failed", "responsible": "domain"}
    assert answering.began({"cause": cause}) == "crm/people failed 2 Nov 02:10, domain"
    assert answering.began({"cause": {**cause, "responsible": "platform"}}) == "crm/people failed 2 Nov 02:10"
    assert answering.began({"cause": None}) == answering.began({}) == ""


def laid(told_by: str, reason: str | None = "it was there", **fields: Any) -> dict[str, Any]:
    return {"set": fields, "reason": reason, "by": "core", "ref": "OPS-1", "told_by": told_by}


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        ({}, ""),
        ({"corrected": {"severity": "3"}}, "corrected; the source told severity 3"),
        ({"corrected": {"state": "failed"}, "corrections": [laid("decisions", state="success")]},
         "corrected: it was there (core, OPS-1); the source told state failed"),
        ({"corrected": {"responsible": "None"},
          "corrections": [laid("inferred", "derived: a failed", responsible="x")]},
         "derived: a failed"),
        ({"corrected": {"responsible": "None", "state": "failed"},
          "corrections": [laid("inferred", "derived: a failed", responsible="x"), laid("decisions", state="success")]},
         "derived: a failed; corrected: it was there (core, OPS-1); the source told state failed"),
        ({"corrected": {"responsible": "None"}, "cause": {"asset": "a"},
          "corrections": [laid("inferred", "derived: a failed", responsible="x")]}, ""),
        ({"corrected": {"state": "failed"}, "corrections": [laid("import", None, state="success")]},
         "corrected; the source told state failed"),
    ],
)  # fmt: skip
def test_what_was_laid_over_a_fact(fact: dict[str, Any], expected: str) -> None:
    assert answering.corrected(fact) == expected


def note(**more: Any) -> dict[str, Any]:
    return {
        "period": "2026-W45", "start": WEEK["start"], "end": WEEK["end"], "kpis": ["pipeline_success_rate"],
        "text": "A new region.", "by": "core", "ref": None, **more,
    }  # fmt: skip


def sign_off(**more: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("kpi", "exclusion", "tier", "text", "ref", "agreed"))
    return {**nothing, "on": "2026-11-05", "by": "finance", **more}


OUTAGE = {
    "assets": "snowflake://shop/*", "team": None, "tier": None, "kpis": None, "reason": "vendor",
    "start": "2026-11-02T08:00:00Z", "end": "2026-11-03T09:00:00Z",
}  # fmt: skip


def test_notes_stand_beside_their_kpi_in_their_period() -> None:
    later = note(start=WEEK["end"], end="2026-11-16T00:00:00+00:00")
    told = {"notes": [note(), note(kpis=["mttr"]), later, note(kpis=[])]}
    assert decided.beside(told, result()) == [("A new region.", "noted by core for 2026-W45")]
    assert decided.of_period(told, WEEK) == [("A new region.", "noted by core for 2026-W45")]
    assert decided.beside({}, result()) == []


def test_who_agreed_to_a_target() -> None:
    told = {"sign_offs": [sign_off(kpi="pipeline_success_rate", text="99 %", ref="OPS-7"), sign_off(kpi="mttr"),
                          sign_off(kpi="pipeline_success_rate", tier=1)]}  # fmt: skip
    assert decided.beside(told, result()) == [("99 %", "target agreed by finance on 5 November 2026 (OPS-7)")]
    assert len(decided.beside(told, result(scope={"tier": 1}))) == 2


def test_who_agreed_to_what_is_left_out_where_it_leaves_something_out() -> None:
    told = {"sign_offs": [sign_off(exclusion="SNOW-1", agreed=OUTAGE)]}
    assert decided.beside(told, BLAMED) == [
        ("Left out (vendor): snowflake://shop/*, 2 November 2026 to 3 November 2026, SNOW-1",
         "agreed by finance on 5 November 2026"),
    ]  # fmt: skip
    assert decided.beside(told, result()) == []
    other = {"sign_offs": [sign_off(exclusion="SNOW-1", agreed={**OUTAGE, "kpis": ["mttr"]})]}
    assert decided.beside(other, BLAMED) == []
    earlier = {**OUTAGE, "start": "2026-10-02T08:00:00Z", "end": "2026-10-03T09:00:00Z"}
    assert decided.beside({"sign_offs": [sign_off(exclusion="SNOW-1", agreed=earlier)]}, BLAMED) == []
