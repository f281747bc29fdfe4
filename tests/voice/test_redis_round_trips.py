"""At most one round trip to Redis for each webhook, counted on the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis
from redis.connection import AbstractConnection

from config.company import Company
from flows.places import AtGroup, AtMenu, OnHold, Place
from tests.voice.everywhere import ADDRESSES, SINCE, addresses
from tests.voice.wire import DIRECT, MAIN, SID, Wire, place_path

Counted = list[bytes]


@pytest.fixture
def sent(wire: Wire, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Counted:
    """What any connection sends to Redis from now on; the app has connected and loaded its scripts before."""
    for path in ("/voice/incoming", "/voice/status", "/voice/recording", "/voice/leg?call=CA9&employee=x&step=1"):
        wire.post(path, CallSid="CA before", CallStatus="completed")
    redis.flushdb()
    counted: Counted = []
    original: Callable[..., Any] = AbstractConnection.send_packed_command

    def counting(self: AbstractConnection, command: Any, *more: Any, **options: Any) -> Any:
        counted.append(b"".join(command) if isinstance(command, list) else bytes(command))
        return original(self, command, *more, **options)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", counting)
    return counted


def verb_of(command: bytes) -> bytes:
    """The name of a command as it goes over the wire."""
    return command.split(b"\r\n")[2]


EVENTS = {
    "nothing": {},
    "a key": {"Digits": "1"},
    "no answer": {"DialCallStatus": "no-answer", "DialBridged": "false"},
    "an answer": {"DialCallStatus": "completed", "DialBridged": "true"},
    "a hang-up": {"DialCallStatus": "canceled", "CallStatus": "completed"},
    "a picked up device": {"CallStatus": "in-progress"},
}


# At most one Redis round trip per webhook (issue 2, part 9).
@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
@pytest.mark.parametrize("name", ADDRESSES)
def test_a_webhook_asks_redis_once(
    wire: Wire, sent: Counted, sample: Company, name: str, event: dict[str, str]
) -> None:
    wire.post(addresses(sample)[name], **event)
    assert len(sent) <= 1  # that of the fallback goes out when the answer has gone
    if name in {"incoming", "menu", "group", "hold", "forward", "unknown/place"}:
        assert len(sent) == 1


def test_a_repeated_webhook_asks_redis_once(wire: Wire, sent: Counted, sample: Company) -> None:
    first = wire.post(addresses(sample)["menu"], Digits="1")
    again = wire.post(addresses(sample)["menu"], Digits="1")
    assert again.text == first.text
    assert len(sent) == 2


RINGING: dict[str, tuple[Place, dict[str, str]]] = {
    "a group that is free": (AtMenu(step=1, then="responsible", menu="main"), {"Digits": "1"}),
    "a group that is busy": (AtMenu(step=1, then="responsible", menu="main"), {"Digits": "1", "CallSid": "CA2"}),
    "the next of a group": (AtGroup(step=2, then="otherwise", groups=("sales",), group="sales", tried=1, rang=1), {}),
    "a forward": (AtGroup(step=3, then="otherwise", groups=("sales",), group="sales", tried=3, rang=2), {}),
    "a wait": (AtMenu(step=1, then="responsible", menu="support", path=("main",)), {"Digits": "1", "CallSid": "CA3"}),
    "a wait that goes on": (OnHold(step=2, then="otherwise", group="support", since=SINCE), {"CallSid": "CA3"}),
}


def test_a_whole_morning_of_calls_asks_redis_once_each(
    wire: Wire, sent: Counted, redis: Redis, sample: Company
) -> None:
    for place, event in RINGING.values():
        before = len(sent)
        wire.post(place_path(sample, place), **event)
        assert len(sent) == before + 1, place
    wire.post("/voice/incoming", to=DIRECT, CallSid="CA4")
    wire.post("/voice/status", CallSid="CA4", CallStatus="completed")
    assert [verb_of(command) for command in sent] == [b"EVALSHA"] * (len(RINGING) + 2)
    # Only the end of a call for which somebody waits costs more: a job puts the waiting caller through.
    wire.post("/voice/status", CallSid=SID, CallStatus="completed")
    assert [verb_of(command) for command in sent[len(RINGING) + 2 :]][:1] == [b"EVALSHA"]
    assert redis.llen("rq:queue:ringpath") == 1


def test_a_server_that_forgot_the_scripts_is_given_them_once(wire: Wire, sent: Counted, redis: Redis) -> None:
    redis.script_flush()
    sent.clear()
    wire.post("/voice/incoming")
    wire.post("/voice/incoming", CallSid="CA2")
    assert [verb_of(command) for command in sent] == [b"EVALSHA", b"EVAL", b"EVALSHA"]


def test_a_number_that_is_not_ours_costs_no_more(wire: Wire, sent: Counted) -> None:
    wire.post("/voice/incoming", to="+34999999999")
    assert len(sent) == 1
    wire.raw("POST", "/voice/incoming", data={"To": MAIN})
    assert len(sent) == 1
