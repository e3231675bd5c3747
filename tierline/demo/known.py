"""What is known of the platform beside what happens on it: the catalogue's cards, lineage, and people's registers."""

from __future__ import annotations

from datetime import datetime

from tierline.demo.catalog import Catalog
from tierline.demo.chance import local
from tierline.demo.governance.cards import Card, cards_of
from tierline.demo.governance.lineage import Link, lineage
from tierline.demo.model import Dataset
from tierline.demo.people import documents, plans, toil
from tierline.demo.people.note import Note, seen
from tierline.demo.people.survey import Answer, answers
from tierline.demo.weather import Weather

KEPT = 400
"""Days that people's registers reach back, however short the world is."""
RENAMED = 7
"""The dataset that had another name before."""


class Known:
    """Registers with their histories."""

    def __init__(self, seed: int, weather: Weather, catalog: Catalog) -> None:
        self.catalog = catalog
        self.cards: dict[str, list[Card]] = {thing.name: cards_of(seed, weather, thing) for thing in catalog}
        self.links: list[Link] = lineage(seed, weather, catalog)
        self.renamed = weather.cleanup
        """When the dataset got its present name."""
        self.notes: list[Note] = toil.written(
            note
            for told in (
                toil.toil(seed, weather, KEPT), toil.sessions(seed, weather, KEPT), plans.steps(seed, weather),
                plans.initiatives(seed, weather), plans.milestones(seed, weather), plans.enabled(seed, weather),
                plans.modules(seed, weather), documents.documents(seed, weather),
            )
            for note in told
        )  # fmt: skip
        self.answers: list[Answer] = sorted(answers(seed, weather, KEPT), key=lambda one: (one.at, one.key))
        self.trials = [Card(local(weather.first), environment="staging", in_catalog=True)]
        """The card of each table of the sandbox, which is no production."""

    def written(self, kind: str, now: datetime) -> list[Note]:
        """The lines of one kind as they stand at a moment, in the order in which they were written down."""
        told = (seen(note, now) for note in self.notes if note.kind == kind)
        return [note for note in told if note is not None]

    def old_name(self, dataset: Dataset) -> str | None:
        """What the catalogue called the dataset before it was renamed; None for all the others."""
        return f"{dataset.name}_v1" if dataset.number == RENAMED else None
