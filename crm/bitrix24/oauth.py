"""OAuth 2.0 of Bitrix24: where to send the administrator, and tokens for what he brings back (bitrix24.md 1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import requests

from calls.tokens import Token
from config.environment import Environment
from crm.bitrix24.errors import CONNECT, PortalError, words
from crm.bitrix24.wire import Patience, ask, origin

PATIENCE = Patience(gate=0, connect=3, answer=8)
"""In all, with an answer that drips (twice the last), less than the lease of calls.tokens."""

WHAT = "the OAuth server"


class OAuth:
    """An application at a portal. Every method that asks raises PortalError."""

    def __init__(self, *, portal: str, url: str, client_id: str, client_secret: str, session: requests.Session) -> None:
        self._portal, self._url, self._session = portal, url, session
        self._client = {"client_id": client_id, "client_secret": client_secret}

    def authorize_url(self, state: str) -> str:
        """Return the page on which an administrator lets the application in; `state` comes back with the code."""
        query = urlencode({"client_id": self._client["client_id"], "state": state})
        return f"{self._portal}/oauth/authorize/?{query}"

    def exchange(self, code: str) -> Token:
        """Return the first token for the code of the return page, which lives 30 seconds."""
        found = self._ask({"grant_type": "authorization_code", "code": code})
        self._check_portal(str(found.get("client_endpoint") or ""))
        return _token(found)

    def renew(self, token: Token) -> Token:
        """Return a new pair; the refresh token of the old one is worth nothing any more."""
        return _token(self._ask({"grant_type": "refresh_token", "refresh_token": token.refresh}))

    def _ask(self, query: dict[str, str]) -> Any:
        address = f"{self._url}/oauth/token/"
        # GET with everything in the query is what the documentation has, so no address may get into a log.
        return ask(self._session, WHAT, PATIENCE, "GET", address, params=query | self._client)

    def _check_portal(self, endpoint: str) -> None:
        """Refuse the token of another portal: who holds a link of ours may have signed in at his own."""
        if endpoint and origin(endpoint) != origin(self._portal):
            there = words(origin(endpoint)[1] or endpoint)
            raise PortalError(f"this is a token of {there}, and not of BITRIX24_PORTAL; {CONNECT}", permanent=True)


def oauth_of(environment: Environment, session: requests.Session) -> OAuth:
    """Make it from an environment that names a portal."""
    return OAuth(
        portal=str(environment.bitrix24_portal),
        url=environment.bitrix24_oauth_url,
        client_id=str(environment.bitrix24_client_id),
        client_secret=str(environment.bitrix24_client_secret),
        session=session,
    )


def _token(found: dict[str, Any]) -> Token:
    access, refresh = found.get("access_token"), found.get("refresh_token")
    if not (isinstance(access, str) and isinstance(refresh, str) and access and refresh):
        raise PortalError(f"{WHAT}: it answered without a token", down=True)
    return Token(access=access, refresh=refresh)
