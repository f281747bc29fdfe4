"""The telephony of a portal: calls are registered, finished, and only then on file (bitrix24.md 2 to 9)."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from tests.portal.filters import matches, written
from tests.portal.parameters import ATTACH, FINISH, LINES, REGISTER, SEARCH, STATISTICS, is_iso_with_zone

KEPT_FOR = 1800
"""Seconds for which a repeated register gives the same call."""

ONE_CALL = ("PHONE_NUMBER", "TYPE", "USER_ID", "USER_PHONE_INNER", "LINE_NUMBER", "EXTERNAL_CALL_ID")
"""What two registers of one call have in common (bitrix24.md 2)."""

PAGE = 50

Refinish = Literal["gone", "same", "twice"]
"""What a second finish of a call does: it is not found any more; gives the same record; or puts it on file again."""


@dataclass(frozen=True, kw_only=True)
class Entity:
    """Somebody in the CRM, whom `user` looks after."""

    kind: str
    id: int
    number: str
    name: str = ""
    user: int = 1


@dataclass(frozen=True, kw_only=True)
class File:
    """A recording that was attached."""

    call_id: str
    name: str
    content: bytes


class Refusal(Exception):
    """An error that the portal answers with."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status, self.code, self.text = status, code, text


def core(text: str) -> Refusal:
    """An error of the telephony itself."""
    return Refusal(400, "ERROR_CORE", text)


@dataclass
class Telephony:
    """What the portal holds; `statistics` is how much of it the connected user may see: all, own or none."""

    users: frozenset[int]
    entities: list[Entity]
    clock: Callable[[], float]
    address: Callable[[str], str]
    refinish: Refinish = "gone"
    forgetful: bool = False
    statistics: Literal["all", "own", "none"] = "all"
    gives_upload_url: bool = True
    user: int = 1
    registered: dict[str, dict[str, Any]] = field(default_factory=dict)
    finished: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[dict[str, Any]] = field(default_factory=list)
    leads: list[dict[str, Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)

    def does(self, method: str, params: dict[str, Any], *, half: bool = False) -> Any:
        """Do what a method does; raises Refusal. `half`: a finish that dies before the call is closed."""
        if method == FINISH:
            return self._finish(params, half=half)
        return self._METHODS[method](self, params)

    def _search(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        if not params.get("PHONE_NUMBER"):
            raise core("PHONE_NUMBER is empty")
        return [
            {
                "CRM_ENTITY_TYPE": found.kind,
                "CRM_ENTITY_ID": found.id,
                "ASSIGNED_BY_ID": found.user,
                "NAME": found.name,
                "ASSIGNED_BY": {"ID": str(found.user), "TIMEMAN_STATUS": "CLOSED"},
            }
            for found in self._of_number(params["PHONE_NUMBER"])
        ]

    def _register(self, params: dict[str, Any]) -> dict[str, Any]:
        self._check_registration(params)
        key = tuple(params.get(name) for name in ONE_CALL)
        now = self.clock()
        for call in self.registered.values():
            if not self.forgetful and call["key"] == key and now - call["at"] <= KEPT_FOR:
                return self._registration(call)
        digest = hashlib.md5(f"{key}{len(self.registered)}{now}".encode()).hexdigest()
        call = {"id": f"externalCall.{digest}.{int(now)}", "key": key, "at": now, "params": params, "lead": None}
        self._link(call)
        self.registered[call["id"]] = call
        if params.get("LINE_NUMBER") and params["LINE_NUMBER"] not in self.lines:
            self.lines.append(params["LINE_NUMBER"])
        return self._registration(call)

    def _check_registration(self, params: dict[str, Any]) -> None:
        if "USER_ID" not in params and "USER_PHONE_INNER" not in params:
            raise core("USER_ID or USER_PHONE_INNER should be set")
        if params.get("TYPE") not in (1, 2, 3, 4, 5):
            raise core("Unknown TYPE")
        if "CALL_START_DATE" in params and not is_iso_with_zone(params["CALL_START_DATE"]):
            raise core("CALL_START_DATE should be in the ISO-8601 format")
        if not re.fullmatch(r"\+?[\d ()-]{3,}", str(params.get("PHONE_NUMBER") or "")):
            raise core("Unsupported phone number format")
        self._check_user(params)

    def _check_user(self, params: dict[str, Any]) -> None:
        if params.get("USER_ID") not in self.users:
            raise core("User is not found or is not active")

    def _link(self, call: dict[str, Any]) -> None:
        """Find whom the call is with, or make a lead of him."""
        params = call["params"]
        known = self._of_number(params["PHONE_NUMBER"])
        if params.get("CRM_ENTITY_TYPE") and params.get("CRM_ENTITY_ID"):
            call["entity"] = (params["CRM_ENTITY_TYPE"], params["CRM_ENTITY_ID"])
        elif known:
            call["entity"] = (known[0].kind, known[0].id)
        elif params.get("CRM_CREATE"):
            lead = Entity(
                kind="LEAD",
                id=1000 + len(self.leads),
                number=params["PHONE_NUMBER"],
                name=f"{params['PHONE_NUMBER']} - Incoming call",
                user=params["USER_ID"],
            )
            self.entities.append(lead)
            self.leads.append({"ID": lead.id, "PHONE": lead.number, "ASSIGNED_BY_ID": lead.user})
            call["lead"], call["entity"] = lead.id, ("LEAD", lead.id)
        else:
            call["entity"] = (None, None)

    def _registration(self, call: dict[str, Any]) -> dict[str, Any]:
        created = [{"ENTITY_TYPE": "LEAD", "ENTITY_ID": call["lead"]}] if call["lead"] else []
        kind, identity = call["entity"]
        return {
            "CALL_ID": call["id"],
            "CRM_CREATED_LEAD": call["lead"],
            "CRM_CREATED_ENTITIES": created,
            "CRM_ENTITY_TYPE": kind,
            "CRM_ENTITY_ID": identity,
        }

    def _finish(self, params: dict[str, Any], *, half: bool) -> dict[str, Any]:
        call_id = params.get("CALL_ID")
        if not isinstance(call_id, str):
            raise Refusal(400, "INVALID_ARGUMENT", "CALL_ID must be a string")
        if "USER_ID" not in params and "USER_PHONE_INNER" not in params:
            raise core("USER_ID or USER_PHONE_INNER should be set")
        if call_id not in self.registered:
            raise core("Call is not found (call should be registered prior to finishing")
        self._check_user(params)
        call = self.registered[call_id]
        if call_id in self.finished and self.refinish == "same":
            return self.finished[call_id]
        record = self._record(call, params)
        self.calls.append(record)
        self.finished[call_id] = record
        for lead in self.leads:
            if lead["ID"] == call["lead"]:
                lead["ASSIGNED_BY_ID"] = params["USER_ID"]
        if self.refinish == "gone" and not half:
            del self.registered[call_id]
        return record

    def _record(self, call: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
        first, number = call["params"], len(self.calls) + 1
        duration = params.get("DURATION", 0)
        kind, identity = call["entity"]
        return {
            "ID": number,
            "CALL_ID": call["id"],
            "EXTERNAL_CALL_ID": first.get("EXTERNAL_CALL_ID"),
            "PORTAL_USER_ID": params["USER_ID"],
            "PHONE_NUMBER": first["PHONE_NUMBER"],
            "PORTAL_NUMBER": first.get("LINE_NUMBER"),
            "INCOMING": str(first["TYPE"]),
            "CALL_DURATION": duration,
            "CALL_START_DATE": first.get("CALL_START_DATE"),
            "CALL_STATUS": int(duration > 0),
            "CALL_VOTE": params.get("VOTE"),
            "COST": params.get("COST", 0),
            "COST_CURRENCY": params.get("COST_CURRENCY", ""),
            "CALL_FAILED_CODE": params.get("STATUS_CODE") or ("200" if duration else "304"),
            "CALL_FAILED_REASON": params.get("FAILED_REASON", ""),
            "REST_APP_ID": "3",
            "REST_APP_NAME": "Ringpath",
            "CRM_ACTIVITY_ID": 7000 + number,
            "COMMENT": None,
            "CRM_ENTITY_TYPE": kind,
            "CRM_ENTITY_ID": identity,
            # what the documentation keeps elsewhere
            "ADD_TO_CHAT": params.get("ADD_TO_CHAT", 1),
            "RECORD_FILE_ID": None,
        }

    def _attach(self, params: dict[str, Any]) -> dict[str, Any]:
        name, content = params.get("FILENAME"), params.get("FILE_CONTENT")
        if "RECORD_URL" not in params and name is None:
            text = "Required parameters are not set. Request should contain or URL or FILENAME parameter"
            raise core(text)
        if params.get("CALL_ID") not in {call["CALL_ID"] for call in self.calls}:
            raise core("Call is not found in the statistic table. Looks like it is not finished yet.")
        if "RECORD_URL" in params:
            raise core("Server returns HTTP error code 404")  # the stand-in has nothing to download with
        _check_name(name)
        if content is None:
            place = {"uploadUrl": self.address(f"{params['CALL_ID']}|{name}"), "fieldName": "file"}
            return place if self.gives_upload_url else {}
        try:
            return self.attach(params["CALL_ID"], name, base64.b64decode(content, validate=True))
        except ValueError:
            raise core("File content is not properly encoded. Base64 encoding is expected.") from None

    def attach(self, call_id: str, name: str, content: bytes) -> dict[str, Any]:
        """Attach a recording to a call on file; one that it had is replaced."""
        _check_name(name)
        if not content:
            raise core("File content is empty.")
        self.files.append(File(call_id=call_id, name=name, content=content))
        number = 9000 + len(self.files)
        for call in self.calls:
            if call["CALL_ID"] == call_id:
                call["RECORD_FILE_ID"] = number
        return {"FILE_ID": number}

    def _statistics(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        if self.statistics == "none":
            raise Refusal(403, "ACCESS_DENIED", "Access denied!")
        seen = [call for call in self.calls if self.statistics == "all" or call["PORTAL_USER_ID"] == self.user]
        found = [call for call in seen if matches(call, params.get("FILTER", {}))]
        if params.get("SORT"):
            found.sort(key=lambda call: str(call.get(params["SORT"])), reverse=params.get("ORDER") == "DESC")
        start = params.get("start", 0)
        return [{name: written(value) for name, value in call.items()} for call in found[start : start + PAGE]]

    def _of_number(self, number: str) -> list[Entity]:
        return [entity for entity in self.entities if _digits(entity.number) == _digits(number)]

    _METHODS: ClassVar[dict[str, Callable[..., Any]]] = {
        SEARCH: _search,
        REGISTER: _register,
        ATTACH: _attach,
        STATISTICS: _statistics,
        LINES: lambda self, _: [{"NUMBER": line, "NAME": "", "CRM_AUTO_CREATE": "Y"} for line in self.lines],
    }


def _check_name(name: str) -> None:
    if not name:
        raise core("File name is empty")
    if not name.endswith((".wav", ".mp3")):
        raise core("Wrong file extension. Only wav and mp3 are allowed")


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)
