"""Where the webhooks of the provider's numbers lead: asked over real HTTP, judged, and kept for the operator's page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from redis import Redis

from live import lines
from live.lines import Line
from tests.voice.provider import Side
from tests.voice.working import Worker
from voice.provider.rest import NUMBERS_ON_A_PAGE

MAIN, SECOND = "+34910000001", "+34910000002"


def rents(side: Side, *numbers: str) -> None:
    """The account has these numbers, and a PBX."""
    exchange = side.rest.exchange
    exchange.provider = replace(exchange.provider, own_numbers=frozenset({*numbers, "sip:pbx.acme.example.com"}))


def found(worker: Worker) -> dict[str, Line]:
    """What the job keeps."""
    assert worker.does("fetch_numbers") == 1
    kept = lines.kept(worker.redis)
    assert kept is not None
    assert kept.problem == ""
    assert abs((datetime.now(UTC) - kept.at).total_seconds()) < 60
    return {line.number: line for line in kept.lines}


def test_a_number_whose_webhooks_lead_here_is_well(worker: Worker) -> None:
    rents(worker.side, MAIN)
    line = Line(number=MAIN, name=MAIN, voice="here", fallback="here", status="here", instead="")
    assert found(worker) == {MAIN: line}
    assert line.well


@pytest.mark.parametrize(
    ("changed", "name", "says"),
    [
        ({"voice_url": "https://demo.twilio.com/welcome/voice/"}, "voice", "https://demo.twilio.com/welcome/voice/"),
        ({"voice_url": "http://acme.example.com/voice/incoming"}, "voice", "http://acme.example.com/voice/incoming"),
        ({"voice_url": ""}, "voice", ""),
        ({"voice_fallback_url": None}, "fallback", ""),
        ({"status_callback": "https://old.example.com/voice/status"}, "status", "https://old.example.com/voice/status"),
        ({"status_callback": "https://[bad/voice/status"}, "status", "https://[bad/voice/status"),
        ({"voice_application_sid": "AP1"}, "instead", "AP1"),
        ({"trunk_sid": "TK1"}, "instead", "TK1"),
    ],
)
def test_a_webhook_that_leads_elsewhere_is_told(
    worker: Worker, changed: dict[str, str | None], name: str, says: str
) -> None:
    rents(worker.side, MAIN, SECOND)
    worker.side.rest.changed[SECOND] = changed
    both = found(worker)
    assert both[MAIN].well
    assert not both[SECOND].well
    assert getattr(both[SECOND], name) == says


# How often the provider tries again stands in the fragment, and host names know no case.
@pytest.mark.parametrize(
    "url", ["https://ACME.example.com/voice/incoming", "https://acme.example.com/voice/incoming#rc=2"]
)
def test_an_address_may_be_spelled_in_more_than_one_way(worker: Worker, url: str) -> None:
    rents(worker.side, MAIN)
    worker.side.rest.changed[MAIN] = {"voice_url": url}
    assert found(worker)[MAIN].well


def test_an_account_may_have_many_numbers(worker: Worker) -> None:
    count = NUMBERS_ON_A_PAGE + 3
    rents(worker.side, *(f"+349100{i:05}" for i in range(count)))
    assert len(found(worker)) == count
    assert len(worker.side.rest.requests) == 2


def test_what_the_provider_objects_to_is_told(worker: Worker, redis: Redis) -> None:
    worker.side.rest.break_down("500")
    worker.does("fetch_numbers")
    kept = lines.kept(redis)
    assert kept is not None
    assert kept.lines == ()
    assert "IncomingPhoneNumbers.json" in kept.problem


def test_without_a_rest_api_that_is_told(worker: Worker, redis: Redis, environment: Callable[..., None]) -> None:
    environment("")
    worker.does("fetch_numbers")
    kept = lines.kept(redis)
    assert kept is not None
    assert kept.problem == "PROVIDER=simulator: there is no provider to be asked"


def test_nobody_has_asked_yet(redis: Redis) -> None:
    assert lines.kept(redis) is None
