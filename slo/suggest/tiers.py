"""Which assets look critical: tags that say so, exposures and assets downstream, queries, promises already made.

Nothing is ever proposed as tier 3: what nobody calls important stays "not tiered yet".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from slo.lineage.impact import is_exposure
from slo.lineage.kin import own
from slo.suggest import ABOUT_ASSETS, APPLY, Given, Row, Suggestion, about, ranked, sentence

MOST_CRITICAL = 50
"""A list of critical assets longer than this is none: what follows is proposed as tier 2."""
MANY_DOWNSTREAM = 5
MANY_QUERIES = 1000
TIER_TAG, CRITICAL_TAG, FEEDS, SENSITIVE_TAG, PROMISED = 100, 50, 20, 10, 5
"""Points beside those of impact (slo/lineage/impact.py)."""

_TIER = re.compile(r"(?:[\w.]+\.)?tier[ :_=-]*([0-3])", re.IGNORECASE)
_CRITICAL = re.compile(
    r"(?:business|mission)?[ _-]?critical(?:[ :_=-]+(?:true|yes))?|criticality[ :_=-]+(?:high|critical)", re.I
)
_SENSITIVE = re.compile(r"(?:[\w.]+[:=])?(?:pii|regulated|gdpr|sox)(?:[:=].*)?", re.IGNORECASE)


class Tiers(Suggestion):
    name = "tiers"
    columns = ("asset", "tier", *ABOUT_ASSETS)
    title = "Tiers of assets"
    connect = (
        "Nothing is known to rest on any asset without a tier: connect dbt (exposures, lineage, tags) or a warehouse "
        "(access history, tags), or name 20 to 50 assets in a critical.csv."
    )
    use = APPLY

    def rows(self, given: Given) -> list[Row]:
        found = ranked([row for name, _ in given.impact.ranked() if (row := _proposed(given, name)) is not None])
        for row in [row for row in found if row["tier"] <= 1][MOST_CRITICAL:]:
            row["tier"] = row["tier"] if row["evidence"] >= TIER_TAG else 2
        return found


def _proposed(given: Given, asset: str) -> Row | None:
    """A tier for an asset that has none of its own, or whose tag says another; None without evidence."""
    history, t = given.view.history(asset), given.view.as_of
    tags = list(history.get("tags", t) or ())
    tagged = next((int(match[1]) for tag in tags if (match := _TIER.fullmatch(tag))), None)
    settled = own(history, "tier", t)
    if is_exposure(given.view, asset) or (settled is not None and tagged in (None, settled)):
        return None
    weight = given.impact.weight(asset)
    signs = [*_signs(tags, history.get("freshness", t) is not None), *_fed(given, asset)]
    critical = bool(weight.exposures) or any(points in (CRITICAL_TAG, FEEDS) for points, _ in signs)
    enough = tagged is not None or critical or weight.downstream >= MANY_DOWNSTREAM or weight.queries >= MANY_QUERIES
    if not enough:
        return None
    tier = tagged if tagged is not None else 1 if critical else 2
    said = sentence([*(words for _, words in signs), *weight.words()])
    return about(given, asset, "tier", {"tier": tier}, said, weight.score + sum(points for points, _ in signs))


def _fed(given: Given, asset: str) -> Iterator[tuple[int, str]]:
    """(points, words) where what it feeds directly is critical: it is no better than what comes in."""
    fed = sorted(given.impact.graph.children(asset))
    critical = [name for name in fed if own(given.view.history(name), "tier", given.view.as_of) in (0, 1)]
    if critical:
        more = f" and {len(critical) - 1} more" if len(critical) > 1 else ""
        yield FEEDS, f"it feeds {critical[0]}{more} of tier 0 or 1"


def _signs(tags: list[str], promised: bool) -> Iterator[tuple[int, str]]:
    """(points, words) of what is said of the asset itself."""
    for pattern, points in ((_TIER, TIER_TAG), (_CRITICAL, CRITICAL_TAG), (_SENSITIVE, SENSITIVE_TAG)):
        tag = next((tag for tag in tags if pattern.fullmatch(tag)), None)
        if tag is not None:
            yield points, f"the tag {tag}"
    if promised:
        yield PROMISED, "its freshness is promised already"
