"""The ledger: closed periods, what has come since, disputes; and when changes arrived.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(name: str = "id") -> sa.Column[int]:
    return sa.Column(name, KEY, primary_key=True, autoincrement=False)


def _of_period(**options: bool) -> sa.Column[int]:
    return sa.Column("period_id", KEY, sa.ForeignKey("ledger_periods.id"), **options)  # type: ignore[arg-type]


def upgrade() -> None:
    op.create_table("arrivals", _key("seq"), sa.Column("at", sa.BigInteger(), nullable=False))
    op.create_table(
        "ledger_periods",
        _key(),
        sa.Column("name", sa.Text(), nullable=False, unique=True),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "ledger_lines",
        _of_period(primary_key=True, autoincrement=False),
        sa.Column("kpi", sa.Text(), primary_key=True),
        sa.Column("scope", sa.Text(), primary_key=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "ledger_documents",
        _of_period(primary_key=True, autoincrement=False),
        sa.Column("scope", sa.Text(), primary_key=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "ledger_causes",
        _key(),
        _of_period(nullable=False),
        sa.Column("kpi", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_index("ix_ledger_causes_line", "ledger_causes", ["period_id", "kpi"])
    op.create_table(
        "ledger_restatements",
        _key(),
        _of_period(nullable=False),
        sa.Column("kpi", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_index("ix_ledger_restatements_line", "ledger_restatements", ["period_id", "kpi", "scope"])
    op.create_table(
        "ledger_disputes",
        _key(),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("kpi", sa.Text(), nullable=False),
        sa.Column("domain", sa.Text()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text()),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger()),
        sa.Column("settlement", sa.Text()),
    )
