"""What a receiver may be told of, as one value a thing, and for how long each value has held.

A value that comes and goes begins anew each time, so what flaps is never told. What cannot be said now (silenced, told
by another alert, not of this receiver, not judged) counts as it was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from dashboards.reading import scope
from slo.alerting.alerts import BURNING
from tierline.notify import ending

if TYPE_CHECKING:
    from dashboards.reading.reader import Snapshot
    from tierline.settings.notify import Notify

ALERT, BUDGET, STATUS = "alert", "budget", "status"
GONE = ""
"""The value of an alert that is on no more."""
EVALUATIONS = 2
"""So many in a row must see a value before it is told."""
MARKS = (0.5, 0.25, 0.0)
"""Shares of a budget: fallen to one of them (below 50 %, below 25 %, nothing left) it is told."""
MARGIN = 0.05
"""So far above a mark a budget has recovered from it: until then it is not told again."""
WHOLE = "whole"
"""The value of a budget above every mark; below them it is the mark, as text."""
STEADY = timedelta(hours=1)
"""So long a verdict must hold at least: of 28 days, it hangs on single runs where it is close."""
JUDGED = ("met", "near", "missed")
Told = Mapping[str, Any]


class Held(NamedTuple):
    """A value, since which evaluation (ISO text) it has been seen, and by how many."""

    value: str
    since: str
    times: int


@dataclass(frozen=True)
class Change:
    """A thing whose value is another than the one that was told."""

    key: str
    was: str
    now: str
    since: str

    @property
    def kind(self) -> str:
        return self.key.partition(" ")[0]

    @property
    def name(self) -> str:
        return self.key.partition(" ")[2]


def observed(
    snapshot: Snapshot, settings: Notify, before: Mapping[str, Held], told: Mapping[str, str], about: Mapping[str, Told]
) -> dict[str, Held]:
    """Every thing's value in this evaluation; where nothing can be said of it, the one that was told. ``about``: the
    alerts that were told, as they are remembered."""
    as_of = str(snapshot.watch["as_of"])
    held = {}
    for key, value in _values(snapshot, settings, before, told, about):
        now, was = told.get(key) if value is None else value, before.get(key)
        if now is not None:
            held[key] = Held(now, was.since, was.times + 1) if was and was.value == now else Held(now, as_of, 1)
    return held


def changes(seen: Mapping[str, Held], told: Mapping[str, str], as_of: str, after: timedelta) -> list[Change]:
    """What has held long enough and is not what was told. A budget or a status that nothing was told of yet is no
    change: it has only begun to be known."""
    found = []
    for key, one in seen.items():
        was = told.get(key, GONE if key.startswith(ALERT) else one.value)
        least = max(after, STEADY) if key.startswith(STATUS) else after
        long = datetime.fromisoformat(as_of) - datetime.fromisoformat(one.since) >= least
        milder = (was, one.value) == ("page", "ticket")
        if one.value != was and not milder and one.times >= EVALUATIONS and long:
            found.append(Change(key, was, one.value, one.since))
    return found


def kept(seen: Mapping[str, Held], told: Mapping[str, str]) -> dict[str, Held]:
    """Without alerts that are gone and known to be."""
    return {key: one for key, one in seen.items() if one.value != GONE or key in told}


def known(seen: Mapping[str, Held], told: Mapping[str, str]) -> dict[str, str]:
    """What the receiver knows, with the budgets and statuses that have only begun to be known."""
    return {**{key: one.value for key, one in seen.items() if not key.startswith(ALERT)}, **told}


def concerns(settings: Notify, team: str, tier: str) -> bool:
    """Whether the receiver is told of what a team must act on. ``tier``: "0", "0-1", or "" for none."""
    tiers = {int(one) for one in tier.split("-") if one}
    return (not settings.teams or team in settings.teams) and (
        not settings.tiers or not tiers or bool(tiers & set(settings.tiers))
    )


def is_mine(alert: Told, settings: Notify) -> bool:
    """Whether the receiver is told of an alert."""
    return concerns(settings, alert["team"], alert["tier"]) and settings.severity in ("ticket", alert["severity"])


def _values(
    snapshot: Snapshot, settings: Notify, before: Mapping[str, Held], told: Mapping[str, str], about: Mapping[str, Told]
) -> Iterator[tuple[str, str | None]]:
    if "alerts" in settings.what:
        yield from _alerts(snapshot.watch, settings, dict.fromkeys([*before, *told]), about)
    if "changes" in settings.what:
        yield from _budgets(snapshot.watch, settings, before)
        yield from _statuses(snapshot, settings)


def _alerts(
    watch: Told, settings: Notify, known: Iterable[str], about: Mapping[str, Told]
) -> Iterator[tuple[str, str | None]]:
    on = {f"{ALERT} {one['key']}": one for one in watch["alerts"]}
    silenced = {f"{ALERT} {one['key']}" for one in watch["silenced"]} - set(on)
    for key, one in on.items():
        yield key, one["severity"] if is_mine(one, settings) else None
    silenced |= {key for key, one in about.items() if ending.goes_on(one, watch)}
    over = [key for key in known if key.startswith(ALERT) and key not in on]
    yield from ((key, None if key in silenced else GONE) for key in over)


def _budgets(watch: Told, settings: Notify, before: Mapping[str, Held]) -> Iterator[tuple[str, str | None]]:
    silenced = {one["slo"] for one in watch["silenced"] if one["alert"] == BURNING}
    for one in watch["slos"]:
        if one["watched"] and one["remaining"] is not None and concerns(settings, one["team"], one["tier"]):
            key = f"{BUDGET} {one['slo']}"
            yield key, None if one["slo"] in silenced else level(one["remaining"], before.get(key))


def level(remaining: float, before: Held | None) -> str:
    """The lowest mark that a share left is at or has not recovered from; the mark of 0 is reached at 0."""
    low = None if before is None or before.value == WHOLE else float(before.value)
    for mark in reversed(MARKS):
        fallen = remaining <= mark if mark == 0 else remaining < mark
        if fallen or (low is not None and low <= mark and remaining < mark + MARGIN):
            return str(mark)
    return WHOLE


def scopes(settings: Notify) -> list[dict[str, Any]]:
    """Whose statuses a receiver is told: its teams', else its tiers', else the platform's."""
    teams: Iterable[dict[str, Any]] = ({"team": one} for one in settings.teams)
    tiers: Iterable[dict[str, Any]] = ({"tier": one} for one in settings.tiers)
    return [*teams] or [*tiers] or [{}]


def status_key(kpi: str, narrowed: Told) -> str:
    return " ".join([STATUS, kpi, *(f"{name}={value}" for name, value in narrowed.items())])


def _statuses(snapshot: Snapshot, settings: Notify) -> Iterator[tuple[str, str | None]]:
    for narrowed in scopes(settings):
        for kpi, one in scope.find(snapshot, scope.DEFAULT_WINDOW, narrowed).items():
            status = scope.profile_status(one, None)
            yield status_key(kpi, narrowed), status if status in JUDGED else None
