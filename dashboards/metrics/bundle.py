"""What of the results is exposed under the cap: families that are read together are given together or not at all, so
that no sum over one is quietly wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from dashboards.metrics.family import Family, Shelf, Spec

CAP = 4000


@dataclass(frozen=True)
class Bundle:
    """Families that are read together. ``name``: what the log calls them; ``kept``: given whatever the cap; ``open``:
    of what is open now, so as large as the hour is bad."""

    name: str
    families: tuple[Family, ...]
    kept: bool = False
    open: bool = False

    @property
    def series(self) -> int:
        return sum(len(family.samples) for family in self.families)


@dataclass(frozen=True)
class Given:
    """What is exposed, how many series are left out, and the names of their bundles."""

    families: list[Family]
    dropped: int
    names: tuple[str, ...]


def each(shelf: Shelf) -> Iterator[Bundle]:
    """A bundle a family."""
    return (Bundle(family.spec.name, (family,)) for family in shelf.families())


def together(shelf: Shelf, name: str = "") -> Iterator[Bundle]:
    """One bundle of all of them; none where nothing has a sample."""
    found = tuple(shelf.families())
    if found:
        yield Bundle(name or ", ".join(family.spec.name for family in found), found)


def capped(found: Iterable[Bundle], cap: int) -> Given:
    """The bundles in order up to the first that does not fit under ``cap`` series, and those that are kept. None after
    it is given: smaller ones would come and go as what is open grows. One that is larger than the cap at any hour is
    left out alone."""
    given, left, full, out = list[Bundle](), cap, False, list[Bundle]()
    for one in found:
        never = one.series > cap and not one.open
        full = full or (left < one.series and not never and not one.kept)
        if one.kept or not (full or never):
            given.append(one)
            left = max(left - one.series, 0)
        else:
            out.append(one)
    return Given(merged(given), sum(one.series for one in out), tuple(one.name for one in out))


def merged(found: Iterable[Bundle]) -> list[Family]:
    """Their families, each whole: a format wants a family's samples in one place."""
    families: dict[str, Family] = {}
    for family in (family for one in found for family in one.families):
        families.setdefault(family.spec.name, Family(family.spec)).samples.update(family.samples)
    return list(families.values())


def distinct(found: Iterable[Bundle]) -> Iterator[Bundle]:
    """Without a KPI of one's own whose name a family before it has, with other labels."""
    specs: dict[str, Spec] = {}
    for one in found:
        own = tuple(
            family
            for family in one.families
            if specs.setdefault(family.spec.name, family.spec).labels == family.spec.labels
        )
        if own:
            yield replace(one, families=own)
