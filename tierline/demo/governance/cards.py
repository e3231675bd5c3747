"""The catalogue's cards: who owns a dataset, what it says, how it is protected, since when. Each asset has a history.

The stories: the web domain had no descriptions until a clean-up, tables that people load by hand have no owner; what is
regulated was classified in a drive; some tables are not encrypted; newcomers come into the catalogue by themselves, by
hand, or late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tierline.demo.chance import dice
from tierline.demo.model import Dataset, Pipeline, Thing
from tierline.demo.weather import Weather

BARE = "web"
"""The domain whose metadata had gaps."""
TEMPLATES = ("batch-load", "dbt-model", "stream-sink")
MODULES = ("retry-kit", "schema-guard")


@dataclass(frozen=True, slots=True)
class Card:
    """What the catalogue says of an asset from ``since`` on; None or empty: nothing."""

    since: datetime
    description: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    classification: str | None = None
    retention: str | None = None
    encrypted: bool | None = None
    regulated: bool | None = None
    in_catalog: bool | None = None
    registered_by: str | None = None
    first_seen: datetime | None = None
    template: str | None = None
    components: tuple[str, ...] = ()
    tested: bool | None = None
    quality_objective: float | None = None
    environment: str = "production"


def at(cards: list[Card], moment: datetime) -> Card | None:
    """The card that holds at a moment; None before the first."""
    return next((card for card in reversed(cards) if card.since <= moment), None)


def cards_of(seed: int, weather: Weather, thing: Thing) -> list[Card]:
    """The cards of one asset, oldest first."""
    rng = dice(seed, "card", thing.name)
    if isinstance(thing, Dataset):
        return list(_of_dataset(rng, weather, thing))
    return list(_of_pipeline(rng, weather, thing)) if isinstance(thing, Pipeline) else []


def _of_dataset(rng: Random, weather: Weather, dataset: Dataset) -> Iterator[Card]:
    """A first card, and one for each thing that was made good later."""
    whole = _whole(rng, weather, dataset)
    changes = sorted(_gaps(rng, weather, dataset, whole), key=lambda change: change[0])
    card = replace(whole, **{name: value for _, gap in changes for name, value in gap.items()})
    yield card
    for moment, gap in changes:
        if moment > dataset.born:
            card = replace(card, since=moment, **{name: getattr(whole, name) for name in gap})
            yield card


def _whole(rng: Random, weather: Weather, dataset: Dataset) -> Card:
    """What the card says once nothing is missing any more."""
    version = dataset.versions[0]
    guarded = dataset.domain in ("customers", "finance") and dataset.layer in ("core", "mart")
    return Card(
        dataset.born, dataset.description, version.team, (dataset.domain, dataset.layer),
        rng.choice(("internal", "internal", "confidential", "personal")), rng.choice(("400 days", "3 years")), True,
        True if guarded and rng.random() < 0.6 else None, True, "auto" if rng.random() < 0.8 else "manual",
        dataset.born if dataset.born > weather.start else None,
        quality_objective=rng.choice((None, None, 0.9, 0.95)) if dataset.tests else None,
    )  # fmt: skip


Gap = tuple[datetime, dict[str, Any]]
"""Until when something was missing (a moment to come: it still is), and what the card said instead."""


def _gaps(rng: Random, weather: Weather, dataset: Dataset, whole: Card) -> Iterator[Gap]:
    raw, by_hand, never = dataset.layer == "raw", dataset.number < 0, weather.never
    if dataset.domain == BARE:
        yield weather.cleanup, {"description": None}
    if by_hand:  # of any other, Tierline takes the owner of the pipeline that makes it
        yield weather.cleanup + timedelta(days=4) if dataset.domain == BARE else never, {"owner": None}
    if raw and rng.random() < 0.25:
        yield never, {"tags": ()}
    if rng.random() < 0.3:
        yield weather.classified, {"classification": None}
    elif rng.random() < 0.12:
        yield never, {"classification": None}
    if rng.random() < 0.1:
        yield never, {"retention": None}
    if rng.random() < 0.12:
        yield never, {"encrypted": False}
    yield from _registration(rng, weather, dataset, whole)


def _registration(rng: Random, weather: Weather, dataset: Dataset, whole: Card) -> Iterator[Gap]:
    """Old ones: one in ten is not in the catalogue. New ones: at once by itself, on the third day by hand, or on the
    ninth, which is too late."""
    absent: dict[str, Any] = {"in_catalog": False, "registered_by": None}
    if whole.first_seen is None:
        if rng.random() < 0.1:
            yield weather.never, absent
        return
    if whole.registered_by == "manual":
        yield dataset.born + timedelta(days=3), absent
    elif rng.random() < 0.3:
        yield dataset.born + timedelta(days=9), absent


def _of_pipeline(rng: Random, weather: Weather, pipeline: Pipeline) -> Iterator[Card]:
    """Its template, the shared modules it uses, and whether it has tests of its own: more since the drive for them."""
    new = pipeline.born > weather.start
    template = rng.choice(TEMPLATES) if rng.random() < (0.75 if new else 0.4) else None
    modules = tuple(name for name in MODULES if rng.random() < 0.15)
    tested = rng.random() < 0.6
    card = Card(pipeline.born, template=template, components=modules, tested=True if tested else None,
                first_seen=pipeline.born if new else None)  # fmt: skip
    yield card
    if not tested and rng.random() < 0.4 and weather.classified > pipeline.born:
        yield replace(card, since=weather.classified, tested=True)
