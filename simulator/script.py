"""Whole calls without a person: what the caller presses and how every device behaves is written down first."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from simulator.call import Call
from simulator.exchange import Exchange
from simulator.leg import Leg
from simulator.waiting import Ended, Gathering, Recording, Ringing, Screening, Talking

NO_ANSWER = "noanswer"
LET_PASS = "-"  # noqa: S105  (a key, not a password)
_MESSAGE_SECONDS = 5.0
_REACTIONS: Mapping[str, Callable[[Call, str], None]] = {
    "answer": Call.answer,
    "busy": Call.busy,
    "fail": Call.fail,
    "decline": Call.decline,
    "mailbox": Call.mailbox,
}


@dataclass(frozen=True)
class Reaction:
    """What a device does, `after` so many seconds of ringing."""

    kind: str
    after: float = 0.0

    @classmethod
    def parse(cls, text: str) -> "Reaction":
        """From `busy` or `answer:5`; ValueError names what is wrong."""
        kind, _, after = text.partition(":")
        if kind != NO_ANSWER and kind not in _REACTIONS:
            raise ValueError(f"a device cannot {kind!r}; it can {', '.join((*_REACTIONS, NO_ANSWER))}")
        return cls(kind, float(after or 0))


@dataclass(frozen=True)
class DeviceScript:
    """How each device behaves; `others` is what those do that are not named.

    `answer` also presses 1 when a document asks whoever picks up; `mailbox` picks up and presses nothing.
    """

    devices: Mapping[str, str] = field(default_factory=dict)
    others: str = NO_ANSWER

    def __post_init__(self) -> None:
        for text in (*self.devices.values(), self.others):
            Reaction.parse(text)

    def of(self, device: str) -> Reaction:
        """What `device` does."""
        return Reaction.parse(self.devices.get(device, self.others))


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a played call went; `reached` is the device that was put through first, times are virtual seconds."""

    call: Call
    reached: str | None
    webhooks: int
    ringing_seconds: float
    seconds: float


def play(
    exchange: Exchange,
    *,
    from_: str,
    to: str,
    press: str = "",
    devices: DeviceScript | Mapping[str, str] | None = None,
    talk_seconds: float = 30,
    hang_up_after: float | None = None,
    max_webhooks: int = 500,
) -> Result:
    """Place one call and play it to its end.

    `press` has the keys for each prompt in turn, separated by commas ("2,9,101"), "-" where nothing is pressed;
    afterwards the caller stays silent. The callee ends a talk after `talk_seconds`. The caller gives up after
    `hang_up_after` seconds in all. A call that needs more than `max_webhooks` requests is cut off with the fault
    `endless`.
    """
    script = devices if isinstance(devices, DeviceScript) else DeviceScript(devices or {})
    call = exchange.place_call(from_=from_, to=to)
    driver = _Driver(exchange, call, script, press.split(",") if press else [], talk_seconds)
    give_up = float("inf") if hang_up_after is None else call.started_at + hang_up_after
    while not call.is_over:
        if _webhooks(call) > max_webhooks:
            exchange.complain("endless", f"more than {max_webhooks}", sid=call.sid)
            call.hang_up()
            break
        driver.step(give_up)
    return _result(call)


def _webhooks(call: Call) -> int:
    return sum(len(each.webhooks) for each in (call, *call.legs))


def _result(call: Call) -> Result:
    return Result(
        call=call,
        reached=next((leg.device for leg in call.legs if leg.bridged), None),
        webhooks=_webhooks(call),
        ringing_seconds=round(call.ringing_seconds, 3),
        seconds=round((call.ended_at or call.now) - call.started_at, 3),
    )


class _Driver:
    """Does the next thing in a scripted call."""

    def __init__(
        self, exchange: Exchange, call: Call, script: DeviceScript, keys: list[str], talk_seconds: float
    ) -> None:
        self.exchange = exchange
        self.call = call
        self.script = script
        self.keys = keys
        self.talk_seconds = talk_seconds
        self.asked: set[Leg] = set()
        self.passed: Gathering | None = None

    def step(self, give_up: float) -> None:
        """Advance to the next thing that somebody does, or to the deadline; not beyond `give_up`."""
        at, action = self.next_action()
        if give_up <= at:
            self.exchange.advance(max(give_up - self.call.now, 0))
            if not self.call.is_over:
                self.call.hang_up()
            return
        before = self.call.waiting
        self.wait_until(at)
        if action is not None and self.call.waiting is before:
            action()

    def next_action(self) -> tuple[float, Callable[[], None] | None]:
        """When something happens next, and what; None: the deadline passes."""
        waiting = self.call.waiting
        nothing = (waiting.deadline, None)
        if isinstance(waiting, Gathering) and self.keys and not waiting.digits and waiting is not self.passed:
            return self.call.now, lambda: self.press(waiting)
        if isinstance(waiting, Ringing):
            return self.first_reaction(waiting) or nothing
        if isinstance(waiting, Screening) and self.presses_one(waiting):
            return self.call.now, lambda: self.accept(waiting.leg)
        if isinstance(waiting, Talking):
            return min(waiting.since + self.talk_seconds, waiting.deadline), self.end_talk
        if isinstance(waiting, Recording):
            return self.call.now, self.leave_message
        return nothing

    def first_reaction(self, waiting: Ringing) -> tuple[float, Callable[[], None]] | None:
        """The first device that does something before the ringing ends."""
        first: tuple[float, Leg, Reaction] | None = None
        for leg in waiting.legs:
            reaction = self.script.of(leg.device)
            at = waiting.since + reaction.after
            if reaction.kind != NO_ANSWER and at < waiting.deadline and (first is None or at < first[0]):
                first = (at, leg, reaction)
        if first is None:
            return None
        at, leg, reaction = first
        return at, lambda: _REACTIONS[reaction.kind](self.call, leg.device)

    def presses_one(self, waiting: Screening) -> bool:
        return (
            isinstance(waiting.inner, Gathering)
            and waiting.leg not in self.asked
            and self.script.of(waiting.leg.device).kind == "answer"
        )

    def press(self, waiting: Gathering) -> None:
        keys = self.keys.pop(0)
        if keys == LET_PASS:
            self.passed = waiting
        else:
            self.call.press(keys)

    def accept(self, leg: Leg) -> None:
        self.asked.add(leg)
        self.call.press_on(leg.device, "1")

    def end_talk(self) -> None:
        self.call.finish_talk()

    def leave_message(self) -> None:
        self.call.speak(_MESSAGE_SECONDS)
        if not isinstance(self.call.waiting, Ended):
            self.call.hang_up()

    def wait_until(self, at: float) -> None:
        """Let time pass up to `at`, and whatever comes due with it."""
        self.exchange.advance(max(at - self.call.now, 0))
        self.exchange.settle(self.call)
