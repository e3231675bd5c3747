"""Truth of incidents and alerts."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tierline.demo.alerts import shown
from tierline.demo.chance import local, local_day
from tierline.demo.model import Alert, Incident, Thing
from tierline.demo.servers.alertmanager import active
from tierline.demo.truth.question import Question, ratio, spans

RECURS = timedelta(days=30)
DAY = timedelta(days=1)


def _in_scope(question: Question, incident: Incident) -> bool:
    """Once in every team and domain of its things; a tier is that of the strictest of them when it started."""
    tier = min(thing.at(incident.started).tier for thing in incident.things)
    if question.tier not in (None, tier):
        return False
    versions = [(thing, thing.at(incident.started)) for thing in incident.things]
    return any(
        question.team in (None, version.team) and question.domain in (None, thing.domain) for thing, version in versions
    )


def known(question: Question) -> Iterator[Incident]:
    """Incidents in scope, without duplicates, that were noticed by as-of: before, nobody can tell of them."""
    for incident in question.world.incidents:
        if incident.duplicate_of is None and incident.detected <= question.as_of and _in_scope(question, incident):
            yield incident


def mttd(question: Question) -> dict[str, Any]:
    """Mean time from start to detection, by the day of detection."""
    return spans([
        (incident.detected - incident.started).total_seconds()
        for incident in known(question)
        if question.holds(incident.detected)
    ])  # fmt: skip


def _hurt(incident: Incident, until: datetime) -> float:
    """Seconds that it hurt, up to a moment."""
    return sum((min(end or until, until) - start).total_seconds() for start, end in incident.spans if start < until)


def mttr(question: Question) -> dict[str, Any]:
    """Mean of the time that restored incidents hurt, by the day of restoring; beside it what the open ones make of
    it."""
    restored, ages = [], []
    for incident in known(question):
        resolved = incident.resolved
        if resolved is not None and question.holds(resolved):
            restored.append(_hurt(incident, resolved))
        elif incident.started < question.stop and (resolved is None or resolved >= question.stop):
            ages.append(_hurt(incident, question.stop))
    told = spans(restored)
    told["open"] = len(ages)
    if restored or ages:
        told["at_least"] = math.fsum([*restored, *ages]) / (len(restored) + len(ages))
    return told


def incident_recurrence_rate(question: Question) -> dict[str, Any]:
    """Share of incidents whose cause had been made good within the 30 days before. Without a cause: unknown."""
    good = bad = unknown = 0
    for incident in known(question):
        if not question.holds(incident.started):
            continue
        if incident.cause is None:
            unknown += 1
        elif _recurs(question, incident):
            bad += 1
        else:
            good += 1
    told = ratio(good, bad, unknown=unknown)
    return {**told, "value": None if told["value"] is None else bad / (good + bad)}


def _recurs(question: Question, incident: Incident) -> bool:
    return any(
        other is not incident
        and other.duplicate_of is None
        and other.cause == incident.cause
        and other.resolved is not None
        and incident.started - RECURS <= other.resolved < incident.started
        for other in question.world.incidents
    )


def _groups(question: Question) -> Iterator[list[Alert]]:
    """Alerts that are one: same key, and each fired while the ones before were on (at most a day where unresolved)."""
    told = [shown(a, question.as_of) for a in question.world.alerts if a.paged and a.fired <= question.as_of]
    by_key: dict[tuple[bool, str], list[Alert]] = {}
    for alert in sorted([*told, *active(question.world, question.as_of)], key=lambda alert: alert.fired):
        by_key.setdefault((alert.paged, alert.dedup or alert.key), []).append(alert)
    for alerts in by_key.values():
        group = [alerts[0]]
        for alert in alerts[1:]:
            if alert.fired <= max(one.resolved or one.fired + DAY for one in group):
                group.append(alert)
            else:
                yield group
                group = [alert]
        yield group


def _fits(question: Question, thing: Thing, moment: datetime) -> bool:
    return question.fits(thing, moment)


def alert_precision(question: Question) -> dict[str, Any]:
    """Alerts that called for action, of those judged, by the day they fired."""
    counted = {"good": 0, "bad": 0, "unknown": 0}
    for group in _groups(question):
        first = group[0]
        if question.holds(first.fired) and _fits(question, first.thing, first.fired):
            counted[_verdict(group)] += 1
    return ratio(counted["good"], counted["bad"], unknown=counted["unknown"])


def _verdict(group: list[Alert]) -> str:
    label = next((alert.label for alert in group if alert.label), None)
    if label:
        return "good" if label == "actionable" else "bad"
    if any(alert.incident for alert in group):
        return "good"
    gone = all(alert.resolved for alert in group) and not any(alert.acknowledged for alert in group)
    return "bad" if gone else "unknown"


def mtta(question: Question) -> dict[str, Any]:
    """Mean of the support hours from firing to acknowledgement, by the day of the latter. None passed: left out."""
    waited = []
    for group in _groups(question):
        acked = min((alert.acknowledged for alert in group if alert.acknowledged), default=None)
        if acked is None or not question.holds(acked) or not _fits(question, group[0].thing, acked):
            continue
        hours = _support_seconds(group[0].fired, acked)
        if hours > 0:
            waited.append(hours)
    return spans(waited)


def _support_seconds(start: datetime, end: datetime) -> float:
    """Seconds of Monday to Friday, 09:00 to 17:00 local, between two instants."""
    total, day = 0.0, local_day(start)
    while day <= local_day(end):
        if day.weekday() < 5:
            total += max(0.0, (min(end, local(day, 17)) - max(start, local(day, 9))).total_seconds())
        day += DAY
    return total
