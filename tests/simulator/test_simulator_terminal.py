"""The telephone in the terminal."""

from collections.abc import Callable

import pytest

from simulator import Exchange, interactive
from tests.simulator.application import Application

NUMBER = "+34910000001"
MOBILE = "+34600111222"

Session = Callable[..., str]


@pytest.fixture
def session(application: Application, exchange: Exchange) -> Session:
    """Type lines; what the terminal showed. The end of the lines is Ctrl-D."""
    application.pages |= {
        "/voice/incoming": '<Gather numDigits="1" action="/choice"><Say>Welcome</Say></Gather><Say>Goodbye</Say>',
        "/choice": lambda asked: {
            "1": '<Dial action="/forward"><Client>ana</Client><Client>luis</Client></Dial>',
            "2": '<Record action="/saved"/>',
        }[asked.params["Digits"]],
        "/forward": f'<Dial hangupOnStar="true"><Number url="/ask">{MOBILE}</Number></Dial><Say>Sorry</Say>',
        "/ask": '<Gather numDigits="1" action="/accept"><Say>Press 1</Say></Gather><Hangup/>',
        "/accept": "",
        "/saved": "<Say>Saved</Say>",
    }

    def run(*lines: str) -> str:
        typed = iter(lines)
        shown: list[str] = []

        def ask(question: str) -> str:
            shown.append(question)
            try:
                return next(typed)
            except StopIteration:
                raise EOFError from None

        interactive(exchange, numbers={NUMBER: "Principal"}, input_=ask, print_=shown.append)
        return "\n".join(shown)

    return run


def test_a_call_from_beginning_to_end(session: Session) -> None:
    shown = session("", "1", "1", "b1", "", "a", "1", "10", "q")
    for line in (
        "  1  +34910000001  Principal",
        "00:00  line: “Welcome”",
        "[keys to press, e.g. 1 or 101; Enter: stay silent; h: caller hangs up; q: leave]",
        "  1  client:ana rings (35 s left)",
        "00:00  client:ana: end: busy",
        "  1  client:luis rings (35 s left)",
        "  1  +34600111222 rings (35 s left)",
        "00:35  +34600111222: “Press 1”",
        "00:35  +34600111222: is put through",
        "00:45  line: “Sorry”",
        "The call is over: completed, 46 s.\n",
        "Goodbye.",
    ):
        assert line in shown.split("\n") or line in shown, line
    assert shown.count("“Welcome”") == 1


def test_a_message(session: Session, application: Application) -> None:
    shown = session("+34699999999", NUMBER, "2", "7", "#")
    assert "line: recorded 7 s" in shown
    assert application.last("/saved")["From"] == "+34699999999"


def test_the_other_things_a_person_can_do(session: Session) -> None:
    shown = session("", "", "1", "d1", "m1", "*", "", "", "", "h")
    assert "client:luis: its mailbox answers" in shown
    assert shown.count("Who calls?") == 2
    shown = session("", "", "1", "f1", "f1", "a1", "x", "", "", "h")
    assert "client:ana: end: failed" in shown
    assert "+34600111222: hangs up" in shown
    assert "caller: hangs up" in shown


def test_what_means_nothing_is_said_so(session: Session) -> None:
    shown = session("", "", "x", "1", "z9", "a7", "hello", "q")
    for answer in ("x", "z9", "a7", "hello"):
        assert f"{answer!r} means nothing here." in shown
    assert shown.endswith("Goodbye.")


def test_a_fault_is_shown(session: Session, application: Application) -> None:
    application.pages["/voice/incoming"] = "<Shout/><Say>Hello</Say>"
    assert "!! 12200 warning" in session("", "")


def test_staying_silent(session: Session) -> None:
    assert "“Goodbye”" in session("", "", "")
