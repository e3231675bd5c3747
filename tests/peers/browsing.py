"""What the tests in a real browser share: the browser, a page that remembers what went wrong, and a platform behind the
pages: a small invented one, read by the real collectors and judged by the real engine, with a few things named by
somebody hostile."""

from __future__ import annotations

import importlib.util
import logging
import os
import shutil
import threading
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from collectors.runner import Runner
from dashboards.app import create_app
from dashboards.reading.reader import EngineReader
from dashboards.site import shelf
from slo.interchange import parse
from slo.store import Store
from tierline.config import load
from tierline.decisions import Watch
from tierline.demo.platform import demo_settings, start_servers, write_files, write_inventory
from tierline.demo.world import World
from tierline.opening import open_engine
from tierline.serving.snapshots import Snapshots

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
SIZES = {"wide": (1440, 900), "phone": (390, 844), "wall": (2560, 1440)}
NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)
DAYS = 34

SCRIPT = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>'
QUOTED = 'O\'Brien "&amp;" <b>bold</b>'
LEFTWARDS = "مخزن البيانات \u202eeman"
LONG = "x" * 200
NASTY = {"script": SCRIPT, "quoted": QUOTED, "leftwards": LEFTWARDS, "long": LONG}
"""Names that break what is careless."""


TARGET = 44
"""Pixels that a finger needs."""
_SMALL = """target => Array.from(document.querySelectorAll(
      'header.band a, header.band button, header.band summary, header.band input, button.take, a.take'))
    .filter(one => one.checkVisibility() && !one.classList.contains('skip'))
    .map(one => [one.innerText || one.getAttribute('aria-label') || one.className, one.getBoundingClientRect()])
    .filter(([_, box]) => box.height > 0 && box.height < target - 0.5)
    .map(([name, box]) => `${name}: ${Math.round(box.width)} x ${Math.round(box.height)}`)"""


def browser_path():
    """Where Chromium is, or None."""
    named = os.environ.get("CHROMIUM")
    return named or next((found for name in BROWSERS if (found := shutil.which(name))), None)


def missing():
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed: uv pip install playwright"
    return None if browser_path() else "Chromium is not there: apt-get install chromium, or name it in CHROMIUM"


@pytest.fixture(scope="session")
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


class Visit:
    """A page of the browser, in a context of its own, that remembers what went wrong and whom it called."""

    def __init__(self, browser, address, size="wide", scheme="light", locale="en-GB"):
        width, height = SIZES[size]
        self.address, self.name = address, f"{size}-{scheme}"
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, locale=locale, accept_downloads=True,
            has_touch=size == "phone",
        )  # fmt: skip
        self.context.set_default_timeout(90_000)
        self.page = self.context.new_page()
        self.trouble, self.calls = [], []
        self.page.on("console", lambda line: line.type in ("error", "warning") and self.trouble.append(line.text))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("requestfailed", self._failed)
        self.page.on("request", lambda request: self.calls.append(request.url))

    def _failed(self, request):
        """A download that was handed over is no failure."""
        if "ERR_ABORTED" not in (request.failure or ""):
            self.trouble.append(f"failed: {request.url}")

    def open(self, path, ready="h1"):
        self.page.goto(self.address + path)
        return self.settled(ready)

    def settled(self, ready="h1"):
        """Waits until the page is there and asks for nothing more."""
        self.page.wait_for_selector(ready)
        self.page.wait_for_load_state("networkidle")
        return self

    def text(self, selector):
        return self.page.locator(selector).first.inner_text()

    def json(self, path):
        """What the API says."""
        return self.context.request.get(self.address + path).json()

    def taken(self, button):
        """The bytes of the file that a button hands over."""
        with self.page.expect_download() as waiting:
            button.click()
        return Path(waiting.value.path()).read_bytes()

    def keep(self, name):
        """A screenshot among the artefacts, where a folder is named."""
        folder = os.environ.get("TIERLINE_ARTIFACTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"dashboard-{name}-{self.name}.png", full_page=True)

    def sideways(self):
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def small(self):
        """What a finger of 44 pixels would miss: name and size."""
        return self.page.evaluate(_SMALL, TARGET)

    def hurt(self):
        """Whether a name became markup, or a script of a name ran."""
        return self.page.evaluate("window.hurt !== undefined || document.querySelector('img[src=x]') !== null")

    def close(self):
        self.context.close()
        outside = [url for url in self.calls if not url.startswith((self.address, "data:", "blob:"))]
        assert (self.trouble, outside) == ([], [])


@pytest.fixture
def visiting(browser):
    """Makes visits of an address, and looks at their troubles at the end."""
    opened = []

    def make(address, **look):
        opened.append(Visit(browser, address, **look))
        return opened[-1]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield make
        for one in opened:
            one.close()


class Serving:
    """An application on a free port of loopback, in a thread."""

    def __init__(self, app):
        from werkzeug.serving import make_server

        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def stop(self):
        self._server.shutdown()
        self._thread.join()


def hostile():
    """Pipelines, data sets and incidents whose names, teams and domains are nasty. Runs fail by turns."""
    since = _ago(480)
    for key, name in NASTY.items():
        asset, data = f"hostile/{name}", f"hostile/data {name}"
        own = {"tier": 1, "team": name, "domain": name, "valid_from": since}
        yield _told("asset", key, asset=asset, kind="pipeline", **own)
        yield _told("asset", f"d{key}", asset=data, kind="dataset", freshness={"max_age_seconds": 36_000}, **own)
        yield _told("dataset_update", f"d{key}", asset=data, at=_ago(50))
        yield _told("edge", key, upstream=asset, downstream=data, seen_at=_ago(400))
        open_still = key == "script"
        yield _told("incident", key, title=name, assets=[asset], severity=2, started_at=_ago(30), detected_at=_ago(29),
                    resolved_at=None if open_still else _ago(20))  # fmt: skip
        for step in range(30):
            state, start = "success" if step % 5 else "failed", 12 * step + 2
            yield _told("run", f"{key}/{step}", asset=asset, trigger="event", state=state, started_at=_ago(start),
                        ended_at=_ago(start - 0.2))  # fmt: skip


def _ago(hours):
    return (NOW - timedelta(hours=hours)).isoformat()


def _told(fact, key, **fields):
    return parse({"fact": fact, "source": "import", "id": key, **fields})


def collected(folder):
    """The settings' path of a small invented platform, collected into a store beside it."""
    world = World(NOW, pipelines=16, datasets=30, days=DAYS)
    list(write_files(world, folder, NOW))
    write_inventory(world, folder, NOW)
    servers = start_servers(world, lambda: NOW)
    settings = demo_settings(folder, servers.urls, f"sqlite:///{folder / 'tierline.db'}", DAYS + 1)
    path = folder / "tierline.yaml"
    path.write_text(yaml.safe_dump(settings, sort_keys=False))
    config = load(str(path), {})
    try:
        with Store(config.store_url) as store:
            store.migrate()
            Runner(store, config.sources(lambda: NOW), lambda: NOW).collect_all()
            store.upsert(hostile())
    finally:
        servers.stop()
    return path


class Standing:
    """A store behind its pages, evaluated at a moment."""

    def __init__(self, config, store, now):
        self.config, self.store = config, store
        self.engine = open_engine(store, config, now)
        self.engine.evaluate(now)
        self.snapshots = Snapshots(store, config, lambda: now, Watch(config, print))
        self.snapshots.refresh()
        reader = EngineReader(store, lambda: self.engine, self.snapshots.holder, lambda: now)
        self._serving = Serving(create_app(reader))
        self.address = self._serving.address

    def stop(self):
        self._serving.stop()
        self.store.close()

    def pages(self):
        """Every page of the shelf, and stories that stand below some."""
        asset = next(one for one in sorted(self.store.assets()) if one.startswith("airflow-prod/"))
        below = {"/kpi": "pipeline_success_rate", "/calendar": asset}
        stories = [
            "/slo/pipeline_success_rate",
            f"/assets/{asset}",
            f"/incidents/{self._incident()}",
            "/?team=commerce",
        ]
        paths = [f"{path}/{below[path]}" if path in below else path for path in shelf.shelf()]
        return [*paths, *(path for path in stories if shelf.find(path.partition("?")[0]))]

    def _incident(self):
        first = self.store.read("incident", {"source": "pagerduty"}, limit=1)[0]
        return f"{first.source}/{first.id}"


@pytest.fixture(scope="session")
def standing(tmp_path_factory):
    """The invented platform, built once for all who look at it."""
    config = load(str(collected(tmp_path_factory.mktemp("platform"))), {})
    store = Store(config.store_url)
    store.migrate()
    made = Standing(config, store, NOW)
    yield made
    made.stop()
