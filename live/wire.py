"""Scripts over the wire: one round trip, sent now and read later.

redis-py sends and waits in one go. A webhook has its document to write meanwhile, so the question goes out first and
the answer is read when it is needed; by then it has usually come, and no process had to sleep for it.
"""

from __future__ import annotations

import hashlib
from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import NoScriptError, RedisError

from live.scripts import source


class Sent:
    """A script that is running; its answer must be read once, so that the connection can serve again."""

    def __init__(self, pool: Any, connection: Any, again: tuple[Any, ...]) -> None:
        self._pool, self._connection, self._again = pool, connection, again

    def read(self) -> Any:
        """Return the answer; raises RedisError."""
        try:
            try:
                return self._connection.read_response()
            except NoScriptError:  # a new server, or one that forgot: the text once, then the digest again
                self._connection.send_command("EVAL", *self._again)
                return self._connection.read_response()
        except (RedisError, OSError):
            self._connection.disconnect()
            raise
        finally:
            self._pool.release(self._connection)


class Wire:
    """Sends scripts by their digest."""

    def __init__(self, redis: Redis, names: tuple[str, ...]) -> None:
        self._pool: Any = redis.connection_pool
        self._texts = {name: source(name) for name in names}
        digests = {name: hashlib.sha1(text.encode(), usedforsecurity=False) for name, text in self._texts.items()}
        self._digests = {name: digest.hexdigest() for name, digest in digests.items()}

    def send(self, name: str, keys: list[str], argument: str) -> Sent:
        """Start a script; raises RedisError. A connection that turns out to be dead is replaced once."""
        try:
            return self._send(name, keys, argument)
        except LostConnection:
            return self._send(name, keys, argument)

    def _send(self, name: str, keys: list[str], argument: str) -> Sent:
        connection: Any = self._pool.get_connection()
        try:
            connection.send_command("EVALSHA", self._digests[name], len(keys), *keys, argument)
        except (RedisError, OSError):
            connection.disconnect()
            self._pool.release(connection)
            raise
        return Sent(self._pool, connection, (self._texts[name], len(keys), *keys, argument))
