"""The value of each KPI: one family a KPI, and one more for each way to cut it."""

from __future__ import annotations

from collections.abc import Iterable

from dashboards.metrics.family import ANY, PREFIX, Group, Shelf, Spec
from dashboards.metrics.results import CUTS, Part, cut_label, infix


def spec(metric: str, title: str, definition: str, cut: str = "") -> Spec:
    """dataplatform_<metric>{window}, dataplatform_<cut>_<metric>{<cut>,window}."""
    where = f", by {cut}" if cut else ", the whole platform"
    labels = (cut, "window") if cut else ("window",)
    return Spec(f"{PREFIX}{infix(cut)}{metric}", f"{title}{where}: {definition}", labels)


def fill(shelf: Shelf, cut: str, part: Part) -> None:
    for window, one in part:
        family = shelf(spec(one["metric"], one["title"], one["definition"], cut))
        family.add((*cut_label(one, cut), window), one["value"])


def group(kpis: Iterable[tuple[str, str, str]]) -> Group:
    """``kpis``: metric, title and definition of each."""
    return Group(
        "KPIs",
        "One family a KPI for the whole platform, and one each for tiers, teams and domains. `window` is `1d`, `7d`, "
        "`28d` (rolling, up to now), `month` (the running one) or `previous_month`.",
        "while there is no data (no sample is written: neither 0 nor 1), and when the evaluation is stale",
        (*(spec(*kpi) for kpi in kpis), *(spec(ANY, "Each of them", "as above.", cut) for cut in CUTS)),
        (
            ("runs that succeed, in the last 28 days", 'dataplatform_pipeline_success_ratio{window="28d"}'),
            ("the worst tier", 'bottomk(1, dataplatform_tier_pipeline_success_ratio{window="28d"})'),
        ),
    )
