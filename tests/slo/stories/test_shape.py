"""Months, teams and distributions of a KPI; what was promised when; the burn over hours: by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from slo.engine import Engine, Query
from slo.facts import Fact
from slo.platform import Alerting, Platform
from slo.store import Store
from slo.stories.burning import burning
from slo.stories.promised import promised
from slo.stories.shape import distribution, months, teams
from slo.targets import load_targets
from tests.slo.tellings import fact, run

START = datetime(2026, 11, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
RUNS = "pipeline_success_rate"


@pytest.fixture
def engine(store: Store) -> Engine:
    return Engine(store, Platform(), load_targets())


def at(moments: list[datetime], state: str, asset: str = "p") -> list[Fact]:
    return [run(f"{asset}.{state}.{place}", asset, moment, state, 0.5) for place, moment in enumerate(moments)]


def test_months_begin_with_the_first_that_has_a_value(engine: Engine) -> None:
    """September: 3 of 4; October: none; November, that runs: 1 of 1."""
    september = datetime(2026, 9, 9, tzinfo=UTC)
    engine.store.upsert(
        at([september + place * HOUR for place in range(3)], "success")
        + at([september + 5 * HOUR], "failed")
        + at([START], "success", "q")
    )
    told = engine.tell(months, Query(), START + DAY, kpi=RUNS)
    assert told == [
        {"month": "2026-09", "value": 0.75, "n": 4, "provisional": False},
        {"month": "2026-10", "value": None, "n": 0, "provisional": False},
        {"month": "2026-11", "value": 1.0, "n": 1, "provisional": True},
    ]
    assert [one["month"] for one in engine.tell(months, Query(), START + DAY, kpi=RUNS, count=2)] == ["2026-11"]


def test_teams_stand_apart_day_by_day(engine: Engine) -> None:
    engine.store.upsert(
        [
            fact("asset", "a", asset="a", kind="pipeline", team="web"),
            fact("asset", "b", asset="b", kind="pipeline", team="crm"),
            *at([START, START + DAY], "success", "a"),
            *at([START + DAY + HOUR], "failed", "a"),
            *at([START], "success", "b"),
        ]
    )
    told = engine.tell(teams, Query(window="2d"), START + 2 * DAY, kpi=RUNS)
    assert [(one["team"], one["value"], one["n"]) for one in told] == [("crm", 1.0, 1), ("web", 2 / 3, 3)]
    assert [(day["day"], day["value"]) for day in told[1]["days"]] == [("2026-11-02", 1.0), ("2026-11-03", 0.5)]
    assert [day["value"] for day in told[0]["days"]] == [1.0, None]
    asked = engine.tell(teams, Query(window="2d"), START + 2 * DAY, kpi=RUNS, only=("web", "nobody"))
    assert [(one["team"], one["value"]) for one in asked] == [("web", 2 / 3), ("nobody", None)]


def incidents(*minutes: int) -> list[Fact]:
    return [
        fact("incident", str(place), started_at=START, detected_at=START, resolved_at=START + timedelta(minutes=spent))
        for place, spent in enumerate(minutes)
    ]


def test_samples_lie_in_bins_of_equal_width(engine: Engine) -> None:
    """10, 20, 30 and 50 minutes in four bins from 600 to 3,000 s, 600 s wide: one on an edge is in the lower one."""
    engine.store.upsert(incidents(10, 20, 30, 50))
    told = engine.tell(distribution, Query(), START + DAY, kpi="mttr", bins=4, bounds=(1800.0,))
    assert [(one["lo"], one["hi"], one["n"]) for one in told["bins"]] == [
        (600, 1200, 2), (1200, 1800, 1), (1800, 2400, 0), (2400, 3000, 1),
    ]  # fmt: skip
    assert (told["log"], told["n"], told["median"], told["mean"]) == (False, 4, 1500, 1650)
    assert told["within"] == [{"bound": 1800.0, "n": 3}]


def test_skewed_samples_lie_in_bins_of_equal_ratio(engine: Engine) -> None:
    """1 and 100 minutes in two bins: the edge between them is ten minutes."""
    engine.store.upsert(incidents(1, 9, 100))
    told = engine.tell(distribution, Query(), START + DAY, kpi="mttr", bins=2)
    assert told["log"] is True
    assert [one["n"] for one in told["bins"]] == [2, 1]
    assert told["bins"][0]["hi"] == pytest.approx(600)
    assert engine.tell(distribution, Query(), START + DAY, kpi=RUNS) is None


ADOPTED = """
profile: staff_platform
targets:
  - {row: 2, adopted: 2026-11-03, adopted_by: core}
  - row: 2
    valid_from: 2026-11-05
    clauses: [{form: at_least, floor: 0.97}]
    text: ">= 97%"
"""


def test_a_target_has_its_history(store: Store, tmp_path: Path) -> None:
    """Published as 99.5 %; adopted on the 3rd; 97 % from the 5th on."""
    (tmp_path / "staff_platform.yaml").write_text(ADOPTED)
    from slo.targets import SHIPPED_TARGETS

    engine = Engine(store, Platform(), load_targets(SHIPPED_TARGETS, tmp_path))
    asked: dict[str, Any] = {"kpi": RUNS, "profile": "staff_platform", "row": 2}
    told = engine.tell(promised, Query(window="2026-W45"), START + 5 * DAY, **asked)
    steps = [(one["first"], one["last"], one["floor"], one["adopted_by"]) for one in told["steps"]]
    assert steps == [
        ("2026-11-02", "2026-11-02", 0.995, None),
        ("2026-11-03", "2026-11-04", 0.995, "core"),
        ("2026-11-05", "2026-11-07", 0.97, "core"),
    ]
    changes = [(one["day"], one["what"], one["before"], one["floor"], one["by"]) for one in told["changes"]]
    assert changes == [
        ("2026-11-03", "adopted", 0.995, 0.995, "core"),
        ("2026-11-05", "changed", 0.995, 0.97, "core"),
    ]


def test_the_burn_over_the_lookbacks_of_the_policy_that_fits(engine: Engine) -> None:
    """Asked at noon; 2 % may fail. In the last hour 1 of 2 failed, though it was due before it: 25 times the even pace;
    in the last three hours 1 of 3: 16.7, above 12, but one failure alone is not told. In two days 1 of 1,009."""
    noon = START + 3 * DAY + 12 * HOUR
    ago = [0.5, 1.5, 3, 5, 8, 10, 20, 23]
    many = [noon - 47 * HOUR + place * timedelta(seconds=1) for place in range(1000)]
    engine.store.upsert(at([noon - (hours + 0.5) * HOUR for hours in ago], "success"))
    engine.store.upsert([run("late", "p", noon - 1.25 * HOUR, "failed", 30), *at(many, "success", "q")])
    asked: dict[str, Any] = {"kpi": RUNS, "profile": "associate_platform", "row": 1}
    _, hours, days = engine.tell(burning, Query(), noon, **asked)
    assert (hours["policy"], hours["name"], hours["factor"], hours["min_bad"]) == ("batch-wide", "hours", 12.0, 2)
    assert (hours["long_rate"], hours["long_bad"], hours["short_rate"]) == (50 / 3, 1.0, 25.0)
    assert not hours["fires"]
    assert (days["name"], days["factor"], days["long_rate"]) == ("days", 7.5, pytest.approx(1 / 1009 / 0.02))
    assert days["short_rate"] == pytest.approx(1 / 5 / 0.02)
    engine.store.upsert([run("later", "p", noon - 0.5 * HOUR, "failed", 5)])
    burst, hours, _ = engine.tell(burning, Query(), noon, **asked)
    assert (hours["long_bad"], hours["short_bad"], hours["fires"]) == (2.0, 2.0, True)
    assert (burst["factor"], burst["min_bad"], burst["severity"], burst["fires"]) == (12.0, 3, "ticket", False)
    paged = Engine(engine.store, Platform(alerting=Alerting(paging=True)), load_targets())
    severities = [one["severity"] for one in paged.tell(burning, Query(), noon, **asked)]
    assert severities == ["page", "ticket", "ticket"]


def test_where_too_few_may_fail_events_are_counted(engine: Engine) -> None:
    """A daily run at 98 %: 0.6 failures in thirty days. The second within a week fires, until a day has gone well; half
    of the budget in eight days is 30 / 16 times the even pace."""
    days = [START - timedelta(days=back) for back in range(30)]
    engine.store.upsert(at(days[:1] + days[3:4], "failed") + at([*days[1:3], *days[4:]], "success"))
    asked: dict[str, Any] = {"kpi": RUNS, "profile": "associate_platform", "row": 1}
    for hours, fires in ((12, True), (25, False)):
        (told,) = engine.tell(burning, Query(), START + hours * HOUR, **asked)
        assert (told["policy"], told["min_bad"], told["factor"]) == ("event-count", 2, 1.875)
        assert (told["long_bad"], told["fires"]) == (2.0, fires)
