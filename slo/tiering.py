"""How many assets there are, and how many of them nobody has given a tier: "not tiered yet", which is no tier 3."""

from __future__ import annotations

import json

from slo.store import Store
from slo.view import View

KEY = "tiering"
"""Under which the store keeps the counts beside the results of an evaluation."""


def tiering(view: View) -> dict[str, int]:
    """``assets`` that exist at as-of, and ``untiered`` among them."""
    histories = [view.history(name) for name in view.asset_names]
    there = [one for one in histories if one.exists(view.as_of)]
    return {"assets": len(there), "untiered": sum(one.dims(view.as_of).tier is None for one in there)}


def remembered(store: Store) -> dict[str, int]:
    """The counts of the last evaluation; {} before the first."""
    return dict(json.loads(store.meta(KEY) or "{}"))
