"""Snowflake: its SQL API answers, by query tag, what Tierline's statements ask of the account.

It runs no SQL: the dashboards' query times and the bytes that the loads process come from the world, grouped as the
statement of the part groups them, for the days that its time literals enclose. Likewise what the warehouses used, and
what is stored.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from tierline.demo.catalog import WAREHOUSE
from tierline.demo.means.capacity import STORED, metered, stored, utc
from tierline.demo.servers.base import Answer, Refused, Request, Site
from tierline.demo.world import World

TOKEN = "demo-snowflake-token"
LOADS = "loads"
"""Query tag of the loads, which process the volume."""
PARTITION = 20_000
"""Rows of one partition of a result."""
_HELD = 4
_WINDOW = re.compile(r"(?:end_time|start_time|usage_date) >= '([^']+)'::\w+ AND \w+ < '([^']+)'::\w+")
_TYPES = {
    "workload": "text", "warehouse": "text", "at": "timestamp_ltz", "day": "date", "outcome": "text", "compute": "real",
    "cloud": "real", "attributed": "real",
}  # fmt: skip
Row = list[str]


class SnowflakeSite(Site):
    """An account whose role may read queries, metering and storage, and nothing else."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.world = world
        self.clock = clock
        self._held: OrderedDict[str, list[Row]] = OrderedDict()
        self._count = 0
        self.on("POST", "/api/v2/statements", self._submit)
        self.on("GET", "/api/v2/statements/([^/]+)", self._partition)

    def before(self, request: Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refused(401, {"code": "390303", "message": "Invalid access token."})

    def _submit(self, request: Request) -> Any:
        body = json.loads(request.body)
        part = str(body.get("parameters", {}).get("QUERY_TAG", "")).partition("/")[2]
        if part == "queries":
            return self._result(
                ["workload", "at", "outcome", "bucket", "queries", "bytes"], self._each(body, self._day)
            )
        if part == "metering":
            return self._result(["warehouse", "at", "compute", "cloud", "attributed"], self._each(body, self._metered))
        if part == "storage":
            return self._result(["day", "bytes"], self._each(body, self._stored))
        if part in ("check/queries", "check/metering", "check/storage"):
            return self._result(["readable"], [["1"]])
        if part == "check/own_cost":
            return self._result(["statements", "credits"], [["120", "0"]])
        return Answer(422, json.dumps(_unknown(part)).encode())

    def _result(self, columns: list[str], rows: list[Row]) -> dict[str, Any]:
        """The first partition; the others are kept for a while."""
        self._count += 1
        handle = f"01b9d3a0-0000-{self._count:012d}"
        self._held[handle] = rows
        if len(self._held) > _HELD:
            self._held.popitem(last=False)
        sizes = [len(rows[start : start + PARTITION]) for start in range(0, max(1, len(rows)), PARTITION)]
        told = [{"name": name.upper(), "type": _TYPES.get(name, "fixed"), "scale": 0} for name in columns]
        return {
            "resultSetMetaData": {"numRows": len(rows), "format": "jsonv2", "rowType": told,
                                  "partitionInfo": [{"rowCount": size} for size in sizes]},
            "data": rows[:PARTITION], "code": "090001", "sqlState": "00000", "statementHandle": handle,
            "message": "Statement executed successfully.",
        }  # fmt: skip

    def _partition(self, request: Request) -> Any:
        rows, number = self._held.get(request.found[0]), int(request.one("partition") or 0)
        if rows is None:
            raise Refused(404, {"code": "390404", "message": "The requested result is no longer there."})
        return {"data": rows[number * PARTITION : (number + 1) * PARTITION]}

    def _each(self, body: dict[str, Any], rows: Callable[[date], Iterator[Row]]) -> list[Row]:
        """The rows of every UTC day that is over and in the statement's window."""
        window = _WINDOW.search(body["statement"])
        if window is None:
            return []
        start, end = (datetime.fromisoformat(text) for text in window.groups())
        start, end = (moment if moment.tzinfo else moment.replace(tzinfo=UTC) for moment in (start, end))
        days = [day for day in self.world.charged_days(self.clock()) if start <= utc(day) < end]
        return [row for day in days for row in rows(day)]

    def _metered(self, day: date) -> Iterator[Row]:
        """Credits of the warehouses; cloud services are a tenth of a credit."""
        for warehouse in self.world.warehouses:
            paid, used = metered(self.world.seed, self.world.weather, warehouse, day)
            name = warehouse.name.rsplit("/", 1)[1].upper()
            yield [name, f"{utc(day).timestamp():.9f}", str(paid), "0.1", str(used)]

    def _stored(self, day: date) -> Iterator[Row]:
        amount = stored(self.world.seed, self.world.weather, STORED, day)
        yield [str((day - date(1970, 1, 1)).days), f"{amount:.0f}"]

    def _day(self, day: date) -> Iterator[Row]:
        """The dashboards' queries of a UTC day in their buckets, and the loads', which took a minute each."""
        at = f"{utc(day).timestamp():.9f}"
        for told in self.world.money.queries(day):
            tag = told.workload.name.removeprefix(f"{WAREHOUSE}/")
            for index, count in sorted(told.buckets.items()):
                yield [tag, at, told.outcome, str(index), str(count), "0"]
        yield [LOADS, at, "success", "207", "48", str(round(self.world.money.terabytes(day) * 1e12))]


def _unknown(part: str) -> dict[str, str]:
    return {"code": "002003", "sqlState": "02000", "statementHandle": "01b9d3a0-none",
            "message": f"SQL compilation error: object of {part!r} does not exist or not authorized."}  # fmt: skip
