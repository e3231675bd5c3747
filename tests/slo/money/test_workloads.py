"""The ten most expensive workloads: beside the unit cost, and as they were remediated."""

from __future__ import annotations

from typing import Any

DAY = {"window": "2026-10-05"}
Told = Any


def meter(kind: str, amount: float, at: str, asset: str | None, **more: Any) -> dict[str, Any]:
    return {"fact": "meter", "meter": kind, "amount": amount, "at": at, "asset": asset, **more}


def test_the_ten_by_cost_then_by_name(told: Told) -> None:
    """Eleven workloads: k costs most, a least; b and c the same. What nobody is named for is no workload."""
    costs = {"a": 1.0, "b": 2.0, "c": 2.0, **{name: 3.0 + number for number, name in enumerate("defghijk")}}
    platform = told()
    platform.tell(*(meter("cost", cost, "2026-10-05T10:00:00Z", name) for name, cost in costs.items()))
    platform.tell(meter("cost", 99, "2026-10-05T10:00:00Z", None), meter("bytes", 2e12, "2026-10-05T10:00:00Z", "k"))
    found = platform.show("unit_cost", "2026-10-06T00:00:00Z", **DAY)
    assert [one["asset"] for one in found["workloads"]] == ["k", "j", "i", "h", "g", "f", "e", "d", "b", "c"]
    assert found["workloads"][0] == {"asset": "k", "cost": 10.0, "units": 2.0, "unit_cost": 5.0}
    assert found["workloads"][-1] == {"asset": "c", "cost": 2.0, "units": None, "unit_cost": None}
    assert found["value"] == (1 + 2 + 2 + sum(range(3, 11)) + 99) / 2


def test_only_those_in_scope(told: Told) -> None:
    """a was team web's on the 5th; asked for web, b is not there."""
    platform = told()
    platform.tell({"fact": "asset", "asset": "a", "team": "web", "valid_from": "2026-01-01T00:00:00Z"})
    platform.tell(*(meter("cost", 5, "2026-10-05T10:00:00Z", name) for name in "ab"))
    found = platform.show("unit_cost", "2026-10-06T00:00:00Z", team="web", **DAY)
    assert [one["asset"] for one in found["workloads"]] == ["a"]


def test_explain_names_them_too(told: Told) -> None:
    platform = told()
    platform.tell(meter("cost", 5, "2026-10-05T10:00:00Z", "a"))
    found = platform.explain("unit_cost", "2026-10-06T00:00:00Z", **DAY)
    assert found["result"]["workloads"] == [{"asset": "a", "cost": 5.0, "units": None, "unit_cost": None}]


def test_each_of_the_ten_says_how_it_was_remediated(told: Told) -> None:
    """a by an item closed in October; b fell from 10 / 2 = 5 a run to 1 in four whole weeks; c neither."""
    platform, mondays = told(), ("2026-10-05", "2026-10-12", "2026-10-19", "2026-10-26")
    platform.tell(
        *(meter("cost", cost, "2026-08-01T00:00:00Z", name) for name, cost in (("a", 30), ("b", 10), ("c", 5)))
    )
    platform.tell(meter("runs", 2, "2026-08-01T00:00:00Z", "b"))
    for monday in mondays:
        platform.tell(*(meter(kind, 7, f"{monday}T00:00:00Z", "b") for kind in ("cost", "runs")))
    item = {"fact": "work_item", "kind": "remediation", "asset": "a", "outcome": "done"}
    platform.tell({**item, "opened_at": "2026-09-01T00:00:00Z", "closed_at": "2026-10-20T00:00:00Z"})
    found = platform.show("expensive_workloads_remediated", "2026-11-02T00:00:00Z", window="2026-Q4")
    assert (found["value"], found["of"]) == (2.0, 3)
    assert [(one["asset"], one["remediated"]) for one in found["workloads"]] == [
        ("a", "work item"), ("b", "cost a run"), ("c", None),
    ]  # fmt: skip
    assert found["workloads"][1]["cost_per_run"] == 5.0


def test_a_week_that_has_not_ended_is_not_whole(told: Told) -> None:
    """As of Sunday noon the fourth week still runs: nothing is remediated yet; at its midnight b is."""
    platform = told()
    platform.tell(meter("cost", 10, "2026-08-01T00:00:00Z", "b"), meter("runs", 2, "2026-08-01T00:00:00Z", "b"))
    for monday in ("2026-10-05", "2026-10-12", "2026-10-19", "2026-10-26"):
        platform.tell(*(meter(kind, 7, f"{monday}T00:00:00Z", "b") for kind in ("cost", "runs")))
    noon = platform.show("expensive_workloads_remediated", "2026-11-01T12:00:00Z", window="2026-Q4")
    midnight = platform.show("expensive_workloads_remediated", "2026-11-02T00:00:00Z", window="2026-Q4")
    assert (noon["value"], midnight["value"]) == (0.0, 1.0)
