"""The HTML of the report: one file that stands alone, for paper and phone; names from outside stay text."""

import re
from html.parser import HTMLParser

import pytest

from dashboards.report import closed, html
from slo.windows import parse_window

VOID = {"meta", "br", "hr", "img", "input", "link", "circle", "line", "polyline"}


@pytest.fixture(scope="module")
def page(made):
    return html.render(made)


def words(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("</style>")[1]))


class Nesting(HTMLParser):
    """Every element closed where it belongs; the names of all."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag, tag


def test_it_stands_alone_and_is_well_formed(page):
    assert not re.search(r'(src|href)=["\']?(?!data:)', page) and "url(" not in page
    nesting = Nesting()
    nesting.feed(page)
    assert nesting.open == [] and "script" not in nesting.seen


def test_names_from_outside_are_text(page):
    """Markup in a title, a right-to-left override and two hundred letters."""
    assert "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;" in page
    assert "n" * 200 in page and "overflow-wrap: anywhere" in page


def test_the_first_page_says_it_all(page):
    first = words(page).split("Every promise")[0]
    for part in ("kept 0 of 1 judged promise", "promised 2 2 2", "missed 1 1 0", "flow/orders 4 of 7 failures",
                 "Pipeline success rate −10 points : 98.3 % to 87.9 % (worse)", "agreed by data platform (V-1)",
                 "2 KPIs and 1 security incident"):  # fmt: skip
        assert part in re.sub(r"\s+", " ", first), part


def test_its_foot_has_the_period_the_moment_and_the_hash(page, made):
    assert f"Tierline, 2026-10, as of 5 November 2026, 12:00 UTC, {made['hash'][:12]}" in page
    assert "counter(page)" in page and "size: A4" in page
    assert made["hash"] in words(page)


def test_a_chart_steps_its_target_rings_what_was_restated_and_keeps_its_gaps(made):
    chart = {
        "label": "twelve months", "low": 0.0, "high": 1.0, "marks": [{"at": 0.5, "text": "50 %"}],
        "points": [
            {"name": str(at), "label": str(at), "value": value, "text": "t", "provisional": at == 4,
             "restated": at == 0, "target": target}
            for at, (value, target) in enumerate(((0.5, 0.2), (0.6, 0.2), (None, 0.4), (0.7, 0.4), (0.8, None)))
        ],
    }  # fmt: skip
    drawn = str(html.drawing.trend(chart))
    assert drawn.count('class="ring"') == 1 and drawn.count('class="target"') == 2
    assert drawn.count('<line class="line') == 2  # 0 to 1 and 3 to 4: the gap is left
    assert drawn.count('class="line open"') == 1 and drawn.count('class="dot open"') == 1


def test_a_closed_period_is_the_stored_copy_with_what_was_restated_since(made, engine, now):
    shut = {"closed_at": "2026-11-05T12:00:00+00:00", "by": "data platform", "hash": "ab" * 32}
    moved = {
        "period": "2026-10", "kpi": "pipeline_success_rate", "title": "Pipeline success rate", "unit": "ratio",
        "scope": {"tier": None, "team": None, "domain": None}, "how": "restated", "difference": -0.01,
        "reported": {"value": 51 / 58, "status": "missed", "parts": {}}, "now": {"value": 0.86, "status": "missed"},
        "causes": [{"text": "3 runs of s came late, on 6 Nov"}],
    }  # fmt: skip
    hidden = {**moved, "kpi": "audit_findings", "title": "Audit findings"}
    zone = parse_window("2026-10", now, engine.platform.timezone).tz
    told = closed.printed(made, shut, [moved, hidden], zone)
    assert told["state_text"] == (
        "This is what was reported, as of 5 November 2026, 12:00 UTC; since then 1 figure was restated."
    )
    assert {key for key in told if told[key] != made[key]} == {"state", "state_text", "closed", "hash"}
    said = words(html.render(told))
    assert "Closed on 5 November 2026, 12:00 UTC by data platform; hash abababababab." in said
    assert "reported 87.9 %, now 86.0 %" in said and "3 runs of s came late, on 6 Nov" in said
    assert "Audit findings" not in said


def test_a_report_of_nothing_says_what_to_do(made):
    bare = {**made, "table": [], "promises": [], "families": [], "misses": [], "changes": []}
    assert "tierline evaluate" in html.render(bare) and "No promise was missed." in html.render(bare)
