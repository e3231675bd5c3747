"""A case that runs: the stand-in, a store of its own, the source with the case's clock, and the real runner."""

from __future__ import annotations

import json
import logging
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from collectors import registry
from collectors.base import Enumerated, Period, Raw, Source
from collectors.contract.case import Case
from collectors.contract.standin import Disturb, Standin, undisturbed
from collectors.patience import hurried
from collectors.plan import Bookmark, steps
from collectors.runner import Plan, Progress, Runner, RunRecord
from slo import interchange
from slo.facts import KINDS
from slo.store import Store

Facts = dict[tuple[str, str], dict[str, Any]]
"""(kind, id) -> the stored fact, without its source."""
SILENCE = (5.0, 5.0)
"""Seconds to connect, seconds without a byte: a loaded machine answers slowly."""


class World:
    """One case with a store in ``folder``. Nothing waits: ``waits`` keeps for how long it would have."""

    def __init__(self, case: Case, folder: Path, disturb: Disturb = undisturbed, silence: float = SILENCE[1]) -> None:
        self.case = case
        self.standin = Standin(case, disturb)
        self.file = Path(tempfile.mkdtemp(dir=folder)) / "facts.db"
        self.timeout = (SILENCE[0], silence)
        self.waits: list[float] = []
        self.logged: list[str] = []
        self.read: list[Progress] = []
        """The periods that passes began to read, in order."""

    def __enter__(self) -> World:
        self.file.write_bytes(_template())
        self.store = Store(f"sqlite:///{self.file}")
        if self.case.told.repository:
            lay_repository(self.case.beside(self.case.told.repository), self.file.parent / "repository.git")
        self.standin.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.standin.__exit__()
        self.store.close()

    def source(self, name: str | None = None, now: datetime | None = None) -> Source:
        """The case's source under an instance's name, by default its plugin's."""
        told, moment = self.case.told, now or self.case.now
        made = registry.build(name or told.source, told.source, self.settings(), lambda: moment)
        if told.records:
            replay(made, self.case)
        return made

    def settings(self) -> dict[str, Any]:
        """The settings the source is made with."""
        return self.case.settings(self.standin.url, self.file.parent)

    def collect(self, source: Source | None = None, plan: Plan = steps) -> RunRecord:
        """One pass."""
        one = source or self.source()
        with hurried(self.waits.append, self.timeout), listening(self.logged):
            return Runner(self.store, [one], one.now, plan=plan).collect(one, progress=self.read.append)

    def facts(self, name: str | None = None) -> Facts:
        """What is stored of an instance, but for the coverage it says; the stand-in's address as the case writes it."""
        wanted = {"source": name or self.case.told.source}
        stored = (fact for kind in KINDS if kind != "coverage" for fact in self.store.read(kind, wanted))
        records = (self._named(interchange.to_record(fact)) for fact in stored)
        return {(one["fact"], one["id"]): one for one in records}

    def _named(self, record: dict[str, Any]) -> dict[str, Any]:
        text = json.dumps({key: value for key, value in record.items() if key != "source"})
        folder, work = str(self.case.folder.resolve()), str(self.file.parent)
        text = text.replace(self.standin.url, "{url}").replace(work, "{work}").replace(folder, "{golden}")
        named: dict[str, Any] = json.loads(text)
        return named

    def bookmark(self) -> Bookmark:
        """How far the source has been read."""
        return Bookmark.read(self.store.source_state(self.case.told.source))

    def everything(self) -> str:
        """All that was kept or said: the store's files, its run records and set-aside records, the log."""
        files = [path.read_bytes().decode("utf-8", "replace") for path in self.file.parent.glob(f"{self.file.name}*")]
        told: list[Any] = [self.store.source_runs(), self.store.set_asides(), list(self.facts().values())]
        return "\n".join([*files, *map(str, told), *self.logged])


def replay(source: Source, case: Case) -> None:
    """Gives the source recorded raw records in the place of a network: all of them in the newest period."""
    records = [
        Raw(one["kind"], case.filled(one["data"], ""), one.get("context", {}))
        for one in case.lines(case.told.records or "")
    ]

    def fetch(period: Period) -> Iterator[Raw | Enumerated]:
        yield from records if period.latest else ()

    source.__dict__["fetch"] = fetch


def lay_repository(stream: Path, place: Path) -> None:
    """A bare repository from a fast-import stream, its HEAD on main."""
    git = ["git", f"--git-dir={place}"]
    subprocess.run([*git, "init", "--quiet", "--bare", "--initial-branch=main"], check=True, capture_output=True)
    with stream.open("rb") as text:
        subprocess.run([*git, "fast-import", "--quiet"], stdin=text, check=True, capture_output=True)


@contextmanager
def listening(lines: list[str]) -> Iterator[None]:
    """Every log record of every library, as it would be written."""

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    root, keep = logging.getLogger(), Keep(logging.DEBUG)
    level = root.level
    root.addHandler(keep)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(keep)
        root.setLevel(level)


@cache
def _template() -> bytes:
    """An empty store, migrated once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "facts.db"
        store = Store(f"sqlite:///{path}")
        store.migrate()
        store.close()
        return path.read_bytes()


def difference(left: Mapping[Any, Any], right: Mapping[Any, Any]) -> str:
    """What two sets of facts do not share, one line each; empty where they are equal."""
    lines = [f"only expected: {left[key]}" for key in left if key not in right]
    lines += [f"only found: {right[key]}" for key in right if key not in left]
    for key in left:
        if key in right and left[key] != right[key]:
            fields = {name for name in {*left[key], *right[key]} if left[key].get(name) != right[key].get(name)}
            parts = [f"{name} {left[key].get(name)!r} -> {right[key].get(name)!r}" for name in sorted(fields)]
            lines.append(f"{'/'.join(key)}: {', '.join(parts)}")
    return "\n".join(lines)
