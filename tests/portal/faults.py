"""What can go wrong with a portal: faults by name, and when they strike."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

When = Literal["before", "after", "late", "half"]
"""The work is not done; done; done when the client has given up; or begun only: on file, and not yet closed."""

How = Literal["answer", "hang", "drop", "drip", "flood"]

PAGE = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One way in which a request goes wrong."""

    when: When = "before"
    how: How = "answer"
    status: int = 200
    body: str = ""
    kind: str = "application/json"

    @property
    def endless(self) -> bool:
        """Whether whoever asks has to give up."""
        return self.how in ("hang", "drip", "flood")


def _error(status: int, code: str, text: str = "", **more: Any) -> Fault:
    return Fault(status=status, body=json.dumps({"error": code, "error_description": text} | more))


def _page(when: When = "before", status: int = 500) -> Fault:
    return Fault(when=when, status=status, body=PAGE, kind="text/html; charset=utf-8")


FAULTS: dict[str, Fault] = {
    # bitrix24.md 1, the table of errors
    "limit": _error(503, "QUERY_LIMIT_EXCEEDED", "Too many requests"),
    "operating": _error(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit."),
    "overload": _error(503, "OVERLOAD_LIMIT", "REST API is blocked due to overload."),
    "internal": _error(500, "INTERNAL_SERVER_ERROR", "Internal server error"),
    "unexpected": _error(500, "ERROR_UNEXPECTED_ANSWER", "Server returned an unexpected response."),
    "deleted": _error(500, "PORTAL_DELETED", "Portal was deleted."),
    "expired": _error(401, "expired_token", "The access token provided has expired."),
    "no auth": _error(401, "NO_AUTH_FOUND", "Wrong authorization data"),
    "scope": _error(403, "insufficient_scope", "The request requires higher privileges than provided."),
    "denied": _error(403, "ACCESS_DENIED", "Access denied!"),
    "no https": _error(400, "INVALID_REQUEST", "Https required."),
    "empty code": _error(400, "", "PHONE_NUMBER is empty"),
    "no crm": _error(400, "", "CRM is not installed."),
    "database": _error(400, "ERROR_CORE", "Unexpected database error"),
    "payment": _error(402, "PAYMENT_REQUIRED", "Payment required"),
    "invalid grant": _error(400, "invalid_grant", ""),
    "invalid client": _error(401, "invalid_client", ""),
    # what a proxy, a web server or a network does
    "html": _page(),
    "html after": _page("after"),
    "html half": _page("half"),
    "not found": _page(status=404),
    "too many": _page(status=429),
    "no json": Fault(body="OK", kind="text/plain"),
    "a list": Fault(body="[]"),
    "no result": Fault(body="{}"),
    "moved": Fault(status=302, body=""),
    "timeout before": Fault(how="hang"),
    "timeout after": Fault(when="after", how="hang"),
    "timeout half": Fault(when="half", how="hang"),
    "late": Fault(when="late", how="hang"),
    "drip": Fault(how="drip"),
    "flood": Fault(how="flood"),
    "drop before": Fault(how="drop"),
    "drop after": Fault(when="after", how="drop"),
    "drop half": Fault(when="half", how="drop"),
}


@dataclass
class Rule:
    """A fault of every `nth` request of a method (of all methods when None), at most `times` times."""

    fault: Fault
    method: str | None
    nth: int
    times: int | None
    seen: int = 0

    def strikes(self, method: str) -> bool:
        """Count a request, and tell whether it is one that goes wrong."""
        if self.method not in (None, method) or self.times == 0:
            return False
        self.seen += 1
        if self.seen % self.nth:
            return False
        self.times = None if self.times is None else self.times - 1
        return True


class Rules:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._endless = 0
        self._lock = threading.Lock()

    def add(self, name: str, method: str | None, nth: int, times: int | None) -> None:
        """Switch one on."""
        with self._lock:
            self._rules.append(Rule(FAULTS[name], method, nth, times))

    def clear(self) -> None:
        """Switch them all off."""
        with self._lock:
            self._rules.clear()

    def may_hang(self) -> bool:
        """Whether an answer may not come, or not end, of what is asked already or next."""
        with self._lock:
            return self._endless > 0 or any(rule.times != 0 and rule.fault.endless for rule in self._rules)

    @contextmanager
    def of(self, method: str) -> Iterator[Fault | None]:
        """The fault that strikes a request until the end of the block, None when it goes well."""
        with self._lock:
            fault = next((rule.fault for rule in self._rules if method and rule.strikes(method)), None)
            endless = fault is not None and fault.endless
            self._endless += endless
        try:
            yield fault
        finally:
            with self._lock:
                self._endless -= endless
