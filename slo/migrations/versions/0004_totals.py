"""Passes over sources: what the source itself counts, what of it came, and how far its newest lay behind.

Revision ID: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    for name in ("told", "taken", "lag"):
        op.add_column("source_runs", sa.Column(name, sa.BigInteger()))
