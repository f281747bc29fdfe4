"""The verbs that are over quickly: Say, Play, Pause, Redirect, Hangup, Reject."""

from collections.abc import Callable, Generator, Mapping

from simulator.events import Event, FinishedError, Key
from simulator.markup import Element, Page
from simulator.party import Party, resolve
from simulator.prompts import Prompt, prepare
from simulator.waiting import Listening, Waiting

Turn = Generator[Waiting, Event, Page | None]  # returns the document to go on with; None: the next verb
Verb = Callable[[Party, Element, Page], Turn]


def speak(party: Party, element: Element, page: Page) -> Turn:
    """Say or Play: answers the call."""
    party.pick_up()
    yield from _listen(party, prepare(party, element, page))
    return None


def pause(party: Party, element: Element, page: Page) -> Turn:
    """Silence; leaves a call that rings ringing."""
    yield from _listen(party, prepare(party, element, page))
    return None


def redirect(party: Party, element: Element, page: Page) -> Turn:
    """Go on with another document; does not answer the call, except at Somleng."""
    if party.network.provider.dialect.answers_on_redirect:
        party.pick_up()
    yield from ()
    return party.fetch(resolve(page, element.text), element.get("method", "POST"))


def hang_up(party: Party, element: Element, page: Page) -> Turn:  # noqa: ARG001
    """End the call; a call that still rings is answered first."""
    party.pick_up()
    yield from ()
    raise FinishedError("hung up by the application")


_REJECTIONS = {"rejected": "no-answer", "busy": "busy"}


def reject(party: Party, element: Element, page: Page) -> Turn:
    """Decline a ringing call, which then costs nothing; it means nothing once the call is answered."""
    yield from ()
    reason = element.get("reason", "rejected")
    if party.answered:
        party.complain("rejected-late", "", url=page.url)
        raise FinishedError("hung up by the application")
    party.note("reject", reason)
    raise FinishedError(reason, _REJECTIONS[reason])


def _listen(party: Party, prompt: Prompt) -> Generator[Waiting, Event, None]:
    if prompt.text or prompt.kind == "pause":
        party.note(prompt.kind, prompt.text)
    if not prompt.seconds:
        return
    waiting = Listening(
        deadline=party.now + prompt.seconds,
        heard=prompt.text if prompt.kind == "say" else "",
        media=(prompt.text,) if prompt.kind == "play" else (),
        music=prompt.music,
    )
    while isinstance((yield waiting), Key):
        pass  # keys outside a Gather go nowhere


QUICK_VERBS: Mapping[str, Verb] = {
    "Say": speak,
    "Play": speak,
    "Pause": pause,
    "Redirect": redirect,
    "Hangup": hang_up,
    "Reject": reject,
}
