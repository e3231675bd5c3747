"""Which dataset is made of which: what the lineage tool has seen, since when, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tierline.demo.catalog import Catalog
from tierline.demo.chance import dice
from tierline.demo.model import Thing
from tierline.demo.weather import Weather

BEFORE = {"staging": "raw", "core": "staging", "mart": "core"}
"""Layer -> the layer it reads."""
LATE = "ml"
"""The domain whose lineage is seen only since it was traced."""


@dataclass(frozen=True, slots=True)
class Link:
    upstream: str
    downstream: str
    seen: datetime
    gone: datetime | None = None


def lineage(seed: int, weather: Weather, catalog: Catalog) -> list[Link]:
    """Every link, in no order that matters: pipelines and what they make, datasets and what is made of them, marts and
    the dashboards on them."""
    return [*_made(catalog), *_read(seed, weather, catalog), *_shown(catalog)]


def _made(catalog: Catalog) -> Iterator[Link]:
    for pipeline in catalog.pipelines:
        for dataset in pipeline.outputs:
            yield Link(pipeline.name, dataset.name, dataset.born, _retired(dataset))
        source = pipeline.waits_for
        if source is not None:
            yield Link(source.name, pipeline.name, max(source.born, pipeline.born))


def _read(seed: int, weather: Weather, catalog: Catalog) -> Iterator[Link]:
    """Most datasets read one of the layer before, of their own domain. One link was cut when its reader was rebuilt."""
    for dataset in catalog.datasets:
        rng = dice(seed, "lineage", dataset.name)
        above = [one for one in catalog.datasets
                 if one.domain == dataset.domain and one.layer == BEFORE.get(dataset.layer)]  # fmt: skip
        if not above or rng.random() < 0.15:
            continue
        source = rng.choice(above)
        seen = max(source.born, dataset.born)
        seen = max(seen, weather.traced) if dataset.domain == LATE else seen
        cut = weather.cleanup if rng.random() < 0.1 and weather.cleanup > seen else None
        gone = min((moment for moment in (_retired(dataset), _retired(source), cut) if moment), default=None)
        yield Link(source.name, dataset.name, seen, gone if gone is None or gone > seen else seen)


def _shown(catalog: Catalog) -> Iterator[Link]:
    for dataset in catalog.datasets:
        if dataset.layer == "mart":
            dashboards = f"dbt/acme/exposure/{dataset.domain}_dashboards"
            yield Link(dataset.name, dashboards, dataset.born, _retired(dataset))


def _retired(thing: Thing) -> datetime | None:
    return next((version.since for version in thing.versions if version.retired), None)


def linked(links: list[Link], moment: datetime) -> tuple[set[str], set[str]]:
    """Names that have something upstream, and names that have something downstream, at a moment."""
    alive = [link for link in links if link.seen <= moment and (link.gone is None or link.gone > moment)]
    return {link.downstream for link in alive}, {link.upstream for link in alive}
