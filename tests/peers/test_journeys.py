"""What readers do with the dashboard, done as they would in a real browser over a real store: every figure on the page
is the one that the API says, and nothing goes wrong on the way."""

from __future__ import annotations

import csv
import io

import pytest
from babel.dates import format_skeleton
from babel.numbers import format_decimal

from dashboards import format as fmt
from slo.engine import Query
from tests.peers import browsing

pytestmark = pytest.mark.peer
RUNS = "pipeline_success_rate"


@pytest.fixture
def visit(visiting, standing):
    return lambda **look: visiting(standing.address, **look)


def rows_of(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))


def shown_matrix(seen):
    """(KPI, column) -> the exact value behind each cell of the overview that has one."""
    found = seen.page.locator(".matrix td[data-value]").evaluate_all(
        """cells => cells.map(cell => [cell.querySelector('a').getAttribute('href'), cell.dataset.col,
                                       cell.dataset.value])"""
    )
    return {(href.partition("?")[0].removeprefix("/kpi/"), column): float(value) for href, column, value in found}


def told_values(seen, **scope):
    """(KPI, tier or None) -> the API's value of the last 28 days, where there is one."""
    wanted = {"tier": None, "team": None, "domain": None, "asset": None} | scope
    results = seen.json("/api/results?window=28d")
    return {one["kpi"]: one["value"] for one in results if one["scope"] == wanted and one["value"] is not None}


def test_from_the_overview_to_the_failed_run_of_the_worst_pipeline_in_two_clicks(visit, standing):
    query = Query(window="28d", tier=1)
    worst = standing.engine.breakdown(RUNS, query, "asset", browsing.NOW, refresh=False)[0]["key"]
    seen = visit().open("/", ready=".matrix")
    seen.page.locator(f".matrix a[href*='/kpi/{RUNS}'][href*='tier=1']").first.click()
    seen.page.wait_for_selector("#drivers table")
    seen.page.locator("#drivers").get_by_role("link", name=worst, exact=True).first.click()
    seen.page.wait_for_url("**asset=**")
    seen.page.wait_for_selector(".ag-row[row-index='0'] a")
    first = seen.page.locator(".ag-row[row-index='0']").first
    failed = {one.id: one for one in standing.store.read("run", {"asset": worst, "state": "failed"})}
    assert first.locator("[col-id='id']").inner_text().strip() in failed
    seen.keep("failed-run")


def test_two_teams_are_compared_by_choosing_them(visit):
    seen = visit().open("/", ready=".matrix")
    figures = {}
    for team in ("commerce", "growth"):
        seen.page.locator("#scope-team").click()
        seen.page.get_by_role("option", name=team, exact=True).click()
        seen.page.wait_for_url(f"**team={team}**")
        seen.settled(".matrix")
        seen.page.locator("h1", has_text=team).wait_for()
        figures[team] = shown_matrix(seen)
        told = told_values(seen, team=team)
        whole = {kpi: value for (kpi, column), value in figures[team].items() if kpi in told and value == told[kpi]}
        assert RUNS in whole and len(whole) > 20
    assert figures["commerce"] != figures["growth"]


def test_a_sent_link_shows_the_same(visit):
    mine = visit().open(f"/kpi/{RUNS}?tier=1&window=7d&team=commerce", ready="#why h2")
    theirs = visit().open(mine.page.url.removeprefix(mine.address), ready="#why h2")
    for part in ("h1", "#kpi-value", "dl.company", "#why", "#drivers"):
        assert theirs.text(part) == mine.text(part) != ""
    exact = mine.json(f"/api/kpi/{RUNS}?tier=1&window=7d&team=commerce")["value"]
    assert repr(exact) in mine.page.locator("#kpi-value").get_attribute("title")


def test_a_table_and_a_chart_are_taken_along_as_they_are(visit):
    seen = visit().open("/", ready=".matrix")
    panel = seen.page.locator("section.panel", has=seen.page.locator(".matrix"))
    taken = rows_of(seen.taken(panel.locator("[data-take=csv]").first))
    shown = shown_matrix(seen)
    cells = {cell for row in taken[1:] for cell in row}
    assert {str(value) for value in shown.values()} <= {str(float(cell)) for cell in cells if _is_number(cell)}
    assert seen.taken(panel.locator("[data-take=png]").first).startswith(b"\x89PNG")
    result = visit().open(f"/kpi/{RUNS}", ready=".js-plotly-plot .main-svg").json(f"/api/kpi/{RUNS}")
    seen.open(f"/kpi/{RUNS}", ready=".js-plotly-plot .main-svg")
    chart = seen.page.locator("section.panel", has_text="Day by day").first
    points = {row[1][:10]: row[2] for row in rows_of(seen.taken(chart.locator("[data-take=csv]"))) if len(row) > 2}
    days = {day["day"]: day["value"] for day in result["series"] if day["value"] is not None}
    assert {day: _in_points(points[day], value) for day, value in days.items()} == dict.fromkeys(days, True)
    assert len(seen.taken(chart.locator("[data-take=png]"))) > 5_000


def _in_points(cell, value):
    """A chart draws a share in per cent or as it is; nothing is rounded on the way."""
    return float(cell) == pytest.approx(value, rel=1e-12) or float(cell) == pytest.approx(100 * value, rel=1e-12)


def _is_number(cell):
    try:
        float(cell)
    except ValueError:
        return False
    return True


def test_dark_is_another_picture_of_the_same_figures(visit):
    seen = {scheme: visit(scheme=scheme).open(f"/kpi/{RUNS}", ready="#why h2") for scheme in ("light", "dark")}
    looks = {name: one.page.evaluate("getComputedStyle(document.body).backgroundColor") for name, one in seen.items()}
    assert _brightness(looks["light"]) > 200 > 60 > _brightness(looks["dark"])
    assert seen["light"].text("#kpi-value") == seen["dark"].text("#kpi-value")
    for one in seen.values():
        one.keep("journey-kpi")


def _brightness(colour):
    red, green, blue = (float(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3])
    return (red + green + blue) / 3


def test_on_a_phone_the_menu_leads_from_page_to_page(visit):
    seen = visit(size="phone").open("/", ready=".matrix")
    seen.page.locator("details.menu summary").click()
    seen.page.locator("details.menu nav a", has_text="Sources").click()
    seen.page.wait_for_url("**/sources**")
    seen.keep("journey-menu")


def test_by_keyboard_alone_from_the_overview_to_the_reasons_and_back(visit):
    seen = visit().open("/", ready=".matrix")
    press = seen.page.keyboard.press
    press("Tab")
    assert seen.page.evaluate("document.activeElement.className") == "skip"
    press("Enter")
    assert seen.page.evaluate("document.activeElement.id") == "page"
    for _ in range(40):
        press("Tab")
        if seen.page.evaluate("document.activeElement.matches('.matrix a')"):
            break
    assert seen.page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    press("Enter")
    seen.page.wait_for_selector("#why h2")
    assert "/kpi/" in seen.page.url
    seen.page.go_back()
    seen.page.wait_for_selector(".matrix")
    assert seen.page.url.partition("#")[0].rstrip("/") == seen.address


@pytest.mark.parametrize("tag", ["de", "ar", "ar-EG"])
def test_figures_and_dates_are_written_as_the_locale_does(visit, tag):
    seen = visit(locale=tag).open(f"/kpi/{RUNS}", ready="#why h2")
    value = seen.json(f"/api/kpi/{RUNS}")["value"]
    system = {"ar-EG": "arab"}.get(tag, "latn")
    exact = format_decimal(round(100 * value, 1), "0.0", locale=tag.replace("-", "_"), numbering_system=system)
    assert (exact.translate(_EASTERN) if tag == "ar-EG" else exact) in seen.text("#kpi-value")
    day = format_skeleton("yMMMd", browsing.NOW.date(), locale=tag.replace("-", "_"))
    shown = seen.text(".as-of").translate(dict.fromkeys(map(ord, "\u2067\u2069")))
    assert (day if tag != "ar-EG" else day.translate(_EASTERN)) in shown
    assert fmt.value(seen.json(f"/api/kpi/{RUNS}")) != seen.text("#kpi-value") or tag == "ar"
    seen.keep(f"journey-{tag}")


_EASTERN = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


@pytest.mark.parametrize(("size", "names"), [("phone", ["script", "quoted", "leftwards", "long"]), ("wide", ["long"])])
def test_nasty_names_are_shown_and_do_nothing(visit, standing, size, names):
    """All of them where room is scarce; in a wide window the one that is too long even there."""
    seen = visit(size=size)
    nasty = [browsing.NASTY[name] for name in names]
    assets = [f"hostile/{name}" for name in nasty]
    pages = [f"/assets/{_quoted(name)}" for name in assets]
    pages += [f"/?team={_quoted(name)}&domain={_quoted(name)}" for name in nasty]
    pages += [
        f"/kpi/{RUNS}?asset={_quoted(assets[0])}",
        f"/kpi/{RUNS}?team={_quoted(browsing.SCRIPT)}",
        "/assets?tier=1",
    ]
    said = {}
    for path in pages:
        seen.open(path)
        said[path] = (seen.hurt(), seen.sideways())
    assert {path: found for path, found in said.items() if found != (False, 0)} == {}
    seen.open(f"/kpi/{RUNS}?tier=1", ready="#why h2")
    assert browsing.SCRIPT in seen.text("#drivers")
    seen.open("/incidents")
    assert browsing.SCRIPT in seen.text("#page")
    seen.keep("journey-nasty")


def _quoted(name):
    from urllib.parse import quote

    return quote(name, safe="")
