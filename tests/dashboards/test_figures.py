"""Charts as values: lines, gaps, provisional days, targets, axes."""

from dashboards import figures, svg
from dashboards.format import ticks

DAYS = [
    {"day": "2026-11-01", "value": 0.99, "n": 10, "provisional": False},
    {"day": "2026-11-02", "value": None, "n": 0, "provisional": False},
    {"day": "2026-11-03", "value": 0.97, "n": 10, "provisional": False},
    {"day": "2026-11-04", "value": 0.98, "n": 10, "provisional": False},
    {"day": "2026-11-05", "value": 1.0, "n": 10, "provisional": True},
]


def test_a_gap_stays_a_gap_and_provisional_days_are_a_line_of_their_own(fake):
    settled, open_days, hover = figures.trend(fake.result("pipeline_success_rate") | {"series": DAYS}).data
    assert list(settled.y) == [0.99, None, 0.97, 0.98, None]
    assert list(open_days.y) == [None, None, None, 0.98, 1.0]
    assert open_days.opacity == 0.5
    assert settled.connectgaps is None
    assert list(hover.customdata[0]) == ["99.0 % · n 10", "Sunday 1 November 2026"]
    assert hover.customdata[4][0] == "100 % · n 10, provisional"


def test_the_target_is_a_dashed_line_with_its_figure(fake):
    figure = figures.trend(fake.result("pipeline_success_rate") | {"series": DAYS})
    (line,) = figure.layout.shapes
    assert (line.y0, line.y1, line.line.dash) == (0.995, 0.995, "dash")
    assert figure.layout.annotations[0].text == "target 99.5 %"
    assert figure.layout.showlegend is False


def test_no_bound_no_line(fake):
    assert not figures.trend(fake.result("unit_cost")).layout.shapes


def test_small_multiples_share_scale_and_days(fake):
    rows = {f"tier {tier}": fake.result("pipeline_success_rate", tier=tier) for tier in range(4)}
    figure = figures.multiples(rows)
    ranges = {tuple(figure.layout[axis].range) for axis in ("yaxis", "yaxis2", "yaxis3", "yaxis4")}
    assert len(ranges) == 1
    assert figure.layout.xaxis.matches == "x4"
    drawn = [(line.xref, line.yref, line.y0, line.y1) for line in figure.layout.shapes]
    assert drawn == [(f"x{row} domain", f"y{row}", 0.995, 0.995) for row in ("", 2, 3, 4)]
    assert [(trace.xaxis, trace.yaxis) for trace in figure.data[2::3]] == [
        ("x", "y"),
        ("x2", "y2"),
        ("x3", "y3"),
        ("x4", "y4"),
    ]
    assert [note.yref for note in figure.layout.annotations] == ["y domain", "y2 domain", "y3 domain", "y4 domain"]
    assert figures.multiples({"tier 0": rows["tier 0"]}).layout.xaxis.matches is None
    assert figure.layout.hoversubplots == "axis"


def test_skewed_spans_stand_on_a_log_scale(fake):
    days = [dict(day, value=value) for day, value in zip(DAYS, (60, None, 90, 7200, 30), strict=True)]
    figure = figures.trend(fake.result("mttr") | {"series": days})
    assert figure.layout.yaxis.type == "log"
    calm = [dict(day, value=60) for day in DAYS]
    assert figures.trend(fake.result("mttr") | {"series": calm}).layout.yaxis.type is None


def test_axis_marks_are_round_and_step_as_clocks_do():
    assert ticks.marks(0.944, 1.0, "ratio") == [0.96, 0.98, 1.0]
    assert ticks.marks(3000, 12000, "seconds") == [3600, 7200, 10800]
    assert ticks.marks(20, 8000, "seconds", log=True) == [30, 300, 1800]
    assert ticks.marks(-0.2, 0.1, "ratio") == [-0.2, -0.1, 0.0, 0.1]


def test_a_sparkline_breaks_at_gaps_and_draws_lone_days_as_dots():
    markup = svg.spark(DAYS, [0.995], width=100, height=20)
    assert markup.count("<polyline") == 2
    assert markup.count("<circle") == 2
    assert 'stroke-dasharray="3 2"' in markup
    assert 'stroke-opacity=".45"' in markup
    assert svg.uri(markup).startswith("data:image/svg+xml,%3Csvg")


def test_nothing_to_draw_is_no_picture():
    assert svg.spark([dict(day, value=None) for day in DAYS]) == ""
    assert svg.uri("") == ""
