"""Nothing that a caller does or says about himself makes the company dial a number that is not in its settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from config.company import Company
from config.destinations import Forward
from config.loader import parse
from local.house import House, house
from simulator import Call, Gathering, Recording, Ringing
from tests.calls.companies import MAIN
from tests.examples import examples
from tests.moments import OPEN, SAMPLE, at
from tests.providers import browser, chosen, for_provider

SWITCHBOARD = "sip:pbx.acme.sip.example.com"
KEYS = st.text("0123456789*#", min_size=1, max_size=25)
NUMBERS = st.from_regex(r"\+?(00)?34[679][0-9]{8}", fullmatch=True)
MOST_WEBHOOKS = 300
"""More than any call to the sample company has; test_everything_ends knows better bounds."""
ANYTHING = st.one_of(KEYS, NUMBERS, st.text(max_size=40))


@pytest.fixture(scope="module")
def opened(redis_url: str) -> Iterator[House]:
    """The sample company, open day and night: one house for all examples, whose hours pass."""
    always = re.sub(r"^ +schedule: office$", "", SAMPLE.read_text("utf-8"), flags=re.M)
    settings = parse(for_provider(always, chosen()))
    with Redis.from_url(redis_url) as redis:
        redis.flushall()  # whoever another test has left busy is free here
    with house(settings, redis_url=redis_url, start=at(OPEN), provider=chosen()) as opened:
        yield opened


def in_the_settings(company: Company) -> set[str]:
    """Everything that the settings allow to be dialled."""
    devices = {device for person in company.employees.values() for device in person.devices}
    mobiles = {person.mobile for person in company.employees.values() if person.mobile}
    return devices | mobiles | {each.forward for each in company.destinations.values() if isinstance(each, Forward)}


def dialled(text: str) -> set[str]:
    """The devices that a document dials."""
    clients = {f"client:{name}" for name in re.findall(r"<Client[^>]*>([^<]*)</Client>", text)}
    return clients | set(re.findall(r"<(?:Number|Sip)[^>]*>([^<]*)</", text))


def plays(call: Call, typed: list[str]) -> None:
    """Type something at every prompt, then be silent; nobody answers."""
    keys = iter(typed)
    while not call.is_over:
        assert len(call.webhooks) < MOST_WEBHOOKS
        if isinstance(call.waiting, Gathering | Recording) and (text := next(keys, "")):
            call.press(text)
        else:
            call.exchange.advance(max(call.waiting.deadline - call.exchange.clock.seconds, 0))


# "Digits typed by a caller can never become a dialled number": whatever is typed wherever something may be typed.
@settings(
    max_examples=examples(60),
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    typed=st.lists(KEYS | NUMBERS.map(lambda number: number.lstrip("+")), max_size=6),
    called=st.sampled_from([MAIN, "+34910000003", SWITCHBOARD]) | NUMBERS.map(lambda n: f"sip:{n}@{SWITCHBOARD[4:]}"),
    caller=st.sampled_from(["+34600000001", "+34600222001", "anonymous"]) | NUMBERS,
)
def test_no_document_dials_what_is_not_in_the_settings(
    opened: House, typed: list[str], called: str, caller: str
) -> None:
    seen = len(opened.exchange.documents)
    plays(opened.exchange.place_call(from_=caller, to=called), typed)
    documents = opened.exchange.documents[seen:]
    assert {device for each in documents for device in dialled(each.text)} <= in_the_settings(opened.company)


# A provider may send anything as Digits; it comes to the same.
@settings(max_examples=examples(60), derandomize=True, database=None, deadline=None)
@given(digits=ANYTHING, moment=st.sampled_from(["extension", "menu", "asked"]))
def test_no_digits_are_dialled(opened: House, digits: str, moment: str) -> None:
    call = opened.exchange.place_call(from_="+34600000001", to=MAIN)
    if moment == "menu":
        opened.exchange.advance(call.waiting.deadline - opened.exchange.clock.seconds)
    elif moment == "asked":
        call.press("9#")
    last = call.webhooks[-1]
    address = last.text.partition('action="')[2].partition('"')[0].replace("&amp;", "&")
    answer = opened.exchange.redeliver(replace(last, url=address, params={**last.params, "Digits": digits}))
    assert answer.status_code == 200
    assert dialled(answer.text) <= in_the_settings(opened.company)
    call.hang_up()


# The test above would find nothing if it could not see what is dialled.
def test_what_is_dialled_is_seen(opened: House) -> None:
    call = opened.exchange.place_call(from_="+34600000001", to=MAIN)
    call.press("101")
    assert isinstance(call.waiting, Ringing)
    assert dialled(call.webhooks[-1].text) == {browser("ana"), "sip:ana@acme.sip.example.com"}
    assert in_the_settings(opened.company) >= {browser("ana"), "+34911222104", "+34600111222", "+34910000999"}
    call.hang_up()
