"""Calls counted by outcome, and an index of those that are still to be filed."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

UNFILED = sa.text("crm_state = 'pending'")


def upgrade() -> None:
    """Make both. What is on file already is not counted: a counter need not begin at the beginning."""

    op.create_table(
        "counts",
        sa.Column("outcome", sa.String(12), primary_key=True),
        sa.Column("simulated", sa.Boolean, primary_key=True),
        sa.Column("total", sa.BigInteger, nullable=False),
    )
    op.create_index("calls_unfiled", "calls", ["crm_state", "ended_at"], sqlite_where=UNFILED, postgresql_where=UNFILED)


def downgrade() -> None:
    """Drop them."""

    op.drop_index("calls_unfiled", table_name="calls")
    op.drop_table("counts")
