"""Snowflake: cost, query times, tables and their freshness, tasks, tags and lineage, from ACCOUNT_USAGE.

It speaks the SQL API (no connector is installed), groups in Snowflake, and reads every part of the account for itself:
what a part lacks (a right, an edition) is told with the grant that gives it, and read from where it is missing once the
grant is there. Its own statements bear the query tag ``tierline/<part>`` and are left out of what it tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from collectors.apart import PROBLEM
from collectors.base import Enumerated, Finding, Period, Raw, Source
from collectors.http import Http
from collectors.snowflake import money, objects, queries
from collectors.snowflake.api import SqlApi, StatementFailed
from collectors.snowflake.keys import headers
from collectors.snowflake.parts import CHUNK, SETTLE, Part, parts_of, remedy, tells, views
from collectors.snowflake.reading import Reading, own_period
from collectors.snowflake.settings import SnowflakeSettings
from collectors.snowflake.sql import Statement, own_cost, probe
from slo.errors import FactError, SourceError

_REMEDY = (
    "Check the token (or the key pair and its user), the role, and the network policy: a programmatic access token of "
    "a service user works only from addresses that a network policy of that user allows."
)


class Snowflake(Source):
    plugin = "snowflake"
    title = "Snowflake warehouse"
    family = "warehouse"
    tells = tells()
    settle = SETTLE
    interval = timedelta(hours=6)
    requests_per_second = 5.0
    chunk = CHUNK
    tested = (
        "every statement run by fakesnow 0.12.1 on ACCOUNT_USAGE views made as tables, behind the SQL API's shapes; "
        "no real account"
    )
    grants = (
        "CREATE ROLE tierline;\n"
        "GRANT DATABASE ROLE SNOWFLAKE.USAGE_VIEWER TO ROLE tierline;       -- metering, storage, writes, tasks\n"
        "GRANT DATABASE ROLE SNOWFLAKE.GOVERNANCE_VIEWER TO ROLE tierline;  -- queries, tags, lineage\n"
        "GRANT DATABASE ROLE SNOWFLAKE.OBJECT_VIEWER TO ROLE tierline;      -- tables\n"
        "-- or all at once: GRANT IMPORTED PRIVILEGES ON DATABASE snowflake TO ROLE tierline;\n"
        "GRANT MONITOR EXECUTION ON ACCOUNT TO ROLE tierline;               -- schedules of tasks\n"
        "CREATE WAREHOUSE tierline WAREHOUSE_SIZE = XSMALL AUTO_SUSPEND = 60 INITIALLY_SUSPENDED = TRUE\n"
        "  STATEMENT_TIMEOUT_IN_SECONDS = 300;\n"
        "GRANT USAGE ON WAREHOUSE tierline TO ROLE tierline;\n"
        "CREATE USER tierline TYPE = SERVICE DEFAULT_ROLE = TIERLINE DEFAULT_WAREHOUSE = TIERLINE;\n"
        "GRANT ROLE tierline TO USER tierline;\n"
        "-- the way in: a token (the user needs a network policy) ...\n"
        "CREATE NETWORK POLICY tierline ALLOWED_IP_LIST = ('<address of Tierline>');\n"
        "ALTER USER tierline SET NETWORK_POLICY = tierline;\n"
        "ALTER USER tierline ADD PROGRAMMATIC ACCESS TOKEN tierline ROLE_RESTRICTION = 'TIERLINE'\n"
        "  DAYS_TO_EXPIRY = 90;\n"
        "-- ... or a key pair: ALTER USER tierline SET RSA_PUBLIC_KEY = '<public key>';\n"
        "-- for each table named in freshness:\n"
        "GRANT USAGE ON DATABASE d TO ROLE tierline; GRANT USAGE ON SCHEMA d.s TO ROLE tierline;\n"
        "GRANT SELECT ON TABLE d.s.t TO ROLE tierline;"
    )
    Settings = SnowflakeSettings
    settings: SnowflakeSettings

    @classmethod
    def recognises(cls, place: str) -> Mapping[str, Any] | None:
        """An account's own address."""
        parts = urlsplit(place)
        known = (parts.hostname or "").endswith(".snowflakecomputing.com")
        return {"url": f"https://{parts.hostname}"} if known else None

    def __init__(self, name: str, settings: Any, now: Callable[[], datetime]) -> None:
        super().__init__(name, settings, now)
        self._speak_for(parts_of(settings))

    def _speak_for(self, parts: list[Part]) -> None:
        """What it tells is what its parts tell: coverage must not speak for one that is off or has failed."""
        told = tells(parts)
        priced = self.settings.credit_price is not None or self.settings.storage_price is not None
        self.__dict__["tells"] = {
            kind: tuple(field for field in fields if priced or field not in ("cost", "currency", "category"))
            for kind, fields in told.items()
        }

    @property
    def namespace(self) -> str:
        return self.settings.namespace or f"snowflake://{self.settings.account_name}"

    def _api(self) -> SqlApi:
        first = headers(self.settings, self.now)
        keys = None if self.settings.token else lambda: headers(self.settings, self.now)
        http = Http(self.settings.url, headers=first, secrets=(first["Authorization"].split(" ")[-1],), remedy=_REMEDY,
                    rate=self.rate, renew=keys, accept=(408, 422))  # fmt: skip
        return SqlApi(http, self.settings)

    def fetch(self, period: Period) -> Iterator[Raw | Enumerated]:
        now = self.now()
        reading = Reading(self._api(), self.settings, self.memory, now, self.asset)
        for item in reading.fetch(period):
            yield replace(item, context={"now": now}) if isinstance(item, Raw) else item
        self._speak_for([part for part in parts_of(self.settings) if part.name not in reading.missed])

    def parse(self, raw: Raw) -> Iterator[dict[str, Any]]:
        ours, now, row = self.settings, raw.context["now"], raw.data
        if raw.kind == PROBLEM:
            raise FactError(row)
        if raw.kind in _AT_A_MOMENT:
            yield from _AT_A_MOMENT[raw.kind](ours, self.asset, row, now)
        else:
            yield from _AS_IT_IS[raw.kind](ours, self.asset, row)

    def check(self) -> list[Finding]:
        try:
            api = self._api()
            found = [finding for part in parts_of(self.settings) for finding in self._checked(api, part)]
        except SourceError as error:
            return [Finding(False, "connection", str(error))]
        price = self.settings.credit_price
        missing = [] if price is not None else [Finding(
            True, "cost: not told, for credit_price is not set", "set credit_price, unless a FOCUS bill tells the cost"
        )]  # fmt: skip
        return [*found, *missing, self._own_cost(api)]

    def _checked(self, api: SqlApi, part: Part) -> Iterator[Finding]:
        """One finding a view, or for SHOW TASKS."""
        if part.name == "schedules" and part.build:
            statements: dict[str, Statement] = {"SHOW TASKS": part.build(self.settings, self.now(), self.now())}
        else:
            statements = {view: probe(view) for view in views(part, self.settings)}
        for view, statement in statements.items():
            try:
                api.rows(f"check/{part.name}", statement)
                yield Finding(True, f"{part.name}: {view}")
            except StatementFailed as error:
                yield Finding(False, f"{part.name}: {view}: {error}", remedy(part, self.settings))

    def _own_cost(self, api: SqlApi) -> Finding:
        """What our own statements cost; it is part of the warehouse's cost, so no fact tells it."""
        try:
            row = api.rows("check/own_cost", own_cost(self.settings, *own_period(self.now())))[0]
        except StatementFailed as error:
            return Finding(False, f"own cost: {error}", "GRANT DATABASE ROLE SNOWFLAKE.USAGE_VIEWER TO ROLE ...;")
        price = money.price(self.settings.credit_price, self.now().date())
        cost = "" if price is None else f", {row['credits'] * price:.2f} {self.settings.currency}"
        return Finding(True, f"own cost: {row['statements']} statements, {row['credits']:.3f} credits{cost} in 30 days")


_AT_A_MOMENT: dict[str, Callable[..., Iterator[dict[str, Any]]]] = {
    "metering": money.metering, "services": money.services, "storage": money.storage, "sizes": money.sizes,
    "queries": queries.facts, "writes": objects.write, "freshness": objects.freshness,
}  # fmt: skip
"""Parts whose facts depend on when they were read: a day's sums may still change, a time may lie ahead."""
_AS_IT_IS: dict[str, Callable[..., Iterator[dict[str, Any]]]] = {
    "table": objects.table, "altered": objects.altered, "tasks": objects.run, "schedules": objects.schedule,
    "lineage": objects.edge,
}  # fmt: skip
