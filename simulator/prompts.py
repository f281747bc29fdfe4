"""Prompts: what is said or played, and how long that lasts."""

from dataclasses import dataclass

from simulator.markup import Element, Page
from simulator.party import Party, resolve
from simulator.waiting import LONG_PLAY

CHARACTERS_PER_SECOND = 15
MAX_LOOPS = 1000  # loop="0" plays until the call ends, at most this often
_KEY_SECONDS = {"w": 0.5, "W": 1.0}


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """One Say, Play or Pause, ready to be heard; `text` is the words or the address."""

    kind: str
    text: str
    seconds: float
    music: bool = False


def prepare(party: Party, element: Element, page: Page, *, inside: str = "") -> Prompt:
    """Find out how long a prompt lasts, and complain about sound that cannot be played."""
    return _KINDS[element.name](party, element, page, inside)


def _say(party: Party, element: Element, page: Page, inside: str) -> Prompt:  # noqa: ARG001
    once = max(1.0, len(element.text) / CHARACTERS_PER_SECOND)
    return Prompt(kind="say", text=element.text, seconds=once * _loops(element) if element.text else 0.0)


def _pause(party: Party, element: Element, page: Page, inside: str) -> Prompt:  # noqa: ARG001
    return Prompt(kind="pause", text="", seconds=float(element.number("length", 1)))


def _play(party: Party, element: Element, page: Page, inside: str) -> Prompt:
    if digits := element.get("digits"):
        seconds = sum(_KEY_SECONDS.get(key, 0.2) for key in digits)
        return Prompt(kind="tones", text=digits, seconds=seconds)
    url = resolve(page, element.text)
    once, wrong = party.network.media.seconds(url)
    if wrong:
        wrong_type = "13325" if inside == "Gather" else "13420"
        party.complain(wrong_type if wrong.startswith("type:") else "11200", wrong, url=url)
    loops = _loops(element)
    music = once >= LONG_PLAY or element.get("loop") == "0"
    return Prompt(kind="play", text=url, seconds=once * loops, music=music)


def _loops(element: Element) -> int:
    return min(element.number("loop", 1) or MAX_LOOPS, MAX_LOOPS)


_KINDS = {"Say": _say, "Play": _play, "Pause": _pause}
