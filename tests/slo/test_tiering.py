"""How many assets nobody has given a tier, counted by an evaluation and remembered."""

from __future__ import annotations

from slo.engine import Engine
from slo.platform import Platform
from slo.store import Store
from slo.tiering import remembered, tiering
from slo.view import View
from tests.slo.tellings import HOUR, START, fact


def test_assets_that_exist_and_have_no_tier(store: Store) -> None:
    store.upsert([
        fact("asset", "1", asset="a", tier=3), fact("asset", "2", asset="b"), fact("asset", "3", asset="c"),
        fact("asset", "4", asset="c", source="later", tier=1, valid_from=START),
        fact("asset", "5", asset="d", retired=True), fact("asset", "6", asset="e", valid_from=START + 9 * HOUR),
        fact("run", "1", asset="f", state="success", started_at=START),
    ])  # fmt: skip
    now = START + HOUR
    assert tiering(View(store, Platform(), now)) == {"assets": 3, "untiered": 1}, "a, b and c; b has none"
    assert remembered(store) == {}
    Engine(store, Platform()).evaluate(now)
    assert remembered(store) == {"assets": 3, "untiered": 1}
