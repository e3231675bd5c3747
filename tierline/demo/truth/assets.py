"""Truth of the registers of assets: what the catalogue and the lineage say at the window's end, and of newcomers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from tierline.demo.governance.cards import Card, at
from tierline.demo.governance.lineage import linked
from tierline.demo.model import Dataset, Pipeline, Thing
from tierline.demo.truth.question import Question, ratio

CURATED = ("curated", "mart", "serving", "gold")
SOURCES, LAST = ("raw", "source"), ("mart", "serving", "gold")
TESTED = ("not_null", "unique", "accepted_values", "relationships")
"""dbt's tests that look at nulls, the schema, ranges, and that reconcile."""
GRACE = timedelta(days=7)
RECENT = timedelta(days=28)


def _standing(question: Question, kind: type[Thing]) -> Iterator[tuple[Any, Card]]:
    """Assets of a kind in scope that are there at the window's end, with their cards then."""
    moment = question.stop
    for thing in question.world.catalog:
        if isinstance(thing, kind) and thing.born <= moment and not thing.at(moment).retired:
            card = at(question.world.known.cards[thing.name], moment)
            if card is not None and question.fits(thing, moment):
                yield thing, card


def _share(
    question: Question, counts: Callable[[Dataset], bool], good: Callable[[Dataset, Card], bool]
) -> dict[str, Any]:
    judged = [good(thing, card) for thing, card in _standing(question, Dataset) if counts(thing)]
    return ratio(sum(judged), len(judged) - sum(judged))


def metadata_completeness(question: Question) -> dict[str, Any]:
    """Datasets with owner, description, a tag, a tier (all have one) and an edge."""
    below, above = linked(question.world.known.links, question.stop)
    edged = below | above
    return _share(question, lambda _: True, lambda thing, card: bool(
        card.owner and card.description and card.tags and thing.name in edged
    ))  # fmt: skip


def ownership_coverage(question: Question) -> dict[str, Any]:
    """Datasets with owner, description and tier."""
    return _share(question, lambda _: True, lambda _, card: bool(card.owner and card.description))


def catalog_coverage(question: Question) -> dict[str, Any]:
    """Curated datasets in the catalogue with owner, description and classification."""
    return _share(question, lambda thing: thing.layer in CURATED, lambda _, card: bool(
        card.in_catalog and card.owner and card.description and card.classification
    ))  # fmt: skip


def policy_compliance(question: Question) -> dict[str, Any]:
    """Tier-0 and regulated datasets that are classified, have a retention and are encrypted."""
    judged = [
        bool(card.classification and card.retention and card.encrypted)
        for thing, card in _standing(question, Dataset)
        if thing.at(question.stop).tier == 0 or card.regulated
    ]
    return ratio(sum(judged), len(judged) - sum(judged))


def lineage_coverage(question: Question) -> dict[str, Any]:
    """Critical datasets that have something upstream and downstream, where their layer asks for it."""
    below, above = linked(question.world.known.links, question.stop)
    return _share(question, lambda thing: thing.at(question.stop).tier <= 1, lambda thing, _: (
        (thing.layer in SOURCES or thing.name in below) and (thing.layer in LAST or thing.name in above)
    ))  # fmt: skip


def automated_test_coverage(question: Question) -> dict[str, Any]:
    """Critical pipelines and datasets that are tested, or whose checks ran in the 28 days before the end."""
    checked = _checked(question)
    judged = [
        bool(card.tested) or thing.name in checked
        for kind in (Dataset, Pipeline)
        for thing, card in _standing(question, kind)
        if thing.at(question.stop).tier <= 1
    ]
    return ratio(sum(judged), len(judged) - sum(judged))


def _checked(question: Question) -> set[str]:
    start, end = question.stop - RECENT, question.stop
    return {
        check.dataset.name
        for check in question.checks()
        if check.outcome != "skipped" and start <= check.at < end and check.name.startswith(TESTED)
    }


def _new(question: Question, kind: type[Thing]) -> Iterator[Card]:
    """Of each asset first seen in the window, the newest card up to a week after, as far as it is known."""
    for thing in question.world.catalog:
        cards = question.world.known.cards[thing.name]
        seen = cards[-1].first_seen if isinstance(thing, kind) and cards else None
        if seen is not None and question.holds(seen) and question.fits(thing, seen):
            card = at(cards, min(seen + GRACE, question.as_of))
            if card is not None:
                yield card


def catalog_adoption(question: Question) -> dict[str, Any]:
    """New datasets that came into the catalogue by themselves."""
    judged = [bool(card.in_catalog) and card.registered_by == "auto" for card in _new(question, Dataset)]
    return ratio(sum(judged), len(judged) - sum(judged))


def paved_road_adoption(question: Question) -> dict[str, Any]:
    """New pipelines that were made from a template."""
    judged = [card.template is not None for card in _new(question, Pipeline)]
    return ratio(sum(judged), len(judged) - sum(judged))


def component_reuse(question: Question) -> dict[str, Any]:
    """Teams whose pipelines name shared modules, or that wrote down that they use one."""
    teams = {thing.at(question.stop).team for thing, card in _standing(question, Pipeline) if card.components}
    if (question.tier, question.domain) == (None, None):
        teams |= {
            str(note.team)
            for note in question.world.known.written("component_use", question.stop)
            if note.done is None and question.team in (None, note.team)
        }
    return question.counted(len(teams))
