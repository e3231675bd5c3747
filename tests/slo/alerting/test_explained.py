"""Budgets that another alert tells, and whose they are, worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from slo.alerting.watch import watch
from slo.platform import Alerting
from slo.store import Store
from tests.slo.alerting.test_watch import BURNING, DAY, HOUR, NOON, TODAY, at, floor, hourly, results, watched
from tests.slo.tellings import fact, run


@pytest.mark.parametrize("paging", [True, False])
def test_no_ticket_silences_a_page(store: Store, paging: bool) -> None:
    """Three of six failed: a page, where paging was asked for. All three are of the pipeline that fails still, in tier
    1, which is a ticket by itself."""
    asked, severity = Alerting(paging=paging), "page" if paging else "ticket"
    found = watched(store, [*hourly(bad=[0, 1, 2]), *hourly("etl/other")], floor(0.97), alerting=asked)
    (alert,), (silenced,) = found["alerts"], found["silenced"]
    assert (alert["key"], alert["severity"], alert["slo"]) == (
        "RunFailing:etl/load", severity, "pipeline_success_rate-own-1-tier1",
    )  # fmt: skip
    assert (silenced["key"], silenced["severity"]) == (BURNING, severity)


def test_a_page_that_wavers_stays_one_until_it_was_quiet_for_an_hour(store: Store) -> None:
    """The third failure, known at 11:10, stands in the last hour until 12:10. The run of 12:00 goes on, so that the
    pipeline fails still."""
    store.upsert([
        *hourly(bad=[0, 1, 2]), *hourly("etl/other"), run("going", "etl/load", NOON, "running"),
        *(run(f"other{hour}", "etl/other", at(f"{hour}:00")) for hour in (12, 13)),
    ])  # fmt: skip
    told: dict[str, Any] = {}
    for clock, severity in (("12:05", "page"), ("12:15", "page"), ("13:04", "page"), ("13:05", "ticket")):
        told = watch(results(store, at(clock), floor(0.97), alerting=Alerting(paging=True)), at(clock), told)
        assert [(one["key"], one["severity"]) for one in told["alerts"]] == [("RunFailing:etl/load", severity)], clock
        why = "explained by RunFailing:etl/load"
        assert [one["why"] for one in told["silenced"]] == ([why] if severity == "page" else []), clock


def test_a_silent_alert_silences_no_page_that_another_can_tell(store: Store) -> None:
    """Of four failures in three hours two are of what rests since 11:30, one of what fails still, one of what is
    mended: the second tells it."""
    facts = [*hourly("etl/rests", bad=[0, 1]), *hourly("etl/fails", bad=[0]), *hourly("etl/mended", bad=[1])]
    resting = fact("exclusion", "x", start=at("11:30"), end=at("13:00"), assets="etl/rests", reason="maintenance")
    found = watched(store, [*facts, resting], floor(0.97), alerting=Alerting(paging=True))
    assert [(one["key"], one["severity"]) for one in found["alerts"]] == [("RunFailing:etl/fails", "page")]
    assert {one["key"]: one["why"] for one in found["silenced"]} == {
        BURNING: "explained by RunFailing:etl/fails", "RunFailing:etl/rests": "maintenance: until 2026-11-10 13:00",
    }  # fmt: skip


@pytest.mark.parametrize(("told", "team", "domain"), [
    ({"team": "web", "domain": "shop"}, "web", "shop"), ({}, "platform", ""),
])  # fmt: skip
def test_a_budget_of_one_asset_is_whose_that_is(store: Store, told: dict[str, Any], team: str, domain: str) -> None:
    """Of 99 % of the requests; 30 of 100 went wrong in each of the last six hours: 30 times as fast as allowed."""
    begun = TODAY - DAY
    facts = [fact("asset", "shop", asset="prom/shop", kind="service", tier=1, valid_from=begun, **told)]
    for hour in range(1, 37):
        span = {"asset": "prom/shop", "at": NOON - hour * HOUR, "until": NOON - (hour - 1) * HOUR}
        facts.append(fact("meter", f"total{hour}", meter="total", amount=100, **span))
        facts.append(fact("meter", f"good{hour}", meter="good", amount=70 if hour <= 6 else 100, **span))
    found = watched(store, facts, floor(0.99, "service_slo_compliance", asset="prom/shop"))
    (alert,), (slo,) = found["alerts"], found["slos"]
    assert (alert["alert"], alert["team"], alert["domain"], alert["tier"]) == ("BudgetBurning", team, domain, "1")
    assert (slo["team"], slo["domain"]) == (team, domain)
