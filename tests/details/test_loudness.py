"""What is silence: WAV files as providers make them, and what cannot be measured."""

from __future__ import annotations

import io
import struct

import pytest

from calls.loudness import is_silent
from simulator.sound import Sound, mp3, wav

RATE = 8_000


def made(sound: Sound, channels: int = 1) -> bytes:
    """A file of the simulated provider."""
    return b"".join(wav(sound, channels)[1])


def silent(content: bytes) -> bool:
    """Measure a file."""
    return is_silent(io.BytesIO(content))


def wave(
    samples: bytes, *, kind: int = 1, bits: int = 16, before: bytes = b"", size: int | None = None, form: bytes = b""
) -> bytes:
    """A WAV file of one channel, written by hand; `before` are chunks ahead of the sound."""
    frame = bits // 8
    form = form or struct.pack("<HHIIHH", kind, 1, RATE, RATE * frame, frame, bits)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form + before
    chunks += b"data" + struct.pack("<I", len(samples) if size is None else size) + samples
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def tone(seconds: float, peak: int = 3000) -> bytes:
    """A square wave: its root mean square is its peak."""
    return struct.pack("<2h", peak, -peak) * int(seconds * RATE / 2)


HUSH = bytes(2 * RATE)


# "Silence … leaves no message" (DESIGN section 3).
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("loudness", "nothing"),
    [(0.0, True), (0.001, True), (0.004, True), (0.005, False), (0.02, False), (0.3, False), (1.0, False)],
)
def test_a_quiet_line_is_silence_and_a_faint_voice_is_not(loudness: float, nothing: bool, channels: int) -> None:
    assert silent(made(Sound(seconds=3, loudness=loudness, channels=channels), channels)) is nothing


# A click, or the key that ends the message, says nothing; a word does, wherever it stands.
@pytest.mark.parametrize(
    ("sound", "nothing"),
    [
        (HUSH + tone(0.2) + HUSH, True),
        (HUSH + tone(0.5) + HUSH, False),
        (HUSH * 20 + tone(0.4), False),
        (tone(0.1) + HUSH + tone(0.1) + HUSH + tone(0.1), False),
        (b"", True),
        (tone(0.05), True),
    ],
)
def test_what_is_heard_must_last(sound: bytes, nothing: bool) -> None:
    assert silent(wave(sound)) is nothing


# µ-law (ITU-T G.711): 0xff and 0x7f are nothing, 0x00 and 0x80 the loudest.
@pytest.mark.parametrize(
    ("codes", "nothing"),
    [
        (b"\xff\x7f", True),
        (b"\xfe\x7e", True),
        (b"\xf2\x72", True),
        (b"\xf1\x71", False),
        (b"\xe0\x60", False),
        (b"\x00\x80", False),
    ],
)
def test_mu_law_is_measured_too(codes: bytes, nothing: bool) -> None:
    assert silent(wave(codes * RATE, kind=7, bits=8)) is nothing


# Files carry other things before their sound, and, when written as they came in, do not know their own size.
@pytest.mark.parametrize("size", [None, 0, 0xFFFFFFFF])
@pytest.mark.parametrize("before", [b"", b"LIST\x05\x00\x00\x00hello\x00", b"fact\x04\x00\x00\x00\x01\x00\x00\x00"])
def test_the_sound_is_found(before: bytes, size: int | None) -> None:
    assert silent(wave(HUSH, before=before, size=size))
    assert not silent(wave(tone(1), before=before, size=size))


def test_what_stands_after_the_sound_is_not_sound() -> None:
    assert silent(wave(HUSH) + b"LIST" + struct.pack("<I", RATE) + tone(1))


# What cannot be measured is taken for a message: none may be lost.
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"RIFF\x00\x00\x00\x00WAVE",
        b"RIFF\x00\x00\x00\x00AVI " + bytes(100),
        b"".join(mp3(Sound(seconds=1))[1]),
        wave(HUSH, kind=6, bits=8),  # A-law, in which zeros are loud
        wave(HUSH, kind=1, bits=24),
        wave(HUSH, form=struct.pack("<HHIIHH", 1, 1, 0, 0, 2, 16)),
        wave(HUSH, form=struct.pack("<HHIIHH", 1, 1, RATE, 0, 0, 16)),
        wave(HUSH, form=b"\x01\x00"),
        wave(HUSH)[:20],
        b"RIFF\x00\x00\x00\x00WAVEdata" + struct.pack("<I", 4) + bytes(4),
        b"RIFF\x00\x00\x00\x00WAVE" + b"junk\x00\x00\x00\x00" * 1000,
        b"RIFF\x00\x00\x00\x00WAVEfmt \xff\xff\xff\xff" + bytes(100),
    ],
)
def test_what_cannot_be_measured_is_no_silence(content: bytes) -> None:
    assert silent(content) is False


def test_a_file_is_measured_from_its_beginning() -> None:
    file = io.BytesIO(made(Sound(seconds=1)))
    file.read()
    assert is_silent(file) is False
