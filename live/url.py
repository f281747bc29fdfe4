"""Where Redis is: REDIS_URL, else the embedded Valkey under var/."""

from __future__ import annotations

from pathlib import Path

from config.environment import Environment

VAR = Path(__file__).resolve().parent.parent / "var"


def redis_url(environment: Environment) -> str:
    """Return the address of the Redis to use; nothing is started."""
    if environment.redis_url:
        return environment.redis_url
    from local.valkey import socket_url

    return socket_url(VAR)
