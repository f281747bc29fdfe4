"""Provider profiles: what each provider can do, how it proves who it is, and what it calls things.

Sources: twiml.md sections 1.3, 1.4, 2.3 and 4. Telnyx: developers.telnyx.com, the pages of the TeXML verbs Dial,
Gather, Record and Say, the TeXML callbacks (api-reference/callbacks/texml-*) and the TeXML REST commands. Cloudonix:
developers.cloudonix.com, Documentation/voiceApplication (Request, Verb/…), dataModels/domain (authorization-api-key,
cdr-endpoint) and apiWorkflow/apiCallDetailReports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

Proof = Literal["hmac", "ed25519", "bearer"]

OVER = frozenset({"completed", "canceled", "busy", "failed", "no-answer"})
"""CallStatus of a call that has ended (twiml.md 2.3: a Dial's action is requested even then)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Rest:
    """How a provider's REST API is spoken to. `base` is "" when only TWILIO_API_URL can tell where it is.

    `account` and `balance` are paths below the base, `call` what follows a call's id; with `bearer` the login is a
    token. `since` is the parameter for calls that began later than, with `days` a day that does not count itself;
    without `legs` it does not tell which call a leg
    was dialled for, without `numbers` not where the webhooks of the account's numbers lead.
    """

    base: str = ""
    account: str = "/2010-04-01/Accounts/{account}"
    call: str = ".json"
    balance: str = "/2010-04-01/Accounts/{account}/Balance.json"
    since: str = "StartTime>"
    days: bool = False
    bearer: bool = False
    legs: bool = True
    numbers: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """What one provider can do beyond the portable core; `voice.capabilities` says it in words.

    Without `client` a browser device is not rung; without `whisper` nobody is asked to press 1, and a short ring
    must beat the mailbox; without `leg_callbacks` somebody rung alone counts as talking until the dial ends;
    without `dial_recording` and `answer_on_bridge` the attribute is left out, and with `dial_rings` it is not needed,
    because no <Dial> answers the call. `ring_extra` are the seconds that a <Dial> rings longer than its timeout says;
    with `retries` the fragment of an address may say what is tried again (twiml.md 1.4).

    Without `dial_bridged` nobody tells whether the two were joined, without `dial_seconds` not how long they talked.

    `speaks` is the voice for other languages than English where the usual one speaks English only; `message` are
    further attributes of <Record>. With `empty_goes_on` a recording without a word goes on with the next verb. With
    `own_source` the callback of a recording does not say what was recorded. With `dial_status` "CallStatus" the
    result of a <Dial> is told there, and so not whether the caller is gone: for him `gone` are the statuses that are
    left. None for `rest` where there is no REST API of this family.
    """

    proof: Proof = "hmac"
    signature_header: str = "X-Twilio-Signature"
    client: bool = True
    whisper: bool = True
    leg_callbacks: bool = True
    dial_recording: bool = True
    record_callback: bool = True
    answer_on_bridge: bool = True
    dial_rings: bool = False
    dial_bridged: bool = True
    dial_seconds: bool = True
    gather_method: bool = True
    retries: bool = True
    fallback: bool = True
    ring_extra: int = 0
    ring_least: int = 5
    ring_most: int = 600
    speaks: str | None = None
    message: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    empty_goes_on: bool = False
    own_source: bool = False
    dial_status: str = "DialCallStatus"
    gone: frozenset[str] = OVER
    rest: Rest | None = Rest()

    @property
    def nouns(self) -> frozenset[str]:
        """The kinds of device that can be rung."""
        return frozenset({"number", "sip", "client"} if self.client else {"number", "sip"})


_twilio = Profile(ring_extra=5, rest=Rest(base="https://api.twilio.com"))

# <Record> waits for # or 120 seconds: its timeout would be charged as a transcription. MP3 in two channels is its
# default, in which silence could not be heard.
_telnyx = Profile(
    proof="ed25519",
    signature_header="telnyx-signature-ed25519",
    client=False,
    dial_bridged=False,
    gather_method=False,
    retries=False,
    ring_most=120,
    speaks="alice",
    message=MappingProxyType({"format": "wav", "channels": "single"}),
    own_source=True,
    rest=Rest(
        base="https://api.telnyx.com/v2",
        account="/texml/Accounts/{account}",
        call="",
        balance="/balance",
        since="StartTime_gt",
        days=True,
        bearer=True,
        legs=False,
        numbers=False,
    ),
)

_cloudonix = Profile(
    proof="bearer",
    signature_header="Authorization",
    client=False,
    whisper=False,
    leg_callbacks=False,
    answer_on_bridge=False,
    dial_rings=True,
    dial_bridged=False,
    dial_seconds=False,
    retries=False,
    fallback=False,
    empty_goes_on=True,
    own_source=True,
    dial_status="CallStatus",
    gone=frozenset({"canceled"}),
    rest=None,
)

PROFILES: dict[str, Profile] = {
    "twilio": _twilio,
    "simulator": replace(_twilio, rest=Rest()),
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
    "telnyx": _telnyx,
    "cloudonix": _cloudonix,
}


def rest_base(provider: str, given: str | None) -> str:
    """Say where a provider's REST API is: where it was `given`, else its own place; "" when it has none."""
    rest = PROFILES[provider].rest
    return "" if rest is None else given or rest.base
