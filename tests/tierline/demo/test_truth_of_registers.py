"""The truth of registers, work and meters on worlds so small that every figure is worked out by hand here."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tierline.demo.findings import Alert
from tierline.demo.governance.cards import Card
from tierline.demo.governance.lineage import Link
from tierline.demo.model import Check, Dataset, Incident, Pipeline, Thing, Version
from tierline.demo.people.note import Note
from tierline.demo.people.survey import Answer
from tierline.demo.truth import TRUTHS, Question
from tierline.demo.truth.delivery import percentile
from tierline.demo.truth.people import business_days
from tierline.demo.work import Work
from tierline.demo.world import World

NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)
BORN = datetime(2026, 10, 1, tzinfo=UTC)
WEEK = date(2026, 11, 9), date(2026, 11, 15)
"""A Monday to a Sunday; Berlin's midnight is 23:00 UTC."""


def at(hour: int, minute: int = 0, day: int = 10) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.fixture
def empty() -> World:
    """A world in which nobody writes anything down, and nothing is there."""
    world = World(NOW, pipelines=1, datasets=0, days=60)
    catalog = world.catalog
    catalog.pipelines, catalog.datasets, catalog.connectors, catalog.tables, catalog.estate = [], [], [], [], []
    world.incidents, world.work, world.security, world.deployments = [], [], [], []
    world.known.notes, world.known.answers, world.known.links = [], [], []
    return world


def asked(world: World, kpi: str, **scope: Any) -> Any:
    return TRUTHS[kpi](Question(world, *WEEK, NOW, **scope))


def dataset(world: World, number: int, tier: int = 1, layer: str = "mart", **card: Any) -> Dataset:
    made = Dataset(f"w/{number}", "dataset", "web", [Version(BORN, tier, "growth")], number=number, layer=layer)
    world.catalog.datasets.append(made)
    world.known.cards[made.name] = [Card(BORN, **card)]
    return made


WHOLE: dict[str, Any] = {"description": "d", "owner": "growth", "tags": ("t",), "classification": "internal",
                         "retention": "1 year", "encrypted": True, "in_catalog": True}  # fmt: skip


def test_metadata_needs_all_of_it_and_an_edge(empty: World) -> None:
    for number, gap in enumerate(({}, {"tags": ()}, {"description": ""}, {})):
        dataset(empty, number, **{**WHOLE, **gap})
    empty.known.links = [Link("p", f"w/{number}", BORN) for number in range(3)]
    assert asked(empty, "metadata_completeness") == {"value": 0.25, "good": 1, "bad": 3}
    assert asked(empty, "ownership_coverage") == {"value": 0.75, "good": 3, "bad": 1}
    assert asked(empty, "catalog_coverage") == {"value": 0.75, "good": 3, "bad": 1}


def test_only_tier_0_and_what_is_regulated_has_to_comply(empty: World) -> None:
    dataset(empty, 0, 0, **WHOLE)
    dataset(empty, 1, 2, **{**WHOLE, "encrypted": False, "regulated": True})
    dataset(empty, 2, 2, **{**WHOLE, "encrypted": False})
    assert asked(empty, "policy_compliance") == {"value": 0.5, "good": 1, "bad": 1}


def test_lineage_is_asked_for_by_layer(empty: World) -> None:
    """Raw needs something downstream, a mart something upstream, core both; the link that was cut is gone."""
    for number, layer in enumerate(("raw", "core", "mart", "core")):
        dataset(empty, number, layer=layer)
    empty.known.links = [Link("w/0", "w/1", BORN), Link("w/1", "w/2", BORN), Link("w/3", "x", BORN, at(1))]
    assert asked(empty, "lineage_coverage") == {"value": 0.75, "good": 3, "bad": 1}


def test_a_newcomer_is_judged_by_its_card_a_week_later(empty: World) -> None:
    for number, day in enumerate((12, 19)):
        made = dataset(empty, number, first_seen=at(9))
        late = Card(at(9, day=day), in_catalog=True, registered_by="auto", first_seen=at(9))
        empty.known.cards[made.name].append(late)
    assert asked(empty, "catalog_adoption") == {"value": 0.5, "good": 1, "bad": 1}


def test_new_pipelines_and_shared_modules(empty: World) -> None:
    for number, template in enumerate(("batch-load", None)):
        made = Pipeline(f"p/{number}", "pipeline", "web", [Version(BORN, 1, "growth")])
        empty.catalog.pipelines.append(made)
        card = Card(BORN, template=template, components=("retry-kit",) if template else (), first_seen=at(9))
        empty.known.cards[made.name] = [card]
    empty.known.notes = [
        note("component_use", "1", at(1), team="growth"), note("component_use", "2", at(1), team="logistics"),
        note("component_use", "3", at(1), team="finance-data", done=at(2)),
    ]  # fmt: skip
    assert asked(empty, "paved_road_adoption") == {"value": 0.5, "good": 1, "bad": 1}
    assert asked(empty, "component_reuse") == {"value": 2.0, "sum": 2}
    assert asked(empty, "component_reuse", tier=1) == {"value": 1.0, "sum": 1}


def test_tested_is_said_or_seen_in_the_last_28_days(empty: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [dataset(empty, 0, tested=True), dataset(empty, 1), dataset(empty, 2), dataset(empty, 3, tier=2)]
    pipe = Pipeline("p", "pipeline", "web", [Version(BORN, 0, "growth")])
    empty.catalog.pipelines, empty.known.cards["p"] = [pipe], [Card(BORN)]
    told = [
        Check(made[1], "not_null_1", "fail", at(5), "error"),
        Check(made[2], "not_null_2", "skipped", at(5), "error"),
    ]
    monkeypatch.setattr(Question, "checks", lambda self: told)
    assert asked(empty, "automated_test_coverage") == {"value": 0.5, "good": 2, "bad": 2}


def note(kind: str, key: str, when: datetime, **more: Any) -> Note:
    return Note(kind, key, when, team=more.pop("team", "growth"), **more)


def test_what_is_written_down(empty: World) -> None:
    empty.known.notes = [
        note("toil", "1", at(15), quantity=6.0), note("toil", "2", at(15), quantity=1.0, team="core-data"),
        note("session", "1", at(12)), note("session", "2", at(13), quantity=3.0),
        note("team_enabled", "1", at(8), done=at(12)), note("team_enabled", "2", at(8), done=at(13)),
        note("automation_step", "1", at(8), subject="a", done=at(7)), note("automation_step", "2", at(9), subject="a"),
        note("automation_step", "3", at(8), subject="b", done=at(7)),
        note("milestone", "1", at(1), planned=at(2), done=at(1, day=20)), note("milestone", "2", at(1), planned=at(2)),
        note("initiative", "1", at(1), started=at(9), reviewed=at(9), tier=0),
        note("initiative", "2", at(1), started=at(9), reviewed=at(10), tier=0),
        note("initiative", "3", at(1), started=at(9), tier=1),
        note("document", "1", at(1), subject="a", updated=at(1), important=True),
        note("document", "2", at(1) - timedelta(days=200), subject="b", updated=at(1), important=True),
        note("document", "3", at(1), subject="c", updated=at(1), important=False),
    ]  # fmt: skip
    assert asked(empty, "toil_hours") == {"value": 7.0, "sum": 7.0}
    assert asked(empty, "toil_hours", team="growth") == {"value": 6.0, "sum": 6.0}
    assert asked(empty, "enablement_output") == {"value": 4.0, "sum": 4.0}
    assert asked(empty, "teams_enabled") == {"value": 1.0, "sum": 1}
    assert asked(empty, "automation_coverage") == {"value": 0.5, "good": 1, "bad": 1}
    assert asked(empty, "learning_progression") == {"value": 0.0, "good": 0, "bad": 2}
    assert asked(empty, "architecture_review_rate") == {"value": 0.5, "good": 1, "bad": 1}
    assert asked(empty, "documentation_freshness") == {"value": 0.5, "good": 1, "bad": 1}


def test_answers_on_5_are_doubled_and_those_of_nps_stay_apart(empty: World) -> None:
    told = (("10", 6.0), ("5", 5.0), ("nps", 1.0))
    empty.known.answers = [Answer(scale, at(9), score, scale, "analysts") for scale, score in told]
    assert asked(empty, "stakeholder_satisfaction") == {"value": 8.0, "n": 2, "mean": 8.0}
    assert asked(empty, "stakeholder_satisfaction", team="growth") == {"value": None}


def test_business_days_leave_the_weekend_out() -> None:
    assert business_days(at(15, day=13), at(9, day=16)) == pytest.approx(0.75)


def item(kind: str, number: int, *closings: tuple[datetime, datetime | None], **more: Any) -> Work:
    told: dict[str, Any] = {"opened": at(8), "started": at(9), "outcome": "done", "priority": "High", "points": 1,
                            "due": None, **more}  # fmt: skip
    return Work(number, kind, "t", "growth", closings=closings, **told)


def test_work_that_was_done_again_ends_with_its_last_closing(empty: World) -> None:
    again = ((at(12), at(13)), (at(9, day=12), None))
    empty.work = [
        item("scoped", 1, *again), item("scoped", 2, (at(9, day=11), None), points=8),
        item("access_request", 3, (at(20), None)), item("access_request", 4, (at(20), None), outcome="refused"),
    ]  # fmt: skip
    assert asked(empty, "ticket_cycle_time")["value"] == 2.0
    assert asked(empty, "access_request_cycle_time")["value"] == 0.5


def test_promises_are_judged_once_they_fall_due(empty: World) -> None:
    due = at(12)
    empty.work = [
        item("support", 1, (at(11), None), due=due), item("support", 2, (at(13), None), due=due),
        item("support", 3, due=due), item("support", 4, due=due, priority="Low"), item("support", 5),
        item("action", 6, (at(11), None), due=due), item("action", 7, (at(11), None), due=due, outcome="withdrawn"),
        item("action", 8, due=due),
    ]  # fmt: skip
    assert asked(empty, "support_sla_adherence") == {"value": 1 / 3, "good": 1, "bad": 2}
    assert asked(empty, "postmortem_action_completion") == {"value": 0.5, "good": 1, "bad": 1}


def test_severe_findings_that_were_open(empty: World) -> None:
    empty.work = [item("finding", 1, severity="high"), item("finding", 2, severity="low")]
    empty.security = [
        Alert("growth", 1, "t", "critical", BORN, None), Alert("growth", 2, "t", "high", BORN, at(1, day=3)),
        Alert("growth", 3, "t", "high", at(1, day=18), None),
    ]  # fmt: skip
    assert asked(empty, "audit_findings") == {"value": 2.0, "sum": 2}


def test_defects_that_leak(empty: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made, day = dataset(empty, 1), timedelta(days=1)
    told = [Check(made, "not_null_1", word, at(5, day=9) + place * day, "error")
            for place, word in enumerate(("fail", "skipped", "error", "pass", "warn"))]  # fmt: skip
    monkeypatch.setattr(Question, "checks", lambda self: told)
    thing = Thing("t", "dataset", "web", [Version(BORN, 1, "growth")])
    wrong = Incident(1, "t", "c", at(5), at(6), at(6), [(at(5), at(7))], 2, "correctness", "consumer", [thing])
    empty.incidents = [wrong]
    assert asked(empty, "defect_leakage") == {"value": 1 / 3, "good": 2, "bad": 1}
    assert asked(empty, "dq_incident_rate")["value"] == pytest.approx(4 * 30 / 7)
    assert asked(empty, "dq_slo_attainment") == {"value": 0.0, "good": 0, "bad": 1}


def test_the_percentile_of_buckets_takes_no_part_of_one() -> None:
    """Of 100 values the rank is 94.05: 94 don't exceed it, 95 do."""
    assert percentile(Counter({0: 94, 10: 6}), 0.95)["value"] == pytest.approx(2 * 1.02**10 / 2.02)
    assert percentile(Counter({0: 95, 10: 5}), 0.95)["value"] == pytest.approx(2 / 2.02)
    assert percentile(Counter(), 0.95) == {"value": None, "n": 0}
