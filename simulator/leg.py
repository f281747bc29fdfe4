"""A dialled leg: one device that a call rings."""

import re
from collections.abc import Callable, Mapping
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from simulator.markup import Element, Page
from simulator.party import Party, resolve

if TYPE_CHECKING:
    from simulator.machine import RunningCall

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_SIP = re.compile(r"sips?:[^@\s]+@[^@\s]+")
_EVENT_OF = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
_PUNCTUATION = str.maketrans("", "", " -().")


class Leg(Party):
    """One noun of a Dial: `client:ana`, `sip:…` or `+34…`.

    `status` goes from initiated over ringing and in-progress to completed, busy, no-answer, failed or canceled.
    """

    direction = "outbound-dial"

    def __init__(self, call: "RunningCall", noun: Element, page: Page, *, from_: str) -> None:
        self.device = device_of(noun)
        super().__init__(call.network, from_=from_, to=self.device)
        self.call = call
        self.noun = noun
        self.mailbox = False
        self.bridged = False
        self.started_at: float | None = None
        self.bridged_at: float | None = None
        self.ended_at: float | None = None
        self.sip_code = 0
        self._page = page
        self._sequence = 0

    def __repr__(self) -> str:
        return f"<Leg {self.device} {self.status}>"

    @property
    def is_ringing(self) -> bool:
        """Whether it rings now."""
        return self.status == "ringing"

    @property
    def is_over(self) -> bool:
        """Whether nothing more can happen to it."""
        return self.status in ("completed", "busy", "no-answer", "failed", "canceled")

    @property
    def extra(self) -> Mapping[str, str]:
        """The parameters that tie the leg to its call."""
        return {"ParentCallSid": self.call.sid}

    @property
    def whisper_url(self) -> str:
        """The document that the callee hears before being put through; empty when there is none."""
        url = self.noun.get("url")
        return resolve(self._page, url) if url else ""

    def note(self, kind: str, text: str, *, at: float | None = None) -> None:
        """Write a line about this device into the call's transcript."""
        self.call.note(kind, text, at=at, who=self.device)

    def unhear(self) -> None:
        """Take back the prompts that the callee was still going to hear."""
        self.call.unhear(who=self.device)

    def complaint(self) -> str:
        """The code for a number or address that cannot be dialled; empty when it can."""
        return _COMPLAINTS[self.noun.name](self.device)

    def ring(self) -> None:
        """Start ringing."""
        self.started_at = self.now
        self._turn("initiated")
        self._turn("ringing")
        self.note("ring", "")

    def pick_up(self) -> None:
        """The callee picks up."""
        if self.answered:
            return
        self.answered, self.answered_at, self.sip_code = True, self.now, 200
        self._turn("in-progress")
        self.note("pick up", "mailbox" if self.mailbox else "")

    def bridge(self) -> None:
        """Connect to the caller."""
        self.bridged, self.bridged_at = True, self.now
        self.note("talk", "")

    def end(self, status: str, sip_code: int = 200) -> None:
        """Stop ringing or talking, with one of the final statuses."""
        self.sip_code, self.ended_at = sip_code, self.now
        self.note("end", status)
        self._turn(status)

    @property
    def duration(self) -> int:
        """Whole seconds from picking up to the end, or to now; 0 when nobody picked up."""
        if self.answered_at is None:
            return 0
        return round((self.now if self.ended_at is None else self.ended_at) - self.answered_at)

    def _turn(self, status: str) -> None:
        self.status = status
        event = _EVENT_OF.get(status, "completed")
        url = self.noun.get("statusCallback")
        if not url or event not in self.noun.get("statusCallbackEvent", "completed").split():
            return
        method = self.noun.get("statusCallbackMethod", "POST")
        self.notify(resolve(self._page, url), method, self._event_params(event))
        self._sequence += 1

    def _event_params(self, event: str) -> dict[str, str]:
        params = {
            **self.params(),
            "Timestamp": format_datetime(self.network.clock.now()),
            "CallbackSource": "call-progress-events",
            "SequenceNumber": str(self._sequence),
        }
        if event == "completed":
            seconds = self.duration
            params |= {
                "CallDuration": str(seconds),
                "Duration": str(minutes(seconds)),
                "SipResponseCode": str(self.sip_code),
            }
        return params


def minutes(seconds: int) -> int:
    """Billed minutes: every minute that was begun."""
    return -(-seconds // 60)


def device_of(noun: Element) -> str:
    """The address that a noun dials, without the headers and parameters that may follow it."""
    if noun.name == "Client":
        identities = [child.text for child in noun.children if child.name == "Identity"]
        return f"client:{identities[0] if identities else noun.text.partition('?')[0]}"
    if noun.name == "Sip":
        return noun.text.partition("?")[0]
    return noun.text.translate(_PUNCTUATION)


def identity_of(device: str) -> str:
    """The name in an address: `ana` of `client:ana` and of `sip:ana@example.com`; a number is its own name."""
    return (urlsplit(device).path if ":" in device else device).partition("@")[0]


def is_number(text: str) -> bool:
    """Whether `text` is a telephone number in international format."""
    return _E164.fullmatch(text) is not None


_COMPLAINTS: Mapping[str, Callable[[str], str]] = {
    "Number": lambda device: "" if is_number(device) else "13223",
    "Sip": lambda device: "" if _SIP.fullmatch(device) and len(device) < 255 else "13243",
    "Client": lambda device: "" if 0 < len(device) - len("client:") <= 256 else "12200",
}
