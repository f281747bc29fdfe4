"""OAuth tokens, sealed with a key from SECRET_KEY, and renewed by one process at a time. Raises StoreError.

A refresh token is worth one renewal: two processes that renew side by side could lose both pairs. So whoever renews
holds a lease, a row of its own in the table of tokens; who waited for it uses the new pair. It is kept in SQL, next to
what it guards, and not in a transaction: on SQLite that would keep every call from being written meanwhile.
"""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import ColumnElement, Connection, Engine, delete, select

from calls.database import StoreError, upsert
from calls.tables import tokens

log = logging.getLogger("ringpath.tokens")

LEASE = timedelta(seconds=30)
"""For which one process may renew: longer than the answer may take, and than writing it down may."""

GLANCE = 0.05
"""Seconds between two looks for what another process renews."""

KEEPS_TRYING = 5
"""Attempts to write a new pair down, half a second apart: the old one is worth nothing any more."""

HALF_A_SECOND = 0.5


REFUSED_FOR = timedelta(minutes=5)
"""For which nobody asks again after a refusal that only somebody can mend, unless he connects the application anew."""


class TokenProblem(Exception):
    """There is no token that can be used; the message says what to do."""


class RenewalUnderWay(Exception):
    """Another process renews the token, and was not done in time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Token:
    """A pair of OAuth: `access` goes with each request, `refresh` is worth one new pair."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why the application is not let in, and whether it is too early to ask again."""

    reason: str
    recent: bool


class Tokens:
    """The token of one application, such as "bitrix24"."""

    def __init__(
        self,
        engine: Engine,
        name: str,
        secret_key: str,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._engine, self._name, self._clock, self._sleep = engine, name, clock, sleep
        self._lease, self._refusal = f"{name}:renewing", f"{name}:refused"
        self._seal = Fernet(sealing_key(secret_key))

    def read(self) -> Token | None:
        """Return the token, None before the first; raises TokenProblem when SECRET_KEY is not what it was."""
        with self._engine.connect() as connection:
            sealed = connection.execute(select(tokens.c.sealed).where(tokens.c.name == self._name)).scalar()
        return None if sealed is None else self._open(sealed)

    def renewed_at(self) -> datetime | None:
        """Tell when the token was written, None when there is none."""
        with self._engine.connect() as connection:
            return connection.execute(select(tokens.c.updated_at).where(tokens.c.name == self._name)).scalar()

    def put(self, token: Token) -> None:
        """Keep a token instead of the one there is, and forget that the application was refused with that."""
        with self._engine.begin() as connection:
            self._write(connection, token)
            connection.execute(delete(tokens).where(self._refusals()))

    def refusal(self, right: str | None = None) -> Refusal | None:
        """Tell why the application was not let in when it was last asked for; None when it was.

        That is to say at all, or where it needed a `right`; without one, anywhere.
        """
        noted = select(tokens.c.sealed, tokens.c.updated_at).where(self._refusals(right))
        noted = noted.order_by(tokens.c.updated_at.desc()).limit(1)
        with self._engine.connect() as connection:
            row = connection.execute(noted).one_or_none()
        return row and Refusal(reason=row.sealed, recent=self._clock() < row.updated_at + REFUSED_FOR)

    def refused(self, token: Token, reason: str, right: str = "") -> None:
        """Note, for all processes, that the application is not let in until somebody mends what `reason` says.

        With the name of a `right`, it is not let in only where that is needed. Of a token that is no longer the one
        there is, because somebody has connected meanwhile, it says nothing.
        """
        if self.read() != token:
            return
        values = {"name": self._refused(right), "sealed": reason, "updated_at": self._clock()}
        with self._engine.begin() as connection:
            upsert(connection, tokens, values, key=["name"], update=values)

    def admitted(self, right: str | None = None) -> None:
        """The application is let in again, where it needs this `right` too; without one, anywhere is worth a try."""
        with self._engine.begin() as connection:
            connection.execute(delete(tokens).where(self._refusals(right)))

    def _refused(self, right: str) -> str:
        return f"{self._refusal}:{right}" if right else self._refusal

    def _refusals(self, right: str | None = None) -> ColumnElement[bool]:
        """Find those that keep us from what needs a right; without one, all."""
        if right is None:
            return tokens.c.name.startswith(self._refusal, autoescape=True)
        return tokens.c.name.in_([self._refusal, self._refused(right)])

    def renewed(self, stale: Token, renew: Callable[[Token], Token], *, within: float) -> Token:
        """Return a token that is not `stale`: another process's, or by `renew`, whose errors come through.

        Raises RenewalUnderWay after `within` seconds, TokenProblem when there is no token any more.
        """
        owner, until = uuid4().hex, self._clock() + timedelta(seconds=within)
        while True:
            current = self._other_than(stale)
            if current is not None:
                return current
            if self._take_lease(owner):
                return self._renewed(stale, renew, owner)
            if self._clock() >= until:
                raise RenewalUnderWay("another process is renewing the token")
            self._sleep(GLANCE)

    def _renewed(self, stale: Token, renew: Callable[[Token], Token], owner: str) -> Token:
        try:
            current = self._other_than(stale)  # renewed between the look and the lease
            if current is None:
                current = renew(stale)
                self._keep(current)
            return current
        finally:
            self._leave(owner)

    def _other_than(self, stale: Token) -> Token | None:
        current = self.read()
        if current is None:
            raise TokenProblem("there is no token any more")
        return current if current != stale else None

    def _keep(self, token: Token) -> None:
        for attempt in range(1, KEEPS_TRYING + 1):
            try:
                return self.put(token)
            except StoreError:
                if attempt == KEEPS_TRYING:
                    log.critical("the new token of %s could not be written, and the old one is void", self._name)
                    raise
                self._sleep(HALF_A_SECOND)
        return None

    def _take_lease(self, owner: str) -> bool:
        now = self._clock()
        values = {"name": self._lease, "sealed": owner, "updated_at": now + LEASE}
        with self._engine.begin() as connection:
            upsert(connection, tokens, values, key=["name"], update=values, where=tokens.c.updated_at <= now)
            holder = select(tokens.c.sealed).where(tokens.c.name == self._lease)
            return bool(connection.execute(holder).scalar_one() == owner)

    def _leave(self, owner: str) -> None:
        mine = delete(tokens).where(tokens.c.name == self._lease, tokens.c.sealed == owner)
        try:
            with self._engine.begin() as connection:
                connection.execute(mine)
        except StoreError as error:
            log.warning("the lease for renewing %s ends by itself only (%s)", self._name, type(error).__name__)

    def _write(self, connection: Connection, token: Token) -> None:
        sealed = self._seal.encrypt(json.dumps([token.access, token.refresh]).encode()).decode()
        values = {"name": self._name, "sealed": sealed, "updated_at": self._clock()}
        upsert(connection, tokens, values, key=["name"], update=values)

    def _open(self, sealed: str) -> Token:
        try:
            access, refresh = json.loads(self._seal.decrypt(sealed.encode()))
        except InvalidToken:
            raise TokenProblem(
                f"the token of {self._name} was sealed with another SECRET_KEY: set the old one again, or connect again"
            ) from None
        return Token(access=access, refresh=refresh)


def sealing_key(secret_key: str) -> bytes:
    """Derive the key that seals tokens from SECRET_KEY, so that nothing else that it signs gives it away."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ringpath tokens").derive(secret_key.encode())
    return base64.urlsafe_b64encode(derived)
