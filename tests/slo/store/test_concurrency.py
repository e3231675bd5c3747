"""Several threads and processes at one store: no change is lost, no key given twice."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

from slo.facts import Run
from slo.store import Counts, StateRow, Store

T = datetime(2026, 10, 5, tzinfo=UTC)
DAY = date(2026, 10, 5)

SCRIPT = """
import sys
from slo.facts import Run
from slo.store import Store

with Store({url!r}) as store:
    for n in range(15):
        store.upsert([Run(source="p{who}", id=str(n), asset=f"asset {{n}} of {{({who} + n) % 5}}", state="success")])
        store.upsert([Run(source="shared", id=str(n), asset="a", state="success", tries={who})])
"""


def test_processes_that_write_at_once_lose_nothing(place):
    url = place.fresh()
    writers = [
        subprocess.Popen([sys.executable, "-c", SCRIPT.format(url=url, who=who)], stderr=subprocess.PIPE, text=True)
        for who in range(3)
    ]
    ends = [(writer.communicate()[1], writer.returncode) for writer in writers]
    assert ends == [("", 0)] * 3
    with Store(url) as store:
        assert store.counts() == {"run": 3 * 15 + 15}
        expected = {(f"p{who}", str(n), f"asset {n} of {(who + n) % 5}") for who in range(3) for n in range(15)}
        found = store.read("run", {"source": {"p0", "p1", "p2"}})
        assert {(fact.source, fact.id, fact.asset) for fact in found} == expected
        with store.write() as tx:
            changes = tx.changes(1000)
        assert len([change for change in changes if change.old is None]) == 60
        assert len(changes) == 3 * 15 + 3 * 15  # each writer's telling of a shared fact changed it
        assert [change.seq for change in changes] == sorted(change.seq for change in changes)


def test_two_processes_that_set_up_at_once(place):
    url = place.nothing()
    script = f"from slo.store import Store\nwith Store({url!r}) as store: store.migrate(); print(store.counts())"
    both = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert [(*process.communicate(), process.returncode) for process in both] == [("{}\n", "", 0)] * 2


def test_threads_that_read_and_write_one_store(store: Store):
    def write(who: int) -> Counts:
        facts = [Run(source=f"t{who}", id=str(n), asset=f"{who}/{n}", state="success", due_at=T) for n in range(200)]
        return store.upsert(facts)

    def read(_: int) -> bool:
        return all(fact.asset == f"{fact.source[1:]}/{fact.id}" for fact in store.read("run"))

    def fail(_: int) -> bool:
        try:
            with store.write() as tx:
                tx.put_states(
                    "k", ["void"], (DAY, DAY), [StateRow(slice="", asset="void", day=DAY, state={})], merge=_no
                )
        except ZeroDivisionError:
            return True
        return False

    with ThreadPoolExecutor(8) as pool:
        written = [pool.submit(write, who) for who in range(6)]
        others = [pool.submit(job, n) for n in range(12) for job in (read, fail)]
        assert [future.result() for future in written] == [Counts(stored=200)] * 6
        assert all(future.result() for future in others)
    assert store.counts() == {"run": 1200}
    assert read(0)
    assert store.states("k", "", DAY, DAY, rollup=False) == []


def _no(kpi: str, states: list[dict]) -> dict:
    raise ZeroDivisionError


def test_a_steady_reader_sees_one_moment_of_the_store(place):
    url = place.fresh()
    with Store(url) as store, Store(url) as other:
        store.upsert([Run(source="s", id="1", asset="a", state="success", due_at=T)])
        with store.steady():
            assert [fact.asset for fact in store.read("run")] == ["a"]
            other.upsert([Run(source="s", id="2", asset="new", state="success", due_at=T)])
            with store.steady():
                assert [fact.asset for fact in store.read("run")] == ["a"]
            assert store.counts() == {"run": 1}
        assert [fact.asset for fact in store.read("run")] == ["a", "new"]


def test_a_steady_reader_outlives_a_failed_writer_of_another_thread(store: Store):
    store.upsert([Run(source="s", id="1", asset="a", state="success", due_at=T)])

    def fail() -> None:
        with store.write() as tx:
            tx.put_states("k", ["void"], (DAY, DAY), [StateRow(slice="", asset="void", day=DAY, state={})], merge=_no)

    with store.steady(), ThreadPoolExecutor(1) as pool:
        assert isinstance(pool.submit(fail).exception(), ZeroDivisionError)
        assert [fact.asset for fact in store.read("run", {"asset": "a", "source": "s"})] == ["a"]
    assert store.states("k", "", DAY, DAY, asset="void") == []
