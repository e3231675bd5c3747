"""Budgets in words and as a burn-down: every sentence and point of one hand-made budget."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboards import figures
from dashboards.pages import objective, slo
from dashboards.reading.reader import Ask
from dashboards.wording import budgets
from tests.dashboards.layouts import texts

ZONE = ZoneInfo("Europe/Berlin")


def day(number, remaining, bad, provisional=False):
    return {
        "day": f"2026-11-{number:02}", "good": 97.0, "bad": bad, "seen": remaining is not None, "remaining": remaining,
        "remaining_events": 6.0, "provisional": provisional,
    }  # fmt: skip


def burn(lookback, days, rate, bad):
    return {"lookback": lookback, "days": days, "good": 97.0 if bad else 0.0, "bad": bad, "rate": rate}


def budget(**more):
    """A week of 2 %: 1, unseen, 3 bad of 700 expected, 14 may be bad; 10 are left."""
    return {
        "kpi": "pipeline_success_rate", "title": "Pipeline success rate", "family": "reliability", "unit": "ratio",
        "better": "up", "measure": "Ratio", "complement": False, "seconds": False, "nouns": ("run", "failure"),
        "profile": "associate_platform", "row": 1, "clause": 0, "text": ">= 98%", "form": "at_least", "floor": 0.98,
        "stretch": None, "status": "provisional", "adopted": "2026-01-01", "adopted_by": "core", "valid_from": None,
        "window": {"name": "2026-W45", "start": "2026-11-02T00:00:00+01:00", "end": "2026-11-09T00:00:00+01:00"},
        "scope": {"tier": 1, "team": None, "domain": None, "asset": None}, "params": {}, "value": 296 / 300,
        "good": 296.0, "bad": 4.0, "allowed": 0.02, "spent": 4 / 6, "remaining": 2 / 6, "burn_rate": 4 / 6,
        "allowed_events": 6.0, "remaining_events": 2.0, "one_failure": 1 / 6, "low_volume": False,
        "whole": {"allowed_events": 14.0, "remaining_events": 10.0, "remaining": 10 / 14, "expected": True},
        "burn": [burn("1d", 1, 1.5, 3.0), burn("3d", 3, 4 / 6, 4.0), burn("7d", 7, None, 0.0)],
        "outlook": "runs out", "runs_out": datetime(2026, 11, 7, 12, tzinfo=UTC), "ran_out": None, "provisional": True,
        "days": [day(2, 13 / 14, 1.0), day(3, None, 0.0), day(4, 10 / 14, 3.0, True)],
        "spenders": {
            "asset": {
                "lines": [
                    {"key": "a/<b>", "bad": 3.0, "of": 200.0, "share": 0.75, "of_budget": 3 / 14},
                ],
                "rest": {"groups": 2, "bad": 1.0, "share": 0.25, "of_budget": 1 / 14},
            },
            "team": {"lines": [], "rest": None}, "tier": {"lines": [], "rest": None},
            "domain": {"lines": [], "rest": None}, "responsible": {"lines": [], "rest": None},
        },
    } | more  # fmt: skip


def test_a_budget_is_a_sentence():
    assert budgets.title(budget(), ZONE) == (
        "Pipeline success rate of tier 1 in 2026-W45: 4 failures of 300 runs, 6 allowed (target ≥ 98 %); "
        "at the present burn the rest has gone by 7 Nov 13:00"
    )
    over = budget(outlook="spent", ran_out="2026-11-04", runs_out=None)
    assert budgets.title(over, ZONE).endswith("; the budget is overspent since 4 Nov")
    lasts = budget(outlook="lasts", runs_out=None)
    assert budgets.title(lasts, ZONE).endswith("; 71.4 % is left, at the present burn gone not before the window ends")
    assert budgets.when(lasts | {"window": {"name": "28d"}}, ZONE) == "not within 28 days"


def test_a_target_names_what_it_speaks_of():
    web = {"tier": None, "team": None, "domain": None, "asset": "prom/web"}
    assert budgets.target(budget()) == "≥ 98 %, tier 1"
    assert budgets.target(budget(scope=web)) == "≥ 98 %, prom/web"
    assert budgets.target(budget(scope=web | {"tier": [0, 1]})) == "≥ 98 %, tier 0-1, prom/web"


def test_what_was_spent_keeps_its_nouns_and_units():
    assert budgets.spent(budget(nouns=("incident", "recurring incident"))) == "4 recurring incidents of 300"
    assert budgets.spent(budget(seconds=True, good=86_400.0, bad=3_600.0)) == "60 min of 25 h"
    assert budgets.many("alert that needed nothing") == "alerts that needed nothing"
    assert budgets.many("dataset below its objective") == "datasets below their objective"


def test_left_is_a_share_or_how_often_it_was_spent():
    def left(remaining, bad=4.0):
        return budgets.left(budget(bad=bad, whole={"remaining": remaining}))

    assert (left(10 / 14), left(-1.76), left(None), left(None, 0.0)) == (
        "71.4 %", "2.76 times spent", "4 failures where none is allowed", "untouched",
    )  # fmt: skip


def test_low_volume_is_counted_in_events():
    assert budgets.low_volume(budget(low_volume=True, one_failure=10 / 3)) == "One failure is 333 % of this budget."
    assert budgets.low_volume(budget()) == ""


@pytest.mark.parametrize(
    ("outlooks", "said"),
    [
        (["lasts", "lasts"], "None of 2 error budgets is overspent in the last 28 days"),
        (
            ["lasts", "runs out"],
            "None of 2 error budgets is overspent in the last 28 days; 1 more runs out at the present burn",
        ),
        (["spent", "spent", "lasts"], "2 of 3 error budgets are overspent in the last 28 days"),
        ([], "No error budget stands in the last 28 days"),
    ],
)  # fmt: skip
def test_the_list_has_a_sentence(outlooks, said):
    assert budgets.summary([budget(outlook=one) for one in outlooks], "28d") == said


def test_the_burn_down_leaves_gaps_and_ends_where_the_pace_leads():
    figure = figures.burndown(budget())
    settled, provisional, told = figure.data[:3]
    assert list(settled.y) == [13 / 14, None, None]
    assert list(provisional.y) == [None, None, 10 / 14]
    assert [one[0] for one in told.customdata] == [
        "92.9 % left · 1 failure that day", "not observed", "71.4 % left · 3 failures that day, provisional",
    ]  # fmt: skip
    even, ahead, nought = figure.layout.shapes
    assert (even.x0, even.y0, even.x1, even.y1) == ("2026-11-01 12:00", 1, "2026-11-08 12:00", 0)
    assert (ahead.x0, ahead.y0, ahead.x1, ahead.y1) == ("2026-11-04", 10 / 14, "2026-11-07 12:00", 0)
    assert (nought.y0, nought.y1) == (0, 0)


def test_where_nothing_is_allowed_the_burn_down_counts_events():
    nothing = budget(whole={"allowed_events": 0.0, "remaining_events": -4.0, "remaining": None, "expected": False})
    assert list(figures.burndown(nothing).data[0].y) == [6.0, None, None]
    assert figures.spark(nothing | {"days": [day(2, None, 1.0)]}) == ""


@pytest.fixture
def teller(fake):
    """A reader that answers these stories, by their names."""

    def made(found, changes=(), hours=()):
        stories = {
            "budgets.budgets": found,
            "promised.promised": {"changes": list(changes), "steps": []},
            "burning.burning": list(hours),
        }
        return fake.FakeReader(stories=stories)

    return made


def test_the_list_names_the_emptiest_with_its_pace(teller):
    said = texts(slo.render(teller([budget()]), Ask()))
    for text in (
        "≥ 98 %, tier 1",
        "71.4 %",
        "0.667 ×",
        "7 Nov 13:00",
        "4 failures of 300 runs",
        "core, since 1 Jan 2026",
    ):
        assert text in said
    assert "Pipeline success rate" in said


def test_without_a_budget_the_list_says_what_to_do(teller):
    said = " ".join(texts(slo.render(teller([]), Ask())))
    assert "No target with an error budget is adopted in this scope." in said
    assert "tierline targets adopt" in said


def test_an_objective_says_what_spent_it(teller):
    change = {"day": "2026-01-01", "what": "adopted", "text": "", "floor": 0.98, "before": None, "by": "core"}
    reader = teller([budget()], [change])
    page = slo.render(reader, Ask(tier=1), "pipeline_success_rate")
    said = texts(page)
    for text in ("a/<b>", "75.0 %", "21.4 %", "2 others", "25.0 %", "7.14 %", "adopted by core: ≥ 98 %", "14 failures"):
        assert text in said, text
    assert "/assets/a/%3Cb%3E" in str(page)


def test_an_unknown_objective_and_one_without_a_budget(teller):
    assert "There is no such objective" in texts(slo.render(teller([]), Ask(), "nonsense"))
    said = texts(slo.render(teller([]), Ask(), "mttr"))
    assert "Mean time to restore has no error budget here." in said or any(
        "has no error budget here." in one for one in said
    )


def test_the_burn_stands_beside_its_alert(teller):
    line = {
        "policy": "sre-workbook", "source": "", "why": "enough is counted for a rate",
        "name": "fast", "severity": "page", "budget_share": 0.02, "factor": 14.4, "min_bad": None,
        "long": timedelta(hours=1), "short": timedelta(minutes=5), "long_rate": 20.0, "short_rate": 25.0,
        "long_bad": 3.0, "short_bad": 1.0, "fires": True,
    }  # fmt: skip
    counting = line | {"factor": None, "min_bad": 2, "severity": "ticket", "fires": False, "short": None}
    reader = teller([budget()], hours=[line, counting])
    asked = {
        "kpi": "pipeline_success_rate",
        "search": "?tier=1",
        "profile": "associate_platform",
        "row": 1,
        "clause": 0,
    }
    said = texts(objective.burned(reader, asked))
    for text in (
        "1 h",
        "burning",
        "20.0 ×",
        "25.0 × in 5 min",
        "14.4 × (page)",
        "2 failures (ticket)",
        "Its alert: sre-workbook (enough is counted for a rate)",
        "3 failures of 100",
        "nothing counted",
    ):
        assert text in said, text


def test_one_of_several_promises_has_an_address_of_its_own(teller):
    """Two clauses of a row: the emptier first, the other by its place; both name the other."""
    emptier, other = budget(clause=1, floor=0.99), budget(clause=0)
    listed = str(slo.render(teller([emptier, other]), Ask()))
    assert "/slo/pipeline_success_rate/associate_platform-1-1?tier=1" in listed
    assert "/slo/pipeline_success_rate?tier=1" in str(slo.render(teller([emptier]), Ask()))
    shown = slo.render(teller([emptier, other]), Ask(), "pipeline_success_rate/associate_platform-1-0")
    assert "(target ≥ 98 %)" in texts(shown)[0]
    assert "(target ≥ 99 %)" in texts(slo.render(teller([emptier, other]), Ask(), "pipeline_success_rate"))[0]


def test_what_several_assets_spent_leads_to_all_facts(teller):
    """An incident of several assets is none's own: its line leads to the KPI's facts in the asked scope."""
    one = budget()
    several = {"key": "several", "bad": 3.0, "of": 200.0, "share": 0.75, "of_budget": 3 / 14}
    one["spenders"] = one["spenders"] | {
        "asset": {"lines": [several, *one["spenders"]["asset"]["lines"]], "rest": None}
    }
    shown = slo.render(teller([one]), Ask(tier=1), "pipeline_success_rate")
    assert "Link(children='all facts', href='/kpi/pipeline_success_rate?tier=1')" in str(shown)


def test_what_names_nobody_is_left_out(teller):
    nobody = budget()
    none = {"key": "none", "bad": 4.0, "of": 300.0, "share": 1.0, "of_budget": 4 / 14}
    nobody["spenders"] = nobody["spenders"] | {"asset": {"lines": [none], "rest": None}}
    said = texts(slo.render(teller([nobody]), Ask(), "pipeline_success_rate"))
    assert "Nothing names what spent it." in said
