"""What was shown is restated when later tellings change it: each of these once stood doubled, stale or unheard."""

from __future__ import annotations

from typing import Any

DAILY = {"fact": "asset", "id": "a1", "asset": "p/a", "valid_from": "2026-10-01T00:00:00Z", "schedule": "0 6 * * *"}
WINDOW = "2026-10-05"


def run(key: str, asset: str = "p/a", **fields: Any) -> dict[str, Any]:
    at = "2026-10-05T06:00:00Z"
    return {"fact": "run", "id": key, "asset": asset, "state": "success", "due_at": at, "started_at": at} | fields


def parts(shown: dict[str, Any]) -> tuple[Any, Any, Any]:
    return shown["good"], shown["bad"], shown["unknown"]


def test_an_asset_marked_twice_counts_once(tell: Any) -> None:
    """A grace that ran out and a new run mark the same day: three slots of 7 h on it, one manual run, once each."""
    often = DAILY | {"schedule": "@every 7h", "grace_seconds": 0}
    tell(often)
    tell.show("pipeline_success_rate", "2026-10-02T09:00:00Z", window="7d")
    tell.show("pipeline_success_rate", "2026-10-06T21:00:00Z", window="7d")
    tell(run("r1", trigger="manual", due_at=None, started_at="2026-10-02T05:30:00Z"))
    tell(often | {"id": "a2", "asset": "p/b", "paused": True})
    shown = tell.show("pipeline_success_rate", "2026-10-08T00:00:00Z", window="2026-10-02", asset="p/a")
    assert (shown["bad"], shown["excluded"]) == (3, 1)  # 04:00, 11:00, 18:00


def test_an_asset_that_begins_later_after_all(tell: Any) -> None:
    """The version is told again with a later valid_from: the misses before it are gone."""
    tell(run("r1", due_at="2026-10-20T06:00:00Z", started_at="2026-10-20T06:00:00Z"), DAILY)
    assert parts(tell.show("pipeline_success_rate", "2026-10-21T00:00:00Z", window=WINDOW)) == (0, 1, 0)
    tell(DAILY | {"valid_from": "2026-10-19T00:00:00Z"})
    assert parts(tell.show("pipeline_success_rate", "2026-10-21T00:00:00Z", window=WINDOW)) == (0, 0, 0)


def test_a_renamed_asset_keeps_one_history(tell: Any) -> None:
    """Renamed after it was shown: nothing twice, and the old name asks for the new one."""
    tell(DAILY, run("r1"))
    tell.show("pipeline_success_rate", "2026-10-06T00:00:00Z", window=WINDOW)
    tell({"fact": "alias", "id": "x", "old": "p/a", "new": "p/new"})
    for scope in ({}, {"asset": "p/a"}, {"asset": "p/new"}):
        assert parts(tell.show("pipeline_success_rate", "2026-10-06T00:00:00Z", window=WINDOW, **scope)) == (1, 0, 0)


def test_a_version_told_again_of_another_asset(tell: Any) -> None:
    """What was called for under the first name is called for no longer."""
    tell(DAILY, run("r1", due_at="2026-10-20T06:00:00Z", started_at="2026-10-20T06:00:00Z", asset="p/z"))
    assert parts(tell.show("pipeline_success_rate", "2026-10-21T00:00:00Z", window=WINDOW)) == (0, 1, 0)
    tell(DAILY | {"asset": "p/b", "valid_from": "2026-10-20T12:00:00Z"})
    assert parts(tell.show("pipeline_success_rate", "2026-10-21T00:00:00Z", window=WINDOW)) == (0, 0, 0)


def test_coverage_without_kinds_speaks_before_the_first_run(tell: Any) -> None:
    """Nobody watched on the 5th: the slot is unknown, though the source never told a run at all."""
    tell(DAILY, run("r1", source="z", asset="p/z", due_at=None, started_at="2026-10-01T00:00:00Z"))
    tell({"fact": "coverage", "id": "c", "start": "2026-10-01T00:00:00Z", "end": "2026-10-05T00:00:00Z"})
    assert parts(tell.show("pipeline_success_rate", "2026-10-06T00:00:00Z", window=WINDOW)) == (0, 0, 1)


def test_the_past_knows_no_later_version(tell: Any) -> None:
    """The asset turned out to be staging on the 7th, also for its past; as of the 6th nobody had said so."""
    tell(DAILY | {"valid_from": "2026-10-07T00:00:00Z", "environment": "staging", "schedule": None}, run("r1"))
    assert tell.show("pipeline_success_rate", "2026-10-08T00:00:00Z", window=WINDOW)["good"] == 0
    then = tell.show(
        "pipeline_success_rate", "2026-10-08T00:00:00Z", window=WINDOW, as_of=parse_time("2026-10-06T12:00:00Z")
    )
    assert then["good"] == 1


def test_p11_a_namesake_makes_a_bare_id_ambiguous(tell: Any) -> None:
    """c1 named the only match; once two sources tell a c1 it names nothing: no failure."""
    change = {"fact": "change", "kind": "deployment", "id": "c1", "at": "2026-10-05T10:00:00Z"}
    tell(
        change | {"source": "x"}, {"fact": "incident", "id": "i", "started_at": "2026-10-05T11:00:00Z", "change": "c1"}
    )
    assert parts(tell.show("change_failure_rate", "2026-10-08T00:00:00Z", window=WINDOW)) == (0, 1, 0)
    tell(change | {"source": "y", "at": "2026-10-06T10:00:00Z"})
    assert parts(tell.show("change_failure_rate", "2026-10-08T00:00:00Z", window=WINDOW)) == (1, 0, 0)


def test_p26_an_exclusion_hides_an_incident_only_as_a_whole(tell: Any) -> None:
    """Maintenance of x/a leaves out the incident of x/a alone (600 s), not the one that also hit x/b (1200 s)."""
    at = {"started_at": "2026-10-05T10:00:00Z"}
    tell(
        {"fact": "incident", "id": "i1", "assets": ["x/a"], "resolved_at": "2026-10-05T10:10:00Z", **at},
        {"fact": "incident", "id": "i2", "assets": ["x/a", "x/b"], "resolved_at": "2026-10-05T10:20:00Z", **at},
        {"fact": "exclusion", "id": "e", "assets": "x/a", "kpis": ["mttr"], "reason": "maintenance"}
        | {"start": "2026-10-05T00:00:00Z", "end": "2026-10-06T00:00:00Z"},
    )
    shown = tell.show("mttr", "2026-10-06T00:00:00Z", window=WINDOW)
    assert (shown["value"], shown["n"], shown["excluded"]) == (1200, 1, 1)


def parse_time(text: str) -> Any:
    from slo.interchange import instant

    return instant(text)
