"""A believable platform on invented results: the 15 KPIs, deterministic, in the shape of the Result contract."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dashboards.reading.reader import Ask, Snapshot

AS_OF = datetime(2026, 11, 21, 8, 12, tzinfo=UTC)
TEAMS = ("commerce", "core", "finance", "growth", "risk", "supply")
DOMAINS = ("customer", "finance", "orders", "product")
HOUR = 3600.0

# id, title, family, lens, measure, unit, better, metric, typical value per tier 0..3, n a day, definition
SHELF: list[tuple[Any, ...]] = [
    (
        "pipeline_success_rate",
        "Pipeline success rate",
        "reliability",
        "lagging",
        "Ratio",
        "ratio",
        "up",
        "pipeline_success_ratio",
        (0.9985, 0.986, 0.988, 0.975),
        160,
        "Scheduled runs that succeeded, of those due.",
    ),
    (
        "freshness_slo_attainment",
        "Freshness SLO attainment",
        "reliability",
        "lagging",
        "Ratio",
        "ratio",
        "up",
        "freshness_slo_attainment_ratio",
        (0.9991, 0.993, 0.981, 0.97),
        400000,
        "Share of time in which data was fresh.",
    ),
    (
        "dataset_sla_attainment",
        "Dataset SLA attainment",
        "reliability",
        "lagging",
        "Share",
        "ratio",
        "up",
        "dataset_sla_attainment_ratio",
        (1.0, 0.988, 0.96, 0.93),
        40,
        "Datasets that met their own objective.",
    ),
    (
        "job_runtime",
        "Job runtime efficiency",
        "reliability",
        "lagging",
        "Change",
        "ratio",
        "down",
        "job_runtime_ratio",
        (-0.12, 0.034, -0.02, 0.08),
        6,
        "Change of the jobs' p95 runtime; median over jobs.",
    ),
    (
        "backfill_completion_time",
        "Backfill completion time",
        "reliability",
        "lagging",
        "Samples",
        "seconds",
        "down",
        "backfill_completion_time_seconds",
        (2 * HOUR, 3.3 * HOUR, 5 * HOUR, None),
        1,
        "First start to last success.",
    ),
    (
        "query_p95",
        "Query performance P95",
        "reliability",
        "lagging",
        "Samples",
        "seconds",
        "down",
        "query_p95_seconds",
        (6.4, 8.7, None, None),
        9000,
        "95th percentile of critical queries.",
    ),
    (
        "mttd",
        "Mean time to detect",
        "incidents",
        "lagging",
        "Samples",
        "seconds",
        "down",
        "mttd_seconds",
        (260.0, 540.0, 1900.0, None),
        1,
        "Mean time from an incident's start to its detection.",
    ),
    (
        "mtta",
        "Mean time to acknowledge",
        "incidents",
        "lagging",
        "Samples",
        "seconds",
        "down",
        "mtta_seconds",
        (190.0, 660.0, 1500.0, 4100.0),
        4,
        "Mean time from an alert to its acknowledgement.",
    ),
    (
        "mttr",
        "Mean time to restore",
        "incidents",
        "lagging",
        "Samples",
        "seconds",
        "down",
        "mttr_seconds",
        (2460.0, 5700.0, 12000.0, None),
        1,
        "Mean time from an incident's start to its restoration.",
    ),
    (
        "incident_recurrence_rate",
        "Incident recurrence rate",
        "incidents",
        "lagging",
        "Ratio",
        "ratio",
        "down",
        "incident_recurrence_ratio",
        (0.0, 0.125, 0.08, None),
        1,
        "Incidents whose cause had been seen before.",
    ),
    (
        "alert_precision",
        "Alert precision",
        "incidents",
        "lagging",
        "Ratio",
        "ratio",
        "up",
        "alert_precision_ratio",
        (0.91, 0.78, 0.74, 0.52),
        8,
        "Alerts that called for action, of those judged.",
    ),
    (
        "change_failure_rate",
        "Change failure rate",
        "delivery",
        "lagging",
        "Ratio",
        "ratio",
        "down",
        "change_failure_ratio",
        (0.02, 0.06, 0.04, 0.03),
        5,
        "Deployments that failed, of those settled.",
    ),
    (
        "deployment_frequency",
        "Deployment frequency",
        "delivery",
        "leading",
        "Count",
        "per_week",
        "up",
        "deployment_frequency_per_week",
        (6.0, 14.0, 9.5, 4.0),
        4,
        "Production deployments a week.",
    ),
    (
        "dq_test_pass_rate",
        "Data quality test pass rate",
        "quality",
        "lagging",
        "Ratio",
        "ratio",
        "up",
        "dq_test_pass_ratio",
        (0.9996, 0.991, 0.984, 0.96),
        900,
        "Data tests that passed, of those executed.",
    ),
    (
        "unit_cost",
        "Unit cost",
        "cost",
        "lagging",
        "Quotient",
        "currency_per_terabyte",
        "down",
        "unit_cost_per_terabyte",
        (5.1, 4.62, 4.4, 3.9),
        30,
        "Cost per terabyte processed.",
    ),
]

TARGETS: dict[str, list[tuple[str, int, str, str, float | None, float | None, int | None]]] = {
    "pipeline_success_rate": [
        ("staff_platform", 2, ">= 99.5% weekly", "at_least", 0.995, None, None),
        ("lead_platform", 2, "> 97-99% overall", "above", 0.97, 0.99, None),
    ],
    "freshness_slo_attainment": [("lead_platform", 3, "tier-1 95-99% of the time", "at_least", 0.95, 0.99, 1)],
    "dataset_sla_attainment": [("staff_platform", 1, ">= 99% monthly", "at_least", 0.99, None, 1)],
    "job_runtime": [("associate_platform", 13, "down 10-20%", "at_most", -0.10, -0.20, None)],
    "backfill_completion_time": [("staff_platform", 8, "within agreed thresholds", "agreed", None, None, None)],
    "query_p95": [("staff_platform", 12, "P95 < 10 s", "below", 10.0, None, None)],
    "mttd": [("staff_platform", 3, "< 10 minutes for tier-1", "below", 600.0, None, 1)],
    "mttr": [
        ("staff_platform", 4, "< 60 minutes tier-1", "below", 3600.0, None, 1),
        ("lead_platform", 4, "tier-1 < 60-120 minutes", "below", 7200.0, 3600.0, 1),
    ],
    "incident_recurrence_rate": [("staff_platform", 5, "< 10% within 30 days", "below", 0.10, None, None)],
    "alert_precision": [("staff_platform", 15, ">= 70-80% actionable", "at_least", 0.70, 0.80, None)],
    "change_failure_rate": [("staff_platform", 6, "< 5%", "below", 0.05, None, None)],
    "deployment_frequency": [("lead_platform", 7, "weekly or more often", "at_least", 1.0, None, None)],
    "dq_test_pass_rate": [("staff_platform", 14, ">= 98-99%", "at_least", 0.98, 0.99, None)],
    "unit_cost": [("staff_platform", 9, "improve 10-20% YoY", "trend", 0.10, 0.20, None)],
}

WINDOWS = {"1d": 1, "7d": 7, "28d": 28, "2026-11": 21, "2026-10": 31}


def _judge(form: str, floor: float | None, stretch: float | None, value: float | None) -> str:
    if form == "agreed":
        return "no target"
    if value is None or form == "trend" or floor is None:
        return "no data"
    up = form in ("at_least", "above")
    best = floor if stretch is None else stretch
    if value < floor if up else value > floor:
        return "missed"
    return "near" if (value < best if up else value > best) else "met"


def _budget(measure: str, form: str, floor: float | None, bad_share: float | None, n: float) -> dict[str, Any]:
    if measure != "Ratio" or floor is None or bad_share is None:
        return {}
    allowed = 1 - floor if form in ("at_least", "above") else floor
    spent = bad_share / allowed
    return {
        "budget": {
            "allowed": allowed,
            "spent": spent,
            "remaining": 1 - spent,
            "burn_rate": spent,
            "allowed_events": allowed * n,
        }
    }


def _window(name: str) -> dict[str, str]:
    if name.endswith("d"):
        end = datetime(2026, 11, 22, tzinfo=UTC)
        start = end - timedelta(days=WINDOWS[name])
    else:
        start = datetime.fromisoformat(name + "-01T00:00:00+00:00")
        end = (start + timedelta(days=32)).replace(day=1)
    return {"name": name, "start": start.isoformat(), "end": end.isoformat()}


def _series(row: tuple[Any, ...], base: float | None, name: str, dice: random.Random) -> list[dict[str, Any]]:
    first = date.fromisoformat(_window(name)["start"][:10])
    days = []
    for step in range(WINDOWS[name]):
        day = first + timedelta(days=step)
        value = None if base is None or (day.day == 9 and row[2] == "reliability") else _wobble(row, base, day, dice)
        days.append(
            {
                "day": day.isoformat(),
                "value": value,
                "n": row[9] if value is not None else 0,
                "provisional": day >= date(2026, 11, 20),
            }
        )
    return days


def _wobble(row: tuple[Any, ...], base: float, day: date, dice: random.Random) -> float:
    bad_week = 3.0 if date(2026, 11, 3) <= day <= date(2026, 11, 6) else 1.0
    if row[4] == "Ratio" and row[6] == "up":
        return 1 - min(1.0, (1 - base) * bad_week * dice.uniform(0.3, 1.5))
    return base * (1 + 0.25 * dice.uniform(-1, 1)) * (1.4 if bad_week > 1 else 1)


def _counts(row: tuple[Any, ...], value: float | None, n: int) -> dict[str, Any]:
    measure = row[4]
    if measure in ("Ratio", "Share"):
        if value is None:
            return {"good": 0, "bad": 0, "unknown": 0, "excluded": 0}
        share = value if row[6] == "up" else 1 - value
        good = round(share * n)
        return {"good": good, "bad": n - good, "unknown": n // 400, "excluded": n // 60}
    if measure in ("Samples", "Change"):
        spread = {
            key: value and value * factor for key, factor in (("mean", 1), ("median", 0.7), ("p90", 1.9), ("p95", 2.4))
        }
        return {"n": n if value is not None else 0, **spread}
    if measure == "Quotient":
        return {"numerator": value and round(value * n, 2), "denominator": float(n)}
    return {"sum": value and round(value * 4)}


def result(kpi: str, window: str = "28d", **scope: Any) -> dict[str, Any]:
    """One invented Result; the same question always gets the same answer."""
    row = next(one for one in SHELF if one[0] == kpi)
    dice = random.Random(f"{kpi}/{window}/{sorted(scope.items())}")
    tier = scope.get("tier")
    known = [one for one in row[8] if one is not None]
    base = row[8][tier] if tier is not None else (sum(known) / len(known) if known else None)
    if tier is None and scope and base is not None:
        base = _wobble(row, base, date(2026, 10, 1), dice)
    n = max(1, row[9] * WINDOWS[window] // (4 if scope else 1))
    counts = _counts(row, base, n)
    value = base
    if counts.get("good") is not None and base is not None:
        value = counts["good"] / n if row[6] == "up" else counts["bad"] / n
    targets = []
    for profile, number, text, form, floor, stretch, own in TARGETS.get(kpi, []):
        if tier is not None and own is not None and tier > own:
            continue
        status = _judge(form, floor, stretch, value)
        bad = None if value is None else (1 - value if row[6] == "up" else value)
        targets.append(
            {
                "profile": profile,
                "row": number,
                "text": text,
                "form": form,
                "floor": floor,
                "stretch": stretch,
                "scope": {"tier": own, "team": None, "domain": None, "asset": None},
                "params": {},
                "value": value,
                "n": n,
                "status": status,
                **_budget(row[4], form, floor, bad, n),
            }
        )
    order = ("missed", "provisional", "near", "met", "too few", "no data", "no target")
    status = min((one["status"] for one in targets), key=order.index, default="no target")
    if value is None:
        status = "no data"
    elif kpi == "mttd" and tier == 0:
        status = "too few"
    elif window == "2026-11" and status in ("met", "near"):
        status = "provisional"
    names = ("kpi", "title", "family", "lens", "measure", "unit", "better", "metric")
    return {
        **dict(zip(names, row[:8], strict=True)),
        "window": _window(window),
        "as_of": AS_OF.isoformat(),
        "scope": {"tier": None, "team": None, "domain": None, "asset": None} | scope,
        "params": {},
        "value": value,
        **counts,
        "coverage": None if value is None else 0.998,
        "interval": [max(0.0, value - 0.004), min(1.0, value + 0.003)]
        if row[4] == "Ratio" and value is not None
        else None,
        "status": status,
        "targets": targets,
        "series": _series(row, base, window, dice),
        "caveats": ["deployment_frequency: read beside the change failure rate, which is missed"]
        if kpi == "deployment_frequency"
        else [],
        "definition": row[10],
        "previous": {"value": value and value * 0.997, "n": n},
        **({"at_least": 9000.0, "open": 2} if kpi == "mttr" and tier in (None, 1) else {}),
    }


def sources() -> list[dict[str, Any]]:
    def one(name: str, kind: str, minutes: int, **more: Any) -> dict[str, Any]:
        at = AS_OF - timedelta(minutes=minutes)
        return {
            "name": name,
            "type": kind,
            "ok": True,
            "stale": False,
            "blind": None,
            "last_success": at,
            "last_attempt": at,
            "duration": 3.2,
            "facts": 212,
            "set_aside": 0,
            "errors": 0,
            "error": None,
            **more,
        }

    return [
        one("airflow-prod", "airflow", 2, duration=14.6, facts=1840),
        one("dbt", "dbt", 4, set_aside=2),
        one("warehouse", "postgres", 3),
        one("alerts", "alertmanager", 1),
        one("probes", "prometheus", 2),
        one(
            "costs",
            "focus",
            190,
            ok=False,
            stale=True,
            blind="failing",
            errors=3,
            last_attempt=AS_OF - timedelta(minutes=5),
            error="costs: 403 Forbidden from the bucket; grant its role storage.objects.get, then collect again",
        ),
        one("repos", "git", 6),
    ]


def results() -> list[dict[str, Any]]:
    scopes: list[dict[str, Any]] = [
        {},
        *({"tier": tier} for tier in range(4)),
        *({"team": team} for team in TEAMS),
        *({"domain": domain} for domain in DOMAINS),
    ]
    return [result(row[0], window, **scope) for row in SHELF for window in WINDOWS for scope in scopes]


def drivers() -> dict[str, Any]:
    """Sales kept 8 of 10, then 6 of 10; data 10 of 10, then 27 of 30: 90 %, then 82.5 %."""

    def side(good: int, total: int, weight: float) -> dict[str, Any]:
        return {"value": good / total, "numerator": good, "denominator": total, "weight": weight}

    lines = [
        {"key": "data", "mix": 0.021875, "rate": -0.0625, "total": -0.040625, "before": side(10, 10, 0.5),
         "now": side(27, 30, 0.75)},
        {"key": "sales", "mix": 0.040625, "rate": -0.075, "total": -0.034375, "before": side(8, 10, 0.5),
         "now": side(6, 10, 0.25)},
    ]  # fmt: skip
    team = {"by": "team", "mix": 0.0625, "rate": -0.1375, "total": -0.075, "lines": lines, "rest": None}
    window = {"name": "28d", "start": AS_OF.isoformat(), "end": AS_OF.isoformat()}
    return {
        "window": window, "figure": "value", "before": 0.9, "now": 0.825, "change": -0.075, "missing": None,
        "dimensions": [team, {**team, "by": "tier"}],
    }  # fmt: skip


STORIES: dict[str, Any] = {
    "promised.promised": {"steps": [], "changes": []}, "resting.resting": {}, "lacking.lacking": [],
}  # fmt: skip
"""What every reader tells: targets without a history, sources on which nothing rests, assets that lack nothing."""


class FakeReader:
    """Reader over invented results; ``show`` answers what the snapshot holds and makes up the rest."""

    def __init__(self, snapshot: Snapshot | None = None, stories: dict[str, Any] | None = None) -> None:
        self.stories = STORIES | (stories or {})
        self._snapshot = snapshot or Snapshot(
            as_of=AS_OF,
            results=results(),
            sources=sources(),
            evaluated_at=AS_OF,
            facts={"run": 412_000},
            timezone="Europe/Berlin",
        )

    def snapshot(self) -> Snapshot:
        return self._snapshot

    def now(self) -> datetime:
        return AS_OF

    def show(self, kpi: str, ask: Ask) -> dict[str, Any]:
        scope = {key: getattr(ask, key) for key in ("tier", "team", "domain", "asset") if getattr(ask, key) is not None}
        return result(kpi, ask.window, **scope)

    def explain(self, kpi: str, ask: Ask, limit: int = 500) -> dict[str, Any]:
        shown = self.show(kpi, ask)
        good, bad = shown.get("good", 0), shown.get("bad", 0)
        facts = [
            {
                "id": f"run-{place}",
                "source": "airflow-prod",
                "kind": "run",
                "asset": f"airflow-prod/orders_{place % 9}",
                "at": (AS_OF - timedelta(hours=place)).isoformat(),
                "verdict": "bad" if place < 12 else "good",
                "reason": "failed" if place % 3 else "missed: no run met the slot",
                "value": None,
                "url": f"https://airflow.example/dags/orders_{place % 9}/runs/{place}",
            }
            for place in range(min(60, limit))
        ]
        return {
            "result": shown,
            "formula": "good / (good + bad)",
            "figures": f"{good:,} / ({good:,} + {bad:,}) = {shown['value']!r}",
            "excluded": [
                {"reason": "manual", "good": 41, "bad": 3, "n": 44},
                {"reason": "in flight", "good": 0, "bad": 0, "n": 5},
            ],
            "unknown": [{"reason": "source not observed", "n": 3}],
            "facts": facts,
            "facts_total": good + bad,
            "definition_version": "1",
            "drivers": drivers(),
            "versions": {"definition": {"kpi": kpi, "version": 1}, "targets": []},
            "not_counted": "intentional skips, manual and backfill runs, runs still in flight",
        }

    def breakdown(self, kpi: str, ask: Ask, by: str) -> list[dict[str, Any]]:
        keys = {
            "asset": [f"airflow-prod/orders_{place}" for place in range(9)],
            "team": list(TEAMS),
            "domain": list(DOMAINS),
            "tier": [0, 1, 2, 3],
        }[by]
        rows = [
            {"key": key, "value": 0.9 + 0.01 * place, "good": 90 + place, "bad": 10 - place, "n": 100}
            for place, key in enumerate(keys)
        ]
        return rows

    def tell(self, story: Any, ask: Ask, **asked: Any) -> Any:
        """What ``stories`` holds under "module.function" (budgets.budgets); a function there is asked in turn."""
        name = story.__module__.rpartition(".")[2] + "." + story.__name__
        if name not in self.stories:
            raise AssertionError(f"FakeReader(stories=...) holds nothing for {name!r}, only {sorted(self.stories)}")
        told = self.stories[name]
        return told(ask, **asked) if callable(told) else told

    def set_asides(self, source: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
        row = {
            "source": "dbt",
            "place": "run_results.json:412",
            "record": '{"status": "warm"}',
            "error": "check_result.outcome: 'warm': expected one of pass, fail, error, skip",
            "at": AS_OF.isoformat(),
        }
        return [row, row] if source in (None, "dbt") else []
