"""The worst facts found by the states are those that reading everything finds, in the same order."""

from datetime import UTC, datetime, timedelta

import pytest

from slo.engine import Engine, Query
from slo.explaining.guided import guided
from slo.explaining.listing import listing, order
from slo.interchange import parse
from slo.platform import Platform
from slo.shelf import get_kpi
from slo.store import Store

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
DAYS = 9


def told(fact, key, **fields):
    return parse({"fact": fact, "source": "s", "id": key, **fields})


def facts():
    """Four pipelines every two hours, each failing on its own hours and running for its own time, one of them with a
    day that nobody ran; a data set that is late every third day; checks."""
    start = NOW - timedelta(days=DAYS)
    for number in range(4):
        name = f"p/{number}"
        yield told("asset", name, asset=name, kind="pipeline", tier=number % 2, team=f"t{number % 2}",
                   schedule="0 */2 * * *", valid_from=start.isoformat())  # fmt: skip
        for step in range(DAYS * 12):
            due = start + timedelta(hours=2 * step)
            if number == 3 and step // 12 == 4:
                continue
            yield told("run", f"{name}/{step}", asset=name, trigger="manual" if step % 37 == 5 else "schedule",
                       state="failed" if (step * 7 + number) % 23 == 0 else "success", due_at=due.isoformat(),
                       started_at=due.isoformat(),
                       ended_at=(due + timedelta(minutes=1 + (step * 5 + number * 11) % 47)).isoformat())  # fmt: skip
            yield told("check_result", f"{name}/c{step}", asset=name, check="c", type="null", severity="warning",
                       outcome="fail" if (step + number) % 19 == 0 else "pass", at=due.isoformat())  # fmt: skip
    yield told("asset", "d", asset="d", kind="dataset", tier=1, team="t1", valid_from=start.isoformat(),
               freshness={"max_age_seconds": 86_400})  # fmt: skip
    for day in range(DAYS):
        late = timedelta(hours=9 if day % 3 == 0 else 0)
        yield told("dataset_update", f"d{day}", asset="d", at=(start + timedelta(days=day) + late).isoformat())


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    with Store(f"sqlite:///{tmp_path_factory.mktemp('store')}/t.db") as store:
        store.migrate()
        store.upsert(facts())
        engine = Engine(store, Platform())
        engine.refresh(NOW)
        yield engine.results(None, NOW, refresh=False)


@pytest.mark.parametrize("scope", [{}, {"team": "t1"}, {"asset": "p/3"}], ids=str)
@pytest.mark.parametrize("limit", [3, 40, 10_000])
@pytest.mark.parametrize(
    "kpi_id", ["pipeline_success_rate", "job_runtime", "dq_test_pass_rate", "freshness_slo_attainment"]
)
def test_the_states_lead_to_the_same_facts(results, kpi_id, limit, scope):
    kpi = get_kpi(kpi_id)
    asked = results.asked(kpi, Query(window="7d", **scope))
    everything, found = listing(results, asked, limit), guided(results, asked, limit)
    assert [order(kpi, item) for item in found.worst] == [order(kpi, item) for item in everything.worst]
    assert (found.excluded, found.unknown) == (everything.excluded, everything.unknown)
    assert found.total in ((everything.total,) if kpi.singly or limit == 10_000 else (everything.total, None))


def test_only_the_units_that_can_hold_the_worst_are_read(results, monkeypatch):
    """84 runs a pipeline in seven days; the newest failure stands in one day of those that failed on it."""
    asked = results.asked(get_kpi("pipeline_success_rate"), Query(window="7d"))
    kpi, days = type(asked.kpi), set()
    everything = kpi.items

    def noted(self, view, assets, start, end, params):
        days.add(start)
        return everything(self, view, assets, start, end, params)

    monkeypatch.setattr(kpi, "items", noted)
    monkeypatch.setattr("slo.explaining.guided.AT_LEAST", 1)
    (worst,) = guided(results, asked, 1).worst
    assert (worst.bad, days) == (1, {worst.at.replace(hour=0)})
