"""Gather: prompts during which keys may be pressed."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

from simulator.events import Event, Key
from simulator.markup import Element, Page
from simulator.party import Party, resolve
from simulator.prompts import Prompt, prepare
from simulator.verbs import Turn
from simulator.waiting import Gathering, Waiting


@dataclass(frozen=True)
class _Input:
    digits: str
    finished_on: str


def gather(party: Party, element: Element, page: Page) -> Turn:
    """Collect keys and take them to the action; without any, go on with the next verb.

    The timer starts when the prompts end or the first key is pressed, and again with every key.
    """
    party.pick_up()
    party.gathers += 1
    prompts = [prepare(party, child, page, inside="Gather") for child in element.children]
    gathered = yield from _collect(party, element, prompts)
    if not gathered.digits and not element.flag("actionOnEmptyResult"):
        return None
    params = {"Digits": gathered.digits}
    if gathered.finished_on and party.network.provider.dialect.finished_on_key:
        params["FinishedOnKey"] = gathered.finished_on
    return party.fetch(resolve(page, element.get("action")), element.get("method", "POST"), params)


def _collect(party: Party, element: Element, prompts: Sequence[Prompt]) -> Generator[Waiting, Event, _Input]:
    waiting = _start(party, element, prompts)
    takes_keys = "dtmf" in element.get("input", "dtmf").split()
    while True:
        event = _next_early(party) or (yield waiting)
        if not isinstance(event, Key):
            return _Input(waiting.digits, "")
        if not takes_keys:
            continue
        if waiting.speaking_until > party.now and element.get("bargeIn") != "false":
            waiting = replace(waiting, speaking_until=party.now)
            party.unhear()
        if event.key == waiting.finish_on_key:
            return _Input(waiting.digits, event.key)
        starts = max(party.now, waiting.speaking_until)
        waiting = replace(waiting, digits=waiting.digits + event.key, deadline=starts + waiting.timeout)
        if len(waiting.digits) == waiting.num_digits:
            return _Input(waiting.digits, "")


def _next_early(party: Party) -> Key | None:
    """A key that was pressed before this Gather began and kept for it (the `type_ahead` option)."""
    key, party.typed_ahead = party.typed_ahead[:1], party.typed_ahead[1:]
    return Key(key) if key else None


def _start(party: Party, element: Element, prompts: Sequence[Prompt]) -> Gathering:
    at = party.now
    for prompt in prompts:
        if prompt.text:
            party.note(prompt.kind, prompt.text, at=at)
        at += prompt.seconds
    timeout = element.number("timeout", 5)
    return Gathering(
        deadline=at + timeout,
        heard=" ".join(prompt.text for prompt in prompts if prompt.kind == "say"),
        media=tuple(prompt.text for prompt in prompts if prompt.kind == "play"),
        digits="",
        num_digits=element.number("numDigits", 0) or None,
        finish_on_key=element.get("finishOnKey", "#"),
        timeout=timeout,
        speaking_until=at,
        music=any(prompt.music for prompt in prompts),
    )
