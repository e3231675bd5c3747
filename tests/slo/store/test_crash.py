"""Killed at any statement, a store has lost nothing committed, doubled nothing, and goes on."""

import os
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest

from slo.facts import Correction, Run
from slo.store import Mark, StateRow, Store
from slo.store.tables import FACTS

T = datetime(2026, 10, 5, tzinfo=UTC)
DAY = date(2026, 10, 5)

SCRIPT = """
import os, signal, sys
from sqlalchemy import event
sys.path.insert(0, {folder!r})
from test_crash import work
from slo.store import Store, writing

writing.BATCH = 40
left = {statements}

def count(*_):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)

store = Store({url!r})
event.listen(store._engine, "before_cursor_execute", count)
event.listen(store._engine, "commit", count)
work(store)
print({statements} - left)
"""


def runs() -> list[Run]:
    return [
        Run(
            source="s", id=str(n % 90), asset=f"a{n % 7}", state="failed" if n < 60 else "success", due_at=T,
            revised_at=T + timedelta(seconds=n),
        )
        for n in range(150)
    ]  # fmt: skip


def work(store: Store) -> None:
    """Migrate, store, correct, refresh: what a pass does. Done again, it changes nothing."""
    store.migrate()
    store.upsert(runs())
    store.upsert([Correction(source="h", id="1", target_fact="run", target_id="5", set={"tries": 2})])
    with store.write() as tx:
        changes = tx.changes(1000)
        tx.mark("k", [Mark(change.new.asset, DAY, DAY) for change in changes if isinstance(change.new, Run)])
        tx.drop_changes(max((change.seq for change in changes), default=0))
    with store.write() as tx:
        for mark in tx.marks("k", 1000):
            count = len(store.read("run", {"asset": mark.asset}))
            rows = [StateRow(slice="", asset=mark.asset, day=DAY, state={"n": count})]
            tx.put_states("k", [mark.asset], (DAY, DAY), rows, merge=lambda k, s: {"n": sum(row["n"] for row in s)})
        tx.unmark("k", [mark.id for mark in tx.marks("k", 1000)])


def contents(store: Store) -> tuple:
    states = store.states("k", "", DAY, DAY) + store.states("k", "", DAY, DAY, rollup=False)
    with store.write() as tx:
        left = (tx.changes(1000), tx.marks("k", 1000))
    return store.read("run", order_by="id"), store.counts(), states, left


def run_until_killed(url: str, statements: int) -> subprocess.CompletedProcess[str]:
    script = SCRIPT.format(folder=os.path.dirname(__file__), url=url, statements=statements)  # noqa: PTH120
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


@pytest.fixture
def undisturbed(place) -> tuple:
    with Store(place.nothing()) as store:
        work(store)
        return contents(store)


def test_killed_at_any_statement_it_goes_on_where_it_stood(place, undisturbed: tuple):
    whole = run_until_killed(place.nothing(), 10_000)
    assert whole.returncode == 0, whole.stderr
    total = int(whole.stdout)
    for statements in range(3, total, total // 4):
        url = place.nothing()
        killed = run_until_killed(url, statements)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        with Store(url) as store:
            work(store)
            assert contents(store) == undisturbed, f"killed before statement {statements} of {total}"


def test_what_a_finished_batch_stored_is_there_after_a_kill(place):
    url = place.nothing()
    with Store(url) as store:
        store.migrate()
        insert = f"INSERT INTO {FACTS['run'].name}"
    script = SCRIPT.format(folder=os.path.dirname(__file__), url=url, statements=10_000)  # noqa: PTH120
    script = script.replace(
        "def count(*_):", f"def count(*args):\n    if len(args) < 3 or {insert!r} not in args[2]: return"
    )
    script = script.replace("left = 10000", "left = 2")
    killed = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    if place.kind == "postgresql":
        assert killed.returncode == 0, "PostgreSQL's COPY is no statement that the test sees"
        return
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with Store(url) as store:
        assert store.counts() == {"run": 80}
        assert [fact.id for fact in store.read("run", order_by="id")] == sorted(str(n) for n in range(80))
        with store.write() as tx:
            assert len(tx.changes(1000)) == 80
