"""What goes out is what the watch watches, under the same names."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dashboards.metrics import everything
from dashboards.openslo.giving import series
from dashboards.openslo.promised import others, slos
from dashboards.reading.reader import Snapshot
from slo.alerting.policies import load_policies
from slo.alerting.slos import slos as watched
from slo.alerting.slos import told
from slo.engine import Engine
from slo.interchange import parse
from slo.platform import Alerting, Platform
from slo.results import Query
from slo.store import Store
from slo.targets import SHIPPED_TARGETS, load_targets

AS_OF = datetime(2026, 11, 10, 12, tzinfo=UTC)
ADOPTED = "adopted: 2026-01-01, adopted_by: core"
OWN = f"""
profile: ours
targets:
  - {{row: 1, kpi: pipeline_success_rate, window: M, {ADOPTED}, clauses: [{{form: at_least, floor: 0.9}}]}}
  - row: 2
    kpi: pipeline_success_rate
    window: 30d
    adopted: 2026-01-01
    adopted_by: core
    clauses:
      - {{form: at_least, floor: 0.8, asset: etl/a}}
      - {{form: trend, direction: up}}
      - {{form: above, floor: 0.7, tiers: [0, 1]}}
  - {{row: 3, kpi: pipeline_success_rate, window: M, clauses: [{{form: at_least, floor: 0.99}}]}}
  - {{row: 4, kpi: pipeline_success_rate, window: M, {ADOPTED}, clauses: [{{form: at_least, floor: 0.5, tiers: [1]}}]}}
"""


@contextmanager
def held(folder: Path) -> Iterator[Store]:
    """Three runs of one pipeline of tier 1, all successes."""
    with Store(f"sqlite:///{folder}/t.db") as store:
        store.migrate()
        store.upsert(
            [parse({"fact": "asset", "source": "s", "id": "a", "asset": "etl/a", "kind": "pipeline", "tier": 1})]
        )
        store.upsert([
            parse({"fact": "run", "source": "s", "id": str(quarter), "asset": "etl/a", "state": "success",
                   "started_at": at.isoformat(), "ended_at": (at + timedelta(minutes=5)).isoformat(),
                   "nominal": at.isoformat()})
            for quarter in range(3) for at in [AS_OF - timedelta(minutes=15 * (quarter + 1))]
        ])  # fmt: skip
        yield store


def test_names_are_the_watch_s_and_no_breakdown_is_quoted(tmp_path: Path) -> None:
    """The cap on the series that are exposed cuts breakdowns first: the watch and the platform's totals are enough."""
    (tmp_path / "ours.yaml").write_text(OWN, encoding="utf-8")
    targets = load_targets(SHIPPED_TARGETS, tmp_path)
    given = list(slos(targets, AS_OF.date()))
    assert [one.id for one in given] == [
        "pipeline_success_rate-ours-1", "pipeline_success_rate-ours-2-0", "pipeline_success_rate-ours-2-2",
        "pipeline_success_rate-ours-4",
    ]  # fmt: skip
    assert [(target.row, clause.form) for _, target, clause in others(targets, AS_OF.date())] == [(2, "trend")]
    alerting = Alerting(tiers=())
    with held(tmp_path) as store:
        results = Engine(store, Platform(), targets).results(None, AS_OF)
        found = watched(results, alerting, load_policies())
        totals = [results.result(given[0].kpi, Query(window="2026-11"))]
        watch = {"slos": [told(results, one, alerting) for one in found]}
    assert {one.id for one in given} == {one.id for one in found}
    exposed = {
        (family.spec.name, frozenset(zip(family.spec.labels, values, strict=True)))
        for family in everything.of(Snapshot(results=totals, watch=watch)) for values in family.samples
    }  # fmt: skip
    for one in given:
        for query in series(one)[:2]:
            name, _, labels = query.removesuffix("}").partition("{")
            assert (name, frozenset(re.findall(r'(\w+)="([^"]*)"', labels))) in exposed
