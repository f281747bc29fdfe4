"""The REST stand-in's recordings: what is to be heard in them, and when they can be had."""

from __future__ import annotations

import io
import struct
import tracemalloc
import wave
from base64 import b64encode

import pytest
from werkzeug.test import Client, TestResponse

from simulator import Caller, RestApp, rest_app
from simulator.sound import Sound, wav
from tests.simulator.application import Application
from tests.simulator.conftest import ACCOUNT, TOKEN

NUMBER = "+34910000001"
LOGIN = {"Authorization": "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()}


@pytest.fixture
def rest(caller: Caller, application: Application) -> RestApp:
    """The REST API, and an application that takes messages."""
    application.pages |= {"/voice/incoming": '<Record action="/saved"/>', "/saved": ""}
    return rest_app(caller.exchange)


def address(application: Application, caller: Caller) -> str:
    """Where the last recording is, on this host."""
    return application.last("/saved")["RecordingUrl"].removeprefix(caller.exchange.provider.api_url)


def get(rest: RestApp, url: str, headers: dict[str, str] = LOGIN) -> TestResponse:
    """Fetch with the account's credentials."""
    return Client(rest).get(url, headers=headers)


def samples(response: TestResponse) -> list[tuple[int, ...]]:
    """The samples of every channel of a WAV file of the provider's kind: 8 kHz, 16 bits."""
    assert response.content_type == "audio/x-wav"
    assert int(response.headers["Content-Length"]) == len(response.data)
    with wave.open(io.BytesIO(response.data)) as file:
        assert (file.getframerate(), file.getsampwidth()) == (8000, 2)
        flat = struct.unpack(f"<{file.getnframes() * file.getnchannels()}h", file.readframes(file.getnframes()))
        return [flat[channel :: file.getnchannels()] for channel in range(file.getnchannels())]


# With no extension and with .wav it is a WAV file, of the length that was told.
@pytest.mark.parametrize("extension", ["", ".wav"])
def test_a_message_is_a_tone(rest: RestApp, caller: Caller, application: Application, extension: str) -> None:
    caller.dials(NUMBER).leaves_message(3).presses("#")
    [heard] = samples(get(rest, address(application, caller) + extension))
    assert len(heard) == 3 * 8000
    assert 9_000 < max(heard) < 10_500


def test_silence_is_silence(rest: RestApp, caller: Caller, application: Application) -> None:
    caller.dials(NUMBER).leaves_silence(3).presses("#")
    assert application.last("/saved")["RecordingDuration"] == "3"
    [heard] = samples(get(rest, address(application, caller)))
    assert (len(heard), set(heard)) == (3 * 8000, {0})


@pytest.mark.parametrize("word_first", [True, False])
def test_a_word_in_a_silence_is_something(
    rest: RestApp, caller: Caller, application: Application, word_first: bool
) -> None:
    caller.dials(NUMBER)
    if word_first:
        caller.leaves_message(1).leaves_silence(2).presses("#")
    else:
        caller.leaves_silence(2).leaves_message(1).presses("#")
    [heard] = samples(get(rest, address(application, caller)))
    assert len(heard) == 3 * 8000
    assert max(heard) > 9_000


# Not trimmed, silence has a length of its own.
def test_silence_that_is_not_trimmed(rest: RestApp, caller: Caller, application: Application) -> None:
    application.pages["/voice/incoming"] = '<Record action="/saved" timeout="4" trim="do-not-trim"/>'
    caller.dials(NUMBER).waits(5)
    [heard] = samples(get(rest, address(application, caller)))
    assert (len(heard), set(heard)) == (4 * 8000, {0})


# Both channels apart where the Dial recorded so; one is made of them on demand.
def test_two_channels(rest: RestApp, caller: Caller, application: Application) -> None:
    application.pages["/voice/incoming"] = (
        '<Dial record="record-from-answer-dual" action="/saved"><Client>ana</Client></Dial>'
    )
    caller.dials(NUMBER).answers("ana").waits(2).other_side_hangs_up()
    url = address(application, caller)
    one, other = samples(get(rest, url))
    assert len(one) == len(other) == 2 * 8000
    assert one != other
    assert len(samples(get(rest, url + "?RequestedChannels=2"))) == 2
    assert len(samples(get(rest, url + ".wav?RequestedChannels=1"))) == 1


def test_an_mp3(rest: RestApp, caller: Caller, application: Application) -> None:
    caller.dials(NUMBER).leaves_message(3).presses("#")
    response = get(rest, address(application, caller) + ".mp3")
    assert response.content_type == "audio/mpeg"
    assert response.data[:2] == b"\xff\xfb"
    assert 45_000 < len(response.data) < 50_000  # at 128 kbit/s


# Media may be 404 until the provider is done with them.
def test_a_recording_that_is_not_ready(rest: RestApp, caller: Caller, application: Application) -> None:
    caller.dials(NUMBER).leaves_message(3).presses("#")
    url = address(application, caller)
    rest.unready = 2
    assert [get(rest, url).status_code for _ in range(3)] == [404, 404, 200]
    rest.media_ready = False
    assert [get(rest, url).status_code for _ in range(3)] == [404] * 3
    assert get(rest, url + ".json").get_json()["duration"] == "3"
    rest.media_ready = True
    assert get(rest, url).status_code == 200


# Whether media need the credentials is a setting of the account (SignalWire: never).
def test_media_without_credentials(rest: RestApp, caller: Caller, application: Application) -> None:
    caller.dials(NUMBER).leaves_message(3).presses("#")
    url = address(application, caller)
    assert get(rest, url, headers={}).status_code == 401
    rest.media_login = False
    assert get(rest, url, headers={}).status_code == 200
    assert get(rest, url + ".json", headers={}).status_code == 401


def test_hours_of_sound_are_made_while_they_are_sent() -> None:
    tracemalloc.start()
    size, pieces = wav(Sound(seconds=4 * 3600, channels=2), 2)
    assert sum(len(piece) for piece in pieces) == size == 44 + 4 * 3600 * 32_000
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2_000_000


# DELETE /Recordings/{RE}.json: 204 (twiml.md 3); what is deleted is gone.
def test_a_recording_can_be_deleted_once(rest: RestApp, caller: Caller, application: Application) -> None:
    caller.dials(NUMBER).leaves_message(3).presses("#")
    url, client = address(application, caller), Client(rest)
    assert client.delete(url + ".json").status_code == 401
    gone = client.delete(url + ".json", headers=LOGIN)
    assert (gone.status_code, gone.data) == (204, b"")
    assert client.delete(url + ".json", headers=LOGIN).status_code == 404
    assert get(rest, url).status_code == 404
    assert client.delete(url + ".wav", headers=LOGIN).status_code == 404
