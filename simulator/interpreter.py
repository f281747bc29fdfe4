"""Playing a document from top to bottom."""

from collections.abc import Mapping

from simulator.events import FinishedError
from simulator.markup import Page
from simulator.party import Party
from simulator.verbs import Turn, Verb
from simulator.waiting import Steps


def conduct(party: Party, page: Page | None, verbs: Mapping[str, Verb], forbidden: str) -> Steps:
    """Play `page` and whatever it leads to, until there is no next verb.

    A verb that `verbs` does not have is the fault `forbidden`, and the end.
    """
    while page is not None:
        page = yield from _play(party, page, verbs, forbidden)


def _play(party: Party, page: Page, verbs: Mapping[str, Verb], forbidden: str) -> Turn:
    for element in page.elements:
        if element.broken:
            raise FinishedError(f"<{element.name}> cannot be played")
        if element.name not in verbs:
            party.complain(forbidden, f"<{element.name}>", url=page.url)
            raise FinishedError(f"<{element.name}> cannot be played")
        following = yield from verbs[element.name](party, element, page)
        if following is not None:
            return following
    return None
