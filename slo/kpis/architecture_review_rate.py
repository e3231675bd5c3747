"""Architecture review effectiveness: tier-0 initiatives reviewed before their build started."""

from __future__ import annotations

from typing import Any

from slo.entries import OfEntries
from slo.facts import Entry
from slo.measure import Ratio

MOST_CRITICAL = 0


class ArchitectureReviewRate(OfEntries):
    id = "architecture_review_rate"
    title = "Architecture review effectiveness"
    family = "delivery"
    lens = "leading"
    measure = Ratio
    unit = "ratio"
    better = "up"
    definition = "Tier-0 initiatives reviewed before their build started, of those whose build started."
    formula = "reviewed by the start / (reviewed by the start + not reviewed by the start)"
    not_counted = "initiatives of other tiers, initiatives whose build has not started"
    example = (
        "Of 5 tier-0 initiatives that started, 4 had been reviewed by then and one was reviewed a week later: 80 %."
    )
    sentence = "{value} of {whose} tier-0 initiatives were reviewed before their build began {when}"
    nouns = ("initiative", "unreviewed initiative")
    needs = (("entry.initiative",),)
    word = "initiative"
    by = "started_at"

    def judge(self, entry: Entry) -> dict[str, Any] | None:
        if entry.tier != MOST_CRITICAL or entry.started_at is None:
            return None
        reviewed = entry.reviewed_at is not None and entry.reviewed_at <= entry.started_at
        return {"good": int(reviewed), "bad": int(not reviewed)}
