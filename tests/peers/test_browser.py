"""A real browser reads the dashboard: the same number as the reader gave, no error, no request beyond loopback.

Needs Chromium (CHROMIUM, or on the path) and playwright. TIERLINE_PEERS_REQUIRED=1 makes their absence a failure;
TIERLINE_ARTIFACTS names a folder that keeps the screenshots.
"""

import importlib.util
import os
import shutil
import threading
import warnings
from pathlib import Path

import pytest

from dashboards import format as fmt
from dashboards.app import create_app
from dashboards.reader import Ask

pytestmark = pytest.mark.peer
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SIZES = {"wide": (1440, 900), "phone": (390, 844)}


def browser_path():
    """Where Chromium is, or None."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in BROWSERS if (found := shutil.which(name))), None)


def missing():
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed: uv pip install playwright"
    return None if browser_path() else "Chromium is not there: apt-get install chromium, or name it in CHROMIUM"


@pytest.fixture(scope="module")
def browser():
    lack = missing()
    if lack and os.environ.get("TIERLINE_PEERS_REQUIRED") == "1":
        pytest.fail(lack)
    if lack:
        pytest.skip(lack)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=browser_path(), chromium_sandbox=False)
        yield found
        found.close()


@pytest.fixture(scope="module")
def fake():
    path = Path(__file__).parents[1] / "dashboards" / "fake.py"
    spec = importlib.util.spec_from_file_location("tierline_fake_browser", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def address(fake):
    """The dashboard on a free port of loopback."""
    from werkzeug.serving import make_server

    server = make_server("127.0.0.1", 0, create_app(fake.FakeReader()), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


class Visit:
    """A page of the browser that remembers what went wrong and whom it called."""

    def __init__(self, browser, address, size="wide", scheme="light"):
        width, height = SIZES[size]
        self.address, self.name = address, f"{size}-{scheme}"
        self.page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.trouble, self.calls = [], []
        self.page.on("console", lambda line: line.type in ("error", "warning") and self.trouble.append(line.text))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("requestfailed", lambda request: self.trouble.append(f"failed: {request.url}"))
        self.page.on("request", lambda request: self.calls.append(request.url))

    def open(self, path, ready="h1"):
        self.page.goto(self.address + path)
        self.page.wait_for_selector(ready)
        self.page.wait_for_load_state("networkidle")
        return self

    def keep(self, name):
        """A screenshot among the artefacts, where a folder is named."""
        folder = os.environ.get("TIERLINE_ARTIFACTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"dashboard-{name}-{self.name}.png", full_page=True)

    def sideways(self):
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def close(self):
        self.page.close()
        outside = [url for url in self.calls if not url.startswith((self.address, "data:", "blob:"))]
        assert (self.trouble, outside) == ([], [])


@pytest.fixture
def visit(browser, address):
    opened = []

    def make(**look):
        opened.append(Visit(browser, address, **look))
        return opened[-1]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield make
        for one in opened:
            one.close()


def test_the_page_shows_the_number_that_the_reader_gave(visit, fake):
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


def test_the_overview_holds_every_kpi_and_fits_one_screen(visit, fake):
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
