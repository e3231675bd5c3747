"""The page of assets and an asset's story, on invented lines: what is said, what is linked, what is escaped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dashboards.pages import asset_parts, assets, one_asset
from dashboards.parts import promised_of
from dashboards.reading import scope
from dashboards.reading.reader import Ask, Snapshot
from tests.dashboards.fake import FakeReader
from tests.dashboards.layouts import links, said

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
LINE: dict[str, Any] = {
    "asset": "wh://acme/shop.public.orders", "kind": "dataset", "tier": 1, "team": "finance", "owner": "finance",
    "domain": "orders", "rule": {"deadline": "07:00", "days": "business"}, "objective": 0.95, "own": True,
    "by": "catalog", "since": None, "kpi": "dataset_sla_attainment", "value": 0.85, "good": 17.0, "bad": 3.0,
    "kept": False, "last": NOW - timedelta(hours=1), "incidents": 0,
}  # fmt: skip
FOUND = {"lines": [LINE], "found": 1, "in_scope": 35, "total": 579, "kinds": {"dataset": 28, "pipeline": 7},
         "teams": [], "as_of": NOW, "page": 0, "before": 0}  # fmt: skip
CAUSE = {"asset": "airflow/load", "at": "2026-11-20T06:02:00+00:00", "what": "failed", "responsible": "platform"}
LATE: dict[str, Any] = {
    "as_of": NOW, "until": NOW + timedelta(hours=24), "due": 0, "there": 0, "lines": [], "unwatched": [],
    "counts": dict.fromkeys(("already late", "will be late", "may be late", "cannot be told", "on its way"), 0),
}  # fmt: skip
STORIES = {
    "assets.assets": FOUND, "late.late": LATE, "assets.judged": {"good": 25, "bad": 3},
    "assets.lateness": {LINE["asset"]: {"at": NOW - timedelta(days=1), "what": "late", "url": None, "cause": CAUSE}},
}  # fmt: skip
STORY: dict[str, Any] = {
    **{key: LINE[key] for key in ("asset", "kind", "tier", "team", "domain", "last")}, "asked": "x", "as_of": NOW,
    "environment": "production", "exists": True, "gaps": ["description"], "formerly": ["wh://acme/old"], "page": 0,
    "fields": [{"field": "owner", "value": "<b>finance</b>", "source": "catalog", "rule": "as catalog tells it",
                "since": "always", "lost": [{"value": "web", "source": "dbt", "since": "always"}]}],
    "promise": {key: LINE[key] for key in ("rule", "objective", "own", "by", "since")},
    "standing": {key: LINE[key] for key in ("kpi", "value", "good", "bad", "kept")},
    "last_late": {"at": NOW - timedelta(days=1), "what": "late", "url": None, "cause": CAUSE},
    "runs": {"rows": [], "more": False}, "updates": {"rows": [], "more": False}, "checks": [], "incidents": [],
    "upstream": [{"of": 1, "rows": [{"asset": "airflow/load", "kind": "pipeline", "tier": 0, "by": None}]},
                 {"of": 0, "rows": []}],
    "downstream": [{"of": 0, "rows": []}, {"of": 0, "rows": []}], "links": [],
}  # fmt: skip


def test_a_team_reads_what_it_promised_who_agreed_and_why_it_was_late() -> None:
    page = assets.render(FakeReader(stories=STORIES), Ask(team="finance"))
    told = said(page)
    assert told.startswith("Team finance has 35 assets, 28 of them datasets ")
    assert "by 07:00 on business days, 95 % of deliveries" in told
    assert "3 of 20 deliveries late" in told
    assert "85.0 %" in told and "missed" in told
    assert "it began with load" in told
    assert "/assets/wh%3A%2F%2Facme%2Fshop.public.orders?team=finance" in links(page)


def test_what_was_searched_for_is_in_the_title_and_in_every_kinds_link() -> None:
    page = assets.render(FakeReader(stories=STORIES), Ask(), own={"q": "orders & more"})
    assert said(page).startswith("1 of 35 assets holds “orders & more”")
    assert "/assets?q=orders+%26+more&kind=dataset" in links(page)


def test_where_no_evaluation_keeps_a_scope_its_verdict_is_worked_out() -> None:
    page = assets.render(FakeReader(stories=STORIES), Ask(window="13d", team="finance"))
    assert "3 of 28 datasets missed what was promised in the last 13 days" in said(page)


def test_what_does_not_fit_on_a_page_is_on_the_next() -> None:
    second = {**FOUND, "found": 27, "page": 1, "before": 25}
    asked: list[tuple[Ask, Any]] = []

    def told(ask: Ask, **more: Any) -> Any:
        asked.append((ask, more["page"]))
        return second

    reader = FakeReader(stories={**STORIES, "assets.assets": told})
    page = assets.render(reader, Ask(team="finance", asset="x", profile="lead_platform"), own={"page": "1", "q": "o"})
    assert asked == [(Ask(team="finance"), 1)]
    assert "26 to 26 of 27; in the last 28 days" in said(page)
    found = [link for link in links(page) if link.startswith("/assets?")][-2:]
    assert [link.partition("q=")[2] for link in found] == ["o", "o&page=2"]


def test_a_search_goes_into_the_address_and_stays_when_the_scope_changes() -> None:
    assert assets.sought(" orders ", "?team=finance&page=2") == "?team=finance&q=orders"
    assert assets.sought("", "?q=orders&kind=dataset") == "?kind=dataset"
    assert assets.sought("orders", "?q=orders") is assets.no_update
    assert scope.kept("?tier=1", "?team=x&q=orders&page=3") == "?tier=1&q=orders"
    assert scope.kept("", "?q=a+b") == "?q=a+b"


def test_nothing_found_says_where_else_to_look() -> None:
    nobody = {**FOUND, "lines": [], "found": 0, "in_scope": 0, "kinds": {}, "teams": ["finance", "web"]}
    page = assets.render(FakeReader(stories={**STORIES, "assets.assets": nobody}), Ask(team="fin"))
    assert "No asset belongs to team fin." in said(page)
    assert "/assets?team=finance" in links(page)


def test_an_assets_story_says_the_promise_the_gap_and_who_else_says_what() -> None:
    reader = FakeReader(stories={"asset.asset": STORY, "late.late": LATE})
    page = one_asset.render(reader, Ask(team="finance"), LINE["asset"])
    told = said(page)
    assert told.startswith("shop.public.orders: 17 of 20 deliveries were on time in the last 28 days")
    assert "formerly wh://acme/old" in told
    assert "dbt's schema.yml, the warehouse's comment, or the catalogue" in told
    assert "<b>finance</b> catalog as catalog tells it always web (dbt)" in told
    assert "late ; it began with load (failed 20 Nov 07:02, answered for by the platform)" in told
    assert "/kpi/dataset_sla_attainment?asset=wh%3A%2F%2Facme%2Fshop.public.orders" in links(page)
    assert "/calendar/wh%3A%2F%2Facme%2Fshop.public.orders?team=finance" in links(page)


def test_an_unknown_name_is_answered_with_names_like_it() -> None:
    unknown = {"asset": None, "asked": "<script>" + "x" * 400, "near": ["airflow/load"], "as_of": NOW}
    page = one_asset.render(FakeReader(stories={"asset.asset": unknown}), Ask(), "<script>")
    assert said(page).startswith("No source tells of such an asset")
    assert "/assets/airflow/load" in links(page) or "/assets/airflow%2Fload" in links(page)


def test_who_agreed_is_the_one_who_signed_for_its_kpi_and_tier() -> None:
    sign = {"kpi": "freshness_slo_attainment", "tier": 1, "by": "finance", "on": "2026-10-01", "ref": "FIN-7"}
    other = {**sign, "tier": 0, "by": "web"}
    snapshot = Snapshot(decided={"sign_offs": [other, sign]})
    assert promised_of.agreed(LINE, snapshot, {}) == ["finance, 1 Oct 2026 (FIN-7)"]
    assert promised_of.agreed(LINE, Snapshot(), {}) == ["nobody yet"]


def test_who_agreed_is_else_the_team_that_adopted_the_target_of_the_assets_tier() -> None:
    entry = {"text": ">= 99% monthly", "adopted": "2026-01-01", "adopted_by": "core"}
    scoped = {"tier": 1, "team": None, "domain": None, "asset": None}
    shown = {"kpi": "dataset_sla_attainment", "window": {"name": "28d"}, "scope": scoped, "targets": [entry]}
    adopted = promised_of.adopted_targets(Snapshot(results=[shown]), Ask())
    found = promised_of.agreed(LINE, Snapshot(), adopted)
    assert found == ["“>= 99% monthly” adopted by core, since 1 January 2026"]
    assert promised_of.briefly(found) == "core"
    assert promised_of.agreed({**LINE, "tier": 0}, Snapshot(), adopted) == ["nobody yet"]


def test_an_objective_is_a_share_as_everywhere_else() -> None:
    one = {"field": "freshness_objective", "value": 0.9,
           "lost": [{"value": 0.995, "source": "dbt"}, {"value": 0.9, "source": "jira"}]}  # fmt: skip
    assert (asset_parts._said(one), asset_parts._otherwise(one)) == ("90 %", "99.5 % (dbt)")
