"""Who answers for what happened: what a fact tells, else whom its asset is accountable to.

Kept in a Ratio's states beside good and bad, so that "ours" adds up and is refreshed like any other count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from slo.facts import Fact, Incident, Run, WorkItem
from slo.measure.item import Item
from slo.view import View

ELSEWHERE = ("vendor", "upstream")
"""Tags of an asset that is somebody else's altogether: a vendor's feed, an upstream system."""
ASSET_FIELDS = ("accountability", "tags")
"""What of an asset decides it."""


def told(fact: Fact | None) -> str | None:
    """Who answers, as the fact itself says (or a correction laid over it)."""
    return fact.responsible if isinstance(fact, (Run, Incident)) else None


def accountable(view: View, asset: str | None, at: datetime) -> str | None:
    """Whom an asset is accountable to: vendor or upstream by its tag, domain where that is told; None: the platform."""
    if asset is None:
        return None
    known = view.history(asset).told(at)
    tags = known["tags"].value if "tags" in known else ()
    elsewhere = next((word for word in ELSEWHERE if word in tags), None)
    domain = "accountability" in known and known["accountability"].value == "domain"
    return elsewhere or ("domain" if domain else None)


def assigned(view: View, items: Iterable[Item]) -> Iterator[Item]:
    """The items, each with who answers for it."""
    for item in items:
        said = told(item.facts[0]) if item.facts else None
        item.responsible = said or _by_its_assets(view, item)
        yield item


def _by_its_assets(view: View, item: Item) -> str | None:
    """Whom its asset is accountable to; of an item of the platform's own all its assets must agree. Work is answered
    for by who does it, whatever asset it is about."""
    names = {item.asset} if item.asset is not None or not item.matches else {match[0] for match in item.matches}
    if item.facts and isinstance(item.facts[0], WorkItem):
        return None
    answering = {accountable(view, name, item.at) for name in names}
    return answering.pop() if len(answering) == 1 else None
