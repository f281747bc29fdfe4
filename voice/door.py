"""The provider's endpoints: parse, decide, write (DESIGN section 5)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from flask import Blueprint, Response, request

from calls.database import StoreError, said
from config.company import Company
from config.numbers import Number
from flows.calls import Call, DialEnded, Event, Gone, Lost
from flows.decide import decide
from flows.places import AtForward, AtMessage, AtScreen, Entrance, Nowhere, Place
from live.state import LegTold
from voice.document import Pen, write
from voice.ending import logbook
from voice.ending.refused import complain
from voice.fields import fields
from voice.metrics import TROUBLES
from voice.params import provider_params
from voice.pressure import WAITED
from voice.responses import ask_again, xml
from voice.safe import is_last, safe_document, why_safe
from voice.switchboard import Switchboard
from voice.urls import Urls, read_place
from voice.webhook import OVER, call_of, count_of, event_of

log = logging.getLogger("ringpath.voice")

NEITHER = "Neither Redis nor SQL can take this now"

METHODS = ["GET", "POST"]
"""Providers default to either (DESIGN section 5); a followed redirect turns POST into GET."""


def own_query() -> dict[str, str]:
    """Read what we wrote into the address ourselves; flatter than request.args, and read in a fraction of the time."""
    return dict(fields(request.query_string.decode("latin-1")))


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
        TROUBLES.labels("nameless").inc()
    if not board.rehearses:
        logbook.arrives(call, company)
    if call.number and call.caller and company.numbers[call.number].responsible is not None:
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


def _heard(board: Switchboard) -> tuple[datetime, datetime]:
    """Say what time it is, and when the provider told of something: what was put off (voice.pressure) is older."""
    now = board.clock()
    return now, now - timedelta(seconds=request.environ.get(WAITED, 0.0))


def status(board: Switchboard) -> Response:
    """The call ended."""
    params = provider_params()
    call = call_of(params, {}, board.company)
    if params.get("CallStatus") not in OVER:
        return xml("<Response/>")
    now, told_at = _heard(board)
    kept = board.live.end(call, params["CallStatus"], now, told_at)
    try:
        details = board.closer.first(call, kept, told_at, count_of(params.get("CallDuration")), now)
    except StoreError as error:
        log.warning("call %s: its record could not be written (%s)", call.id, said(error))
        complain(error)
        TROUBLES.labels("without_sql").inc()
        if kept is not None:  # what Redis has kept, a job writes later
            return xml("<Response/>")
        _end_later(board, call, params, told_at)
        return ask_again(NEITHER)
    if not board.rehearses:
        logbook.is_over(details, board.company)
    return xml("<Response/>")


def _end_later(board: Switchboard, call: Call, params: Mapping[str, str], told_at: datetime) -> None:
    """End a call when Redis or SQL is back: not every provider tells again, and those who talked would stay busy."""
    if board.rehearses:
        return

    def again(_: object) -> None:
        now = board.clock()
        if board.live.end(call, params["CallStatus"], now, told_at) is None:
            details = board.closer.first(call, None, told_at, count_of(params.get("CallDuration")), now)
            logbook.is_over(details, board.company)

    board.later.hold(call.id, "end", None, again, loss="its end could be kept nowhere")


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
        board.live.leg(told, *_heard(board))
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
    return xml("<Response/>") if board.live.tell(call, sid, note, *_heard(board)) else ask_again(NEITHER)


def fallback(board: Switchboard) -> Response:
    """One of our answers failed at the provider: the safe document, from memory alone."""
    params, company = provider_params(), board.company
    call = call_of(params, {}, company)
    error, url = params.get("ErrorCode", "")[:20], params.get("ErrorUrl", "")
    log.error("call %s: the provider reports error %s at %s", call.id, error, url)
    answer = safe_answer(board, company, call, url.partition("?")[0])
    if not params.get("ParentCallSid"):
        failed = f"the provider reports error {error or 'unknown'}"
        answer.call_on_close(lambda: explain(board, company, call, f"fallback:{url}", failed))
    return answer


def explain(board: Switchboard, company: Company, call: Call, key: str, failed: str) -> None:
    """Put into the trace, once for each key, that a call was answered safely, and why; raises nothing.

    It belongs after the answer: what has failed may be the very thing that keeps it, and a caller waits.
    """
    now = board.clock()
    try:
        for note in why_safe(company, call, now, failed):
            board.live.tell(call, f"{note['code']}:{key}"[:200], note, now)
    except Exception:
        log.exception("call %s: its failure could not be put into its trace", call.id)


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
