"""A telephone in real time, and an application that is called without a server."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from werkzeug import Request, Response

from simulator import Clock, Exchange, Gathering, Listening, Provider, Recording, Ringing, Talking, WrongMomentError
from simulator.call import Call
from simulator.in_process import HERE, InProcess
from simulator.signature import sign
from simulator.telephone import NOTHING_DUE, Telephone

PUBLIC_URL, TOKEN, ANA = "https://acme.example.com", "secret", "client:ana"
DIAL = '<Dial timeout="15"><Client>ana</Client></Dial>'
TEN_SECONDS = "x" * 150


class Watch:
    """Real seconds, which a test lets pass."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Answers:
    """An application of this process: paths and the verbs that they answer with."""

    def __init__(self, pages: dict[str, str]) -> None:
        self.pages = pages
        self.asked: list[Request] = []

    def __call__(self, environ: Any, start: Any) -> Iterable[bytes]:
        request = Request(environ)
        request.form  # noqa: B018 - read now, while it can be
        self.asked.append(request)
        if request.path not in self.pages:
            raise LookupError(request.path)
        return Response(f"<Response>{self.pages[request.path]}</Response>", content_type="text/xml")(environ, start)


Telephones = Callable[..., Telephone]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def dials(watch: Watch) -> Telephones:
    """Dial an application whose first answer has these verbs."""

    def dial(verbs: str, pages: dict[str, str] | None = None) -> Telephone:
        answers = Answers({"/voice/incoming": verbs, "/voice/status": "", **(pages or {})})
        telephone = Telephone(exchange(answers), real=watch)
        telephone.dial(from_="+34600000001", to="+34910000001")
        return telephone

    return dial


def exchange(answers: Answers, **fields: Any) -> Exchange:
    provider = Provider(public_url=PUBLIC_URL, connect_url=HERE, account_sid="AC1", auth_token=TOKEN, **fields)
    return Exchange(provider, Clock(datetime(2026, 3, 2, 9, tzinfo=UTC)), patience=0, transport=InProcess(answers))


def test_time_passes_as_it_really_does(dials: Telephones, watch: Watch) -> None:
    telephone = dials(f"<Say>{TEN_SECONDS}</Say>{DIAL}")
    assert isinstance(telephone.call.waiting, Listening)
    assert telephone.due_in == pytest.approx(10)
    watch.seconds += 9
    telephone.catch_up()
    assert isinstance(telephone.call.waiting, Listening)
    assert telephone.seconds == pytest.approx(9)
    watch.seconds += 1
    telephone.catch_up()
    assert isinstance(telephone.call.waiting, Ringing)


# What happened while nobody looked has its own moment: the ring began after ten seconds, not after fourteen.
def test_what_came_due_meanwhile_happened_when_it_was_due(dials: Telephones, watch: Watch) -> None:
    telephone = dials(f"<Say>{TEN_SECONDS}</Say>{DIAL}")
    watch.seconds += 14
    telephone.do(lambda call: call.answer(ANA))
    assert {each.kind: each.at_seconds for each in telephone.heard if each.who} == {
        "ring": 10.0,
        "pick up": 14.0,
        "talk": 14.0,
    }


def test_words_are_heard_when_they_are_said(dials: Telephones, watch: Watch) -> None:
    telephone = dials(f"<Gather><Say>{TEN_SECONDS}</Say><Say>And this.</Say></Gather>")
    assert [each.text for each in telephone.heard if each.kind == "say"] == [TEN_SECONDS]
    assert telephone.due_in == pytest.approx(10)
    watch.seconds += 10
    telephone.catch_up()
    assert [each.text for each in telephone.heard if each.kind == "say"] == [TEN_SECONDS, "And this."]


def test_a_wait_that_is_skipped_is_over_and_stays_over(dials: Telephones, watch: Watch) -> None:
    telephone = dials(f"{DIAL}<Say>{TEN_SECONDS}</Say>")
    watch.seconds += 1
    telephone.skip()
    assert isinstance(telephone.call.waiting, Listening)
    assert telephone.seconds == pytest.approx(20)  # the provider rings for five seconds more than it is told
    watch.seconds += 2
    telephone.catch_up()
    assert telephone.seconds == pytest.approx(22)
    assert telephone.due_in == pytest.approx(8)


def test_words_that_ask_for_keys_are_skipped_before_the_time_for_keys(dials: Telephones) -> None:
    telephone = dials(f'<Gather timeout="5"><Say>{TEN_SECONDS}</Say></Gather>{DIAL}')
    telephone.skip()
    assert isinstance(telephone.call.waiting, Gathering)
    assert telephone.due_in == pytest.approx(5)
    telephone.skip()
    assert isinstance(telephone.call.waiting, Ringing)


# Callers on hold may press a key, and need not: their music is skipped in one go.
def test_music_that_asks_for_keys_is_skipped_to_its_end(dials: Telephones, watch: Watch) -> None:
    telephone = dials(f'<Gather timeout="4"><Play loop="5">{PUBLIC_URL}/tune.wav</Play></Gather>{DIAL}')
    waiting = telephone.call.waiting
    assert isinstance(waiting, Gathering)
    assert not waiting.music  # five times five seconds, as far as anybody knows: no music yet
    telephone = dials(f'<Gather timeout="4"><Play loop="0">{PUBLIC_URL}/tune.wav</Play></Gather>{DIAL}')
    telephone.pass_by(60)
    assert telephone.seconds == pytest.approx(60)
    telephone.skip()
    assert isinstance(telephone.call.waiting, Ringing)


def test_a_talk_is_not_skipped(dials: Telephones, watch: Watch) -> None:
    telephone = dials(DIAL)
    telephone.do(lambda call: call.answer(ANA))
    telephone.skip()
    assert isinstance(telephone.call.waiting, Talking)
    assert telephone.due_in == NOTHING_DUE
    watch.seconds += 30
    telephone.do(Call.finish_talk)
    assert telephone.is_over
    assert telephone.seconds == pytest.approx(30)


# Whoever speaks for five seconds has waited five seconds.
def test_speaking_takes_its_time(dials: Telephones, watch: Watch) -> None:
    telephone = dials('<Record timeout="4" maxLength="60" action="/done"/>', {"/done": DIAL})
    telephone.do(lambda call: call.speak(5))
    assert isinstance(telephone.call.waiting, Recording)
    assert telephone.due_in == pytest.approx(4)
    watch.seconds += 4
    telephone.catch_up()
    assert isinstance(telephone.call.waiting, Ringing)


def test_a_line_that_is_cut_hangs_up_once(dials: Telephones) -> None:
    telephone = dials(DIAL)
    telephone.drop()
    telephone.drop()
    assert [each.text for each in telephone.call.transcript if each.kind == "end" and not each.who] == [
        "caller hung up"
    ]


def test_before_anything_is_dialled_there_is_no_call(watch: Watch) -> None:
    telephone = Telephone(exchange(Answers({})), real=watch)
    assert not telephone.dialled
    with pytest.raises(WrongMomentError):
        telephone.catch_up()
    telephone.drop()


# The application sees what a server would show it: address, form, headers, and a signature over all of them.
def test_an_application_of_this_process_is_asked_as_over_http() -> None:
    answers = Answers({"/voice/incoming": "<Hangup/>", "/voice/status": ""})
    called = exchange(answers, voice_url=f"{PUBLIC_URL}/voice/incoming?number=%2B34&x=a%20b", status_url=None)
    called.place_call(from_="+34600000001", to="+34910000001")
    (asked,) = answers.asked
    assert (asked.method, asked.environ["RAW_URI"]) == ("POST", "/voice/incoming?number=%2B34&x=a%20b")
    assert (asked.args["number"], asked.args["x"]) == ("+34", "a b")
    assert (asked.form["To"], asked.host) == ("+34910000001", "acme.example.com")
    assert asked.headers["X-Forwarded-Proto"] == "https"
    url = f"{PUBLIC_URL}/voice/incoming?number=%2B34&x=a%20b"
    assert asked.headers["X-Twilio-Signature"] == sign(TOKEN, url, asked.form.to_dict())


def test_an_application_that_raises_has_not_answered() -> None:
    called = exchange(Answers({}), fallback_url=None, status_url=None)
    call = called.place_call(from_="+34600000001", to="+34910000001")
    assert call.is_over
    assert [fault.code for fault in called.faults] == ["11206"]
