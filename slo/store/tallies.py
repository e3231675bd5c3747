"""Passes over sources added up by the database, so that nobody reads thousands of rows a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Integer, case, func, select

from slo.store.codec import micros, moment
from slo.store.names import Names
from slo.store.tables import source_runs

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Tally:
    """The passes of one source that began in a stretch of time up to an instant.

    ``day_passes`` and ``day_failed``: of its last day. ``told`` and ``taken``: records that the source counts and those
    of them that came, of the passes in which it counted (None: in none). ``usual_lag``: seconds, the furthest that its
    newest lay behind before the last day (None: not known). ``gaps``: (success, next success) further apart than was
    asked for."""

    first: datetime
    passes: int
    failed: int
    day_passes: int
    day_failed: int
    told: int | None
    taken: int | None
    usual_lag: int | None
    first_success: datetime | None
    last_success: datetime | None
    gaps: tuple[tuple[datetime, datetime], ...] = ()


def tallies(connection: Connection, names: Names, start: datetime, as_of: datetime, gap: timedelta) -> dict[str, Tally]:
    """Source -> its tally of the passes that began in [start, as_of]. See Store.tallies."""
    names.refresh(connection)
    c, day = source_runs.c, micros(as_of - DAY)
    inside = (c.started >= micros(start), c.started <= micros(as_of))
    failed, lately = case((c.ok, 0), else_=1), case((c.started > day, 1), else_=0)
    statement = select(
        c.source_id, func.min(c.started).label("first"), func.count().label("passes"),
        func.sum(failed).label("failed"), func.sum(lately).label("day_passes"),
        func.sum(failed * lately, type_=Integer).label("day_failed"),
        func.sum(c.told).label("told"), func.sum(c.taken).label("taken"),
        func.max(case((c.started <= day, c.lag))).label("usual_lag"),
        func.min(case((c.ok, c.ended))).label("first_success"), func.max(case((c.ok, c.ended))).label("last_success"),
    ).where(*inside).group_by(c.source_id)  # fmt: skip
    gaps = _gaps(connection, inside, gap)
    return {
        names.sources.of_key[row.source_id]: Tally(
            moment(row.first), int(row.passes), int(row.failed), int(row.day_passes), int(row.day_failed),
            _whole(row.told), _whole(row.taken), _whole(row.usual_lag), _instant(row.first_success),
            _instant(row.last_success), tuple(gaps.get(row.source_id, ())),
        )
        for row in connection.execute(statement)
    }  # fmt: skip


def _gaps(
    connection: Connection, inside: tuple[object, ...], gap: timedelta
) -> dict[int, list[tuple[datetime, datetime]]]:
    c = source_runs.c
    before = func.lag(c.ended).over(partition_by=c.source_id, order_by=c.ended).label("before")
    ends = select(c.source_id, c.ended, before).where(*inside, c.ok).subquery()  # type: ignore[arg-type]
    wide = ends.c.ended - ends.c.before > gap // timedelta(microseconds=1)
    found: dict[int, list[tuple[datetime, datetime]]] = {}
    for row in connection.execute(select(ends).where(wide).order_by(ends.c.ended)):
        found.setdefault(row.source_id, []).append((moment(row.before), moment(row.ended)))
    return found


def _whole(number: object) -> int | None:
    return None if number is None else int(str(number))


def _instant(number: int | None) -> datetime | None:
    return None if number is None else moment(number)
