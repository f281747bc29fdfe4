"""Bitrix24 as a CRM: callers by telephony.externalCall.searchCrmEntities, calls by register and finish (bitrix24.md).

One register and one finish per call, by whoever really spoke. A finish that is repeated could put the call on file a
second time, and its answer may have been lost; so before anything is repeated, the portal is asked whether the call is
on file. A call that was registered and never finished leaves no trace there.
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from redis import Redis
from sqlalchemy import Engine

from calls.details import CallDetails
from calls.outcomes import CALL_BACK, MISSED_CODES, OUTCOMES
from calls.tokens import Tokens
from config.environment import Environment
from crm.bitrix24.client import Client, Patiences
from crm.bitrix24.errors import PortalError, words
from crm.bitrix24.oauth import oauth_of
from crm.bitrix24.wire import session
from crm.crm import Contact, Crm, CrmError, Filing, Sound
from live.gate import Gate

SEARCH = "telephony.externalCall.searchCrmEntities"
REGISTER = "telephony.externalCall.register"
FINISH = "telephony.externalCall.finish"
ATTACH = "telephony.externalCall.attachRecord"
STATISTICS = "voximplant.statistic.get"
LINES = "telephony.externalLine.get"

KINDS = ("CONTACT", "COMPANY", "LEAD")
"""Whom a number belongs to, when several have it: a person before his firm, and both before a mere lead."""

INCOMING, REDIRECTED = 2, 3
NOT_REGISTERED = "Call is not found"
NO_STATISTICS = ("ACCESS_DENIED", "insufficient_scope", "user_access_error")

REQUEST_LASTS = 60.0
"""Seconds that the portal may be at a request whose answer we have not seen (bitrix24.md 1)."""

FILES_WITHIN = 30.0
"""Seconds after which no further step of filing a call is begun: the outbox lends it for 90, and the look-up before it
and the last step may take 25 each."""

RATE = 2.0
"""Requests a second that a portal in the cloud bears in the long run (bitrix24.md 1)."""

MOST_IN_JSON = 10 * 1024 * 1024
"""Bytes of a recording that is sent within JSON, where the portal gives no address to upload it to."""

WITHHELD = "the caller withheld his number, and Bitrix24 files no call without one"
NOBODYS = "the call belongs to nobody who is a user of Bitrix24; set crm_user of the employee"


class Bitrix24(Crm):
    """One portal; `clock` is in seconds, and never set back."""

    near = False

    def __init__(self, client: Client, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._clock = client, clock

    def held(self) -> str | None:
        """Say why nothing can be filed: the portal has not let us in."""
        return self._client.held()

    def find_caller(self, number: str, *, waiting: bool) -> Contact | None:
        """Tell who calls from a number."""
        ask = self._client.look_up if waiting else self._client.call
        return contact_of(ask(SEARCH, {"PHONE_NUMBER": number}))

    def file_call(self, filing: Filing, remember: Callable[[str], None]) -> None:
        """Register the call, have the portal's id remembered, and finish it; what has been done is not done again."""
        self._check(filing)
        call, until = filing.call, self._clock() + FILES_WITHIN
        crm_call_id = call.crm_call_id
        if crm_call_id is not None and self._is_on_file(call.id, crm_call_id):
            return
        if crm_call_id is None or not self._finish(filing, crm_call_id, until):
            crm_call_id = self._register(filing, until)
            remember(crm_call_id)
            if not self._finish(filing, crm_call_id, until):
                raise CrmError(f"{FINISH}: the portal does not know the call that it has just registered")

    def attach_recording(self, crm_call_id: str, sound: Sound) -> None:
        """Send a recording of any size, piece by piece; the portal replaces the one it had."""
        place = self._client.call_beside(ATTACH, {"CALL_ID": crm_call_id, "FILENAME": sound.name})
        url, field = (place.get("uploadUrl"), place.get("fieldName")) if isinstance(place, dict) else (None, None)
        if url:
            self._client.upload(str(url), str(field or "file"), sound)
        else:
            content = {"CALL_ID": crm_call_id, "FILENAME": sound.name, "FILE_CONTENT": _base64(sound)}
            self._client.call_beside(ATTACH, content)

    def _check(self, filing: Filing) -> None:
        if not filing.call.caller:
            raise CrmError(WITHHELD, permanent=True)
        if filing.user is None:
            raise CrmError(NOBODYS, permanent=True)

    def _register(self, filing: Filing, until: float) -> str:
        result = self._step(REGISTER, registration(filing), until)
        crm_call_id = result.get("CALL_ID") if isinstance(result, dict) else None
        if not isinstance(crm_call_id, str) or not crm_call_id:
            raise PortalError(f"{REGISTER}: an answer without a CALL_ID", down=True)
        return crm_call_id

    def _finish(self, filing: Filing, crm_call_id: str, until: float) -> bool:
        """Put the call on file; False when the portal does not know it, or no longer."""
        try:
            self._step(FINISH, finishing(filing, crm_call_id), until)
        except PortalError as error:
            if error.text.startswith(NOT_REGISTERED):
                return False
            raise
        return True

    def _step(self, method: str, params: dict[str, Any], until: float) -> Any:
        """Call a method that changes something; after an answer that was lost nothing is repeated side by side."""
        began = self._clock()
        if began > until:
            raise CrmError(f"{method}: no time left; the portal is slow", wait=1)
        try:
            return self._client.call(method, params)
        except PortalError as error:
            if error.unsure:
                error.wait = max(0.0, REQUEST_LASTS - (self._clock() - began))
            raise

    def _is_on_file(self, call_id: str, crm_call_id: str) -> bool:
        """Tell whether a finish whose answer nobody saw has done its work.

        The statistics show only what the connected user may see, so a no is checked: attachRecord, asked for the
        address of an upload that never comes, changes nothing, and knows every call on file.
        """
        return self._is_in_statistics(call_id) or self._takes_a_recording(crm_call_id)

    def _is_in_statistics(self, call_id: str) -> bool:
        try:
            rows = self._client.call_beside(STATISTICS, {"FILTER": {"EXTERNAL_CALL_ID": call_id}})
        except PortalError as error:
            if error.code in NO_STATISTICS:
                return False
            raise
        return any(row.get("EXTERNAL_CALL_ID") == call_id for row in _rows(rows))

    def _takes_a_recording(self, crm_call_id: str) -> bool:
        try:
            self._client.call_beside(ATTACH, {"CALL_ID": crm_call_id, "FILENAME": "call.mp3"})
        except PortalError as error:
            if error.text.startswith(NOT_REGISTERED):
                return False
            raise
        return True


def contact_of(found: Any) -> Contact | None:
    """Choose whom a number belongs to among the entities that the portal knows."""
    entities = [row for row in _rows(found) if row.get("CRM_ENTITY_TYPE") in KINDS and _id(row.get("CRM_ENTITY_ID"))]
    if not entities:
        return None
    best = min(entities, key=lambda row: KINDS.index(row["CRM_ENTITY_TYPE"]))
    kind, identity = best["CRM_ENTITY_TYPE"].lower(), str(_id(best["CRM_ENTITY_ID"]))
    name = words(best.get("NAME")) or f"{kind} {identity}"
    return Contact(kind=kind, id=identity, name=name, user=_id(best.get("ASSIGNED_BY_ID")))


def registration(filing: Filing) -> dict[str, Any]:
    """Write the parameters of register (bitrix24.md 2)."""
    call, contact = filing.call, filing.contact
    params: dict[str, Any] = {
        "USER_ID": filing.user,
        "PHONE_NUMBER": call.caller,
        "TYPE": REDIRECTED if call.outcome == "forwarded" else INCOMING,
        "CALL_START_DATE": _iso(call.started_at),
        "CRM_CREATE": int(filing.create_lead),
        "SHOW": 0,  # the call is over: no card may pop up now
        "ADD_TO_CHAT": 0,  # finish tells, who knows how it went
        "LINE_NUMBER": call.number,
        "EXTERNAL_CALL_ID": call.id,
    }
    if contact is not None:
        params |= {"CRM_ENTITY_TYPE": contact.kind.upper(), "CRM_ENTITY_ID": int(contact.id)}
    return params


def finishing(filing: Filing, crm_call_id: str) -> dict[str, Any]:
    """Write the parameters of finish (bitrix24.md 3); only calls to be called back are told in the employee's chat."""
    call = filing.call
    params: dict[str, Any] = {
        "CALL_ID": crm_call_id,
        "USER_ID": filing.user,
        "DURATION": call.talk_seconds,
        "STATUS_CODE": call.code,
        "ADD_TO_CHAT": int(call.outcome in CALL_BACK),
    }
    if call.code != "200":
        params["FAILED_REASON"] = failed_reason(call)
    return params


def failed_reason(call: CallDetails) -> str:
    """Say in words why a call got through to nobody."""
    meaning = OUTCOMES[call.outcome]
    if call.outcome != "missed" and meaning.code == call.code:
        return meaning.rule
    return MISSED_CODES.get(call.code, meaning.rule)


def from_environment(environment: Environment, engine: Engine, redis: Redis) -> Bitrix24:
    """Make the CRM of an environment that names a portal; nothing is sent yet."""
    return Bitrix24(client_of(environment, engine, redis))


def client_of(environment: Environment, engine: Engine, redis: Redis, patiences: Patiences | None = None) -> Client:
    """Make the client of an environment that names a portal."""
    http = session()
    return Client(
        str(environment.bitrix24_portal),
        gate=Gate(redis, rate=RATE),
        tokens=Tokens(engine, "bitrix24", str(environment.secret_key)),
        oauth=oauth_of(environment, http),
        session=http,
        patiences=patiences,
    )


def _rows(found: Any) -> list[dict[str, Any]]:
    """A list of objects; PHP writes one whose keys are not 0, 1, 2 … as an object."""
    listed = list(found.values()) if isinstance(found, dict) else found
    return [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []


def _id(value: Any) -> int | None:
    """Read an id, which comes as a number or as text; 0 is nobody's."""
    text = str(value)
    return int(text) or None if re.fullmatch(r"[0-9]{1,18}", text) else None


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _base64(sound: Sound) -> str:
    try:
        content = Path(sound.file).read_bytes()
    except OSError as error:
        raise CrmError(f"the recording cannot be read: {error.strerror}", permanent=True) from None
    if len(content) > MOST_IN_JSON:
        raise CrmError("the portal gives no address for an upload, and the recording is too large", permanent=True)
    return base64.b64encode(content).decode()
