"""Jobs: callers on hold are put through, ended calls are found out, and each runs once when it is due."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis
from rq import SimpleWorker
from rq.registry import FailedJobRegistry

import voice.jobs
from config.company import Company
from config.environment import of_process
from live import readings
from live.queue import OURS, queue
from local.house import ACCOUNT, PUBLIC_URL, TOKEN, House, served
from simulator import Caller, Recording, RestApp, rest_app
from tests.live.asking import Switch, waits
from voice.provider.rest import ProviderApi, ProviderError

MAIN = "+34910000001"


class LateRest:
    """The provider's REST API under an address that is known before there is a provider."""

    def __init__(self) -> None:
        self.app: RestApp | None = None

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Serve one request."""
        assert self.app is not None
        return self.app(environ, start_response)


@pytest.fixture
def rest() -> Iterator[tuple[LateRest, str]]:
    """That API, and where it is served."""
    late = LateRest()
    with served(late) as url:  # type: ignore[arg-type]
        yield late, url


@pytest.fixture
def house(
    open_house: Callable[..., House], rest: tuple[LateRest, str], redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> House:
    """The sample company, and a provider with a REST API that jobs use."""
    late, url = rest
    opened = open_house(provider="twilio", api_url=url)
    late.app = rest_app(opened.exchange)
    environ(monkeypatch, redis_url, url)
    return opened


def environ(monkeypatch: pytest.MonkeyPatch, redis_url: str, api_url: str = "", provider: str = "twilio") -> None:
    """Set the environment that the worker reads."""
    for name, value in {
        "PUBLIC_URL": PUBLIC_URL,
        "PROVIDER": provider,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "SECRET_KEY": "a secret of the tests",
        "TWILIO_API_URL": api_url,
        "REDIS_URL": redis_url,
    }.items():
        monkeypatch.setenv(name, value)
    of_process.cache_clear()
    voice.jobs._api.cache_clear()


def work(redis: Redis) -> int:
    """Run what is in the queue; how many jobs failed."""
    SimpleWorker([queue(redis)], connection=redis, **OURS).work(burst=True, logging_level=logging.CRITICAL)
    return len(FailedJobRegistry(queue=queue(redis)))


def nobody_but_luis(house: House) -> None:
    """Eva and Ana are away."""
    for employee in ("eva", "ana"):
        house.app.extensions["ringpath"].live.set_away(employee, away=True, now=house.clock.now())


def talks_to_luis(house: House) -> Caller:
    """Somebody who talks to Luis."""
    caller = Caller(house.exchange, number="+34600000011")
    return caller.dials(MAIN).presses("102").rings("luis").answers("luis").talks_to("luis", seconds=5)


def waits_for_support(house: House, number: str) -> Caller:
    """Somebody on hold for the support group."""
    caller = Caller(house.exchange, number=number)
    return caller.dials(MAIN).presses("2").waits(3).presses("1").holds()


# As soon as a member is free the caller at the head is put through, at once when the provider's REST API is
# configured (DESIGN section 3, hold).
def test_a_caller_on_hold_is_put_through_at_once(house: House, redis: Redis) -> None:
    nobody_but_luis(house)
    first = talks_to_luis(house)
    head, second = waits_for_support(house, "+34600000012"), waits_for_support(house, "+34600000013")
    first.other_side_hangs_up()
    assert queue(redis).count == 1
    moment = house.clock.now()
    assert work(redis) == 0
    head.rings("luis")
    assert house.clock.now() == moment
    second.holds()
    head.answers("luis").talks_to("luis").other_side_hangs_up().ended()


def test_nobody_waiting_is_nobody_to_wake(house: House, redis: Redis) -> None:
    talks_to_luis(house).other_side_hangs_up().ended()
    assert queue(redis).count == 0


# … and within one music loop otherwise.
def test_without_the_rest_api_a_caller_is_put_through_when_the_music_ends(
    open_house: Callable[..., House], redis: Redis
) -> None:
    house = open_house(provider="simulator")
    nobody_but_luis(house)
    first = talks_to_luis(house)
    head = waits_for_support(house, "+34600000012")
    first.other_side_hangs_up()
    assert queue(redis).count == 0
    head.waits(31).rings("luis")


def test_a_caller_who_no_longer_waits_is_left_alone(house: House, redis: Redis) -> None:
    nobody_but_luis(house)
    first = talks_to_luis(house)
    head = waits_for_support(house, "+34600000012")
    first.other_side_hangs_up()
    head.presses("1")
    assert isinstance(head.call.waiting, Recording)
    queue(redis).enqueue("voice.jobs.wake", "CA never was")
    assert work(redis) == 0
    assert isinstance(head.call.waiting, Recording)
    head.leaves_message(5).hangs_up()


def test_a_caller_who_has_gone_meanwhile_is_no_failure(
    house: House, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    gone = Caller(house.exchange).dials(MAIN).hangs_up()
    redis.flushdb()  # as though its end had never been told
    Switch(redis).asks(gone.call.sid, waits("support"))
    queue(redis).enqueue("voice.jobs.wake", gone.call.sid)
    assert work(redis) == 0
    assert f"call {gone.call.sid} has gone" in caplog.text


# One error per boundary, with `permanent` (STYLE 7): asking again helps when nobody was there, not after a refusal.
def test_a_provider_that_does_not_answer_may_be_asked_again(
    redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ(monkeypatch, redis_url, "http://127.0.0.1:1")
    Switch(redis).asks("CA1", waits("support"))
    queue(redis).enqueue("voice.jobs.wake", "CA1")
    assert work(redis) == 1  # failed, and kept for whoever looks after the queue
    api = ProviderApi(base="http://127.0.0.1:1", account_sid=ACCOUNT, auth_token=TOKEN)
    with pytest.raises(ProviderError) as error:
        api.redirect("CA1", PUBLIC_URL)
    assert not error.value.permanent
    assert TOKEN not in str(error.value)


# A refusal of everything, as of a wrong token, says nothing of the caller: he keeps his place.
@pytest.mark.parametrize("wrong", ["TWILIO_AUTH_TOKEN", "TWILIO_API_URL"])
def test_a_caller_who_cannot_be_put_through_keeps_his_place(
    house: House, redis: Redis, rest: tuple[LateRest, str], monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv(wrong, {"TWILIO_AUTH_TOKEN": "another", "TWILIO_API_URL": f"{rest[1]}/elsewhere"}[wrong])
    of_process.cache_clear()
    waiting = Caller(house.exchange).dials(MAIN)
    redis.flushdb()
    Switch(redis).asks(waiting.call.sid, waits("support"))
    queue(redis).enqueue("voice.jobs.wake", waiting.call.sid)
    assert work(redis) == 1  # failed, and kept for whoever looks after the queue
    assert readings.waiting(redis, "support") == [waiting.call.sid]
    waiting.hangs_up()


def test_a_refusal_is_permanent(house: House, rest: tuple[LateRest, str]) -> None:
    api = ProviderApi(base=rest[1], account_sid=ACCOUNT, auth_token=TOKEN)
    stranger = ProviderApi(base=rest[1], account_sid=ACCOUNT, auth_token="another")
    with pytest.raises(ProviderError) as unknown:
        api.redirect("CA0", PUBLIC_URL)
    with pytest.raises(ProviderError) as unwelcome:
        stranger.status("CA0")
    assert unknown.value.permanent
    assert unwelcome.value.permanent
    assert TOKEN not in f"{unknown.value} {unwelcome.value}"
    assert api.status("CA0") is None


def long_ago(redis: Redis, seconds: float = 120) -> Switch:
    """A live state whose calls were last heard of some time ago, by the real clock that jobs go by."""
    return Switch(redis, now=datetime.now(UTC) - timedelta(seconds=seconds))


# Talking is confirmed with the provider: a lost callback never leaves an employee busy (DESIGN section 6).
def test_a_call_that_has_ended_unheard_is_found_out(
    house: House, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    ended, up = Caller(house.exchange).dials(MAIN).hangs_up(), Caller(house.exchange).dials(MAIN)
    redis.flushdb()
    switch = long_ago(redis)
    for sid, who in ((ended.call.sid, "ana"), (up.call.sid, "luis"), ("CA unheard of", "eva")):
        switch.rings(sid, who)
        switch.leg(sid, who, "in-progress")
    queue(redis).enqueue("voice.jobs.confirm_calls")
    assert work(redis) == 0
    assert [switch.state(who) for who in ("ana", "luis", "eva")] == ["free", "talking", "free"]
    assert switch.told(ended.call.sid)[-1] == "ended"
    assert readings.active(redis).keys() == {up.call.sid}
    assert readings.active(redis)[up.call.sid] > switch.now + timedelta(seconds=60)  # not asked after again at once
    assert f"call {ended.call.sid} ended (completed)" in caplog.text
    assert ended.call.ended_at is not None  # then it ended, and not when we found out (the API tells whole seconds)
    moment = int(readings.call_fields(redis, ended.call.sid)["ended"]) // 1000
    assert moment == int(house.clock.at(ended.call.ended_at).timestamp())
    up.hangs_up()


def test_a_call_that_was_heard_of_is_not_asked_after(house: House, redis: Redis, rest: Any) -> None:
    switch = long_ago(redis, seconds=30)
    switch.rings("CA unheard of", "ana")
    queue(redis).enqueue("voice.jobs.confirm_calls")
    assert work(redis) == 0
    assert rest[0].app.requests == []
    assert readings.active(redis).keys() == {"CA unheard of"}


def test_so_many_are_asked_after_and_no_more(house: House, redis: Redis, rest: Any) -> None:
    switch = long_ago(redis)
    for number in range(voice.jobs.MOST_CONFIRMED + 5):
        switch.asks(f"CA{number}")
    queue(redis).enqueue("voice.jobs.confirm_calls")
    assert work(redis) == 0
    assert len(rest[0].app.requests) == voice.jobs.MOST_CONFIRMED + 1  # … and once whether it knows our account
    assert len(readings.active(redis)) == 5


def test_a_provider_that_cannot_be_asked_frees_nobody(
    redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    environ(monkeypatch, redis_url, "http://127.0.0.1:1")
    switch = long_ago(redis)
    switch.rings("CA1", "ana")
    switch.leg("CA1", "ana", "in-progress")
    queue(redis).enqueue("voice.jobs.confirm_calls")
    assert work(redis) == 0
    assert switch.state("ana") == "talking"
    assert "call CA1 could not be confirmed" in caplog.text


# With a wrong account, or a wrong address, no call is found: those who talk would all be free.
@pytest.mark.parametrize("wrong", ["TWILIO_ACCOUNT_SID", "TWILIO_API_URL"])
def test_a_provider_that_does_not_know_us_frees_nobody(
    house: House,
    redis: Redis,
    rest: tuple[LateRest, str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    wrong: str,
) -> None:
    up = Caller(house.exchange).dials(MAIN)
    assert rest[0].app
    monkeypatch.setattr(rest[0].app, "_check_login", lambda _: None)  # 404 comes before 401
    monkeypatch.setenv(wrong, {"TWILIO_ACCOUNT_SID": "AC" + "9" * 32, "TWILIO_API_URL": f"{rest[1]}/api"}[wrong])
    of_process.cache_clear()
    redis.flushdb()
    switch = long_ago(redis)
    for sid, who in ((up.call.sid, "ana"), ("CA unheard of", "luis")):
        switch.rings(sid, who)
        switch.leg(sid, who, "in-progress")
    queue(redis).enqueue("voice.jobs.confirm_calls")
    assert work(redis) == 0
    assert [switch.state(who) for who in ("ana", "luis")] == ["talking", "talking"]
    [said] = [record.getMessage() for record in caplog.records if record.name == "ringpath.reconciling"]
    assert "TWILIO_ACCOUNT_SID" in said
    assert "TWILIO_API_URL" in said
    up.hangs_up()


def test_without_a_rest_api_jobs_do_nothing(
    redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch, sample: Company
) -> None:
    environ(monkeypatch, redis_url, provider="simulator")
    switch = long_ago(redis)
    switch.asks("CA1", waits("support"))
    queue(redis).enqueue("voice.jobs.confirm_calls")
    queue(redis).enqueue("voice.jobs.wake", "CA1")
    assert work(redis) == 0
    assert readings.active(redis).keys() == {"CA1"}
