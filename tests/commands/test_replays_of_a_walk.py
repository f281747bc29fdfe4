"""What a walk says can be played again as a whole happens when it is: in companies drawn at random."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings

from config.company import Company
from flows.walk.report import Longest
from tests.calls.random_companies import companies
from tests.calls.test_within_the_walk import silences
from tests.commands.test_check_command import SHORTER, Replays, replays, walked
from tests.examples import examples

__all__ = ["replays"]

LAST_SECOND = 1.0
"""Whoever picks up to press nothing does so in the last second of the ringing, not at its very end."""


@settings(
    max_examples=examples(15),
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
)
@given(company=companies())
def test_what_can_be_played_as_a_whole_happens_as_it_is_told(replays: Replays, company: Company) -> None:
    for line in walked(company).numbers.values():
        for longest, side in ((line.until_ring, "rang"), (line.until_end, "over")):
            if longest is not None and longest.how.whole:
                happens(replays, company, longest, side)


def happens(replays: Replays, company: Company, longest: Longest, side: str) -> None:
    """Play a longest time again: it is reached, and not passed."""
    call = replays(company, longest.how).call
    last = silences(call)[-1]
    reached = getattr(last, side)
    assert reached is not None, longest.how
    assert longest.seconds - SHORTER - LAST_SECOND <= reached - last.began <= longest.seconds + 1, longest.how
