"""The incidents of one October, worked out by hand; what the story lists is what the KPIs count."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from slo.engine import Engine, Query
from slo.facts import Fact
from slo.interchange import parse
from slo.platform import Platform
from slo.store import Store
from slo.stories.incident import incident
from slo.stories.incidents import incidents
from tests.slo.tellings import fact, run

NOW = datetime(2026, 10, 31, 12, tzinfo=UTC)
OCTOBER = Query(window="2026-10")


def at(day: int, hour: int = 0, minute: int = 0, month: int = 10) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def told(key: str, started: datetime | None, **more: Any) -> Fact:
    return fact("incident", key, **{"started_at": started, "title": key.upper(), "assets": ["shop/orders"], **more})


@pytest.fixture
def engine(store: Store) -> Engine:
    """Two assets of two teams. a: 2 h, detected after 10 min. b: the same cause 20 days later, 1 h. c: open since the
    30th at 12:00. d: a duplicate of b. e: staging. f: nobody's. g: the crm's, started in September, 26 h."""
    store.upsert([
        fact("asset", "o", asset="shop/orders", kind="pipeline", team="sales", tier=1, valid_from=at(1, month=1)),
        fact("asset", "l", asset="shop/lines", kind="pipeline", team="sales", tier=1, valid_from=at(1, month=1)),
        fact("asset", "p", asset="crm/people", kind="dataset", team="crm", tier=2, valid_from=at(1, month=1)),
        fact("asset", "s", asset="shop/try", kind="pipeline", team="sales", environment="staging",
             valid_from=at(1, month=1)),
        told("a", at(2, 8), detected_at=at(2, 8, 10), acknowledged_at=at(2, 8, 25), resolved_at=at(2, 10),
             cause="schema", assets=["shop/orders", "shop/lines"], severity=2),
        told("b", at(22, 8), detected_at=at(22, 8, 30), resolved_at=at(22, 9), cause="schema"),
        told("c", at(30, 12), detected_at=at(30, 13), cause="disk"),
        told("d", at(22, 8, 5), duplicate_of="b"),
        told("e", at(5), resolved_at=at(6), assets=["shop/try"]),
        told("f", at(7), resolved_at=at(7, 3), assets=[]),
        told("g", at(30, 23, month=9), resolved_at=at(2, 1), assets=["crm/people"]),
    ])  # fmt: skip
    return Engine(store, Platform())


def ids(lines: list[dict[str, Any]]) -> list[str]:
    return [line["id"] for line in lines]


def test_a_month_told_in_full(engine: Engine) -> None:
    told = engine.tell(incidents, OCTOBER, NOW)
    assert [(line["id"], line["age"]) for line in told["open"]] == [("c", 24 * 3600.0)]
    hours = [(line["id"], line["seconds"] / 3600) for line in told["restored"]]
    assert hours == [("b", 1), ("f", 3), ("a", 2), ("g", 26)]
    assert ids(told["timeline"]) == ["g", "a", "f", "b", "c"]
    first = next(line for line in told["timeline"] if line["id"] == "a")
    assert (first["detect"], first["acknowledge"], first["tier"], first["teams"], first["start"]) == (
        600.0, 900.0, 1, ["sales"], "told",
    )  # fmt: skip
    assert (told["listed"], told["total"], told["watched"]) == (5, 5, 1.0)
    assert [(line["id"], line["service"]) for line in told["unmapped"]] == [("f", None)]
    assert [(one["main"]["id"], ids(one["folded"])) for one in told["duplicates"]] == [("b", ["d"])]
    assert [(one["cause"], one["recurred"], ids(one["incidents"])) for one in told["repeats"]] == [
        ("schema", 1, ["a", "b"])
    ]


def test_it_agrees_with_the_kpis_in_every_scope(engine: Engine) -> None:
    engine.refresh(NOW)
    for scope in ({}, {"team": "sales"}, {"team": "crm"}, {"tier": 1}, {"asset": "shop/lines"}):
        query = Query(window="2026-10", **scope)
        told = engine.tell(incidents, query, NOW, refresh=False)
        mttr = engine.show("mttr", query, NOW, refresh=False)
        mttd = engine.show("mttd", query, NOW, refresh=False)
        again = engine.show("incident_recurrence_rate", query, NOW, refresh=False)
        counted = [line["seconds"] for line in told["restored"] if line["seconds"] is not None]
        assert (len(counted), len(told["open"])) == (mttr["n"], mttr["open"])
        assert max((line["age"] for line in told["open"]), default=None) == mttr["oldest_open"]
        assert (sum(counted) / len(counted) if counted else None) == mttr["value"]
        detected = [line["detect"] for line in told["timeline"] if line["detect"] is not None]
        assert (sum(detected) / len(detected) if detected else None) == mttd["value"]
        assert sum(one["recurred"] for one in told["repeats"]) == again["bad"]


def test_an_earlier_month_is_told_as_it_ended(engine: Engine) -> None:
    """g was open when September ended, an hour old."""
    told = engine.tell(incidents, Query(window="2026-09"), NOW)
    assert [(line["id"], line["age"]) for line in told["open"]] == [("g", 3600.0)]
    assert (told["restored"], told["end"]) == ([], at(1))
    assert engine.show("mttr", Query(window="2026-09"), NOW)["oldest_open"] == 3600.0


def test_unmapped_ones_are_told_of_the_whole_platform_alone(engine: Engine) -> None:
    assert engine.tell(incidents, Query(window="2026-10", team="sales"), NOW)["unmapped"] == []


def test_nobody_ever_watched_is_not_quiet(store: Store) -> None:
    nothing = Engine(store, Platform()).tell(incidents, OCTOBER, NOW)
    assert (nothing["watched"], nothing["timeline"]) == (None, [])


def test_a_watch_with_a_gap_says_its_share(store: Store) -> None:
    """Watched for the first ten of thirty days and a half."""
    store.upsert([fact("coverage", "w", kinds=["incident"], start=at(1), end=at(11)), told("x", at(3))])
    told_of = Engine(store, Platform()).tell(incidents, OCTOBER, NOW)
    assert told_of["watched"] == pytest.approx(10 / 30.5)


def test_one_incident_with_all_that_belongs_to_it(engine: Engine) -> None:
    """The load of the lines fails at 07:30 (its end), the orders at 08:00: their incident began with the lines."""
    engine.store.upsert([
        fact("edge", "e", upstream="shop/lines", downstream="shop/orders", seen_at=at(1, month=1)),
        run("r1", "shop/lines", at(22, 7, 20), "failed"), run("r2", "shop/orders", at(22, 7, 50), "failed"),
        fact("change", "c9", kind="deployment", at=at(22, 7), title="Faster <b>joins</b>", asset="shop/lines",
             state="succeeded"),
        fact("alert", "n1", rule="late", fired_at=at(22, 8, 20), incident="b", asset="shop/orders"),
        fact("alert", "n2", rule="late", fired_at=at(22, 8, 20), incident="a"),
        told("b", at(22, 8), detected_at=at(22, 8, 30), resolved_at=at(22, 9), cause="schema", change="c9",
             severity=4, steps={"severity set": True, "runbook followed": False}, revised_at=at(23)),
        fact("correction", "k", target_fact="incident", target_source="import", target_id="b", set={"severity": 2},
             reason="customers saw it", by="somebody@example.org", ref="REG-7", at=at(23)),
    ])  # fmt: skip
    told_of = engine.tell(incident, Query(), NOW, source="import", id="b")
    assert [(one["of"], one["asset"], one["what"], one["fact"]) for one in told_of["began"]] == [
        ("shop/orders", "shop/lines", "failed", "r1")
    ]
    assert (told_of["change"]["title"], told_of["change"]["at"]) == ("Faster <b>joins</b>", at(22, 7))
    assert ids(told_of["alerts"]) == ["n1"]
    assert (ids(told_of["folded"]), ids(told_of["earlier"])) == (["d"], ["a"])
    assert told_of["steps"] == {"severity set": True, "runbook followed": False}
    assert told_of["laid"] == [
        {"field": "severity", "told": 4, "reads": 2, "reason": "customers saw it", "ref": "REG-7", "inferred": False}
    ]
    assert "somebody" not in str(told_of)


def test_a_duplicate_names_its_main_one_and_counts_nothing(engine: Engine) -> None:
    told_of = engine.tell(incident, Query(), NOW, source="import", id="d")
    assert (told_of["main"], told_of["line"]) == (("import", "b"), None)
    assert engine.tell(incident, Query(), NOW, source="import", id="nowhere") is None


def test_an_incident_of_another_source_is_another(engine: Engine) -> None:
    engine.store.upsert([parse({"fact": "incident", "source": "other", "id": "a", "started_at": at(3), "title": "O"})])
    assert engine.tell(incident, Query(), NOW, source="other", id="a")["title"] == "O"
    assert engine.tell(incident, Query(), NOW, source="import", id="a")["title"] == "A"
