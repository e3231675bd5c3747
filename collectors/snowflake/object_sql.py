"""The statements about tables, their tags, writes and lineage, and about tasks: see sql."""

from __future__ import annotations

from datetime import datetime, timedelta

from collectors.snowflake.settings import SnowflakeSettings
from collectors.snowflake.sql import USAGE, Statement, moment

_LONGEST = timedelta(days=2)
"""So long a query or a task graph may run and still be seen whole."""
_STORED = "('Table', 'View', 'Materialized view', 'External table', 'Dynamic table', 'Iceberg table')"
"""objectDomain of what holds rows; a stage or a function is no dataset."""


def tables(ours: SnowflakeSettings, start: datetime, end: datetime) -> Statement:
    """Every table and view there is."""
    return Statement(
        "SELECT table_catalog AS database_name, table_schema AS schema_name, table_name AS name, table_type AS type, "
        f"comment AS description, last_altered AS altered FROM {USAGE}.tables WHERE deleted IS NULL ORDER BY 1, 2, 3",
        ("database_name", "schema_name", "name", "type", "description", "altered"),
    )


def tags(ours: SnowflakeSettings, start: datetime, end: datetime) -> Statement:
    """Tags set on databases, schemas, tables and views; columns' are left out."""
    return Statement(
        "SELECT tag_name AS tag, tag_value AS value, domain, object_database AS database_name, "
        "object_schema AS schema_name, object_name AS name "
        f"FROM {USAGE}.tag_references WHERE object_deleted IS NULL AND column_name IS NULL "
        "AND domain NOT IN ('COLUMN', 'USER', 'ROLE', 'ACCOUNT') ORDER BY 1, 2, 3, 4, 5, 6",
        ("tag", "value", "domain", "database_name", "schema_name", "name"),
    )


def dml(ours: SnowflakeSettings, start: datetime, end: datetime) -> Statement:
    """Hours in which rows of a table were added, removed or updated; maintenance is not among them."""
    return Statement(
        "SELECT database_name, schema_name, table_name AS name, end_time AS slot, end_time AS at "
        f"FROM {USAGE}.table_dml_history WHERE end_time >= {moment(start)} AND end_time < {moment(end)} "
        "GROUP BY 1, 2, 3, 4, 5 HAVING SUM(rows_added + rows_removed + rows_updated) > 0 ORDER BY 1, 2, 3, 4",
        ("database_name", "schema_name", "name", "slot", "at"),
    )


def accesses(ours: SnowflakeSettings, start: datetime, end: datetime) -> Statement:
    """The last write of every table and five minutes that changed rows."""
    return Statement(
        "SELECT f.value:objectName::VARCHAR AS object, TIME_SLICE(q.end_time::TIMESTAMP_NTZ, 5, 'MINUTE') AS slot, "
        f"MAX(q.end_time) AS at FROM {USAGE}.access_history a JOIN {USAGE}.query_history q ON q.query_id = a.query_id, "
        "LATERAL FLATTEN(input => a.objects_modified) f "
        f"WHERE a.query_start_time >= {moment(start - _LONGEST)} AND q.end_time >= {moment(start)} "
        f"AND q.end_time < {moment(end)} AND COALESCE(q.rows_inserted, 0) + COALESCE(q.rows_updated, 0) "
        "+ COALESCE(q.rows_deleted, 0) > 0 "
        "GROUP BY 1, 2 ORDER BY 1, 2",
        ("object", "slot", "at"),
    )


def lineage(ours: SnowflakeSettings, start: datetime, end: datetime) -> Statement:
    """Pairs of what a query read and what it wrote."""
    return Statement(
        "SELECT DISTINCT u.value:objectName::VARCHAR AS upstream, d.value:objectName::VARCHAR AS downstream "
        f"FROM {USAGE}.access_history a, LATERAL FLATTEN(input => a.direct_objects_accessed) u, "
        f"LATERAL FLATTEN(input => a.objects_modified) d WHERE a.query_start_time >= {moment(start)} "
        f"AND a.query_start_time < {moment(end)} AND u.value:objectDomain::VARCHAR IN {_STORED} "
        f"AND d.value:objectDomain::VARCHAR IN {_STORED} "
        "AND u.value:objectName::VARCHAR <> d.value:objectName::VARCHAR ORDER BY 1, 2",
        ("upstream", "downstream"),
    )


def tasks(ours: SnowflakeSettings, start: datetime, end: datetime) -> Statement:
    """Runs of task graphs: of every task its last attempt counts; the graph bears the name of its first task."""
    return Statement(
        "SELECT database_name, schema_name, MIN_BY(task, due) AS name, graph, MIN(due) AS scheduled, "
        "MIN(began) AS started, MAX(ended) AS completed, MAX(attempts) AS tries, "
        "COUNT_IF(STARTSWITH(outcome, 'FAILED')) AS failed, COUNT_IF(outcome = 'CANCELLED') AS cancelled, "
        "COUNT_IF(outcome = 'SUCCEEDED') AS succeeded, MIN_BY(cause, due) AS origin FROM ("
        "SELECT database_name, schema_name, name AS task, root_task_id, graph_run_group_id AS graph, "
        "MIN(scheduled_time) AS due, MIN(query_start_time) AS began, MAX(completed_time) AS ended, "
        "MAX(attempt_number) AS attempts, MAX_BY(state, attempt_number) AS outcome, "
        f"MIN_BY(scheduled_from, attempt_number) AS cause FROM {USAGE}.task_history "
        f"WHERE scheduled_time >= {moment(start - _LONGEST)} AND graph_run_group_id IN ("
        f"SELECT graph_run_group_id FROM {USAGE}.task_history WHERE completed_time >= {moment(start)} "
        f"AND completed_time < {moment(end)}) GROUP BY 1, 2, 3, 4, 5) one_task "
        "GROUP BY database_name, schema_name, root_task_id, graph ORDER BY graph",
        ("database_name", "schema_name", "name", "graph", "scheduled", "started", "completed", "tries", "failed",
         "cancelled", "succeeded", "origin"),
    )  # fmt: skip


def schedules(ours: SnowflakeSettings, start: datetime, end: datetime) -> Statement:
    """Every task the role sees: its schedule and whether it is suspended."""
    return Statement(
        "SHOW TASKS IN ACCOUNT",
        ("name", "database_name", "schema_name", "schedule", "predecessors", "state", "comment"),
    )
