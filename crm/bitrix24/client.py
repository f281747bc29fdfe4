"""A small client of Bitrix24's REST API.

Our own, because the official SDK fixes https and the OAuth server's host in its code, opens a connection for every
call, knows no limiter that processes share, and repeats requests in the thread that asked: none of it can be tested
against a portal on this machine, or kept within 1.5 seconds while a caller waits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from calls.database import StoreError
from calls.tokens import RenewalUnderWay, Token, TokenProblem, Tokens
from crm.bitrix24.errors import OF_A_METHOD, PortalError
from crm.bitrix24.oauth import OAuth
from crm.bitrix24.upload import Upload
from crm.bitrix24.wire import Patience, ask, origin
from crm.crm import CrmError, Sound
from live.gate import Gate, GateShut, Turn

log = logging.getLogger("ringpath.crm")

LOOK_UP = Patience(gate=0.3, connect=1, answer=3, urgent=True)
FILING = Patience(gate=5, connect=3, answer=15)
UPLOAD = Patience(gate=5, connect=3, answer=60)


@dataclass(frozen=True, kw_only=True, slots=True)
class Patiences:
    """How long each kind of request is waited for."""

    look_up: Patience = LOOK_UP
    filing: Patience = FILING
    upload: Patience = UPLOAD


class Client:
    """Calls methods of one portal with the application's token. Every method raises CrmError."""

    def __init__(
        self,
        portal: str,
        *,
        gate: Gate,
        tokens: Tokens,
        oauth: OAuth,
        session: requests.Session,
        patiences: Patiences | None = None,
    ) -> None:
        self.gate, self.tokens = gate, tokens
        self._portal, self._oauth, self._session = portal, oauth, session
        self._patiences = patiences or Patiences()

    def call(self, method: str, params: dict[str, Any]) -> Any:
        """Call a method, for which there is time, and return its result."""
        return self._called(method, params, self._patiences.filing)

    def call_beside(self, method: str, params: dict[str, Any]) -> Any:
        """The same for what calls are filed without: who may not do this may be let in all the same."""
        return self._called(method, params, self._patiences.filing, beside=True)

    def ask_anyway(self, method: str, params: dict[str, Any]) -> Any:
        """Call a method though we have just been refused: somebody wants to know whether that is mended."""
        return self._called(method, params, self._patiences.look_up, anyway=True)

    def held(self) -> str | None:
        """Say why the portal is not asked: nobody has connected it, or it does not let us in."""
        try:
            self._token()
        except CrmError as error:
            return str(error) if error.unconnected else None
        return None

    def look_up(self, method: str, params: dict[str, Any]) -> Any:
        """Call a method while a caller waits: at once, or not at all."""
        return self._called(method, params, self._patiences.look_up)

    def upload(self, url: str, field: str, sound: Sound) -> None:
        """Send a file to the address that the portal gave for it, which must be the portal's own."""
        if origin(url) != origin(self._portal):
            raise PortalError("the portal wants the recording sent to another host; it is not", permanent=True)
        patience = self._patiences.upload
        with Upload(field, sound, within=patience.answer) as body, self._turn("upload", patience):
            # What the answer holds is not documented; that it is one, and no error, has to do.
            try:
                ask(
                    self._session,
                    "upload",
                    patience,
                    "POST",
                    url,
                    data=body,
                    headers={"Content-Type": body.content_type},
                )
            except PortalError as error:
                error.unconnected = False  # what is said there concerns this file alone
                raise

    def _called(
        self, method: str, params: dict[str, Any], patience: Patience, *, beside: bool = False, anyway: bool = False
    ) -> Any:
        """Call a method through the gate, and note, for all processes, whether we are let in.

        Rights go by method: who may not file may be told who calls all the same.
        """
        right = method.rpartition(".")[2]
        token, refused = self._token(right, anyway=anyway)
        try:
            result = self._through_the_gate(method, params, patience, token)
        except PortalError as error:
            if beside and (error.code in OF_A_METHOD or not error.code):
                error.unconnected = False
            reason = str(error)
            of_a_method = error.code in OF_A_METHOD
            if error.unconnected and not (anyway and of_a_method):  # no call needs what somebody asks to know
                self._note(lambda: self.tokens.refused(token, reason, right if of_a_method else ""))
            raise
        if refused and not beside:
            self._note(lambda: self.tokens.admitted(None if anyway else right))
        return result

    def _note(self, write: Callable[[], None]) -> None:
        try:
            write()
        except (StoreError, TokenProblem) as error:
            log.warning("whether Bitrix24 lets us in could not be noted (%s)", type(error).__name__)

    def _through_the_gate(self, method: str, params: dict[str, Any], patience: Patience, token: Token) -> Any:
        """Call a method; an expired token is renewed, and the call repeated once.

        The gate counts that as one request: it happens once an hour.
        """
        with self._turn(method, patience):
            try:
                return self._post(method, params, patience, token)
            except PortalError as error:
                if error.code != "expired_token":
                    raise
            return self._post(method, params, patience, self._renewed(token, patience))

    def _post(self, method: str, params: dict[str, Any], patience: Patience, token: Token) -> Any:
        url = f"{self._portal}/rest/{method}"
        return _result(method, ask(self._session, method, patience, "POST", url, json=params | {"auth": token.access}))

    def _token(self, right: str | None = None, *, anyway: bool = False) -> tuple[Token, bool]:
        """Return the token, and whether it was refused, for what needs a right, else for anything that is needed.

        A recent refusal is final, unless it is tried `anyway`.
        """
        try:
            token, refusal = self.tokens.read(), self.tokens.refusal(None if anyway else right)
        except TokenProblem as problem:
            raise _unconnected(str(problem)) from None
        except StoreError as error:
            raise CrmError(f"the token cannot be read: {type(error).__name__}") from error
        if token is None:
            raise _unconnected("Bitrix24 has not been connected yet; run flask crm connect")
        if refusal and refusal.recent and not anyway:
            raise _unconnected(refusal.reason)
        return token, refusal is not None

    def _renewed(self, stale: Token, patience: Patience) -> Token:
        try:
            return self.tokens.renewed(stale, self._oauth.renew, within=patience.answer)
        except RenewalUnderWay as error:
            raise CrmError(str(error), wait=1) from None
        except TokenProblem as problem:
            raise _unconnected(str(problem)) from None
        except StoreError as error:
            raise CrmError(f"the token cannot be renewed: {type(error).__name__}") from error
        except PortalError:
            # Somebody may have renewed it, or connected again, while we were told that the old one is void.
            current, _ = self._token(anyway=True)
            if current == stale:
                raise
            return current

    @contextmanager
    def _turn(self, method: str, patience: Patience) -> Iterator[None]:
        """Go through the gate with a request, and tell it, for all processes, how the portal is."""
        try:
            turn = self.gate.enter(method, patience=patience.gate, urgent=patience.urgent)
        except GateShut as shut:
            raise CrmError(f"Bitrix24 was not asked: {shut}", wait=max(shut.wait, 0.1)) from None
        try:
            yield
        except CrmError as error:
            self._report(turn, error)
            raise
        self.gate.answered(turn)

    def _report(self, turn: Turn, error: CrmError) -> None:
        pauses, wait = (error.pauses, error.wait or 0) if isinstance(error, PortalError) else ("", 0)
        if pauses == "all":
            self.gate.pause(turn, wait)
        elif pauses == "method":
            self.gate.pause_method(turn, wait)
        elif error.down:
            self.gate.failed(turn)
        else:
            self.gate.answered(turn)


def _unconnected(problem: str) -> CrmError:
    return CrmError(problem, permanent=True, unconnected=True)


def _result(what: str, found: dict[str, Any]) -> Any:
    if "result" not in found:
        raise PortalError(f"{what}: an answer without a result", down=True, unsure=True)
    return found["result"]
