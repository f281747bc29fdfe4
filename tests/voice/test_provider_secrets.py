"""What a log, the database and a terminal are told of the provider's API: no key to a recording, and no long tale."""

from __future__ import annotations

import io
import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from tests.simulator.application import Application, Reply, serving
from tests.voice.provider import ACCOUNT, PATIENT, TOKEN
from tests.waiting import SOON
from voice.provider import rest as client
from voice.provider.answers import named
from voice.provider.rest import ProviderApi, ProviderError

KEYS = "X-Amz-Security-Token=the-token&X-Amz-Signature=the-key"
SECRETS = ("X-Amz", "the-token", "the-key", "the-password", TOKEN)
BAD_TOKEN = "<Error><Code>InvalidToken</Code><Token-0>the-token</Token-0></Error>"


@pytest.fixture
def files() -> Iterator[Application]:
    """A file server, to which the provider sends on with all that opens a file."""
    with serving() as serve:
        application = Application()
        serve(application)
        yield application


@pytest.fixture
def fetch(files: Application) -> Iterator[Callable[[str], str]]:
    """Fetch a recording that the provider has at an address; returns what went wrong."""
    with serving() as serve:
        home = Application()
        serve(home)
        api = ProviderApi(base=home.connect_url, account_sid=ACCOUNT, auth_token=TOKEN, timeouts=(SOON, 1.0))

        def ask(address: str) -> str:
            home.pages["/RE1"] = Reply(status=307, headers=(("Location", address),))
            with pytest.raises(ProviderError) as error:
                api.media(f"{home.connect_url}/RE1", io.BytesIO(), 1_000)
            assert error.value.__cause__ is None
            assert error.value.__suppress_context__ or error.value.__context__ is None
            return str(error.value)

        yield ask


def there(files: Application, path: str = "/RE1.wav") -> str:
    """The address of a file, with all that opens it."""
    return files.connect_url.replace("://", "://joe:the-password@") + f"{path}?{KEYS}#the-key"


def deaf_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


SAID = {
    "hangs": b"",
    "closes": b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: 9\r\n\r\nRI",
    "stops": b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: 9\r\n\r\nRI",
    "odd header": b"HTTP/1.1 200 OK\r\nContent-Type: audio/wav\r\nContent-Length: 4\r\nno header\r\n\r\nRIFF",
}


@contextmanager
def answering(server: socket.socket, kind: str) -> Iterator[None]:
    """Answer one request in an odd way, and leave it open but for one that "closes"."""
    over = Event()

    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(64 * 1024)
            connection.sendall(SAID[kind])
            if kind != "closes":
                over.wait()

    thread = Thread(target=answer)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


PROBLEMS = {
    "refused": (Reply(status=403, body=BAD_TOKEN, content_type="application/xml"), "403"),
    "not there": (Reply(status=404, body='{"message": "the-key"}', content_type="application/json"), "404"),
    "broken": (Reply(status=500, body="the-key"), "500"),
    "no sound": (Reply(body="the-key", content_type="text/html"), "no sound but text/html"),
    "too large": (Reply(body=b"x" * 1_001, content_type="audio/wav"), "more than 1,000 bytes"),
    "empty": (Reply(body="", content_type="audio/wav"), "an empty file"),
    "lost": (Reply(status=302, headers=(("Location", f"/RE1.wav?{KEYS}"),)), "always somewhere else"),
    "nowhere": (Reply(status=302, headers=(("Location", f"http://[the-key?{KEYS}"),)), "sends on to no address"),
    "no port": (Reply(status=302, headers=(("Location", f"https://a:the-key/?{KEYS}"),)), "nothing to be fetched"),
    "unsafe": (Reply(status=302, headers=(("Location", f"http://a.example.com/?{KEYS}"),)), "over https only"),
    "squeezed": (
        Reply(body=b"the-key", content_type="audio/wav", headers=(("Content-Encoding", "gzip"),)),
        "broke off",
    ),
}


@pytest.mark.parametrize(("reply", "told"), PROBLEMS.values(), ids=PROBLEMS)
def test_no_error_tells_how_a_recording_is_opened(
    files: Application, fetch: Callable[[str], str], reply: Reply, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    files.pages["/RE1.wav"] = reply
    said = fetch(there(files))
    assert told in said
    assert [secret for secret in SECRETS if secret in said + caplog.text] == []


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (
            "http://joe:the-password@127.0.0.1:{port}/RE1.wav",
            "GET http://127.0.0.1:{port}/RE1.wav: it cannot be reached",
        ),
        ("https://127.0.0.1:{port}/RE1.wav", "GET https://127.0.0.1:{port}/RE1.wav: it cannot be reached"),
        ("http://localhost:{port}/RE1.wav", "GET http://localhost:{port}/RE1.wav: it cannot be reached"),
    ],
)
def test_a_connection_that_is_refused_is_one_short_sentence(
    fetch: Callable[[str], str], address: str, told: str
) -> None:
    port = deaf_port()
    assert fetch(f"{address.format(port=port)}?{KEYS}") == told.format(port=port)


def test_a_server_without_a_certificate_that_is_trusted_is_told_so(
    files: Application, fetch: Callable[[str], str]
) -> None:
    said = fetch(there(files).replace("http://", "https://"))
    assert "REQUESTS_CA_BUNDLE" in said
    assert [secret for secret in SECRETS if secret in said] == []


def test_a_file_of_certificates_that_is_not_there_is_told_so(
    fetch: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/the-key.pem")
    assert fetch(f"https://127.0.0.1:1/RE1?{KEYS}").endswith("another file that is needed, cannot be read")


@pytest.mark.parametrize(
    ("kind", "told"),
    [("hangs", "it did not answer in time"), ("closes", "the connection broke off"), ("stops", "it did not answer in")],
)
def test_an_answer_that_does_not_come_is_told_in_our_words(fetch: Callable[[str], str], kind: str, told: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/RE1?{KEYS}"
        with answering(server, kind):
            said = fetch(address)
    assert told in said
    assert [secret for secret in SECRETS if secret in said] == []


# urllib3 tells of every request at DEBUG, and of an odd header at WARNING, each time with the whole address.
def test_the_log_is_not_told_either(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("urllib3", "urllib3.connection", "urllib3.connectionpool"):
        monkeypatch.setattr(logging.getLogger(name), "level", logging.NOTSET)
    caplog.set_level(logging.DEBUG)
    api = ProviderApi(base="http://127.0.0.1:1", account_sid=ACCOUNT, auth_token=TOKEN, timeouts=PATIENT)
    file = io.BytesIO()
    with socket.create_server(("127.0.0.1", 0)) as server, answering(server, "odd header"):
        assert api.media(f"http://127.0.0.1:{server.getsockname()[1]}/RE1?{KEYS}", file, 1_000) == "audio/wav"
    assert file.getvalue() == b"RIFF"
    assert [secret for secret in SECRETS if secret in caplog.text] == []


# What the API itself says to a refusal is of use: a code alone would have to be looked up.
def test_what_the_provider_says_to_a_refusal_is_told() -> None:
    with serving() as serve:
        home = Application()
        serve(home)
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Balance.json"
        home.pages[path] = Reply(status=401, body='{"code": 20003, "message": "Authenticate"}')
        api = ProviderApi(base=home.connect_url, account_sid=ACCOUNT, auth_token=TOKEN, timeouts=PATIENT)
        with pytest.raises(ProviderError) as error:
            api.balance()
        assert str(error.value) == f"GET {home.connect_url}{path}: 401 Authenticate"
        home.pages[path] = Reply(status=401, body="<html>" * 100)
        with pytest.raises(ProviderError) as error:
            api.balance()
        assert str(error.value) == f"GET {home.connect_url}{path}: 401"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://joe:pw@api.twilio.com/a/b.json?c=d#e", "https://api.twilio.com/a/b.json"),
        ("https://api.twilio.com:8443", "https://api.twilio.com:8443"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("http://[::1", "an address that cannot be read"),
        ("https://a:b@c:d/", "an address that cannot be read"),
        ("RE1?x=y", "RE1"),
        ("https://a/\x1b[2J", "https://a/?[2J"),
        ("", ""),
    ],
)
def test_names_of_addresses(address: str, name: str) -> None:
    assert named(address) == name


def test_a_long_name_is_cut() -> None:
    assert len(named("https://a/" + "x" * 9_999)) == 200


def test_a_balance_that_is_none_is_quoted_in_short() -> None:
    with serving() as serve:
        home = Application()
        serve(home)
        home.pages[f"/2010-04-01/Accounts/{ACCOUNT}/Balance.json"] = Reply(body='{"balance": "' + "x" * 999 + '"}')
        api = client.ProviderApi(base=home.connect_url, account_sid=ACCOUNT, auth_token=TOKEN, timeouts=PATIENT)
        with pytest.raises(ProviderError) as error:
            api.balance()
        assert len(str(error.value)) < 100
