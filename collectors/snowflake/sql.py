"""Every statement Tierline runs in Snowflake, with the columns it answers. All read; all group in Snowflake, so that no
single query, no query text and no user leaves it.

Times are literals with their zone; names come from the settings and are quoted. The session's zone is UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from collectors.snowflake.settings import SnowflakeSettings, SnowflakeWorkload
from slo.measure.samples import GAMMA

USAGE = "snowflake.account_usage"
_SYMBOL = "!"
"""Takes the meaning from what follows in a LIKE pattern."""


@dataclass(frozen=True)
class Statement:
    """One statement and the columns its answer must have."""

    sql: str
    columns: tuple[str, ...]


def literal(text: str) -> str:
    """The text as an SQL string."""
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def moment(at: datetime) -> str:
    """The instant as an SQL literal."""
    return f"'{at:%Y-%m-%dT%H:%M:%S}Z'::TIMESTAMP_LTZ"


def _within(column: str, start: datetime, end: datetime) -> str:
    return f"{column} >= {moment(start)} AND {column} < {moment(end)}"


def metering(ours: SnowflakeSettings, start: datetime, end: datetime) -> Statement:
    """Credits of every warehouse and day (hour); ``attributed`` is what queries used of ``compute``."""
    return Statement(
        f"SELECT warehouse_name AS warehouse, DATE_TRUNC('{ours.cost_period.upper()}', start_time) AS at, "
        "SUM(credits_used_compute) AS compute, SUM(credits_used_cloud_services) AS cloud, "
        "SUM(credits_attributed_compute_queries) AS attributed "
        f"FROM {USAGE}.warehouse_metering_history WHERE {_within('start_time', start, end)} "
        "GROUP BY 1, 2 ORDER BY 1, 2",
        ("warehouse", "at", "compute", "cloud", "attributed"),
    )  # fmt: skip


def services(ours: SnowflakeSettings, start: datetime, end: datetime) -> Statement:
    """Credits billed of every service and day, and the rebate on cloud services."""
    return Statement(
        "SELECT service_type AS service, usage_date AS day, SUM(credits_billed) AS billed, "
        "SUM(credits_adjustment_cloud_services) AS adjustment "
        f"FROM {USAGE}.metering_daily_history WHERE {_days('usage_date', start, end)} GROUP BY 1, 2 ORDER BY 1, 2",
        ("service", "day", "billed", "adjustment"),
    )


def storage(ours: SnowflakeSettings, start: datetime, end: datetime) -> Statement:
    """Bytes the account stored on average on every day: tables, stages, fail-safe."""
    return Statement(
        "SELECT usage_date AS day, storage_bytes + stage_bytes + failsafe_bytes AS bytes "
        f"FROM {USAGE}.storage_usage WHERE {_days('usage_date', start, end)} ORDER BY 1",
        ("day", "bytes"),
    )


def _days(column: str, start: datetime, end: datetime) -> str:
    return f"{column} >= '{start:%Y-%m-%d}'::DATE AND {column} < '{end:%Y-%m-%d}'::DATE"


def sizes(ours: SnowflakeSettings, start: datetime, end: datetime) -> Statement:
    """Bytes of every table as it is stored now, with what time travel, fail-safe and clones keep of it."""
    return Statement(
        "SELECT table_catalog AS database_name, table_schema AS schema_name, table_name AS name, "
        "SUM(active_bytes + time_travel_bytes + failsafe_bytes + retained_for_clone_bytes) AS bytes "
        f"FROM {USAGE}.table_storage_metrics WHERE NOT deleted GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        ("database_name", "schema_name", "name", "bytes"),
    )


def queries(ours: SnowflakeSettings, start: datetime, end: datetime) -> Statement:
    """How many queries of a workload and day took how long, in log buckets (null: no time at all). A compilation that
    failed has the type UNKNOWN; a SELECT that used no warehouse was answered from the cache."""
    types = ", ".join(literal(word) for word in ours.query_types)
    return Statement(
        f"SELECT {workload(ours)} AS workload, DATE_TRUNC('DAY', end_time) AS at, "
        "IFF(UPPER(execution_status) <> 'SUCCESS', 'failed', "
        "IFF(query_type = 'SELECT' AND warehouse_size IS NULL, 'cached', 'success')) AS outcome, "
        f"IFF(total_elapsed_time > 0, CEIL(LN(total_elapsed_time / 1000) / LN({GAMMA})), NULL)::INT AS bucket, "
        "COUNT(*) AS queries, SUM(COALESCE(bytes_scanned, 0)) AS bytes "
        f"FROM {USAGE}.query_history WHERE {_within('end_time', start, end)} "
        f"AND (query_type IN ({types}) OR (query_type = 'UNKNOWN' AND UPPER(execution_status) <> 'SUCCESS')) "
        "AND NOT COALESCE(is_client_generated_statement, FALSE) "
        f"AND NOT STARTSWITH(COALESCE(query_tag, ''), {literal(ours.query_tag + '/')}) "
        "GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        ("workload", "at", "outcome", "bucket", "queries", "bytes"),
    )


_GROUPS = {
    "warehouse": "COALESCE(warehouse_name, 'no warehouse')", "role": "COALESCE(role_name, 'no role')",
    # A tag that is JSON (dbt's) would make a workload of every query.
    "tag": "IFF(COALESCE(query_tag, '') = '', 'no tag', IFF(STARTSWITH(query_tag, '{'), 'other tags', query_tag))",
    "none": "'queries'",
}  # fmt: skip


def workload(ours: SnowflakeSettings) -> str:
    """The workload of a query: the first named one that matches, else what ``group_by`` says. A named one begins with
    "=", so that its name is never taken for a warehouse's."""
    cases = [f"WHEN {_matches(one)} THEN {literal('=' + one.name)}" for one in ours.workloads]
    return f"CASE {' '.join(cases)} ELSE {_GROUPS[ours.group_by]} END" if cases else _GROUPS[ours.group_by]


def _matches(one: SnowflakeWorkload) -> str:
    columns = {"query_tag": one.tag, "warehouse_name": one.warehouse, "role_name": one.role, "user_name": one.user}
    tests = [f"COALESCE({column}, '') ILIKE {_like(glob)}" for column, glob in columns.items() if glob]
    return " AND ".join(tests) or "TRUE"


def _like(glob: str) -> str:
    for symbol in (_SYMBOL, "%", "_"):
        glob = glob.replace(symbol, _SYMBOL + symbol)
    return f"{literal(glob.replace('*', '%').replace('?', '_'))} ESCAPE {literal(_SYMBOL)}"


def own_cost(ours: SnowflakeSettings, start: datetime, end: datetime) -> Statement:
    """Credits that Snowflake attributes to our own statements."""
    return Statement(
        "SELECT COUNT(*) AS statements, COALESCE(SUM(credits_attributed_compute), 0) AS credits "
        f"FROM {USAGE}.query_attribution_history WHERE {_within('start_time', start, end)} "
        f"AND STARTSWITH(COALESCE(query_tag, ''), {literal(ours.query_tag + '/')})",
        ("statements", "credits"),
    )


def probe(view: str) -> Statement:
    """Whether a view may be read; at most one row is looked at."""
    return Statement(f"SELECT COUNT(*) AS readable FROM (SELECT 1 AS one FROM {view} LIMIT 1)", ("readable",))


def quoted(name: str) -> str:
    """An identifier as Snowflake keeps it."""
    return '"' + name.replace('"', '""') + '"'


def newest(table: Sequence[str], column: str) -> Statement:
    """The greatest value of a column. A column's name in one case (loaded_at) is Snowflake's own upper case."""
    name = column.strip('"') if column.startswith('"') or column != column.lower() else column.upper()
    return Statement(f"SELECT MAX({quoted(name)}) AS newest FROM {'.'.join(map(quoted, table))}", ("newest",))
