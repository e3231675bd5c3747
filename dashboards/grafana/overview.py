"""The overview: what is open, how the KPIs stand, and each KPI against what was promised, a row a family."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from grafana_foundation_sdk.builders import dashboard

from dashboards.grafana import parts
from dashboards.metrics import alerting, product, verdicts
from dashboards.metrics.family import PREFIX
from slo.kpi import Kpi

_OPEN = parts.one("alert, cause, team, tier, severity", alerting.AFFECTED.name)


def made(kpis: Iterable[Kpi]) -> dashboard.Dashboard:
    page = parts.page("tierline-overview", "Tierline: overview", "How is the data platform doing, and how do you know?")
    page = page.with_variable(parts.windows())
    for panel in _now():
        page = page.with_panel(panel)
    ordered = sorted(kpis, key=lambda kpi: kpi.family)
    for family, own in groupby(ordered, key=lambda kpi: kpi.family):
        row = dashboard.Row(family.capitalize())
        for kpi in own:
            row = row.with_panel(_kpi(kpi))
        page = page.with_row(row)
    return page


def _now() -> Iterator[parts.Panel]:
    statuses = parts.one("kpi, status", verdicts.KPI_STATUS.name, parts.OF_WINDOW)
    age = f"time() - max({product.EVALUATED.name}{{{parts.JOB}}})"
    yield parts.figure(
        "Open alerts", "Causes that somebody is told of, by severity.", "short", f"count by (severity) ({_OPEN})"
    ).no_value("none")
    yield parts.figure(
        "KPIs by status", "The headline status of every KPI in the chosen window.", "short",
        f"count by (status) ({statuses})", span=12, legend="{{status}}",
    )  # fmt: skip
    yield parts.figure(
        "Age of the evaluation", "Results end when it is older than 10 minutes.", "s", age
    ).thresholds(parts.limits([(None, parts.GOOD), (300, parts.WARN), (600, parts.BAD)]))  # fmt: skip
    yield parts.figure(
        "Blind spots", "Sources or evaluations that Tierline does not see.", "short",
        f"count({parts.one('source, what', product.BLIND.name)} > 0)",
    ).no_value("none")  # fmt: skip
    yield parts.rows(
        "What is open", "One line a cause, with how many assets it holds up.", _OPEN,
        {"alert": "Alert", "cause": "Cause", "team": "Team", "tier": "Tier", "severity": "Severity", "Value": "Assets"},
    )  # fmt: skip
    left = parts.one("kpi, profile, row", verdicts.REMAINING.name, parts.OF_WINDOW)
    yield parts.lines(
        "Error budgets left", "The emptiest ten, in the chosen window.", "percentunit",
        parts.query(f"bottomk(10, {left})", "{{kpi}} {{profile}} {{row}}"),
    )  # fmt: skip


def _kpi(kpi: Kpi) -> parts.Panel:
    """The value, and the figures promised for the whole platform."""
    unit = parts.UNITS.get(kpi.unit, "short")
    value = parts.one("window", f"{PREFIX}{kpi.metric}", parts.OF_WINDOW)
    promised = parts.one("profile, row, bound", f"{PREFIX}target_{kpi.metric}", f'{parts.JOB},tier=""')
    return parts.lines(
        kpi.title, kpi.definition, unit, parts.query(value, kpi.title),
        parts.query(promised, "{{bound}} {{profile}} {{row}}"), span=8,
    )  # fmt: skip
