"""Verdicts, promised figures and error budgets of the whole platform's targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dashboards import format as fmt
from dashboards.metrics.family import ANY, PREFIX, Group, Shelf, Spec
from dashboards.metrics.results import Part, Result
from dashboards.reading import scope

_OF = ("kpi", "profile", "row", "window")
KPI_STATUS = Spec(
    f"{PREFIX}kpi_status",
    "1 for the KPI's headline status, one series a KPI and window; published: no target of it is adopted.",
    ("kpi", "window", "status"),
)
SLO_STATUS = Spec(
    f"{PREFIX}slo_status",
    "1 for the target's status, one series a target and window; published: nobody has adopted it.",
    (*_OF, "status"),
)
REMAINING = Spec(
    f"{PREFIX}slo_error_budget_remaining_ratio",
    "Share of the whole window's error budget left, in the running month of what it will count at the pace so far; "
    "negative when overspent; of a row of several clauses the emptiest budget.",
    _OF,
)
BURN_RATE = Spec(
    f"{PREFIX}slo_burn_rate",
    "Bad share over the allowed bad share: 1 spends the budget exactly in its window; of several clauses the highest.",
    _OF,
)


def target_spec(metric: str, title: str) -> Spec:
    """dataplatform_target_<metric>: the promised figures, in the KPI's own unit."""
    words = f"Target figures of: {title}; bound is floor or stretch."
    return Spec(f"{PREFIX}target_{metric}", words, ("profile", "row", "tier", "bound"))


def fill(shelf: Shelf, part: Part) -> None:
    """Of the platform's own results."""
    for window, one in part:
        shelf(KPI_STATUS).add((one["kpi"], window, _word(scope.profile_status(one, None))), 1)
        for entry in one["targets"]:
            _target(shelf, window, one, entry)
            if window == "28d":
                _bounds(shelf, one, entry)


def _word(status: str) -> str:
    return status.replace(" ", "_")


def _target(shelf: Shelf, window: str, one: Result, entry: Mapping[str, Any]) -> None:
    own = (one["kpi"], entry["profile"], entry["row"], window)
    promised = scope.is_judged(entry, None)
    shelf(SLO_STATUS).add((*own, _word(entry["status"]) if promised else "published"), 1)
    if promised:
        _budget(shelf, own, entry)


def budgets(shelf: Shelf, part: Part) -> None:
    """Of past days: what of each promise was left."""
    for window, one in part:
        for entry in one["targets"]:
            _budget(shelf, (one["kpi"], entry["profile"], entry["row"], window), entry)


def _budget(shelf: Shelf, own: tuple[Any, ...], entry: Mapping[str, Any]) -> None:
    """The worst of a target's clauses, each with a budget of its own."""
    clauses = [one.get("budget") or {} for one in entry.get("clauses", [entry])]
    left = [share for one in clauses if (share := fmt.budget_left(one)) is not None]
    rates = [one["burn_rate"] for one in clauses if one.get("burn_rate") is not None]
    shelf(REMAINING).add(own, min(left, default=None))
    shelf(BURN_RATE).add(own, max(rates, default=None))


def _bounds(shelf: Shelf, one: Result, entry: Mapping[str, Any]) -> None:
    if entry["form"] in scope.BOUNDS:
        family = shelf(target_spec(one["metric"], one["title"]))
        for bound in ("floor", "stretch"):
            tier = scope.narrower(entry, one).get("tier")
            family.add((entry["profile"], entry["row"], tier, bound), entry.get(bound))


GROUP = Group(
    "Targets, statuses, budgets",
    "A status is the label of a series whose value is 1, with `_` for a space: `met`, `near`, `missed`, "
    "`provisional`, `too_few`, `no_data`, `no_target`, `not_set_up`, and `published` for what nobody has adopted. "
    "Only what is adopted has a budget. `row` is the target's row in its profile.",
    "when the status changes (a series with the new one begins), when a target is no longer adopted, and when the "
    "evaluation is stale",
    (KPI_STATUS, SLO_STATUS, REMAINING, BURN_RATE, target_spec(ANY, "the KPI, in its own unit")),
    (
        ("KPIs that miss", 'dataplatform_kpi_status{window="28d",status="missed"}'),
        ("how many stand how", 'count by (status) (dataplatform_kpi_status{window="28d"})'),
        ("budgets below a quarter", 'dataplatform_slo_error_budget_remaining_ratio{window="28d"} < 0.25'),
    ),
)
