"""Who calls under load: a mixture of everything that a switchboard meets, most of it long talks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.crowd.plan import Behaviour, Plan, Rng, draw
from tests.load.company import ASKS_EXTENSION, GOES_OUTSIDE, MESSAGE_KEY, TEAMS, WANTS_MAILBOX, Town

Table = Mapping[str, tuple[int, Behaviour]]
SHORT = 0.2
"""Of the talks."""


def plans(rng: Rng, where: Town, count: int, seconds: float) -> list[Plan]:
    """Draw calls that begin within so many seconds, most of whose talks last about as long."""
    return draw(rng, where.firm, behaviours(where, seconds), [rng.uniform(0, seconds) for _ in range(count)])


def behaviours(where: Town, seconds: float) -> Table:
    """The kinds of calls by name, and how many of a hundred are of the kind."""

    def talk(rng: Rng) -> float:
        return (rng.uniform(0.03, 0.17) if rng.random() < SHORT else rng.uniform(0.75, 1.25)) * seconds

    def of(numbers: tuple[str, ...], **otherwise: Any) -> Behaviour:
        usual = {"talk": talk, "pause": _some_rings, "speaks": _a_sentence, "deaf": _now_and_then}
        return Behaviour(**{"number": lambda rng: rng.choice(numbers), **usual, **otherwise})

    def extension(rng: Rng) -> str:
        return rng.choice(where.extensions)

    return _through(where, seconds, of, extension) | _otherwise(where, seconds, of)


def _through(
    where: Town, seconds: float, of: Callable[..., Behaviour], extension: Callable[[Rng], str]
) -> dict[str, Any]:
    """Those who speak to somebody, as a rule."""
    return {
        "waits for the group": (8, of(where.main, keys=lambda _: ("", ""))),
        "chooses in the menu": (16, of(where.main, keys=_choice)),
        "knows the extension": (12, of(where.main, keys=lambda rng: (extension(rng),))),
        "asks for the extension": (3, of(where.main, keys=lambda rng: ("", ASKS_EXTENSION, extension(rng)))),
        "mistypes the extension": (3, of(where.main, keys=lambda rng: ("0000", extension(rng)))),
        "mistypes in the menu": (3, of(where.main, keys=lambda rng: ("", "*", _choice(rng)[1]))),
        "is looked after": (8, of(where.main, who="known")),
        "a mobile answers": (5, of(where.pairs, desk="quiet", mobile="answer")),
        "goes outside": (3, of(where.main, keys=lambda _: ("", GOES_OUTSIDE))),
        "unconditional": (3, of(where.direct)),
        "unconditional for a customer": (2, of(where.direct, who="known")),
        "is recorded": (2, of(where.recorded, talk=lambda rng: seconds * rng.uniform(0.03, 0.08))),
        "withheld": (2, of(where.main, who="withheld", keys=lambda rng: (extension(rng),))),
        "waits on hold": (12, of(where.queues, talk=lambda rng: seconds * rng.uniform(0.08, 0.3))),
    }


def _otherwise(where: Town, seconds: float, of: Callable[..., Behaviour]) -> dict[str, Any]:
    """Those who do not."""
    return {
        "a mailbox answers": (2, of(where.pairs, desk="decline", mobile="mailbox")),
        "leaves a message": (3, of(where.main, keys=lambda _: ("", WANTS_MAILBOX), desk="quiet")),
        "says nothing": (1, of(where.main, keys=lambda _: ("", WANTS_MAILBOX), desk="decline", speaks=lambda _: 0.0)),
        "everybody is engaged": (2, of(where.pairs, desk="decline", mobile="fail")),
        "leaves a message on hold": (2, of(where.queues, keys=lambda _: ("", MESSAGE_KEY))),
        "hangs up in the greeting": (2, of(where.main, patience=lambda rng: rng.uniform(0.5, 3))),
        "hangs up in the menu": (2, of(where.main, keys=lambda _: ("",), patience=lambda rng: rng.uniform(7, 12))),
        "hangs up while it rings": (3, of(where.pairs, desk="quiet", patience=lambda rng: rng.uniform(1, 4))),
        "hangs up on hold": (2, of(where.queues, patience=lambda rng: seconds * rng.uniform(0.04, 0.5))),
        "closed": (1, of(where.shut)),
        "closed, a message": (1, of(where.shut_mail)),
        "blocked": (1, of(where.main, who="blocked")),
        "unconditional, nobody answers": (1, of(where.direct, outside="quiet")),
    }


def _choice(rng: Rng) -> tuple[str, str]:
    return ("", str(rng.randrange(TEAMS) + 1))


def _some_rings(rng: Rng) -> float:
    return rng.uniform(1, 6)


def _a_sentence(rng: Rng) -> float:
    return rng.uniform(2, 6)


def _now_and_then(rng: Rng) -> int:
    return rng.choices((0, 1, 2), (80, 15, 5))[0]
