"""What the provider would write into its debugger: codes, levels and sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Level = Literal["warning", "error"]

# Numbers are the provider's (twilio.com/docs/api/errors); words are our own, for what has no number there.
CODES: Mapping[str, tuple[Level, str]] = {
    "11100": ("error", "invalid URL"),
    "11200": ("error", "HTTP retrieval failure"),
    "11205": ("error", "HTTP connection failure"),
    "11206": ("error", "HTTP protocol violation"),
    "11215": ("error", "too many redirects"),
    "11750": ("error", "response body over 64 kB"),
    "12100": ("error", "document parse failure"),
    "12102": ("error", "root element is not Response"),
    "12200": ("warning", "schema validation"),
    "12300": ("error", "invalid Content-Type"),
    "13201": ("error", "verb not allowed in a whisper document"),
    "13210": ("warning", "Dial: invalid method"),
    "13212": ("warning", "Dial: invalid timeout"),
    "13213": ("warning", "Dial: invalid hangupOnStar"),
    "13214": ("warning", "Dial: invalid callerId"),
    "13215": ("warning", "Dial: invalid nested element"),
    "13216": ("warning", "Dial: invalid timeLimit"),
    "13217": ("warning", "Dial: invalid record"),
    "13218": ("warning", "Dial: invalid sequential"),
    "13219": ("warning", "Dial: invalid answerOnBridge"),
    "13220": ("warning", "Dial: invalid ringTone"),
    "13221": ("warning", "Dial Number: invalid method"),
    "13222": ("warning", "Dial Number: invalid sendDigits"),
    "13223": ("warning", "Dial: invalid phone number format"),
    "13241": ("warning", "Dial Sip: invalid method"),
    "13243": ("warning", "Dial Sip: invalid SIP URI"),
    "13247": ("error", "Dial: invalid From (caller ID)"),
    "13250": ("warning", "Dial: more than ten nouns"),
    "13256": ("warning", "invalid recordingStatusCallback URL"),
    "13310": ("warning", "Gather: finishOnKey is not one of 0-9 # *"),
    "13311": ("warning", "Gather: finishOnKey is not a single key"),
    "13312": ("warning", "Gather: invalid method"),
    "13313": ("warning", "Gather: invalid timeout"),
    "13314": ("warning", "Gather: invalid numDigits"),
    "13320": ("warning", "Gather: invalid nested verb"),
    "13321": ("warning", "Gather Say: invalid voice"),
    "13322": ("warning", "Gather Say: invalid loop"),
    "13325": ("error", "Gather Play: invalid Content-Type"),
    "13326": ("warning", "Gather: invalid input"),
    "13327": ("warning", "Gather: invalid speechTimeout"),
    "13329": ("warning", "Gather: invalid partialResultCallbackMethod"),
    "13330": ("warning", "Gather: invalid hints"),
    "13331": ("warning", "Gather: invalid language"),
    "13332": ("warning", "Gather: invalid bargeIn"),
    "13333": ("warning", "Gather: invalid profanityFilter"),
    "13335": ("warning", "Gather: speechTimeout auto with the default model"),
    "13338": ("error", "Gather: invalid actionOnEmptyResult"),
    "13410": ("warning", "Play: invalid loop"),
    "13420": ("error", "Play: invalid Content-Type"),
    "13430": ("warning", "Play: invalid DTMF string"),
    "13510": ("warning", "Say: invalid loop"),
    "13511": ("warning", "Say: invalid voice"),
    "13512": ("warning", "Say: invalid language"),
    "13520": ("warning", "Say: invalid text"),
    "13521": ("warning", "Say: text too long"),
    "13610": ("warning", "Record: invalid method"),
    "13611": ("warning", "Record: invalid timeout"),
    "13612": ("warning", "Record: invalid maxLength"),
    "13613": ("warning", "Record: invalid finishOnKey"),
    "13614": ("warning", "Record: invalid transcribe"),
    "13615": ("warning", "Record: maxLength too long for a transcription"),
    "13616": ("warning", "Record: invalid playBeep"),
    "13621": ("error", "invalid recordingStatusCallbackEvent"),
    "13622": ("warning", "invalid recordingTrack"),
    "13699": ("warning", "Record: invalid trim"),
    "13710": ("warning", "Redirect: invalid method"),
    "13810": ("warning", "Reject: invalid reason"),
    "13910": ("warning", "Pause: invalid length"),
    "14201": ("error", "Enqueue: invalid method"),
    "14206": ("error", "Enqueue: invalid waitUrlMethod"),
    "15003": ("warning", "unsuitable answer to a status callback"),
    "duplicate": ("error", "the same request delivered twice got two different answers"),
    "loop": ("error", "documents are requested again and again without time passing"),
    "rejected-late": ("error", "Reject after the call was answered"),
    "unsimulated": ("error", "known to the provider, not to this simulator"),
    "endless": ("error", "the call made more requests than the script allows"),
}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One complaint about what the application answered; a warning lets the call go on."""

    code: str
    level: Level
    message: str
    url: str = ""
    sid: str = ""

    def __str__(self) -> str:
        return f"{self.code} {self.level}: {self.message} ({self.url})"


def describe(code: str, detail: str, *, url: str = "", sid: str = "", level: Level | None = None) -> Fault:
    """The fault for `code`, with its usual level unless another is given."""
    usual, title = CODES[code]
    message = f"{title}: {detail}" if detail else title
    return Fault(code=code, level=level or usual, message=message, url=url, sid=sid)
