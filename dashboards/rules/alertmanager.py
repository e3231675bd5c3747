"""A route for Alertmanager: each team's alerts to its own receiver, pages to the pager as well, one message a cause.

Severity and tier of an alert may change while its cause goes on. To Prometheus that is another alert, which begins
while ``keep_firing_for`` keeps the first. Its team is told of both in one group, in which the more urgent one inhibits
the other: what began as a ticket and became a page is over where it was told, once the page is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from dashboards.rules.rule import quoted

TIERS = range(4)
_OF_ONE_CAUSE = ["job", "alertname", "cause", "team"]
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
                {
                    "matchers": ['severity="page"'], "receiver": "pager", "group_wait": "10s", "repeat_interval": "4h",
                    "continue": True,
                },
                *of_teams,
                {"receiver": "tickets"},
            ],
        },
        "inhibit_rules": [
            {
                "source_matchers": ['alertname="TierlineDown"'],
                "target_matchers": ['alertname="TierlineEvaluationStale"'],
                "equal": ["job"],
            },
            _inhibits('severity="page"', 'severity="ticket"', _OF_ONE_CAUSE),
            *(
                _inhibits(f'tier="{tier}"', f'tier=~"{"|".join(map(str, TIERS[tier + 1:]))}"',
                          [*_OF_ONE_CAUSE, "severity"])
                for tier in TIERS[:-1]
            ),
        ],
        "receivers": [
            {"name": name, "webhook_configs": [{"url": _HOOK, "send_resolved": True}]}
            for name in ("tickets", "pager", *named.values())
        ],
    }  # fmt: skip


def _inhibits(source: str, target: str, equal: list[str]) -> dict[str, Any]:
    """Of Tierline's own alerts alone. What differs in anything but what is named here is told."""
    own = 'tierline="true"'
    return {"source_matchers": [own, source], "target_matchers": [own, target], "equal": equal}


def _names(teams: Sequence[str]) -> dict[str, str]:
    """Team -> its receiver: letters and digits, no two the same."""
    found: dict[str, str] = {}
    for team in filter(None, teams):
        name = "team-" + (re.sub(r"[^a-z0-9]+", "-", team.lower()).strip("-") or "unnamed")
        taken = sum(one == name or one.startswith(f"{name}.") for other, one in found.items() if other != team)
        found[team] = f"{name}.{taken + 1}" if taken else name
    return found
