"""Which assets an incident was about and when it began, where nobody tells: worked out by hand for one service, its
team's two pipelines and a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from slo.engine import Engine
from slo.facts import INFERRED, Incident
from slo.incidents.unmapped import unmapped
from slo.interchange import parse
from slo.platform import Platform, SourceInfo
from slo.results import Query
from slo.store import Store
from slo.view import View

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAGED = datetime(2026, 11, 18, 6, tzinfo=UTC)
"""When the pager went off: a Wednesday, 06:00."""
TELLS = {"incident": ("detected_at", "resolved_at"), "asset": (), "run": (), "check_result": (), "dataset_update": ()}
PLATFORM = Platform(
    sources=(
        SourceInfo("pager", TELLS, derives=("incident.assets", "incident.started_at")),
        SourceInfo("airflow", TELLS), SourceInfo("dbt", TELLS),
        SourceInfo(INFERRED, {"incident": ("assets", "started_at")}),
    )
)  # fmt: skip
ORDERS, STOCK, TABLE, ELSEWHERE = "air/load_orders", "air/load_stock", "dwh/shop.orders", "air/load_web"
SERVICE = "pager/Loads"


def at(text: str) -> datetime:
    """A time of the day of the page, or of the one before: "05:40", "-1 23:10"."""
    days, _, clock = text.rpartition(" ")
    hours, minutes = clock.split(":")
    return PAGED.replace(hour=int(hours), minute=int(minutes)) + timedelta(days=int(days or 0))


@pytest.fixture
def engine(store: Store) -> Engine:
    """The service and its team's assets, known for a long time; another team's pipeline beside them."""
    for name, kind, team in ((SERVICE, "service", "core"), (ORDERS, "pipeline", "core"), (STOCK, "pipeline", "core"),
                             (TABLE, "dataset", "core"), (ELSEWHERE, "pipeline", "web")):  # fmt: skip
        tell(store, "asset", name, name.split("/")[0], asset=name, kind=kind, team=team, tier=1)
    return Engine(store, PLATFORM)


def tell(store: Store, fact: str, key: str, source: str = "pager", /, **fields: Any) -> None:
    wire = {name.rstrip("_"): value for name, value in fields.items()}
    store.upsert([parse({"fact": fact, "source": source, "id": key, **wire})])


def run(store: Store, asset: str, ended: str, state: str, minutes: int = 10, **more: Any) -> None:
    """A run that ended then; one that was missed has its slot then."""
    times = {"due_at": at(ended)} if state == "missed" else {
        "started_at": at(ended) - timedelta(minutes=minutes), "ended_at": at(ended)
    }  # fmt: skip
    tell(store, "run", f"{asset} {ended}", "airflow", asset=asset, state=state, trigger="schedule", **times, **more)


def check(store: Store, when: str, outcome: str, name: str = "not_null", **more: Any) -> None:
    tell(store, "check_result", f"{name} {when}", "dbt", asset=TABLE, check=name, outcome=outcome, at=at(when), **more)


def page(store: Store, key: str = "P1", **fields: Any) -> None:
    told = {"assets": [SERVICE], "detected_at": PAGED, "resolved_at": PAGED + timedelta(hours=1), **fields}
    tell(store, "incident", key, **told)


def derived(engine: Engine, key: str = "P1") -> Incident:
    engine.refresh(NOW)
    found = engine.store.read("incident", {"id": key})[0]
    assert isinstance(found, Incident)
    return found


def reason(engine: Engine) -> str | None:
    found = [fact for fact in engine.store.read("correction") if fact.id == "incidents/pager/P1"]
    return found[0].reason if found else None  # type: ignore[attr-defined]


def test_the_failing_run_of_the_service_s_team_is_what_it_was_about(engine: Engine) -> None:
    run(engine.store, ORDERS, "05:40", "failed")
    run(engine.store, ELSEWHERE, "05:50", "failed")  # another team's
    page(engine.store)
    found = derived(engine)
    assert (found.assets, found.started_at) == ([ORDERS], at("05:40"))
    assert reason(engine) == (
        "derived: air/load_orders had a failed run at 2026-11-18 05:40 UTC, and core owns the service; "
        "began with air/load_orders: failed run at 2026-11-18 05:40 UTC"
    )


def test_it_began_with_the_first_failure_of_the_row(engine: Engine) -> None:
    for ended, state in (("02:40", "success"), ("03:40", "failed"), ("04:40", "missed"), ("05:40", "failed")):
        run(engine.store, ORDERS, ended, state)
    page(engine.store)
    assert derived(engine).started_at == at("03:40")


def test_what_was_good_again_when_the_pager_went_off_is_another_trouble(engine: Engine) -> None:
    run(engine.store, ORDERS, "04:50", "failed")
    run(engine.store, ORDERS, "05:50", "success")
    page(engine.store)
    assert derived(engine).assets == [SERVICE]
    assert reason(engine) is None


@pytest.mark.parametrize(("ended", "found"), [("04:00", [ORDERS]), ("03:59", [SERVICE]),
                                              ("06:14", [ORDERS]), ("06:15", [SERVICE])])  # fmt: skip
def test_near_is_two_hours_before_to_a_quarter_after(engine: Engine, ended: str, found: list[str]) -> None:
    run(engine.store, ORDERS, ended, "failed", minutes=300)
    page(engine.store)
    assert derived(engine).assets == found


def test_a_failure_after_the_page_says_what_it_was_about_but_not_when_it_began(engine: Engine) -> None:
    run(engine.store, ORDERS, "06:05", "failed")
    page(engine.store)
    assert (derived(engine).assets, derived(engine).started_at) == ([ORDERS], None)


def test_a_failed_check_counts_as_a_run_does(engine: Engine) -> None:
    check(engine.store, "03:30", "pass")
    check(engine.store, "04:30", "error")
    check(engine.store, "05:30", "fail", severity="warning")
    check(engine.store, "05:20", "fail", "rows", severity="info")  # informs only
    page(engine.store)
    assert (derived(engine).assets, derived(engine).started_at) == ([TABLE], at("04:30"))


def test_the_title_chooses_among_what_failed(engine: Engine) -> None:
    run(engine.store, ORDERS, "05:40", "failed")
    run(engine.store, STOCK, "05:45", "failed")
    page(engine.store)
    page(engine.store, "P2", title="load_stock: task failed")
    assert derived(engine).assets == [ORDERS, STOCK]
    assert derived(engine, "P2").assets == [STOCK]


def test_a_told_asset_and_a_told_start_are_never_overruled(engine: Engine) -> None:
    run(engine.store, ORDERS, "05:40", "failed")
    page(engine.store, assets=[STOCK], started_at=at("05:10"))
    assert (derived(engine).assets, derived(engine).started_at) == ([STOCK], at("05:10"))
    assert reason(engine) is None


def test_the_start_of_a_told_asset_is_derived_alone(engine: Engine) -> None:
    run(engine.store, STOCK, "-1 23:10", "failed")
    page(engine.store, assets=[STOCK])
    assert (derived(engine).assets, derived(engine).started_at) == ([STOCK], at("-1 23:10"))


@pytest.mark.parametrize(("ended", "start"), [("-1 06:00", "-1 06:00"), ("-1 05:59", None)])
def test_what_had_failed_for_more_than_a_day_is_no_start(engine: Engine, ended: str, start: str | None) -> None:
    run(engine.store, STOCK, ended, "failed")
    page(engine.store, assets=[STOCK])
    assert derived(engine).started_at == (at(start) if start else None)


def test_a_slot_that_no_run_met_is_a_start(engine: Engine) -> None:
    tell(engine.store, "asset", "plan", "airflow", asset=STOCK, schedule="0 */2 * * *", valid_from=at("-1 00:00"))
    tell(engine.store, "coverage", "seen", "airflow", kinds=["run"], start=at("-1 00:00"), end=NOW)
    for hour in (*range(6, 24, 2), 0, 2):  # 06:00 the day before to 02:00: then 04:00 is missed
        due = at(f"{'-1 ' if hour >= 6 else ''}{hour}:00")
        tell(engine.store, "run", f"{due}", "airflow", asset=STOCK, state="success", trigger="schedule",
             due_at=due, started_at=due, ended_at=due + timedelta(minutes=10))  # fmt: skip
    page(engine.store, assets=[STOCK])
    assert derived(engine).started_at == at("04:00")


def test_the_start_of_staleness_is_a_start(engine: Engine) -> None:
    tell(engine.store, "asset", "rule", "dbt", asset=TABLE, freshness={"max_age_seconds": 7200},
         valid_from=at("-1 00:00"))  # fmt: skip
    tell(engine.store, "coverage", "seen", "dbt", kinds=["dataset_update"], start=at("-1 00:00"), end=NOW)
    for when in ("-1 20:00", "-1 22:00", "00:00", "02:00", "03:15"):
        tell(engine.store, "dataset_update", when, "dbt", asset=TABLE, at=at(when))
    page(engine.store, assets=[TABLE])
    assert derived(engine).started_at == at("05:15")  # the newest data is two hours old then


def test_a_reopened_incident_s_first_stretch_begins_with_it(engine: Engine) -> None:
    run(engine.store, ORDERS, "05:40", "failed")
    spans = [[at("06:00"), at("06:30")], [at("08:00"), at("08:20")]]
    page(engine.store, spans=spans, resolved_at=at("08:20"))
    assert derived(engine).spans == [[at("05:40"), at("06:30")], [at("08:00"), at("08:20")]]


def test_a_person_s_correction_wins(engine: Engine) -> None:
    run(engine.store, ORDERS, "05:40", "failed")
    run(engine.store, STOCK, "05:20", "failed")
    page(engine.store)
    tell(engine.store, "correction", "c1", "decisions", target_fact="incident", target_source="pager", target_id="P1",
         set={"assets": [STOCK]}, reason="it was the stock")  # fmt: skip
    assert (derived(engine).assets, derived(engine).started_at) == ([STOCK], at("05:20"))


def test_where_nothing_failed_the_map_s_assets_stand_for_the_service(engine: Engine) -> None:
    tell(engine.store, "asset", SERVICE, "pager", asset=SERVICE, kind="service", team="core", tier=1,
         components=["dwh/shop.*", "dwh/crm.people"])  # fmt: skip
    page(engine.store)
    assert derived(engine).assets == ["dwh/crm.people", TABLE]
    assert reason(engine) == "derived: pager/Loads stands for them"


def test_what_comes_later_is_heard_of_and_what_goes_is_taken_back(engine: Engine) -> None:
    page(engine.store)
    assert derived(engine).assets == [SERVICE]
    run(engine.store, ORDERS, "05:40", "failed")
    assert derived(engine).assets == [ORDERS]
    tell(engine.store, "run", f"{ORDERS} 05:40", "airflow", deleted=True)
    assert (derived(engine).assets, derived(engine).started_at) == ([SERVICE], None)


def test_what_nothing_has_reached_keeps_what_was_inferred(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    run(engine.store, ORDERS, "05:40", "failed")
    page(engine.store)
    assert derived(engine).assets == [ORDERS]
    engine.refresh(NOW)  # hears of its own correction, which is a change of the incident
    monkeypatch.setattr("slo.derive.incidents._inferred", lambda *_: pytest.fail("worked out again"))
    run(engine.store, ORDERS, "2 06:00", "success")
    assert derived(engine).assets == [ORDERS]


def test_a_table_that_inherits_its_team_is_found_at_once(engine: Engine) -> None:
    tell(engine.store, "asset", "dwh/new", "dbt", asset="dwh/new", kind="dataset")
    tell(engine.store, "edge", "e", "dbt", upstream=ORDERS, downstream="dwh/new")
    tell(engine.store, "check_result", "c", "dbt", asset="dwh/new", check="rows", outcome="fail", at=at("05:50"))
    page(engine.store)
    assert derived(engine).assets == ["dwh/new"]


def test_what_was_collected_in_the_running_minute_is_known(store: Store) -> None:
    """Figures are of the whole minute, and a change is heard of once."""
    engine, now = Engine(store, PLATFORM), PAGED + timedelta(seconds=50)
    for name, kind in ((SERVICE, "service"), (ORDERS, "pipeline")):
        tell(store, "asset", name, name.split("/")[0], asset=name, kind=kind, team="core",
             valid_from=PAGED + timedelta(seconds=40))  # fmt: skip
    run(store, ORDERS, "05:40", "failed")
    page(store, detected_at=PAGED + timedelta(seconds=30), resolved_at=None)
    engine.refresh(now)
    assert store.read("incident")[0].assets == [ORDERS]  # type: ignore[attr-defined]


def test_nothing_is_inferred_of_a_source_that_does_not_say_so(engine: Engine) -> None:
    run(engine.store, ORDERS, "05:40", "failed")
    tell(engine.store, "incident", "J1", "jira", detected_at=PAGED, assets=[SERVICE])
    assert (derived(engine, "J1").assets, derived(engine, "J1").started_at) == ([SERVICE], None)


def test_mttd_says_how_the_starts_are_known(engine: Engine) -> None:
    run(engine.store, ORDERS, "05:40", "failed")
    page(engine.store)
    page(engine.store, "P2", assets=[STOCK], started_at=at("05:50"))
    page(engine.store, "P3", assets=[STOCK])
    page(engine.store, "P4", assets=[STOCK], duplicate_of="P3")
    derived(engine)
    shown = engine.show("mttd", Query("28d"), NOW)
    assert (shown["value"], shown["n"], shown["starts"]) == (900.0, 2, {"told": 1, "derived": 1, "none": 1})
    assert "1 of 2 starts are derived, not told" in shown["caveats"]
    lines = {line["id"]: line["reason"] for line in engine.explain("mttd", Query("28d"), NOW)["facts"]}
    assert lines == {"P1": "start derived", "P2": ""}


def test_what_remains_is_listed_by_service_with_what_failed_around_it(engine: Engine) -> None:
    tell(engine.store, "asset", "pager/New", asset="pager/New", kind="service")
    run(engine.store, ELSEWHERE, "05:40", "failed")
    page(engine.store, "P2", assets=["pager/New"])
    page(engine.store, "P3", assets=["pager/New"], detected_at=PAGED - timedelta(days=3), resolved_at=None)
    page(engine.store, "P4", assets=["pager/New"], duplicate_of="P3")
    page(engine.store)  # the service has a team and a tier
    engine.refresh(NOW)
    (one,) = unmapped(View(engine.store, PLATFORM, NOW))
    assert (one.service, one.incidents, one.ids) == ("pager/New", 2, ("P2", "P3"))
    assert (one.first, one.last) == (PAGED - timedelta(days=3), PAGED)
    assert (one.team, one.tier, one.assets) == ("web", 1, ((ELSEWHERE, 1),))
    assert one.reason == "air/load_web failed around 1 of 2; most of what failed is web's"
