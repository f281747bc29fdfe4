"""Users of the web pages, what their roles may do, and their sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""

    op.create_table(
        "users",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(254), nullable=False, unique=True),
        sa.Column("password", sa.String(200)),
        sa.Column("employee", sa.String(64)),
        sa.Column("roles", sa.JSON, nullable=False),
        sa.Column("language", sa.String(5)),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "permissions",
        sa.Column("role", sa.String(30), primary_key=True),
        sa.Column("permission", sa.String(30), primary_key=True),
        sa.Column("level", sa.Integer, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("token", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.Integer, nullable=False, index=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("browser", sa.String(200), nullable=False),
    )


def downgrade() -> None:
    """Drop them."""

    for name in ("sessions", "permissions", "users"):
        op.drop_table(name)
