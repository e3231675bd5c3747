"""As felt, ours and the cause, from told facts to the numbers: worked out by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from slo.engine import Engine, Query
from slo.facts import INFERRED, Fact
from slo.platform import Platform, SourceInfo
from slo.store import Store
from slo.targets import load_targets
from tests.seeds import seeds
from tests.slo.tellings import ASSETS, HOUR, START, World, fact, run

PLATFORM = Platform(sources=(SourceInfo("airflow", {"run": ()}), SourceInfo(INFERRED, {})))
AT = START + timedelta(days=2)
WEEK = Query(window="2026-W45")


@pytest.fixture
def engine(store: Store) -> Engine:
    return Engine(store, PLATFORM, load_targets())


def chain() -> list[Fact]:
    """a -> b -> c; a failed at 02:10, so b at 03:10 and c at 04:10. Ten good runs of c the day after."""
    edges = [fact("edge", f"{up}{down}", upstream=up, downstream=down) for up, down in ("ab", "bc")]
    failed = [run(f"{name}1", name, START + hour * HOUR, "failed") for name, hour in (("a", 2), ("b", 3), ("c", 4))]
    good = [run(f"good{hour}", "c", START + timedelta(days=1, hours=hour)) for hour in range(10)]
    return [*edges, *failed, *good]


def domains(asset: str, **more: Any) -> Fact:
    return fact("asset", f"{asset}@", asset=asset, kind="pipeline", **{"accountability": "domain", **more})


def shown(engine: Engine, *facts: Fact) -> dict[str, Any]:
    engine.store.upsert(list(facts))
    return engine.show("pipeline_success_rate", WEEK, AT)


def counted(result: dict[str, Any], way: str) -> tuple[int, int]:
    return result[way]["good"], result[way]["bad"]


def test_without_blame_all_three_readings_are_one(engine: Engine) -> None:
    result = shown(engine, *chain())
    assert (result["good"], result["bad"]) == counted(result, "as_felt") == counted(result, "ours") == (10, 3)
    assert result["ours"]["others"] == []


def test_responsible_follows_the_root(engine: Engine) -> None:
    result = shown(engine, *chain(), domains("a"))
    assert (result["good"], result["bad"], result["value"]) == (10, 3, 10 / 13)
    assert counted(result, "ours") == (10, 0)
    assert result["ours"]["value"] == 1.0
    assert result["ours"]["others"] == [{"responsible": "domain", "good": 0, "bad": 3}]
    corrections = {fact.target_id: fact for fact in engine.store.read("correction")}
    assert {key: fact.set for key, fact in corrections.items()} == {
        "b1": {"responsible": "domain"}, "c1": {"responsible": "domain"},
    }  # fmt: skip
    assert corrections["c1"].reason == "derived: a failed at 2026-11-02 02:10 UTC"


def test_a_domains_own_failure_behind_ours_is_ours(engine: Engine) -> None:
    """c is the domain's; it failed because the platform's a did. Its good runs stay the domain's."""
    result = shown(engine, *chain(), domains("c"))
    assert counted(result, "ours") == (0, 3)
    assert result["ours"]["others"] == [{"responsible": "domain", "good": 10, "bad": 0}]


def test_what_is_told_wins(engine: Engine) -> None:
    told = chain()
    told[4] = run("c1", "c", START + 4 * HOUR, "failed", responsible="platform")
    result = shown(engine, *told, domains("a"))
    assert counted(result, "ours") == (10, 1)
    assert result["ours"]["others"] == [{"responsible": "domain", "good": 0, "bad": 2}]


def test_a_vendors_outage_felt_and_ours(engine: Engine) -> None:
    """a is excluded for the vendor: felt 3 bad, the value has the 2 behind it, ours none."""
    outage = fact("exclusion", "x", assets="a", start=START, end=START + 3 * HOUR, reason="vendor")
    result = shown(engine, *chain(), outage)
    assert (result["good"], result["bad"], result["excluded"]) == (10, 2, 1)
    assert counted(result, "as_felt") == (10, 3)
    assert counted(result, "ours") == (10, 0)
    assert result["ours"]["others"] == [{"responsible": "vendor", "good": 0, "bad": 2}]
    assert result["excluded_share"] == {"share": 1 / 13, "cap": 0.05, "reasons": {"vendor": 1 / 13}}
    assert "7.69 % of events are excluded by decision, more than the cap of 5 %" in result["caveats"]


def test_a_vendors_asset_is_known_by_its_tag(engine: Engine) -> None:
    result = shown(engine, *chain(), domains("a", accountability=None, tags=["vendor"]))
    assert result["ours"]["others"] == [{"responsible": "vendor", "good": 0, "bad": 3}]


def test_it_is_taken_back_with_what_it_rests_on(engine: Engine) -> None:
    assert counted(shown(engine, *chain(), domains("a")), "ours") == (10, 0)
    again = shown(engine, domains("a", accountability="platform", revised_at=AT))
    assert counted(again, "ours") == (10, 3)
    assert engine.store.read("correction") == []


def test_it_adds_up_over_days_and_scopes(engine: Engine) -> None:
    week = shown(engine, *chain(), domains("a"))
    days = [engine.show("pipeline_success_rate", Query(window=f"2026-11-0{day}"), AT) for day in (2, 3)]
    assert counted(week, "ours") == tuple(sum(counted(day, "ours")[side] for day in days) for side in (0, 1))
    parts = [engine.show("pipeline_success_rate", Query(window="2026-W45", asset=name), AT) for name in "abc"]
    assert sum(counted(part, "ours")[1] for part in parts) == 0
    assert sum(part["ours"]["others"][0]["bad"] for part in parts) == 3


def test_nothing_is_inferred_of_imports_alone(store: Store) -> None:
    plain = Engine(store, Platform(), load_targets())
    result = shown(plain, *chain(), domains("a"))
    assert store.read("correction") == []
    assert result["ours"]["others"] == [{"responsible": "domain", "good": 0, "bad": 1}]  # a itself, as it is told


def test_explain_names_the_cause_and_who_answers(engine: Engine) -> None:
    engine.store.upsert([*chain(), domains("a")])
    told = engine.explain("pipeline_success_rate", WEEK, AT)
    bad = {line["id"]: line for line in told["facts"] if line["verdict"] == "bad"}
    assert bad["a1"]["cause"] is None
    assert bad["c1"]["cause"] == {
        "asset": "a", "at": "2026-11-02T02:10:00+00:00", "what": "failed", "responsible": "domain",
        "source": "import", "fact": "a1", "url": None,
    }  # fmt: skip
    assert bad["c1"]["responsible"] == "domain"
    assert bad["c1"]["corrected"] == {"responsible": "None"}
    assert bad["c1"]["corrections"] == [
        {"set": {"responsible": "domain"}, "reason": "derived: a failed at 2026-11-02 02:10 UTC", "by": None,
         "ref": None, "told_by": INFERRED},
    ]  # fmt: skip


def test_a_slot_that_nobody_met_and_a_late_dataset_have_their_cause(engine: Engine) -> None:
    """a never ran at 02:00, so the table that it fills was stale from 06:00, eight hours after its last landing."""
    schedule = fact("asset", "a@", asset="a", schedule="0 2 * * *", valid_from=START, accountability="domain")
    table = fact("asset", "t@", asset="t", valid_from=START - timedelta(days=1), freshness={"max_age_seconds": 28_800})
    landed = fact("dataset_update", "t1", asset="t", at=START - 2 * HOUR)
    edge = fact("edge", "at", upstream="a", downstream="t")
    engine.store.upsert([schedule, table, landed, edge])
    at = START + 10 * HOUR
    told = engine.explain("freshness_slo_attainment", Query(window="2026-11-02"), at)
    bad = [line for line in told["facts"] if line["verdict"] == "bad"]
    assert [(line["at"], line["value"]) for line in bad] == [("2026-11-02T06:00:00+00:00", 14_400.0)]
    assert bad[0]["cause"] == {
        "asset": "a", "at": "2026-11-02T02:00:00+00:00", "what": "missed", "responsible": "domain", "source": None,
        "fact": None, "url": None,
    }  # fmt: skip


def test_an_incident_on_what_fails_because_of_another_is_that_others(engine: Engine) -> None:
    opened = START + timedelta(hours=4, minutes=20)
    incident = fact("incident", "i1", assets=["c"], started_at=opened, cause="late feed")
    engine.store.upsert([*chain(), domains("a"), incident])
    result = engine.show("incident_recurrence_rate", WEEK, AT)
    assert engine.store.read("incident")[0].responsible == "domain"
    assert (result["good"], result["ours"]["good"]) == (1, 0)


def edges() -> list[Fact]:
    """crm/people feeds shop/orders, that feeds shop/lines, and a circle back."""
    people, orders, lines = ASSETS[2], ASSETS[0], ASSETS[1]
    pairs = [(people, orders), (orders, lines), (lines, people)]
    return [fact("edge", f"e{number}", upstream=up, downstream=down) for number, (up, down) in enumerate(pairs)]


@pytest.mark.parametrize("seed", seeds(4, 1, 3))
def test_told_bit_by_bit_or_at_once_ours_is_the_same(place: Any, seed: int) -> None:
    facts = [*edges(), *World(seed).facts(90)]
    found = []
    for parts in (3, 1):
        with Store(place.fresh()) as store:
            engine = Engine(store, PLATFORM, load_targets())
            for part in range(parts):
                size = -(-len(facts) // parts)
                store.upsert(facts[part * size : (part + 1) * size])
                engine.refresh(START + timedelta(days=13))
            kpis = ["pipeline_success_rate", "incident_recurrence_rate"]
            shown = engine.show_all(kpis, WEEK, START + timedelta(days=13))
            told = store.read("correction", {"source": INFERRED})
            inferred = sorted((one.target_id, str(one.set), one.reason) for one in told)
            found.append(([(one["ours"], one["as_felt"]) for one in shown], inferred))
    assert found[0] == found[1]
