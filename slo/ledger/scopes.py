"""The scopes of which a closed period keeps lines: the whole, each tier, each team, each domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slo.results import Query
from slo.view import View
from slo.windows import Window

WHOLE = "whole"
TIERS = (0, 1, 2, 3)
NAMES = ("tier", "team", "domain")


def key_of(scope: Mapping[str, Any]) -> str | None:
    """The scope as one word: whole, tier:1, team:finance, domain:sales. None where it is narrowed by more than one
    dimension, or by an asset: of these nothing is kept."""
    told = [f"{name}:{scope[name]}" for name in NAMES if scope.get(name) is not None]
    if scope.get("asset") is not None or len(told) > 1:
        return None
    return told[0] if told else WHOLE


def scope_of(key: str) -> dict[str, Any]:
    """tier, team and domain of such a word."""
    scope: dict[str, Any] = dict.fromkeys(NAMES)
    name, _, value = key.partition(":")
    if name in scope:
        scope[name] = int(value) if name == "tier" else value
    return scope


def query_of(key: str, period: str) -> Query:
    return Query(window=period, **scope_of(key))


def scopes_of(view: View, window: Window) -> list[str]:
    """All scopes of a window: teams and domains are those that had an asset at any time in it."""
    teams, domains = set(), set()
    for name in view.asset_names:
        history = view.history(name)
        for start, _ in history.segments(window.start, window.end):
            dims = history.dims(start)
            teams.add(dims.team)
            domains.add(dims.domain)
    return [
        WHOLE,
        *(f"tier:{tier}" for tier in TIERS),
        *(f"team:{team}" for team in sorted(team for team in teams if team)),
        *(f"domain:{domain}" for domain in sorted(domain for domain in domains if domain)),
    ]


def has_document(key: str) -> bool:
    """Whether a report of its own is kept: of the whole, a team, a domain."""
    return not key.startswith("tier:")
