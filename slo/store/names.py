"""Integer keys of sources, assets and KPIs, held in memory; and the present names of assets that were renamed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from threading import Lock

from sqlalchemy import Connection, Table, func, select

from slo.store.connection import fetch, insert_many
from slo.store.tables import asset_names, dims, kpis, meta, sources

ALIASES = "aliases"
"""Key in ``meta`` of the number that rises whenever an asset is renamed."""
_NEWEST = select(
    *(select(func.max(table.c.id)).scalar_subquery() for table in (sources, asset_names, kpis, dims)),
    select(meta.c.value).where(meta.c.key == ALIASES).scalar_subquery(),
)
"""Whether there is anything to take in, in one statement: every transaction asks it, and mostly there is nothing."""


class Keys:
    """Names of one kind and their keys. Names are only ever added, so what was read once stays right."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.of_name: dict[str, int] = {}
        self.of_key: dict[int, str] = {}
        self.newest = 0

    def load(self, connection: Connection) -> None:
        """Reads the names added since."""
        later = self.table.c.id > self.newest
        for key, name in fetch(connection, select(self.table.c.id, self.table.c.name).where(later)):
            self._add(key, name)

    def ensure(self, connection: Connection, names: Iterable[str]) -> None:
        """Gives every name a key; within a writing transaction, so that no one else gives the same key."""
        wanted = set(names)
        if wanted <= self.of_name.keys():
            return
        self.load(connection)
        missing = sorted(wanted - self.of_name.keys())
        rows = list(enumerate(missing, self.newest + 1))
        insert_many(connection, self.table, ("id", "name"), rows)
        for key, name in rows:
            self._add(key, name)

    def _add(self, key: int, name: str) -> None:
        self.of_name[name] = key
        self.of_key[key] = name
        self.newest = max(key, self.newest)


Dim = tuple[str, int | None, str | None, str | None, str | None]
"""Slice, tier, team, domain, environment."""


class Dims:
    """The combinations of slice and dimensions that states bear, and their keys."""

    def __init__(self) -> None:
        self.of_dim: dict[Dim, int] = {}
        self.of_key: dict[int, Dim] = {}
        self.newest = 0

    def load(self, connection: Connection) -> None:
        for key, *dim in fetch(connection, select(dims).where(dims.c.id > self.newest)):
            self._add(key, (dim[0], dim[1], dim[2], dim[3], dim[4]))

    def ensure(self, connection: Connection, wanted: Iterable[Dim]) -> None:
        """Gives every combination a key; within a writing transaction."""
        if not any(dim not in self.of_dim for dim in wanted):
            return
        self.load(connection)
        missing = [dim for dim in dict.fromkeys(wanted) if dim not in self.of_dim]
        rows = [(key, *dim) for key, dim in enumerate(missing, self.newest + 1)]
        insert_many(connection, dims, [column.name for column in dims.columns], rows)
        for key, dim in zip((row[0] for row in rows), missing, strict=True):
            self._add(key, dim)

    def _add(self, key: int, dim: Dim) -> None:
        self.of_dim[dim] = key
        self.of_key[key] = dim
        self.newest = max(key, self.newest)


class Names:
    """All keys of a store. ``present`` maps an asset's key to the name it bears now.

    After a rollback the keys given in that transaction are void: the store then begins anew with an empty one.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self.sources, self.assets, self.kpis = Keys(sources), Keys(asset_names), Keys(kpis)
        self.dims = Dims()
        self.present: dict[int, str] = {}
        self.renamed: dict[str, str] = {}
        self._version: str | None = None
        self.settled: set[int] = set()
        """Connections that hold one moment of the store, and whose names were taken in already."""

    def refresh(self, connection: Connection) -> None:
        """Takes in what other processes added or renamed."""
        if id(connection) in self.settled:
            return
        with self._lock:
            (*newest, version) = fetch(connection, _NEWEST)[0]
            held: tuple[Keys | Dims, ...] = (self.sources, self.assets, self.kpis, self.dims)
            for keys, key in zip(held, newest, strict=True):
                if key is not None and key > keys.newest:
                    keys.load(connection)
            if version != self._version:
                self._load_renamed(connection, version)
            elif len(self.present) != len(self.assets.of_key):
                self.present = {**self.assets.of_key, **self._renamed_keys()}

    def _load_renamed(self, connection: Connection, version: str | None) -> None:
        old, new = asset_names.alias(), asset_names.alias()
        pairs = fetch(connection, select(old.c.name, new.c.name).join(new, old.c.canonical_id == new.c.id))
        self.renamed = {row[0]: row[1] for row in pairs}
        self.present = {**self.assets.of_key, **self._renamed_keys()}
        self._version = version

    def _renamed_keys(self) -> Mapping[int, str]:
        return {self.assets.of_name[old]: new for old, new in self.renamed.items()}

    def keys_of_asset(self, name: str) -> list[int]:
        """Every key under which facts of the asset were told, by any of its names."""
        canonical = self.renamed.get(name, name)
        bearers = [canonical, *(old for old, new in self.renamed.items() if new == canonical)]
        return [self.assets.of_name[bearer] for bearer in bearers if bearer in self.assets.of_name]
