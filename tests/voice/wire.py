"""The provider's side of an app in this process: every request is signed as the provider would sign it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from config.company import Company
from flows.calls import Call
from flows.places import Place
from local.house import ACCOUNT, PUBLIC_URL, TOKEN, house_environment
from simulator.signature import sign
from tests.databases import shared_database
from tests.moments import OPEN, at
from voice.urls import Urls

MAIN = "+34910000001"
DIRECT = "+34910000002"
BILLING = "+34910000003"
CALLER = "+34600000001"
SID = "CA" + "1" * 32
MOST_BYTES = 64 * 1024
"""A longer document is an error of the provider's (twiml.md 1.4)."""

FORM = {
    "CallSid": SID,
    "AccountSid": ACCOUNT,
    "From": CALLER,
    "To": MAIN,
    "Caller": CALLER,
    "Called": MAIN,
    "CallStatus": "in-progress",
    "ApiVersion": "2010-04-01",
    "Direction": "inbound",
    "FromCity": "",
    "FromState": "",
    "FromZip": "",
    "FromCountry": "ES",
}
"""What every request carries (twiml.md 1.2)."""


def app_of(
    company: Company,
    redis_url: str,
    *,
    provider: str = "twilio",
    clock: Callable[[], datetime] = lambda: at(OPEN),
    api_url: str | None = None,
    with_pages: bool = False,
) -> Flask:
    """An app as the web process makes it, on a Tuesday morning that does not pass."""
    environment = house_environment(redis_url, provider, api_url, database_url=shared_database())
    return create_app(environment, company=company, clock=clock, with_pages=with_pages)


def place_path(company: Company, place: Place, number: str | None = MAIN) -> str:
    """Path and query of a place of a call, as the app would write it."""
    call = Call(id=SID, number=number, caller=CALLER, called=number or "")
    return Urls(public_url="", revision=company.revision).place(call, place)


class Wire:
    """Sends signed requests to one app."""

    def __init__(self, app: Flask, header: str = "X-Twilio-Signature") -> None:
        self.app = app
        self.client = app.test_client()
        self.header = header

    def post(self, target: str, *, to: Any = None, form: Any = None, **more: Any) -> Answer:
        """POST to a path with its query: `form`, or the usual fields with `more` in place of some of them."""
        fields = dict(form) if form is not None else FORM | ({"To": to, "Called": to} if to is not None else {}) | more
        return self.raw("POST", target, data=fields, headers={self.header: sign(TOKEN, PUBLIC_URL + target, fields)})

    def get(self, target: str, **more: str) -> Answer:
        """GET a path with its query, and the usual fields added to it."""
        target += ("&" if "?" in target else "?") + urlencode(FORM | more)
        return self.raw("GET", target, headers={self.header: sign(TOKEN, PUBLIC_URL + target)})

    def raw(self, method: str, target: str, **options: object) -> Answer:
        """Send a request just so."""
        return Answer(self.client.open(target, method=method, **options))  # type: ignore[arg-type]


class Answer:
    """What the app answered."""

    def __init__(self, response: TestResponse) -> None:
        self.status = response.status_code
        self.bytes = response.get_data()
        self.text = self.bytes.decode(errors="replace")
        self.headers = response.headers
        response.close()

    @property
    def document(self) -> ET.Element:
        """The one TwiML document that it is; anything else fails the test (DESIGN section 5)."""
        assert self.status == 200, self.text
        assert self.headers["Content-Type"].partition(";")[0] == "text/xml"
        assert len(self.bytes) < MOST_BYTES
        root = ET.fromstring(self.bytes)
        assert root.tag == "Response"
        return root

    @property
    def verbs(self) -> list[str]:
        """The names of the verbs, in order."""
        return [verb.tag for verb in self.document]

    @property
    def said(self) -> str:
        """All that is said, one text after the other."""
        return " ".join(say.text or "" for say in self.document.iter("Say"))

    @property
    def dialled(self) -> list[str]:
        """The devices that are rung."""
        return [noun.text or "" for dial in self.document.iter("Dial") for noun in dial]

    @property
    def kind(self) -> tuple[int, str]:
        """Status and content type."""
        return self.status, self.headers["Content-Type"].partition(";")[0]
