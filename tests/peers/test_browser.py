"""A real browser reads the dashboard: the same number as the reader gave, no error, no request beyond loopback.

Needs Chromium (CHROMIUM, or on the path) and playwright. TIERLINE_PEERS_REQUIRED=1 makes their absence a failure;
TIERLINE_ARTIFACTS names a folder that keeps the screenshots.
"""

import pytest

from dashboards import format as fmt
from dashboards.app import create_app
from dashboards.reading.reader import Ask
from tests.dashboards import fake
from tests.peers import browsing

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def address():
    """The dashboard on a free port of loopback."""
    serving = browsing.Serving(create_app(fake.FakeReader()))
    yield serving.address
    serving.stop()


@pytest.fixture
def visit(visiting, address):
    return lambda **look: visiting(address, **look)


def test_the_page_shows_the_number_that_the_reader_gave(visit):
    seen = visit().open("/kpi/pipeline_success_rate?tier=1", ready=".js-plotly-plot .main-svg")
    result = fake.FakeReader().show("pipeline_success_rate", Ask(tier=1))
    shown = seen.page.locator("#kpi-value")
    assert shown.inner_text() == fmt.value(result) == "98.6 %"
    assert repr(result["value"]) in shown.get_attribute("title")
    seen.page.wait_for_selector(".ag-row a")
    assert seen.page.locator(".ag-row").count() == 20
    assert "Why this number?" in seen.page.locator("#why").inner_text()
    link = seen.page.locator(".ag-row a").first
    assert link.get_attribute("href").startswith("https://airflow.example/dags/")
    seen.keep("kpi")


def test_the_overview_holds_every_kpi_and_fits_one_screen(visit):
    seen = visit().open("/", ready=".matrix")
    assert seen.page.locator(".matrix tbody th[scope=row]").count() == len(fake.SHELF)
    bottom = seen.page.evaluate("document.querySelector('.matrix').getBoundingClientRect().bottom")
    assert bottom <= 900
    assert seen.sideways() == 0
    seen.keep("overview")


def test_from_the_overview_to_the_failed_run_in_two_clicks(visit):
    seen = visit().open("/", ready=".matrix")
    seen.page.locator(".attention a").first.click()
    seen.page.wait_for_selector(".ag-row a")
    assert "/kpi/pipeline_success_rate?tier=1" in seen.page.url
    assert seen.page.locator(".ag-row a").first.get_attribute("href") == "https://airflow.example/dags/orders_0/runs/0"


def test_a_choice_in_the_header_is_kept_in_the_address(visit):
    seen = visit().open("/", ready=".matrix")
    seen.page.locator("#scope-window").click()
    seen.page.get_by_role("option", name="October 2026").click()
    seen.page.wait_for_url("**/?window=2026-10")
    seen.page.locator("h1", has_text="in October 2026").wait_for()
    seen.page.reload()
    seen.page.locator("h1", has_text="in October 2026").wait_for()


@pytest.mark.parametrize("path", ["/", "/kpi/mttr?tier=1", "/targets", "/sources"])
def test_a_phone_needs_no_sideways_scrolling(visit, path):
    seen = visit(size="phone").open(path)
    assert seen.sideways() == 0
    seen.keep("page" + path.partition("?")[0].replace("/", "-"))


def test_dark_text_is_light_and_light_text_is_dark(visit):
    colours = {}
    for scheme in ("light", "dark"):
        seen = visit(scheme=scheme).open("/kpi/mttr", ready=".js-plotly-plot .main-svg")
        colours[scheme] = seen.page.evaluate("getComputedStyle(document.body).color")
        seen.keep("kpi")
    assert colours == {"light": "rgb(28, 34, 41)", "dark": "rgb(228, 232, 235)"}


def test_every_page_prints_without_its_controls(visit):
    seen = visit().open("/", ready=".matrix")
    seen.page.emulate_media(media="print")
    assert not seen.page.locator("#scope-window").is_visible()
    assert seen.page.locator(".matrix").is_visible()
    seen.keep("print")
