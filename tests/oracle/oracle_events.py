"""The oracle's incidents, alerts, deployments, checks and costs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from oracle_facts import Record, World, seconds
from oracle_reliability import day_moment, placed
from oracle_scope import Asked, began, ratio, samples
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
    told = case.get("spans") or [[case.get("started_at"), case.get("resolved_at")]]
    spans = [list(span) for span in sorted(told, key=lambda span: span[0] or began(case))]
    if start == "detected":
        spans[0][0] = case.get("detected_at")
    return None if spans[0][0] is None else spans


def length(spans: list[list[datetime | None]], end: datetime) -> float:
    """Seconds of the spans up to an instant."""
    return sum(seconds(min(stop or end, end) - begin) for begin, stop in spans if begin < end)


def _clean(spans: list[list[datetime | None]]) -> bool:
    return all(stop is None or stop >= begin for begin, stop in spans)


def mttr(asked: Asked) -> Record:
    start = asked.params.get("start", "started")
    restored = []
    for case in asked.world.of("incident"):
        spans = active(case, start)
        if spans is None or not asked.incident_fits(case) or not _clean(spans) or not asked.inside(spans[-1][1]):
            continue
        if not asked.incident_excluded(case, spans[-1][1]):
            restored.append(length(spans, spans[-1][1]))
    ages = list(_open_ages(asked, start))
    both = len(restored) + len(ages)
    floor = (sum(restored) + sum(ages)) / both if both else None
    return {**samples(restored), "at_least": floor, "open": len(ages)}


def _open_ages(asked: Asked, start: str) -> Iterator[float]:
    """Ages of the incidents open at the window's end, as they looked then; an end at that very instant is an end."""
    world = World(asked.world.lines, asked.stop, asked.world.tz, asked.world.order)
    then = replace(asked, world=world)
    for case in world.of("incident"):
        spans = active(case, start)
        if spans is None or not then.incident_fits(case) or not _clean(spans) or spans[-1][1] is not None:
            continue
        if began(case) < asked.end and not then.incident_excluded(case, asked.stop):
            yield length(spans, asked.stop)


def incident_recurrence_rate(asked: Asked) -> Record:
    days, limit = asked.params.get("days", 30), asked.params.get("severity")
    tally = {"good": 0, "bad": 0, "unknown": 0, "excluded": 0}
    cases = [
        case for case in asked.world.of("incident")
        if case.get("duplicate_of") is None and asked.incident_produced(case)
    ]  # fmt: skip
    for case in cases:
        at = began(case)
        if not asked.inside(at) or not asked.incident_fits(case):
            continue
        if limit is not None and (case.get("severity") is None or case["severity"] > limit):
            continue
        if not case.get("cause"):
            tally["unknown"] += 1
        elif asked.incident_excluded(case, at):
            tally["excluded"] += 1
        else:
            tally["bad" if _came_back(case, cases, timedelta(days=days)) else "good"] += 1
    return ratio(tally["good"], tally["bad"], tally["unknown"], tally["excluded"], 0, turned=True)


def _came_back(case: Record, cases: list[Record], reach: timedelta) -> bool:
    for other in cases:
        ends = [stop for _, stop in other["spans"]] if other.get("spans") else [other.get("resolved_at")]
        resolved = None if None in ends else max(ends)
        same = other is not case and other.get("cause") == case["cause"]
        if same and resolved is not None and began(case) - reach <= resolved < began(case):
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
        if labels:
            verdict = "good" if labels[0] == "actionable" else "bad"
        elif any(alert.get("incident") for alert in alerts):
            verdict = "good"
        elif any(alert.get("acknowledged_at") for alert in alerts) or not all(a.get("resolved_at") for a in alerts):
            verdict = "unknown"
        else:
            verdict = "bad"
        tally["excluded" if verdict != "unknown" and asked.excluded(asset, at) else verdict] += 1
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


def reached(asked: Asked) -> list[tuple[Record, bool]]:
    """Deployments that reached production, each with whether it failed there."""
    world = asked.world
    named = {
        world.refer("change", case["source"], case.get("change"))
        for case in world.of("incident")
        if case.get("duplicate_of") is None and asked.incident_produced(case)
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
    for change, failed in reached(asked):
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
        change for change, _ in reached(asked)
        if _deployed(asked, change) and not asked.excluded(change.get("asset"), change["at"], change.get("team"))
    ]  # fmt: skip
    weeks = elapsed_days(asked.start, asked.end, world.as_of, world.tz) / 7
    known = made or world.seen_whole("change", asked.start, asked.stop)
    return {"value": len(made) / weeks if known and weeks else None, "sum": len(made) if known else None}


# --- checks and costs ------------------------------------------------------------------------------------------

VERDICTS = {"pass": "good", "fail": "bad", "error": "bad", "skip": "excluded"}


def dq_test_pass_rate(asked: Asked) -> Record:
    tally = {"good": 0, "bad": 0, "unknown": 0, "excluded": 0}
    severity, layer = asked.params.get("severity", "any"), asked.params.get("layer", "any")
    for check in asked.world.of("check_result"):
        curated = asked.world.field(check["asset"], "layer", check["at"]) in ("curated", "mart", "serving", "gold")
        if severity not in ("any", check.get("severity")) or (layer != "any" and not curated):
            continue
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
