"""The tables: what is kept of each call, for good. Times are aware and UTC; what changes here needs a migration."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect


class Moment(TypeDecorator[datetime]):
    """An aware datetime; SQLite keeps no time zone, so UTC goes in and comes out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn into UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Turn into UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()

UNSETTLED = "settled_at IS NULL"
"""Few calls are: looked for every few seconds, among all that there ever were."""

UNFILED = "crm_state = 'pending'"
"""Which wait to be filed; of all that there ever were, they are few as well."""

calls = Table(
    "calls",
    metadata,
    Column("id", String(128), primary_key=True),  # the provider's CallSid
    Column("number", String(254), nullable=False),  # the key of the number in the settings, else what was dialled
    Column("caller", String(20)),  # E.164; none when withheld
    Column("contact_type", String(20)),
    Column("contact_id", String(64)),
    Column("contact_name", String(200)),
    Column("employee", String(64)),  # who owns the call
    Column("answered_by", String(64)),  # the employee who spoke
    Column("started_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("ended_at", Moment, nullable=False),
    Column("wait_seconds", Integer, nullable=False),
    Column("talk_seconds", Integer, nullable=False),
    Column("outcome", String(12), nullable=False),  # calls.outcomes
    Column("code", String(8), nullable=False),
    Column("forwarded_to", String(254)),
    Column("mailbox", String(300)),  # kind:key, such as group:sales; a number may be a long SIP address
    Column("out_of_hours", Boolean, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("trace", JSON, nullable=False),
    Column("settled_at", Moment),  # when all that the provider told had been taken in
    Column("crm_state", String(8), nullable=False),  # pending, filed, skipped, failed
    Column("crm_reason", Text),
    Column("crm_call_id", String(128)),
    Column("crm_attempts", Integer, nullable=False),
    Column("crm_due_at", Moment),  # pending: not to be taken up before; a worker that files it moves it ahead
    Index("calls_by_time", "started_at"),
    Index("calls_by_caller", "caller", "started_at"),
    Index("calls_by_employee", "employee", "started_at"),
    Index("calls_by_number", "number", "started_at"),
    Index("calls_by_outcome", "outcome", "started_at"),
    Index("calls_to_file", "crm_state", "crm_due_at"),
    Index("calls_unsettled", "ended_at", sqlite_where=text(UNSETTLED), postgresql_where=text(UNSETTLED)),
    # Its first column says nothing that its condition does not, but SQLite would else prefer calls_to_file, and sort.
    Index("calls_unfiled", "crm_state", "ended_at", sqlite_where=text(UNFILED), postgresql_where=text(UNFILED)),
)

counts = Table(
    "counts",
    metadata,
    Column("outcome", String(12), primary_key=True),  # that a call had when its record was first settled
    Column("simulated", Boolean, primary_key=True),
    Column("total", BigInteger, nullable=False),
)
"""Calls counted by outcome (calls.counts)."""

recordings = Table(
    "recordings",
    metadata,
    Column("id", String(128), primary_key=True),  # the provider's RecordingSid
    Column("call_id", String(128), nullable=False, index=True),
    Column("kind", String(10), nullable=False),  # recording, voicemail
    Column("mailbox", String(300)),
    Column("url", Text, nullable=False),  # at the provider
    Column("seconds", Integer, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("state", String(8), nullable=False),  # remote (at the provider), pending, kept, silent, failed, removed
    Column("reason", Text),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment),  # pending: not to be fetched before
    Column("file", String(300)),  # its name where recordings are kept
    Column("content_type", String(40)),
    Column("size", Integer),  # bytes
    Column("attached_at", Moment),  # to the call in the CRM
    Index("recordings_by_state", "state", "due_at"),
    Index("recordings_by_time", "recorded_at"),
)

notes = Table(
    "notes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("call_id", String(128), nullable=False),
    Column("key", String(200), nullable=False),  # the same when the provider repeats itself
    Column("noted_at", Moment, nullable=False),
    Column("notes", JSON, nullable=False),
    UniqueConstraint("call_id", "key", name="notes_once"),
)
"""Decisions that were taken while Redis was gone, so that the trace of a call has no hole."""

contacts = Table(
    "contacts",
    metadata,
    Column("number", String(20), primary_key=True),  # E.164
    Column("name", String(200), nullable=False),
    Column("company", String(200)),
    Column("employee", String(64)),  # responsible
    Column("source", String(10), nullable=False),  # settings, import
    Column("updated_at", Moment, nullable=False),
)

blocks = Table(
    "blocks",
    metadata,
    Column("number", String(20), primary_key=True),  # E.164
    Column("reason", String(200), nullable=False),
    Column("automatic", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),  # none: for good
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("caller", String(20), nullable=False),
    Column("called_at", Moment, nullable=False),
    Column("how", String(200), nullable=False),
    UniqueConstraint("caller", "called_at", name="callbacks_once"),
)
"""Callers who were called back, which settles their missed calls."""

tokens = Table(
    "tokens",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("sealed", Text, nullable=False),  # encrypted with a key from SECRET_KEY
    Column("updated_at", Moment, nullable=False),
)

revisions = Table(
    "revisions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 …; the highest is in force
    Column("digest", String(12), nullable=False, index=True),  # Company.revision, which the addresses of calls carry
    Column("document", Text, nullable=False),  # the settings as they were written
    Column("author", String(100), nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("comment", Text, nullable=False),
)

renames = Table(
    "renames",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("section", String(20), nullable=False),  # of the settings: employees, groups
    Column("old", String(64), nullable=False),
    Column("new", String(64), nullable=False),
    Column("at", Moment, nullable=False),  # calls that began before it follow
)
"""Keys that calls on file have still to follow (calls.renamed)."""

drafts = Table(
    "drafts",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # 1: there is one draft
    Column("document", Text, nullable=False),
    Column("base", Integer),  # the revision that it was made from; none: there was none
    Column("version", Integer, nullable=False),  # counts how often it was saved
    Column("author", String(100), nullable=False),
    Column("saved_at", Moment, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(254), nullable=False, unique=True),  # what is typed to log in, in small letters
    Column("password", String(200)),  # a hash (argon2); none until one was chosen
    Column("employee", String(64)),  # whose telephone is this user's
    Column("roles", JSON, nullable=False),  # web.access.Role
    Column("language", String(5)),  # none: what the browser asks for
    Column("active", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
)

permissions = Table(
    "permissions",
    metadata,
    Column("role", String(30), primary_key=True),
    Column("permission", String(30), primary_key=True),
    Column("level", Integer, nullable=False),  # web.access.Level
)
"""What a role may do where an administrator has changed it; web.access has what holds otherwise."""

sessions = Table(
    "sessions",
    metadata,
    Column("token", String(64), primary_key=True),  # a digest: whoever reads the table cannot log in with it
    Column("user_id", Integer, nullable=False, index=True),
    Column("began_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("browser", String(200), nullable=False),  # as it names itself
)
