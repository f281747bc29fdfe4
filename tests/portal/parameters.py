"""The parameters of the methods that the stand-in knows (bitrix24.md 2 to 9), and who breaks their rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

SEARCH = "telephony.externalCall.searchCrmEntities"
REGISTER = "telephony.externalCall.register"
FINISH = "telephony.externalCall.finish"
ATTACH = "telephony.externalCall.attachRecord"
STATISTICS = "voximplant.statistic.get"
LINES = "telephony.externalLine.get"
OAUTH = "oauth"
"""Not a method, but it has parameters too."""

APP_ONLY = (REGISTER, FINISH, LINES)

CODES = ("200", "304", "603", "603-S", "403", "404", "486", "484", "503", "480", "402", "423", "OTHER")
"""bitrix24.md 3."""

FIELDS = (
    *("ID", "CALL_ID", "EXTERNAL_CALL_ID", "CALL_CATEGORY", "PORTAL_USER_ID", "PORTAL_NUMBER", "PHONE_NUMBER"),
    *("CALL_TYPE", "CALL_DURATION", "CALL_START_DATE", "CALL_LOG", "CALL_RECORD_URL", "CALL_VOTE", "COST"),
    *("COST_CURRENCY", "CALL_FAILED_CODE", "CALL_FAILED_REASON", "CRM_ENTITY_TYPE", "CRM_ENTITY_ID"),
    *("CRM_ACTIVITY_ID", "REST_APP_ID", "REST_APP_NAME", "TRANSCRIPT_ID", "TRANSCRIPT_PENDING", "SESSION_ID"),
    *("REDIAL_ATTEMPT", "COMMENT", "RECORD_DURATION"),
)
"""What the statistics may be filtered by (bitrix24.md 9)."""


def _integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return value in (0, 1) and _integer(value)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _kind(value: Any) -> bool:
    return value in ("CONTACT", "COMPANY", "LEAD")


def _vote(value: Any) -> bool:
    return value in (1, 2, 3, 4, 5) and _integer(value)


def _status(value: Any) -> bool:
    return value in CODES


Types = dict[str, Callable[[Any], bool]]

PARAMETERS: dict[str, Types] = {
    SEARCH: {"PHONE_NUMBER": _text},
    REGISTER: {
        "USER_ID": _integer,
        "USER_PHONE_INNER": _text,
        "PHONE_NUMBER": _text,
        "TYPE": _integer,
        "CALL_START_DATE": _text,
        "CRM_CREATE": _flag,
        "CRM_SOURCE": _text,
        "CRM_ENTITY_TYPE": _kind,
        "CRM_ENTITY_ID": _integer,
        "SHOW": _flag,
        "ADD_TO_CHAT": _flag,
        "CALL_LIST_ID": _integer,
        "LINE_NUMBER": _text,
        "EXTERNAL_CALL_ID": _text,
    },
    FINISH: {
        "CALL_ID": _text,
        "USER_ID": _integer,
        "USER_PHONE_INNER": _text,
        "DURATION": _integer,
        "COST": _number,
        "COST_CURRENCY": _text,
        "STATUS_CODE": _status,
        "FAILED_REASON": _text,
        "RECORD_URL": _text,
        "VOTE": _vote,
        "ADD_TO_CHAT": _flag,
    },
    ATTACH: {"CALL_ID": _text, "FILENAME": _text, "FILE_CONTENT": _text, "RECORD_URL": _text},
    STATISTICS: {"FILTER": _object, "SORT": _text, "ORDER": _text, "start": _integer},
    LINES: {},
    OAUTH: dict.fromkeys(("grant_type", "client_id", "client_secret", "code", "refresh_token"), _text),
}


def complaints(method: str, params: dict[str, Any]) -> Iterator[str]:
    """What a request has that the documentation does not: names, and values of another type."""
    known = PARAMETERS[method]
    for name, value in params.items():
        if name == "auth":
            continue
        if name not in known:
            yield f"{method}: {name} is not documented"
        elif not known[name](value):
            yield f"{method}: {name} should not be {value!r}"
    for name in params.get("FILTER", {}) if method == STATISTICS else ():
        if name.lstrip("!<>=?%") not in FIELDS:
            yield f"{method}: the statistics cannot be filtered by {name}"


def is_iso_with_zone(text: Any) -> bool:
    """Whether a date is as CALL_START_DATE wants it."""
    try:
        return datetime.fromisoformat(text).tzinfo is not None and re.match(r"\d{4}-\d\d-\d\dT", text) is not None
    except (TypeError, ValueError):
        return False
