"""An index of the few calls whose record is not settled yet."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

UNSETTLED = sa.text("settled_at IS NULL")


def upgrade() -> None:
    """Make it."""

    op.create_index("calls_unsettled", "calls", ["ended_at"], sqlite_where=UNSETTLED, postgresql_where=UNSETTLED)


def downgrade() -> None:
    """Drop it."""

    op.drop_index("calls_unsettled", table_name="calls")
