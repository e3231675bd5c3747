"""What GitHub's dependency alerts say of the teams' code: a library with a known hole, opened, mended, or left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tierline.demo.chance import dice, local, spread
from tierline.demo.weather import Weather

LIBRARIES = ("urllib3", "requests", "jinja2", "pyyaml", "cryptography", "sqlparse", "certifi", "numpy")
SEVERITIES = ("critical", "high", "high", "medium", "medium", "low")
DAYS = {"critical": 7, "high": 30, "medium": 90}
"""Severity -> days within which an alert is to be mended."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert of Dependabot as it ends up. ``reason``: why it was dismissed; None: it was fixed, or is open."""

    team: str
    number: int
    title: str
    severity: str
    opened: datetime
    closed: datetime | None
    reason: str | None = None


def security_alerts(seed: int, weather: Weather, teams: tuple[str, ...]) -> list[Alert]:
    """The alerts of each team's repository. The first of all is critical, and open since long ago."""
    return [alert for team in teams for alert in _of_team(seed, weather, team)]


def _of_team(seed: int, weather: Weather, team: str) -> Iterator[Alert]:
    number = 0
    for back in range(weather.days + 60, 0, -1):
        day = weather.last - timedelta(days=back)
        rng = dice(seed, "alert", team, day)
        if rng.random() < 0.06:
            number += 1
            yield _one(seed, team, number, day)


def _one(seed: int, team: str, number: int, day: date) -> Alert:
    rng = dice(seed, "alert", team, day, "course")
    severity = "critical" if number == 1 else rng.choice(SEVERITIES)
    opened = local(day, rng.randrange(6, 20), rng.randrange(60))
    takes = timedelta(seconds=round(spread(rng, 14 * 86_400, 0.8)))
    reason = rng.choice(("tolerable_risk", "not_used", "inaccurate")) if rng.random() < 0.15 else None
    closed = None if number == 1 else opened + takes
    title = f"{rng.choice(LIBRARIES)}: a known vulnerability"
    return Alert(team, number, title, severity, opened, closed, reason if closed else None)
