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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench.refresh import A_DAY, END, PIPELINES, PLATFORM, assets, day
from dashboards.app import create_app
from dashboards.reading.reader import EngineReader, Snapshot
from dashboards.site import shelf
from slo.engine import Engine
from slo.facts import Coverage
from slo.store import Store
from tierline.serving.listeners import Listener

VISITS = 20
PORT = 18952
GOAL_PAINT, GOAL_CALLBACK = 1.0, 0.2
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
BELOW = {"/kpi": ("pipeline_success_rate", "job_runtime"), "/slo": ("pipeline_success_rate",),
         "/calendar": ("airflow/p1",), "/assets": ("airflow/p1",)}  # fmt: skip
"""What is looked at below a page's own path."""
ALONE = ("/kpi", "/calendar")
"""Pages that say nothing without a name below."""


@dataclass
class Seen:
    """Seconds of one page's visits: until something was painted, and of each callback's answer."""

    paints: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)


def p95(seconds: list[float]) -> float:
    """The 19th of 20."""
    return sorted(seconds)[max(0, -(-len(seconds) * 95 // 100) - 1)] if seconds else 0.0


def build(runs: int, path: Path) -> None:
    """A store of so many runs of 150 hourly pipelines."""
    days = -(-runs // A_DAY)
    start = END - timedelta(days=days)
    with Store(f"sqlite:///{path}") as store:
        store.migrate()
        store.upsert(assets(start))
        for number in range(days):
            store.upsert(day(start + timedelta(days=number)))
        store.upsert([Coverage(source="airflow", id="o", start=start, end=END)])


@contextmanager
def served(path: Path) -> Iterator[tuple[str, Store]]:
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
        listener = Listener("web", create_app(reader), "127.0.0.1", PORT, 8)
        listener.start()
        yield listener.url, store
        listener.close()


def last_moment(store: Store) -> datetime:
    """The end of the last run there is, on the minute."""
    ended = max(one.end for one in store.read("coverage") if isinstance(one, Coverage) and one.end is not None)
    return ended.replace(second=0, microsecond=0)


def addresses() -> list[str]:
    """Every page of the shelf, and what stands below some."""
    found = []
    for path in shelf.shelf():
        if path not in ALONE:
            found.append(path)
        found += [f"{path.rstrip('/')}/{name}" for name in BELOW.get(path, ())]
    return found


def scopes(visits: int) -> list[str]:
    """As many scopes that no evaluation keeps: a team's pipelines of a tier, a pipeline of its own."""
    return [
        f"tier={number % 4}&team=team{number % 6}&window={12 + number}d"
        if number % 2
        else f"asset=airflow/p{(7 * number) % PIPELINES}"
        for number in range(visits)
    ]


def visit(browser: Any, url: str, seen: Seen) -> None:
    """Opens an address in a new browser context and notes what it took."""
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
    context.close()


def measure(browser: Any, base: str, path: str, visits: int) -> tuple[Seen, Seen]:
    """(one address again and again, another scope each time)."""
    same, others = Seen(), Seen()
    visit(browser, base + path, Seen())
    for _ in range(visits):
        visit(browser, base + path, same)
    for scope in scopes(visits):
        visit(browser, f"{base}{path}?{scope}", others)
    return same, others


def line(path: str, same: Seen, others: Seen) -> str:
    """One page: each p95 in seconds, and as a part of its goal where that is broken."""
    figures = [(same.paints, GOAL_PAINT), (same.answers, GOAL_CALLBACK), (others.answers, GOAL_CALLBACK)]
    cells = [f"{p95(found):>9.3f}{'' if p95(found) <= goal else f' ({p95(found) / goal:.1f} x)':<8}"
             for found, goal in figures]  # fmt: skip
    return f"{path:<34}{''.join(cells)}\n"


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
        with served(path) as (base, store), chromium() as browser:
            report(browser, base, store.counts().get("run", 0), wanted.page or addresses(), wanted.visits)


def report(browser: Any, base: str, runs: int, paths: list[str], visits: int) -> None:
    """Prints a line a page as soon as it is measured."""
    say: Callable[[str], int] = sys.stdout.write
    say(f"{runs:,} runs stored; p95 of {visits} visits in seconds\n")
    say(f"{'page':<34}{'painted':>9}{'':<8}{'callback':>9}{'':<8}{'in a new scope':>14}\n")
    say(f"{'goal':<34}{GOAL_PAINT:>9}{'':<8}{GOAL_CALLBACK:>9}{'':<8}{GOAL_CALLBACK:>9}\n")
    for path in paths:
        say(line(path, *measure(browser, base, path, visits)))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
