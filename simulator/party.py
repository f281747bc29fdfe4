"""One end of the line that documents are played to: the caller's, or a callee's."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from urllib.parse import urljoin

from simulator.cookies import Cookies
from simulator.markup import Page
from simulator.network import Network
from simulator.reading import page_from
from simulator.records import Line, Webhook
from simulator.wire import Answer

_GEO = tuple(
    f"{end}{part}" for end in ("From", "To", "Caller", "Called") for part in ("City", "State", "Zip", "Country")
)
_EMPTY_GEO: Mapping[str, str] = dict.fromkeys(_GEO, "")
# A document more often than this at one moment can only be a loop: nobody did anything meanwhile.
MAX_AT_ONCE = 30
MAX_SAME_AT_ONCE = 3


class Party(ABC):
    """What a call and a dialled leg have in common."""

    direction = "inbound"

    def __init__(self, network: Network, *, from_: str, to: str) -> None:
        self.network = network
        self.sid = network.new_sid("CA")
        self.from_ = from_
        self.to = to
        self.status = "queued"
        self.answered = False
        self.answered_at: float | None = None
        self.typed_ahead = ""
        self.gathers = 0
        self.webhooks: list[Webhook] = []
        self._cookies = Cookies()
        self._requests_at = (-1.0, 0)
        self._same: dict[tuple[str, ...], int] = {}

    @property
    def now(self) -> float:
        """Seconds on the exchange's clock."""
        return self.network.clock.seconds

    @property
    @abstractmethod
    def extra(self) -> Mapping[str, str]:
        """Parameters of every request besides the standard ones."""

    @abstractmethod
    def note(self, kind: str, text: str, *, at: float | None = None) -> None:
        """Write a line of the transcript, now or `at` a moment of the clock."""

    @abstractmethod
    def unhear(self) -> None:
        """Take back the prompts that were going to be played after this moment."""

    @abstractmethod
    def pick_up(self) -> None:
        """Pick up, if that has not happened yet."""

    def params(self, *, status: str | None = None) -> dict[str, str]:
        """The standard parameters of every request about this leg."""
        dialect = self.network.provider.dialect
        shown = self.from_.lstrip("+") if dialect.bare_numbers else self.from_
        params = {
            "CallSid": self.sid,
            "AccountSid": self.network.provider.account_sid,
            "From": shown,
            "To": self.to,
            "CallStatus": status or self.status,
            "Direction": self.direction,
            **self.extra,
        }
        if dialect.json:
            return params | {"Session": self.sid, "SessionData.token": self.sid, "SessionData.callerId": shown}
        if dialect.legacy_sids:
            legacy = {f"{name}Legacy": sid for name, sid in params.items() if name.endswith("CallSid")}
            return params | legacy | {"ConnectionId": "1234567890"}
        params |= {"Caller": self.from_, "Called": self.to, "ApiVersion": "2010-04-01"}
        return {**params, **(_EMPTY_GEO if dialect.geo else {})}

    def fetch(self, url: str, method: str, extra: Mapping[str, str] | None = None) -> Page:
        """The document at `url`, or the fallback's; FinishedError when there is nothing to play."""
        return page_from(self, url, method or "POST", extra or {})

    def ask(self, url: str, method: str, params: Mapping[str, str]) -> Answer:
        """Request a document for this leg."""
        return self.network.ask(url, method, params, self._cookies, self.webhooks)

    def notify(self, url: str, method: str, params: Mapping[str, str]) -> None:
        """Send a status callback about this leg."""
        self.network.notify(url, method or "POST", params, self._cookies, self.webhooks)

    def complain(self, code: str, detail: str, *, url: str = "") -> None:
        """Write down a fault of this leg."""
        self.network.complain(code, detail, url=url, sid=self.sid)

    def something_happened(self) -> None:
        """Somebody did something: what follows is not a loop."""
        self._requests_at = (-1.0, 0)

    def goes_round(self, url: str, method: str, extra: Mapping[str, str]) -> bool:
        """Count a request; whether there have been too many without time passing or anybody doing anything.

        Three times the same question, or thirty different ones, are too many.
        """
        at, count = self._requests_at
        if at != self.now:
            count = 0
            self._same.clear()
        self._requests_at = (self.now, count + 1)
        key = (url, method, *extra.values())
        self._same[key] = self._same.get(key, 0) + 1
        return count + 1 > MAX_AT_ONCE or self._same[key] > MAX_SAME_AT_ONCE


def resolve(page: Page, address: str) -> str:
    """An address from a document, made absolute; an empty one means the document itself."""
    return urljoin(page.url, address) if address else page.url


def line(at: float, kind: str, text: str, who: str = "") -> Line:
    """A transcript line with its time rounded to the millisecond."""
    return Line(round(at, 3), kind, text, who)
