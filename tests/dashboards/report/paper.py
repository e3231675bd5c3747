"""A report's document made by hand, small and whole: every part that a renderer draws is in it at least once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards.report import sealing
from dashboards.report import shape as s

MONTHS = ("Nov", "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct")
KEPT, LOST = s.Status("met", "●", "met"), s.Status("missed", "▲", "missed")
LEAST, NONE = s.Status("near", "◐", "met (minimum)"), s.Status("no data", "○", "no data")
SUCCESS = (0.981, 0.987, None, 0.989, 0.992, 0.9905, 0.988, 0.991, 0.993, 0.9925, 0.994, 0.9917)


def trend(values: Sequence[float | None] = SUCCESS, bound: float | None = 0.99) -> s.Chart:
    """Twelve months: a gap in January, one that was restated in April, the newest provisional, a target that rose."""
    points = [
        s.Point(f"2026-{at:02}", month, value, "–" if value is None else f"{value:.2%}", at == 11, at == 5,
                None if bound is None else bound - (0.005 if at < 6 else 0))
        for at, (month, value) in enumerate(zip(MONTHS, values, strict=True))
    ]  # fmt: skip
    low, high = min(filter(None, values)), max(filter(None, values))
    middle = (low + high) / 2
    return s.Chart("twelve months to October 2026", points, low, high, [s.Mark(middle, f"{middle:.1%}")])


DAYS = s.Days("1 Oct", "31 Oct", [0.99, None, 0.97, 0.992, 0.995], [4], 0.99, 0.965, 1.0, [s.Mark(0.98, "98 %")])


def card(kpi: str, title: str, **other: Any) -> s.Card:
    told = {
        "kpi": kpi, "title": title,
        "sentence": f"{title} was 99.17 % in October 2026; the target is at least 99 %",
        "value": s.Figure(0.9917, "99.17 %"), "status": KEPT, "provisional": False,
        "facts": ("n 4,812", "98.9 to 99.4 %", "98 % observed"), "beside": (s.Term("as consumers felt it", "98.8 %"),),
        "trend": trend(), "days": None, "tiers": (), "drivers": None, "budgets": (), "caveats": (), "decided": (),
    }  # fmt: skip
    return s.Card(**(told | other))


def rich() -> s.Card:
    """A card with all that can stand on one."""
    tiers = [
        s.Tier(
            tier, s.Figure(0.99 - tier / 100, f"{0.99 - tier / 100:.1%}"), s.Figure(1203, "n 1,203"), KEPT, "≥ 98 %",
            DAYS,
        )
        for tier in range(4)
    ]  # fmt: skip
    lines = [
        s.DriverLine("orders", "97.1 %, was 99.0 %", s.Figure(-0.0002, "−0.02"), s.Figure(-0.0060, "−0.60"),
                     s.Figure(-0.0062, "−0.62")),
        s.DriverLine("all", "99.17 %, was 99.79 %", s.Figure(-0.0002, "−0.02"), s.Figure(-0.0060, "−0.60"),
                     s.Figure(-0.0062, "−0.62")),
    ]  # fmt: skip
    return card(
        "pipeline_success_rate", "Pipeline success rate", status=LOST, tiers=tiers, days=DAYS,
        drivers=s.Drivers("orders took 0.62 points of it", "domain", "points", True, lines),
        budgets=(s.Budget("at least 99 %", "tier 1", -0.31, 1.31, "131 % of the budget is spent",
                          (s.Term("orders_hourly", "31 of 48 failures", 31.0),)),),
        caveats=("Mean time to detect is missed: read both together",),
        decided=(s.Said("The vendor's outage of 12 October is left out", "core, TICKET-7"),),
    )  # fmt: skip


def row(kpi: str, title: str, value: float | None = 0.9917, **other: Any) -> s.Row:
    told = {
        "kpi": kpi, "title": title, "family": "reliability", "unit": "ratio", "unit_words": "",
        "value": s.Figure(value, "–" if value is None else f"{value:.2%}"),
        "parts": {"good": 4772, "bad": 40}, "n": s.Figure(4812, "4,812"),
        "target": "≥ 99 %", "status": KEPT, "coverage": s.Figure(0.98, "98 %"), "before": s.Figure(0.9979, "99.79 %"),
        "change": s.Figure(-0.0062, "down 0.62 points"), "provisional": False,
    }  # fmt: skip
    return s.Row(**(told | other))


ROWS = (
    row("pipeline_success_rate", "Pipeline success rate", status=LOST),
    row("mttr", "Mean time to restore", 5421.5, unit="seconds", target="≤ 2 h", n=s.Figure(14, "14"),
        before=s.Figure(4800.0, "80 min"), change=s.Figure(621.5, "up 10 min"), status=LEAST),
    row("unit_cost", "Unit cost", 12.5, unit="currency_per_terabyte", unit_words="USD per TB", target="–",
        before=s.Figure(None, "–"), change=s.Figure(None, "–"), provisional=True),
    row("lineage_coverage", "Lineage coverage", None, status=NONE, n=s.Figure(0, "0"), coverage=s.Figure(None, "–")),
)  # fmt: skip


AGREED = s.Agreement("snowflake/*", "2026-10-12T08:00:00+02:00", "2026-10-12T11:00:00+02:00", "core", "TICKET-7",
                     "The vendor was down on 12 October, 08:00 to 11:00")  # fmt: skip
RESTATED = s.Restated("2026-09", "September 2026", "mttr", "Mean time to restore", "platform",
                      s.Figure(4500.0, "75 min"), s.Figure(4800.0, "80 min"), "+5 min",
                      ("2 incidents of pagerduty came late, on 4 October",))  # fmt: skip


def report(**other: Any) -> s.Report:
    kept = [("promised", "Promised", 31), ("measured", "Measured", 27), ("met", "Met", 18),
            ("near", "Met at the minimum", 3), ("missed", "Missed", 6),
            ("not_measurable", "Not measurable", 4)]  # fmt: skip
    definition = s.Definition(
        "pipeline_success_rate", "Pipeline success rate", 3, "Scheduled runs that succeeded, of those due.",
        "good / (good + bad)", "Runs by hand.",
        [s.Target("at least 99 %", "lead_platform", 3, "2025-01-01", "core", "2025-01-01", "adopted by core")],
    )  # fmt: skip
    told: dict[str, Any] = {
        "period": s.Period("2026-10", "month", "October 2026", "2026-10-01T00:00:00+02:00",
                           "2026-11-01T00:00:00+01:00", "2026-09", "September 2026"),
        "scope": s.Asked(None, None, None, "the platform"), "as_of": "2026-11-06T08:00:00+01:00",
        "as_of_text": "6 November 2026, 08:00 CET", "timezone": "Europe/Berlin", "state": "closed",
        "state_text": "Closed on 6 November 2026.",
        "title": "In October 2026 the platform kept 21 of 27 judged promises",
        "intro": ("Data platform report for October 2026.",),
        "restricted": s.Restricted(False, 2, "2 lines about findings are not in this copy."),
        "counts": [s.Count(key, title, n, n - 1, n + 1) for key, title, n in kept],
        "counts_text": "31 promised, 27 measured, 21 kept, 6 missed.",
        "promises": [s.Promise("pipeline_success_rate", "Pipeline success rate", "tier 1", "≥ 99 %",
                               s.Figure(0.9917, "99.17 %"), s.Figure(4812, "n 4,812"), LOST, LOST, KEPT)],
        "misses": [s.Miss("pipeline_success_rate", "Pipeline success rate",
                          "Tier 1 kept 97.1 % of its runs; promised are 99 %",
                          ("orders_hourly failed 31 of 48 times", "11 of them behind one late source"))],
        "changes": [s.Changed("mttr", "Mean time to restore", s.Figure(4800.0, "80 min"),
                              s.Figure(5421.5, "90 min"), "up 10 min", "up", False,
                              "Mean time to restore ↑ +12 %: 80 min to 90 min")],
        "changes_text": "1 of 27 figures changed by more than noise.",
        "cost": ("Cost rose by 4 % at 7 % more volume.",),
        "words": s.Words("notes/2026-10.md", ("We moved orders to the new cluster.",),
                         (s.Ask("D1", "Agree to 98 % for orders until January"),), "2026-09",
                         (s.Ask("S1", "Buy 3 TB of storage", "done", True),)),
        "restated": [RESTATED], "closed": None,
        "excluded": [s.Excluded("vendor", [AGREED], [s.Term("Pipeline success rate", "0.3 % of its runs", 0.003)])],
        "disputed": (s.Said("Mean time to restore: closed at noon", "disputed by domain orders"),),
        "noted": (s.Said("Moved to the new cluster", "core"),),
        "table": [s.Group("", ROWS)],
        "families": [
            s.Family("reliability", "Reliability", [rich(), card("mttr", "Mean time to restore")],
                     [s.Term("Query performance P95", "no source tells it")],
                     s.Happened("14 incidents, 2 of them repeats",
                                [s.Incident("2026-10-12T08:00:00+02:00", "12 Oct, 08:00", s.Figure(5400.0, "90 min"),
                                            2, "freshness", "upstream", "Orders came late", ("orders",), False)],
                                13, [s.Repeat("full disk", "full disk, for the third time")])),
        ],
        "coverage": s.Coverage("44 of 49 KPIs are measured.",
                               [s.Covered("lineage_coverage", "Lineage coverage", "not set up", "no catalogue")]),
        "definitions": [definition], "reading": ("n is what the value stands on.",),
    }  # fmt: skip
    return s.Report(**(told | other))


def document(**other: Any) -> dict[str, Any]:
    """The report as plain data; ``other``: parts to put in place."""
    return sealing.plain(report(**other))
