"""Which attribute values the provider accepts, and the code of its complaint about others."""

import re
from collections.abc import Callable, Iterator, Mapping

from simulator.dialects import Dialect

Check = Callable[[str], bool]


def whole(low: int, high: int | None = None) -> Check:
    """Accept whole numbers from `low` to `high`."""

    def check(value: str) -> bool:
        return value.isascii() and value.isdigit() and low <= int(value) and (high is None or int(value) <= high)

    return check


def one_of(*allowed: str) -> Check:
    """Accept exactly these words; case counts."""
    return frozenset(allowed).__contains__


def some_of(*allowed: str) -> Check:
    """Accept one or more of these words, separated by spaces."""

    def check(value: str) -> bool:
        return bool(value.split()) and set(value.split()) <= set(allowed)

    return check


def pattern(expression: str) -> Check:
    """Accept what matches the whole expression."""
    compiled = re.compile(expression)
    return lambda value: compiled.fullmatch(value) is not None


def anything(_: str) -> bool:
    """Accept every value."""
    return True


def finish_keys(value: str) -> str | None:
    """The code of the complaint about Gather's finishOnKey, None when it is well formed."""
    if len(value) > 1:
        return "13311"
    return None if value in "0123456789*#" else "13310"


_METHOD = one_of("GET", "POST")
_BOOLEAN = one_of("true", "false")
_ADDRESS = pattern(r"(?:https?://[^\s/?#]+(?:[/?#]\S*)?|(?![a-zA-Z][\w+.-]*:)\S*)")
# Host names of status callbacks may not hold underscores (twilio.com/docs/voice/twiml/number).
_CALLBACK = pattern(r"(?:https?://[^\s/?#_]+(?:[/?#]\S*)?|(?![a-zA-Z][\w+.-]*:)\S*)")
_EVENTS = some_of("initiated", "ringing", "answered", "completed")
_VOICE = pattern(r"man|woman|alice|none|(?:Polly|Google|Amazon|Azure|ElevenLabs|gcloud|polly)\..+")
_LANGUAGE = pattern(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_RECORD = one_of(
    "do-not-record", "record-from-answer", "record-from-ringing", "record-from-answer-dual",
    "record-from-ringing-dual", "true", "false",
)  # fmt: skip
_RECORDING: Mapping[str, tuple[Check, str]] = {
    "recordingStatusCallback": (_CALLBACK, "13256"),
    "recordingStatusCallbackMethod": (_METHOD, "12200"),
    "recordingStatusCallbackEvent": (some_of("in-progress", "completed", "absent"), "13621"),
    "recordingTrack": (one_of("inbound", "outbound", "both"), "13622"),
}
_STATUS: Mapping[str, tuple[Check, str]] = {
    "url": (_ADDRESS, "11100"),
    "statusCallback": (_CALLBACK, "11100"),
    "statusCallbackEvent": (_EVENTS, "12200"),
    "statusCallbackMethod": (_METHOD, "12200"),
}
_MACHINE: Mapping[str, tuple[Check, str]] = {
    "machineDetection": (one_of("Enable", "DetectMessageEnd"), "12200"),
    "machineDetectionTimeout": (whole(3, 60), "12200"),
    "machineDetectionSpeechThreshold": (whole(1000, 6000), "12200"),
    "machineDetectionSpeechEndThreshold": (whole(500, 5000), "12200"),
    "machineDetectionSilenceTimeout": (whole(2000, 10000), "12200"),
    "amdStatusCallback": (_CALLBACK, "11100"),
    "amdStatusCallbackMethod": (_METHOD, "12200"),
}

VALUES: Mapping[str, Mapping[str, tuple[Check, str]]] = {
    "Say": {
        "voice": (_VOICE, "13511"),
        "language": (_LANGUAGE, "13512"),
        "loop": (whole(0), "13510"),
    },
    "Play": {"loop": (whole(0), "13410"), "digits": (pattern(r"[0-9ABCD*#wW]+"), "13430")},
    "Pause": {"length": (whole(1), "13910")},
    "Gather": {
        "input": (one_of("dtmf", "speech", "dtmf speech", "speech dtmf"), "13326"),
        "action": (_ADDRESS, "11100"),
        "method": (_METHOD, "13312"),
        "timeout": (whole(1), "13313"),
        "numDigits": (whole(1), "13314"),
        "actionOnEmptyResult": (_BOOLEAN, "13338"),
        "speechTimeout": (pattern(r"auto|[1-9]\d*"), "13327"),
        "hints": (lambda value: all(len(hint) <= 100 for hint in value.split(",")), "13330"),
        "language": (_LANGUAGE, "13331"),
        "profanityFilter": (_BOOLEAN, "13333"),
        "partialResultCallback": (_CALLBACK, "11100"),
        "partialResultCallbackMethod": (_METHOD, "13329"),
        "bargeIn": (_BOOLEAN, "13332"),
    },
    "Redirect": {"method": (_METHOD, "13710")},
    "Reject": {"reason": (one_of("rejected", "busy"), "13810")},
    "Record": {
        "action": (_ADDRESS, "11100"),
        "method": (_METHOD, "13610"),
        "timeout": (whole(0), "13611"),
        "finishOnKey": (pattern(r"[0-9*#]*"), "13613"),
        "maxLength": (whole(2, 86400), "13612"),
        "playBeep": (_BOOLEAN, "13616"),
        "trim": (one_of("trim-silence", "do-not-trim"), "13699"),
        "transcribe": (_BOOLEAN, "13614"),
        "transcribeCallback": (_CALLBACK, "11100"),
        **_RECORDING,
    },
    "Dial": {
        "action": (_ADDRESS, "11100"),
        "method": (_METHOD, "13210"),
        "timeout": (whole(5, 600), "13212"),
        "timeLimit": (whole(1, 86400), "13216"),
        "hangupOnStar": (_BOOLEAN, "13213"),
        "answerOnBridge": (_BOOLEAN, "13219"),
        "record": (_RECORD, "13217"),
        "trim": (one_of("trim-silence", "do-not-trim"), "12200"),
        "ringTone": (pattern(r"[a-z]{2}(?:-[a-z]+)?"), "13220"),
        "sequential": (_BOOLEAN, "13218"),
        "referUrl": (_ADDRESS, "11100"),
        "referMethod": (_METHOD, "12200"),
        **_RECORDING,
    },
    "Number": {
        "sendDigits": (pattern(r"[0-9*#wWABCD]*"), "13222"),
        "method": (_METHOD, "13221"),
        **_STATUS,
        **_MACHINE,
    },
    "Client": {"method": (_METHOD, "12200"), "clientNotificationUrl": (_ADDRESS, "11100"), **_STATUS},
    "Sip": {"method": (_METHOD, "13241"), **_STATUS, **_MACHINE},
    "Enqueue": {"method": (_METHOD, "14201"), "waitUrlMethod": (_METHOD, "14206")},
}
# What is wrong with a prompt inside Gather has numbers of its own.
_IN_GATHER = {"13510": "13322", "13511": "13321"}


def complaints(
    element: str, attributes: Mapping[str, str], inside: str, dialect: Dialect
) -> Iterator[tuple[str, str, str]]:
    """The attributes that count as absent, each with the code and the sentence of the complaint."""
    checks = VALUES.get(element, {})
    for name, value in attributes.items():
        if not dialect.knows(element, name):
            yield name, "12200", f"<{element}> has no attribute {name!r}"
        elif code := _wrong(element, name, value, checks) or _of_dialect(element, name, attributes, dialect):
            if inside == "Gather":
                code = _IN_GATHER.get(code, code)
            yield name, code, f"<{element} {name}={value!r}>"
    if inside == "Gather" and element == "Play" and "digits" in attributes:
        yield "digits", "12200", "<Play digits> is not allowed in <Gather>"


def _wrong(element: str, name: str, value: str, checks: Mapping[str, tuple[Check, str]]) -> str | None:
    if (element, name) == ("Gather", "finishOnKey"):
        return finish_keys(value)
    check, code = checks.get(name, (anything, ""))
    return None if check(value) else code


def _of_dialect(element: str, name: str, attributes: Mapping[str, str], dialect: Dialect) -> str | None:
    """The code of what only this provider does not accept."""
    if (element, name) == ("Dial", "timeout") and not whole(*dialect.dial_timeout)(attributes[name]):
        return "13212"
    if (element, name) == ("Say", "language") and not attributes[name].startswith("en"):
        return "13512" if attributes.get("voice", "") in dialect.only_english else None
    return None
