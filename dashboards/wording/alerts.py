"""Open alerts in words: which of them concern a reader, how severe each is, whose it is, why others are silent.

They are read from the watch of the last evaluation; nothing is worked out here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboards import format as fmt
from dashboards.format.verdicts import Status
from dashboards.reading.reader import Ask, Snapshot
from slo.alerting.alerts import BLIND, BURNING, of_lag
from slo.alerting.words import clock
from slo.platform import Alerting

Alert = Mapping[str, Any]
SAID = (
    "alert", "severity", "cause", "team", "tier", "since", "affected", "slo", "remaining", "burn_rate", "runs_out",
    "worst",
)  # fmt: skip
"""What a message's data holds of an alert, by the watch's names."""
ALL = Ask()
UNKNOWN = "Which alerts are open is told by the next evaluation"
_LOOKS = {"page": Status("page", "▲", "page", "missed"), "ticket": Status("ticket", "△", "ticket", "near")}
_WHY = {"maintenance": "in maintenance", "calendar": "by the calendar", "agreed": "by agreement"}


def look(severity: str) -> Status:
    """How a severity is shown: a shape first, a word second, a colour last."""
    return _LOOKS[severity]


def opened(snapshot: Snapshot, ask: Ask = ALL) -> list[Alert] | None:
    """The open alerts that concern the choice, pages first; None where no evaluation has told them."""
    return _concerning(snapshot, "alerts", ask) if snapshot.watch else None


def silenced(snapshot: Snapshot, ask: Ask = ALL) -> list[Alert]:
    """Those that nobody is told of, each with its ``why``."""
    return _concerning(snapshot, "silenced", ask)


def _concerning(snapshot: Snapshot, kind: str, ask: Ask) -> list[Alert]:
    watch = snapshot.watch
    about = {one["asset"]: one for one in (*watch.get("late", ()), *watch.get("failed", ()))}
    return [one for one in watch.get(kind, ()) if one["alert"] == BLIND or any(_is_of(ask, _parts(one, about)))]


def _parts(alert: Alert, about: Mapping[str, Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Whom it concerns: who must act, whose assets are late or fail by it, whom a budget burns for most."""
    yield {**alert, "asset": alert["cause"]}
    yield from (about[name] for name in alert["affected"] if name in about)
    yield from alert["worst"] if alert["alert"] == BURNING else ()


def _is_of(ask: Ask, parts: Iterable[Mapping[str, Any]]) -> Iterator[bool]:
    """Whether each is of the choice. A tier may be several (0-1)."""
    names = [name for name in ("team", "domain", "asset") if getattr(ask, name) is not None]
    for part in parts:
        tiers = [one for one in str(part.get("tier")).split("-") if one]
        yield all(part.get(name) == getattr(ask, name) for name in names) and (
            ask.tier is None or not tiers or str(ask.tier) in tiers
        )


def said(alert: Alert) -> dict[str, Any]:
    """What a message's data holds of it."""
    return {name: alert[name] for name in SAID}


def sentence(alert: Alert, zone: str) -> str:
    """What is wrong, since when, whose it is, how much hangs on it."""
    more = f" Open since {clock(_since(alert, zone))}." if alert["alert"] == BURNING else ""
    hangs = f"{reach(alert)} affected" if reach(alert) else ""
    whose = owner(alert["team"], alert["tier"], alert["severity"], hangs)
    return f"{alert['summary']}{more} {whose}".strip()


def _since(alert: Alert, zone: str) -> datetime:
    return datetime.fromisoformat(alert["since"]).astimezone(ZoneInfo(zone))


def brief(alert: Alert, zone: str) -> str:
    """Its first two clauses, where its moment stands beside them; the sentence has all."""
    said = "; ".join(alert["summary"].partition(". ")[0].rstrip(".").split("; ")[:2])
    return said.replace(f" since {clock(_since(alert, zone))}", "")


def reach(alert: Alert) -> str:
    """How much it is about: 2 assets, 3 sources; "" where it names none."""
    what = "source" if alert["alert"] == BLIND else "asset"
    return fmt.plural(len(alert["affected"]), what) if alert["affected"] else ""


def owner(team: str, tier: str, *more: str) -> str:
    """Team web, tier 0, page."""
    named = [f"team {team}" if team else "", f"tier {tier}" if tier else "", *more]
    told = ", ".join(one for one in named if one)
    return f"{told[:1].upper()}{told[1:]}." if told else ""


def counted(alerts: Iterable[Alert]) -> str:
    """1 page, 2 tickets."""
    found = Counter(one["severity"] for one in alerts)
    return ", ".join(fmt.plural(found[severity], severity) for severity in _LOOKS if found[severity])


def quiet(alerts: Iterable[Alert]) -> str:
    """3 silenced: 2 explained by another alert, 1 in maintenance; nothing where none is."""
    found = Counter(_WHY.get(one["why"].partition(":")[0], "explained by another alert") for one in alerts)
    if not found:
        return ""
    return (
        f"{fmt.count(found.total())} silenced: {', '.join(f'{fmt.count(n)} {why}' for why, n in found.most_common())}"
    )


def many(count: int) -> str:
    """2 alerts are open."""
    return f"{fmt.plural(count, 'alert')} {'is' if count == 1 else 'are'} open"


def lag(snapshot: Snapshot, now: datetime, alerting: Alerting | None = None) -> list[Alert]:
    """The alert of an evaluation that is too old to speak of now: it cannot tell it itself."""
    asked = alerting or Alerting(team="")
    return [] if snapshot.as_of is None else [one.told({}) for one in of_lag(snapshot.as_of, now, asked)]


def joined(told: list[Alert] | None, lately: Iterable[Alert]) -> list[Alert] | None:
    """The open alerts with what is known beyond the watch first; None where neither tells any."""
    known = {one["key"] for one in told or ()}
    late = [one for one in lately if one["key"] not in known]
    return told if not late else [*late, *(told or ())]
