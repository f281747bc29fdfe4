"""A worker that also knows a job that tells which settings it goes by: `python -m tests.live.settings_jobs`."""

import sys

from calls import archive, settings
from live import queue, worker

IN_FORCE = "tests.live.settings_jobs.in_force"


def in_force(*, may_parse: bool) -> int | None:
    """Return the number of the revision; fails when a document would have to be parsed for that, and may not."""
    if not may_parse:
        archive.Archive._read = None  # type: ignore[method-assign, assignment]
    return settings.of_job().number


if __name__ == "__main__":
    queue.KNOWN = queue.KNOWN | {IN_FORCE}
    sys.exit(worker.main())
