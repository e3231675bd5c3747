"""What the store remembers beside facts and states: settings of its own, leases, snapshots, passes over sources."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import Connection, case, func, select, union_all

from slo.store.codec import dump, micros, moment
from slo.store.names import Names
from slo.store.tables import leases, meta, results, set_asides, source_runs, source_states

Row = Mapping[str, Any]
KEPT_RUNS = 10_000
"""Passes kept a source: 28 days of one every five minutes are 8,064; of a daily one, years."""
_PASSES = "passes of "
"""Begins the key under which a source's passes are counted."""
KEPT_ASIDE = 1000
"""Records set aside that are kept a source; the newest."""


def set_meta(connection: Connection, key: str, value: str) -> None:
    connection.execute(meta.delete().where(meta.c.key == key))
    connection.execute(meta.insert().values(key=key, value=value))


def get_meta(connection: Connection, key: str) -> str | None:
    return connection.execute(select(meta.c.value).where(meta.c.key == key)).scalar()


def take_lease(connection: Connection, name: str, holder: str, seconds: float, now: datetime) -> bool:
    """Whether ``holder`` has the lease now: it was free, run out, or its own."""
    held = connection.execute(select(leases.c.holder, leases.c.until).where(leases.c.name == name)).one_or_none()
    if held is not None and held.holder != holder and held.until > micros(now):
        return False
    connection.execute(leases.delete().where(leases.c.name == name))
    until = micros(now) + int(seconds * 1_000_000)
    connection.execute(leases.insert().values(name=name, holder=holder, until=until))
    return True


def release_lease(connection: Connection, name: str, holder: str) -> None:
    connection.execute(leases.delete().where(leases.c.name == name, leases.c.holder == holder))


def packed(snapshot: list[dict[str, Any]]) -> bytes:
    """A snapshot as it is stored. Raises ValueError on NaN."""
    return zlib.compress(json.dumps(snapshot, ensure_ascii=False, allow_nan=False).encode(), 6)


def put_results(connection: Connection, as_of: datetime, body: bytes) -> bool:
    """Stores a snapshot; of every UTC day only its newest stays. Whether it is the newest of all."""
    at = micros(as_of)
    connection.execute(results.delete().where(results.c.as_of == at))
    connection.execute(results.insert().values(as_of=at, body=body))
    midnight = micros(datetime.combine(as_of.astimezone(UTC), time(), UTC))
    day = (results.c.as_of >= midnight, results.c.as_of < midnight + 86_400_000_000)
    newest = select(func.max(results.c.as_of)).where(*day).scalar_subquery()
    connection.execute(results.delete().where(*day, results.c.as_of < newest))
    latest: int = connection.execute(select(func.max(results.c.as_of))).scalar_one()
    return latest <= at


def get_results(connection: Connection, as_of: datetime | None) -> tuple[datetime | None, list[dict[str, Any]]]:
    statement = select(results.c.as_of, results.c.body).order_by(results.c.as_of.desc()).limit(1)
    if as_of is not None:
        statement = statement.where(results.c.as_of <= micros(as_of))
    row = connection.execute(statement).one_or_none()
    return (None, []) if row is None else (moment(row.as_of), json.loads(zlib.decompress(row.body)))


def set_source_state(connection: Connection, names: Names, source: str, state: dict[str, Any]) -> None:
    names.sources.ensure(connection, [source])
    key = names.sources.of_name[source]
    connection.execute(source_states.delete().where(source_states.c.source_id == key))
    connection.execute(source_states.insert().values(source_id=key, state=dump(state)))


def get_source_state(connection: Connection, names: Names, source: str) -> dict[str, Any]:
    names.refresh(connection)
    key = names.sources.of_name.get(source)
    text = connection.execute(select(source_states.c.state).where(source_states.c.source_id == key)).scalar()
    state: dict[str, Any] = json.loads(text) if text else {}
    return state


def add_source_run(connection: Connection, names: Names, source: str, values: dict[str, Any]) -> None:
    names.sources.ensure(connection, [source])
    key = names.sources.of_name[source]
    stored = {**values, "started": micros(values["started"]), "ended": micros(values["ended"])}
    connection.execute(source_runs.insert().values(source_id=key, **stored))
    _count_pass(connection, source, key, values)
    _trim(connection, source_runs, key, KEPT_RUNS)


def _count_pass(connection: Connection, source: str, key: int, values: dict[str, Any]) -> None:
    """Goes on counting where passes that are no longer kept were counted. The first count is of those that are."""
    told = get_meta(connection, _PASSES + source)
    if told is not None:
        counts = json.loads(told)
        counts["succeeded" if values["ok"] else "failed"] += 1
        counts["facts"] += values["facts"]
    else:
        c = source_runs.c
        kept = select(c.ok, func.count(), func.sum(c.facts)).where(c.source_id == key).group_by(c.ok)
        found = {bool(ok): (int(number), int(facts)) for ok, number, facts in connection.execute(kept)}
        (good, of_good), (bad, of_bad) = found.get(True, (0, 0)), found.get(False, (0, 0))
        counts = {"succeeded": good, "failed": bad, "facts": of_good + of_bad}
    set_meta(connection, _PASSES + source, json.dumps(counts))


def get_passes(connection: Connection) -> dict[str, dict[str, int]]:
    """Source -> its passes since it was first read: succeeded, failed, and the facts that they stored."""
    rows = connection.execute(select(meta.c.key, meta.c.value).where(meta.c.key.startswith(_PASSES, autoescape=True)))
    return {key.removeprefix(_PASSES): json.loads(value) for key, value in rows}


def get_source_runs(connection: Connection, names: Names, source: str | None, limit: int) -> list[dict[str, Any]]:
    return [_pass(names, row) for row in _newest(connection, names, source_runs, source, limit)]


def get_newest_runs(
    connection: Connection, names: Names, sources: Iterable[str], until: datetime, limit: int
) -> dict[str, list[dict[str, Any]]]:
    """One statement for all: each source's newest rows are found by its index, the others are never read."""
    names.refresh(connection)
    c = source_runs.c
    found: dict[str, list[dict[str, Any]]] = {source: [] for source in sources}
    keys = [names.sources.of_name[source] for source in found if source in names.sources.of_name]
    if not keys:
        return found
    begun = select(source_runs).where(c.started <= micros(until)).order_by(c.id.desc()).limit(limit)
    newest = union_all(*(begun.where(c.source_id == key).subquery().select() for key in keys)).subquery()
    rows: Iterable[Any] = connection.execute(select(newest).order_by(newest.c.id.desc())).mappings()
    for row in rows:
        one = _pass(names, row)
        found[one["source"]].append(one)
    return found


def get_reached(
    connection: Connection, names: Names, source: str, until: datetime
) -> tuple[datetime | None, datetime | None]:
    names.refresh(connection)
    c = source_runs.c
    own = (c.source_id == names.sources.of_name.get(source), c.started <= micros(until))
    first, success = connection.execute(select(func.min(c.started), func.max(case((c.ok, c.ended)))).where(*own)).one()
    return None if first is None else moment(first), None if success is None else moment(success)


def put_aside(connection: Connection, names: Names, source: str, values: dict[str, Any]) -> None:
    """One record that could not be taken; met again in a later pass, it stands once, with its newest error."""
    names.sources.ensure(connection, [source])
    key = names.sources.of_name[source]
    c = set_asides.c
    same = (c.source_id == key, c.place == values["place"], c.record == values["record"])
    connection.execute(set_asides.delete().where(*same))
    connection.execute(set_asides.insert().values(source_id=key, **{**values, "at": micros(values["at"])}))
    _trim(connection, set_asides, key, KEPT_ASIDE)


def get_asides(connection: Connection, names: Names, source: str | None, limit: int) -> list[dict[str, Any]]:
    rows = _newest(connection, names, set_asides, source, limit)
    return [{**_plain(names, row), "at": moment(row["at"])} for row in rows]


def _trim(connection: Connection, table: Any, source_key: int, kept: int) -> None:
    """Leaves the newest rows of a source."""
    of_source = select(table.c.id).where(table.c.source_id == source_key)
    last = connection.execute(of_source.order_by(table.c.id.desc()).offset(kept).limit(1)).scalar()
    if last is not None:
        connection.execute(table.delete().where(table.c.source_id == source_key, table.c.id <= last))


def _newest(connection: Connection, names: Names, table: Any, source: str | None, limit: int) -> Iterable[Row]:
    names.refresh(connection)
    statement = select(table).order_by(table.c.id.desc()).limit(limit)
    if source is not None:
        statement = statement.where(table.c.source_id == names.sources.of_name.get(source))
    rows: Iterable[Any] = connection.execute(statement).mappings()
    return rows


def _plain(names: Names, row: Row) -> dict[str, Any]:
    """A row with its source's name and without keys."""
    told = {key: value for key, value in row.items() if key not in ("id", "source_id")}
    return {"source": names.sources.of_key[row["source_id"]], **told}


def _pass(names: Names, row: Row) -> dict[str, Any]:
    return _plain(names, row) | {key: moment(row[key]) for key in ("started", "ended")}
