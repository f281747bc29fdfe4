"""Call details, their recordings, and the notes taken while Redis was gone."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Change the tables."""

    op.create_table(
        "calls",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("number", sa.String(length=254), nullable=False),
        sa.Column("caller", sa.String(length=20), nullable=True),
        sa.Column("contact_type", sa.String(length=20), nullable=True),
        sa.Column("contact_id", sa.String(length=64), nullable=True),
        sa.Column("contact_name", sa.String(length=200), nullable=True),
        sa.Column("employee", sa.String(length=64), nullable=True),
        sa.Column("answered_by", sa.String(length=64), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wait_seconds", sa.Integer(), nullable=False),
        sa.Column("talk_seconds", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("forwarded_to", sa.String(length=254), nullable=True),
        sa.Column("mailbox", sa.String(length=80), nullable=True),
        sa.Column("out_of_hours", sa.Boolean(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("trace", sa.JSON(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("crm_state", sa.String(length=8), nullable=False),
        sa.Column("crm_reason", sa.Text(), nullable=True),
        sa.Column("crm_call_id", sa.String(length=128), nullable=True),
        sa.Column("crm_attempts", sa.Integer(), nullable=False),
        sa.Column("crm_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("calls_by_caller", "calls", ["caller", "started_at"], unique=False)
    op.create_index("calls_by_employee", "calls", ["employee", "started_at"], unique=False)
    op.create_index("calls_by_number", "calls", ["number", "started_at"], unique=False)
    op.create_index("calls_by_outcome", "calls", ["outcome", "started_at"], unique=False)
    op.create_index("calls_by_time", "calls", ["started_at"], unique=False)
    op.create_index("calls_to_file", "calls", ["crm_state", "crm_due_at"], unique=False)
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=128), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id", "key", name="notes_once"),
    )
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(length=128), nullable=False),
        sa.Column("call_id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("mailbox", sa.String(length=80), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("file", sa.String(length=300), nullable=True),
        sa.Column("content_type", sa.String(length=40), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_recordings_call_id"), "recordings", ["call_id"], unique=False)
    op.create_index("recordings_by_state", "recordings", ["state", "due_at"], unique=False)
    op.create_index("recordings_by_time", "recordings", ["recorded_at"], unique=False)


def downgrade() -> None:
    """Change them back."""

    op.drop_index("recordings_by_time", table_name="recordings")
    op.drop_index("recordings_by_state", table_name="recordings")
    op.drop_index(op.f("ix_recordings_call_id"), table_name="recordings")
    op.drop_table("recordings")
    op.drop_table("notes")
    op.drop_index("calls_to_file", table_name="calls")
    op.drop_index("calls_by_time", table_name="calls")
    op.drop_index("calls_by_outcome", table_name="calls")
    op.drop_index("calls_by_number", table_name="calls")
    op.drop_index("calls_by_employee", table_name="calls")
    op.drop_index("calls_by_caller", table_name="calls")
    op.drop_table("calls")
