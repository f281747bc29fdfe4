"""How often somebody may try to log in: counted in Redis for all processes, without it in each for itself."""

from __future__ import annotations

import ipaddress
import logging
import os
from functools import cache

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

THIS_MACHINE = "127.0.0.1"
"""Whose word is taken for whom it asks, where FORWARDED_ALLOW_IPS is not set and there is no router of a host."""

Limit = tuple[RateLimitItem, tuple[str, ...]]


class Throttle:
    """Counts attempts before a password is looked at, so that many at once are not all let through.

    One that succeeds is given back.
    """

    def __init__(self, redis: Redis) -> None:
        # The address is not used: the connections are the app's own.
        self._shared = RedisStorage("redis://", connection_pool=redis.connection_pool, key_prefix=keys.LOGINS)

    def enter(self, name: str, address: str) -> bool:
        """Count an attempt, and tell whether it may be made; one that may not counts no further than it must."""
        return all(self._hit(limit) for limit in _limits(name, address))

    def succeeded(self, name: str, address: str) -> None:
        """Take back what was counted for an attempt."""
        for item, who in _limits(name, address):
            try:
                _give_back(self._shared, item, who)
            except RedisError:
                _give_back(_alone(), item, who)

    def _hit(self, limit: Limit) -> bool:
        item, who = limit
        try:
            return FixedWindowRateLimiter(self._shared).hit(item, *who)
        except RedisError as error:
            log.warning("attempts to log in are counted in this process alone (%s)", error)
            return FixedWindowRateLimiter(_alone()).hit(item, *who)


def address_of(request: Request) -> str:
    """Return who asks, as far as can be known.

    A proxy says last of all for whom it asks; what was there before it is the word of a stranger. Who is a proxy says
    FORWARDED_ALLOW_IPS, as for the scheme (gunicorn.conf.py).
    """
    peer, said = request.remote_addr or "", request.headers.get("X-Forwarded-For", "")
    given = os.environ.get("FORWARDED_ALLOW_IPS") or ("*" if os.environ.get("DYNO") else THIS_MACHINE)
    return said.rpartition(",")[2].strip()[:64] if said and _is_proxy(peer, given) else peer


@cache
def _proxies(given: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(each.strip()) for each in given.split(",") if each.strip() not in ("", "*"))


def _is_proxy(peer: str, given: str) -> bool:
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return True  # a socket file: who writes to it is on this machine
    return "*" in given or any(address in each for each in _proxies(given))


@cache
def _alone() -> MemoryStorage:
    """What this process counts for itself."""
    return MemoryStorage()


def _give_back(storage: Storage, item: RateLimitItem, who: tuple[str, ...]) -> None:
    key = item.key_for(*who)
    if storage.get(key) > 0:
        storage.incr(key, item.get_expiry(), amount=-1)


def _limits(name: str, address: str) -> tuple[Limit, ...]:
    return (PAIR, ("pair", name, address)), (ADDRESS, ("address", address)), (NAME, ("name", name))
