"""What the watch says (slo/alerting): objectives and how fast their budgets burn, what is late or failing now, alerts.
Rules quote these series; nothing is worked out here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from dashboards.metrics.family import PREFIX, Group, Shelf, Spec

Told = Mapping[str, Any]
_OPEN = ("asset", "cause", "team", "tier", "domain")
_ALERT = ("alert", "severity", "cause", "team", "tier", "slo")

INFO = Spec(
    f"{PREFIX}slo_info",
    "1 for each objective: its target, its tiers, the team that is told, the policy in force, its page.",
    ("slo", "kpi", "profile", "row", "tier", "team", "policy", "page"),
    "info",
)
OBJECTIVE = Spec(f"{PREFIX}slo_objective_ratio", "The share that must be good.", ("slo",))
GOOD = Spec(
    f"{PREFIX}slo_period_good",
    "Good events (or seconds) of the objective in the rolling period; they can be restated.",
    ("slo",),
)
BAD = Spec(
    f"{PREFIX}slo_period_bad",
    "Bad events (or seconds) of the objective in the rolling period; they can be restated.",
    ("slo",),
)
LEFT = Spec(
    f"{PREFIX}slo_period_remaining_ratio",
    "Share of the error budget left in the rolling period; negative when overspent.",
    ("slo",),
)
RATE = Spec(
    f"{PREFIX}slo_period_burn_rate", "Burn rate over the rolling period; 1 spends the budget exactly.", ("slo",)
)
PRESENT = Spec(f"{PREFIX}slo_present_burn_rate", "Burn rate over the last three days.", ("slo",))
RUNS_OUT = Spec(
    f"{PREFIX}slo_runs_out_timestamp_seconds", "When the budget runs out if it burns on as at present.", ("slo",)
)
LOOKBACK_RATE = Spec(
    f"{PREFIX}slo_lookback_burn_rate",
    "Burn rate in the long and the short part of a lookback of the policy.",
    ("slo", "lookback", "part"),
)
THRESHOLD = Spec(
    f"{PREFIX}slo_lookback_threshold",
    "The burn rate that both parts of the lookback must pass for the alert.",
    ("slo", "lookback", "severity"),
)
LOOKBACK_BAD = Spec(
    f"{PREFIX}slo_lookback_bad",
    "Bad events (or seconds) in the long and the short part of a lookback.",
    ("slo", "lookback", "part"),
)
MIN_BAD = Spec(
    f"{PREFIX}slo_lookback_min_bad",
    "So many bad events there must be in the long part of a lookback for the alert, too.",
    ("slo", "lookback", "severity"),
)
WORST = Spec(
    f"{PREFIX}slo_worst", "An asset's share of what was bad; at most five assets an objective.", ("slo", "asset")
)
LATE = Spec(
    f"{PREFIX}dataset_late_seconds",
    "So long the dataset is late now; cause is the earliest failing ancestor in lineage, team who must act.",
    _OPEN,
)
FAILING = Spec(
    f"{PREFIX}run_failing_seconds",
    "Since so long the asset's run is missed or failed with no success since.",
    _OPEN,
)
AFFECTED = Spec(
    f"{PREFIX}alert_affected",
    "Assets that an open alert is about, of Tierline's own blindness the sources; 1 for a budget or a source.",
    _ALERT,
)
SINCE = Spec(f"{PREFIX}alert_since_timestamp_seconds", "Since when the alert is open.", _ALERT)
SILENCED = Spec(
    f"{PREFIX}alert_silenced",
    "1 for what would alert, but is in maintenance or explained by another alert.",
    ("alert", "cause", "why"),
)

_FIGURES = (
    (OBJECTIVE, "objective"), (GOOD, "good"), (BAD, "bad"), (LEFT, "remaining"), (RATE, "burn_rate"),
    (PRESENT, "present_burn"),
)  # fmt: skip


def alerts(shelf: Shelf, watch: Told) -> None:
    """What is open now, that which rules fire on first. ``watch`` is the document stored with the evaluation; {} before
    the first one."""
    for one in watch.get("alerts", ()):
        labels = tuple(one.get(name) for name in _ALERT)
        shelf(AFFECTED).add(labels, len(one.get("affected") or ()) or 1)
        shelf(SINCE).add(labels, _epoch(one.get("since")))
    for one in watch.get("silenced", ()):
        shelf(SILENCED).add((one["alert"], one["cause"], _why(one["why"])), 1)
    _open(shelf, LATE, watch.get("late", ()))
    _open(shelf, FAILING, watch.get("failed", ()))


def _objectives(shelf: Shelf, watch: Told) -> None:
    for one in watch.get("slos", ()):
        own = (one["slo"],)
        shelf(INFO).add((one[name] for name in INFO.labels), 1)
        for spec, key in _FIGURES:
            shelf(spec).add(own, one.get(key))
        shelf(RUNS_OUT).add(own, _epoch(one.get("runs_out")))


def _lookbacks(shelf: Shelf, watch: Told) -> None:
    for slo, told in ((one["slo"], told) for one in watch.get("slos", ()) for told in one.get("lookbacks", ())):
        name, severity = told["name"], told["severity"]
        for part in ("long", "short"):
            shelf(LOOKBACK_RATE).add((slo, name, part), told.get(f"{part}_rate"))
            shelf(LOOKBACK_BAD).add((slo, name, part), told.get(f"{part}_bad"))
        shelf(THRESHOLD).add((slo, name, severity), told.get("threshold"))
        shelf(MIN_BAD).add((slo, name, severity), told.get("min_bad"))


def _worst(shelf: Shelf, watch: Told) -> None:
    for one in (one for one in watch.get("slos", ()) if one.get("watched")):
        for worst in one.get("worst", ()):
            shelf(WORST).add((one["slo"], worst["asset"]), worst["share"])


OBJECTIVES = (_objectives, _lookbacks, _worst)
"""Each fills what is read together: the budgets, how fast they burn, what burns them."""


def _open(shelf: Shelf, spec: Spec, every: Iterable[Told]) -> None:
    """What is open and not in maintenance; of an asset that is late twice, the longer."""
    for one in sorted((one for one in every if not one.get("maintenance")), key=lambda one: -one["seconds"]):
        team = one.get("cause_team") or one.get("team")
        labels = (one["asset"], one.get("cause") or one["asset"], team, one.get("tier"), one.get("domain"))
        shelf(spec).add(labels, one["seconds"])


def _why(words: str) -> str:
    """maintenance or explained: what follows (a reason, a key) is no label."""
    return words.split(":")[0].split()[0]


def _epoch(moment: str | None) -> float | None:
    return None if moment is None else datetime.fromisoformat(moment).timestamp()


GROUP = Group(
    "Burning budgets and what is late now",
    "What the alerts stand on, worked out with each evaluation and quoted by the rules of `tierline rules`. `slo` is "
    "`<kpi>-<profile>-<row>`, with the clause where a row has several; `tier` and `domain` are empty where there is "
    "none.",
    "when the dataset arrives, the run succeeds, the budget recovers or the asset is retired, and when the evaluation "
    "is stale",
    (
        INFO, OBJECTIVE, GOOD, BAD, LEFT, RATE, PRESENT, RUNS_OUT, LOOKBACK_RATE, THRESHOLD, LOOKBACK_BAD, MIN_BAD,
        WORST, LATE, FAILING, AFFECTED, SINCE, SILENCED,
    ),
    (
        ("what is late now, the longest first", "sort_desc(dataplatform_dataset_late_seconds)"),
        (
            "budgets that burn in both parts of a lookback",
            'min by (slo, lookback) (dataplatform_slo_lookback_burn_rate) > on (slo, lookback) group_right () '
            "dataplatform_slo_lookback_threshold",
        ),
        (
            "a budget's days left, with the team that is told",
            "(dataplatform_slo_runs_out_timestamp_seconds - time()) / 86400 * on (slo) group_left (team) "
            "dataplatform_slo_info",
        ),
    ),
)  # fmt: skip
