"""``tierline serve``: wires the rooms. Collectors on schedule, evaluation, the page, webhooks and /metrics."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from collectors.base import Source
from collectors.runner import Runner
from collectors.secrets import star, starred
from dashboards.exporter import Exporter, ops_app
from slo.engine import Engine
from slo.errors import TierlineError
from slo.store import Store
from tierline import logs
from tierline.commands import now
from tierline.config import Config
from tierline.decisions import Watch
from tierline.logs import log
from tierline.notify.receivers import Task, tasks
from tierline.opening import open_store, tell_assets
from tierline.serving.guard import App, Guard
from tierline.serving.hooks import Hooks
from tierline.serving.listeners import Listener, mounted
from tierline.serving.schedule import Collecting, Evaluating, Leader
from tierline.serving.snapshots import Snapshots
from tierline.targets import promised

if TYPE_CHECKING:
    from types import FrameType

WEB_THREADS, OPS_THREADS = 8, 2
ENDING = 3.0
"""Seconds that threads are given to end; whatever is then still under way is continued by the next start."""
LOOK = timedelta(seconds=15)
"""How often a process that does not evaluate looks for newer results."""
WEB_ROLES, OPS_ROLES, WORK_ROLES = ("all", "web"), ("all", "ops"), ("all", "collect")


class Service:
    """One process's parts. ``metrics_on_web``: /metrics on the page's port too, as the demo has it."""

    def __init__(
        self, config: Config, store: Store, role: str = "all", metrics_on_web: bool = False,
        stop: threading.Event | None = None,
    ) -> None:  # fmt: skip
        self.config, self.store, self.role = config, store, role
        self.stop = stop or threading.Event()
        self.platform = config.to_platform()
        self.decisions = Watch(config, log.error)
        self.targets = promised.Watch(config, log.error)
        self._engine = Engine(store, self.platform, self.targets.read())
        self.snapshots = Snapshots(store, config, now, self.decisions, self._profiles)
        self.exporter = Exporter(self.snapshots.holder, now, config.settings.ops.metrics.cap, log.warning)
        self.sources = config.sources(now)
        self.leader = Leader(store, now, self.stop)
        self.evaluating = Evaluating(self.evaluate, self.leader, self.platform.step)
        self.threads: list[threading.Thread] = []
        self.warm: Callable[[], None] = lambda: None
        star(*config.settings.web.tokens)
        self.listeners = list(self._listeners(metrics_on_web))

    def _listeners(self, metrics_on_web: bool) -> Iterator[Listener]:
        web, ops = self.config.settings.web, self.config.settings.ops
        metrics = ops_app(self.exporter, self._healthy)
        if self.role in WEB_ROLES:
            page = self._web({"metrics": metrics} if metrics_on_web else {})
            yield Listener("web", page, web.host, web.port, WEB_THREADS, web.max_body_bytes)
        if self.role in OPS_ROLES:
            yield Listener("ops", metrics, ops.host, self.config.settings.ops_port, OPS_THREADS)

    def _web(self, more: Mapping[str, App]) -> App:
        from dashboards.app import create_app
        from dashboards.reading.reader import EngineReader

        web = self.config.settings.web
        reader = EngineReader(self.store, self.engine, self.snapshots.holder, now, self._report)
        self.warm = reader.warm
        hooks = Hooks(self._runner(), self.sources, web.max_body_bytes)
        page = mounted(create_app(reader), {"hooks": hooks, **more})
        return Guard(page, web, lambda path: path in hooks.guarded)

    def _report(self, engine: Engine, period: str, scope: Mapping[str, str | None], moment: datetime) -> dict[str, Any]:
        """A period's report for the page."""
        from tierline.reports.reporting import document

        return document(engine, self.config, period, scope, moment)

    def _profiles(self) -> Sequence[str]:
        return self.targets.read().profiles

    def engine(self) -> Engine:
        """What the page asks, with the targets in force."""
        targets = self.targets.read()
        if targets is not self._engine.targets:
            self._engine = Engine(self.store, self.platform, targets)
        return self._engine

    def _runner(self) -> Runner:
        return Runner(self.store, self.sources, now, people=self.config.settings.people)

    def _healthy(self) -> str | None:
        """None while every thread lives; else which has died."""
        dead = [thread.name for thread in self.threads if not thread.is_alive()]
        return f"has ended: {', '.join(dead)}" if dead and not self.stop.is_set() else None

    def evaluate(self) -> None:
        """What the settings and the decisions say, the states, the results, the snapshot."""
        moment = now()
        tell_assets(self.store, self.config, moment)
        self.decisions.tell(self.store)
        results = self._fresh().evaluate(moment)
        self._look()
        log.info("evaluated: %s results in %.1f s", len(results), (now() - moment).total_seconds())
        self._warm()

    def start(self, collect: bool = True) -> None:
        """Listeners first: what is stored already is shown while the rest gets going."""
        self._look()
        for listener in self.listeners:
            listener.start()
            log.info("listening on %s", listener.url)
        self._thread("snapshot", partial(self._every, LOOK, self._look_again))
        if self.role in WORK_ROLES:
            self._thread("lease", self.leader.run)
            self._thread("evaluation", self.evaluating.run)
            for task in tasks(self.config):
                self._thread(task.name, self._telling(task))
            if self.config.settings.report.automatic:
                self._thread("reports", self._reporting())
            if collect:
                self.collect()

    def _telling(self, task: Task) -> Callable[[], None]:
        """What a receiver's own thread does: only who works tells, and nothing that goes wrong ends it."""
        tick = task.ticking(self.store, self.config, self.snapshots.holder, now)
        return partial(self._every, LOOK, partial(self._tell, task.name, tick))

    def _reporting(self) -> Callable[[], None]:
        """What the thread of the reporting day does, in the same way."""
        from tierline.reports.sending import Reporting
        from tierline.reports.ways import ways

        reporting = Reporting(self.store, self.config, self._fresh, ways(self.config), self.snapshots.holder, now)
        return partial(self._every, LOOK, partial(self._tell, "reports", reporting.tick))

    def _fresh(self) -> Engine:
        """An engine for work beside the page's, with the targets in force."""
        return Engine(self.store, self.platform, self.targets.read())

    def _tell(self, what: str, tick: Callable[[], None]) -> None:
        if not self.leader.leads.is_set():
            return
        try:
            tick()
        except TierlineError as error:
            log.error("%s: %s", what, error)
        except Exception as error:
            log.error("%s: unexpected: %s: %s", what, type(error).__name__, starred(error))

    def collect(self) -> None:
        """Starts the sources' threads."""
        runner = self._runner()
        for source in self.sources:
            self._thread(source.name, self._collecting(runner, source).run)

    def _collecting(self, runner: Runner, source: Source) -> Collecting:
        return Collecting(runner, source, self.leader, self.evaluating.wake.set)

    def _thread(self, name: str, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        self.threads.append(thread)

    def _look(self, results_too: bool = True) -> None:
        """A newer snapshot, its exposition rendered before anybody scrapes it."""
        try:
            self.snapshots.refresh(results_too)
            self.exporter.prepare()
        except TierlineError as error:
            log.error("snapshot: %s", error)

    def _look_again(self) -> None:
        """Who evaluates has the newest results already; the sources move on between two evaluations."""
        self._look(results_too=not self.leader.leads.is_set())
        self._warm()

    def _warm(self) -> None:
        """What readers asked last, of the newest evaluation. Nothing that goes wrong there ends the one who works."""
        try:
            self.warm()
        except Exception as error:
            log.error("pages: %s: %s", type(error).__name__, starred(error))

    def _every(self, period: timedelta, work: Callable[[], None]) -> None:
        while not self.stop.wait(period.total_seconds()):
            work()

    def close(self) -> bool:
        """Ends within seconds; False where a thread was still at work. That loses nothing: its transactions are whole,
        and the next start goes on where it stopped."""
        self.stop.set()
        self.evaluating.wake.set()
        for listener in self.listeners:
            listener.close()
        self._thread("release", self._release)
        deadline = now() + timedelta(seconds=ENDING)
        for thread in self.threads:
            thread.join(max(0.0, (deadline - now()).total_seconds()))
        return not any(thread.is_alive() for thread in self.threads)

    def _release(self) -> None:
        try:
            self.leader.release()
        except TierlineError as error:
            log.error("lease: %s", error)


def leave() -> NoReturn:
    """Ends the process at once, threads at work and all."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


@contextmanager
def until_told(stop: threading.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set ``stop`` while inside."""

    def told(number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, told) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def serve(config: Config, role: str = "all", started: Callable[[str], object] = str) -> int:
    """Serves until SIGTERM or Ctrl-C; the exit code. ``started`` is told the page's address once it answers."""
    logs.start()
    with open_store(config.store_url) as store:
        service = Service(config, store, role)
        with until_told(service.stop):
            service.start()
            if service.role in WEB_ROLES:
                started(service.listeners[0].url)
            service.stop.wait()
            log.info("ending")
            if not service.close():
                log.info("ended; what was under way goes on at the next start")
                leave()
    log.info("ended")
    return 0
