"""Connecting the application: an administrator opens a page of the portal, and comes back with a code for a token."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import Engine

from calls.database import StoreError
from calls.tokens import Tokens
from config.environment import NEEDED_BY_BITRIX24, Environment
from crm.bitrix24.errors import PortalError
from crm.bitrix24.oauth import OAuth, oauth_of
from crm.bitrix24.wire import session

STATE_LIVES = timedelta(minutes=10)

AGAIN = "run flask crm connect, and open the address that it prints"


class ConnectProblem(Exception):
    """The application could not be connected; the message says why, and what to do."""


class Connecting:
    """The way from `flask crm connect` to a token in the database."""

    def __init__(
        self,
        *,
        oauth: OAuth,
        tokens: Tokens,
        secret_key: str,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._oauth, self._tokens, self._clock = oauth, tokens, clock
        self._signer = URLSafeSerializer(secret_key, salt="ringpath bitrix24 connect")

    def address(self) -> str:
        """Return the page to open; who comes back from it must do so within ten minutes."""
        state = self._signer.dumps([secrets.token_urlsafe(8), int(self._clock().timestamp())])
        return self._oauth.authorize_url(str(state))

    def complete(self, code: str, state: str) -> None:
        """Take what the portal sent the administrator back with; raises ConnectProblem."""
        self._check(state)
        self.exchange(code)

    def exchange(self, code: str) -> None:
        """Turn a code, which lives 30 seconds, into a token, and keep it; raises ConnectProblem."""
        if not code:
            raise ConnectProblem(f"the portal sent no code; {AGAIN}")
        try:
            self._tokens.put(self._oauth.exchange(code))
        except PortalError as error:
            raise ConnectProblem(str(error)) from None
        except StoreError as error:
            raise ConnectProblem(f"the token could not be kept ({type(error).__name__}); {AGAIN}") from error

    def _check(self, state: str) -> None:
        try:
            _, began = self._signer.loads(state)
            age = self._clock().timestamp() - int(began)
        except (BadData, ValueError, TypeError):
            raise ConnectProblem(f"this address was not made by this app; {AGAIN}") from None
        if not 0 <= age <= STATE_LIVES.total_seconds():
            raise ConnectProblem(f"this took longer than ten minutes; {AGAIN}")


def connecting(environment: Environment, engine: Engine) -> Connecting:
    """Make it from the environment; raises ConnectProblem that names the variables that are missing."""
    missing = [name.upper() for name in NEEDED_BY_BITRIX24 if not getattr(environment, name)]
    if missing:
        raise ConnectProblem("to connect Bitrix24, set " + ", ".join(missing))
    oauth = oauth_of(environment, session())
    secret_key = str(environment.secret_key)
    return Connecting(oauth=oauth, tokens=Tokens(engine, "bitrix24", secret_key), secret_key=secret_key)


def completion(environment: Environment, engine: Engine) -> Callable[[str, str], str | None]:
    """Return what the return page does with code and state: it says what is wrong, None when all is well."""

    def complete(code: str, state: str) -> str | None:
        try:
            connecting(environment, engine).complete(code, state)
        except ConnectProblem as problem:
            return str(problem)
        return None

    return complete
