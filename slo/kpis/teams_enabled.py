"""Cross-team enablement: teams that went live on a new capability."""

from __future__ import annotations

from typing import Any

from slo.entries import OfEntries
from slo.facts import Entry
from slo.measure import Distinct


class TeamsEnabled(OfEntries):
    id = "teams_enabled"
    title = "Cross-team enablement"
    family = "adoption"
    lens = "leading"
    measure = Distinct
    unit = "count"
    better = "up"
    definition = "Distinct teams that went live on a new capability."
    formula = "number of distinct teams with an enablement done in the window"
    not_counted = "enablements that are planned or under way, entries without a team"
    example = "Sales went live on two capabilities and Finance on one in the quarter: 2 teams."
    sentence = "{who} brought {value} teams live on a new capability {when}"
    needs = (("entry.team_enabled",),)
    witness = "entry.team_enabled"
    minimum = 0
    word = "team_enabled"
    by = "done_at"

    def judge(self, entry: Entry) -> dict[str, Any] | None:
        return {"key": entry.team, "good": 1} if entry.team is not None else None
