"""How often somebody may try to log in: counted in Redis for all processes, without it in each for itself."""

from __future__ import annotations

import ipaddress
import logging

from flask import Request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from redis import Redis
from redis.exceptions import RedisError

from live import keys

log = logging.getLogger("ringpath.web")

PAIR, NAME, ADDRESS = parse("5/15 minutes"), parse("50/hour"), parse("50/hour")
"""Failures of one name from one address; of a name from anywhere, so that many addresses do not help; of an address
with any name. The second is high enough that a stranger does not easily lock somebody out."""


class Throttle:
    """Counts failed attempts; success costs nothing."""

    def __init__(self, redis: Redis) -> None:
        pool = redis.connection_pool
        # The address is not used: the connections are the app's own.
        shared = RedisStorage("redis://", connection_pool=pool, key_prefix=keys.LOGINS)
        self._shared, self._alone = _counter(shared), _counter(MemoryStorage())

    def open(self, name: str, address: str) -> bool:
        """Whether another attempt may be made."""
        return all(self._asked("test", *limit) for limit in _limits(name, address))

    def failed(self, name: str, address: str) -> None:
        """Count a failure."""
        for limit in _limits(name, address):
            self._asked("hit", *limit)

    def _asked(self, what: str, item: RateLimitItem, *who: str) -> bool:
        try:
            return bool(getattr(self._shared, what)(item, *who))
        except RedisError as error:
            log.warning("attempts to log in are counted in this process alone (%s)", error)
            return bool(getattr(self._alone, what)(item, *who))


def address_of(request: Request) -> str:
    """Return who asks, as far as can be known.

    A host's router comes from a private address and says last of all for whom; what was there before it is the word
    of a stranger.
    """
    peer, said = request.remote_addr or "", request.headers.get("X-Forwarded-For", "")
    try:
        behind_router = bool(said) and ipaddress.ip_address(peer).is_private
    except ValueError:
        behind_router = bool(said)  # a socket file: the router is on this machine
    return said.rpartition(",")[2].strip()[:64] if behind_router else peer


def _counter(storage: Storage) -> FixedWindowRateLimiter:
    return FixedWindowRateLimiter(storage)


def _limits(name: str, address: str) -> tuple[tuple[RateLimitItem, *tuple[str, ...]], ...]:
    return (PAIR, "pair", name, address), (NAME, "name", name), (ADDRESS, "address", address)
