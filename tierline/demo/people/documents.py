"""The wiki's pages that count as key documents, beside the documents in the teams' repositories."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from tierline.demo.catalog import TEAMS
from tierline.demo.chance import local
from tierline.demo.people.note import Note
from tierline.demo.weather import Weather

PAGES = (
    ("Disaster recovery", True, (410, 190)), ("Who to call", True, (300, 170, 35)),
    ("Tiers and promises", True, (350,)), ("How we name tables", True, (260, 120)), ("Architecture", True, (183,)),
    ("Access rules", True, (240, 12)),
    ("Lunch places", False, (390,)), ("Glossary", None, (220, 60)),
)  # fmt: skip
"""Title, whether it is a key document, and how many days ago it was updated. One is exactly 183 days old."""


def documents(seed: int, weather: Weather) -> Iterator[Note]:
    """A line an update. "Architecture" goes stale these days; "Tiers and promises" has been stale for long."""
    for number, (title, important, ages) in enumerate(PAGES):
        for place, age in enumerate(ages):
            updated = local(weather.last - timedelta(days=age), 11, 5 * number)
            yield Note(
                "document", f"{number}/{place}", updated, title, TEAMS[number % len(TEAMS)], updated=updated,
                important=important,
            )  # fmt: skip
