"""Room for the mailbox of a number that is a long SIP address."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = ("calls", "recordings")
SHORT, LONG = sa.String(length=80), sa.String(length=300)


def upgrade() -> None:
    """Change the tables."""

    for table in TABLES:
        with op.batch_alter_table(table) as change:
            change.alter_column("mailbox", existing_type=SHORT, type_=LONG, existing_nullable=True)


def downgrade() -> None:
    """Change them back; a longer one is cut."""

    for table in TABLES:
        op.execute(f"UPDATE {table} SET mailbox = substr(mailbox, 1, 80)")  # noqa: S608 - the names above
        with op.batch_alter_table(table) as change:
            change.alter_column("mailbox", existing_type=LONG, type_=SHORT, existing_nullable=True)
