"""Past days in Prometheus and what it scrapes: one figure for one series at one instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from dashboards.metrics import everything
from dashboards.metrics.history import Manner, written_days
from dashboards.reading.reader import Snapshot
from slo.engine import Engine, Query
from slo.interchange import parse
from slo.past import Past, past
from slo.platform import Platform
from slo.store import Store
from slo.targets import load_targets

FIRST, DAY = date(2026, 9, 1), timedelta(days=1)
MIDNIGHT = datetime(2026, 11, 3, tzinfo=UTC)
"""2 November's end, 63 days after the first."""
WINDOWS = ("1d", "7d", "28d")
ADOPTED = """\
profile: staff_platform
title: Ours
targets:
  - {row: 2, kpi: pipeline_success_rate, text: by tier, cadence: monthly, window: M, adopted: 2026-11-02,
     adopted_by: core, clauses: [{form: at_least, floor: 0.8, tiers: 0}, {form: at_least, floor: 0.9, tiers: 1}]}
  - {row: 5, kpi: incident_recurrence_rate, text: "< 10 %", cadence: monthly, window: M, adopted: 2026-11-02,
     adopted_by: core, clauses: [{form: below, floor: 0.5, params: {days: 30}},
                                 {form: below, floor: 0.25, params: {days: 60}}]}
"""
RECURRENCE, SUCCESS = "incident_recurrence_rate", "pipeline_success_rate"


def facts():
    """A run a day of a pipeline of tier 0, which fails on the day numbered 45 from 1 September on, and of one of tier
    1, which fails on 41, 51, 61. Three incidents of one cause: on 10 September, on 15 October and on 1 November."""
    for asset, tier in (("etl/zero", 0), ("etl/one", 1)):
        yield {"fact": "asset", "id": asset, "asset": asset, "kind": "pipeline", "tier": tier,
               "valid_from": "2026-08-01T00:00:00Z"}  # fmt: skip
        for number in range(35, 63):
            failed = number % 20 == 5 if tier == 0 else number % 10 == 1
            start = datetime(2026, 9, 1, 3, tzinfo=UTC) + number * DAY
            yield {"fact": "run", "id": f"{asset}{number}", "asset": asset, "state": "failed" if failed else "success",
                   "trigger": "event", "started_at": start.isoformat(),
                   "ended_at": (start + timedelta(minutes=5)).isoformat()}  # fmt: skip
    for day in ("2026-09-10", "2026-10-15", "2026-11-01"):
        yield {"fact": "incident", "id": day, "severity": 1, "assets": ["etl/one"], "cause": "full disk",
               "detected_at": f"{day}T10:00:00Z", "resolved_at": f"{day}T11:00:00Z",
               "started_at": f"{day}T09:00:00Z"}  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What history writes of 2 November, and what is exposed at its end: (name, labels) -> value, of both."""
    folder = tmp_path_factory.mktemp("past")
    (folder / "staff_platform.yaml").write_text(ADOPTED)
    with Store(f"sqlite:///{folder}/x.db") as store:
        store.migrate()
        store.upsert([parse({"source": "airflow", **fact}) for fact in facts()])
        engine = Engine(store, Platform(), load_targets(folder))

        def both(results, _query):
            kpis, day = [engine.shelf[name] for name in (SUCCESS, RECURRENCE, "mttr", "mttd")], MIDNIGHT.date() - DAY
            scopes = ({}, {"tier": 0}, {"tier": 1})
            lines = (past(results, kpi, Past(day, day, WINDOWS, scopes)) for kpi in kpis)
            queries = [Query(window=window, **scope) for window in WINDOWS for scope in scopes]
            exposed = [results.result(kpi, query, series=False, before=False) for query in queries for kpi in kpis]
            return "".join(written_days(lines, Manner(MIDNIGHT))), exposed

        written, results = engine.tell(both, Query(as_of=MIDNIGHT), MIDNIGHT, refresh=False)
    before = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(written)
        for sample in family.samples
    }
    now = {
        (family.spec.name, tuple(sorted(zip(family.spec.labels, labels, strict=True)))): value
        for family in everything.of(Snapshot(results=results))
        for labels, value in family.samples.items()
    }
    return before, now


def test_every_series_of_the_past_is_exposed_with_the_same_value(told):
    before, now = told
    assert before == {key: now[key] for key in before}
    names = {name for name, _ in before}
    assert {key for key in now if key[0] in names} == before.keys()
    told_of = ("pipeline_success_ratio", "tier_pipeline_success_ratio", "mttr_seconds", "slo_good", "tier_slo_bad",
               "slo_error_budget_remaining_ratio", "slo_burn_rate", "slo_coverage_ratio", "slo_samples")  # fmt: skip
    assert {f"dataplatform_{name}" for name in told_of} <= names


def test_of_several_clauses_the_emptiest_is_told_of_the_past(told):
    """Tier 0 failed once in the 28 days (number 45; a fifth may), tier 1 three times (41, 51, 61; a tenth may)."""
    before, _ = told

    def budget(name, window, kpi=SUCCESS, row="2"):
        labels = {"kpi": kpi, "profile": "staff_platform", "row": row, "window": window}
        return before[f"dataplatform_slo_{name}", tuple(sorted(labels.items()))]

    left = [budget("error_budget_remaining_ratio", window) for window in WINDOWS]
    burn = [budget("burn_rate", window) for window in WINDOWS]
    assert burn == pytest.approx([0, (1 / 7) / 0.1, (3 / 28) / 0.1])
    assert left == pytest.approx([1, 1 - (1 / 7) / 0.1, 1 - (3 / 28) / 0.1])
    # Of the two incidents in the 28 days one had another within 30 days, which spends its half; both had within 60.
    assert budget("error_budget_remaining_ratio", "28d", RECURRENCE, "5") == pytest.approx(1 - 1 / 0.25)
    assert budget("burn_rate", "28d", RECURRENCE, "5") == pytest.approx(1 / 0.25)
