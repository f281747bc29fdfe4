"""The provider's REST API, as much of it as the switchboard needs. For jobs, never inside a webhook."""

from __future__ import annotations

from typing import Any

import requests

TIMEOUTS = (5.0, 10.0)
"""Seconds to connect and to answer."""


class ProviderError(Exception):
    """The provider did not do what was asked; `permanent` when asking again cannot help."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        super().__init__(message)
        self.permanent = permanent


class ProviderApi:
    """Calls of one account (twiml.md section 3). The official client takes 20 MB and knows one host only."""

    def __init__(self, *, base: str, account_sid: str, auth_token: str) -> None:
        self._account = f"{base}/2010-04-01/Accounts/{account_sid}"
        self._session = requests.Session()
        self._session.auth = (account_sid, auth_token)

    def redirect(self, call_id: str, url: str) -> None:
        """Let a live call fetch another document; raises ProviderError (permanent when the call is over)."""
        self._ask("POST", f"Calls/{call_id}.json", {"Url": url, "Method": "POST"})

    def status(self, call_id: str) -> str | None:
        """Return the CallStatus of a call, None when the provider has never heard of it."""
        found = self._ask("GET", f"Calls/{call_id}.json", None)
        return None if found is None else str(found.get("status", ""))

    def _ask(self, method: str, path: str, form: dict[str, str] | None) -> dict[str, Any] | None:
        try:
            answer = self._session.request(method, f"{self._account}/{path}", data=form, timeout=TIMEOUTS)
            if answer.status_code == 404 and method == "GET":
                return None
            if not answer.ok:
                permanent = 400 <= answer.status_code < 500 and answer.status_code != 429
                raise ProviderError(f"{method} {path}: {answer.status_code} {answer.text[:200]}", permanent=permanent)
            found: dict[str, Any] = answer.json()
        except requests.RequestException as error:
            raise ProviderError(f"{method} {path}: {error}", permanent=False) from error
        return found
