"""What all calls of one exchange share: the wire, the clock, the list of faults."""

import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256

from simulator.clock import Clock
from simulator.connections import Transport
from simulator.cookies import Cookies
from simulator.faults import Fault, Level, describe
from simulator.media import Media
from simulator.provider import Provider
from simulator.records import Document, Webhook
from simulator.sound import Sound
from simulator.wire import Answer, RequestFailedError, Wire

_XML = frozenset(("text/xml", "application/xml"))

# Telnyx's are of another length than all others (developers.telnyx.com/api-reference/callbacks/texml-call-ringing).
_SIDS: Mapping[str, Callable[[str, uuid.UUID], str]] = {
    "letters": lambda prefix, fresh: prefix + fresh.hex,
    "uuid": lambda _, fresh: str(fresh),
    "hex": lambda _, fresh: fresh.hex,
    "telnyx": lambda _, fresh: "v3:" + urlsafe_b64encode(sha256(fresh.bytes).digest() + fresh.bytes[:9]).decode()[:54],
}


class Network:
    """Requests, and what is remembered about them.

    Options: `status_first` sends the number's status callback before a last Dial or Record action instead of
    after it; `hangup_action=False` leaves out the action request of a caller who hung up; `type_ahead` keeps
    keys that are pressed too early for the next Gather instead of dropping them.
    """

    def __init__(
        self, provider: Provider, clock: Clock, *, duplicate: bool = False, transport: Transport | None = None
    ) -> None:
        self.provider = provider
        self.clock = clock
        self.duplicate = duplicate
        self.status_first = False
        self.hangup_action = True
        self.type_ahead = False
        self.faults: list[Fault] = []
        self.documents: list[Document] = []
        self.sounds: dict[str, Sound] = {}  # by RecordingSid
        self.on_document: Callable[[Document], None] | None = None
        self.wire = Wire(provider, duplicate, self._differs, transport, clock)
        self.media = Media(self.wire)

    @property
    def recordings(self) -> Mapping[str, int]:
        """The seconds of every recording, by RecordingSid."""
        return {sid: sound.seconds for sid, sound in self.sounds.items()}

    def close(self) -> None:
        """Let the connections go; the exchange cannot be used afterwards."""
        self.wire.close()

    def complain(self, code: str, detail: str, *, url: str = "", sid: str = "", level: Level | None = None) -> None:
        """Write a fault down."""
        if code == "12200" and level is None:
            level = self.provider.dialect.schema_level
        self.faults.append(describe(code, detail, url=url, sid=sid, level=level))

    def new_sid(self, prefix: str) -> str:
        """A fresh identifier in the provider's style; `prefix` are the two letters that some put before it."""
        return _SIDS[self.provider.dialect.sids](prefix, uuid.uuid4())

    def ask(
        self,
        url: str,
        method: str,
        params: Mapping[str, str],
        cookies: Cookies,
        webhooks: list[Webhook],
    ) -> Answer:
        """Request a document; RequestFailedError when there is none."""
        answer = self.wire.request(url, method, params, cookies, webhooks.append)
        document = Document(url=answer.url, text=answer.text, status=answer.status, content_type=answer.content_type)
        self.documents.append(document)
        if self.on_document is not None:
            self.on_document(document)
        return answer

    def notify(
        self,
        url: str,
        method: str,
        params: Mapping[str, str],
        cookies: Cookies,
        webhooks: list[Webhook],
    ) -> None:
        """Send a status callback: the answer is not played, and a failure does not touch the call."""
        sid = params.get("CallSid", "")
        try:
            answer = self.wire.request(url, method, params, cookies, webhooks.append, callback=True)
        except RequestFailedError as failure:
            self.complain("15003", str(failure), url=url, sid=sid)
            return
        if answer.status != 204 and answer.content_type not in _XML:
            detail = f"HTTP {answer.status} {answer.content_type or 'without Content-Type'}"
            self.complain("15003", detail, url=url, sid=sid)

    def _differs(self, first: Webhook, second: Webhook) -> None:
        detail = f"{first.status_code} {first.text!r} and then {second.status_code} {second.text!r}"
        self.complain("duplicate", detail, url=first.url, sid=first.params.get("CallSid", ""))
