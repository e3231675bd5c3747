"""A route for Alertmanager: pages apart from tickets, each team's tickets to its own receiver, one message a cause."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from dashboards.rules.rule import quoted

_HOOK = "http://127.0.0.1:9/replace-me"


def document(teams: Sequence[str]) -> dict[str, Any]:
    """``teams``: those that get a route of their own; what is left goes to the platform's."""
    named = _names(teams)
    of_teams = [{"matchers": [f"team={quoted(team)}"], "receiver": name} for team, name in named.items()]
    return {
        "route": {
            "receiver": "tickets", "group_by": ["job", "cause"], "group_wait": "30s", "group_interval": "5m",
            "repeat_interval": "24h",
            "routes": [
                {"matchers": ['severity="page"'], "receiver": "pager", "group_wait": "10s", "repeat_interval": "4h"},
                *of_teams,
            ],
        },
        "inhibit_rules": [
            {
                "source_matchers": ['alertname="TierlineDown"'],
                "target_matchers": ['alertname="TierlineEvaluationStale"'],
                "equal": ["job"],
            },
        ],
        "receivers": [
            {"name": name, "webhook_configs": [{"url": _HOOK, "send_resolved": True}]}
            for name in ("tickets", "pager", *named.values())
        ],
    }  # fmt: skip


def _names(teams: Sequence[str]) -> dict[str, str]:
    """Team -> its receiver: letters and digits, no two the same."""
    found: dict[str, str] = {}
    for team in filter(None, teams):
        name = "team-" + (re.sub(r"[^a-z0-9]+", "-", team.lower()).strip("-") or "unnamed")
        taken = sum(one == name or one.startswith(f"{name}.") for other, one in found.items() if other != team)
        found[team] = f"{name}.{taken + 1}" if taken else name
    return found
