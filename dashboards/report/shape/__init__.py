"""The report as plain data: what every form of it is drawn from, and what closing a period stores.

Figures carry the exact value and the text that is shown; texts are ready. One file a part of the report.
"""

from __future__ import annotations

from dashboards.report.shape.families import Budget, Card, DriverLine, Drivers, Family, Happened, Incident, Repeat, Tier
from dashboards.report.shape.figures import Chart, Days, Figure, Mark, Point, Said, Status, Term
from dashboards.report.shape.margins import (
    Agreement,
    Ask,
    Closed,
    Coverage,
    Covered,
    Definition,
    Excluded,
    Restated,
    Target,
    Words,
)
from dashboards.report.shape.report import Report
from dashboards.report.shape.summary import Asked, Changed, Count, Group, Miss, Period, Promise, Restricted, Row

__all__ = [
    "Agreement", "Ask", "Asked", "Budget", "Card", "Changed", "Chart", "Closed", "Count", "Coverage", "Covered",
    "Days", "Definition", "DriverLine", "Drivers", "Excluded", "Family", "Figure", "Group", "Happened",
    "Incident", "Mark", "Miss", "Period", "Point", "Promise", "Repeat", "Report", "Restated", "Restricted", "Row",
    "Said", "Status", "Target", "Term", "Tier", "Words",
]  # fmt: skip
