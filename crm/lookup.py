"""Who is calling: asked when the call starts, beside the webhook; known, as a rule, by the time it is needed.

The answer is kept in Redis for a few minutes, because the next webhook may reach another process. Whoever needs it
waits no longer than the deadline; late or failing means an unknown caller (DESIGN section 3).
"""

from __future__ import annotations

import json
import logging
import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTimeError
from contextvars import copy_context
from copy import copy
from dataclasses import asdict
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from config.company import Company
from crm.crm import Contact, Crm, CrmError, responsible
from live import keys

log = logging.getLogger("ringpath.crm")

DEADLINE = 1.5
"""Seconds (DESIGN section 3)."""

KNOWN_FOR = 300
"""Seconds for which an answer is kept."""

ASKING_FOR = 5
"""Seconds after which a look-up that nobody finished is nobody's, as when its process was killed."""

GLANCE = 0.03
"""Seconds between two looks for the answer of another process."""

MOST_AT_ONCE = 50
"""Look-ups of one process under way; more callers than that at once count as unknown."""

ASKING, FAILED = b"asking", b"failed"


class Lookups:
    """The callers of the flows (flows.live.Callers): the list of the settings of a call first, then the CRM."""

    def __init__(self, *, company: Company, crm: Crm | None, redis: Redis) -> None:
        self._company, self._crm, self._redis = company, crm, redis
        self._asked: dict[str, Future[Contact | None]] = {}
        self._lock = threading.Lock()

    def by(self, company: Company) -> Lookups:
        """The same look-ups, for calls that go by other settings."""
        other = copy(self)
        other._company = company
        return other

    def begin(self, caller: str) -> None:
        """Start asking who a caller is, if that is not known by itself; returns at once."""
        if self._crm is not None and caller not in self._company.known_callers:
            self._future(caller)

    def responsible(self, caller: str) -> str | None:
        """Name the employee responsible for a caller, None when the caller is not known in time."""
        listed = self._company.known_callers.get(caller)
        if listed is not None:
            return listed.employee
        if self._crm is None:
            return None
        try:
            return responsible(self._contact(caller), self._company)
        except NotInTimeError:
            log.warning("who %s is was not known in time", caller)
            return None

    def _contact(self, caller: str) -> Contact | None:
        with self._lock:
            running = self._asked.get(caller)
        return (running or self._future(caller)).result(DEADLINE)

    def _future(self, caller: str) -> Future[Contact | None]:
        with self._lock:
            if caller in self._asked:
                return self._asked[caller]
            future: Future[Contact | None] = Future()
            if len(self._asked) >= MOST_AT_ONCE:
                log.warning("%d look-ups are under way: %s counts as unknown", MOST_AT_ONCE, caller)
                future.set_result(None)
                return future
            self._asked[caller] = future
        here = copy_context()  # or its lines would not say for which call it is
        threading.Thread(target=here.run, args=(self._look_up, caller, future), daemon=True, name="lookup").start()
        return future

    def _look_up(self, caller: str, future: Future[Contact | None]) -> None:
        contact = None
        try:
            contact = self._found(caller)
        except CrmError as error:
            _unsaid(caller, error)
        except Exception:  # whatever it was: the call goes on, with an unknown caller
            log.exception("who %s is could not be found out", caller)
        finally:
            with self._lock:
                del self._asked[caller]
            future.set_result(contact)

    def _found(self, caller: str) -> Contact | None:
        """Read what is known already, wait for another process that asks, or ask."""
        assert self._crm is not None
        if self._crm.near:
            return self._crm.find_caller(caller, waiting=True)
        key, until = keys.lookup(caller), time.monotonic() + DEADLINE
        try:
            while not self._redis.set(key, ASKING, nx=True, ex=ASKING_FOR):
                known: Any = self._redis.get(key)
                if known == FAILED or time.monotonic() > until:
                    return None
                if known not in (None, ASKING):
                    return _read(known)
                time.sleep(GLANCE)
        except RedisError as error:
            log.warning("who %s is cannot be kept (%s)", caller, error)
        return self._asked_of_crm(caller, key)

    def _asked_of_crm(self, caller: str, key: str) -> Contact | None:
        assert self._crm is not None
        contact, word, seconds = None, FAILED, ASKING_FOR
        try:
            contact = self._crm.find_caller(caller, waiting=True)
            word, seconds = _written(contact), KNOWN_FOR
        except CrmError as error:
            _unsaid(caller, error)
        try:
            self._redis.set(key, word, ex=seconds)
        except RedisError as error:
            log.warning("who %s is could not be kept (%s)", caller, error)
        return contact


def _unsaid(caller: str, error: CrmError) -> None:
    log.warning("the CRM did not say who %s is: %s", caller, error)


def _written(contact: Contact | None) -> bytes:
    return json.dumps(asdict(contact) if contact else None).encode()


def _read(text: bytes) -> Contact | None:
    found = json.loads(text)
    return Contact(**found) if found else None
