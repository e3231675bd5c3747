"""How ratios are got wrong, the wrong figure beside the right (P1 to P3, P9 to P11, P19 to P23, P34 to P37)."""

from __future__ import annotations

from statistics import mean
from typing import Any

import pytest

from dashboards import format as fmt

NOW = "2026-03-11T00:00:00Z"
DAY = {"window": "2026-03-10"}
MARCH = "2026-04-02T00:00:00Z"


def _check(name: str, at: str, outcome: str, asset: str = "d/a") -> dict[str, Any]:
    return {"fact": "check_result", "id": name, "asset": asset, "check": "c", "outcome": outcome, "at": at}


def _change(name: str, at: str, **more: Any) -> dict[str, Any]:
    return {"fact": "change", "kind": "deployment", "id": name, "at": at, "state": "succeeded", **more}


def _incident(name: str, start: str, **more: Any) -> dict[str, Any]:
    return {"fact": "incident", "id": name, "started_at": start, **more}


def test_p01_hours_are_not_averaged(tell: Any) -> None:
    """One check failed in a quiet hour, 99 passed in a busy one: 99 %, and not the mean of 0 % and 100 %."""
    tell(_check("night", "2026-03-10T02:00:00Z", "fail"),
         *(_check(f"d{i}", f"2026-03-10T12:{i % 60:02}:00Z", "pass") for i in range(99)))  # fmt: skip
    wrong = mean([0 / 1, 99 / 99])
    shown = tell.show("dq_test_pass_rate", NOW, **DAY)["value"]
    assert shown == 0.99 != wrong


def test_p02_percentiles_are_not_averaged(tell: Any) -> None:
    """990 queries of 1 s in one reading, 10 of 100 s in another: p95 of all is 1 s; the mean of both p95 is 50 s."""
    shape = {"fact": "distribution", "asset": "w/q", "metric": "query_seconds", "gamma": 1.02}
    tell({"fact": "asset", "id": "w", "asset": "w/q", "kind": "workload", "critical": True,
          "valid_from": "2026-01-01T00:00:00Z"},
         {**shape, "id": "1", "at": "2026-03-10T01:00:00Z", "buckets": {"0": 990}},
         {**shape, "id": "2", "at": "2026-03-10T02:00:00Z", "buckets": {"233": 10}})  # fmt: skip
    assert 1.02**232 < 100 <= 1.02**233
    shown = tell.show("query_p95", NOW, **DAY)["value"]
    assert shown == pytest.approx(1, rel=0.01)
    assert mean([1, 100]) == 50.5 != pytest.approx(shown, rel=0.01)


def test_p03_the_median_of_two_lies_between_them(tell: Any) -> None:
    """Backfills of 60 and 6,000 s: 3,030 s, not the lower of both."""
    for name, ended in (("short", "2026-03-10T01:01:00Z"), ("long", "2026-03-10T02:40:00Z")):
        tell({"fact": "run", "id": name, "asset": "p/a", "state": "success", "trigger": "backfill", "backfill": name,
              "started_at": "2026-03-10T01:00:00Z", "ended_at": ended})  # fmt: skip
    shown = tell.show("backfill_completion_time", NOW, **DAY)
    assert (shown["value"], shown["n"]) == (3030.0, 2)
    assert shown["value"] != min(60, 6000)


def test_p09_a_deployment_fails_once(tell: Any) -> None:
    """Two deployments, one of them named by three incidents: 50 %, and not 150 %."""
    tell(_change("one", "2026-03-10T08:00:00Z"), _change("two", "2026-03-10T09:00:00Z"),
         *(_incident(str(i), "2026-03-10T10:00:00Z", change="one") for i in range(3)))  # fmt: skip
    shown = tell.show("change_failure_rate", MARCH, **DAY)
    assert (shown["value"], shown["bad"], shown["good"]) == (0.5, 1, 1)
    assert shown["value"] != 3 / 2


def test_p10_an_incident_is_not_the_last_deployments_by_itself(tell: Any) -> None:
    """It began an hour after a deployment and names none: nothing failed."""
    tell(_change("one", "2026-03-10T08:00:00Z"), _incident("i", "2026-03-10T09:00:00Z"))
    assert tell.show("change_failure_rate", MARCH, **DAY)["value"] == 0.0


def test_p11_number_twelve_of_two_repositories_is_two_things(tell: Any) -> None:
    """Both have a deployment #12; an incident of the second names its own."""
    tell(_change("12", "2026-03-10T08:00:00Z", source="repo-a"), _change("12", "2026-03-10T08:30:00Z", source="repo-b"),
         _incident("12", "2026-03-10T09:00:00Z", source="repo-b", change="12"))  # fmt: skip
    shown = tell.show("change_failure_rate", MARCH, **DAY)
    assert (shown["good"], shown["bad"]) == (1, 1)


def test_p19_what_nobody_saw_is_neither_good_nor_bad(tell: Any) -> None:
    """Two slots seen, one met and one missed, two more while the source was blind: 50 %, half of it known."""
    tell({"fact": "asset", "id": "p", "asset": "p/a", "valid_from": "2026-03-09T00:00:00Z", "schedule": "0 */6 * * *"},
         {"fact": "run", "id": "r", "asset": "p/a", "state": "success", "due_at": "2026-03-10T00:00:00Z",
          "started_at": "2026-03-10T00:00:00Z", "ended_at": "2026-03-10T00:10:00Z"},
         {"fact": "coverage", "id": "c", "kinds": ["run"], "start": "2026-03-09T00:00:00Z",
          "end": "2026-03-10T12:00:00Z"})  # fmt: skip
    shown = tell.show("pipeline_success_rate", NOW, **DAY)
    assert (shown["good"], shown["bad"], shown["unknown"], shown["coverage"]) == (1, 1, 2, 0.5)
    as_good, as_bad = 3 / 4, 1 / 4
    assert shown["value"] == 0.5 not in (as_good, as_bad)


def test_p20_one_failure_may_be_more_than_the_budget(tell: Any) -> None:
    """A daily run at 99.5 % over 28 days may fail 0.14 times: one failure is 714 % of that, and it is missed."""
    tell({"fact": "asset", "id": "p", "asset": "p/a", "valid_from": "2026-03-01T00:00:00Z", "tier": 1})
    for day in range(1, 29):
        at = f"2026-03-{day:02}T06:00:00Z"
        tell({"fact": "run", "id": at, "asset": "p/a", "state": "failed" if day == 9 else "success", "due_at": at,
              "trigger": "schedule", "started_at": at, "ended_at": at})  # fmt: skip
    shown = tell.show("pipeline_success_rate", "2026-03-29T00:00:00Z", profile="staff_platform")
    (entry,) = shown["targets"]
    assert (shown["good"], shown["bad"], entry["status"]) == (27, 1, "missed")
    assert entry["budget"]["allowed_events"] == pytest.approx(0.14)
    assert entry["budget"]["one_failure"] == pytest.approx(1 / 0.14)


def test_p21_an_overspent_budget_stands_below_nought(tell: Any) -> None:
    """2 % of checks may fail; 3 of 100 did: 150 % is spent, and -50 % is left, not 0."""
    tell(*(_check(str(i), "2026-03-10T12:00:00Z", "fail" if i < 3 else "pass") for i in range(100)))
    shown = tell.show("dq_test_pass_rate", NOW, profile="staff_platform", **DAY)
    (entry,) = shown["targets"]
    assert (entry["budget"]["spent"], entry["budget"]["remaining"]) == (1.5, -0.5)


def test_p23_a_window_that_is_half_seen_is_not_met(tell: Any) -> None:
    """All seen slots are met; because as many were not seen, the target is provisional."""
    tell({"fact": "asset", "id": "p", "asset": "p/a", "valid_from": "2026-03-09T00:00:00Z", "schedule": "0 * * * *"},
         {"fact": "coverage", "id": "c", "kinds": ["run"], "start": "2026-03-09T00:00:00Z",
          "end": "2026-03-10T12:00:00Z"})  # fmt: skip
    for hour in range(12):
        at = f"2026-03-10T{hour:02}:00:00Z"
        tell({"fact": "run", "id": at, "asset": "p/a", "state": "success", "due_at": at, "started_at": at,
              "ended_at": at})  # fmt: skip
    shown = tell.show("pipeline_success_rate", NOW, profile="staff_platform", **DAY)
    assert (shown["value"], shown["coverage"], shown["status"]) == (1.0, 0.5, "provisional")


def test_p34_staging_and_deleted_assets_are_no_members(tell: Any) -> None:
    """Two datasets in production, one of them owned; three more that are staging, retired or deleted."""
    whole = {"owner": "team-a", "description": "Orders", "tier": 1, "kind": "dataset",
             "valid_from": "2026-03-01T00:00:00Z", "fact": "asset"}  # fmt: skip
    tell({**whole, "id": "1", "asset": "d/1"}, {**whole, "id": "2", "asset": "d/2", "owner": None},
         {**whole, "id": "3", "asset": "d/3", "environment": "staging"},
         {**whole, "id": "4", "asset": "d/4", "retired": True}, {**whole, "id": "5", "asset": "d/5"},
         {**whole, "id": "5", "asset": "d/5", "deleted": True, "revised_at": "2026-03-05T00:00:00Z"})  # fmt: skip
    shown = tell.show("ownership_coverage", NOW, **DAY)
    assert (shown["good"], shown["bad"], shown["value"]) == (1, 1, 0.5)
    assert shown["value"] != 4 / 5


def test_p35_teams_are_pooled_not_averaged(tell: Any) -> None:
    """Team a passed 98 of 100 checks, team b 1 of 2: 99 of 102 together, and not the mean of both."""
    tell(*({"fact": "asset", "id": name, "asset": f"d/{name}", "team": name, "valid_from": "2026-01-01T00:00:00Z"}
           for name in "ab"),
         *(_check(f"a{i}", "2026-03-10T12:00:00Z", "fail" if i < 2 else "pass", "d/a") for i in range(100)),
         *(_check(f"b{i}", "2026-03-10T12:00:00Z", "fail" if i < 1 else "pass", "d/b") for i in range(2)))  # fmt: skip
    teams = [tell.show("dq_test_pass_rate", NOW, team=team, **DAY)["value"] for team in "ab"]
    shown = tell.show("dq_test_pass_rate", NOW, **DAY)["value"]
    assert teams == [0.98, 0.5]
    assert shown == 99 / 102 != mean(teams)


def test_p37_one_failure_in_many_never_reads_as_100_percent(tell: Any) -> None:
    """2,999 of 3,000: judged on counts, and shown so that the failure is seen."""
    tell(*(_check(str(i), "2026-03-10T12:00:00Z", "fail" if i < 1 else "pass") for i in range(3000)))
    shown = tell.show("dq_test_pass_rate", NOW, **DAY)
    assert shown["bad"] == 1
    assert f"{shown['value']:.1%}" == "100.0%", "what rounding alone would say"
    assert "100.0" not in fmt.value(shown) and fmt.value(shown) != "100 %"
