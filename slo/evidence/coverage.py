"""How far a platform is measured: each KPI by whether its evidence is there, and what would give what is missing.

Three states, exactly (docs/decisions/coverage.md): *measured* has a value in the window; *with what you have* needs no
new source; *not set up* needs one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slo.shelf import shelf

MEASURED, WITHIN, UNSET = "measured", "with what you have", "not set up"
STATES = (MEASURED, WITHIN, UNSET)
Result = Mapping[str, Any]


@dataclass(frozen=True)
class Offers:
    """Who could tell evidence. ``kinds``: evidence -> kinds of sources; ``configured``: source's name -> its kind, of
    those whose kind may tell more by another setting or right; ``facts``: kind of fact -> how many are stored;
    ``assets``: the fields that are told of at least one asset."""

    kinds: Mapping[str, Sequence[str]] = field(default_factory=dict)
    configured: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, int] = field(default_factory=dict)
    assets: frozenset[str] = frozenset()


def coverage(results: Iterable[Result], offers: Offers) -> list[dict[str, Any]]:
    """One dict a KPI, in the order of the results (one each, of the whole platform): kpi, title, family, state,
    missing (a list of evidence, kinds that tell it, sources here that could), and why in words."""
    return [_standing(result, offers) for result in results]


def _standing(result: Result, offers: Offers) -> dict[str, Any]:
    missing = [_gap(group, offers) for group in result.get("missing") or ()]
    state = _state(result, missing)
    unsaid = [_gap(group, offers) for group in _unsaid(result["kpi"], offers)] if state == WITHIN else []
    told = {name: result[name] for name in ("kpi", "title", "family")}
    return {**told, "state": state, "missing": missing or unsaid, "why": _why(result, state, missing or unsaid, offers)}


def _unsaid(kpi: str, offers: Offers) -> list[Sequence[str]]:
    """Evidence of assets that somebody can tell, and that is told of none."""
    wanted = [group for group in shelf()[kpi].needs if all(one.startswith("asset.") for one in group)]
    return [group for group in wanted if not any(one.removeprefix("asset.") in offers.assets for one in group)]


def _gap(group: Sequence[str], offers: Offers) -> dict[str, Any]:
    """A group of evidence, any of which would do."""
    kinds = sorted({kind for evidence in group for kind in offers.kinds.get(evidence, ())})
    here = [name for name, kind in offers.configured.items() if kind in kinds]
    return {"evidence": list(group), "kinds": kinds, "here": here}


def _state(result: Result, missing: Sequence[Mapping[str, Any]]) -> str:
    if missing:
        return WITHIN if all(gap["here"] for gap in missing) else UNSET
    return WITHIN if result["value"] is None else MEASURED


def _why(result: Result, state: str, missing: Sequence[Mapping[str, Any]], offers: Offers) -> str:
    """What stands between the KPI and a value."""
    if state == MEASURED:
        return ""
    if missing:
        named = ", and ".join(" or ".join(gap["evidence"]) for gap in missing)
        return f"nobody tells {named}" if result.get("missing") else f"{named} is told of no asset yet"
    kinds = [kind for kind in shelf()[result["kpi"]].facts if kind not in ("asset", "coverage")]
    if kinds and not any(offers.facts.get(kind) for kind in kinds):
        return f"no {' or '.join(kinds)} has been told yet"
    return "its evidence is told; nothing that counts for it lies in this window"


def tally(standings: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """State -> number of KPIs."""
    counted = Counter(one["state"] for one in standings)
    return {state: counted[state] for state in STATES}


def line(standings: Iterable[Mapping[str, Any]]) -> str:
    """9 measured, 2 more with what you have, 4 not set up."""
    found = tally(standings)
    more = f"{found[WITHIN]} more with what you have" if found[WITHIN] else ""
    parts = [f"{found[MEASURED]} measured", more, f"{found[UNSET]} not set up" if found[UNSET] else ""]
    return ", ".join(part for part in parts if part)
