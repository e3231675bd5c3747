"""The sources: which are read, how old what they told is, what they told."""

from __future__ import annotations

from grafana_foundation_sdk.builders import dashboard

from dashboards.grafana import parts
from dashboards.metrics import product


def made() -> dashboard.Dashboard:
    page = parts.page("tierline-sources", "Tierline: sources", "What Tierline reads, and what it does not see.")
    for panel in (*_figures(), *_courses(), *_tables()):
        page = page.with_panel(panel)
    return page


def _figures() -> tuple[parts.Panel, ...]:
    up, stale = parts.one("source", product.UP.name), parts.one("source", product.STALE.name)
    cut = parts.limits([(None, parts.GOOD), (1, parts.BAD)])
    return (
        parts.figure("Sources", "Configured.", "short", f"count({up})", span=6),
        parts.figure("Last pass failed", "Sources.", "short", f"count({up} == 0)", span=6).no_value("none"),
        parts.figure("Stale", "Sources.", "short", f"count({stale} == 1)", span=6).no_value("none"),
        parts.figure(
            "Series left out", "By the cap, see ops.metrics.cap.", "short",
            f"max({product.DROPPED.name}{{{parts.JOB}}})", span=6,
        ).thresholds(cut),
    )  # fmt: skip


def _courses() -> tuple[parts.Panel, ...]:
    stored = f"sum by (source) (rate({product.STORED.name}{{{parts.JOB}}}[15m])) * 60"
    failed = f'sum by (source) (increase({product.PASSES.name}{{{parts.JOB},outcome="failed"}}[1h]))'
    age, took = parts.one("source", product.AGE.name), parts.one("source", product.TOOK.name)
    lag, came = parts.one("source", product.LAG.name), parts.one("source", product.COMPLETE.name)
    return (
        parts.lines("Age", "Since the last pass without an error.", "s", parts.query(age, "{{source}}")),
        parts.lines("Lag", "Age of the newest that the source told.", "s", parts.query(lag, "{{source}}")),
        parts.lines(
            "Completeness", "What came of the records that the source itself counts.", "percentunit",
            parts.query(came, "{{source}}"),
        ),
        parts.lines("Length of the last pass", "", "s", parts.query(took, "{{source}}")),
        parts.lines("Facts a minute", "New, or told anew.", "short", parts.query(stored, "{{source}}")),
        parts.lines("Failed passes an hour", "", "short", parts.query(failed, "{{source}}")),
    )  # fmt: skip


def _tables() -> tuple[parts.Panel, ...]:
    blind = f"{parts.one('source, what', product.BLIND.name)} > 0"
    held, aside = parts.one("source", product.HELD.name), parts.one("source", product.ASIDE.name)
    left = parts.one("source, objective", product.LEFT.name)
    return (
        parts.rows(
            "Objectives of the sources", "What is left of each one's error budget over 28 days, the emptiest first.",
            f"sort({left})", {"source": "Source", "objective": "Objective", "Value": "Budget left"}, "percentunit",
        ),
        parts.rows("Blind spots", "What Tierline does not see.", blind, {"source": "Source", "what": "What"}),
        parts.rows("Facts held", "Of each source.", held, {"source": "Source", "Value": "Facts"}),
        parts.rows(
            "Set aside", "Records of the last pass that could not be taken.", f"{aside} > 0",
            {"source": "Source", "Value": "Records"},
        ),
    )  # fmt: skip
