"""A promise about one asset, over a window that rolls or a year: a service's own objective."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from slo.alerting.policies import load_policies
from slo.alerting.slos import slos, told
from slo.engine import Engine, Query
from slo.platform import Alerting, Platform
from slo.store import Store
from slo.stories.budgets import budgets
from slo.stories.burning import burning
from slo.stories.promised import promised
from slo.targets import SHIPPED_TARGETS, load_targets
from slo.windows import days_of, last_whole
from tests.slo.tellings import fact

AS_OF = datetime(2026, 11, 10, 12, tzinfo=UTC)
KPI = "service_slo_compliance"
OWN = """
profile: services
targets:
  - {row: 1, kpi: service_slo_compliance, window: 30d, adopted: 2026-01-01, adopted_by: core,
     clauses: [{form: at_least, floor: 0.98, asset: prom/web}]}
  - {row: 2, kpi: service_slo_compliance, window: Y, adopted: 2026-01-01, adopted_by: core,
     clauses: [{form: at_least, floor: 0.98, asset: prom/api}]}
  - {row: 3, kpi: service_slo_compliance, window: M, clauses:
     [{form: at_least, floor: 0.8, asset: prom/api}, {form: at_least, floor: 0.9, asset: prom/db}]}
"""


@pytest.fixture
def engine(store: Store, tmp_path):
    """A day ago 990 of web's 1,000 requests and 70 of api's 100 were good; 40 days ago none of web's 500."""
    (tmp_path / "services.yaml").write_text(OWN, encoding="utf-8")
    readings = [("web", 1, 990, 1000), ("api", 1, 70, 100), ("web", 40, 0, 500)]
    store.upsert([
        fact("meter", f"{name}/{days}/{meter}", asset=f"prom/{name}", meter=meter, amount=amount,
             at=AS_OF - timedelta(days=days))
        for name, days, good, total in readings for meter, amount in (("good", good), ("total", total))
    ])  # fmt: skip
    return Engine(store, Platform(), load_targets(SHIPPED_TARGETS, tmp_path))


def entries(result):
    return {(one["profile"], one["row"]): one for one in result["targets"]}


def test_it_is_judged_by_its_asset_alone(engine):
    whole = engine.show(KPI, Query("30d"), AS_OF)
    assert whole["value"] == 1060 / 1100
    web, api = (entries(whole)["services", row] for row in (1, 2))
    assert (web["value"], web["status"], web["scope"]["asset"]) == (0.99, "met", "prom/web")
    assert (api["value"], api["status"], api["scope"]["asset"]) == (0.7, "missed", "prom/api")
    # 1,000 requests of which 2 % may fail: 20, and 10 did
    assert web["budget"]["allowed_events"] == 20
    assert web["budget"]["remaining"] == 0.5


def test_another_asset_does_not_show_it(engine):
    web = engine.show(KPI, Query("30d", asset="prom/web"), AS_OF)
    assert [key for key in entries(web) if key[0] == "services"] == [("services", 1)]


def test_the_budget_of_a_service_is_its_own(engine):
    found = {one["row"]: one for one in engine.tell(budgets, Query("30d"), AS_OF, kpi=KPI)}
    assert (found[1]["good"], found[1]["bad"]) == (990, 10)
    assert (found[2]["good"], found[2]["bad"]) == (70, 30)


def test_the_burn_of_a_service_is_its_own(engine):
    """A reading a day: events are counted, over the last week. Of all 40 were bad in it, 10 of web and 30 of api."""
    found = {row: engine.tell(burning, Query("30d"), AS_OF, kpi=KPI, profile="services", row=row) for row in (1, 2)}
    assert [[(one["policy"], one["long_bad"]) for one in found[row]] for row in (1, 2)] == [
        [("event-count", 10.0)], [("event-count", 30.0)],
    ]  # fmt: skip
    asked = Query("30d", asset="prom/web")
    assert engine.tell(burning, asked, AS_OF, kpi=KPI, profile="services", row=2) == []


def test_the_history_of_a_row_is_of_the_clause_that_speaks_of_the_asset(engine):
    """Of the database there is one clause, the row's second."""
    asked = {"kpi": KPI, "profile": "services", "row": 3, "clause": 0}
    about_db = engine.tell(promised, Query("30d", asset="prom/db"), AS_OF, **asked)
    assert [one["floor"] for one in about_db["steps"]] == [0.9]
    assert [one["floor"] for one in engine.tell(promised, Query("30d"), AS_OF, **asked)["steps"]] == [0.8]


def test_the_watch_tells_whose_objective_it_is(engine):
    def watched(results, _):
        return [told(results, one, Alerting()) for one in slos(results, Alerting(), load_policies())]

    named = [(one["slo"], one["tier"], one["asset"]) for one in engine.tell(watched, Query(), AS_OF)]
    assert named == [
        ("service_slo_compliance-services-1", "", "prom/web"), ("service_slo_compliance-services-2", "", "prom/api"),
    ]  # fmt: skip


def test_the_card_takes_the_last_30_days_and_the_last_whole_year(engine):
    lines = {one["row"]: one for one in engine.scorecard("services", Query(), None, AS_OF)["lines"]}
    assert (lines[1]["window"]["name"], lines[1]["value"]) == ("30d", 0.99)
    assert (lines[2]["window"]["name"], lines[2]["value"]) == ("2025", None)


def test_a_window_by_its_length():
    utc = ZoneInfo("UTC")
    assert last_whole("M", AS_OF, utc).name == "2026-10"
    assert last_whole("Y", AS_OF, utc).name == "2025"
    rolling = last_whole("30d", AS_OF, utc)
    assert (rolling.first_day.isoformat(), rolling.last_day.isoformat()) == ("2026-10-12", "2026-11-10")
    assert [days_of(length) for length in ("D", "M", "Y", "90d")] == [1, 28, 365, 90]
