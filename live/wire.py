"""Scripts over the wire: one round trip, sent now and read later.

redis-py sends and waits in one go, and looks at a pooled connection before it lends it. A webhook has its document to
write meanwhile, so the question goes out first and the answer is read when it is needed; by then it has usually come.
And whether a connection lives shows when it is used: every script may be repeated, so a dead one is replaced and asked
again, once. Both were measured to matter (docs/measurements.md).
"""

from __future__ import annotations

import hashlib
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from hiredis import pack_command
from redis import Redis
from redis.exceptions import ConnectionError as LostConnectionError
from redis.exceptions import NoScriptError, ReadOnlyError, RedisError

from live.scripts import source

MOST_CONNECTIONS = 3
"""Connections of one web process for scripts. Each is busy for a fraction of a millisecond, and small Redis plans allow
only 20 in all: with two more for everything else (live.connection), two web processes have 10, and a worker up to 7."""

LONGEST_QUEUE = 4.0
"""Seconds to wait for one of them, as in a burst of calls: a caller who waits so long is still answered in time."""


A_MOMENT, MOVES, LAG = 1.0, 10, 0.025
"""A queue in which fewer scripts than that are done in such a moment (seconds) is not worth waiting in: Redis itself is
slow, and whoever waits is answered sooner without it. Unless a moment is longer here than it should be, by such a lag:
then it is this process that has too much to do, and Redis is not to blame."""


class GivenUpError(RedisError):
    """A script was not sent: Redis has just failed others, or every connection stayed busy."""


class Sent:
    """A script that is running; its answer must be read, once, so that the connection can serve again."""

    def __init__(self, wire: Wire, connection: Any, command: tuple[Any, ...], text: str) -> None:
        self._wire, self._connection, self._command, self._text = wire, connection, command, text

    def read(self) -> Any:
        """Return the answer; raises RedisError.

        Whatever breaks off the reading also closes the connection (redis-py does), so that a late answer is never read
        by the next request.
        """
        try:
            return self._read()
        except (LostConnectionError, ReadOnlyError):
            # It died while it was idle, with a restarted server perhaps; or it leads to what was the primary before a
            # failover, and the same address to another server by now.
            self._connection.disconnect()
            self._connection.send_command(*self._command)
            return self._read()
        finally:
            self._wire.take_back(self._connection)

    def _read(self) -> Any:
        try:
            return self._connection.read_response()
        except NoScriptError:  # a new server, or one that forgot: the text itself, once
            self._connection.send_command("EVAL", self._text, *self._command[2:])
            return self._connection.read_response()


class Wire:
    """Sends scripts by their digest, over a few connections of its own; they are closed when nobody has it any more."""

    def __init__(self, redis: Redis, names: tuple[str, ...], *, is_down: Callable[[], bool]) -> None:
        self._is_down = is_down
        self._redis: Any = redis
        self._pool: Any = redis.connection_pool
        self._idle: deque[Any] = deque([None] * MOST_CONNECTIONS)  # None: one that may be made
        weakref.finalize(self, _hang_up, self._idle).atexit = False
        self._done = 0
        self._queue, self._waiting = threading.Condition(), 0
        self._texts = {name: source(name) for name in names}
        digests = {name: hashlib.sha1(text.encode(), usedforsecurity=False) for name, text in self._texts.items()}
        self._digests = {name: digest.hexdigest() for name, digest in digests.items()}

    def send(self, name: str, keys: list[str], *arguments: str | bytes) -> Sent:
        """Start a script; raises RedisError, GivenUpError when it was not even tried."""
        if self._is_down():
            raise GivenUpError("not asked")
        connection = self._take()
        if self._is_down():  # by now: whoever waited need not pay the time-out again
            self._put(connection)
            raise GivenUpError("not asked")
        connection = connection or self._pool.connection_class(**self._pool.connection_kwargs)
        command = ("EVALSHA", self._digests[name], len(keys), *keys, *arguments)
        try:
            self._write(connection, command)
        except BaseException:
            connection.disconnect()
            self.take_back(connection)
            raise
        return Sent(self, connection, command, self._texts[name])

    def run(self, name: str, many: Iterable[tuple[list[str], Iterable[str | bytes]]]) -> None:
        """Run a script for each of many, its keys and arguments, in one round trip; raises RedisError."""
        if self._is_down():
            raise GivenUpError("not asked")
        with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.script_load(self._texts[name])
            for keys, arguments in many:
                pipeline.evalsha(self._digests[name], len(keys), *keys, *arguments)
            pipeline.execute()

    def _take(self) -> Any:
        """Take a connection, or None that allows to make one; as a rule there is one, and no lock is needed."""
        if not self._waiting:  # or whoever came first would mostly find it taken
            with suppress(IndexError):
                return self._idle.pop()
        return self._queued()

    def _queued(self) -> Any:
        """Wait for a connection, as long as the queue for them moves; raises GivenUpError."""
        before, until = self._done, time.monotonic() + A_MOMENT
        taken: list[Any] = []

        def take() -> bool:
            with suppress(IndexError):
                taken.append(self._idle.pop())
            return bool(taken)

        with self._queue:
            self._waiting += 1
            try:
                if not self._queue.wait_for(take, A_MOMENT):
                    moves = self._done - before >= MOVES or time.monotonic() - until > LAG
                    if not (moves and self._queue.wait_for(take, LONGEST_QUEUE - A_MOMENT)):
                        raise GivenUpError("not asked")
            finally:
                self._waiting -= 1
        return taken[0]

    def _write(self, connection: Any, command: tuple[Any, ...]) -> None:
        fresh = not connection.is_connected
        packed = [pack_command(command)]  # as redis-py has it done, which first looks at each argument once more
        try:
            connection.send_packed_command(packed)
        except LostConnectionError:
            if fresh:
                raise
            connection.disconnect()
            connection.send_packed_command(packed)

    def take_back(self, connection: Any) -> None:
        """Keep a connection for the next script."""
        self._done += 1
        self._put(connection)

    def _put(self, connection: Any) -> None:
        self._idle.append(connection)
        if self._waiting:  # whoever begins to wait says so before he looks once more
            with self._queue:
                self._queue.notify()


def _hang_up(connections: deque[Any]) -> None:
    """Close what is connected."""
    for connection in filter(None, connections):
        connection.disconnect()
