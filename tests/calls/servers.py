"""A server that a test may kill."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from local import valkey


class Server:
    """A Valkey of one test, which may be killed, started again, and made to hang."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running = valkey.ensure(folder)
        self.url = self.running.url

    def is_killed(self) -> None:
        """End it without a warning."""
        process = self.running.process
        assert process is not None
        process.kill()
        process.wait()

    def comes_back(self) -> None:
        """Start it again, at the same address and with the same data."""
        self.running = valkey.ensure(self.folder)

    def hangs(self) -> None:
        """It accepts connections and says nothing."""
        assert self.running.pid is not None
        os.kill(self.running.pid, signal.SIGSTOP)
