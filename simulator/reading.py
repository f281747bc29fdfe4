"""Getting a document for a leg: content types, the fallback, loops."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from simulator.events import FinishedError
from simulator.markup import BadDocumentError, Element, Page, read
from simulator.wire import Answer, RequestFailedError

if TYPE_CHECKING:
    from simulator.party import Party

_MARKUP = frozenset(("text/xml", "application/xml", "text/html"))
APPLICATION_ERROR = "application error"


def page_from(party: "Party", url: str, method: str, extra: Mapping[str, str]) -> Page:
    """The document at `url`, or the one at the fallback URL, which is told `ErrorCode` and `ErrorUrl`.

    When there is neither, the caller hears the provider's "application error": FinishedError.
    """
    if party.goes_round(url, method, extra):
        party.complain("loop", "", url=url)
        raise FinishedError(APPLICATION_ERROR)
    try:
        return _page(party, url, method, {**party.params(), **extra})
    except RequestFailedError as failure:
        party.complain(failure.code, str(failure), url=failure.url)
        return _fallback(party, failure)


def _fallback(party: "Party", failure: RequestFailedError) -> Page:
    url = party.network.provider.fallback_url
    # A whisper document belongs to the dialled leg, which has no fallback of its own.
    if not url or party.direction != "inbound":
        raise FinishedError(APPLICATION_ERROR) from failure
    params = {**party.params(), "ErrorCode": failure.code, "ErrorUrl": failure.url}
    try:
        return _page(party, url, "POST", params)
    except RequestFailedError as again:
        party.complain(again.code, str(again), url=again.url)
        raise FinishedError(APPLICATION_ERROR) from again


def _page(party: "Party", url: str, method: str, params: Mapping[str, str]) -> Page:
    answer = party.ask(url, method, params)
    return Page(url=answer.url, method=answer.method, elements=_elements(party, answer))


def _elements(party: "Party", answer: Answer) -> tuple[Element, ...]:
    if answer.content_type in _MARKUP:
        return _parsed(party, answer)
    if answer.content_type.startswith("audio/"):
        return (Element(name="Play", text=answer.url),)
    if answer.content_type == "text/plain":
        try:
            return _parsed(party, answer)
        except RequestFailedError:
            return (Element(name="Say", text=answer.text.strip()),)
    if not answer.content_type:
        raise RequestFailedError("11200", "no Content-Type", answer.url)
    raise RequestFailedError("12300", answer.content_type, answer.url)


def _parsed(party: "Party", answer: Answer) -> tuple[Element, ...]:
    try:
        elements, problems = read(answer.body, party.network.provider.dialect)
    except BadDocumentError as error:
        raise RequestFailedError(error.code, str(error), answer.url) from error
    for problem in problems:
        party.complain(problem.code, problem.detail, url=answer.url)
    return elements
