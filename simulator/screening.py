"""Whisper documents: what a callee hears between picking up and being put through."""

from collections.abc import Generator, Mapping
from typing import cast

from simulator.events import Event, FinishedError, Key, LegHangsUp, LegKey, TimeUp
from simulator.gather import gather
from simulator.interpreter import conduct
from simulator.leg import Leg
from simulator.verbs import QUICK_VERBS, Verb
from simulator.waiting import Gathering, Listening, Screening, Waiting

WHISPER_VERBS: Mapping[str, Verb] = {
    "Say": QUICK_VERBS["Say"],
    "Play": QUICK_VERBS["Play"],
    "Hangup": QUICK_VERBS["Hangup"],
    "Gather": gather,
}


def screen(leg: Leg) -> Generator[Waiting, Event, bool]:
    """Play the leg's whisper document; whether it came to its end, which puts the callee through."""
    try:
        page = leg.fetch(leg.whisper_url, leg.noun.get("method", "POST"))
        steps = conduct(leg, page, WHISPER_VERBS, "13201")
        inner = next(steps)
        while True:
            event = yield _screening(leg, inner)
            if isinstance(event, LegHangsUp):
                return False
            if isinstance(event, TimeUp):
                inner = steps.send(event)
            elif isinstance(event, LegKey):
                inner = steps.send(Key(event.key))
    except StopIteration:
        return True
    except FinishedError as end:
        leg.note("declined", end.reason)
        return False


def _screening(leg: Leg, inner: Waiting) -> Screening:
    return Screening(leg=leg, inner=cast(Gathering | Listening, inner), deadline=inner.deadline)
