"""Callbacks step back while a process is behind: with a clock and a loop that the test moves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
from flask import Flask, request

from tests.waiting import until
from voice import pressure
from voice.pressure import ELSEWHERE, HICCUP, LATE, LOOKS_EVERY, SHARE, TOGETHER, WAITED, Pressure, of_gevent

TAKES = 0.01
"""Seconds of the virtual clock that a callback takes."""


@dataclass
class Loop:
    """A process with one callback, and its loop: nothing happens in it but what the test does."""

    repeats: bool = True
    now: float = 100.0
    begun: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    waited: dict[str, float] = field(default_factory=dict)
    wanted: list[Callable[[], bool]] = field(default_factory=list)
    watches: list[Callable[[], None]] = field(default_factory=list)
    meanwhile: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.threads, self.gate = ThreadPoolExecutor(10), threading.Event()
        self.gate.set()
        self.pressure = Pressure(
            self.wanted.append,
            repeats=self.repeats,
            clock=lambda: self.now,
            sleep=self._sleep,
            spawn=self.watches.append,
        )
        self.app = Flask("webhooks")
        for name in pressure.NOBODY_WAITS:
            self.app.add_url_rule(f"/{name}/<what>", name, self._view)
        self.pressure.init_app(self.app)

    def _sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.meanwhile:
            self.meanwhile.pop(0)()

    def _view(self, what: str) -> str:
        self.begun.append(what)
        self.waited[what] = request.environ.get(WAITED, 0.0)
        self.gate.wait()
        self.now += TAKES
        self.done.append(what)
        return what

    def tells(self, *names: str, call: str = "") -> list[Future[int]]:
        """Callbacks come, one after the other, each of a call of its own, or all of one; gives their statuses."""
        return [self._comes(name, call or name) for name in names]

    def _comes(self, name: str, call: str) -> Future[int]:
        before, address = self._known, f"/voice.leg/{name}?call={call}"
        answer = self.threads.submit(lambda: self.app.test_client().get(address).status_code)
        until(lambda: self._known > before)
        return answer

    @property
    def _known(self) -> int:
        return self.pressure.put_off + len(self.done)

    def goes_on(self, seconds: float) -> None:
        """Time goes by, and another webhook comes."""
        self.now += seconds
        self.pressure.looks(self.now)

    def falls_behind(self) -> None:
        """There is always something ready for as long as that."""
        self.goes_on(LOOKS_EVERY)
        self.goes_on(LATE + 0.01)

    def is_idle(self) -> None:
        """Nothing else is ready, at one moment."""
        for wanted in self.wanted[:]:
            if not wanted():
                self.wanted.remove(wanted)

    def ends(self) -> None:
        """Let everybody go on who still waits."""
        self.gate.set()
        until(lambda: self.is_idle() or not self.pressure.waiting)
        self.threads.shutdown()


@pytest.fixture
def loop() -> Iterator[Loop]:
    """One whose provider asks again after a 503."""
    made = Loop()
    yield made
    made.ends()


def statuses(answers: list[Future[int]]) -> list[int]:
    """What was answered, when all has been."""
    return [answer.result(30) for answer in answers]


def test_as_long_as_everything_ready_is_done_in_time_nothing_is_put_off(loop: Loop) -> None:
    for _ in range(20):
        loop.goes_on(LOOKS_EVERY)
        loop.goes_on(LATE - 0.01)
        loop.is_idle()
    loop.goes_on(LOOKS_EVERY)
    loop.goes_on(LATE - 0.01)
    assert statuses(loop.tells("one")) == [200]
    assert loop.pressure.put_off == 0


# Or who talks would be rung by the next call, once the ring is over.
def test_that_somebody_picked_up_is_not_put_off(loop: Loop) -> None:
    loop.falls_behind()
    with loop.app.test_client() as provider:
        assert provider.get("/voice.leg/picked up?call=CA1&CallStatus=in-progress").status_code == 200
    assert (loop.done, loop.pressure.put_off) == (["picked up"], 0)


# A webhook need not pay for a look each time.
def test_it_looks_no_oftener_than_need_be(loop: Loop) -> None:
    loop.goes_on(LOOKS_EVERY)
    assert len(loop.wanted) == 1
    loop.is_idle()
    loop.goes_on(LOOKS_EVERY / 2)
    assert loop.wanted == []


def test_those_who_are_put_off_get_their_share_though_there_is_no_time(loop: Loop) -> None:
    loop.falls_behind()
    answers = loop.tells("one", "two", "three")
    loop.goes_on(LATE)
    assert loop.pressure.waiting == 3
    loop.goes_on(LATE * (SHARE - 1))
    assert (statuses(answers[:1]), loop.done) == ([200], ["one"])
    loop.goes_on(TAKES * (SHARE - 1) / 2)
    assert loop.pressure.waiting == 2
    loop.goes_on(TAKES * (SHARE - 1))
    assert (statuses(answers[:2]), loop.done) == ([200, 200], ["one", "two"])
    loop.is_idle()
    assert statuses(answers) == [200] * 3


def test_when_there_is_time_some_go_on_together_and_newcomers_wait_behind_the_others(loop: Loop) -> None:
    loop.falls_behind()
    loop.gate.clear()
    names = [str(number) for number in range(TOGETHER + 2)]
    answers = loop.tells(*names)
    for _ in names:
        loop.is_idle()
        loop.goes_on(0)
    assert loop.pressure.waiting == len(names) - TOGETHER
    until(lambda: sorted(loop.begun) == names[:TOGETHER])
    answers += loop.tells("late")
    loop.gate.set()
    until(lambda: loop.is_idle() or all(answer.done() for answer in answers))
    assert statuses(answers) == [200] * len(answers)
    assert loop.pressure.put_off == len(answers)
    loop.goes_on(LOOKS_EVERY)
    loop.is_idle()
    assert statuses(loop.tells("after")) == [200]
    assert loop.pressure.put_off == len(answers)


# Or somebody who hung up would be marked as talking by what was told before it.
def test_what_is_told_of_one_call_stays_in_its_order(loop: Loop) -> None:
    loop.falls_behind()
    loop.gate.clear()
    answers = [*loop.tells("picked up", "hung up", call="CA1"), *loop.tells("other")]
    for _ in answers:
        loop.is_idle()
        loop.goes_on(0)
    until(lambda: sorted(loop.begun) == ["other", "picked up"])
    assert loop.pressure.waiting == 1
    loop.gate.set()
    until(lambda: loop.is_idle() or all(answer.done() for answer in answers))
    assert (statuses(answers), loop.begun[-1]) == ([200] * 3, "hung up")


# As when SQL hangs: it takes time, and none of the processor.
def test_those_who_wait_for_a_store_keep_nobody_else_put_off(loop: Loop) -> None:
    loop.falls_behind()
    loop.gate.clear()
    names = [str(number) for number in range(TOGETHER + 2)]
    answers = loop.tells(*names)
    for _ in names:
        loop.is_idle()
        loop.goes_on(ELSEWHERE / 10)
    assert loop.pressure.waiting == 2
    loop.goes_on(ELSEWHERE)
    for _ in names:
        loop.is_idle()
    until(lambda: sorted(loop.begun) == names)
    loop.goes_on(LOOKS_EVERY)
    loop.is_idle()
    loop.gate.set()
    assert statuses([*answers, *loop.tells("after")]) == [200] * (len(names) + 1)
    assert loop.pressure.put_off == len(names)


# The provider gives up after 15 s, and asks again: by then five of one callback would wait, each to be done in full.
def test_a_callback_told_once_more_takes_its_own_place_and_is_done_once(loop: Loop) -> None:
    loop.falls_behind()
    first, other = loop.tells("one", "two")
    loop.goes_on(LATE)
    (again,) = loop.tells("one")
    assert (loop.pressure.waiting, first.result(30)) == (2, 503)
    loop.goes_on(LATE * (SHARE - 1))
    assert (statuses([again]), loop.done) == ([200], ["one"])
    assert loop.waited["one"] > LATE * (SHARE - 1), "as old as when it was told first"
    loop.is_idle()
    assert (statuses([other]), loop.done) == ([200], ["one", "two"])


def test_what_the_provider_would_never_tell_again_is_done_where_no_more_can_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pressure, "MOST", 2)
    loop = Loop(repeats=False)
    loop.falls_behind()
    answers = loop.tells("one", "two", "three")
    assert (statuses(answers[:1]), loop.done) == ([200], ["one"])
    until(lambda: loop.is_idle() or all(answer.done() for answer in answers))
    assert statuses(answers) == [200] * 3
    loop.ends()


def test_nobody_is_put_off_for_ever(loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pressure, "PATIENCE", 0.01)
    loop.falls_behind()
    assert statuses(loop.tells("one", "two")) == [200, 200]


def test_the_log_has_two_lines_however_often_it_falls_behind_meanwhile(
    loop: Loop, caplog: pytest.LogCaptureFixture
) -> None:
    def tells_and_catches_up(name: str) -> None:
        (answer,) = loop.tells(name)
        until(lambda: loop.is_idle() or answer.done())
        loop.is_idle()

    loop.falls_behind()
    (watch,) = loop.watches
    loop.meanwhile = [lambda: None] * int(HICCUP) + [
        lambda: tells_and_catches_up("one"),
        loop.falls_behind,
        lambda: tells_and_catches_up("two"),
    ]
    watch()
    began, ended = (record.getMessage() for record in caplog.records)
    assert "has more to do than it can" in began
    assert ended.endswith("2 callbacks put off, 0 sent back")
    loop.falls_behind()
    assert len(loop.watches) == 2


# The first webhooks of a process take that long, and nobody need be told.
def test_the_log_has_no_line_of_a_hiccup(loop: Loop, caplog: pytest.LogCaptureFixture) -> None:
    loop.falls_behind()
    loop.is_idle()
    (watch,) = loop.watches
    watch()
    assert caplog.records == []


# Tests, commands and rehearsals call the app without gevent.
def test_where_every_request_has_a_thread_there_is_nothing_to_do() -> None:
    assert of_gevent() is None
