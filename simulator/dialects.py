"""What each provider that speaks TwiML knows, and where it differs.

Sources: twilio.com/docs/voice/twiml, SignalWire's cXML reference, Somleng's published source.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from simulator.faults import Level

_CALLBACK = "statusCallback statusCallbackEvent statusCallbackMethod"
_MACHINE = (
    "machineDetection machineDetectionTimeout machineDetectionSpeechThreshold"
    " machineDetectionSpeechEndThreshold machineDetectionSilenceTimeout amdStatusCallback amdStatusCallbackMethod"
)
_RECORDING = "recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent recordingTrack"

# None: the element is known, its attributes are not checked because it is not simulated.
_TWILIO: Mapping[str, str | None] = {
    "Say": "voice language loop",
    "Play": "loop digits",
    "Pause": "length",
    "Gather": "input action method timeout numDigits finishOnKey actionOnEmptyResult speechTimeout speechModel"
    " hints language profanityFilter partialResultCallback partialResultCallbackMethod bargeIn",
    "Redirect": "method",
    "Hangup": "",
    "Reject": "reason",
    "Record": "action method timeout finishOnKey maxLength playBeep trim transcribe transcribeCallback " + _RECORDING,
    "Dial": "action method timeout timeLimit hangupOnStar answerOnBridge callerId record trim ringTone sequential"
    f" referUrl referMethod callReason recordingConfigurationId {_RECORDING}",
    "Number": f"sendDigits url method byoc {_CALLBACK} {_MACHINE}",
    "Client": f"url method clientNotificationUrl {_CALLBACK}",
    "Identity": "",
    "Parameter": "name value",
    "Sip": f"username password url method {_CALLBACK} {_MACHINE}",
    "Queue": "url method reservationSid",
    "Conference": None,
    "Application": None,
    "Sim": None,
    "WhatsApp": None,
    "Enqueue": "action method waitUrl waitUrlMethod maxQueueSize workflowSid",
    "Leave": "",
    "Refer": None,
    "Start": None,
    "Stop": None,
    "Connect": None,
}
_SIGNALWIRE: Mapping[str, str | None] = {
    **{name: known for name, known in _TWILIO.items() if name not in ("Client", "Identity", "Parameter")},
    "Dial": "action method timeout timeLimit hangupOnStar answerOnBridge callerId record trim ringTone " + _RECORDING,
    "Number": f"sendDigits url method {_CALLBACK}",
    "Verto": None,
    "Denoise": None,
    "Echo": None,
    "Room": None,
}
_SOMLENG: Mapping[str, str | None] = {
    "Say": "voice language loop",
    "Play": "loop",
    "Gather": "action method timeout numDigits finishOnKey actionOnEmptyResult",
    "Redirect": "method",
    "Hangup": "",
    "Reject": "reason",
    "Record": "action method timeout finishOnKey maxLength playBeep"
    " recordingStatusCallback recordingStatusCallbackMethod",
    "Dial": "action method callerId timeout",
    "Number": "",
    "Sip": "",
    "Connect": None,
}
_NOUNS = frozenset(("Number", "Client", "Sip", "Queue", "Conference", "Application", "Sim", "WhatsApp", "Verto"))
_PARTS = frozenset(("Identity", "Parameter"))  # of a Client
_SSML = frozenset(("break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"))


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """One provider's way of speaking TwiML; times are seconds."""

    name: str
    attributes: Mapping[str, frozenset[str] | None]  # element -> its attributes; None: not checked
    children: Mapping[str, frozenset[str]]  # element -> what may stand inside it
    signature_header: str = "X-Twilio-Signature"
    idempotency_token: bool = False
    accept: str = "*/*"
    uuid_sids: bool = False
    geo: bool = True
    dial_bridged: bool = True
    dial_sid_always: bool = True  # False: DialCallSid only when the leg was joined
    finished_on_key: bool = True
    record_digits: bool = True
    keeps_silence: bool = True  # False: a recording of silence only is not saved
    answers_on_redirect: bool = False
    schema_level: Level = "warning"  # of 12200
    unknown_verb_ends: bool = False
    ring_extra: float = 0.0  # rings this much longer than Dial's timeout
    connect_timeout: float = 5.0
    total_timeout: float = 15.0
    max_redirects: int = 10
    overrides: frozenset[str] = frozenset()  # what the fragment of an address may ask for
    callback_retries: int = 0  # of callbacks, whatever the fragment says
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
    def client_noun(self) -> bool:
        """Whether a browser client can be dialled."""
        return "Client" in self.children["Dial"]

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
            "Response": frozenset(elements) - _NOUNS - _PARTS,
            "Dial": frozenset(elements) & _NOUNS,
            "Gather": frozenset(gather.split()),
            "Client": _PARTS,
            "Say": _SSML,
        }
    )


DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        "twilio": Dialect(
            name="twilio",
            attributes=_known(_TWILIO),
            children=_nesting(_TWILIO, gather="Say Play Pause"),
            idempotency_token=True,
            ring_extra=5.0,
            overrides=frozenset(("ct", "rt", "tt", "rc", "rp")),
        ),
        "signalwire": Dialect(
            name="signalwire",
            attributes=_known(_SIGNALWIRE),
            children=_nesting(_SIGNALWIRE, gather="Say Play Pause"),
            signature_header="X-SignalWire-Signature",
            uuid_sids=True,
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
            attributes=_known(_SOMLENG),
            children=_nesting(_SOMLENG, gather="Say Play"),
            accept="text/xml, application/xml, text/html",
            uuid_sids=True,
            geo=False,
            dial_bridged=False,
            dial_sid_always=False,
            finished_on_key=False,
            record_digits=False,
            answers_on_redirect=True,
            unknown_verb_ends=True,
        ),
    }
)
