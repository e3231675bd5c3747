"""What was observed, what was agreed to leave out, what was corrected and renamed: by hand."""

from __future__ import annotations

from slo.engine import Engine, Query
from slo.platform import Platform, SourceInfo
from slo.store import Store
from slo.view import View
from tests.slo.tellings import HOUR, START, fact, run

PLATFORM = Platform()
FAR = START.replace(year=9999, month=12, day=31)


def view(store: Store, hours: float = 100, platform: Platform = PLATFORM) -> View:
    return View(store, platform, START + hours * HOUR)


def test_a_source_that_never_speaks_of_watching_is_seen_from_its_first_fact_on(store: Store) -> None:
    store.upsert([run("1", "p", START + 5 * HOUR), run("2", "p", START + 3 * HOUR)])
    ((start, end),) = view(store).observed("import", "run")
    assert start == START + 3 * HOUR
    assert end > FAR


def test_stretches_join_gaps_stay_and_kinds_are_kept_apart(store: Store) -> None:
    spans = [(0, 4, None), (4, 6, ["run"]), (10, 12, ["run", "alert"])]
    store.upsert([
        run("1", "p", START), fact("alert", "1", fired_at=START),
        *(fact("coverage", str(a), start=START + a * HOUR, end=START + b * HOUR, kinds=kinds) for a, b, kinds in spans),
    ])  # fmt: skip

    def hours(kind: str) -> list[tuple[float, float]]:
        return [((a - START) / HOUR, (b - START) / HOUR) for a, b in view(store).observed("import", kind)]

    assert (hours("run"), hours("alert")) == ([(0, 6), (10, 12)], [(0, 4), (10, 12)])


def test_watching_that_began_later_is_no_watching_before(store: Store) -> None:
    store.upsert([
        run("1", "p", START), fact("coverage", "1", start=START + 50 * HOUR, end=START + 60 * HOUR, kinds=["run"]),
    ])  # fmt: skip
    assert view(store, 20).observed("import", "run") == []
    assert view(store, 55).observed("import", "run") == [(START + 50 * HOUR, START + 55 * HOUR)]


def test_an_inventory_leaves_the_watching_to_whoever_can_tell(store: Store) -> None:
    """The settings tell a schedule; the orchestrator, which tells runs, was watched for two hours."""
    infos = (SourceInfo("settings", {"asset": ("schedule",)}), SourceInfo("import", {"run": ("state",)}))
    store.upsert([fact("coverage", "1", start=START, end=START + 2 * HOUR, kinds=["run"])])
    seen = view(store, platform=Platform(sources=infos))
    assert seen.watched("settings", "run", "p") == [(START, START + 2 * HOUR)]


def test_exclusions_hold_for_what_they_name(store: Store) -> None:
    span = {"start": START, "end": START + 2 * HOUR}
    store.upsert([
        fact("asset", "1", asset="shop/a", tier=1, team="data", valid_from=START),
        fact("asset", "2", asset="crm/b", tier=2, team="web", valid_from=START),
        fact("exclusion", "1", assets="shop/*", kpis=["mttr"], reason="vendor", **span),
        fact("exclusion", "2", team="web", tier=2, reason="maintenance", **span),
    ])  # fmt: skip
    seen = view(store)

    def reason(kpi: str, asset: str, hours: float) -> str | None:
        at = START + hours * HOUR
        return seen.exclusion(kpi, asset, seen.dims(asset, at), at)

    assert [reason("mttr", "shop/a", at) for at in (0, 1.9, 2)] == ["vendor", "vendor", None]
    assert reason("mttd", "shop/a", 1) is None
    assert (reason("mttd", "crm/b", 1), reason("mttr", "crm/b", 1)) == ("maintenance", "maintenance")
    assert seen.exclusion_edges("mttr", "shop/a", START, START + 9 * HOUR) == [START + 2 * HOUR]


def test_a_correction_counts_and_can_be_taken_back(store: Store) -> None:
    engine, query = Engine(store, PLATFORM), Query(window="2026-11-02")
    store.upsert([run("1", "p", START, "failed"), run("2", "p", START + HOUR)])

    def counts() -> tuple[int, int]:
        found = engine.show("pipeline_success_rate", query, START + 9 * HOUR)
        return found["good"], found["bad"]

    before = counts()
    told = {"target_fact": "run", "target_source": "import", "target_id": "1", "at": START, "reason": "rerun"}
    store.upsert([fact("correction", "1", set={"state": "success"}, **told)])
    during = counts()
    store.upsert([fact("correction", "1", deleted=True)])
    assert (before, during, counts()) == ((1, 1), (2, 0), (1, 1))


def test_the_history_of_a_renamed_asset_follows(store: Store) -> None:
    engine = Engine(store, PLATFORM)
    store.upsert([run("1", "old", START), run("2", "new", START + HOUR, "failed")])

    def counts(asset: str) -> tuple[int, int]:
        found = engine.show("pipeline_success_rate", Query(window="2026-11-02", asset=asset), START + 9 * HOUR)
        return found["good"], found["bad"]

    assert (counts("old"), counts("new")) == ((1, 0), (0, 1))
    store.upsert([fact("alias", "1", old="old", new="new")])
    assert (counts("old"), counts("new")) == ((1, 1), (1, 1)), "either name asks for the one asset"
    store.upsert([fact("alias", "1", deleted=True)])
    assert (counts("old"), counts("new")) == ((1, 0), (0, 1))


def test_what_was_applied_speaks_for_the_fields_that_were_filled_in_and_no_more(store: Store) -> None:
    """A tier in a spreadsheet is no catalogue: owner and classification stay untold."""
    catalog = SourceInfo("catalog", {"asset": ("owner",)})
    assert view(store, platform=Platform(sources=(catalog,))).sources == (catalog,)
    store.upsert([fact("asset", "p", source="applied", asset="p", tier=1), run("1", "p", START)])
    seen = view(store, platform=Platform(sources=(catalog,)))
    assert [(one.name, dict(one.tells)) for one in seen.sources] == [
        ("applied", {"asset": ("tier",)}), ("catalog", {"asset": ("owner",)}),
    ]  # fmt: skip
    assert [view(store).can_tell("applied", "asset", name) for name in ("tier", "owner")] == [True, False]
    assert not view(store).imports_tell("tier")


def test_a_deadline_that_was_applied_is_watched_by_who_tells_the_updates(store: Store) -> None:
    store.upsert([
        fact("asset", "p", source="applied", asset="p", freshness={"max_age_seconds": 3600}, valid_from=START),
        fact("dataset_update", "1", asset="p", at=START - HOUR),
        fact("coverage", "1", start=START - HOUR, end=START + 2 * HOUR, kinds=["dataset_update"]),
    ])  # fmt: skip
    assert view(store).watched("applied", "dataset_update", "p") == [(START - HOUR, START + 2 * HOUR)]
