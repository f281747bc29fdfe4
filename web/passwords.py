"""Passwords: argon2, with the parameters that OWASP names for small memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from web.aside import aside

SHORTEST, LONGEST = 10, 200

# 19 MiB and two passes: the library's own 64 MiB would be much for a small host that answers calls beside it.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


_TURNS = BoundedSemaphore(2)
"""At once: each takes a processor and 19 MiB, and calls are answered beside them."""

WAITS = 3.0
"""Seconds for a turn."""


class CrowdError(Exception):
    """More passwords are to be looked at than can be."""


def hashed(password: str) -> str:
    """Make what is kept of a password; raises CrowdError."""
    with _turn():
        return aside(_HASHER.hash, password)


def fits(password: str, kept: str | None) -> bool:
    """Tell whether a password is the one; without one it takes as long, so that nobody learns which names exist.

    Raises CrowdError.
    """
    against = kept or _nobodys()
    try:
        with _turn():
            return aside(_HASHER.verify, against, password[: LONGEST + 1]) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Tell whether it was made with other parameters, and should be made anew."""
    return _HASHER.check_needs_rehash(kept)


@contextmanager
def _turn() -> Iterator[None]:
    if not _TURNS.acquire(timeout=WAITS):
        raise CrowdError
    try:
        yield
    finally:
        _TURNS.release()


@cache
def _nobodys() -> str:
    return hashed("nobody has this password")
