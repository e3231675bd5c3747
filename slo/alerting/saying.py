"""What an alert says: one plain sentence with its figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from slo.alerting.problem import Problem
from slo.alerting.words import clock, few, length, times
from slo.budgets.pace import PRESENT
from slo.left_out import percent

NAMED = 3
"""Assets that a sentence names as the worst."""
_SINCE = {"failed": "has been failing since", "missed": "has not run since", "late": "has been late since"}
_ONCE = {"failed": "failed at", "missed": "did not run at", "late": "was late at"}
_OTHERS = {
    "late": ("dataset is late", "datasets are late"),
    "failed": ("pipeline fails", "pipelines fail"),
    "missed": ("pipeline has not run", "pipelines have not run"),
}


def of_problems(root: str, found: Sequence[Problem], zone: ZoneInfo) -> str:
    """What the root does, and what is drawn in."""
    own = next((one for one in found if one.asset == root), None)
    cause = next((one.cause for one in found if one.cause is not None), None)
    if own is not None:
        first = f"{root} {_SINCE[own.state]} {clock(own.since.astimezone(zone))}"
    else:
        assert cause is not None
        first = f"{root} {_ONCE.get(cause.what, 'failed at')} {clock(cause.at.astimezone(zone))}"
    return "; ".join([first, *_others([one for one in found if one.asset != root])]) + "."


def _others(found: Sequence[Problem]) -> list[str]:
    said = []
    for state, (one, many) in _OTHERS.items():
        names = [problem.asset for problem in found if problem.state == state]
        if names:
            said.append(f"{len(names)} {one if len(names) == 1 else many}: {few(names)}")
    return said


def of_budget(told: Mapping[str, Any], zone: ZoneInfo) -> str:
    """How fast it burns in the longest lookback that fires, what is left, when it has gone, and for what."""
    firing = max((one for one in told["lookbacks"] if one["fires"]), key=lambda one: one["long"])
    return f"{_named(told)}: {_burn(told, firing)}; {_left(told, zone)}.{_worst(told)}"


def of_wavering(told: Mapping[str, Any], fired: datetime, zone: ZoneInfo) -> str:
    """Of a budget that fired a while ago."""
    return f"{_named(told)}: burnt too fast until {clock(fired.astimezone(zone))}; {_left(told, zone)}.{_worst(told)}"


def _named(told: Mapping[str, Any]) -> str:
    about = [f"tier {told['tier']}" if told["tier"] else "", told["asset"] or ""]
    return ", ".join([told["title"], *filter(None, about)])


def _burn(told: Mapping[str, Any], firing: Mapping[str, Any]) -> str:
    """As a rate; where less than one may be bad, or none, as how many were."""
    span = length(timedelta(seconds=firing["long"]))
    if firing["long_rate"] is not None and firing["threshold"] is not None and not told["low_volume"]:
        return f"burnt {times(firing['long_rate'])} as fast as allowed over {span}"
    return f"{firing['long_bad']:g} bad in {span}, where {told['allowed'] * (told['good'] + told['bad']):.3g} are " \
           f"allowed in {told['period_days']} d"  # fmt: skip


def _left(told: Mapping[str, Any], zone: ZoneInfo) -> str:
    left, days = told["remaining"], told["period_days"]
    if left is None:
        return "nothing may be bad"
    if left < 0:
        return f"the budget of {days} days is overspent by {percent(-left)}{_pace(told, zone)}"
    return f"{percent(left)} of the budget of {days} days is left{_pace(told, zone)}"


def _pace(told: Mapping[str, Any], zone: ZoneInfo) -> str:
    """How fast it burns at present, and when it has gone so."""
    if told["present_burn"] is None:
        return ""
    burn = f"; in the last {PRESENT} days it burnt {times(told['present_burn'])} as fast as allowed"
    if told["runs_out"] is None:
        return burn
    return f"{burn}, gone on {clock(datetime.fromisoformat(told['runs_out']).astimezone(zone))} at that pace"


def _worst(told: Mapping[str, Any]) -> str:
    """The assets that most of what was bad came from; of one asset's objective that is no news."""
    found = [f"{one['asset']} ({percent(one['share'])})" for one in told["worst"][:NAMED]]
    return f" Most of what was bad: {', '.join(found)}." if found and not told["asset"] else ""
