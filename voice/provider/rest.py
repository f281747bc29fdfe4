"""The provider's REST API, as much of it as the switchboard needs. For jobs, never inside a webhook."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, BinaryIO, TypeVar
from urllib.parse import SplitResult, quote, urlencode, urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError as TransportError

from calls.details import LegFact
from voice.profiles import Rest
from voice.provider.answers import MAY_PASS, asked, lost, named, need_success, pieces, session, too_large
from voice.provider.call_list import CallPage, ProviderCall, read_call
from voice.provider.errors import ProviderError
from voice.provider.logins import Bearer, Login, as_nobody, is_here, is_public, origin
from voice.provider.rented import ProviderNumber, read_number

__all__ = ["ProviderApi", "ProviderError"]

Read = TypeVar("Read")

TWIML = Rest()
DAY = timedelta(days=1)

TIMEOUTS = (5.0, 10.0)
"""Seconds to connect, and to wait for the next bytes of an answer."""

ANSWER_WITHIN = 30.0
"""Seconds for a whole answer, however it drips."""

MEDIA_WITHIN = 120.0
"""Seconds for a whole recording: rq lets a job live for 180, and it is to be put away in the rest."""

MOST_ANSWER = 16 * 1024 * 1024
"""Bytes: a page of calls has about 2 kB for each."""

CALLS_ON_A_PAGE = 500
LEGS_OF_A_CALL = 100
MOST_REDIRECTS = 3

NUMBERS_UNTOLD = "this REST API does not tell where numbers lead: see at the provider"
NUMBERS_ON_A_PAGE = 200
MOST_PAGES_OF_NUMBERS = 25


class ProviderApi:
    """Calls of one account (twiml.md section 3). The official client takes 20 MB and knows one host only.

    `rest` is how this provider is spoken to; `timeouts` are the seconds to connect and to wait for the next bytes.
    Every method raises ProviderError.
    """

    def __init__(
        self,
        *,
        base: str,
        account_sid: str,
        auth_token: str,
        rest: Rest = TWIML,
        timeouts: tuple[float, float] = TIMEOUTS,
    ) -> None:
        self._home = urlsplit(base)
        self._rest = rest
        self.tells_numbers = rest.numbers
        self._account = base + rest.account.format(account=account_sid)
        self._balance = base + rest.balance.format(account=account_sid)
        self._login: Login = Bearer(auth_token) if rest.bearer else (account_sid, auth_token)
        self._timeouts = timeouts
        self._session = session()

    def redirect(self, call_id: str, url: str) -> None:
        """Let a live call fetch another document; the error is permanent when the call is over."""
        self._ask("POST", self._call(call_id), {"Url": url, "Method": "POST"})

    def status(self, call_id: str) -> str | None:
        """Return the CallStatus of a call, None when the provider has never heard of it."""
        found = self.call(call_id)
        return found.status if found else None

    def call(self, call_id: str) -> ProviderCall | None:
        """Return a call or a leg, None when the provider has never heard of it."""
        found = self._ask("GET", self._call(call_id))
        return None if found is None else _read(read_call, found, "call")

    def legs(self, call_id: str) -> tuple[LegFact, ...]:
        """Return the devices that were dialled for a call, in their order; none where the API cannot say."""
        if not self._rest.legs:
            return ()
        query = urlencode({"ParentCallSid": call_id, "PageSize": LEGS_OF_A_CALL})
        legs = [leg for leg in self._page(query).calls if leg.parent == call_id]
        legs.sort(key=lambda leg: leg.started_at.timestamp() if leg.started_at else 0)
        return tuple(
            LegFact(to=leg.to, status=leg.status, seconds=leg.seconds, started_at=leg.started_at) for leg in legs
        )

    def calls_since(self, moment: datetime, page: str = "") -> Iterator[CallPage]:
        """Turn the pages of all calls and legs that began at `moment` or later, the latest first.

        `page` is where to go on (CallPage.here). Some providers count by days: what is older is left out here.
        """
        began = f"{moment - DAY:%Y-%m-%d}" if self._rest.days else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        here = page or urlencode({self._rest.since: began, "PageSize": CALLS_ON_A_PAGE})
        while here:
            found = self._page(here)
            kept = tuple(call for call in found.calls if call.started_at and call.started_at >= moment)
            yield replace(found, calls=kept)
            here = found.next

    def knows_us(self) -> bool:
        """Tell whether the API has calls of our account; a wrong account, or a wrong address, has no list of them."""
        found = self._ask("GET", f"{self._calls}?PageSize=1")
        return found is not None and isinstance(found.get("calls"), list)

    def balance(self) -> Decimal:
        """Return what the account has left, in its own currency."""
        found = self._ask("GET", self._balance)
        if found is None:
            raise ProviderError("GET Balance.json: there is none", permanent=True)
        inner = found.get("data")
        said = str((inner if isinstance(inner, dict) else found).get("balance"))
        try:
            balance = Decimal(said)
        except InvalidOperation:
            balance = Decimal("NaN")
        if not balance.is_finite():
            raise ProviderError(f"GET Balance.json: {said[:40]!r} is no number", permanent=False)
        return balance

    def numbers(self) -> tuple[ProviderNumber, ...]:
        """Return the numbers that the account rents, and where their webhooks lead."""
        if not self.tells_numbers:
            raise ProviderError(NUMBERS_UNTOLD, permanent=True)
        query, found = urlencode({"PageSize": NUMBERS_ON_A_PAGE}), list[ProviderNumber]()
        for _ in range(MOST_PAGES_OF_NUMBERS):
            page = self._ask("GET", f"IncomingPhoneNumbers.json?{query}") or {}
            listed = page.get("incoming_phone_numbers")
            if not isinstance(listed, list):
                raise ProviderError("GET IncomingPhoneNumbers.json: there is no list of numbers", permanent=False)
            found += [_read(read_number, each, "number") for each in listed]
            query = urlsplit(str(page.get("next_page_uri") or "")).query
            if not query:
                break
        return tuple(found)

    def point(self, number_sid: str, fields: dict[str, str]) -> ProviderNumber:
        """Change a number of the account, all of it in one step, and return it as the provider has it now."""
        found = self._ask("POST", f"IncomingPhoneNumbers/{quote(number_sid, safe='')}.json", fields)
        return _read(read_number, found, "number")

    def account_status(self) -> str | None:
        """Return how the account is, such as active or suspended; None when there is none."""
        found = self._ask("GET", "")
        return None if found is None else str(found.get("status") or "")

    def media(self, url: str, to_file: BinaryIO, most_bytes: int) -> str:
        """Write a recording into a file, and return its content type, such as audio/x-wav.

        Nobody but the REST API's own host is told who we are. An error is permanent when the recording has more than
        `most_bytes`, or the provider refuses it; not when it is not ready yet (404), or for what else may pass. After
        an error the file is worth nothing.
        """
        for _ in range(MOST_REDIRECTS + 1):
            address = _address(url)
            self._refuse_unsafe(address)
            login = self._login if origin(address) == origin(self._home) else None
            with self._answer("GET", url, login=login) as answer:
                if not answer.is_redirect:
                    return _save(answer, to_file, most_bytes)
                url = _onwards(answer)
        raise ProviderError(f"GET {named(url)}: always somewhere else", permanent=True)

    def delete_recording(self, recording_id: str) -> None:
        """Delete a recording; one that is gone already is no error."""
        url = f"{self._account}/Recordings/{quote(recording_id, safe='')}.json"
        with self._answer("DELETE", url, login=self._login) as answer:
            if answer.status_code != 404:
                need_success(answer)
                return
        if not self.knows_us():  # or everything would be gone
            raise ProviderError(f"DELETE {named(url)}: 404, and our account is not known there", permanent=False)

    def _refuse_unsafe(self, address: SplitResult) -> None:
        """Allow https, and http only where the provider itself is on this machine.

        An address of a private network is asked only where the provider is in one: nobody else is to look into ours.
        """
        if address.scheme == "https" and (is_public(address) or not is_public(self._home)):
            return
        if address.scheme == "http" and is_here(address) and is_here(self._home):
            return
        raise ProviderError(
            f"GET {named(address.geturl())}: recordings are fetched over https only, and from public hosts",
            permanent=True,
        )

    def _page(self, query: str) -> CallPage:
        found = self._ask("GET", f"{self._calls}?{query}") or {}
        listed = found.get("calls")
        if not isinstance(listed, list):
            raise ProviderError("GET Calls.json: there is no list of calls", permanent=False)
        # Only the query counts: so no answer can lead us, and our credentials, to another place.
        following = urlsplit(str(found.get("next_page_uri") or "")).query
        return CallPage(calls=tuple(_read(read_call, each, "call") for each in listed), here=query, next=following)

    @property
    def _calls(self) -> str:
        return f"Calls{self._rest.call}"

    def _call(self, call_id: str) -> str:
        return f"Calls/{quote(call_id, safe='')}{self._rest.call}"

    def _ask(self, method: str, path: str, form: dict[str, str] | None = None) -> dict[str, Any] | None:
        """Ask for a path below the account, for the account itself, or for a whole address."""
        url = f"{self._account}/{path}" if path else f"{self._account}.json"
        if "://" in path.partition("?")[0]:
            url = path
        with self._answer(method, url, form, login=self._login) as answer:
            if answer.status_code == 404 and method == "GET":
                return None
            need_success(answer)
            body = b"".join(pieces(answer, MOST_ANSWER, ANSWER_WITHIN))
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ProviderError(f"{asked(answer)}: {answer.status_code}, and no JSON object", permanent=False)
        return found

    @contextmanager
    def _answer(
        self, method: str, url: str, form: dict[str, str] | None = None, *, login: Login | None
    ) -> Iterator[requests.Response]:
        """Ask, and read no further than the headers; a redirect is not followed."""
        what = f"{method} {named(url)}"
        # Never `from error`: its text tells the whole address, and a log would print it.
        try:
            answer = self._session.request(
                method,
                url,
                data=form,
                auth=login or as_nobody,
                timeout=self._timeouts,
                stream=True,
                allow_redirects=False,
            )
        except (OSError, TransportError) as error:  # those of requests are OSErrors
            raise lost(what, error) from None
        try:
            with answer:
                yield answer
        except (requests.RequestException, TransportError) as error:  # any other OSError is that of who reads it
            raise lost(what, error) from None


def _address(url: str) -> SplitResult:
    try:
        address = urlsplit(url)
        address.port  # noqa: B018  (reading it is the check)
    except ValueError:
        raise ProviderError(f"GET {named(url)}: there is nothing to be fetched", permanent=True) from None
    return address


def _onwards(answer: requests.Response) -> str:
    try:
        return urljoin(answer.url, answer.headers["Location"])
    except ValueError:
        raise ProviderError(f"{asked(answer)}: sends on to no address", permanent=True) from None


def _read(read: Callable[[Any], Read], fields: Any, what: str) -> Read:
    try:
        return read(fields)
    except (LookupError, TypeError, AttributeError):
        raise ProviderError(f"what the provider sent for a {what} is none", permanent=False) from None


def _save(answer: requests.Response, to_file: BinaryIO, most: int) -> str:
    need_success(answer, MAY_PASS | {404})
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind.startswith("text/") or kind.endswith(("json", "xml")):
        raise ProviderError(f"{asked(answer)}: no sound but {kind[:60]}", permanent=False)
    if (length := answer.headers.get("Content-Length", "")).isdigit() and int(length) > most:
        raise too_large(answer, most)
    size = 0
    for piece in pieces(answer, most, MEDIA_WITHIN):
        size += to_file.write(piece)
    if not size:
        raise ProviderError(f"{asked(answer)}: an empty file", permanent=False)
    return kind
