"""The OAuth server of the stand-in (bitrix24.md 1): codes live 30 seconds, a refresh token is worth one new pair."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.portal.telephony import Refusal

MEMBER = "a223c6b3710f85df22e9377d6c4f7553"
CODE_LIVES = 30
ACCESS_LIVES = 3600
REFRESH_LIVES = 180 * 86400


@dataclass
class Authority:
    """Who hands out codes and tokens for one application at one portal."""

    client_id: str
    client_secret: str
    clock: Callable[[], float]
    endpoint: Callable[[], str]
    codes: dict[str, float] = field(default_factory=dict)
    access: dict[str, float] = field(default_factory=dict)
    refresh: dict[str, float] = field(default_factory=dict)
    renewals: int = 0
    given: list[str] = field(default_factory=list)

    def code(self) -> str:
        """What the portal sends an administrator back with."""
        code = secrets.token_hex(16)
        self.codes[code] = self.clock() + CODE_LIVES
        self.given.append(code)
        return code

    def pair(self) -> dict[str, Any]:
        """A new pair, as the server answers it."""
        access, refresh = secrets.token_hex(35), secrets.token_hex(35)
        self.given += [access, refresh]
        self.access[access] = self.clock() + ACCESS_LIVES
        self.refresh[refresh] = self.clock() + REFRESH_LIVES
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": ACCESS_LIVES,
            "client_endpoint": self.endpoint(),
            "server_endpoint": "https://oauth.bitrix24.tech/rest/",
            "domain": "oauth.bitrix24.tech",
            "member_id": MEMBER,
            "scope": "crm,telephony",
            "status": "L",
        }

    def grant(self, query: dict[str, str]) -> dict[str, Any]:
        """Answer a request for a token; raises Refusal."""
        if (query.get("client_id"), query.get("client_secret")) != (self.client_id, self.client_secret):
            raise Refusal(401, "invalid_client", "")
        kind = query.get("grant_type")
        if kind == "authorization_code":
            self._spend(self.codes, query.get("code", ""))
            return self.pair()
        if kind == "refresh_token":
            self._spend(self.refresh, query.get("refresh_token", ""))
            self.renewals += 1
            return self.pair() | {"expires": int(self.clock()) + ACCESS_LIVES, "user_id": 1}
        raise Refusal(400, "invalid_request", "")

    def check(self, token: str | None) -> None:
        """Let a token pass, or raise Refusal."""
        if not token or token not in self.access:
            raise Refusal(401, "NO_AUTH_FOUND", "Wrong authorization data")
        if self.access[token] <= self.clock():
            raise Refusal(401, "expired_token", "The access token provided has expired.")

    def expire(self) -> None:
        """Every access token is over."""
        self.access = dict.fromkeys(self.access, 0.0)

    def revoke(self) -> None:
        """The application is removed: nothing that was handed out counts any more."""
        for given in (self.codes, self.access, self.refresh):
            given.clear()

    def _spend(self, given: dict[str, float], token: str) -> None:
        if given.pop(token, 0.0) <= self.clock():
            raise Refusal(400, "invalid_grant", "")
