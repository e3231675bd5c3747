"""What Tierline cannot see: sources without success for three intervals, evidence that nobody tells, a late pass."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slo.alerting.blind import Spot, spots
from slo.alerting.watch import watch
from slo.platform import Alerting, Platform, SourceInfo
from slo.results import Results
from slo.states import States
from slo.store import Store
from slo.targets import Targets
from slo.view import View
from tests.slo.tellings import fact, run

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TIERS = (0, 1)


def read(store: Store, source: str, *passes: tuple[int, bool]) -> None:
    """Passes of a second: so many minutes before noon, and whether each went well."""
    for before, ok in passes:
        at = NOON - before * MINUTE
        store.add_source_run(source, at, at, ok, 0, 0, None if ok else "timed out")


def sources(*names: str, interval: timedelta = timedelta(minutes=5)) -> tuple[SourceInfo, ...]:
    return tuple(SourceInfo(name, {"run": ("due_at",)}, interval=interval) for name in names)


def seen(store: Store, *names: str, now: datetime = NOON) -> list[Spot]:
    return spots(View(store, Platform(sources=sources(*names)), NOON), now, TIERS)


@pytest.mark.parametrize(
    ("passes", "what"),
    [
        ([], None), ([(20, True)], None), ([(21, True)], "stale"), ([(21, True), (1, False)], "failing"),
        ([(19, True), (1, False)], None), ([(30, False), (1, False)], "failing"), ([(9, False)], None),
    ],
)  # fmt: skip
def test_a_source_is_blind_after_three_intervals_and_the_time_a_pass_takes(
    store: Store, passes: list[tuple[int, bool]], what: str | None
) -> None:
    """Three times five minutes, and five of tolerance; what was never read has yet to begin."""
    read(store, "airflow", *passes)
    assert [one.what for one in seen(store, "airflow")] == ([] if what is None else [what])


def test_a_blind_spot_says_since_when_and_what_rests_on_it(store: Store) -> None:
    store.upsert([run("1", "etl/a", NOON - 60 * MINUTE, source="airflow")])
    read(store, "airflow", (45, True), (1, False))
    (spot,) = seen(store, "airflow")
    assert spot.since == NOON - 45 * MINUTE
    assert "pipeline_success_rate" in spot.kpis
    assert "freshness_slo_attainment" not in spot.kpis
    assert spot.says.startswith("Source airflow has been read without success since 2026-11-10 11:15 UTC; ")


def told(store: Store, *names: str, **alerting: Any) -> Any:
    view = View(store, Platform(sources=sources(*names), alerting=Alerting(**alerting)), NOON)
    return watch(Results(States(view, frozenset(), fresh=False, settled=False), Targets()), NOON, {})


def test_each_blind_source_is_an_alert_and_most_of_them_one_of_tierlines(store: Store) -> None:
    for name in "abc":
        read(store, name, (30 + ord(name), True))
    for name in "de":
        read(store, name, (1, True))
    three = told(store, *"abcde", team="data-platform")
    assert [(one["key"], one["team"], one["severity"]) for one in three["alerts"]] == [
        ("TierlineBlind:tierline", "data-platform", "ticket")
    ]
    assert three["alerts"][0]["summary"].startswith("3 of 5 sources have not been read with success since ")
    assert [one["source"] for one in three["blind"]] == ["a", "b", "c"]
    assert three["alerts"][0]["affected"] == ["a", "b", "c"]
    read(store, "a", (1, True))
    assert [one["key"] for one in told(store, *"abcde")["alerts"]] == ["TierlineBlind:c", "TierlineBlind:b"]
    assert told(store, *"abcde", off=frozenset({"TierlineBlind"}))["alerts"] == []


def test_rules_that_nobody_can_judge_are_a_blind_spot(store: Store) -> None:
    """An inventory tells that two datasets have a deadline; no source tells when they land."""
    rule = {"deadline": "07:00", "tz": "UTC", "days": "daily"}
    for name, tier in (("wh/a", 0), ("wh/b", 1), ("wh/c", 2)):
        store.upsert([fact("asset", name, source="inventory", asset=name, kind="dataset", tier=tier, freshness=rule)])
    inventory = (SourceInfo("inventory", {"asset": ("freshness", "tier")}),)
    (spot,) = spots(View(store, Platform(sources=inventory), NOON), NOON, TIERS)
    assert (spot.source, spot.what, spot.kpis) == ("dataset_update", "unobserved", ("freshness_slo_attainment",))
    assert spot.says == (
        "No source tells when datasets land, and 2 assets have a freshness to keep: a failure would not be seen."
    )


@pytest.mark.parametrize(("looked", "since"), [((3600, 0), 1800), ((600, 0), 600), ((7200, 2000), None)])
def test_a_dataset_that_never_landed_is_a_blind_spot(store: Store, looked: tuple[int, int], since: int | None) -> None:
    """Told an hour before noon, it may be half an hour old: had it landed then, it would be too old since 11:30. Where
    nobody looked since then, the source's own silence is what is told."""
    begun = {"kind": "dataset", "tier": 0, "freshness": {"max_age_seconds": 1800}, "source": "wh"}
    begin, end = (NOON - timedelta(seconds=before) for before in looked)
    store.upsert([
        fact("asset", "a", asset="wh/a", valid_from=NOON - 60 * MINUTE, **begun),
        fact("asset", "b", asset="wh/b", valid_from=NOON - 60 * MINUTE, **begun),
        fact("asset", "new", asset="wh/new", valid_from=NOON - 29 * MINUTE, **begun),
        fact("dataset_update", "u", source="wh", asset="wh/b", at=NOON - 5 * MINUTE),
        fact("coverage", "c", source="wh", kinds=["dataset_update"], start=begin, end=end),
    ])  # fmt: skip
    warehouse = (SourceInfo("wh", {"dataset_update": ("at",), "asset": ("freshness", "tier")}),)
    found = spots(View(store, Platform(sources=warehouse), NOON), NOON, TIERS)
    assert [(one.source, one.what, one.since, one.says) for one in found] == ([] if since is None else [(
        "dataset_update", "unobserved", NOON - timedelta(seconds=since),
        "No landing was ever told of wh/a: that the data is too old would not be seen.",
    )])  # fmt: skip


def test_an_evaluation_that_lags_behind_is_blind(store: Store) -> None:
    assert seen(store, now=NOON + 10 * MINUTE) == []
    (spot,) = seen(store, now=NOON + 11 * MINUTE)
    assert (spot.source, spot.what, spot.since) == ("tierline", "evaluation", NOON)
