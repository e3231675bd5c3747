"""What the dashboards are made of: queries over one job of Prometheus, panels, the choices at the top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as shapes
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import prometheus as queries

from dashboards.metrics.product import EVALUATED
from dashboards.metrics.results import WINDOWS

Panel = Builder[models.Panel]
SOURCE = models.DataSourceRef(type_val="prometheus", uid="${source}")
JOB = 'job="$job"'
OF_WINDOW = f'{JOB},window="$window"'
UNITS = {
    "ratio": "percentunit", "seconds": "s", "count": "short", "per_week": "short", "per_month": "short",
    "score": "short", "business_days": "short", "hours_per_week": "short", "currency_per_terabyte": "short",
}  # fmt: skip
"""A KPI's unit -> Grafana's."""
GOOD, WARN, BAD = "green", "orange", "red"


def one(by: str, series: str, matchers: str = JOB) -> str:
    """One series each, however many processes of the job expose it."""
    return f"max by ({by}) ({series}{{{matchers}}})"


def query(expr: str, legend: str = "") -> prometheus.Dataquery:
    return prometheus.Dataquery().expr(expr).legend_format(legend or "__auto").ref_id("A").range()


def lines(title: str, words: str, unit: str, *asked: prometheus.Dataquery, span: int = 12) -> timeseries.Panel:
    """A chart over time."""
    panel = timeseries.Panel().title(title).description(words).unit(unit).datasource(SOURCE).height(8).span(span)
    panel = panel.legend(common.VizLegendOptions().show_legend(True).placement(shapes.LegendPlacement.BOTTOM))
    for number, part in enumerate(asked):
        panel = panel.with_target(part.ref_id(chr(ord("A") + number)))
    return panel


def figure(title: str, words: str, unit: str, expr: str, span: int = 4, legend: str = "") -> stat.Panel:
    """One figure (or one a series) as it is now; what has ended is not shown any more."""
    panel = stat.Panel().title(title).description(words).unit(unit).datasource(SOURCE).height(4).span(span)
    panel = panel.graph_mode(shapes.BigValueGraphMode.NONE).color_mode(shapes.BigValueColorMode.VALUE)
    panel = panel.reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
    return panel.no_value("no data").with_target(query(expr, legend).instant())


def limits(steps: Sequence[tuple[float | None, str]]) -> dashboard.ThresholdsConfig:
    """Colours from a value on; the first from the beginning."""
    made = [models.Threshold(value=value, color=color) for value, color in steps]
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(made)


def rows(title: str, words: str, expr: str, columns: Mapping[str, str], unit: str = "short") -> table.Panel:
    """A table of the series there are now. ``columns``: label (or Value) -> its heading; what is not named is left
    out."""
    panel = table.Panel().title(title).description(words).datasource(SOURCE).height(8).span(12).unit(unit)
    panel = panel.with_target(query(expr).instant().format(queries.PromQueryFormat.TABLE))
    order = {name: place for place, name in enumerate(columns)}
    kept = {"include": {"names": list(columns)}}
    named = {"indexByName": order, "renameByName": dict(columns)}
    panel = panel.with_transformation(models.DataTransformerConfig(id_val="filterFieldsByName", options=kept))
    return panel.with_transformation(models.DataTransformerConfig(id_val="organize", options=named))


def page(uid: str, title: str, words: str) -> dashboard.Dashboard:
    """An empty dashboard with the choice of data source and job."""
    made = dashboard.Dashboard(title).uid(uid).description(words).tags(["tierline"]).refresh("1m").time("now-7d", "now")
    made = made.timezone("browser").editable().tooltip(models.DashboardCursorSync.CROSSHAIR)
    made = made.with_variable(dashboard.DatasourceVariable("source").label("Data source").type("prometheus"))
    linked = dashboard.DashboardLink("Tierline").type(models.DashboardLinkType.DASHBOARDS).tags(["tierline"])
    made = made.link(linked.include_vars(True).keep_time(True))
    return made.with_variable(choice("job", "Job", f"label_values({EVALUATED.name}, job)"))


def choice(name: str, label: str, asked: str) -> dashboard.QueryVariable:
    """A choice that Prometheus knows the values of."""
    made = dashboard.QueryVariable(name).label(label).query(asked).datasource(SOURCE)
    return made.refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(models.VariableSort.ALPHABETICAL_ASC)


def windows() -> dashboard.CustomVariable:
    """The windows that values are told of."""
    first = models.VariableOption(text="28d", value="28d", selected=True)
    return dashboard.CustomVariable("window").label("Window").values(",".join(WINDOWS)).current(first)
