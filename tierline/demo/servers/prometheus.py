"""Prometheus: query_range over the query service's request counts, good and total."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tierline.demo.chance import dice
from tierline.demo.servers.base import Refused, Request, Site
from tierline.demo.world import World

MOST = 11_000
"""Points a series that Prometheus answers at most."""
SERVICE = "query-api"
TOO_MANY = "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)"


class PrometheusSite(Site):
    """Answers any query: one whose text says "good" (or a status that is not 5xx) with the good requests, any other
    with all of them. A point counts the requests of the step before it."""

    def __init__(self, world: World, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self.world = world
        self.clock = clock
        self.on("GET", "/api/v1/query_range", self._range)
        self.on("POST", "/api/v1/query_range", self._range)
        self.on("GET", "/api/v1/query", self._now)
        self.on("GET", "/api/v1/status/buildinfo", lambda _: _success({"version": "2.42.0"}))

    def _range(self, request: Request) -> dict[str, Any]:
        start, end = _moment(request, "start"), _moment(request, "end")
        step = _seconds(request.one("step") or "3600")
        count = int((end - start).total_seconds() // step) + 1
        if count > MOST:
            raise Refused(400, {"status": "error", "errorType": "bad_data", "error": TOO_MANY})
        moments = (start + timedelta(seconds=step * index) for index in range(count))
        query = request.one("query") or ""
        values = [
            [moment.timestamp(), str(self._count(moment, step, query))]
            for moment in moments
            if self.world.start <= moment <= self.clock() and not (_asks_good(query) and blind(self.world, moment))
        ]
        metric = {"job": SERVICE}
        return _success({"resultType": "matrix", "result": [{"metric": metric, "values": values}] if values else []})

    def _now(self, request: Request) -> dict[str, Any]:
        now = self.clock()
        value = [now.timestamp(), str(self._count(now, 3600, request.one("query") or ""))]
        return _success({"resultType": "vector", "result": [{"metric": {"job": SERVICE}, "value": value}]})

    def _count(self, moment: datetime, step: float, query: str) -> int:
        total, good = requests(self.world, moment, step)
        return good if _asks_good(query) else total


def _asks_good(query: str) -> bool:
    return re.search(r'good|!~?"5', query) is not None


def blind(world: World, moment: datetime) -> bool:
    """Whether the series of the good requests has a gap at the moment: once in some ten days."""
    return dice(world.seed, "blind", int(moment.timestamp())).random() < 0.004


def requests(world: World, moment: datetime, step: float) -> tuple[int, int]:
    """All and good requests of the ``step`` seconds before a moment: three nines on usual days, few by night."""
    rng = dice(world.seed, "requests", int(moment.timestamp()), int(step))
    busy = 1.0 if 6 <= moment.hour < 18 and moment.weekday() < 5 else 0.2
    total = round(2 * step * busy * rng.uniform(0.8, 1.2))
    down = world.weather.outage[0] <= moment < world.weather.outage[1]
    mean = total * (0.3 if down else 0.0007 * world.weather.of_day(moment.date()))
    return total, total - min(total, max(0, round(rng.gauss(mean, math.sqrt(mean)))))


def _success(data: Any) -> dict[str, Any]:
    return {"status": "success", "data": data}


def _moment(request: Request, name: str) -> datetime:
    """Epoch seconds or RFC 3339, from the query."""
    text = request.one(name) or ""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise Refused(
            400, {"status": "error", "errorType": "bad_data", "error": f"invalid parameter {name!r}"}
        ) from None


def _seconds(text: str) -> float:
    unit = {"s": 1, "m": 60, "h": 3600, "d": 86400}.get(text[-1])
    return float(text[:-1]) * unit if unit else float(text)
