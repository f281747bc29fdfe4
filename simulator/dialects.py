"""Where each provider that speaks TwiML differs; what it knows is in simulator.vocabulary, with the sources."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from simulator.faults import Level
from simulator.vocabulary import CLOUDONIX, NOUNS, PARTS, SIGNALWIRE, SOMLENG, SSML, TELNYX, TWILIO


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One provider's way of speaking TwiML; times are seconds."""

    name: str
    attributes: Mapping[str, frozenset[str] | None]  # element -> its attributes; None: not checked
    children: Mapping[str, frozenset[str]]  # element -> what may stand inside it
    signs: str = "hmac"  # how requests are proven: simulator.signature
    signature_header: str = "X-Twilio-Signature"
    json: bool = False  # a POST has a JSON body, with more about the call nested in it
    idempotency_token: bool = False
    accept: str = "*/*"
    sids: str = "letters"  # how call ids are made: simulator.sids
    legacy_sids: bool = False  # every id once more, as …Legacy
    bare_numbers: bool = False  # From without its +
    geo: bool = True
    dial_bridged: bool = True
    dial_sid_always: bool = True  # False: DialCallSid only when the leg was joined
    dial_status: str = "DialCallStatus"  # the parameter with the result of a Dial
    dial_answers: bool = True  # a Dial without answerOnBridge picks up
    ends_in_record: bool = False  # the end of a call is told by a call detail record
    finished_on_key: bool = True
    record_digits: bool = True
    record_timeout: int = 5  # seconds of silence that end a recording; 0: none do
    keeps_silence: bool = True  # False: a recording of silence only is not saved
    empty_goes_on: bool = False  # a recording of silence only goes on with the next verb
    recording_source: bool = True  # the callback of a recording says what was recorded
    only_english: frozenset[str] = frozenset()  # voices that speak no other language
    dial_timeout: tuple[int, int] = (5, 600)
    answers_on_redirect: bool = False
    schema_level: Level = "warning"  # of 12200
    unknown_verb_ends: bool = False
    ring_extra: float = 0.0  # rings this much longer than Dial's timeout
    connect_timeout: float = 5.0
    total_timeout: float = 15.0
    max_redirects: int = 10
    overrides: frozenset[str] = frozenset()  # what the fragment of an address may ask for
    callback_retries: int = 0  # of callbacks, whatever the fragment says
    rest_bearer: bool = False  # the REST API's login is a token, and its balance nested
    lists_by_day: bool = False  # the REST API's StartTime knows dates only

    @property
    def verbs(self) -> frozenset[str]:
        """The elements that may stand directly under Response."""
        return self.children["Response"]

    @property
    def leg_callbacks(self) -> bool:
        """Whether nouns may ask for statusCallback."""
        return self.knows("Number", "statusCallback")

    @property
    def whisper(self) -> bool:
        """Whether a callee can be played a document before being put through."""
        return self.knows("Number", "url")

    @property
    def answer_on_bridge(self) -> bool:
        """Whether Dial can leave the caller unanswered until somebody picks up."""
        return self.knows("Dial", "answerOnBridge")

    @property
    def pause(self) -> bool:
        """Whether Pause exists."""
        return "Pause" in self.verbs

    def knows(self, element: str, attribute: str) -> bool:
        """Whether `element` may carry `attribute`."""
        known = self.attributes.get(element, frozenset())
        return known is None or attribute in known


def _known(elements: Mapping[str, str | None]) -> Mapping[str, frozenset[str] | None]:
    """Element -> its attributes."""
    return MappingProxyType(
        {name: None if known is None else frozenset(known.split()) for name, known in elements.items()}
    )


def _nesting(elements: Mapping[str, str | None], *, gather: str) -> Mapping[str, frozenset[str]]:
    """Element -> what may stand inside it."""
    return MappingProxyType(
        {
            "Response": frozenset(elements) - NOUNS - PARTS,
            "Dial": frozenset(elements) & NOUNS,
            "Gather": frozenset(gather.split()),
            "Client": PARTS,
            "Say": SSML,
        }
    )


DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        "twilio": Dialect(
            name="twilio",
            attributes=_known(TWILIO),
            children=_nesting(TWILIO, gather="Say Play Pause"),
            idempotency_token=True,
            ring_extra=5.0,
            overrides=frozenset(("ct", "rt", "tt", "rc", "rp")),
        ),
        "signalwire": Dialect(
            name="signalwire",
            attributes=_known(SIGNALWIRE),
            children=_nesting(SIGNALWIRE, gather="Say Play Pause"),
            signature_header="X-SignalWire-Signature",
            sids="uuid",
            dial_bridged=False,
            keeps_silence=False,
            schema_level="error",
            unknown_verb_ends=True,
            connect_timeout=2.0,
            total_timeout=5.0,
            max_redirects=3,
            overrides=frozenset(("ot", "rt", "tt")),
            callback_retries=2,
            lists_by_day=True,
        ),
        "somleng": Dialect(
            name="somleng",
            attributes=_known(SOMLENG),
            children=_nesting(SOMLENG, gather="Say Play"),
            accept="text/xml, application/xml, text/html",
            sids="uuid",
            geo=False,
            dial_bridged=False,
            dial_sid_always=False,
            finished_on_key=False,
            record_digits=False,
            answers_on_redirect=True,
            unknown_verb_ends=True,
        ),
        "telnyx": Dialect(
            name="telnyx",
            attributes=_known(TELNYX),
            children=_nesting(TELNYX, gather="Say Play"),
            signs="ed25519",
            signature_header="telnyx-signature-ed25519",
            sids="telnyx",
            legacy_sids=True,
            geo=False,
            dial_bridged=False,
            finished_on_key=False,
            recording_source=False,
            record_timeout=0,
            rest_bearer=True,
            only_english=frozenset(("", "man", "woman")),
            dial_timeout=(5, 120),
            schema_level="error",
            unknown_verb_ends=True,
        ),
        "cloudonix": Dialect(
            name="cloudonix",
            attributes=_known(CLOUDONIX),
            children=_nesting(CLOUDONIX, gather="Say Play Pause"),
            signs="bearer",
            signature_header="Authorization",
            json=True,
            sids="hex",
            bare_numbers=True,
            geo=False,
            dial_bridged=False,
            dial_status="CallStatus",
            dial_answers=False,
            ends_in_record=True,
            finished_on_key=False,
            record_digits=False,
            keeps_silence=False,
            empty_goes_on=True,
            recording_source=False,
            schema_level="error",
            unknown_verb_ends=True,
        ),
    }
)
