"""The overview's own parts: whose and since when, what is late, budgets, what changed; each told by a story."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboards import app
from dashboards.format import locale
from dashboards.pages import overview
from dashboards.parts import cards, morning, opened
from dashboards.reading.reader import Ask, Snapshot
from dashboards.wording import whose
from slo.errors import StoreError
from tests.dashboards.layouts import links, said

NOW = datetime(2026, 11, 21, 8, 12, tzinfo=UTC)


def days(*values: float | None) -> list[dict[str, Any]]:
    return [{"day": f"2026-11-{place:02d}", "value": value} for place, value in enumerate(values, start=10)]


@pytest.mark.parametrize(
    ("series", "told"),
    [
        (days(0.999, 0.98, 0.97), "since 11 Nov"),
        (days(0.97, None, 0.97), "since 10 Nov"),
        (days(0.97, 0.98, 0.999), "last 11 Nov"),
        (days(0.999, 0.999), ""),
        (days(None), ""),
    ],
)
def test_since_when_the_days_miss_their_target(fake: Any, series: list[dict[str, Any]], told: str) -> None:
    """The target is ≥ 99.5 %; a day without a value neither begins nor ends it."""
    assert whose.since(fake.result("pipeline_success_rate") | {"series": series}) == told


def test_whose_most_of_it_is(fake: Any) -> None:
    reader = fake.FakeReader()
    reader.breakdown = lambda kpi, ask, by: [
        {"key": "core", "value": 0.9, "good": 9, "bad": 1},
        {"key": "growth", "value": 0.95, "good": 95, "bad": 5},
        {"key": None, "value": 0.5, "good": 10, "bad": 10},
    ]
    one = fake.result("pipeline_success_rate", tier=1)
    assert whose.team(reader, Ask(), one) == ("growth", "5 of 16")
    assert whose.team(reader, Ask(team="core"), one) is None
    assert whose.team(reader, Ask(), fake.result("mttr", tier=1) | {"bad": None}) == ("growth", "950 ms")


LATE = {
    "as_of": NOW, "due": 9, "there": 6,
    "lines": [
        {"asset": "snowflake://acme/analytics.mart.orders", "verdict": "already late", "team": "finance",
         "deadline": NOW - timedelta(hours=1), "expected": NOW + timedelta(minutes=30)},
        {"asset": "airflow-prod/b", "verdict": "may be late", "team": None, "deadline": NOW + timedelta(hours=16),
         "expected": NOW + timedelta(hours=15)},
        {"asset": "airflow-prod/c", "verdict": "on its way", "team": None, "deadline": NOW, "expected": NOW},
    ],
}  # fmt: skip


def test_what_is_late_today_in_the_platforms_zone(fake: Any) -> None:
    told = said(morning.late(fake.FakeReader(stories={"late.late": LATE}), Ask()))
    assert told == (
        "Late today all ▲ already late analytics.mart.orders already late, due 08:12, comes 09:42 ; finance "
        "◐ may be late b may be late, due 22 Nov 01:12, comes 22 Nov 00:12"
    )
    calm = morning.late(fake.FakeReader(stories={"late.late": LATE | {"lines": LATE["lines"][2:]}}), Ask())
    assert said(calm) == "Late today all Of 9 deliveries due in 24 hours 6 are there; none is late."


BURN = [{"lookback": "1d", "rate": None}, {"lookback": "3d", "rate": 0.5}, {"lookback": "28d", "rate": 2.0}]


def budget(fake: Any, kpi: str, left: float, **more: Any) -> dict[str, Any]:
    shown = fake.result(kpi)
    told = {
        "kpi": kpi,
        "title": shown["title"],
        "unit": "ratio",
        "form": "at_least",
        "floor": 0.995,
        "text": ">= 99.5%",
    }
    rest = {"whole": {"remaining": left}, "runs_out": None, "ran_out": None, "burn": BURN, "scope": {"tier": None}}
    return told | rest | more


def test_budgets_say_when_they_run_out(fake: Any) -> None:
    found = [
        budget(fake, "pipeline_success_rate", -0.5, ran_out="2026-11-04"),
        budget(fake, "pipeline_success_rate", 0.1),
        budget(fake, "dq_test_pass_rate", 0.25, runs_out=NOW + timedelta(days=2), scope={"tier": [0, 1]}),
        budget(fake, "alert_precision", 0.9961),
    ]
    reader = fake.FakeReader(stories={"budgets.budgets": found})
    assert said(morning.budgets(reader, Ask())) == (
        "Error budgets all Pipeline success rate overspent ≥ 99.5 % ran out 4 Nov "
        "Data quality test pass rate 25.0 % ≥ 99.5 %, tier 0-1 runs out 23 Nov 09:12 "
        "Alert precision 99.6 % ≥ 99.5 % burns 0.500 ×"
    )
    with locale.using("de"):
        assert "25,0 % ≥ 99,5 %, tier 0-1 runs out 23. Nov. 09:12" in said(morning.budgets(reader, Ask()))


def test_what_changed_since_yesterday(fake: Any) -> None:
    told = {
        "statuses": [{"kpi": "mttr", "title": "Mean time to restore", "before": "met", "now": "missed"}],
        "restated": [{"period": "2026-10", "kpi": "mttd", "title": "Mean time to detect"}],
        "tiers": [{"asset": "airflow-prod/orders", "team": "core", "before": None, "now": 1}],
        "deployments": {"n": 3, "failed": 1, "lines": [{"team": "core"}, {"team": None}, {"team": "core"}]},
    }
    assert said(morning.changes(fake.FakeReader(stories={"changes.changes": told}), Ask())) == (
        "Since yesterday ▲ missed Mean time to restore missed, was met ↺ Mean time to detect 2026-10 was restated "
        "⇄ orders no tier → tier 1 ⇧ 3 deployments 1 failed; newest by core"
    )
    nothing = {"statuses": [], "restated": [], "tiers": [], "deployments": {"n": 0, "failed": 0, "lines": []}}
    assert said(morning.changes(fake.FakeReader(stories={"changes.changes": nothing}), Ask())) == (
        "Since yesterday Nothing was deployed, moved, restated or judged otherwise in 24 hours."
    )


def test_sources_that_need_a_look_stand_there_by_name(fake: Any) -> None:
    assert said(morning.sources(fake.FakeReader().snapshot(), Ask())) == (
        "Sources all ✕ failing costs failing, last read 3 h 10 ago 6 ok, 1 failing"
    )
    assert said(morning.sources(Snapshot(), Ask())) == "Sources all No source is connected."


def test_a_part_that_fails_says_so_and_leaves_the_rest(fake: Any) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise StoreError("store: the disk is full")

    reader = fake.FakeReader(stories={"late.late": broken})
    assert said(overview.filled(reader, "late", "")) == "store: the disk is full The rest of the page is as evaluated."
    assert overview.filled(reader, "own", "") is None


def test_only_a_panel_with_figures_offers_them(fake: Any) -> None:
    with_table = cards.panel("By team, <b>all</b>", [cards.table(("team", "n"), [["a", 1]])])
    assert said(with_table).startswith("By team, <b>all</b> CSV PNG team n a 1")
    buttons = with_table.children[0].children[1].children[1].children
    assert [getattr(one, "data-name") for one in buttons] == ["by-team-b-all-b"] * 2
    assert [getattr(one, "aria-label") for one in buttons] == [
        "By team, <b>all</b> as CSV",
        "By team, <b>all</b> as PNG",
    ]
    assert "CSV" not in said(cards.panel("Words", "only words"))
    assert "CSV" not in said(cards.panel("Quiet", cards.table(("a",), []), take=""))


def test_a_rounded_cell_carries_its_exact_value() -> None:
    (cell,) = (
        cards.table(("a",), [[cards.figure_cell("98.6 %", 0.98619)]], right=(0,))
        .children.children[1]
        .children[0]
        .children
    )
    assert (getattr(cell, "data-value"), cell.title, cell.className) == ("0.98619", "0.98619", "right")


def running(fake: Any, *, spent: float) -> Snapshot:
    """A month that still runs: both KPIs provisional, the budget of one spent so many times."""
    found = [fake.result(kpi, "28d") | {"status": "provisional"} for kpi in ("pipeline_success_rate", "mttr")]
    for one in found:
        for entry in one["targets"]:
            budget = {"remaining": 1 - spent, "spent": spent} if one["kpi"] == "pipeline_success_rate" else None
            entry |= {"status": "provisional", "adopted": "2025-01-01", "budget": budget}
    return Snapshot(as_of=NOW, results=found, sources=[], evaluated_at=NOW, facts={}, timezone="Europe/Berlin")


UNTOLD = "Needs attention Which alerts are open is told by the next evaluation"


def test_a_running_month_is_neither_unpromised_nor_right(fake: Any) -> None:
    """Its verdicts are provisional, and an overspent budget needs attention all the same."""
    month = running(fake, spent=2.0)
    assert overview.title(month, Ask()) == (
        "No KPI of the whole platform is judged yet in the last 28 days: 2 verdicts may still change"
    )
    told = said(overview._attention(month, Ask()))
    assert "scheduled runs; target ≥ 99.5 %; budget spent 2.00 times" in told and "restore" not in told
    calm = said(overview._attention(running(fake, spent=0.5), Ask()))
    assert calm == f"{UNTOLD} No target is missed and every source answers; 2 verdicts may still change."


def test_nothing_evaluated_is_not_called_right(fake: Any) -> None:
    told = said(overview._attention(running(fake, spent=2.0), Ask(team="nobody")))
    assert told == f"{UNTOLD} Nothing is evaluated here, so nothing can be told to be right or wrong."


def test_a_team_that_no_asset_is_of_is_one_sentence_with_the_teams_there_are(fake: Any) -> None:
    page = overview.render(fake.FakeReader(), Ask(team="nobody", window="7d"))
    assert said(page) == ("No asset is of team nobody The teams there are: commerce core finance growth risk supply")
    assert links(page)[2] == "/?window=7d&team=finance"
    assert "commerce" not in said(overview.render(fake.FakeReader(), Ask(team="finance")).children[0])


def test_a_window_that_is_none_is_said_once_on_every_page(fake: Any) -> None:
    for path in ("/", "/incidents", "/kpi/mttr"):
        _, page = app.draw(fake.FakeReader(), path, "?window=1999-13&team=finance")
        told = said(page)
        assert told.startswith("“1999-13” is no window of time One is written as 7d, 28d, 2026, 2026-H1,")
        assert links(page)[0] == f"{path}?window=1d&team=finance"


def alert(cause: str, **other: Any) -> dict[str, Any]:
    """Opened at 02:55 of today in Berlin; of a tier-0 asset of core, and one of finance's hangs on it."""
    return {
        "alert": "RunFailing", "key": f"RunFailing:{cause}", "severity": "page", "cause": cause, "team": "core",
        "tier": "0", "domain": "orders", "since": "2026-11-21T01:55:00+00:00", "affected": [cause, "wh/mart.a"],
        "slo": "", "remaining": None, "burn_rate": None, "runs_out": None, "worst": [], "page": "/assets/etl%2Fp",
        "summary": f"{cause} has been failing since 2026-11-21 02:55; 1 dataset is late: wh/mart.a.",
    } | other  # fmt: skip


BURNS = alert(
    "slo-1", alert="BudgetBurning", severity="ticket", team="platform", tier="0-1", domain="", affected=[],
    page="/slo/x/own-1-0?window=30d", worst=[{"asset": "etl/x", "team": "growth", "tier": 1, "bad": 3, "share": 1}],
    summary="Pipeline success rate, tier 0-1: burnt 3 times as fast as allowed over 3 h; 9 % is left; gone soon. Most.",
)  # fmt: skip
BLIND = alert(
    "costs", alert="TierlineBlind", severity="ticket", team="platform", tier="", domain="", affected=[],
    page="/sources", summary="Source costs has not been read since 2026-11-20 01:55 UTC; one KPI rests on it.",
)  # fmt: skip
MINE = {"asset": "wh/mart.a", "team": "finance", "domain": "finance", "tier": 1}


def watched(before: Snapshot, *alerts: Any, silenced: Any = (), late: Any = (MINE,)) -> Snapshot:
    watch = {"alerts": list(alerts), "silenced": list(silenced), "late": list(late), "failed": []}
    return replace(before, watch=watch)


def test_open_alerts_stand_first_with_severity_owner_reach_and_moment(fake: Any) -> None:
    shown = opened.panel(watched(fake.FakeReader().snapshot(), alert("etl/p"), BURNS), Ask(), NOW)
    assert said(shown) == (
        "Open alerts 1 page, 1 ticket ▲ page p has been failing; 1 dataset is late: mart.a core 2 assets since 02:55 "
        "△ ticket Pipeline success rate, tier 0-1: burnt 3 times as fast as allowed over 3 h; 9 % is left platform "
        "since 02:55"
    )
    assert links(shown) == ["/assets/etl%2Fp", "/?team=core", "/slo/x/own-1-0?window=30d"]


def test_more_alerts_are_folded_and_the_silent_ones_apart(fake: Any) -> None:
    six = [alert(f"etl/p{place}") for place in range(6)]
    quiet = alert("etl/q", why="maintenance: until 2026-11-21 10:00")
    shown = opened.panel(watched(fake.FakeReader().snapshot(), *six, silenced=[quiet]), Ask(), NOW)
    parts = shown.children[1].children
    assert [len(parts[0].children), said(parts[1].children[0]), len(parts[1].children[1].children)] == [
        4, "2 more alerts", 2,
    ]  # fmt: skip
    assert said(parts[2]) == (
        "1 silenced: 1 in maintenance ▲ page q has been failing; 1 dataset is late: mart.a maintenance: until "
        "2026-11-21 10:00"
    )
    many = [alert(f"etl/p{place}") for place in range(60)]
    parts = opened.panel(watched(fake.FakeReader().snapshot(), *many), Ask(), NOW).children[1].children
    assert len(parts[1].children[1].children) == 50 and said(parts[1].children[2]) == "and 6 more: tierline alerts"
    only = opened.panel(watched(fake.FakeReader().snapshot(), silenced=[quiet]), Ask(), NOW)
    assert said(only).startswith("Open alerts None is open. 1 silenced: 1 in maintenance")


@pytest.mark.parametrize(
    ("ask", "causes"),
    [
        (Ask(), "etl/p slo-1 costs"),
        (Ask(team="core"), "etl/p costs"),
        (Ask(team="finance"), "etl/p costs"),
        (Ask(team="growth"), "slo-1 costs"),
        (Ask(team="finance", tier=0), "costs"),
        (Ask(tier=1), "etl/p slo-1 costs"),
        (Ask(tier=2), "costs"),
        (Ask(domain="finance"), "etl/p costs"),
        (Ask(asset="wh/mart.a"), "etl/p costs"),
    ],
)
def test_an_alert_concerns_who_must_act_and_whose_assets_suffer(fake: Any, ask: Ask, causes: str) -> None:
    """Where Tierline does not see, it concerns everybody."""
    found = opened.found(watched(fake.FakeReader().snapshot(), alert("etl/p"), BURNS, BLIND), ask, NOW)
    assert [one["cause"] for one in found or ()] == causes.split()


def test_it_is_calm_only_where_no_alert_is_open(fake: Any) -> None:
    month = running(fake, spent=0.5)
    calm = "no target is missed and every source answers; 2 verdicts may still change."
    told = [
        (watched(month), NOW, f"No alert is open, {calm}"),
        (watched(month, alert("etl/p")), NOW, f"Apart from the open alerts {calm}"),
        (watched(month), NOW + timedelta(hours=1), f"Apart from the open alerts {calm}"),
    ]
    for snapshot, now, words in told:
        assert said(overview._attention(snapshot, Ask(), now=now)) == f"Needs attention {words}"
    assert opened.panel(watched(month), Ask(), NOW) is None
    assert said(opened.panel(watched(month), Ask(), NOW + timedelta(hours=1))).startswith(
        "Open alerts 1 ticket △ ticket The newest evaluation is as of 2026-11-21 08:12 UTC: nothing since then has been"
    )
    assert opened.panel(month, Ask(), NOW) is None and said(overview._attention(month, Ask())).startswith(UNTOLD)


def test_the_pages_answer_counts_them_and_a_blind_source_is_told_once(fake: Any) -> None:
    """Seven sentences are shown at most; a source that is not read would be one of them."""
    snapshot = watched(fake.FakeReader().snapshot(), alert("etl/p"), BLIND)
    page = overview.render(fake.FakeReader(snapshot), Ask())
    assert said(page.children[0].children[0]).endswith(" missed their targets in the last 28 days; 2 alerts are open")
    assert said(page).count("Source costs") == 1
    (alone,) = (one for one in snapshot.sources if one["name"] == "costs")
    assert alone["blind"] == "failing"
    assert "Source costs is failing" in said(overview.render(fake.FakeReader(), Ask()))
    together = watched(snapshot, alert("etl/p"), BLIND | {"cause": "tierline", "affected": ["a", "costs", "b"]})
    for one in (snapshot, together):
        assert len(overview._attention(one, Ask()).children[1].children.children) == 5
        assert "costs" not in said(overview._attention(one, Ask()))
    assert " platform 3 sources since " in said(opened.panel(together, Ask(), NOW))
