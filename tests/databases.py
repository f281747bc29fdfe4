"""A database with its tables, for tests that need one and ask nothing of what is in it."""

from __future__ import annotations

import atexit
from functools import cache
from tempfile import TemporaryDirectory

from calls.database import connect
from calls.upgrade import upgrade


@cache
def shared_database() -> str:
    """The address of one that all tests of this process share."""
    folder = TemporaryDirectory(prefix="ringpath-")
    atexit.register(folder.cleanup)
    url = f"sqlite:///{folder.name}/calls.sqlite"
    engine = connect(url)
    upgrade(engine)
    engine.dispose()
    return url
