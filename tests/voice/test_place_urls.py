"""Places as URLs: what is written is read back, and what nobody wrote is no place."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, get_args
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis
from werkzeug.datastructures import MultiDict

from config.company import Company
from flows.calls import Call
from flows.places import KINDS, AtForward, AtGroup, AtMenu, OnHold, Place, Stage
from live import keys
from simulator import DIALECTS
from tests.examples import examples
from tests.voice.wire import CALLER, MAIN, Wire, app_of, place_path
from voice.profiles import PROFILES
from voice.urls import Urls, read_place
from voice.webhook import call_of

NAMES = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,39}\Z")
"""Keys of employees, groups and menus (config/record.py)."""

MAILBOXES = st.one_of(NAMES.map("group:{}".format), NAMES.map("employee:{}".format), st.just("number:sip:a@b.example"))
MASKS = st.one_of(st.integers(0, 1023), st.integers(0, 2**1000 - 1))
COUNTS = st.integers(0, 10**6)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "step": COUNTS,
    "then": st.sampled_from(get_args(Stage)),
    "groups": st.lists(NAMES, max_size=5).map(tuple),
    "wrong": COUNTS,
    "menu": NAMES,
    "path": st.lists(NAMES, max_size=5).map(tuple),
    "employee": NAMES | st.just(""),
    "rule": NAMES.map("groups.{}.no_answer".format) | NAMES.map("numbers.+34910000001.{}".format),
    "group": NAMES,
    "tried": MASKS,
    "rang": MASKS,
    "since": st.integers(0, 10**11),
    "told": st.integers(-1, 10**6),
    "mailbox": MAILBOXES | st.just(""),
    "screened": st.integers(0, 1),
    "asked": st.integers(0, 1),
}


@st.composite
def places(draw: st.DrawFn) -> Place:
    """Any place that a call may wait at."""
    kind = draw(st.sampled_from(list(KINDS.values())))
    return kind(**{f.name: draw(VALUES[f.name]) for f in fields(kind) if f.default is MISSING or draw(st.booleans())})


def read_back(url: str) -> tuple[Place, MultiDict[str, str]]:
    """What the next webhook makes of an address."""
    split = urlsplit(url)
    query = MultiDict(parse_qsl(split.query, keep_blank_values=True))
    return read_place(split.path.rpartition("/")[2], query), query


# A call's position is in the URL of the next webhook: its place, with small counters, and the settings revision
# (DESIGN section 2).
@given(place=places(), call_id=st.text(max_size=128))
def test_a_place_that_was_written_is_read_back_the_same(sample: Company, place: Place, call_id: str) -> None:
    urls = Urls(public_url="https://x.example.com", revision=sample.revision)
    url = urls.place(Call(id=call_id, number=MAIN, caller=CALLER, called=MAIN), place)
    found, query = read_back(url)
    assert found == place
    assert query["revision"] == sample.revision
    assert call_of({"CallSid": call_id, "To": "+34999999999"}, query, sample).number == MAIN
    assert url.isascii()


@given(place=places(), call_id=st.text(min_size=1, max_size=128))
def test_a_screened_leg_knows_which_call_it_belongs_to(sample: Company, place: Place, call_id: str) -> None:
    urls = Urls(public_url="https://x.example.com", revision=sample.revision)
    call = Call(id=call_id, number=MAIN, caller=CALLER, called=MAIN)
    screen = KINDS["screen"](step=place.step)
    _, query = read_back(urls.place(call, screen))
    assert call_of({"CallSid": "CA of the leg", "To": "+34600111222"}, query, sample).id == call_id


# "Overrides in URL fragment #ct=,rt=,tt=,rc=0..5,rp=4xx|5xx|ct|rt|all" (twiml.md 1.4): where a caller waits for the
# answer a few attempts, where nobody does as many as there can be.
@given(place=places())
def test_an_address_may_ask_to_be_tried_again(sample: Company, place: Place) -> None:
    call = Call(id="CA1", number=MAIN, caller=CALLER, called=MAIN)
    plain = Urls(public_url="https://x.example.com", revision=sample.revision)
    wishing = Urls(public_url="https://x.example.com", revision=sample.revision, retries=True)
    assert wishing.place(call, place) == plain.place(call, place) + "#rc=2&rp=all"
    assert wishing.leg(call, "ana", 1) == plain.leg(call, "ana", 1) + "#rc=5&rp=all"
    assert wishing.fixed("voice/recording") == plain.fixed("voice/recording") + "#rc=5&rp=all"
    assert read_back(wishing.place(call, place))[0] == place


def test_a_file_is_not_asked_for_with_a_wish() -> None:
    assert "#" not in Urls(public_url="https://x.example.com", revision="", retries=True).fixed("media/hold.wav")


# A provider that documents nothing of it is not bothered.
@pytest.mark.parametrize("provider", PROFILES)
def test_wishes_are_for_providers_that_read_them(provider: str) -> None:
    dialect = DIALECTS["twilio" if provider == "simulator" else provider]
    assert PROFILES[provider].retries is bool(dialect.overrides)


def test_the_documents_of_the_app_ask_for_it(sample: Company, redis_url: str, redis: Redis) -> None:
    for provider, asks in (("twilio", True), ("somleng", False)):
        document = Wire(app_of(sample, redis_url, provider=provider)).post("/voice/incoming").text
        assert "/voice/at/" in document
        assert ("#rc=2&amp;rp=all" in document) is asks


HOSTILE = st.one_of(
    st.integers().map(str),
    st.integers(-(10**450), 10**450).map(str),
    st.sampled_from(["", "-", "--5", "-0", "+5", "5.0", "1e9", "0x10", "²", "٣", "1_000", "nan", "inf", " 7 ", "7\n"]),
    st.sampled_from([",", ",,", "a,b", "sales,sales", "../..", "\x00", "<x>", "&amp;", "'; --", "ñ", "\U0001f4de"]),
    st.sampled_from(["sales", "main", "ana", "nobody", "groups.sales.no_answer", "hold", "blocked", "end", "company"]),
    st.text(max_size=40),
)  # fmt: skip
EVENTS = st.dictionaries(
    st.sampled_from(
        ["Digits", "DialCallStatus", "DialBridged", "RecordingDuration", "CallStatus", "From", "To", "CallSid"]
    ),
    HOSTILE,
    max_size=4,
)


# Unknown place or revision in a URL: the number's group; never a traceback, never a 5xx (issue 2, bad input).
@settings(max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(list(KINDS)),
    query=st.dictionaries(st.sampled_from([*VALUES, "number", "revision", "call"]), HOSTILE, max_size=8),
    right=st.sets(st.sampled_from(["number", "revision"])),
    event=EVENTS,
)
def test_no_query_makes_the_app_fail(
    wire: Wire,
    redis: Redis,
    sample: Company,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    query: dict[str, str],
    right: set[str],
    event: dict[str, str],
) -> None:
    caplog.clear()
    redis.flushdb()  # else two calls of one id would be taken for one that repeats itself
    query |= {name: value for name, value in (("number", MAIN), ("revision", sample.revision)) if name in right}
    answer = wire.post(f"/voice/at/{kind}" + ("?" + urlencode(query) if query else ""), **event)
    assert len(answer.document) or kind == "screen"
    assert [record.getMessage() for record in caplog.records if record.exc_info or "Redis" in record.getMessage()] == []


# A mark that cannot be read again would keep an employee from ever being rung.
def test_a_hostile_step_leaves_no_mark_that_breaks_later_calls(
    wire: Wire, sample: Company, redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    here = place_path(sample, AtMenu(step=1, then="responsible", menu="main"))
    for step in ("-5", "9" * 400, "1e5", "--1"):
        wire.post(here.replace("step=1", f"step={step}"), Digits="1", CallSid=f"CA{step[:9]}")
        assert [r.getMessage() for r in caplog.records if "Redis" in r.getMessage()] == []
        redis.delete(keys.BUSY)
    assert wire.post(here, Digits="1", CallSid="CA next").dialled
    assert "without Redis" not in caplog.text


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        ("nowhere", ""),
        ("menu", ""),
        ("menu", "menu=main&step=x"),
        ("menu", "menu=main&step=--5"),
        ("menu", "menu=main&step=-5"),
        ("menu", "menu=main&step=²"),
        ("menu", "menu=main&then=lunch"),
        ("group", "tried=1"),
        ("group", "group=sales&tried=" + "9" * 401),
        ("group", "group=sales&step=" + "9" * 40),
        ("hold", "group=support&since=soon"),
        ("hold", "group=support&since=1&told=-2"),
        ("forward", ""),
        ("message", ""),
    ],
)
def test_what_nobody_wrote_is_no_place(kind: str, query: str) -> None:
    with pytest.raises(LookupError):
        read_place(kind, MultiDict(parse_qsl(query, keep_blank_values=True)))


def test_a_place_stays_short(sample: Company, redis_url: str) -> None:
    """Gunicorn reads request lines of up to 4,094 bytes; a place with all that fits a large company stays below."""
    groups = tuple(f"group-{i:02}-with-a-name-of-forty-characters---"[:40] for i in range(40))
    place = AtGroup(step=999, then="responsible", groups=groups, group=groups[0], tried=2**1000 - 1, rang=2**999)
    assert len(f"POST {place_path(sample, place)} HTTP/1.1\r\n") < 4094
    hold = OnHold(step=999, then="responsible", groups=groups, group=groups[0], since=10**10, told=10)
    assert len(f"POST {place_path(sample, hold)} HTTP/1.1\r\n") < 4094
    forward = AtForward(step=999, groups=groups, mailbox="number:sip:" + "x" * 100, employee="e" * 40, screened=1)
    assert len(f"POST {place_path(sample, forward)} HTTP/1.1\r\n") < 4094
