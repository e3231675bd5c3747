"""The oracle's incidents, alerts, deployments, checks and costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from oracle_facts import Record, World, seconds
from oracle_reliability import day_moment, placed
from oracle_scope import Asked, ratio, samples
from oracle_time import elapsed_days, support_seconds


def mttd(asked: Asked) -> Record:
    values = []
    for case in asked.world.of("incident"):
        end = case.get("detected_at")
        if case.get("started_at") is None or not asked.inside(end) or not asked.incident_fits(case):
            continue
        span = seconds(end - case["started_at"])
        if span >= 0 and not asked.incident_excluded(case, end):
            values.append(span)
    return samples(values)


def active(case: Record, start: str) -> list[list[datetime | None]] | None:
    """The active spans of an incident; None where its clock never started."""
    spans = [list(span) for span in case.get("spans") or [[case.get("started_at"), case.get("resolved_at")]]]
    if start == "detected":
        spans[0][0] = case.get("detected_at")
    return None if spans[0][0] is None else spans


def length(spans: list[list[datetime | None]], end: datetime) -> float:
    """Seconds of the spans up to an instant."""
    return sum(seconds(min(stop or end, end) - begin) for begin, stop in spans if begin < end)


def mttr(asked: Asked) -> Record:
    restored, open_ages = [], []
    for case in asked.world.of("incident"):
        spans = active(case, asked.params.get("start", "started"))
        if spans is None or not asked.incident_fits(case):
            continue
        if any(stop is not None and stop < begin for begin, stop in spans):
            continue
        last = spans[-1][1]
        if asked.inside(last):
            if not asked.incident_excluded(case, last):
                restored.append(length(spans, last))
        elif spans[0][0] < asked.end and (last is None or last >= asked.end):
            if not asked.incident_excluded(case, asked.stop):
                open_ages.append(length(spans, asked.stop))
    both = len(restored) + len(open_ages)
    floor = (sum(restored) + sum(open_ages)) / both if both else None
    return {**samples(restored), "at_least": floor, "open": len(open_ages)}


def incident_recurrence_rate(asked: Asked) -> Record:
    days, limit = asked.params.get("days", 30), asked.params.get("severity")
    tally = {"good": 0, "bad": 0, "unknown": 0, "excluded": 0}
    cases = [
        case for case in asked.world.of("incident")
        if case.get("duplicate_of") is None and asked.incident_produced(case)
    ]  # fmt: skip
    for case in cases:
        at = case.get("started_at")
        if not asked.inside(at) or not asked.incident_fits(case):
            continue
        if limit is not None and (case.get("severity") is None or case["severity"] > limit):
            continue
        if asked.incident_excluded(case, at):
            tally["excluded"] += 1
        elif not case.get("cause"):
            tally["unknown"] += 1
        else:
            tally["bad" if _came_back(case, cases, timedelta(days=days)) else "good"] += 1
    return ratio(tally["good"], tally["bad"], tally["unknown"], tally["excluded"], 0, turned=True)


def _came_back(case: Record, cases: list[Record], reach: timedelta) -> bool:
    for other in cases:
        ends = [stop for _, stop in other["spans"]] if other.get("spans") else [other.get("resolved_at")]
        resolved = None if None in ends else max(ends)
        if other is not case and other.get("cause") == case["cause"] and resolved is not None:
            if case["started_at"] - reach <= resolved < case["started_at"]:
                return True
    return False


# --- alerts ----------------------------------------------------------------------------------------------------


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


def alert_precision(asked: Asked) -> Record:
    tally = {"good": 0, "bad": 0, "unknown": 0, "excluded": 0}
    for alerts in firings(asked.world):
        asset, at = alerts[0].get("asset"), alerts[0]["fired_at"]
        if not asked.counts(asset, at):
            continue
        labels = [alert["label"] for alert in alerts if alert.get("label")]
        if asked.excluded(asset, at):
            verdict = "excluded"
        elif labels:
            verdict = "good" if labels[0] == "actionable" else "bad"
        elif any(alert.get("incident") for alert in alerts):
            verdict = "good"
        elif any(alert.get("acknowledged_at") for alert in alerts) or not all(a.get("resolved_at") for a in alerts):
            verdict = "unknown"
        else:
            verdict = "bad"
        tally[verdict] += 1
    return ratio(tally["good"], tally["bad"], tally["unknown"], tally["excluded"], 0)


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


# --- deployments -----------------------------------------------------------------------------------------------


def reached(world: World) -> list[tuple[Record, bool]]:
    """Deployments that reached production, each with whether it failed there."""
    named = {
        world.refer("change", case["source"], case.get("change"))
        for case in world.of("incident")
        if case.get("duplicate_of") is None
    }
    found = []
    for change in world.of("change"):
        broken = change.get("failure") is not None or (change["source"], change["id"]) in named
        if change["kind"] == "deployment" and (change.get("state") != "failed" or broken):
            found.append((change, broken or change.get("state") == "rolled_back"))
    return found


def _deployed(asked: Asked, change: Record) -> bool:
    return asked.counts(change.get("asset"), change["at"], change.get("team"), change.get("environment"))


def change_failure_rate(asked: Asked) -> Record:
    tally = {"good": 0, "bad": 0, "unknown": 0, "excluded": 0}
    for change, failed in reached(asked.world):
        if not _deployed(asked, change):
            continue
        if asked.params.get("user_visible") and change.get("user_visible") is False:
            failed = False
        if asked.excluded(change.get("asset"), change["at"], change.get("team")):
            tally["excluded"] += 1
        elif failed:
            tally["bad"] += 1
        else:
            settled = change["at"] + timedelta(hours=24) <= asked.world.as_of
            tally["good" if settled else "excluded"] += 1
    return ratio(tally["good"], tally["bad"], 0, tally["excluded"], 0, turned=True)


def deployment_frequency(asked: Asked) -> Record:
    world = asked.world
    made = [
        change for change, _ in reached(world)
        if _deployed(asked, change) and not asked.excluded(change.get("asset"), change["at"], change.get("team"))
    ]  # fmt: skip
    weeks = elapsed_days(asked.start, asked.end, world.as_of, world.tz) / 7
    known = made or world.seen_whole("change", asked.start, asked.stop)
    return {"value": len(made) / weeks if known and weeks else None, "sum": len(made)}


# --- checks and costs ------------------------------------------------------------------------------------------

VERDICTS = {"pass": "good", "fail": "bad", "error": "bad", "skip": "excluded"}


def dq_test_pass_rate(asked: Asked) -> Record:
    tally = {"good": 0, "bad": 0, "unknown": 0, "excluded": 0}
    for check in asked.world.of("check_result"):
        if asked.counts(check["asset"], check["at"]):
            excluded = asked.excluded(check["asset"], check["at"])
            tally["excluded" if excluded else VERDICTS[check["outcome"]]] += 1
    return ratio(tally["good"], tally["bad"], 0, tally["excluded"], 0)


UNITS = {"terabyte": ("bytes", 1e12), "query": ("queries", 1.0), "run": ("runs", 1.0), "event": ("events", 1.0)}
APART = ("credit", "refund", "tax", "purchase")


def unit_cost(asked: Asked, rates: Mapping[str, Mapping[date, float]], currency: str = "USD") -> Record:
    meter, size = UNITS[asked.params.get("unit", "terabyte")]
    cost: float | None = None
    volume: float | None = None
    for one in asked.world.of("meter"):
        if not placed(asked, one):
            continue
        if one["meter"] == meter:
            volume = (volume or 0.0) + one["amount"] / size
        elif one["meter"] == "cost" and one.get("category") not in APART:
            rate = 1.0
            if one.get("currency") not in (None, currency):
                day = day_moment(one, asked.world.tz).astimezone(asked.world.tz).date()
                in_force = [first for first in rates.get(one["currency"], {}) if first <= day]
                if not in_force:
                    continue
                rate = rates[one["currency"]][max(in_force)]
            cost = (cost or 0.0) + one["amount"] * rate
    value = cost / volume if cost is not None and volume else None
    return {"value": value, "numerator": cost, "denominator": volume}
