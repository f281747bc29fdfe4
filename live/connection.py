"""Redis, connected in one place for web and worker."""

from __future__ import annotations

import weakref
from typing import Any

from redis import BlockingConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import ReadOnlyError
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry

ANSWER_WITHIN = 0.5
"""Seconds a webhook waits for Redis before it routes the call without."""

MOST_CONNECTIONS = 2
"""Connections of one web process besides those of its scripts (live.wire)."""


def connect(url: str, *, answer_within: float | None = ANSWER_WITHIN) -> Redis:
    """Connect to a redis://, rediss:// or unix:// address; nothing is sent yet. Closed when nobody has it any more.

    `answer_within` None waits for ever, as a worker on an empty queue must. Heroku's certificates are self-signed, so
    rediss:// does not check them unless the address says ?ssl_cert_reqs=required.
    """
    options: dict[str, Any] = {}
    if url.startswith("rediss://") and "ssl_cert_reqs" not in url:
        options |= {"ssl_cert_reqs": "none", "ssl_check_hostname": False}
    settings: dict[str, Any] = {
        "socket_timeout": answer_within,
        "socket_connect_timeout": ANSWER_WITHIN,
        # A pooled connection may have died with a restarted server, or lead to what was the primary before a failover:
        # once more, at once, on a new one.
        "retry": Retry(NoBackoff(), 1),
        "retry_on_error": [ReadOnlyError],
        # Each would be asked of the server before the first question of a new connection; a Redis far away, or slow,
        # would be waited for three times more.
        "driver_info": None,
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
        **options,
    }
    if answer_within is None:
        return Redis.from_url(url, **settings)
    pool = BlockingConnectionPool.from_url(url, max_connections=MOST_CONNECTIONS, timeout=answer_within, **settings)
    client = Redis(connection_pool=pool)
    weakref.finalize(client, pool.disconnect).atexit = False
    return client
