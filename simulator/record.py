"""Record: a message after the beep."""

from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from simulator.events import Event, HungUpError, Key, RedirectedError, Spoke
from simulator.markup import Element, Page
from simulator.party import Party, resolve
from simulator.recordings import Taking
from simulator.verbs import Turn
from simulator.waiting import Recording, Waiting

if TYPE_CHECKING:
    from simulator.machine import RunningCall

_EVERY_KEY = "1234567890*#"
_HANG_UP = "hangup"  # the value of Digits when the caller ended the recording by hanging up


def record(party: Party, element: Element, page: Page) -> Turn:
    """Take a message; what follows is always the action's document, never the next verb."""
    call = cast("RunningCall", party)  # Record is not among the verbs of a whisper document
    call.pick_up()
    if element.get("playBeep") != "false":
        call.note("beep", "")
    taking = Taking(call, element, page, source="RecordVerb", channels=1)
    began = call.now
    waiting = _start(call, element)
    digits = ""
    try:
        waiting, digits = yield from _listen(call, waiting)
    except HungUpError:
        _finish(call, element, taking, began)
        call.last_request(*_target(element, page), _params(call, taking, _HANG_UP))
        raise
    except RedirectedError:
        _finish(call, element, taking, began)
        raise
    _finish(call, element, taking, began)
    if call.network.provider.dialect.empty_goes_on and not call.spoken:
        return None
    url, method = _target(element, page)
    return call.fetch(url, method, _params(call, taking, digits))


def _start(call: "RunningCall", element: Element) -> Recording:
    timeout = element.number("timeout", call.network.provider.dialect.record_timeout)
    longest = element.number("maxLength", 120 if element.flag("transcribe") else 3600)
    call.spoken = call.loudness = 0.0
    return Recording(
        deadline=call.now + (min(timeout, longest) if timeout else longest),
        since=call.now,
        max_length=longest,
        timeout=timeout,
        finish_on_key=element.get("finishOnKey", _EVERY_KEY),
    )


def _listen(call: "RunningCall", waiting: Recording) -> Generator[Waiting, Event, tuple[Recording, str]]:
    while True:
        event = yield waiting
        if isinstance(event, Spoke):
            waiting = _speaking(call, waiting, event)
        elif not isinstance(event, Key):
            return waiting, ""
        elif event.key in waiting.finish_on_key:
            return waiting, event.key


def _speaking(call: "RunningCall", waiting: Recording, spoke: Spoke) -> Recording:
    """Silence is counted from the end of the words; the longest length from the beep."""
    end = waiting.since + waiting.max_length
    call.spoken += min(spoke.seconds, end - call.now)
    call.loudness = max(call.loudness, spoke.loudness)
    silent_at = call.now + spoke.seconds + waiting.timeout
    return replace(waiting, deadline=min(end, silent_at) if waiting.timeout else end)


def _finish(call: "RunningCall", element: Element, taking: Taking, began: float) -> None:
    trimmed = element.get("trim", "trim-silence") == "trim-silence"
    silent = not call.spoken
    kept = call.network.provider.dialect.keeps_silence or not (silent and trimmed)
    taking.finish(call.spoken if trimmed else call.now - began, call.loudness, kept=kept)
    call.note("recorded", f"{taking.seconds} s")


def _target(element: Element, page: Page) -> tuple[str, str]:
    return resolve(page, element.get("action")), element.get("method", "POST")


def _params(call: "RunningCall", taking: Taking, digits: str) -> dict[str, str]:
    params = {"RecordingDuration": str(taking.seconds)}
    if taking.kept:
        params["RecordingUrl"] = taking.url
    if call.network.provider.dialect.record_digits:
        params["RecordingSid"] = taking.sid
        if digits:
            params["Digits"] = digits
    return params
