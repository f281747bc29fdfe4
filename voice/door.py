"""The provider's endpoints: parse, decide, write (DESIGN section 5)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from flask import Blueprint, Response, request

from calls.database import StoreError, said
from calls.settings import Settings
from config.company import Company
from config.numbers import Number
from flows.calls import Call, DialEnded, Event, Gone, Lost
from flows.decide import decide
from flows.live import Callers, Live, Note
from flows.places import AtForward, AtMessage, AtScreen, Entrance, Nowhere, Place
from flows.way import Desk
from live.keys import Space
from live.readings import Kept
from live.state import LegTold
from voice.closing import Closer
from voice.document import Pen, write
from voice.fields import fields
from voice.metrics import TROUBLES
from voice.params import provider_params
from voice.pressure import WAITED
from voice.profiles import Profile
from voice.safe import blocked, is_last, safe_document
from voice.urls import Urls, read_place
from voice.webhook import OVER, call_of, count_of, event_of

log = logging.getLogger("ringpath.voice")

METHODS = ["GET", "POST"]
"""Providers default to either (DESIGN section 5); a followed redirect turns POST into GET."""


class LiveState(Live, Protocol):
    """The live state as the door uses it: besides the one question, what the provider tells of legs and ends."""

    def leg(self, leg: LegTold, now: datetime) -> None:
        """A device of an employee was picked up or let go."""
        ...

    def end(self, call: Call, status: str, now: datetime, ended_at: datetime | None = None) -> Kept | None:
        """The call is over; returns what is kept of it, None when that cannot be had. `ended_at` when told late."""
        ...

    def tell(self, call: Call, key: str, note: Note, now: datetime) -> bool:
        """Add something to the trace of a call, once for each key; False when it could be kept nowhere."""
        ...

    def rehearsing(self, space: Space) -> LiveState:
        """Make the live state of a rehearsal, which no real call notices."""
        ...


MOST_DESKS = 8
"""Revisions by which calls are decided at one time, as a rule one or two; what a desk has worked out is soon redone."""


@dataclass(frozen=True, kw_only=True)
class Switchboard:
    """What every webhook works with: the settings by revision, the provider, who is free, who calls, the time.

    What is published may change between two looks at `company`: a webhook looks once.
    """

    settings: Settings
    profile: Profile
    public_url: str
    live: LiveState
    closer: Closer
    callers: Callable[[Company], Callers]
    clock: Callable[[], datetime]
    _desks: dict[str, Desk] = field(default_factory=dict, repr=False)

    @property
    def company(self) -> Company:
        """The company as it is published now."""
        return self.settings.company

    def desk(self, company: Company) -> Desk:
        """The desk that decides by one revision of the settings."""
        desk = self._desks.get(company.revision)
        if desk is None:
            desk = Desk(
                company=company,
                live=self.live,
                callers=self.callers(company),
                nouns=self.profile.nouns,
                screens=self.profile.whisper,
            )
            if len(self._desks) >= MOST_DESKS:
                self._desks.clear()  # or every company that there ever was would stay in memory
            self._desks[company.revision] = desk
        return desk


def own_query() -> dict[str, str]:
    """Read what we wrote into the address ourselves; flatter than request.args, and read in a fraction of the time."""
    return dict(fields(request.query_string.decode("latin-1")))


def _ask_again() -> Response:
    """Let the provider repeat a callback that could not be kept: its address says that it is to (voice.urls)."""
    again = "Neither Redis nor SQL can take this now; ask again.\n"
    return Response(again, 503, content_type="text/plain", headers={"Retry-After": "5"})


def xml(document: str) -> Response:
    """Answer with one TwiML document."""
    return Response(document, content_type="text/xml; charset=utf-8")


def voice(board: Switchboard) -> Blueprint:
    """Make the blueprint of the provider's endpoints."""
    door = Blueprint("voice", __name__, url_prefix="/voice")
    for rule, view in _VIEWS.items():
        name = rule.partition("<")[0].strip("/") or "unknown"
        door.add_url_rule(rule, name.replace("/", "_"), _with(view, board), methods=METHODS)
    return door


View = Callable[..., Response]


def _with(view: View, board: Switchboard) -> View:
    return lambda **parts: view(board, **parts)


def incoming(board: Switchboard) -> Response:
    """A call arrives."""
    company = board.company
    call = call_of(provider_params(), {}, company)
    if call.number is None:
        log.warning("call %s to %r: none of our numbers; apologised", call.id, call.called)
    elif call.caller is not None and company.numbers[call.number].responsible is not None:
        board.desk(company).callers.begin(call.caller)
    return _answer(board, company, call, Entrance())


def at_place(board: Switchboard, kind: str) -> Response:
    """A call comes back at a place of ours."""
    params, query = provider_params(), own_query()
    own = board.settings.of(query.get("revision", ""))
    company = own or board.company
    call = call_of(params, query, company)
    try:
        place = read_place(kind, query)
    except LookupError as reason:
        return _lost(board, company, call, reason)
    if own is None and not _needs_no_settings(place, event_of(place, params, board.profile)):
        return _lost(board, company, call, LookupError("the settings that this call started with are gone"))
    return _answer(board, company, call, place)


def _needs_no_settings(place: Place, event: Event) -> bool:
    """Tell whether a call can go on by any settings: it has been answered, or is at its last stage."""
    answered = isinstance(event, DialEnded) and event.answered
    return answered or isinstance(event, Gone) or isinstance(place, (AtForward, AtMessage, AtScreen))


def _answer(board: Switchboard, company: Company, call: Call, place: Place) -> Response:
    try:
        return _decided(board, company, call, place, event_of(place, provider_params(), board.profile))
    except LookupError as reason:
        return _lost(board, company, call, reason)


def _lost(board: Switchboard, company: Company, call: Call, reason: LookupError) -> Response:
    """An address that the settings do not know: the call goes to the number's group (DESIGN section 3)."""
    log.warning("call %s: %s; on to the number's group", call.id, reason)
    TROUBLES.labels("lost").inc()
    event: Event = Gone() if provider_params().get("CallStatus") in board.profile.gone else Lost()
    return _decided(board, company, call, Nowhere(step=_count("step")), event)


def _decided(board: Switchboard, company: Company, call: Call, place: Place, event: Event) -> Response:
    language, voice = _tongue(company, company.numbers[call.number] if call.number else None)
    urls = Urls(public_url=board.public_url, revision=company.revision, retries=board.profile.retries)
    pen = Pen(call=call, profile=board.profile, urls=urls, language=language, voice=voice)
    return decide(board.desk(company), call, place, event, board.clock(), lambda steps: xml(write(steps, pen)))


def _tongue(company: Company, number: Number | None) -> tuple[str, str | None]:
    """Choose language and voice. A number with a language of its own is not given the company's voice.

    A voice that does not speak the language makes the provider leave out what is said (twiml.md 2.1).
    """
    if number is None or number.language in (None, company.language):
        return company.language, (number.voice if number else None) or company.voice
    return number.language or company.language, number.voice


def _count(name: str) -> int:
    """Read a small counter of our own from the address; 0 when it is none."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def unknown(board: Switchboard, rest: str) -> Response:
    """An address below /voice/ that was never ours."""
    company = board.company
    call = call_of(provider_params(), request.args, company)
    return _lost(board, company, call, LookupError(f"no place {rest[:80]!r}"))


def _came_at(board: Switchboard) -> datetime:
    """Say when the provider told of something: what was put off (voice.pressure) is as old as that."""
    return board.clock() - timedelta(seconds=request.environ.get(WAITED, 0.0))


def status(board: Switchboard) -> Response:
    """The call ended."""
    params = provider_params()
    call = call_of(params, {}, board.company)
    if params.get("CallStatus") not in OVER:
        return xml("<Response/>")
    now, ended_at = board.clock(), _came_at(board)
    kept = board.live.end(call, params["CallStatus"], now, ended_at)
    try:
        board.closer.first(call, kept, ended_at, count_of(params.get("CallDuration")), now)
    except StoreError as error:
        log.warning("call %s: its record could not be written (%s)", call.id, said(error))
        TROUBLES.labels("without_sql").inc()
        return _ask_again() if kept is None else xml("<Response/>")  # what Redis has kept, a job writes later
    return xml("<Response/>")


def leg(board: Switchboard) -> Response:
    """A device of an employee was picked up or let go."""
    query, params = request.args, provider_params()
    if query.get("call") and query.get("employee"):
        told = LegTold(
            call=query["call"][:128],
            employee=query["employee"],
            step=_count("step"),
            status=params.get("CallStatus", ""),
            seconds=count_of(params.get("CallDuration")),
        )
        board.live.leg(told, _came_at(board))
    return xml("<Response/>")


def recording(board: Switchboard) -> Response:
    """A recording is ready: it stands in the trace."""
    params = provider_params()
    call = call_of(params, {}, board.company)
    if params.get("RecordingStatus", "completed") != "completed":
        return xml("<Response/>")
    sid = params.get("RecordingSid", "")[:128]
    note = {
        "code": "recorded",
        "seconds": count_of(params.get("RecordingDuration")) or 0,
        "url": params.get("RecordingUrl", "")[:500],
        "sid": sid,
        "source": (params.get("RecordingSource") or own_query().get("source", ""))[:40],
    }
    return xml("<Response/>") if board.live.tell(call, sid, note, _came_at(board)) else _ask_again()


def fallback(board: Switchboard) -> Response:
    """One of our answers failed at the provider: the safe document, from memory alone."""
    params, company = provider_params(), board.company
    call = call_of(params, {}, company)
    error, url = params.get("ErrorCode", "")[:20], params.get("ErrorUrl", "")
    log.error("call %s: the provider reports error %s at %s", call.id, error, url)
    answer = safe_answer(board, company, call, url.partition("?")[0])
    if not params.get("ParentCallSid"):
        failed: Note = {"code": "failed", "why": f"the provider reports error {error or 'unknown'}"}
        why: Note = {"code": "blocked", "caller": call.caller} if blocked(company, call) else failed
        # once the answer is out, because it needs neither Redis nor SQL, and this does
        answer.call_on_close(lambda: board.live.tell(call, f"fallback:{url}"[:200], why, board.clock()))
    return answer


def safe_answer(board: Switchboard, company: Company, call: Call, path: str) -> Response:
    """Answer for an address of ours that failed with the safe document; on a callee's leg with the end of it.

    That counts as not answered.
    """
    if provider_params().get("ParentCallSid") or request.args.get("call"):
        return xml("<Response><Hangup/></Response>")
    return xml(safe_document(company, call, board.profile, board.clock(), last=is_last(path)))


_VIEWS: dict[str, View] = {
    "/incoming": incoming,
    "/at/<kind>": at_place,
    "/status": status,
    "/leg": leg,
    "/recording": recording,
    "/fallback": fallback,
    "/<path:rest>": unknown,
}
