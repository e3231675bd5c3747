"""How far a platform is measured: the three states, each by a hand-made case, and the line that counts them."""

from __future__ import annotations

from typing import Any

import pytest

from slo.evidence.coverage import MEASURED, UNSET, WITHIN, Offers, coverage, line, tally


def result(kpi: str = "mttr", value: float | None = None, missing: list[list[str]] | None = None) -> dict[str, Any]:
    return {"kpi": kpi, "title": kpi.upper(), "family": "incidents", "value": value, "missing": missing or []}


def one(told: dict[str, Any], **offers: Any) -> dict[str, Any]:
    (found,) = coverage([told], Offers(**offers))
    return found


def test_a_value_is_measured() -> None:
    assert one(result(value=3600.0)) == {
        "kpi": "mttr", "title": "MTTR", "family": "incidents", "state": MEASURED, "missing": [], "why": "",
    }  # fmt: skip


def test_a_value_of_zero_is_measured() -> None:
    assert one(result(value=0.0))["state"] == MEASURED


def test_what_nobody_connected_tells_is_not_set_up() -> None:
    kinds = {"incident.resolved_at": ["pagerduty"], "incident.spans": ["file"]}
    found = one(result(missing=[["incident.resolved_at", "incident.spans"]]), kinds=kinds)
    assert found["state"] == UNSET
    gap = {"evidence": ["incident.resolved_at", "incident.spans"], "kinds": ["file", "pagerduty"], "here": []}
    assert found["missing"] == [gap]
    assert found["why"] == "nobody tells incident.resolved_at or incident.spans"


def test_what_a_connected_kind_could_tell_is_within_reach() -> None:
    kinds = {"change.deployment": ["git", "github"], "change.failure": ["git"]}
    told = result("change_failure_rate", missing=[["change.deployment"], ["change.failure"]])
    found = one(told, kinds=kinds, configured={"repo": "git", "dags": "airflow"})
    assert found["state"] == WITHIN
    assert [gap["here"] for gap in found["missing"]] == [["repo"], ["repo"]]
    assert found["why"] == "nobody tells change.deployment, and change.failure"


def test_one_group_that_nobody_here_could_tell_is_enough_for_not_set_up() -> None:
    kinds = {"meter.cost": ["focus"], "meter.bytes": ["focus", "postgres"]}
    told = result("unit_cost", missing=[["meter.cost"], ["meter.bytes"]])
    assert one(told, kinds=kinds, configured={"warehouse": "postgres"})["state"] == UNSET


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({}, "no incident has been told yet"),
        ({"incident": 0, "run": 7}, "no incident has been told yet"),
        ({"incident": 3}, "its evidence is told; nothing that counts for it lies in this window"),
    ],
)
def test_evidence_without_a_value_waits(facts: dict[str, int], why: str) -> None:
    found = one(result(), facts=facts)
    assert (found["state"], found["why"]) == (WITHIN, why)


def test_what_is_told_of_no_asset_is_to_be_said() -> None:
    """dbt can tell how fresh a dataset must be; here it does of none."""
    kinds = {"asset.freshness": ["dbt", "tierline.yaml"]}
    offers = {"kinds": kinds, "configured": {"models": "dbt"}, "facts": {"dataset_update": 9}}
    found = one(result("dataset_sla_attainment"), **offers)
    assert (found["state"], found["why"]) == (WITHIN, "asset.freshness is told of no asset yet")
    gap = {"evidence": ["asset.freshness"], "kinds": ["dbt", "tierline.yaml"], "here": ["models"]}
    assert found["missing"] == [gap]
    found = one(result("dataset_sla_attainment"), **offers, assets=frozenset({"freshness"}))
    assert found["missing"] == []
    assert found["why"] == "its evidence is told; nothing that counts for it lies in this window"


def standings(*states: str) -> list[dict[str, Any]]:
    return [{"state": state} for state in states]


def test_the_line_counts_every_state() -> None:
    found = standings(*[MEASURED] * 9, *[WITHIN] * 2, *[UNSET] * 4)
    assert line(found) == "9 measured, 2 more with what you have, 4 not set up"
    assert tally(found) == {MEASURED: 9, WITHIN: 2, UNSET: 4}


def test_the_line_leaves_out_what_is_none() -> None:
    assert line(standings(MEASURED)) == "1 measured"
    assert line(standings(UNSET, UNSET)) == "0 measured, 2 not set up"
