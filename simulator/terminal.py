"""A telephone in the terminal: call the company, press keys, and play the people who are called."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from simulator.call import Call, WrongMomentError
from simulator.exchange import Exchange
from simulator.leg import Leg
from simulator.transcript import transcript_lines
from simulator.waiting import Ended, Gathering, Listening, Recording, Ringing, Screening, Talking, Waiting

__all__ = ["interactive", "transcript_lines"]

_CALLER = "+34600000001"
_TALK_SECONDS = 30.0
_KEYS = frozenset("0123456789*#")


class _LeaveError(Exception):
    """The person at the terminal has had enough."""


def interactive(
    exchange: Exchange,
    *,
    numbers: Mapping[str, str],
    input_: Callable[[str], str] = input,
    print_: Callable[[str], None] = print,
) -> None:
    """Let a person place calls until they leave with `q` or Ctrl-D.

    `numbers` are the company's numbers and their names.
    """
    phone = _Phone(exchange, numbers, input_, print_)
    try:
        while True:
            phone.call_once()
    except (_LeaveError, EOFError, KeyboardInterrupt):
        print_("Goodbye.")


@dataclass
class _Phone:
    exchange: Exchange
    numbers: Mapping[str, str]
    input_: Callable[[str], str]
    print_: Callable[[str], None]
    caller: str = _CALLER
    shown: int = 0
    faults: int = 0

    def call_once(self) -> None:
        call = self.exchange.place_call(from_=self.ask_caller(), to=self.ask_number())
        self.shown = 0
        self.show(call)
        while not call.is_over:
            self.take_turn(call)
            self.show(call)
        self.print_(f"The call is over: {call.status}, {call.duration} s.\n")

    def ask_caller(self) -> str:
        self.caller = self.ask(f"Who calls? (Enter: {self.caller}; q: leave) ") or self.caller
        return self.caller

    def ask_number(self) -> str:
        known = list(self.numbers)
        for at, number in enumerate(known, 1):
            self.print_(f"  {at}  {number}  {self.numbers[number]}")
        choice = self.ask("Which number is called? (a line above, or any number; Enter: 1) ") or "1"
        at = int(choice) if choice.isdigit() and len(choice) <= len(str(len(known))) else 0
        return known[at - 1] if 1 <= at <= len(known) else choice

    def take_turn(self, call: Call) -> None:
        waiting = call.waiting
        help_line, act = _TURNS[type(waiting)]
        if isinstance(waiting, Ringing):
            for at, leg in enumerate(waiting.legs, 1):
                self.print_(f"  {at}  {leg.device} rings ({waiting.deadline - call.now:g} s left)")
        self.print_(f"[{help_line}; h: caller hangs up; q: leave]")
        answer = self.ask("> ")
        try:
            if answer == "h":
                call.hang_up()
            elif not act(call, waiting, answer):
                self.print_(f"{answer!r} means nothing here.")
        except WrongMomentError as error:
            self.print_(str(error))
        self.exchange.settle(call)

    def show(self, call: Call) -> None:
        lines = transcript_lines(call)
        for each in lines[self.shown :]:
            self.print_(each)
        self.shown = len(lines)
        for fault in self.exchange.faults[self.faults :]:
            self.print_(f"!! {fault}")
        self.faults = len(self.exchange.faults)

    def ask(self, question: str) -> str:
        answer = self.input_(question).strip()
        if answer == "q":
            raise _LeaveError
        return answer


# One function per kind of waiting: what an answer does, and whether it meant anything.


def _run_out(call: Call, waiting: Waiting) -> bool:
    call.exchange.advance(max(waiting.deadline - call.now, 0))
    return True


def _at_gather(call: Call, waiting: Waiting, answer: str) -> bool:
    if not answer:
        return _run_out(call, waiting)
    return _if_keys(answer, call.press)


_RING_LETTERS: Mapping[str, Callable[[Call, str], None]] = {
    "a": Call.answer,
    "b": Call.busy,
    "d": Call.decline,
    "m": Call.mailbox,
    "f": Call.fail,
}


def _at_ringing(call: Call, waiting: Waiting, answer: str) -> bool:
    if not answer:
        return _run_out(call, waiting)
    letter, at = answer[0], answer[1:].strip() or "1"
    legs: tuple[Leg, ...] = call.ringing_legs
    if letter not in _RING_LETTERS or not at.isdigit() or not 1 <= int(at) <= len(legs):
        return False
    _RING_LETTERS[letter](call, legs[int(at) - 1].device)
    return True


def _at_screening(call: Call, waiting: Waiting, answer: str) -> bool:
    if not answer:
        return _run_out(call, waiting)
    if answer == "x":
        call.finish_talk()
        return True
    device = waiting.leg.device if isinstance(waiting, Screening) else ""
    return _if_keys(answer, lambda keys: call.press_on(device, keys))


def _at_talk(call: Call, waiting: Waiting, answer: str) -> bool:  # noqa: ARG001
    if answer == "*":
        call.press(answer)
        return True
    return _if_seconds(answer or f"{_TALK_SECONDS:g}", lambda seconds: call.finish_talk(after=seconds))


def _at_recording(call: Call, waiting: Waiting, answer: str) -> bool:
    if not answer:
        return _run_out(call, waiting)
    if answer in ("#", "*"):
        call.press(answer)
        return True
    return _if_seconds(answer, call.speak)


def _at_prompt(call: Call, waiting: Waiting, answer: str) -> bool:
    if answer:
        return _if_keys(answer, call.press)
    return _run_out(call, waiting)


def _if_keys(answer: str, press: Callable[[str], None]) -> bool:
    if not set(answer) <= _KEYS:
        return False
    press(answer)
    return True


def _if_seconds(answer: str, act: Callable[[float], None]) -> bool:
    if not answer.isdigit():
        return False
    act(float(answer))
    return True


_TURNS: Mapping[type, tuple[str, Callable[[Call, Waiting, str], bool]]] = {
    Gathering: ("keys to press, e.g. 1 or 101; Enter: stay silent", _at_gather),
    Ringing: (
        "a1: device 1 answers, b1: busy, d1: declines, m1: mailbox, f1: unreachable; Enter: let it ring out",
        _at_ringing,
    ),
    Screening: ("keys the callee presses; x: callee hangs up; Enter: callee does nothing", _at_screening),
    Talking: (f"Enter: talk {_TALK_SECONDS:g} s, then the callee hangs up; a number: so many seconds; *", _at_talk),
    Recording: ("a number: speak so many seconds; # or *: stop; Enter: stay silent", _at_recording),
    Listening: ("Enter: listen on", _at_prompt),
    Ended: ("", lambda *_: True),
}
