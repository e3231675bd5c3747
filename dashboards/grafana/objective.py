"""One objective: how much of its budget is left, how fast it burns over the lookbacks that alert, what spent it."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard

from dashboards.grafana import parts
from dashboards.metrics import alerting

_OWN = f'{parts.JOB},slo="$slo"'


def made() -> dashboard.Dashboard:
    page = parts.page("tierline-slo", "Tierline: objectives", "One error budget: left, burn, runs out, what spent it.")
    page = page.with_variable(
        parts.choice("slo", "Objective", f"label_values({alerting.INFO.name}{{{parts.JOB}}}, slo)")
    )
    for panel in (*_figures(), *_courses(), *_tables()):
        page = page.with_panel(panel)
    return page


def _own(series: str, by: str = "slo") -> str:
    return parts.one(by, series, _OWN)


def _figures() -> tuple[parts.Panel, ...]:
    left = parts.limits([(None, parts.BAD), (0, parts.WARN), (0.25, parts.GOOD)])
    pace = parts.limits([(None, parts.GOOD), (1, parts.WARN), (2, parts.BAD)])
    return (
        parts.figure("Objective", "The share that must be good.", "percentunit", _own(alerting.OBJECTIVE.name)),
        parts.figure("Budget left", "Of 30 days; below 0 it is overspent.", "percentunit", _own(alerting.LEFT.name))
        .thresholds(left),
        parts.figure("Burn, 30 days", "1 spends the budget exactly.", "short", _own(alerting.RATE.name))
        .thresholds(pace),
        parts.figure("Burn, 3 days", "1 spends the budget exactly.", "short", _own(alerting.PRESENT.name))
        .thresholds(pace),
        parts.figure("Runs out in", "At the present pace.", "s", f"{_own(alerting.RUNS_OUT.name)} - time()")
        .no_value("lasts"),
        parts.figure("Bad", "Events, or seconds, of 30 days.", "short", _own(alerting.BAD.name)),
    )  # fmt: skip


def _courses() -> tuple[parts.Panel, ...]:
    burn = _own(alerting.LOOKBACK_RATE.name, "lookback, part")
    limit = _own(alerting.THRESHOLD.name, "lookback, severity")
    bad, least = _own(alerting.LOOKBACK_BAD.name, "lookback, part"), _own(alerting.MIN_BAD.name, "lookback, severity")
    return (
        parts.lines("Budget left", "Below 0 it is overspent.", "percentunit", parts.query(_own(alerting.LEFT.name))),
        parts.lines(
            "Burn of the lookbacks", "An alert needs both parts above the threshold.", "short",
            parts.query(burn, "{{lookback}} {{part}}"), parts.query(limit, "threshold {{lookback}} {{severity}}"),
        ),
        parts.lines(
            "Bad ones of the lookbacks", "Where events are too few for a rate, so many must be bad.", "short",
            parts.query(bad, "{{lookback}} {{part}}"), parts.query(least, "needed {{lookback}} {{severity}}"),
        ),
    )  # fmt: skip


def _tables() -> tuple[parts.Panel, ...]:
    opened = {"asset": "Asset", "cause": "Cause", "team": "Team", "tier": "Tier", "Value": "For"}
    by = "asset, cause, team, tier"
    return (
        parts.rows(
            "What spent it", "Assets by their share of what was bad.", _own(alerting.WORST.name, "asset"),
            {"asset": "Asset", "Value": "Share"}, "percentunit",
        ),
        parts.rows("Late now", "Of all objectives.", parts.one(by, alerting.LATE.name), opened, "s"),
        parts.rows("Failing now", "Of all objectives.", parts.one(by, alerting.FAILING.name), opened, "s"),
    )  # fmt: skip
