"""What goes out is what the watch watches, under the same names."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from dashboards.openslo.promised import others, slos
from slo.alerting.policies import load_policies
from slo.alerting.slos import slos as watched
from slo.engine import Engine
from slo.interchange import parse
from slo.platform import Alerting, Platform
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
"""


def test_names_are_the_watch_s(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(OWN, encoding="utf-8")
    targets = load_targets(SHIPPED_TARGETS, tmp_path)
    day = date(2026, 11, 10)
    given = list(slos(targets, day))
    assert [one.id for one in given] == [
        "pipeline_success_rate-ours-1", "pipeline_success_rate-ours-2-0", "pipeline_success_rate-ours-2-2",
    ]  # fmt: skip
    assert [(target.row, clause.form) for _, target, clause in others(targets, day)] == [(2, "trend")]
    with Store(f"sqlite:///{tmp_path}/t.db") as store:
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
        results = Engine(store, Platform(), targets).results(None, AS_OF)
        found = {one.id: one for one in watched(results, Alerting(tiers=()), load_policies())}
    assert {one.id for one in given} == set(found)
