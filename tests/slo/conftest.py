"""One suite, both stores: SQLite always, PostgreSQL where TIERLINE_TEST_POSTGRES names an empty database."""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from slo.errors import StoreError
from slo.facts import Fact
from slo.store import Store
from slo.store.tables import metadata

POSTGRES = os.environ.get("TIERLINE_TEST_POSTGRES")
NUMBERED = (("changes", "seq"), ("marks", "id"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL one invented world of each test is enough: what differs there is the store, not the arithmetic."""
    first: dict[tuple[str, object], object] = {}
    kept, left = [], []
    for item in items:
        given = getattr(item, "callspec", None)
        params = {} if given is None else given.params
        if "seed" in params and (params.get("place") == "postgresql" or (POSTGRES and "place" not in params)):
            rest = tuple(sorted((name, repr(value)) for name, value in params.items() if name not in ("seed", "place")))
            chosen = first.setdefault((item.nodeid.split("[")[0], rest), params["seed"])
            (kept if params["seed"] == chosen else left).append(item)
        else:
            kept.append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


class Place:
    """Where a test's store stands; it can be emptied between two runs of a property."""

    def __init__(self, kind: str, folder: Path, template: Path) -> None:
        self.kind = kind
        self._file = folder / "store.db"
        self._template = template
        self._used = 0

    @property
    def url(self) -> str:
        return f"sqlite:///{self._file}" if self.kind == "sqlite" else str(POSTGRES)

    def fresh(self) -> str:
        """The URL of a store that is migrated and empty."""
        if self.kind == "sqlite":
            self._used += 1
            self._file = self._file.with_name(f"store{self._used}.db")
            shutil.copy(self._template, self._file)
        else:
            self._empty()
        return self.url

    def nothing(self) -> str:
        """The URL of a place without any table."""
        if self.kind == "sqlite":
            self._used += 1
            self._file = self._file.with_name(f"store{self._used}.db")
        else:
            self._run("DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
        return self.url

    def _empty(self) -> None:
        """Deletes rows, quicker than TRUNCATE of forty small tables. What a test left of another schema goes."""
        try:
            with Store(self.url) as store:
                store.migrate()
        except StoreError:
            self.nothing()
            with Store(self.url) as store:
                store.migrate()
        deletes = [f'DELETE FROM "{table.name}"' for table in reversed(metadata.sorted_tables)]
        starts = [f"SELECT setval(pg_get_serial_sequence('{table}', '{key}'), 1, false)" for table, key in NUMBERED]
        self._run("; ".join([*deletes, *starts]))

    def _run(self, *statements: str) -> None:
        engine = create_engine(self.url)
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    with Store(f"sqlite:///{path}") as store:
        store.migrate()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path, template: Path) -> Place:
    if request.param == "postgresql" and not POSTGRES:
        pytest.skip("TIERLINE_TEST_POSTGRES names no database")
    return Place(request.param, tmp_path, template)


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    with Store(place.fresh()) as store:
        yield store


@pytest.fixture
def fresh(tmp_path: Path, template: Path) -> Iterator[Callable[[Iterable[Fact]], Store]]:
    """Another store that holds these facts and was never refreshed."""
    made: list[Store] = []

    def build(facts: Iterable[Fact]) -> Store:
        path = tmp_path / f"other{len(made)}.db"
        path.write_bytes(template.read_bytes())
        made.append(Store(f"sqlite:///{path}"))
        made[-1].upsert(facts)
        return made[-1]

    yield build
    for store in made:
        store.close()
