"""What goes wrong with a store is told in one message with place and remedy, and never a password."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from slo.errors import StoreError
from slo.facts import Run
from slo.store import Store

T = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)


def runs(count: int):
    return [Run(source="s", id=str(n), asset="a", state="success", url="x" * 500) for n in range(count)]


def test_a_locked_store_says_so(place):
    url = place.fresh()
    with Store(url) as holder, Store(url, busy_seconds=0.05) as waiter, holder.write() as tx:
        tx.set_meta("a", "b")
        with pytest.raises(StoreError, match=r"store: .*: another process is writing for too long; wait, or end it"):
            waiter.upsert(runs(1))


def test_a_reader_does_not_wait_for_a_writer(place):
    url = place.fresh()
    with Store(url) as holder, Store(url, busy_seconds=0.05) as reader:
        holder.upsert(runs(2))
        with holder.write() as tx:
            tx.set_meta("a", "b")
            assert (reader.counts(), reader.meta("a")) == ({"run": 2}, None)


def test_a_full_disk_says_so_and_keeps_what_was_stored(place):
    if place.kind != "sqlite":
        pytest.skip("only SQLite's file can be given a size")
    with Store(place.fresh()) as store:
        store.upsert(runs(10))
        with store._engine.connect() as connection:  # the pool hands the same connection out again
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}")
        with pytest.raises(StoreError, match="the disk is full; make room"):
            store.upsert(runs(2000))
        assert store.counts() == {"run": 10}
        assert len(store.read("run")) == 10


def test_a_store_that_is_not_set_up_says_so(place):
    with Store(place.nothing()) as store, pytest.raises(StoreError, match="the store is not set up; migrate it first"):
        store.read("run")


def test_a_file_that_is_no_database(tmp_path: Path):
    (tmp_path / "x.db").write_bytes(b"this is a text, not a database" * 100)
    with Store(f"sqlite:///{tmp_path / 'x.db'}") as store, pytest.raises(StoreError) as told:
        store.migrate()
    assert str(told.value) == (
        f"store: sqlite:///{tmp_path / 'x.db'}: this file is no Tierline store, or is damaged; "
        "name another, or restore a backup (file is not a database)"
    )


def test_a_database_of_something_else_is_not_touched(tmp_path: Path):
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE meta (mine)")
    connection.commit()
    connection.close()
    with Store(f"sqlite:///{path}") as store, pytest.raises(StoreError, match="holds tables of something else"):
        store.migrate()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("meta",)]
    connection.close()


def test_a_folder_that_cannot_be_made(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with (
        Store(f"sqlite:///{tmp_path}/file/x.db") as store,
        pytest.raises(StoreError, match="the folder cannot be made"),
    ):
        store.migrate()


def test_a_missing_folder_is_made(tmp_path: Path):
    with Store(f"sqlite:///{tmp_path}/var/deep/x.db") as store:
        store.migrate()
    assert (tmp_path / "var/deep/x.db").exists()


def test_a_folder_is_no_file(tmp_path: Path):
    with Store(f"sqlite:///{tmp_path}") as store, pytest.raises(StoreError, match="the file cannot be opened"):
        store.migrate()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "this is not a SQLAlchemy URL; write sqlite:///"),
        ("mysql://root:hush@host/db", r"mysql://root:\*\*\*@host/db: a store is sqlite:///FILE or postgresql"),
        ("sqlite://", "keeps nothing; name a file"),
        ("sqlite:///:memory:", "keeps nothing; name a file"),
    ],
)
def test_a_wrong_address(url: str, message: str):
    with pytest.raises(StoreError, match=message) as told:
        Store(url)
    assert "hush" not in str(told.value)


@pytest.mark.parametrize(
    "url", ["postgresql://me:hush@127.0.0.1:1/x", "postgresql+psycopg://127.0.0.1:1/x?user=me&password=hush"]
)
def test_a_database_that_is_not_there(url: str):
    with Store(url) as store, pytest.raises(StoreError, match="the database cannot be reached; check host") as told:
        store.migrate()
    assert "hush" not in str(told.value)
    assert "hush" not in store.place and "***" in store.place


def test_a_writing_transaction_within_another_is_a_mistake(store: Store):
    with store.write(), pytest.raises(RuntimeError, match="use its Tx"):
        store.upsert(runs(1))
    assert store.upsert(runs(1)).stored == 1
