"""A server that a test may kill."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from redis import Redis

from local import CannotStartError, postgres, valkey
from tests.databases import NOT_TESTED, VARIABLE
from tests.waiting import until


class Server:
    """A Valkey of one test, which may be killed, started again, and made to hang."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running = valkey.ensure(folder)
        self.url = self.running.url
        self._answers = True

    def is_killed(self) -> None:
        """End it without a warning, with what it has been told handed to the disk."""
        process = self.running.process
        assert process is not None
        if self._answers and process.poll() is None:
            with Redis.from_url(self.url) as redis:  # with a slow disk, it puts that off for up to two seconds
                until(lambda: redis.info("persistence")["aof_buffer_length"] == 0)
        process.kill()
        process.wait()

    def comes_back(self) -> None:
        """Start it again, at the same address and with the same data."""
        self.running = valkey.ensure(self.folder)
        self._answers = True

    def hangs(self) -> None:
        """It accepts connections and says nothing."""
        assert self.running.pid is not None
        self._answers = False
        os.kill(self.running.pid, signal.SIGSTOP)


class PostgresServer:
    """A PostgreSQL of one test, which may be stopped, killed, and started again."""

    def __init__(self) -> None:
        if not os.environ.get(VARIABLE):
            pytest.skip(NOT_TESTED)
        try:
            self._folder = postgres.create()
        except CannotStartError as problem:
            pytest.skip(str(problem))
        self.comes_back()
        self.url = self._running.url

    def stops(self) -> None:
        """End it, and the connections to it."""
        postgres.stop(self._running)

    def is_killed(self) -> None:
        """End it as a crash would, with nothing written down but its log of changes."""
        self._running.process.send_signal(signal.SIGQUIT)
        self._running.process.wait()

    def comes_back(self) -> None:
        """Start it, at the same address and with the same data."""
        self._running = postgres.start(self._folder)

    def is_forgotten(self) -> None:
        """End it and remove what it held."""
        if self._running.process.poll() is None:
            self.stops()
        postgres.forget(self._folder)
