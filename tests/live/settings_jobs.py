"""A job that tells which settings it goes by."""

from calls import archive, settings


def in_force(*, may_parse: bool) -> int | None:
    """Return the number of the revision; fails when a document would have to be parsed for that, and may not."""
    if not may_parse:
        archive.Archive._read = None  # type: ignore[method-assign, assignment]
    return settings.of_job().number
