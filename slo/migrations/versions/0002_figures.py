"""Figures: what KPIs of one's own rest on.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "fact_figure",
        sa.Column("pk", KEY, primary_key=True),
        sa.Column("source_id", KEY, sa.ForeignKey("sources.id"), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("revised_at", sa.BigInteger()),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("asset", KEY, sa.ForeignKey("asset_names.id")),
        *(sa.Column(name, sa.BigInteger()) for name in ("at", "until")),
        *(sa.Column(name, sa.Text()) for name in ("tz", "kpi")),
        *(sa.Column(name, sa.BigInteger()) for name in ("good", "bad")),
        sa.Column("value", sa.Double()),
        sa.Column("placed_at", sa.BigInteger()),
        sa.Column("collected", sa.Text()),
    )
    op.create_index("ix_fact_figure_identity", "fact_figure", ["source_id", "id"], unique=True)
    op.create_index("ix_fact_figure_placed", "fact_figure", ["placed_at"])
    op.create_index("ix_fact_figure_asset", "fact_figure", ["asset", "placed_at"])
