"""How times of incidents are got wrong, the wrong figure beside the right (P4, P6, P7, P8, P27, P33, P38, P42)."""

from __future__ import annotations

from statistics import mean
from typing import Any

HOUR = 3600.0
MARCH = {"window": "2026-03"}
NOW = "2026-04-02T00:00:00Z"


def _incident(name: str, start: str, **more: Any) -> dict[str, Any]:
    return {"fact": "incident", "id": name, "started_at": start, "severity": 2, **more}


def _restored(name: str, day: int, hours: int, **more: Any) -> dict[str, Any]:
    start, end = f"2026-03-{day:02}T00:00:00Z", f"2026-03-{day:02}T{hours:02}:00:00Z"
    return _incident(name, start, detected_at=start, resolved_at=end, **more)


def test_p04_open_incidents_stand_beside_the_mean(tell: Any) -> None:
    """1, 2, 2 and 3 hours restored; two are open for 200 and 300 hours at the month's end: at least 84.67 hours."""
    tell(*(_restored(str(i), 2 + i, hours) for i, hours in enumerate((1, 2, 2, 3))),
         _incident("open1", "2026-03-23T16:00:00Z"), _incident("open2", "2026-03-19T12:00:00Z"))  # fmt: skip
    shown = tell.show("mttr", NOW, profile="associate_platform", **MARCH)
    assert shown["value"] == 2 * HOUR, "what is restored alone says"
    assert shown["at_least"] == (8 + 200 + 300) * HOUR / 6
    assert shown["status"] != "met" or any("at_least" in caveat for caveat in shown["caveats"])


def test_p06_a_month_without_incidents_is_no_perfect_month(tell: Any) -> None:
    """One in March, none in February: no data there, and not 0 hours."""
    tell(_restored("i", 2, 1))
    shown = tell.show("mttr", NOW, window="2026-02")
    assert (shown["value"], shown["n"]) == (None, 0)
    assert shown["status"] in ("no data", "no target")


def test_p07_a_reopened_incidents_clock_runs_while_it_hurts(tell: Any) -> None:
    """Two active hours with twenty quiet ones between, and a duplicate of it: 2 hours, once; not 22, and not the mean
    with the duplicate's 10."""
    spans = [["2026-03-02T00:00:00Z", "2026-03-02T01:00:00Z"], ["2026-03-02T21:00:00Z", "2026-03-02T22:00:00Z"]]
    tell(_incident("i", "2026-03-02T00:00:00Z", resolved_at="2026-03-02T22:00:00Z", spans=spans),
         _restored("copy", 2, 10, duplicate_of="i"))  # fmt: skip
    shown = tell.show("mttr", NOW, **MARCH)
    assert (shown["value"], shown["n"]) == (2 * HOUR, 1)
    assert shown["value"] not in (22 * HOUR, mean([2, 10]) * HOUR)


def test_p08_detection_is_measured_from_the_start_and_not_from_the_ticket(tell: Any) -> None:
    """Began at 01:00, detected at 01:30, acknowledged at 02:00: half an hour. Without a start there is no figure."""
    tell(_incident("i", "2026-03-02T01:00:00Z", detected_at="2026-03-02T01:30:00Z",
                   acknowledged_at="2026-03-02T02:00:00Z"),
         {"fact": "incident", "id": "unknown", "detected_at": "2026-03-03T01:30:00Z"})  # fmt: skip
    shown = tell.show("mttd", NOW, **MARCH)
    assert (shown["value"], shown["n"]) == (0.5 * HOUR, 1)


def test_p27_an_incident_is_of_the_tier_it_was(tell: Any) -> None:
    """The dataset became tier 1 on the 15th: only what happened since counts there."""
    told = {"fact": "asset", "asset": "d/a"}
    tell({**told, "id": "1", "tier": 2, "valid_from": "2026-01-01T00:00:00Z"},
         {**told, "id": "2", "tier": 1, "valid_from": "2026-03-15T00:00:00Z"},
         _restored("before", 10, 5, assets=["d/a"]), _restored("after", 20, 1, assets=["d/a"]))  # fmt: skip
    assert tell.show("mttr", NOW, tier=1, **MARCH)["value"] == 1 * HOUR
    assert tell.show("mttr", NOW, tier=2, **MARCH)["value"] == 5 * HOUR
    assert tell.show("mttr", NOW, **MARCH)["value"] == 3 * HOUR, "today's tier over all would say this of tier 1"


def test_p33_the_order_of_arrival_does_not_matter(tell: Any) -> None:
    """The resolution comes first, then an older telling in which the incident is still open."""
    tell(_restored("i", 2, 4, revised_at="2026-03-02T04:00:00Z"))
    tell(_incident("i", "2026-03-02T00:00:00Z", revised_at="2026-03-02T01:00:00Z"))
    shown = tell.show("mttr", NOW, **MARCH)
    assert (shown["value"], shown["n"]) == (4 * HOUR, 1)


def test_p38_a_negative_span_is_kept_apart(tell: Any) -> None:
    """Detected before it began: neither 0 seconds nor half of a mean, but one excluded."""
    tell(_incident("odd", "2026-03-02T01:00:00Z", detected_at="2026-03-02T00:00:00Z"),
         _incident("even", "2026-03-03T01:00:00Z", detected_at="2026-03-03T01:20:00Z"))  # fmt: skip
    shown = tell.show("mttd", NOW, **MARCH)
    assert (shown["value"], shown["n"], shown["excluded"]) == (1200.0, 1, 1)
    assert shown["value"] != mean([-3600, 1200])


def test_p42_closing_quickly_shows_in_the_reopenings(tell: Any) -> None:
    """Two of four incidents were closed and came back: the share stands beside the mean."""
    spans = [["2026-03-02T00:00:00Z", "2026-03-02T01:00:00Z"], ["2026-03-02T02:00:00Z", "2026-03-02T03:00:00Z"]]
    tell(*(_incident(f"back{i}", "2026-03-02T00:00:00Z", spans=spans) for i in range(2)),
         *(_restored(f"once{i}", 5 + i, 1) for i in range(2)))  # fmt: skip
    shown = tell.show("mttr", NOW, **MARCH)
    assert (shown["n"], shown["reopened_share"]) == (4, 0.5)
