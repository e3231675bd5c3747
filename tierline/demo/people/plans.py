"""What the teams plan and carry out: automated steps, initiatives, milestones, teams enabled, shared modules.

A plan of a year: its moments are counted back from the world's last day, and told more than once where they change.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tierline.demo.catalog import TEAMS
from tierline.demo.chance import dice, local
from tierline.demo.people.note import Note
from tierline.demo.weather import Weather

STEPS = (
    "create the schema", "grant the readers", "register in the catalogue", "write the contract", "generate the tests",
    "set the alerts", "rotate the credential", "restart a stuck load", "reprocess a day", "drop old partitions",
    "resize a warehouse", "publish the lineage",
)  # fmt: skip
INITIATIVES = (
    "Ledger on streams", "Payments mart", "Customer 360", "Stock in real time", "Feature store", "Cost by team",
    "Contract tests", "Search index", "Fraud scores", "Vendor scorecards",
)  # fmt: skip
MILESTONES = ("Own an incident", "Review a design", "Lead a migration", "Teach a session", "Cut a cost")
CAPABILITIES = ("self-service backfills", "contract tests", "cost by query")
MODULES = ("retry-kit", "schema-guard", "delivery-clock")


def _ago(weather: Weather, days: int, hour: int = 10) -> datetime:
    return local(weather.last - timedelta(days=days), hour)


def steps(seed: int, weather: Weather) -> Iterator[Note]:
    """Each step is first written down as manual, and told again when it was automated, some not at all; one was
    automated and is done by hand again."""
    for number, step in enumerate(STEPS):
        first = Note("automation_step", f"{number}/1", _ago(weather, 320 - number), step, TEAMS[number % len(TEAMS)])
        yield first
        if number % 4 != 3:
            done = _ago(weather, 12 + 23 * number)
            yield Note("automation_step", f"{number}/2", done + timedelta(hours=3), step, first.team, done=done)
    yield Note("automation_step", "1/3", _ago(weather, 6), STEPS[1], TEAMS[1])


def initiatives(seed: int, weather: Weather) -> Iterator[Note]:
    """Half are tier 0. Most are reviewed before they begin, one after it, one never; the newest has not begun."""
    for number, name in enumerate(INITIATIVES):
        begun = _ago(weather, 9 + 17 * number, 9) if number else None
        lead = -8 if number == 5 else 5 + number % 3
        reviewed = (begun or _ago(weather, 2, 9)) - timedelta(days=lead)
        yield Note(
            "initiative", f"{number}", _ago(weather, 40 + 17 * number), name, TEAMS[number % len(TEAMS)],
            planned=_ago(weather, 5 + 17 * number), reviewed=None if number == 3 else reviewed, started=begun,
            tier=(number + 1) % 2,
        )  # fmt: skip


def milestones(seed: int, weather: Weather) -> Iterator[Note]:
    """A plan a team: a milestone each other month. Most are reached in time, some late, some not yet."""
    for team in TEAMS:
        rng = dice(seed, "milestones", team)
        for number, name in enumerate(MILESTONES):
            planned = _ago(weather, 300 - 70 * number - rng.randrange(20), 17)
            done = planned + timedelta(days=rng.choice((-9, -2, 0, 6, 25, 400)))
            yield Note("milestone", f"{team}/{number}", _ago(weather, 350), name, team, planned=planned, done=done)


def enabled(seed: int, weather: Weather) -> Iterator[Note]:
    """Teams that went live on a capability: one this month, others before, one twice in a quarter, one not yet."""
    ages = (4, 11, 39, 48, 95, 130, 170, 210, 260)
    for number, age in enumerate(ages):
        team, subject = TEAMS[(number * 4 + 1) % len(TEAMS)], CAPABILITIES[number % len(CAPABILITIES)]
        done = _ago(weather, age, 12)
        yield Note("team_enabled", f"{number}", done - timedelta(days=15), subject, team, done=done)
    yield Note("team_enabled", "next", _ago(weather, 3), CAPABILITIES[0], "ml-platform", planned=_ago(weather, -20))


def modules(seed: int, weather: Weather) -> Iterator[Note]:
    """Teams that took up a shared module; one has given it up again. Some use modules that their pipelines name."""
    told = (("growth", 200, None), ("logistics", 90, 30), ("finance-data", 20, None), ("growth", 10, None))
    for number, (team, since, until) in enumerate(told):
        done = _ago(weather, until) if until else None
        module = MODULES[number % len(MODULES)]
        yield Note("component_use", f"{number}", _ago(weather, since), module, team, done=done)
