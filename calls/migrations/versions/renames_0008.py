"""Keys of employees and groups that calls on file have still to follow."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table."""

    op.create_table(
        "renames",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("section", sa.String(20), nullable=False),
        sa.Column("old", sa.String(64), nullable=False),
        sa.Column("new", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop it; calls that have not followed yet stay where they are."""

    op.drop_table("renames")
