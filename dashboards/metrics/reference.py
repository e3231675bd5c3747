"""docs/metrics.md, made from the families' own words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dashboards.metrics import alerting, assets, counts, product, values, verdicts
from dashboards.metrics.family import ANY, PREFIX, Group, Spec
from slo.kpi import METRIC_SUFFIX, Kpi

_HEAD = """# Metrics

Made from the families' own words by `make docs`; edit those. `tierline serve` exposes them on the ops listener:

    curl -s http://127.0.0.1:8051/metrics

Prometheus' text format, or OpenMetrics where the scraper's `Accept` header asks for it (a Prometheus does), with gzip
where it takes that. A scrape reads bytes that are ready: no query, and no wait for a collector.

- **Base units**: seconds, ratios from 0 to 1. The unit is the last word of the name.
- **No data, no sample**: neither 0 nor 1. `absent()` finds it.
- **Gauges** for all that may be restated by a late fact; `_total` counters only for what was observed.
- **Stale**: results end when their evaluation is older than 10 minutes; what `tierline_*` says stays, with its age.
- **A cap**: at most `ops.metrics.cap` series of results (4,000 unless set), [in this order](#what-the-cap-leaves-out).
  What does not fit is left out whole. `tierline_series_dropped` tells how many series, and the log names their
  families.
- **Past days**: `tierline history --openmetrics` writes them for Prometheus ([below](#past-days)).

## How sum() stays safe

A family never holds a whole beside its parts: the whole platform, tiers, teams, domains and single assets each have
families of their own, and an asset is in one tier, one team and one domain. So a sum over one family's counts counts
nothing twice:

    sum(dataplatform_team_slo_bad{kpi="pipeline_success_rate",window="28d"})

Choose one `window` first, as here: windows overlap. Ratios, durations and scores do not add up. Divide sums of counts
instead of averaging ratios:

    sum(dataplatform_team_slo_good{kpi="pipeline_success_rate",window="28d"})
      / sum({__name__=~"dataplatform_team_slo_(good|bad)",kpi="pipeline_success_rate",window="28d"})

An incident counts in every scope that one of its assets is in, so KPIs of incidents are not summed over teams.

## What the cap leaves out

Families are taken in the order below. The first that does not fit under `ops.metrics.cap` is left out, and so are all
after it: as more is open, more is left out, and no series comes and goes with it. What is larger than the whole
cap at any hour is left out alone.

1. what is open now: alerts, what is late and what fails. `dataplatform_alert_affected`, which the rules fire on, is
   there whatever the cap;
2. the whole platform: values, statuses, budgets, targets, then good and bad, then unknown, coverage and samples;
3. the objectives: their budgets, their lookbacks, their worst assets;
4. single assets, a KPI each;
5. tiers in `28d`, `month`, `7d`, `1d`, then teams and domains in `28d`: values, then good and bad together; then how
   much of a tier was observed, in `28d`;
6. the other windows of tiers, teams and domains: `month`, `7d`, `1d`, `previous_month`.

A breakdown is in a window whole or not at all: all KPIs, all teams, good with bad. So what a sum finds is complete. A
platform of 50 KPIs, 4 tiers, 6 teams, 9 domains and 12 objectives has 8,300 series. While nothing is late the first
4,000 hold all but the windows of point 6; each late dataset takes one, so 200 of them put out how much of a tier was
observed, 400 the good and bad of domains. For all of point 6, too, set the cap to 10,000.
"""

_TAIL = """## Past days

Prometheus knows what it has scraped. What was before, `tierline history` writes from the stored states:

    tierline history --openmetrics --since 2025-11-01 > history.om
    promtool tsdb create-blocks-from openmetrics --max-block-duration=720h history.om /var/lib/prometheus

Without `--max-block-duration` promtool writes a block for every two hours, which takes minutes a year. The folder is
that of `--storage.tsdb.path`; a running Prometheus finds the blocks within a minute. Set
`--storage.tsdb.retention.time` first, so that it keeps a year: what is older it deletes.

The families have the same names and labels, without what a scrape adds; `--label job=tierline --label
instance=127.0.0.1:8051` adds it, so that past and present are one series. There is one sample a day, at the day's end;
`--step 1h` repeats it every hour. Prometheus looks back five minutes, so ask for the day:

    last_over_time(dataplatform_pipeline_success_ratio{window="28d"}[1d])

A past day is shown as it is known now: an incident resolved since is resolved, a late fact is counted in its day.
`tierline show --as-of` shows it as of then.
"""


def page(kpis: Iterable[Kpi]) -> str:
    """The whole page, for these KPIs."""
    told = list(kpis)
    groups = (
        values.group((kpi.metric, kpi.title, kpi.definition) for kpi in told),
        verdicts.GROUP,
        counts.GROUP,
        alerting.GROUP,
        assets.GROUP,
        product.GROUP,
    )
    units = {kpi.metric: METRIC_SUFFIX[kpi.unit] for kpi in told}
    return "\n".join([_HEAD, *(line for one in groups for line in _section(one, units)), _TAIL])


def _section(group: Group, units: dict[str, str]) -> Iterator[str]:
    yield f"## {group.title}\n"
    yield f"{group.words}\n"
    yield f"**A series ends** {group.ends}.\n"
    yield "| family | type | labels | unit | what |\n|---|---|---|---|---|"
    for spec in group.specs:
        labels = ", ".join(f"`{label}`" for label in spec.labels)
        yield f"| `{spec.name}` | {spec.kind} | {labels} | {_unit(spec, units)} | {_cell(spec.words)} |"
    yield ""
    for asked, query in group.examples:
        yield f"{asked[0].upper()}{asked[1:]}:\n\n    {query}\n"


def _cell(words: str) -> str:
    return words.replace("|", "\\|")


_WORDS = {
    "_ratio": "ratio", "_seconds": "seconds", "_business_days": "business days", "_per_week": "a week",
    "_per_month": "a month", "_hours_per_week": "hours a week", "_per_terabyte": "report currency a terabyte",
    "": "number",
}  # fmt: skip


def _unit(spec: Spec, units: dict[str, str]) -> str:
    """A unit as people say it: of a KPI its own, else what the name ends with."""
    if spec.name.endswith(ANY):
        return "the KPI's"
    if spec.name.endswith("_timestamp_seconds"):
        return "Unix time, seconds"
    metric = spec.name.removeprefix(PREFIX)
    return _WORDS[units[metric]] if metric in units else (spec.unit or "number")
