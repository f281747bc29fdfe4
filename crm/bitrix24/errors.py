"""What Bitrix24 says when it does not do what was asked, and what each of it means to us (bitrix24.md 1 to 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from crm.crm import CrmError

Pause = Literal["", "all", "method"]

LONGEST_TEXT = 200
"""Characters of an answer that a message quotes."""


class PortalError(CrmError):
    """The portal, or the OAuth server, did not do what was asked.

    `code` and `text` are its own words. `pauses` tells who is to leave it alone for `wait` seconds. When `unsure`, it
    may have done the work all the same, or be at it still.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "",
        text: str = "",
        permanent: bool = False,
        unconnected: bool = False,
        wait: float | None = None,
        down: bool = False,
        pauses: Pause = "",
        unsure: bool = False,
    ) -> None:
        super().__init__(message, permanent=permanent, unconnected=unconnected, wait=wait, down=down)
        self.code, self.text, self.pauses, self.unsure = code, text, pauses, unsure


@dataclass(frozen=True, kw_only=True, slots=True)
class Meaning:
    """What an error means; `remedy` is what somebody can do about it."""

    permanent: bool = False
    down: bool = False
    pauses: Pause = ""
    wait: float | None = None
    remedy: str = ""


CONNECT = "connect again: flask crm connect"
RIGHTS = "give the application the scope telephony, and let an administrator connect it: flask crm connect"

CODES: dict[str, Meaning] = {
    "QUERY_LIMIT_EXCEEDED": Meaning(pauses="all", wait=5),
    "OPERATION_TIME_LIMIT": Meaning(pauses="method", wait=60),
    "OVERLOAD_LIMIT": Meaning(pauses="all", wait=300),
    "expired_token": Meaning(),
    "NO_AUTH_FOUND": Meaning(permanent=True, remedy=CONNECT),
    "INVALID_CREDENTIALS": Meaning(permanent=True, remedy=RIGHTS),
    "insufficient_scope": Meaning(permanent=True, remedy=RIGHTS),
    "ACCESS_DENIED": Meaning(permanent=True, remedy=RIGHTS),
    "user_access_error": Meaning(permanent=True, remedy=RIGHTS),
    "WRONG_AUTH_TYPE": Meaning(permanent=True, remedy=CONNECT),
    "INVALID_REQUEST": Meaning(permanent=True, remedy="BITRIX24_PORTAL must begin with https://"),
    "PORTAL_DELETED": Meaning(permanent=True, remedy="set BITRIX24_PORTAL to the portal there is"),
    "INTERNAL_SERVER_ERROR": Meaning(down=True),
    "ERROR_UNEXPECTED_ANSWER": Meaning(down=True),
    # the OAuth server
    "invalid_grant": Meaning(permanent=True, remedy=CONNECT),
    "invalid_client": Meaning(
        permanent=True,
        remedy="check BITRIX24_CLIENT_ID and BITRIX24_CLIENT_SECRET, and that the application is installed",
    ),
    "invalid_scope": Meaning(permanent=True, remedy=RIGHTS),
    "PAYMENT_REQUIRED": Meaning(permanent=True, remedy="the application or the portal has to be paid for"),
}

"""What is permanent here is so for every call: nothing is filed until somebody mends the connection."""

OF_A_METHOD = frozenset({"INVALID_CREDENTIALS", "insufficient_scope", "ACCESS_DENIED", "user_access_error"})
"""Rights: those of one method say nothing of the others, which go on."""

TEXTS: dict[str, Meaning] = {
    "Call is not found": Meaning(),
    "Unexpected database error": Meaning(down=True),
    "User is not found or is not active": Meaning(
        permanent=True,
        remedy="set crm_user of the employee, or the contact's responsible, to an active user of the portal",
    ),
}
"""How descriptions begin, where the code says nothing: ERROR_CORE, or the empty one of older methods."""

SILENT_CODES = ("", "ERROR_CORE")

MAY_PASS = frozenset({408, 425, 429})
"""HTTP refusals after which asking again helps."""

OF_THE_ADDRESS = frozenset({401, 404})
"""Those that concern whatever is asked there; others (a body too long, a firewall's page) concern what was sent."""


def of_answer(what: str, status: int, body: Mapping[str, Any]) -> PortalError:
    """Read an error that came as JSON."""
    code, text = words(body.get("error")), words(body.get("error_description"))
    meaning = _meaning(code, text, status)
    said = " ".join(filter(None, [text, f"({code or 'no code'}, HTTP {status})"]))
    wait = _until_reset(body) or meaning.wait if meaning.pauses == "method" else meaning.wait
    return PortalError(
        f"{what}: {said}" + (f"; {meaning.remedy}" if meaning.remedy else ""),
        code=code,
        text=text,
        permanent=meaning.permanent,
        unconnected=code in CODES and meaning.permanent,
        wait=wait,
        down=meaning.down,
        pauses=meaning.pauses,
    )


def words(value: Any, most: int = LONGEST_TEXT) -> str:
    """Return what the portal says as one line that a log, a terminal and any database take."""
    return "".join(c if c.isprintable() else " " for c in str(value or "")[:most]).strip()


def of_no_json(what: str, status: int) -> PortalError:
    """Say that an answer was no JSON object: a page of a proxy or of a web server, or of somebody else's."""
    if 300 <= status < 400:
        return PortalError(
            f"{what}: it has moved (HTTP {status}); check the address in the environment",
            permanent=True,
            unconnected=True,
        )
    refused = 400 <= status < 500 and status not in MAY_PASS
    message = f"{what}: no answer of Bitrix24, but HTTP {status} with something else"
    return PortalError(
        message, permanent=refused, unconnected=status in OF_THE_ADDRESS, down=not refused, unsure=not refused
    )


def _meaning(code: str, text: str, status: int) -> Meaning:
    if code in CODES:
        return CODES[code]
    known = next((TEXTS[begin] for begin in TEXTS if text.startswith(begin)), None) if code in SILENT_CODES else None
    if known is not None:
        return known
    return Meaning(permanent=status < 500 and status not in MAY_PASS, down=status >= 500)


def _until_reset(body: Mapping[str, Any]) -> float | None:
    """Seconds, by the portal's own clock, until a method that has used up its time may be asked again."""
    time = body.get("time")
    reset, now = (time.get("operating_reset_at"), time.get("start")) if isinstance(time, dict) else (None, None)
    if not isinstance(reset, int | float) or not isinstance(now, int | float):
        return None
    return min(max(reset - now, 1.0), LONGEST_RESET)


LONGEST_RESET = 660.0
"""Seconds: the resource limit counts ten buckets of a minute."""
