"""The whole suite on PostgreSQL: where TIERLINE_TEST_POSTGRES names a server, every SQLite store that a test opens is a
database of its own there instead. Tests that are about SQLite, files or processes keep what they ask for."""

import os
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from collectors.patience import hurried
from slo.store import Store
from slo.store.tables import metadata

# The same examples every time: what is taken must not hang on luck. More and other ones: TIERLINE_EXAMPLES=200.
settings.register_profile("tierline", deadline=None, derandomize="TIERLINE_EXAMPLES" not in os.environ)
settings.load_profile("tierline")

SERVER = "TIERLINE_TEST_POSTGRES"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "alone")
"""Tests run in several processes: each has databases of its own."""
WORLDS = ("tests/e2e/", "tests/tierline/demo/", "tests/dashboards/", "tests/conformance/", "tests/peers/")
"""Tests that share something costly: a file's tests go to one process. All others are spread one by one."""
SHARED = ("standing",)
"""Worlds that files share: whoever asks for one goes to its process."""
OWN_STORES = (
    "tests/contracts/",
    "tests/slo/store/",
    "tests/slo/test_refresh",
    "tests/crash/",
    "tests/peers/",
    "tests/tierline/",
)
COPIED = "/empty.db"
"""A migrated file that a process makes once and its tests copy: a file for whoever asked for it first."""
NUMBERED = (("changes", "seq"), ("marks", "id"))
"""Columns that number by themselves."""
TEMPLATE = f"tierline_template_{WORKER}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Which process a test runs in, with ``--dist loadgroup``."""
    for item in items if config.pluginmanager.hasplugin("xdist") else ():
        if item.nodeid.startswith(WORLDS):
            shared = set(SHARED) & set(getattr(item, "fixturenames", ()))
            item.add_marker(pytest.mark.xdist_group(*shared or (item.nodeid.split("::", maxsplit=1)[0],)))


class Databases:
    """SQLite URL -> a database of its own, made from a migrated template, or one that an earlier test has left."""

    def __init__(self, server: str) -> None:
        self.server = make_url(server)
        self.of: dict[Path, str] = {}
        self.made = 0
        self.left: list[str] = []

    def url(self, sqlite: str) -> str:
        path = Path(sqlite.removeprefix("sqlite:///")).resolve()
        if path not in self.of:
            self.of[path] = self._emptied(self.left.pop()) if self.left else self._new()
        return self._named(self.of[path])

    def leave(self, folder: Path) -> None:
        """The test whose folder this was has ended."""
        for path in [path for path in self.of if folder in path.parents]:
            self.left.append(self.of.pop(path))

    def _new(self) -> str:
        if not self.made:
            self._run("postgres", f"DROP DATABASE IF EXISTS {TEMPLATE}", f"CREATE DATABASE {TEMPLATE}")
            with Store(self._named(TEMPLATE)) as store:
                store.migrate()
        self.made += 1
        name = f"tierline_{WORKER}_{self.made}"
        drop = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
        self._run("postgres", drop, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name

    def _emptied(self, name: str) -> str:
        """Deleting the few rows of a test is many times as quick as another database."""
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        deletes = [f'DELETE FROM "{table.name}"' for table in reversed(metadata.sorted_tables)]
        starts = [f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), 1, false)" for table, key in NUMBERED]
        self._run(name, f"SELECT pg_terminate_backend(pid) {others}", "; ".join([*deletes, *starts]))
        return name

    def _named(self, database: str) -> str:
        return self.server.set(database=database).render_as_string(hide_password=False)

    def _run(self, database: str, *statements: str) -> None:
        engine = create_engine(self.server.set(database=database), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


def _elsewhere(databases: Databases) -> Any:
    plain = Store.__init__

    def opened(self: Store, url: str, *rest: Any, **named: Any) -> None:
        test = os.environ.get("PYTEST_CURRENT_TEST", OWN_STORES[0])
        moved = url.startswith("sqlite:///") and not test.startswith(OWN_STORES) and not url.endswith(COPIED)
        if moved:  # fixtures copy a migrated file: here it stands for a database, and so may be empty
            Path(url.removeprefix("sqlite:///")).touch()
        plain(self, databases.url(url) if moved else url, *rest, **named)

    return opened


def _own_database(server: str) -> str:
    """An empty database for the tests of this process that ask for PostgreSQL themselves."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS tierline_{WORKER} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE tierline_{WORKER}"))
    engine.dispose()
    return make_url(server).set(database=f"tierline_{WORKER}").render_as_string(hide_password=False)


if SERVER in os.environ and WORKER != "alone":
    os.environ[SERVER] = _own_database(os.environ[SERVER])
DATABASES = Databases(os.environ[SERVER]) if SERVER in os.environ else None
if DATABASES:
    Store.__init__ = _elsewhere(DATABASES)  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _no_waiting(request: pytest.FixtureRequest) -> Iterator[None]:
    """Nobody waits in this process, neither for a budget of requests nor between two tries, but for real peers."""
    with nullcontext() if request.node.get_closest_marker("peer") else hurried(lambda seconds: None):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """What a test kept in its own folder is free when its fixtures have ended."""
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    yield
    if DATABASES and folder:
        DATABASES.leave(folder.resolve())
