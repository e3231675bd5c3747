"""The oracle's alerts."""

from __future__ import annotations

from datetime import timedelta

from tests.oracle.oracle_facts import Record, World
from tests.oracle.oracle_scope import Asked, ratio, samples
from tests.oracle.oracle_time import support_seconds


def firings(world: World) -> list[list[Record]]:
    """Alerts of one (source, dedup_key) whose [fired, resolved] overlap in a chain, first to fire first."""
    groups: list[list[Record]] = []
    keyed: dict[tuple[str, str], list[Record]] = {}
    for alert in world.of("alert"):
        if alert.get("dedup_key") is None:
            groups.append([alert])
        else:
            keyed.setdefault((alert["source"], alert["dedup_key"]), []).append(alert)
    for alerts in keyed.values():
        reach = None
        for alert in sorted(alerts, key=lambda one: (one["fired_at"], one["id"])):
            end = alert.get("resolved_at") or alert["fired_at"] + timedelta(hours=24)
            if reach is not None and alert["fired_at"] <= reach:
                groups[-1].append(alert)
                reach = max(reach, end)
            else:
                groups.append([alert])
                reach = end
    return groups


def _verdict(asked: Asked, alerts: list[Record]) -> str:
    """good, bad, unknown (no rule decides) or excluded, of one firing."""
    labels = [alert["label"] for alert in alerts if alert.get("label")]
    if labels:
        verdict = "good" if labels[0] == "actionable" else "bad"
    elif any(alert.get("incident") for alert in alerts):
        verdict = "good"
    elif any(alert.get("acknowledged_at") for alert in alerts) or not all(a.get("resolved_at") for a in alerts):
        return "unknown"
    else:
        verdict = "bad"
    return "excluded" if asked.excluded(alerts[0].get("asset"), alerts[0]["fired_at"]) else verdict


def alert_precision(asked: Asked) -> Record:
    judged = [
        _verdict(asked, alerts) for alerts in firings(asked.world)
        if asked.counts(alerts[0].get("asset"), alerts[0]["fired_at"])
    ]  # fmt: skip
    return ratio(*(judged.count(word) for word in ("good", "bad", "unknown", "excluded")), unseen=0)


def duplicate_share(asked: Asked) -> Record:
    """1 - groups / alerts; its sample are the firings that were judged."""
    groups = [
        alerts
        for alerts in firings(asked.world)
        if asked.counts(alerts[0].get("asset"), alerts[0]["fired_at"]) and _verdict(asked, alerts) != "excluded"
    ]
    alerts = sum(len(group) for group in groups)
    judged = [group for group in groups if _verdict(asked, group) != "unknown"]
    return {"value": 1 - len(groups) / alerts if alerts else None, "n": len(judged)}


def mtta(asked: Asked) -> Record:
    values = []
    for alerts in firings(asked.world):
        asset, fired = alerts[0].get("asset"), alerts[0]["fired_at"]
        answers = [alert["acknowledged_at"] for alert in alerts if alert.get("acknowledged_at")]
        if not answers or not asked.counts(asset, min(answers)) or asked.excluded(asset, min(answers)):
            continue
        span = support_seconds(fired, min(answers), asked.world.tz)
        if min(answers) >= fired and span > 0:
            values.append(span)
    return samples(values)
