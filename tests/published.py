"""Settings that somebody publishes in a test."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine

from calls import revisions, settings


def publish(
    engine: Engine, document: str, *, author: str = "eva", comment: str = "", now: datetime | None = None
) -> int:
    """Publish a document over whatever is in force, now or then; its number."""
    checked = revisions.check(document)
    with engine.begin() as connection:
        base = revisions.newest_number(connection)
        at = now or datetime.now(UTC)
        return revisions.publish(connection, checked, author=author, comment=comment, now=at, base=base)


def forget_settings() -> None:
    """Let jobs of this process read the settings anew, and leave no connection of theirs behind."""
    if settings.of_process.cache_info().currsize:
        settings.of_process().close()
    settings.of_process.cache_clear()
