"""The first schema: facts, the change log, states, results, bookkeeping.

Written out as it was on that day: later vocabularies come by later migrations.

Revision ID: 0001
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TYPES: dict[str, Any] = {
    "text": sa.Text(),
    "big": sa.BigInteger(),
    "real": sa.Double(),
    "flag": sa.Boolean(),
    "asset": KEY,
}

FACTS = {
    "asset": (
        "asset:asset kind:text valid_from:big tier:big owner:text team:text domain:text environment:text "
        "layer:text description:text tags:text classification:text retention:text encrypted:flag "
        "regulated:flag in_catalog:flag registered_by:text first_seen:big template:text components:text "
        "accountability:text tested:flag schedule:text schedule_tz:text paused:flag grace_seconds:real "
        "freshness:text freshness_objective:real quality_objective:real critical:flag retired:flag"
    ),
    "run": (
        "asset:asset responsible:text state:text trigger:text due_at:big started_at:big ended_at:big "
        "tries:big backfill:text days_covered:real bytes:real rows:real"
    ),
    "dataset_update": ("asset:asset at:big data_through:big backfill:flag"),
    "check_result": ("asset:asset check:text type:text severity:text outcome:text at:big"),
    "incident": (
        "title:text responsible:text started_at:big detected_at:big acknowledged_at:big resolved_at:big "
        "spans:text severity:big class_:text cause:text assets:text tier:big found_by:text change:text "
        "duplicate_of:text steps:text"
    ),
    "alert": (
        "rule:text asset:asset fired_at:big acknowledged_at:big resolved_at:big label:text incident:text dedup_key:text"
    ),
    "change": (
        "title:text kind:text asset:asset team:text environment:text at:big state:text failure:text "
        "user_visible:flag size:real"
    ),
    "work_item": (
        "title:text kind:text opened_at:big started_at:big due_at:big closed_at:big outcome:text "
        "priority:text severity:text size:text complexity:text asset:asset team:text"
    ),
    "meter": (
        "asset:asset at:big meter:text amount:real currency:text category:text provisional:flag until:big tz:text"
    ),
    "distribution": ("asset:asset at:big until:big tz:text metric:text outcome:text gamma:real zero:real buckets:text"),
    "edge": ("upstream:asset downstream:asset seen_at:big gone_at:big"),
    "survey_answer": ("at:big score:real scale:text audience:text"),
    "entry": (
        "kind:text at:big subject:text team:text quantity:real planned_at:big reviewed_at:big started_at:big "
        "done_at:big updated_at:big tier:big key:flag"
    ),
    "coverage": ("kinds:text start:big end:big"),
    "correction": ("target_fact:text target_source:text target_id:text set:text reason:text by:text ref:text at:big"),
    "exclusion": ("assets:text team:text tier:big kpis:text start:big end:big reason:text by:text ref:text"),
    "alias": ("old:text new:text"),
}
PLACED = [
    "asset", "run", "dataset_update", "check_result", "incident", "alert", "change", "work_item", "meter",
    "distribution", "edge", "survey_answer", "entry", "coverage",
]  # fmt: skip


def upgrade() -> None:
    for name in ("sources", "kpis"):
        op.create_table(name, _key("id"), sa.Column("name", sa.Text(), nullable=False, unique=True))
    op.create_table(
        "asset_names", _key("id"), sa.Column("name", sa.Text(), nullable=False, unique=True),
        sa.Column("canonical_id", KEY, sa.ForeignKey("asset_names.id")),
    )  # fmt: skip
    for kind, fields in FACTS.items():
        _create_facts(kind, dict(field.split(":") for field in fields.split()))
    _create_log()
    _create_states()
    _create_bookkeeping()


def _key(name: str, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, KEY, primary_key=True, **more)


def _source(**more: Any) -> sa.Column[Any]:
    return sa.Column("source_id", KEY, sa.ForeignKey("sources.id"), nullable=False, **more)


def _kpi(**more: Any) -> sa.Column[Any]:
    return sa.Column("kpi_id", KEY, sa.ForeignKey("kpis.id"), nullable=False, **more)


def _asset(name: str = "asset") -> sa.Column[Any]:
    return sa.Column(name, KEY, sa.ForeignKey("asset_names.id"))


def _text(*names: str, null: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text(), nullable=null) for name in names]


def _big(*names: str, null: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger(), nullable=null) for name in names]


def _create_facts(kind: str, fields: dict[str, str]) -> None:
    table = f"fact_{kind}"
    own = [_asset(name) if form == "asset" else sa.Column(name, TYPES[form]) for name, form in fields.items()]
    told = _big("told_at", null=True) if kind == "asset" else []
    op.create_table(
        table, _key("pk"), _source(), *_text("id"), *_big("revised_at", null=True),
        sa.Column("deleted", sa.Boolean(), nullable=False), *_text("url", null=True), *own,
        *_big("placed_at", null=True), *_text("collected", null=True), *told,
    )  # fmt: skip
    op.create_index(f"ix_{table}_identity", table, ["source_id", "id"], unique=True)
    if kind in PLACED:
        op.create_index(f"ix_{table}_placed", table, ["placed_at"])
        if "asset" in fields:
            op.create_index(f"ix_{table}_asset", table, ["asset", "placed_at"])
    _index_more(kind, table)


def _index_more(kind: str, table: str) -> None:
    if kind == "run":
        op.create_index(f"ix_{table}_ended_at", table, ["ended_at"])
        _index_where_told(table, "backfill")
        floating = sa.text("due_at IS NULL")
        op.create_index(f"ix_{table}_floating", table, ["asset"], sqlite_where=floating, postgresql_where=floating)
    elif kind == "incident":
        op.create_index(f"ix_{table}_resolved_at", table, ["resolved_at"])
        _index_where_told(table, "cause")
    if kind == "alert":
        _index_where_told(table, "acknowledged_at")
        _index_where_told(table, "dedup_key")
    elif kind == "correction":
        op.create_index(f"ix_{table}_target", table, ["target_fact", "target_id"])


def _index_where_told(table: str, column: str) -> None:
    only = sa.text(f"{column} IS NOT NULL")
    op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=only, postgresql_where=only)


def _create_log() -> None:
    op.create_table(
        "told", _source(primary_key=True, autoincrement=False), sa.Column("kind", sa.Text(), primary_key=True),
        *_big("facts"), *_big("earliest", null=True),
    )  # fmt: skip
    op.create_table(
        "changes", _key("seq", autoincrement=True), *_text("kind"), sa.Column("pk", KEY, nullable=False),
        *_text("old", null=True), sqlite_autoincrement=True,
    )  # fmt: skip


def _create_states() -> None:
    op.create_table(
        "dims", _key("id"), *_text("slice"), sa.Column("tier", sa.SmallInteger()),
        *_text("team", "domain", "environment", null=True),
    )  # fmt: skip
    op.create_index("ix_dims_slice", "dims", ["slice"])
    op.create_table(
        "states", _key("pk"), _kpi(), _asset(), sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("dim_id", KEY, sa.ForeignKey("dims.id"), nullable=False), *_text("state"),
        *_big("valid_from", "valid_until", null=True), *_text("member", "matches", null=True),
    )  # fmt: skip
    op.create_index("ix_states_unit", "states", ["kpi_id", "asset", "day"])
    op.create_index("ix_states_day", "states", ["kpi_id", "day"])
    only = sa.text("valid_until IS NOT NULL")
    op.create_index("ix_states_until", "states", ["kpi_id", "valid_until"], sqlite_where=only, postgresql_where=only)
    op.create_table(
        "rollups", _kpi(primary_key=True, autoincrement=False),
        sa.Column("day", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("dim_id", KEY, sa.ForeignKey("dims.id"), primary_key=True, autoincrement=False), *_text("state"),
        *_big("valid_from", "valid_until", null=True),
    )  # fmt: skip
    op.create_table(
        "marks", _key("id", autoincrement=True), _kpi(), _asset(), sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer()), sqlite_autoincrement=True,
    )  # fmt: skip
    op.create_index("ix_marks_unit", "marks", ["kpi_id", "asset"])


def _create_bookkeeping() -> None:
    op.create_table("meta", sa.Column("key", sa.Text(), primary_key=True), *_text("value"))
    op.create_table("leases", sa.Column("name", sa.Text(), primary_key=True), *_text("holder"), *_big("until"))
    op.create_table(
        "results", sa.Column("as_of", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )  # fmt: skip
    op.create_table("source_states", _source(primary_key=True, autoincrement=False), *_text("state"))
    op.create_table(
        "source_runs", _key("id"), _source(), *_big("started", "ended"), sa.Column("ok", sa.Boolean(), nullable=False),
        *_big("facts", "set_aside"), *_text("error", null=True),
    )  # fmt: skip
    op.create_index("ix_source_runs_source", "source_runs", ["source_id", "id"])
    op.create_table("set_asides", _key("id"), _source(), *_text("place", "record", "error"), *_big("at"))
    op.create_index("ix_set_asides_source", "set_asides", ["source_id", "place"])
