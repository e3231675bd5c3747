"""What is asked of product and oracle alike: the facts each group of KPIs is tried on, windows, scopes, parameters."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, settings

from slo.engine import Query
from slo.shelf import shelf
from tests.oracle import comparing, oracle, product, worlds
from tests.oracle.oracle_facts import World
from tests.oracle.oracle_scope import Asked
from tests.oracle.oracle_targets import Judged
from tests.oracle.oracle_time import DAY, midnight, rolling
from tests.oracle.worlds_base import Record

EXAMPLES = int(os.environ.get("TIERLINE_EXAMPLES", "2"))
"""Fact sets a test; each is asked several questions. Raised from outside for a long search."""
quick = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize="TIERLINE_EXAMPLES" not in os.environ,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
"""The usual run draws the same fact sets every time, a long search others. A seed has no simpler seed: nothing to
shrink."""

GROUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "runs": (
        ("run", "run", "run", "dataset_update", "dataset_update", "dataset_update", "job"),
        (
            "pipeline_success_rate", "freshness_slo_attainment", "dataset_sla_attainment", "job_runtime",
            "backfill_completion_time",
        ),
    ),
    "incidents": (
        ("incident", "alert", "change"),
        (
            "mttd", "mttr", "mtta", "incident_recurrence_rate", "alert_precision", "change_failure_rate",
            "deployment_frequency", "pr_throughput", "dq_incident_rate", "oncall_effectiveness",
        ),
    ),
    "checks": (
        ("check_result", "check_result", "incident"),
        ("dq_test_pass_rate", "dq_slo_attainment", "defect_leakage", "automated_test_coverage"),
    ),
    "amounts": (("meter", "distribution"), ("unit_cost", "query_p95", "streaming_lag_p95")),
    "pairs": (
        ("pair", "pair", "size", "size"),
        (
            "service_slo_compliance", "compute_utilization", "reserved_capacity_utilization",
            "storage_growth_vs_forecast",
        ),
    ),
    "workloads": (("workload", "work_item", "meter"), ("expensive_workloads_remediated",)),
    "work": (
        (*("work_item",) * 6, "run", "dataset_update"),
        (
            "postmortem_action_completion", "support_sla_adherence", "onboarding_lead_time", "ticket_cycle_time",
            "access_request_cycle_time", "audit_findings",
        ),
    ),
    "entries": (
        ("entry", "entry", "entry", "survey_answer"),
        (
            "toil_hours", "enablement_output", "teams_enabled", "architecture_review_rate", "automation_coverage",
            "documentation_freshness", "learning_progression", "component_reuse", "stakeholder_satisfaction",
        ),
    ),
    "registers": (
        ("asset", "edge"),
        (
            "metadata_completeness", "ownership_coverage", "policy_compliance", "catalog_coverage",
            "lineage_coverage", "catalog_adoption", "paved_road_adoption",
        ),
    ),
}  # fmt: skip
"""Which sorts of fact a group of KPIs is tried on."""
SCOPES: tuple[Record, ...] = (
    *({},) * 9, {"tier": 1}, {"tier": 0}, {"team": "blue"}, {"domain": "sales"}, {"asset": "x/a"},
    {"asset": "x/was"}, {"tier": 1, "team": "blue"}, {"team": "red", "domain": "sales"}, {"tier": 1, "asset": "x/b"},
)  # fmt: skip
CALENDAR = {
    "2026-W13": (date(2026, 3, 23), 7), "2026-03-29": (date(2026, 3, 29), 1), "2026-03": (date(2026, 3, 1), 31),
    "2026-Q1": (date(2026, 1, 1), 90),
}  # fmt: skip
WINDOWS = (*("28d",) * 5, *("14d",) * 3, "7d", "3d", "1d", *CALENDAR)
UNSTORED: dict[str, Record] = {
    "mttr": {"start": "detected"},
    "incident_recurrence_rate": {"days": 3, "severity": 2},
    "change_failure_rate": {"user_visible": True},
    "dq_test_pass_rate": {"severity": "critical", "layer": "curated"},
    "unit_cost": {"unit": "run"},
    "support_sla_adherence": {"priority": "P1"},
    "stakeholder_satisfaction": {"scale": "nps"},
}
"""Choices that no target names: worked out in memory."""


def on_shelf(kpis: tuple[str, ...]) -> list[str]:
    return [kpi for kpi in kpis if kpi in shelf()]


def span(window: str, as_of: datetime, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """The window's edges, by the oracle's own clock."""
    if window.endswith("d"):
        return rolling(int(window[:-1]), as_of, tz)
    first, days = CALENDAR[window]
    return midnight(first, tz), midnight(first + days * DAY, tz)


def span_before(window: str, start: datetime, end: datetime, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """The window before: the month or quarter before, else as many days."""
    months = {"2026-03": date(2026, 2, 1), "2026-Q1": date(2025, 10, 1)}
    if window in months:
        return midnight(months[window], tz), start
    days = (end.astimezone(tz).date() - start.astimezone(tz).date()).days
    return midnight(start.astimezone(tz).date() - days * DAY, tz), start


@dataclass(frozen=True)
class Question:
    """A window and a scope, as of now or of an instant before."""

    window: str
    scope: Record
    past: datetime | None = None

    def query(self, params: Record | None = None) -> Query:
        return Query(window=self.window, as_of=self.past, params=params or {}, **self.scope)


class Case:
    """One fact set, with what is asked of it."""

    def __init__(self, random: Random, group: str) -> None:
        self.random, self.maker = random, worlds.Maker(random)
        self.kinds, known = GROUPS[group]
        self.kpis = on_shelf(known)
        self.facts = worlds.world(random, self.kinds, random.choice((6, 60, 90)))
        self.zone = random.choice(("UTC", "Europe/Berlin"))
        self.now = self.maker.when(7, 12)

    def name(self, asset: str) -> str:
        """The name an asset goes by now."""
        return World(self.facts, self.now, ZoneInfo(self.zone)).name(asset)

    def question(self, past: bool = False) -> Question:
        moment = min(self.maker.when(4, 12), self.now) if past else None
        return Question(self.random.choice(WINDOWS), self.random.choice(SCOPES), moment)

    def expected(self, kpi: str, question: Question, params: Record | None = None) -> Record:
        tz, as_of = ZoneInfo(self.zone), question.past or self.now
        start, end = span(question.window, as_of, tz)
        return oracle.value(kpi, self.facts, start, end, as_of, question.scope, params, tz, product.RATES)

    def verdicts(self, kpi: str, question: Question) -> dict[tuple[str, int], Record]:
        """The oracle's judgement of every row that holds in the scope."""
        tz, as_of = ZoneInfo(self.zone), question.past or self.now
        start, end = span(question.window, as_of, tz)
        earlier, _ = span_before(question.window, start, end, tz)
        world = World(self.facts, as_of, tz)

        def figure(asked: Asked) -> Record:
            found: Record = oracle.figure(asked, product.RATES)
            return found

        def ask(scope: Record, params: Record) -> Asked:
            return Asked(world, kpi, start, end, scope, params)

        def before(scope: Record, params: Record) -> Asked:
            return Asked(world, kpi, earlier, start, scope, params)

        running = not question.window.endswith("d") and end > as_of
        return Judged(kpi, figure, ask, before, running).rows(question.scope)

    def misjudged(self, kpi: str, question: Question, shown: Record) -> list[str]:
        """A line a row on which product and oracle judge differently."""
        if shown["status"] == "not set up":
            return []
        told = {(entry["profile"], entry["row"]): entry for entry in shown["targets"]}
        mine = self.verdicts(kpi, question)
        if told.keys() != mine.keys():
            return [f"{kpi}: rows {sorted(mine)}, product {sorted(told)} ({question})"]
        return [
            f"{kpi} {row} {part}: oracle {expected}, product {got} ({question})"
            for row, verdict in mine.items()
            for part, expected, got in comparing.verdicts(kpi, verdict, told[row])
        ]

    def disagreements(self, made: product.Engine, question: Question, params: Record | None = None) -> list[str]:
        """A line a part on which product and oracle differ, of every KPI of the group."""
        shown = product.show(made, self.kpis, question.query(params), self.now)
        told = World(self.facts, question.past or self.now, ZoneInfo(self.zone)).kinds
        figures = [
            f"{line} ({question})" for kpi, result in shown.items()
            for line in comparing.differences(kpi, self.expected(kpi, question, params), result, told)
        ]  # fmt: skip
        if params is not None:
            return figures
        return figures + [line for kpi, result in shown.items() for line in self.misjudged(kpi, question, result)]
