"""Settings that somebody publishes in a test."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine

from calls import revisions


def publish(engine: Engine, document: str, *, author: str = "eva", comment: str = "") -> int:
    """Publish a document over whatever is in force; its number."""
    with engine.begin() as connection:
        base = revisions.newest_number(connection)
        now = datetime.now(UTC)
        return revisions.publish(connection, document, author=author, comment=comment, now=now, base=base)
