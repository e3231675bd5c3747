"""``tierline demo``: the demo platform speaks, the real collectors read it, the real service shows it. The newest weeks
are there at once; the rest of the year fills in behind a progress line."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from logging import WARNING
from pathlib import Path
from typing import NoReturn

import yaml

from collectors.runner import Progress, Runner
from slo.store import Store
from tierline import logs
from tierline.commands import now, say
from tierline.config import Config, load
from tierline.demo.platform import NEW, demo_settings, write_files, write_inventory
from tierline.demo.speaking import Speakers
from tierline.demo.world import World
from tierline.logs import log
from tierline.opening import open_store
from tierline.service import Service, leave, until_told


class Stopped(BaseException):
    """Ctrl-C came while the demo was being filled."""


def demonstrate(days: int) -> NoReturn:
    """Runs the demo until Ctrl-C or SIGTERM."""
    logs.start(WARNING)
    stop = threading.Event()
    folder = Path(tempfile.mkdtemp(prefix="tierline-demo-"))
    with until_told(stop), contextlib.suppress(Stopped):
        _Demo(folder, days, stop).run()
    # An evaluation may still be at work: it must not hold up the end, nor write into a folder that is removed.
    leave()


class _Demo:
    """One demonstration in one folder."""

    def __init__(self, folder: Path, days: int, stop: threading.Event) -> None:
        self.folder, self.days, self.stop = folder, days, stop
        self.world_days = min(days, 365)
        self.world = World(now(), days=self.world_days)
        self.line = _Line(stop)

    def run(self) -> None:
        """Files and servers, the newest weeks, the listeners; then the rest of the year, and what happens meanwhile."""
        say("A year of a platform of 150 pipelines and 400 datasets, none of it real. Its newest weeks come first.")
        servers = Speakers(self.world.now, self.world_days, str(self.folder))
        try:
            files = write_files(self.world, self.folder, now())
            next(files)
            newest, whole = (self._config(servers, days) for days in (NEW.days, self.days))
            with open_store(whole.store_url) as store:
                self._serve(store, newest, whole, files)
        finally:
            servers.stop()

    def _config(self, servers: Speakers, days: int) -> Config:
        path = self.folder / f"tierline-{days}.yaml"
        told = demo_settings(self.folder, servers.urls, f"sqlite:///{self.folder}/tierline.db", days)
        path.write_text(yaml.safe_dump(told, sort_keys=False), encoding="utf-8")
        environ = {name: value for name, value in os.environ.items() if name != "TIERLINE_STORE"}
        return load(str(path), environ)

    def _serve(self, store: Store, newest: Config, whole: Config, files: Iterator[str]) -> None:
        service = Service(whole, store, metrics_on_web=True, stop=self.stop)
        try:
            self._collect(store, newest)
            service.evaluate()
            service.start(collect=False)
            self._tell(service)
            self._fill(store, whole, files)
            service.collect()
            self.stop.wait()
        finally:
            self.line.end("ending")
            service.close()

    def _collect(self, store: Store, config: Config) -> None:
        runner = Runner(store, config.sources(now), now)
        for name in runner.sources:
            self.line.source(name, len(runner.sources))
            record = runner.collect(name, progress=self.line)
            if record.error:
                log.error("%s", record.error)

    def _tell(self, service: Service) -> None:
        web, ops = (listener.url for listener in service.listeners)
        self.line.end(f"\n  The dashboard   {web}\n  The metrics     {web}/metrics, also {ops}/metrics")
        say(f"  The settings    {service.config.path}\n  Ctrl-C ends it and leaves nothing behind.\n")

    def _fill(self, store: Store, config: Config, files: Iterator[str]) -> None:
        """The rest of the year. What should have happened then is told last: nothing is missed before it was read."""
        if self.days <= NEW.days:
            return
        self.line.begin("the rest of the year")
        for _ in files:
            self.line.check()
        self._collect(store, config)
        write_inventory(self.world, self.folder, now())
        Runner(store, config.sources(now), now).collect("inventory", full=True)
        facts = sum(store.counts().values())
        self.line.end(f"  The whole year is in: {facts:,} facts. It is being evaluated, and goes on live.")


class _Line:
    """The progress line: which source, how far, how many facts. Also where a Ctrl-C is heard while collecting."""

    def __init__(self, stop: threading.Event) -> None:
        self.stop, self.live = stop, sys.stderr.isatty()
        self.title, self.facts, self.done, self.count, self.name = "the newest weeks", 0, -1, 1, ""
        self._before, self._last = 0, now()

    def begin(self, title: str) -> None:
        self.title, self.facts, self.done, self._before = title, 0, -1, 0

    def source(self, name: str, count: int) -> None:
        """The next source begins."""
        self.check()
        self.name, self.count = name, count
        self.done, self._before = self.done + 1, self.facts

    def __call__(self, at: Progress) -> None:
        self.check()
        self.facts = self._before + at.facts
        whole = (at.end - at.floor).total_seconds()
        part = f"back to {at.start:%Y-%m-%d}" if whole > 0 else "newest"
        self._show(f"  {self.title}: source {self.done + 1} of {self.count}, {self.name} {part}, {self.facts:,} facts")

    def check(self) -> None:
        """Raises Stopped once Ctrl-C has come."""
        if self.stop.is_set():
            raise Stopped

    def _show(self, text: str) -> None:
        if self.live:
            sys.stderr.write(f"\r\x1b[2K{text[:118]}")
            sys.stderr.flush()
        elif now() - self._last > timedelta(seconds=10):
            self._last = now()
            say(text)

    def end(self, text: str) -> None:
        """A line that stays."""
        if self.live:
            sys.stderr.write("\r\x1b[2K")
        say(text)
