"""How quickly each page is there with millions of runs stored: first contentful paint, and every callback's answer, in
an unthrottled Chromium over the real reader. The server is warm, the browser new for each visit.

Each page is opened at one address again and again, then in a scope that nobody asked for before: there everything is
worked out while the reader waits.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.beside import beside
from bench.refresh import A_DAY, END, PIPELINES, PLATFORM, assets, day
from dashboards.app import create_app, draw
from dashboards.reading.reader import EngineReader, Snapshot
from dashboards.site import shelf
from dashboards.site.serving import CALLBACK
from slo.engine import Engine
from slo.facts import Coverage
from slo.store import Store
from tierline.serving.guard import App, Environ, Start
from tierline.serving.listeners import Listener

VISITS = 20
PORT = 18952
GOAL_PAINT, GOAL_CALLBACK = 1.0, 0.2
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
EXAMPLES = 4
"""Addresses that are visited below a page's own."""


@dataclass
class Seen:
    """Seconds of one page's visits: until something was painted, of each callback's answer, and how long a processor
    worked for it, which other work on the machine does not stretch."""

    paints: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    worked: list[float] = field(default_factory=list)


class Worked:
    """The pages, with the processor's seconds of each callback noted."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.seconds: list[float] = []

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        began = time.thread_time()
        answer = self._app(environ, start)
        if environ["PATH_INFO"] == CALLBACK:
            self.seconds.append(time.thread_time() - began)
        return answer


def p95(seconds: list[float]) -> float:
    """The 19th of 20."""
    return sorted(seconds)[max(0, -(-len(seconds) * 95 // 100) - 1)] if seconds else 0.0


def build(runs: int, path: Path) -> None:
    """A store of so many runs of 150 hourly pipelines, and what stands beside them."""
    days = -(-runs // A_DAY)
    start = END - timedelta(days=days)
    with Store(f"sqlite:///{path}") as store:
        store.migrate()
        store.upsert(assets(start))
        for number in range(days):
            store.upsert(day(start + timedelta(days=number)))
        store.upsert([Coverage(source="airflow", id="o", start=start, end=END)])
        store.upsert(beside(END))


@contextmanager
def served(path: Path) -> Iterator[tuple[str, EngineReader, Worked]]:
    """The pages over a store, evaluated as of the end of its runs."""
    with Store(f"sqlite:///{path}") as store:
        store.migrate()
        engine = Engine(store, PLATFORM)
        engine.evaluate(last_moment(store))
        as_of, results = store.results()
        assert as_of is not None
        snapshot = Snapshot(as_of=as_of, results=results, evaluated_at=as_of, facts=store.counts())
        reader = EngineReader(store, lambda: engine, lambda: snapshot, lambda: as_of)
        reader.warm()
        worked = Worked(create_app(reader))
        listener = Listener("web", worked, "127.0.0.1", PORT, 8)
        listener.start()
        yield listener.url, reader, worked
        listener.close()


def last_moment(store: Store) -> datetime:
    """The end of the last run there is, on the minute."""
    ended = max(one.end for one in store.read("coverage") if isinstance(one, Coverage) and one.end is not None)
    return ended.replace(second=0, microsecond=0)


def addresses(reader: EngineReader) -> list[str]:
    """Every page of the shelf, and below each some of the addresses that the pages themselves link to."""
    found: dict[str, list[str]] = {path: [] for path in shelf.shelf()}
    for path in found:
        for href in _links(draw(reader, path, "")[1]):
            page, rest = shelf.find(href) or (None, "")
            if page is not None and rest and href not in found[page.PATH]:
                found[page.PATH].append(href)
    return [address for path, below in found.items() for address in (path, *spread(below, EXAMPLES))]


def _links(page: Any) -> dict[str, None]:
    """Addresses of this dashboard that a page links to, without their queries, in the order of the page."""
    hrefs = (getattr(one, "href", None) or "" for one in page._traverse())
    return dict.fromkeys(urlsplit(href).path for href in hrefs if href.startswith("/"))


def spread(found: list[str], most: int) -> list[str]:
    """So many of a list, from its beginning to its end."""
    return found if len(found) <= most else [found[place * (len(found) - 1) // (most - 1)] for place in range(most)]


def scopes(visits: int) -> list[str]:
    """As many scopes that no evaluation keeps: a team's pipelines of a tier, a pipeline of its own."""
    return [
        f"tier={number % 4}&team=team{number % 6}&window={12 + number}d"
        if number % 2
        else f"asset=airflow/p{(7 * number) % PIPELINES}"
        for number in range(visits)
    ]


def visit(browser: Any, url: str, seen: Seen, worked: Worked) -> None:
    """Opens an address in a new browser context and notes what it took."""
    worked.seconds.clear()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    done: list[Any] = []
    page.on("requestfinished", lambda request: "_dash-update-component" in request.url and done.append(request))
    page.goto(url)
    page.wait_for_selector("h1")
    page.wait_for_load_state("networkidle")
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    seen.paints.append(paint / 1000)
    timings = [request.timing for request in done]
    seen.answers += [(timing["responseEnd"] - timing["requestStart"]) / 1000 for timing in timings]
    seen.worked += worked.seconds
    context.close()


def measure(browser: Any, base: str, path: str, visits: int, worked: Worked) -> tuple[Seen, Seen]:
    """(one address again and again, another scope each time)."""
    same, others = Seen(), Seen()
    visit(browser, base + path, Seen(), worked)
    for _ in range(visits):
        visit(browser, base + path, same, worked)
    for scope in scopes(visits):
        visit(browser, f"{base}{path}?{scope}", others, worked)
    return same, others


def line(path: str, same: Seen, others: Seen) -> str:
    """One page: each p95 in seconds, and as a part of its goal where that is broken."""
    figures = [(same.paints, GOAL_PAINT), (same.answers, GOAL_CALLBACK), (others.answers, GOAL_CALLBACK)]
    cells = [f"{p95(found):>9.3f}{'' if p95(found) <= goal else f' ({p95(found) / goal:.1f} x)':<8}"
             for found, goal in figures]  # fmt: skip
    return f"{path:<34}{''.join(cells)}{p95(same.worked):>9.3f}{p95(others.worked):>9.3f}\n"


@contextmanager
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    place = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=place, chromium_sandbox=False)
        yield browser
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5_000_000)
    parser.add_argument("--store", type=Path, help="a store that is there already; it is evaluated, too")
    parser.add_argument("--visits", type=int, default=VISITS)
    parser.add_argument("--page", action="append", help="only these addresses")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = wanted.store or Path(folder) / "pages.db"
        if wanted.store is None:
            build(wanted.runs, path)
        with served(path) as (base, reader, worked), chromium() as browser:
            runs = reader.snapshot().facts.get("run", 0)
            sys.stdout.write(f"{runs:,} runs stored; p95 of {wanted.visits} visits in seconds\n")
            report(browser, base, wanted.page or addresses(reader), wanted.visits, worked)


def report(browser: Any, base: str, paths: list[str], visits: int, worked: Worked) -> None:
    """Prints a line a page as soon as it is measured; at its end the processor's part of both kinds of callback."""
    say: Callable[[str], int] = sys.stdout.write
    heads = f"{'page':<34}{'painted':>9}{'':<8}{'callback':>9}{'':<8}{'new scope':>9}{'':<8}{'worked':>9}{'worked':>9}"
    say(f"{heads}\n")
    say(f"{'goal':<34}{GOAL_PAINT:>9}{'':<8}{GOAL_CALLBACK:>9}{'':<8}{GOAL_CALLBACK:>9}\n")
    for path in paths:
        say(line(path, *measure(browser, base, path, visits, worked)))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
