"""What ``tierline new kpi`` writes: a declared KPI with a query, or a small package with a class at an entry point.
``@id@``, ``@Name@`` and ``@title@`` stand for the KPI's id, class and title."""

from __future__ import annotations

from tierline.scaffold.source import class_name, filled

QUERY = """# @title@: a KPI of your own. Put your words and query in place of these; `tierline check` reads it.
title: @title@
family: quality            # reliability, incidents, delivery, quality, cost, governance, adoption
lens: lagging              # leading, lagging
measure: ratio             # ratio: good and bad; count: values added up; samples: mean, median or p95 of values
better: up                 # up, down, band, neither
definition: Invoices that match their order, of the invoices booked.
not_counted: drafts
example: 97 of 100 invoices match their order, which is 97 %.
source: my_database        # the source of type sql in tierline.yaml
query: |
  SELECT supplier AS asset, day, matched AS good, booked - matched AS bad
  FROM invoices
  WHERE day >= :start AND day < :end
"""
CLASS = '''"""@title@: scheduled runs that needed no second try. Put your facts and your judgement in place of these."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from slo.kpi import Kpi, Params
from slo.marks import asset_marks
from slo.measure import Item, Ratio
from slo.store import ChangeRow, Mark
from slo.view import View


class @Name@(Kpi):
    id = "@id@"
    title = "@title@"
    family = "reliability"
    measure = Ratio
    unit = "ratio"
    better = "up"
    definition = "Runs that succeeded at the first try, of the runs that succeeded or failed."
    formula = "runs with one try / runs that ended"
    not_counted = "runs still in flight, skipped and cancelled ones"
    example = "Of 20 runs 18 succeeded at the first try: 18 / 20 = 90 %."
    facts = ("run", "asset")
    needs = (("run.tries",),)

    def items(
        self, view: View, assets: Collection[str] | None, start: datetime, end: datetime, params: Params
    ) -> Iterator[Item]:
        where = {"placed_at": (start, end)} | ({} if assets is None else {"asset": assets})
        for run in view.read("run", where):
            at = run.due_at or run.started_at
            if run.state in ("success", "failed") and run.ended_at is not None and at is not None:
                first = run.state == "success" and (run.tries or 1) == 1
                dims = view.dims(run.asset, at)
                yield Item(
                    at=at, asset=run.asset, dims=dims, good=int(first), bad=int(not first), since=run.ended_at,
                    facts=(run,), excluded=view.exclusion(self.id, run.asset, dims, at),
                )  # fmt: skip

    def reach(self, changes: Iterable[ChangeRow], view: View) -> Iterator[Mark]:
        changes = list(changes)
        yield from asset_marks(self, changes, view)
        yield from super().reach(changes, view)
'''
TEST = '''"""@title@: what it says of itself, and a figure worked by hand."""

from __future__ import annotations

from datetime import UTC, datetime

from slo.engine import Engine, Query
from slo.interchange import parse
from slo.own import faults
from slo.platform import Platform
from slo.store import Store
from tierline_@id@ import @Name@

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def _run(name: str, state: str, tries: int) -> dict[str, object]:
    return {
        "fact": "run", "source": "s", "id": name, "asset": "x/a", "state": state, "trigger": "schedule", "tries": tries,
        "due_at": "2026-03-10T06:00:00Z", "started_at": "2026-03-10T06:00:00Z", "ended_at": "2026-03-10T06:05:00Z",
    }  # fmt: skip


def test_it_owes_its_readers_nothing() -> None:
    assert faults(@Name@()) == []


def test_two_of_three(tmp_path) -> None:
    """One run needed a second try."""
    with Store(f"sqlite:///{tmp_path / 't.db'}") as store:
        store.migrate()
        store.upsert(parse(one) for one in (_run("1", "success", 1), _run("2", "success", 2), _run("3", "success", 1)))
        engine = Engine(store, Platform())
        found = engine.show("@id@", Query(window="1d"), NOW)
    assert (found["good"], found["bad"]) == (2, 1)
'''
PROJECT = """[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "tierline-@id@"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["tierline"]

[project.entry-points."tierline.kpis"]
@id@ = "tierline_@id@:@Name@"

[tool.setuptools]
py-modules = ["tierline_@id@"]

[tool.ruff]
line-length = 120

[tool.ruff.lint]
select = ["E", "F", "I", "UP", "B"]
isort.known-first-party = ["slo", "tierline_@id@"]
"""


def files(name: str, title: str, python: bool) -> dict[str, str]:
    """Path -> text of everything that is written: one YAML file, or with ``python`` a package."""
    texts = {f"tierline_{name}.py": CLASS, f"tests/test_{name}.py": TEST, "pyproject.toml": PROJECT}
    words = {"@id@": name, "@Name@": class_name(name), "@title@": title}
    wanted = texts if python else {f"kpis/{name}.yaml": QUERY}
    return {path: filled(text, words) for path, text in wanted.items()}
