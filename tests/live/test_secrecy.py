"""What is taken out of a text before it is logged or reported."""

from __future__ import annotations

import re
import time
from itertools import pairwise

import pytest

from config.environment import read
from live.secrecy import PATTERNS, Redactor, secrets_of

ENVIRONMENT = {
    "PUBLIC_URL": "https://ringpath.example.com",
    "TWILIO_ACCOUNT_SID": "AC1",
    "TWILIO_AUTH_TOKEN": "signs-webhooks",
    "TWILIO_API_TOKEN": "opens-the-api",
    "SECRET_KEY": "signs links & forms",
    "REDIS_URL": "rediss://default:pass%2Fword@redis.example.com:6380",
    "DATABASE_URL": "postgres://ringpath:p@ss:w/rd@db.example.com/ringpath".replace("p@ss:w/rd", "p%40ss%3Aw%2Frd"),
    "RECORDINGS_URL": "s3://bucket-key:bucket%2Fsecret%2B@s3.example.com/calls",
    "BITRIX24_CLIENT_SECRET": "client-secret",
    "METRICS_TOKEN": "reads-the-figures",
    "SENTRY_DSN": "https://sentry-key@o1.ingest.sentry.io/2",
}

SPELLINGS = (
    *("signs-webhooks", "opens-the-api", "signs links & forms", "signs%20links%20%26%20forms", "pass/word"),
    *("pass%2Fword", "p@ss:w/rd", "p%40ss%3Aw%2Frd", "bucket-key", "bucket/secret+", "bucket%2Fsecret%2B"),
    *("client-secret", "reads-the-figures", "sentry-key"),
    "QUMxOm9wZW5zLXRoZS1hcGk=",  # Basic authentication: AC1:opens-the-api
)


@pytest.mark.parametrize("secret", SPELLINGS)
@pytest.mark.parametrize("raw", [False, True], ids=["read", "as it is"])
def test_every_secret_of_the_environment_is_taken_out_in_each_spelling(
    secret: str, raw: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    redact = Redactor(secrets_of(None if raw else read(ENVIRONMENT)))
    assert redact(f"it is {secret}!") == "it is ***!"


def test_a_value_that_is_no_secret_stays() -> None:
    redact = Redactor(secrets_of(read(ENVIRONMENT | {"DATABASE_URL": "sqlite:////data/calls.sqlite"})))
    said = "redis.example.com:6380, db.example.com, sqlite:////data/calls.sqlite, AC1, the worker of ringpath-slow"
    assert redact(said) == said


def test_a_secret_of_three_letters_does_not_hide_the_log() -> None:
    assert Redactor({"a", "the", "four"})("the four of a kind") == "the *** of a kind"


LOOKS = {
    "a login in an address": ("at redis://:pw@h:1/0 and https://u:p@h/x", "at redis://***@h:1/0 and https://***@h/x"),
    "a header": ("{'Authorization': 'Basic Zm9vOjEyMw==', 'Host': 'h'}", "{'Authorization': '***', 'Host': 'h'}"),
    "a header by itself": ("Cookie: session=abc; a=b", "Cookie: ***"),
    "a bearer": ("sent Bearer abcdefgh123", "sent Bearer ***"),
    "a signed link": (
        "https://h/R.wav?X-Amz-Signature=ab&x=1&Signature=b",
        "https://h/R.wav?X-Amz-Signature=***&x=1&Signature=***",
    ),
    "a token in JSON": ('{"access_token": "abc", "expires": 1}', '{"access_token": "***", "expires": 1}'),
    "a password of SIP": ("rings sip:ana:pw@acme.example.com", "rings sip:ana:***@acme.example.com"),
    "our link to a password": ("/reset/abc.def failed; /welcome/x?y", "/reset/*** failed; /welcome/***?y"),
    "a number": ("call from +34600111222 to '+14155550100'", "call from +34…22 to '+14…00'"),
    "a number in an address": ("?number=%2B34600111222&step=1", "?number=+34…22&step=1"),
    "a number without a plus": ("sip:34600111222@h, 0034600111222", "sip:…22@h, …22"),
    "a number that ends a sentence": ("nobody at +34600111222. Or 600111222.", "nobody at +34…22. Or …22."),
    "a number as people write it": ("from +34 600 111 222, +1 (415) 555-0100.", "from +34…22, +1 (4…00."),
    "a number of the country as people write it": ("600 111 222, 91-123-45-67 or 0034 600 111 222", "…22, …67 or …22"),
    "a token by itself": (
        "access_token=abc refresh_token: d.e client_secret='f g' api_key=h, apikey=i X-API-Key: j",
        "access_token=*** refresh_token: *** client_secret=*** api_key=***, apikey=*** X-API-Key: ***",
    ),
    "a key of an address": (
        "https://h/x?api_key=a&api-key=b&apikey=c",
        "https://h/x?api_key=***&api-key=***&apikey=***",
    ),
    "a password": ("password: x", "password: ***"),
    "a key in JSON": ('{"api_key": "abc"}', '{"api_key": "***"}'),
    "digits in an address": (
        "at /voice/at/menu?Digits=12&step=2; Digits=1234",
        "at /voice/at/menu?Digits=***&step=2; Digits=***",
    ),
    "what a caller typed": (
        '[{"code": "key", "menu": "main", "key": "12"}]',
        '[{"code": "key", "menu": "main", "key": "***"}]',
    ),
}


@pytest.mark.parametrize(("text", "left"), LOOKS.values(), ids=LOOKS)
def test_what_looks_like_a_secret_is_taken_out(text: str, left: str) -> None:
    assert Redactor(())(text) == left


SAYS = [
    "refused: no X-Twilio-Signature header for https://ringpath.example.com/voice/incoming",
    "X-Twilio-Signature does not fit https://h/voice/at/menu?revision=0123456789ab&step=2: is the token right?",
    "call CA0123456789abcdef0123456789abcdef: settle without Redis (Error 111 connecting to 127.0.0.1:6379)",
    "2026-11-24T10:30:00.123+01:00 wake-CA1 settle_records-359143063 took 1234567 bytes in 12.5 s",
    "the basic example; bearer of news; revision 12 of the settings is in force",
    "TWILIO_AUTH_TOKEN: is missing; SECRET_KEY=: at least 16 characters. The password is wrong: 3 attempts of 5",
    "2026-11-24 10:30:00 to 2026-11-24 10 30, from 10:00-14:00 15:00-18:00, 0123-4567-89ab-cdef-000000000000",
    "over after 65 s: +34…22 called +34…01 (Principal): answered (200), 65 s of talk; took 12 s, 100 of 200",
    "Listening at: http://127.0.0.1:8000 (12345)",
]


@pytest.mark.parametrize("text", SAYS)
def test_what_we_say_stays_readable(text: str) -> None:
    assert Redactor(())(text) == text


def test_a_report_is_gone_through_to_its_ends() -> None:
    found = {"a": ["x", {"b": ("pw-pw", 1)}], "n": None}
    assert Redactor({"pw-pw"}).throughout(found) == {"a": ["x", {"b": ["***", 1]}], "n": None}


BEGINNINGS = (
    "sip:",
    "sips:a:",
    "+1 ",
    "12 34 ",
    "'key' ",
    "authorization ",
    "x-amz-",
    "-a",
    "Bearer ",
    "://",
    "digits=",
)
"""Of what a pattern takes: a stranger may send thousands of them, and the line that tells of it is gone through."""


def slower(pattern: str, beginning: str) -> float:
    """How many times as long four times as much takes: 4 where each place is looked at once, 16 where each looks on."""

    def seconds(size: int) -> float:
        text, found = (beginning * size)[:size], re.compile(pattern)
        tries = [time.process_time()]
        for _ in range(3):
            found.sub("", text)
            tries.append(time.process_time())
        return min(after - before for before, after in pairwise(tries))

    return seconds(32_000) / max(seconds(8_000), 1e-4)


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_four_times_as_long_a_text_takes_about_four_times_as_long(beginning: str) -> None:
    assert [pattern for _, pattern, _ in PATTERNS if slower(pattern, beginning) > 9] == []
