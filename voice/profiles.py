"""Provider profiles: what each provider's TwiML can do (reference: twiml.md, sections 2.3 and 4)."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """What one provider can do beyond the portable core.

    Without `client` a browser device is not rung; without `whisper` nobody is asked to press 1, and a short ring
    must beat the mailbox; without `leg_callbacks` somebody rung alone counts as talking until the dial ends;
    without `dial_recording` and `answer_on_bridge` the attribute is left out. `ring_extra` are the seconds that a
    <Dial> rings longer than its timeout says; with `retries` the fragment of an address may say what is tried again
    (twiml.md 1.4); `rest_base` is its REST API, "" when only TWILIO_API_URL can tell.
    """

    signature_header: str = "X-Twilio-Signature"
    client: bool = True
    whisper: bool = True
    leg_callbacks: bool = True
    dial_recording: bool = True
    record_callback: bool = True
    answer_on_bridge: bool = True
    dial_bridged: bool = True
    retries: bool = True
    ring_extra: int = 0
    ring_least: int = 5
    ring_most: int = 600
    rest_base: str = ""

    @property
    def nouns(self) -> frozenset[str]:
        """The kinds of device that can be rung."""
        return frozenset({"number", "sip", "client"} if self.client else {"number", "sip"})


_twilio = Profile(ring_extra=5, rest_base="https://api.twilio.com")

PROFILES: dict[str, Profile] = {
    "twilio": _twilio,
    "simulator": replace(_twilio, rest_base=""),
    "signalwire": Profile(signature_header="X-SignalWire-Signature", client=False, dial_bridged=False),
    "somleng": Profile(
        client=False,
        whisper=False,
        leg_callbacks=False,
        dial_recording=False,
        record_callback=False,
        answer_on_bridge=False,
        dial_bridged=False,
        retries=False,
    ),
}
