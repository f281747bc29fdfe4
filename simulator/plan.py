"""What a Dial asks for, read once."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.leg import Leg, is_number
from simulator.markup import Element, Page
from simulator.party import resolve

if TYPE_CHECKING:
    from simulator.machine import RunningCall

_RECORD = {"true": "record-from-answer", "false": "do-not-record"}
_SIP_CALLER = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-_.")


@dataclass(frozen=True, kw_only=True)
class DialPlan:
    """A Dial's attributes with their defaults; times are seconds."""

    action: str
    method: str
    timeout: int
    ring_seconds: float
    time_limit: int
    hangup_on_star: bool
    sequential: bool
    record: str
    caller_id: str

    @classmethod
    def of(cls, call: "RunningCall", element: Element, page: Page) -> "DialPlan":
        """Read a Dial that `call` has come to."""
        action = element.get("action")
        timeout = element.number("timeout", 30)
        record = element.get("record", "do-not-record")
        return cls(
            action=resolve(page, action) if action else "",
            method=element.get("method", "POST"),
            timeout=timeout,
            ring_seconds=timeout + call.network.provider.dialect.ring_extra,
            time_limit=element.number("timeLimit", 14_400),
            hangup_on_star=element.flag("hangupOnStar"),
            sequential=element.flag("sequential"),
            record=_RECORD.get(record, record),
            caller_id=element.get("callerId"),
        )

    @property
    def records(self) -> bool:
        """Whether the talk is recorded."""
        return self.record != "do-not-record"

    @property
    def channels(self) -> int:
        """How many channels a recording has."""
        return 2 if self.record.endswith("-dual") else 1


def legs_of(call: "RunningCall", element: Element, page: Page, plan: DialPlan) -> tuple[Leg, ...]:
    """One leg for every noun, not ringing yet; those that cannot be dialled have failed already."""
    legs = []
    for noun in element.children:
        if noun.name not in ("Number", "Client", "Sip"):
            call.complain("unsimulated", f"<{noun.name}>", url=page.url)
            continue
        leg = Leg(call, noun, page, from_=plan.caller_id or call.from_)
        if code := leg.complaint() or _caller_id_complaint(call, plan, noun):
            call.complain(code, leg.device if leg.complaint() else plan.caller_id, url=page.url)
            leg.end("failed", 404)
        legs.append(leg)
    return tuple(legs)


def _caller_id_complaint(call: "RunningCall", plan: DialPlan, noun: Element) -> str:
    """13214 for a caller ID that the provider would not show.

    Allowed towards a telephone: the caller's number, the number called, and one's own; a caller on SIP has no
    number, and a caller in a browser must be given one. Source: twilio.com/docs/voice/twiml/dial#callerid.
    """
    given, own = plan.caller_id, {*call.network.provider.own_numbers}
    if not given:
        missing = call.from_.startswith("client:") or (noun.name == "Number" and call.from_.startswith("sip:"))
        return "13214" if missing else ""
    if noun.name == "Client":
        return ""
    if noun.name == "Sip":
        return "" if set(given) <= _SIP_CALLER else "13247"
    allowed = {call.from_, call.to, *own}
    return "" if given in allowed and is_number(given) else "13214"
