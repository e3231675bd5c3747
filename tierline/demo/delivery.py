"""Deployments to production: when, of which team, and which of them failed."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from tierline.demo.catalog import DOMAINS, SUBJECTS, TEAMS
from tierline.demo.chance import dice, local
from tierline.demo.model import Deployment
from tierline.demo.weather import Weather

FAILING = 0.098
"""Share of deployments that fail on usual days: by an incident, or by being taken back."""
ON_GITHUB = ("commerce", "finance-data", "logistics")
"""Teams whose code is on GitHub; the others' repositories lie in folders."""
ORGANISATION = "acme"
WORDS = ("Speed up", "Fix", "Add", "Split", "Rename columns of", "Backfill-proof", "Upgrade", "Partition")


def deployments(seed: int, weather: Weather) -> list[Deployment]:
    """All deployments of the world in order of time: 10 to 20 a week, none between the years."""
    found: list[Deployment] = []
    for back in range(weather.days - 1, -1, -1):
        day = weather.last - timedelta(days=back)
        if day.weekday() < 5 and not weather.is_frozen(day):
            found += _of_day(day, dice(seed, "deployments", day), weather)
    return sorted(found, key=lambda deployment: deployment.at)


def _of_day(day: date, rng: Random, weather: Weather) -> list[Deployment]:
    count = rng.choice((2, 2, 3, 3, 4)) if day.weekday() < 4 else rng.choice((1, 1, 2))
    found = [_one(day, number, rng) for number in range(count)]
    chance = FAILING * (1.5 if weather.is_bad_week(day) else 1.0)
    back = [_fail(deployment, rng) for deployment in found if rng.random() < chance]
    return found + [revert for revert in back if revert is not None]


def _one(day: date, number: int, rng: Random) -> Deployment:
    at = local(day, 9 + 2 * number, rng.randrange(60)) + timedelta(seconds=rng.randrange(60))
    domain = rng.choice(list(DOMAINS))
    title = f"{rng.choice(WORDS)} {domain} {rng.choice(SUBJECTS)}"
    team = DOMAINS[domain] if rng.random() < 0.9 else rng.choice(TEAMS)
    return Deployment(f"release-{day:%Y.%m.%d}.{number + 1}", title, team, at)


def _fail(deployment: Deployment, rng: Random) -> Deployment | None:
    """Two in five failures are taken back by a deployment of its own; the others are seen as an incident."""
    if rng.random() > 0.4:
        deployment.fails = "incident"
        return None
    deployment.fails = "rollback"
    deployment.reverted_at = deployment.at + timedelta(minutes=rng.randrange(20, 110))
    return Deployment(
        f"{deployment.tag}-revert", f'Revert "{deployment.title}"', deployment.team, deployment.reverted_at,
        reverts=deployment.tag,
    )  # fmt: skip


def number(deployment: Deployment) -> int:
    """GitHub's number of a deployment: day and place in it; 50 more for one that takes it back."""
    day, place = deployment.tag.removeprefix("release-").removesuffix("-revert").rsplit(".", 1)
    return int(day.replace(".", "")) * 100 + int(place) + (50 if deployment.reverts else 0)


def repository(team: str) -> str:
    """Name of a team's git source: an incident names a change of it."""
    return f"{team}-repo"


def change_of(deployment: Deployment) -> str:
    """What an incident calls the change: source/id of the deployment's fact."""
    if deployment.team in ON_GITHUB:
        return f"github/{ORGANISATION}/{deployment.team}/deployments/{number(deployment)}"
    return f"{repository(deployment.team)}/{deployment.tag}"
