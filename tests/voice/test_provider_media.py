"""Recordings fetched from the provider: whole, in bounds, and without telling strangers who we are."""

from __future__ import annotations

import io
import socket
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from simulator.sound import Sound
from tests.simulator.application import Application, Asked, Reply, serving
from tests.voice.provider import ACCOUNT, PATIENT, TOKEN, Side, provider_side
from voice.provider import rest as client
from voice.provider.answers import PIECE
from voice.provider.rest import ProviderApi, ProviderError

MOST = 1_000_000
LOGIN = "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()


@pytest.fixture
def side() -> Iterator[Side]:
    """A provider and our client."""
    with provider_side() as side:
        yield side


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Application], None]]:
    """A server that answers as a test says."""
    with serving() as serve:
        yield serve


@pytest.fixture
def stranger(serve: Callable[[Application], None]) -> Application:
    """Another host with a sound file."""
    application = Application(pages={"/sound.wav": Reply(body=b"RIFF of a stranger", content_type="audio/wav")})
    serve(application)
    return application


def fetched(side: Side, url: str, most: int = MOST) -> tuple[str, bytes]:
    """Content type and bytes."""
    file = io.BytesIO()
    return side.api.media(url, file, most), file.getvalue()


def refusal(side: Side, url: str, most: int = MOST) -> ProviderError:
    """The error that a recording ends in."""
    with pytest.raises(ProviderError) as error:
        fetched(side, url, most)
    assert TOKEN not in str(error.value)
    return error.value


# RecordingUrl has no extension: WAV; .mp3 is MP3; ?RequestedChannels (twiml.md 2.4).
@pytest.mark.parametrize(
    ("suffix", "kind", "size"),
    [
        ("", "audio/x-wav", 44 + 3 * 32_000),
        (".wav", "audio/x-wav", 44 + 3 * 32_000),
        (".wav?RequestedChannels=1", "audio/x-wav", 44 + 3 * 16_000),
        (".mp3", "audio/mpeg", 3 * 38 * 417),
    ],
)
def test_a_recording_is_fetched(side: Side, suffix: str, kind: str, size: int) -> None:
    url = side.record(Sound(seconds=3, channels=2))
    found, body = fetched(side, url + suffix)
    assert (found, len(body)) == (kind, size)


def test_a_recording_that_is_public_is_fetched_too(side: Side) -> None:
    side.rest.media_login = False
    assert fetched(side, side.record(Sound(seconds=1)))[0] == "audio/x-wav"


# "media may 404 until recordingStatusCallback(completed)": not ready yet is not never.
def test_what_is_not_ready_yet_may_be_asked_for_again(side: Side) -> None:
    url = side.record(Sound(seconds=1))
    side.rest.unready = 1
    error = refusal(side, url)
    assert not error.permanent
    assert "404" in str(error)
    assert fetched(side, url)[1]


def test_what_is_too_large_is_permanent(side: Side) -> None:
    url = side.record(Sound(seconds=60))
    error = refusal(side, url, most=60 * 16_000)
    assert error.permanent
    assert "more than 960,000 bytes" in str(error)
    assert fetched(side, url, most=44 + 60 * 16_000)[1]


# A provider that does not say how long it is is stopped all the same.
def test_what_turns_out_too_large_is_permanent(side: Side) -> None:
    url = side.record(Sound(seconds=1))
    side.rest.break_down("huge")
    file = io.BytesIO()
    with pytest.raises(ProviderError, match="more than 1,000,000 bytes") as error:
        side.api.media(url, file, MOST)
    assert error.value.permanent
    assert MOST - PIECE < len(file.getvalue()) <= MOST


OUTAGES = {"500": False, "429": False, "before": False, "drop": False, "halfway": False, "page": False}


@pytest.mark.parametrize(("kind", "permanent"), OUTAGES.items(), ids=OUTAGES)
def test_outages(side: Side, kind: str, permanent: bool) -> None:
    url = side.record(Sound(seconds=3))
    with side.outage(kind):
        assert refusal(side, url).permanent is permanent
    assert fetched(side, url)[1]


def test_a_recording_in_drips_is_given_up(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MEDIA_WITHIN", 0.1)
    url = side.record(Sound(seconds=3))
    side.rest.break_down("drip")
    assert not refusal(side, url).permanent


@pytest.mark.parametrize(
    ("reply", "permanent"),
    [
        (Reply(status=401, body="no"), True),
        (Reply(status=403, body="no"), True),
        (Reply(status=410, body="gone"), True),
        (Reply(status=404, body="later"), False),
        (Reply(status=408, body="later"), False),
        (Reply(status=503, body="later"), False),
        (Reply(status=204, content_type="audio/wav"), False),
        (Reply(body="", content_type="audio/wav"), False),
        (Reply(body="{}", content_type="application/json"), False),
        (Reply(body="<x/>", content_type="application/xml"), False),
        (Reply(status=302, body="where?"), True),
    ],
)
def test_other_refusals(side: Side, stranger: Application, reply: Reply, permanent: bool) -> None:
    stranger.pages["/odd"] = reply
    assert refusal(side, f"{stranger.connect_url}/odd").permanent is permanent


# Basic authentication for the REST API's own host, and for nobody else.
def test_strangers_are_not_told_who_we_are(
    side: Side, stranger: Application, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    netrc = f"{tmp_path}/netrc"
    with open(netrc, "w") as file:  # noqa: PTH123
        file.write("machine 127.0.0.1 login joe password secret")
    monkeypatch.setenv("NETRC", netrc)
    assert fetched(side, f"{stranger.connect_url}/sound.wav") == ("audio/wav", b"RIFF of a stranger")
    assert "Authorization" not in stranger.asked[0].headers


def test_the_own_host_is_told(serve: Callable[[Application], None]) -> None:
    application = Application(pages={"/sound.wav": Reply(body=b"RIFF", content_type="audio/wav; codecs=1")})
    serve(application)
    api = ProviderApi(base=application.connect_url, account_sid=ACCOUNT, auth_token=TOKEN, timeouts=PATIENT)
    assert api.media(f"{application.connect_url}/sound.wav", io.BytesIO(), MOST) == "audio/wav"
    assert application.asked[0].headers["Authorization"] == LOGIN


# Twilio may answer with a redirect to where its files are.
def test_a_redirect_is_followed_without_credentials(side: Side, serve: Callable[[Application], None]) -> None:
    with serving() as serve_home:
        home, other = Application(), Application()
        serve_home(home)
        serve(other)
        there = f"{other.connect_url}/there"
        home.pages["/recording"] = Reply(status=307, headers=(("Location", there),))
        other.pages["/there"] = Reply(status=302, headers=(("Location", "sound.wav"),))
        other.pages["/sound.wav"] = Reply(body=b"RIFF", content_type="audio/wav")
        api = ProviderApi(base=home.connect_url, account_sid=ACCOUNT, auth_token=TOKEN, timeouts=PATIENT)
        assert api.media(f"{home.connect_url}/recording", io.BytesIO(), MOST) == "audio/wav"
    assert home.asked[0].headers["Authorization"] == LOGIN
    assert [asked.path for asked in other.asked] == ["/there", "/sound.wav"]
    assert not any("Authorization" in asked.headers for asked in other.asked)


def test_redirects_without_end(side: Side, stranger: Application) -> None:
    def onwards(asked: Asked) -> Reply:
        return Reply(status=302, headers=(("Location", f"/round?{asked.query}x"),))

    stranger.pages["/round"] = onwards
    assert refusal(side, f"{stranger.connect_url}/round").permanent
    assert len(stranger.asked) == client.MOST_REDIRECTS + 1


# Over https only; on this machine http will do, but not for a provider that is elsewhere.
@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://127.0.0.1:1", "http://recordings.example.com/RE1"),
        ("http://127.0.0.1:1", "file:///etc/passwd"),
        ("http://127.0.0.1:1", "ftp://127.0.0.1/RE1"),
        ("http://127.0.0.1:1", "RE1"),
        ("http://127.0.0.1:1", ""),
        ("http://127.0.0.1:1", "http://[::1"),
        ("http://127.0.0.1:1", "https://x:port/RE1"),
        ("https://api.twilio.com", "http://127.0.0.1:1/RE1"),
        ("https://api.twilio.com", "http://localhost/RE1"),
        ("https://api.twilio.com", "http://api.twilio.com/RE1"),
        ("https://api.twilio.com", "https://127.0.0.1:1/RE1"),
        ("https://api.twilio.com", "https://localhost:1/RE1"),
        ("https://api.twilio.com", "https://10.0.0.1:1/RE1"),
        ("https://api.twilio.com", "https://169.254.169.254/latest/meta-data/"),
        ("https://api.twilio.com", "https://2130706433:1/RE1"),
        ("https://api.twilio.com", "https://127.1:1/RE1"),
        ("https://api.twilio.com", "https://0x7f.1:1/RE1"),
        ("https://api.twilio.com", "https://x.localhost:1/RE1"),
        ("https://api.twilio.com", "https://[fd00::1]:1/RE1"),
        ("https://api.twilio.com", "https://[::ffff:10.0.0.1]:1/RE1"),
    ],
)
def test_unsafe_addresses_are_refused(base: str, url: str) -> None:
    api = ProviderApi(base=base, account_sid=ACCOUNT, auth_token=TOKEN, timeouts=PATIENT)
    with pytest.raises(ProviderError) as error:
        api.media(url, io.BytesIO(), MOST)
    assert error.value.permanent


# … and what is said along with it is not read: it may have no end.
def test_the_text_of_a_redirect_is_passed_over(side: Side) -> None:
    target = side.record(Sound(seconds=1))
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as other:
        other.submit(_send_on_and_wait, server, target)
        assert fetched(side, f"http://127.0.0.1:{server.getsockname()[1]}/x")[0] == "audio/x-wav"


def _send_on_and_wait(server: socket.socket, target: str) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(PIECE)
        connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 9999\r\n\r\nIt".encode())
        connection.recv(PIECE)  # until the other side has closed


def test_an_unsafe_redirect_is_refused(side: Side, stranger: Application) -> None:
    stranger.pages["/odd"] = Reply(status=302, headers=(("Location", "http://recordings.example.com/RE1"),))
    assert refusal(side, f"{stranger.connect_url}/odd").permanent
