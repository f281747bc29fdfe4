"""A telephone in real time: one call whose clock follows the real one, and may be made to run ahead of it."""

import time
from collections.abc import Callable, Sequence

from simulator.call import Call, WrongMomentError
from simulator.exchange import Exchange
from simulator.records import Line
from simulator.waiting import Ended, Gathering, Listening, Recording, Ringing, Screening, Talking, Waiting

NOTHING_DUE = 60.0
"""Seconds after which to look again while nothing is going to happen by itself, as in a long talk."""

_INSTANT = 0.001  # seconds: the times of a transcript are rounded to as much


class Telephone:
    """One call for a person who hears it as it goes on; for one thread.

    `exchange` must be impatient (`patience=0`) and stand still between two methods of this. Every method that does
    something lets the time that has really passed go by first, and whatever came due in it. WrongMomentError for what
    cannot be done at this point of the call.
    """

    def __init__(self, exchange: Exchange, *, real: Callable[[], float] = time.monotonic) -> None:
        self.exchange = exchange
        self._real = real
        self._began = real()
        self._ahead = 0.0
        self._call: Call | None = None

    @property
    def call(self) -> Call:
        """The call; WrongMomentError before anything was dialled."""
        if self._call is None:
            raise WrongMomentError("nobody has dialled yet")
        return self._call

    def dial(self, *, from_: str, to: str) -> None:
        """Place the call; once."""
        self._call = self.exchange.place_call(from_=from_, to=to)

    @property
    def dialled(self) -> bool:
        """Whether the call was placed."""
        return self._call is not None

    @property
    def is_over(self) -> bool:
        """Whether nothing more can happen."""
        return self.call.is_over

    @property
    def seconds(self) -> float:
        """How long the call has lasted, by its own clock; to its end when it is over."""
        return (self.call.now if self.call.ended_at is None else self.call.ended_at) - self.call.started_at

    @property
    def due_in(self) -> float:
        """Real seconds until something happens by itself: the next sentence, the end of a prompt, of a ring."""
        now = self.call.now
        begins = [each.at_seconds + self.call.started_at for each in self.call.transcript]
        following = [at for at in (*begins, self.call.waiting.deadline) if at > now + _INSTANT]
        return min(max(min(following, default=now + NOTHING_DUE) - self._now(), 0.0), NOTHING_DUE)

    @property
    def heard(self) -> Sequence[Line]:
        """What has happened up to now; sentences that are still to be said are left out."""
        so_far = self.call.now - self.call.started_at + _INSTANT
        return [each for each in self.call.transcript if each.at_seconds <= so_far]

    def catch_up(self) -> None:
        """Let the time that has really passed go by."""
        self.exchange.advance(max(self._now() - self.call.now, 0.0))

    def skip(self) -> None:
        """Wait no longer for what happens by itself: a prompt is over, then a ring or the time for keys runs out."""
        self.catch_up()
        until = _SKIPS_TO[type(self.call.waiting)](self.call.waiting, self.call.now)
        self.pass_by(until - self.call.now)

    def pass_by(self, seconds: float) -> None:
        """Let seconds pass that nobody has really waited for."""
        self.catch_up()
        self.exchange.advance(max(seconds, 0.0))
        self._keep_ahead()

    def do(self, action: Callable[[Call], None]) -> None:
        """Let somebody do something: `do(lambda call: call.press("1"))`."""
        self.catch_up()
        action(self.call)
        self._keep_ahead()

    def drop(self) -> None:
        """The line is cut: a caller who is still there hangs up."""
        if self._call is not None and not self._call.is_over:
            self.do(Call.hang_up)
        self.exchange.close()

    def _now(self) -> float:
        """Where the call's clock should be."""
        return self._real() - self._began + self._ahead

    def _keep_ahead(self) -> None:
        """Whoever spoke, or did not want to wait, has moved the clock on."""
        self._ahead = max(self._ahead, self.call.now - (self._real() - self._began))


def _to_the_end(waiting: Waiting, _: float) -> float:
    return waiting.deadline


def _to_the_keys(waiting: Waiting, now: float) -> float:
    """First what is said, so that it can still be answered; then the silence after it. Music asks for nothing."""
    asks = waiting.inner if isinstance(waiting, Screening) else waiting
    if isinstance(asks, Gathering) and not asks.music and asks.speaking_until > now + _INSTANT:
        return asks.speaking_until
    return waiting.deadline


def _not_at_all(_: Waiting, now: float) -> float:
    return now


_SKIPS_TO: dict[type, Callable[[Waiting, float], float]] = {
    Listening: _to_the_end,
    Gathering: _to_the_keys,
    Screening: _to_the_keys,
    Ringing: _to_the_end,
    Recording: _to_the_end,
    Talking: _not_at_all,  # its end is four hours away
    Ended: _not_at_all,
}
