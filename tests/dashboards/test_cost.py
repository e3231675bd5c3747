"""The cost page: the sentence, three rows on one axis, what is nobody's, what was done, and what is not told."""

from __future__ import annotations

from datetime import date
from typing import Any

from dashboards import format as fmt
from dashboards.figures.spending import spending
from dashboards.pages import cost, remedies
from dashboards.reading.reader import Ask, Snapshot

OCTOBER = Ask(window="2026-10")
DAYS = [
    {"day": "2026-10-01", "spend": 140.0, "units": 100.0, "value": 1.4, "provisional": False},
    {"day": "2026-10-02", "spend": 60.0, "units": 300.0, "value": 0.2, "provisional": True},
    {"day": "2026-10-03", "spend": None, "units": None, "value": None, "provisional": False},
]


def result(**more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "kpi": "unit_cost", "title": "Unit cost", "measure": "Quotient", "unit": "currency_per_terabyte",
        "currency": "USD", "value": 0.5, "numerator": 200.0, "denominator": 400.0, "volume_growth": 0.04,
        "previous": {"value": 0.625, "n": 1}, "status": "no target", "standing": "none", "targets": [],
        "apart": {"tax": 10.0}, "unknown": 0, "params": {"unit": "TB"}, "missing": [], "scope": {}, "better": "down",
        "window": {"name": "2026-10"},
    }  # fmt: skip
    return told | more


def line(key: str | None, spent: float, share: float, team: str | None = "sales") -> dict[str, Any]:
    return {"key": key, "cost": spent, "share": share, "units": None, "unit_cost": None, "change": -0.2, "before": None,
            "team": team, "tier": 1, "domain": None}  # fmt: skip


def told(**more: Any) -> dict[str, Any]:
    story: dict[str, Any] = {
        "unit": "TB", "running": False, "days_before": 31, "days": DAYS,
        "workloads": [line("w/mart <i>", 100.0, 0.5), line("w/lake", 80.0, 0.4, None)],
        "teams": [line(None, 100.0, 0.5), line("sales", 100.0, 0.5)],
        "unattributed": {"no_asset": 20.0, "no_team": 80.0, "whole": 200.0, "share": 0.5,
                         "assets": [{"asset": "w/lake", "cost": 80.0}]},
        "remediated": {"quarter": "2026-Q3", "workloads": [
            {"asset": "w/mart <i>", "cost": 500.0, "team": "sales", "per_run_before": 5.0, "per_run": 3.5,
             "how": "cost a run", "saved": 105.0, "when": date(2026, 10, 25), "title": None, "url": None},
            {"asset": "w/lake", "cost": 200.0, "team": None, "per_run_before": 2.0, "per_run": 2.2, "how": "work item",
             "saved": -10.0, "when": date(2026, 10, 10), "title": "Fewer scans", "url": "https://t.example/1"},
        ]},
    }  # fmt: skip
    return story | more


def drawn(fake: Any, story: dict[str, Any], shown: dict[str, Any], ask: Ask = OCTOBER, **snapshot: Any) -> str:
    stories = {"cost.cost": lambda ask, unit: story | {"unit": unit}, "cost.another_unit": None}
    reader = fake.FakeReader(Snapshot(timezone="UTC", **snapshot), stories)
    others = {remedies.KPI: {"n": 2, "currency": "USD"}}
    nothing = {"status": "not set up", "value": None}
    reader.show = lambda kpi, ask: shown if kpi == "unit_cost" else others.get(kpi, nothing | {"kpi": kpi})
    return str(cost.render(reader, ask).to_plotly_json())


def test_the_title_says_price_volume_spend_and_whose() -> None:
    assert cost.title(told(), result(), OCTOBER) == (
        "A terabyte cost USD 0.500 in October 2026, −20 % on the window before at volume +4.0 %; USD 200 was spent, "
        "50.0 % of it by no team"
    )
    running = cost.title(told(running=True), result(), Ask(window="2026-10", team="sales"))
    assert running == "Team sales: a terabyte cost USD 0.500 in October 2026; USD 200 was spent"
    bare = told(unattributed={"no_asset": 0.0, "no_team": 0.0, "whole": 200.0, "share": 0.0, "assets": []})
    assert cost.title(bare, result(value=None), OCTOBER) == (
        "USD 200 was spent in October 2026; no volume is told beside it"
    )
    events = cost.title(bare | {"unit": "event"}, result(unit="currency_per_event", volume_growth=None), OCTOBER)
    assert events == "An event cost USD 0.500 in October 2026; USD 200 was spent"


def test_three_rows_share_one_axis_and_say_what_is_provisional() -> None:
    figure = spending(DAYS, result(), "TB")
    assert figure is not None
    said = [trace.customdata[place][0] for trace in figure.data[2::3] for place in range(3)]
    assert said == [
        "USD 1.40 per TB", "USD 0.200 per TB, provisional", "not told", "100 TB", "300 TB, provisional", "not told",
        "USD 140", "USD 60.0, provisional", "not told",
    ]  # fmt: skip
    settled, lighter = figure.data[0], figure.data[1]
    assert (list(settled.y), list(lighter.y), lighter.opacity) == ([1.4, None, None], [1.4, 0.2, None], 0.5)
    assert figure.layout.yaxis2.range[0] == 0  # volume and spend stand on nought
    assert spending([DAYS[2]], result(), "TB") is None
    assert len(spending([day | {"units": None, "value": None} for day in DAYS], result(), "TB").data) == 3


def test_the_page_names_the_most_expensive_and_what_is_nobodys(fake: Any) -> None:
    shown = drawn(fake, told(), result())
    assert "/assets/w%2Fmart%20%3Ci%3E?window=2026-10" in shown
    for words in ("USD 100", "−20 %", "change: against the 31 days before", "name no workload", "tax USD 10.0"):
        assert words in shown
    assert "50.0 % of all, is nobody" in shown
    assert "lighter: 1 day whose bill may still change; a gap: not told" in shown


def test_what_was_done_is_said_with_what_it_saved(fake: Any) -> None:
    assert remedies.said(told()["remediated"], {"n": 2}, "USD") == (
        "2 of the 2 most expensive of Q3 2026 were remediated; their runs cost USD 95.0 less than at that "
        "quarter's rate so far."
    )
    dearer = {"quarter": "2026-Q3", "workloads": [told()["remediated"]["workloads"][1]]}
    assert remedies.said(dearer, {"n": 1}, "USD") == (
        "1 of the 1 most expensive of Q3 2026 was remediated; their runs cost USD 10.0 more than at that "
        "quarter's rate so far."
    )
    shown = drawn(fake, told(), result())
    for words in ("Fewer scans", "https://t.example/1", "25 Oct 2026", "USD −10.0"):
        assert words in shown


def test_not_set_up_says_what_to_connect_and_an_empty_scope_where_to_look(fake: Any) -> None:
    empty = told(days=[DAYS[2]], unattributed={"no_asset": 0, "no_team": 0, "whole": 0.0, "share": None, "assets": []})
    unset = result(value=None, status="not set up", missing=[["meter.cost"]])
    shown = drawn(fake, empty, unset, connectable={"meter.cost": ["focus", "snowflake"]})
    for words in ("What the platform costs is not told", "'focus'", "'snowflake'", "tierline plugins"):
        assert words in shown
    scoped = drawn(fake, empty, result(value=None, status="no data"), Ask(team="sales"))
    assert "No cost is told for team sales in the last 28 days." in scoped


def test_bytes_are_said_in_thousands() -> None:
    assert [fmt.stored(amount) for amount in (999, 1000, 83978367290654.0, 2e18)] == [
        "999 B", "1.00 kB", "84.0 TB", "2,000 PB",
    ]  # fmt: skip
