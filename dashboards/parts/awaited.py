"""Deliveries that are due, in words: what is late or may be, what it waits for, what would have to happen.

Lines are those of slo/stories/late.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

from dash import html

from dashboards import format as fmt
from dashboards.reading import scope
from dashboards.reading.reader import Ask
from dashboards.wording import words

Line = Mapping[str, Any]
_LOOKS = {
    "already late": ("▲", "missed"), "will be late": ("◆", "near"), "may be late": ("◐", "near"),
    "cannot be told": ("○", "nodata"), "on its way": ("●", "met"),
}  # fmt: skip
_NAMESPACE = re.compile(r"^([\w.+-]+://)?[^/]+/")
ALARMS = ("already late", "will be late", "may be late")


def verdict(key: str, say: bool = True) -> html.Span:
    """A verdict: shape, word, colour."""
    shape, css = _LOOKS[key]
    shown = html.Span(shape, className="shape", **words.aria(hidden="true"))
    word = html.Span(key, className="word" if say else "unseen")
    return html.Span([shown, word], className=f"status s-{css}", title=key)


def asset_link(asset: str, ask: Ask) -> str:
    """The address of an asset's story."""
    return scope.link(f"/assets/{quote(asset, safe='')}", ask, asset=None)


def short(asset: str) -> str:
    """An asset's name without its namespace (``air/``, ``snowflake://acct/``), which the whole name says on hover."""
    return _NAMESPACE.sub("", asset, count=1) or asset


def clock(when: datetime | None, zone: ZoneInfo, now: datetime) -> str:
    """A time in the platform's zone, with the day where it is not today's."""
    return "" if when is None else fmt.moment(when.astimezone(zone), now)


def sentence(line: Line, zone: ZoneInfo, now: datetime) -> str:
    """orders was due at 07:00 and is not there; it waits for load, which failed at 04:25."""
    name, due = short(line["asset"]), clock(line["deadline"], zone, now)
    late = line["verdict"] == "already late"
    head = f"{name} was due at {due} and is not there" if late else f"{name} {line['verdict']}: due at {due}"
    if line["expected"] is not None and not late:
        head += f", expected at {clock(line['expected'], zone, now)}"
    first = line["waits_for"]
    if first is None or first["asset"] == line["asset"]:
        return head
    return f"{head}; it waits for {short(first['asset'])}, which {state(first, zone, now)}"


def state(step: Line, zone: ZoneInfo, now: datetime) -> str:
    """What is the matter with a step: failed at 04:25; has run since 04:30; is due at 05:00."""
    since = clock(step["since"], zone, now)
    told = {
        "running": f"has run since {since}",
        "failed": f"failed at {since}",
        "skipped": f"skipped its run at {since}",
        "not started": f"did not start at {since}",
        "due": f"is due at {since}" if since else "has not run yet",
        "awaited": f"usually lands at {since}" if since else "has not landed",
        "paused": "is paused",
        "not seen": "was not looked at",
    }
    return told[step["state"]]


def usual(step: Line) -> str:
    """usually 20 min, 9 in 10 within 44 min (28 runs)."""
    if step["p50"] is None or step["state"] == "awaited":
        return ""
    p50, p90 = fmt.duration(step["p50"]), fmt.duration(step["p90"])
    return f"usually {p50}, 9 in 10 within {p90} ({fmt.plural(step['n'], 'run')})"


def why(reason: Line, zone: ZoneInfo, now: datetime) -> str:
    """A reason for doubt, in a sentence."""
    name, about = short(reason["asset"]), reason["about"]
    many = about if isinstance(about, int) else 0
    seen = f"since {clock(about, zone, now)}" if isinstance(about, datetime) else "when it was due"
    return {
        "unseen": f"nobody looked at {name} {seen}",
        "paused": f"{name} is paused",
        "unscheduled": f"{name} has no schedule, and nothing upstream of it is left to do",
        "deep": f"the chain above {name} is longer than is followed",
        "duration": f"the usual duration of {name} is not known: {fmt.plural(many, 'run')} in 28 days",
        "landing": f"when {name} usually lands is not known: {fmt.plural(many, 'landing')} in 28 days",
        "failed": f"{name} failed, and no slot of it comes before the deadline",
        "skipped": f"{name} skipped its run, and no slot of it comes before the deadline",
        "not started": f"{name} did not start, and no slot of it comes before the deadline",
        "overdue": f"everything upstream is done, and {name} usually is there by now",
    }[reason["what"]]


def rule(line: Line) -> str:
    """What it was promised by: by 07:00 on business days; at most 2 h old; starts at its slot."""
    told = line["rule"] or {}
    if told.get("max_age_seconds") is not None:
        days = ", weekends apart" if told.get("calendar") == "business" else ""
        return f"at most {fmt.duration(told['max_age_seconds'])} old{days}"
    if "schedule" in told:
        return f"starts by its slot ({told['schedule']})"
    when = f"by {told['deadline']}" if told.get("deadline") else "by its slot"
    days = "on business days" if told.get("days") == "business" else "on its days" if told.get("cron") else "every day"
    return f"{when} {days}"
