"""Months, distributions, teams, waterfalls and stepping targets: exact points and words."""

from datetime import UTC
from pathlib import Path

import pytest

from dashboards import figures
from dashboards.pages import behind, shapes
from dashboards.reading import history
from dashboards.reading.reader import Ask
from dashboards.wording import drivers
from tests.dashboards.layouts import texts

RATIO = {"kpi": "pipeline_success_rate", "title": "Pipeline success rate", "unit": "ratio", "measure": "Ratio",
         "better": "up", "targets": []}  # fmt: skip
SPAN = {"kpi": "mttr", "title": "Mean time to restore", "unit": "seconds", "measure": "Samples", "better": "down",
        "targets": []}  # fmt: skip


def step(first, last, floor, adopted="2026-01-01"):
    return {"first": first, "last": last, "form": "at_least", "floor": floor, "adopted": adopted}


def month(name, value, reported=None, **more):
    return {"month": name, "value": value, "n": 400, "provisional": False, "reported": reported,
            "restated": reported is not None and reported != value, **more}  # fmt: skip


def test_the_target_steps_where_it_changed(fake):
    """98 % from the 1st, 99.5 % from the 9th on: two dashes that meet at the noon between both days."""
    result = fake.result("pipeline_success_rate")
    figure = figures.trend(
        result, steps=[step("2026-11-01", "2026-11-08", 0.98), step("2026-11-09", "2026-11-21", 0.995)]
    )
    before, now, between = (figure.layout.shapes[place] for place in (0, 1, 2))
    assert (before.x0, before.x1, before.y0) == ("2026-10-31 12:00", "2026-11-08 12:00", 0.98)
    assert (now.x0, now.x1, now.y0) == ("2026-11-08 12:00", "2026-11-21 12:00", 0.995)
    assert (between.x0, between.y0, between.y1) == ("2026-11-08 12:00", 0.98, 0.995)
    assert [one.text for one in figure.layout.annotations] == ["99.5 % 9 Nov", "target 99.5 %"]


def test_before_it_was_adopted_there_is_no_line(fake):
    result = fake.result("pipeline_success_rate")
    steps = [step("2026-11-01", "2026-11-08", 0.995, None), step("2026-11-09", "2026-11-21", 0.995)]
    figure = figures.trend(result, steps=steps)
    (line,) = figure.layout.shapes
    assert (line.x0, line.x1) == ("2026-11-08 12:00", "2026-11-21 12:00")
    assert figure.layout.annotations[0].text == "adopted 9 Nov"


def test_a_month_that_was_restated_is_ringed_where_it_was_reported():
    found = [month("2026-09", 0.98, 0.99), month("2026-10", 0.985, 0.985), month("2026-11", 0.97, provisional=True)]
    figure = figures.months(RATIO, found, [step("2025-12-01", "2026-11-21", 0.995)])
    settled, provisional, told, ring = figure.data
    assert list(settled.y) == [0.98, 0.985, None]
    assert list(provisional.y) == [None, 0.985, 0.97]
    assert (list(ring.x), list(ring.y), ring.marker.symbol) == (["2026-09-01"], [0.99], "circle-open")
    assert [one[0] for one in told.customdata] == [
        "98.0 % · n 400; reported as 99.0 %", "98.5 % · n 400", "97.0 % · n 400, provisional",
    ]  # fmt: skip
    assert list(figure.layout.xaxis.ticktext) == ["Sep", "Oct", "Nov"]


def test_a_distribution_names_its_target_and_quantiles():
    found = {
        "bins": [{"lo": 600.0, "hi": 1800.0, "n": 3.0}, {"lo": 1800.0, "hi": 3000.0, "n": 1.0}], "log": False, "n": 4,
        "mean": 1650.0, "median": 1500.0, "p90": 2640.0, "p95": 2820.0, "within": [{"bound": 1800.0, "n": 3}],
    }  # fmt: skip
    figure = figures.histogram(found, SPAN, [1800.0])
    (bars,) = figure.data
    assert (list(bars.x), list(bars.width), list(bars.y)) == ([1200, 2400], [1200, 1200], [3, 1])
    assert list(bars.customdata) == ["10 min to 30 min: 3", "30 min to 50 min: 1"]
    texts = [one.text for one in figure.layout.annotations]
    assert texts == ["target 30 min", "median 25 min", "P90 44 min", "P95 47 min"]
    assert [one.x0 for one in figure.layout.shapes] == [1800, 1500, 2640, 2820]


def test_a_waterfall_ends_at_the_value_now(fake):
    """90 % to 82.5 %: data −4.0625 points, sales −3.4375: each bar begins where the one above it ends."""
    told = fake.drivers()
    figure = figures.waterfall(told, drivers.table(told["dimensions"][0], RATIO), RATIO)
    raised, lowered, values = figure.data
    assert len(raised.x) == 0
    assert list(lowered.base) == pytest.approx([0.9, 0.859375])
    assert list(lowered.x) == pytest.approx([-0.040625, -0.034375])
    assert lowered.base[1] + lowered.x[1] == pytest.approx(told["now"])
    assert list(values.x) == [0.9, 0.825]
    assert [one.text for one in figure.layout.annotations] == ["90.0 %", "−4.06", "−3.44", "82.5 %"]
    assert list(figure.layout.yaxis.ticktext) == ["before", "data", "sales", "now"]


def test_bars_are_not_coloured_by_their_place():
    """Plotly draws no group for a trace without bars: the lowered ones would take the look of the raised ones."""
    sheet = (Path(figures.__file__).parents[1] / "assets" / "charts.css").read_text(encoding="utf-8")
    bars = [rule for rule in sheet.splitlines() if ".barlayer" in rule]
    assert bars and not [rule for rule in bars if "nth-" in rule]


def test_a_span_in_a_mean_is_counted_and_not_called_good():
    """2 h 45 is no good restoration; of runs, which are judged one by one, good stays good."""
    fact = {"verdict": "good", "at": "2026-11-02T15:38:51+00:00", "value": 9900.0, "kind": "incident"}
    assert behind.fact_row(fact, SPAN, UTC)["verdict"] == "counted"
    assert behind.fact_row(fact | {"verdict": "unknown"}, SPAN, UTC)["verdict"] == "unknown"
    assert behind.fact_row(fact, RATIO | {"good": 3}, UTC)["verdict"] == "good"


@pytest.fixture
def reader(fake):
    def team(name, value):
        return {"team": name, "value": value, "n": 40, "days": [{"day": "2026-11-01", "value": value, "n": 40}]}

    stories = {
        "shape.months": [{"month": "2026-10", "value": 0.98, "n": 9, "provisional": False},
                         {"month": "2026-11", "value": 0.97, "n": 9, "provisional": True}],
        "shape.distribution": None,
        "shape.teams": [team("commerce", 0.99), team("finance", 0.95), team("growth", 0.97)],
        "ledger.restated": [
            {"period": "2026-10", "reported": {"value": 0.99, "status": "near"},
             "now": {"value": 0.98, "status": "missed"}, "difference": -0.01,
             "causes": [{"text": "3 runs of airflow came late, on 4 Nov"}],
             "targets": [{"text": ">= 99.5%", "reported": "near", "now": "missed"}]},
        ],
        "ledger.reported": [{"period": "2026-10", "kind": "M", "value": 0.99, "restated": True}],
    }  # fmt: skip
    return fake.FakeReader(stories=stories)


def test_teams_stand_worst_first_and_compare_on_one_scale(reader):
    panels = shapes.render(reader, Ask(), "pipeline_success_rate", ["finance", "commerce", "nobody"])
    said = texts(panels)
    places = [len(said) - said[::-1].index(text) for text in ("95.0 %", "97.0 %", "99.0 %")]
    assert places == sorted(places)
    assert "ringed: reported otherwise" in said
    restated = ["October 2026", "−1.0 points", "3 runs of airflow came late, on 4 Nov", ">= 99.5%: near, now missed"]
    assert [text for text in restated if text in said] == restated
    shown = reader.show("pipeline_success_rate", Ask(team="finance"))
    assert f"finance: {100 * shown['value']:.1f} %" in " ".join(said)


def test_a_choice_of_teams_goes_into_the_address():
    assert shapes.asked("?tier=1&compare=finance,commerce") == ["finance", "commerce"]
    assert shapes.asked("") == []
    assert shapes.choosing(["a b", "c"], "?tier=1") == "?tier=1&compare=a+b,c"
    assert shapes.choosing([], "?tier=1&compare=a") == "?tier=1"
    assert shapes.choosing([], "?compare=a") == ""
    assert shapes.choosing(["a"], "?compare=a") is shapes.no_update


def test_a_failing_read_is_said_in_its_place(fake):
    said = texts(shapes.shaped(fake.FakeReader(), {"kpi": "mttr", "search": ""}, ""))
    assert "Months and teams could not be read; the log says why." in said


def test_the_history_asks_for_the_headline_and_counts_an_asked_profile_as_promised(fake):
    asked = []

    def told(ask, **named):
        asked.append(named)
        return {"steps": [step("2026-11-01", "2026-11-21", 0.995, None)], "changes": []}

    reader = fake.FakeReader(stories={"promised.promised": told})
    result = fake.result("pipeline_success_rate")
    (one,) = history.steps(reader, result, Ask())
    assert (one["adopted"], asked[0]["profile"], asked[0]["row"], asked[0]["clause"]) == (None, "staff_platform", 2, 0)
    (one,) = history.steps(reader, result, Ask(profile="staff_platform"))
    assert one["adopted"] == "asked"
    assert history.steps(reader, fake.result("unit_cost"), Ask()) == []


def test_more_facts_come_by_the_page(fake):
    reader = fake.FakeReader()
    rows, listed, every = behind.more(reader, "pipeline_success_rate", "", 1)
    total = reader.explain("pipeline_success_rate", Ask())["facts_total"]
    assert (len(rows), every) == (60, True)
    assert listed == f"60 of {total:,} facts, worst first; times in Europe/Berlin"
    assert len(reader.explain("pipeline_success_rate", Ask(), behind.FACTS)["facts"]) == 50


def test_columns_that_no_row_fills_are_left_out() -> None:
    heads, rows = shapes._told(("team", "value", "verdict", "day by day"), [["a", "1", "", ""], ["b", "2", "", "png"]])
    assert (heads, rows) == (["team", "value", "day by day"], [["a", "1", ""], ["b", "2", "png"]])
    fact = {"asset": "air/a", "when": "", "reason": "late", "began": "", "value": ""}
    fields = [one["field"] for one in behind.columns([fact, fact])]
    assert fields == ["verdict", "id", "asset", "reason", "source"]
    assert [one["field"] for one in behind.columns([fact, fact | {"when": "08:00", "began": "load"}])][3:6] == [
        "when", "reason", "began",
    ]  # fmt: skip
