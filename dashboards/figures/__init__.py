"""Charts as pure values: a result or a story in, a plotly figure out."""

from dashboards.figures.burned import burndown, spark
from dashboards.figures.frame import INK, SOFT, is_log, span
from dashboards.figures.shape import histogram, waterfall
from dashboards.figures.trend import months, multiples, trend

__all__ = [
    "INK", "SOFT", "burndown", "histogram", "is_log", "months", "multiples", "span", "spark", "trend", "waterfall",
]  # fmt: skip
