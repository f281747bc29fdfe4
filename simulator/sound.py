"""The sound of recordings: a tone where somebody spoke, silence where nobody did; made while it is sent."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import pi, sin

SPEECH = 0.3  # how loud somebody speaks; 1 is the loudest there can be, 0 silence
RATE = 8_000
_TONES = (440, 550)  # Hz of the caller's channel and of the callee's; whole periods a second, so that blocks join
_LOUDEST = 32_767
_FRAME = bytes((0xFF, 0xFB, 0x90, 0xC4)) + bytes(413)  # MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 26 ms of nothing
_FRAMES_PER_SECOND = 38


@dataclass(frozen=True, kw_only=True)
class Sound:
    """What is to be heard in a recording; `loudness` is that of its loudest moment."""

    seconds: int
    loudness: float = SPEECH
    channels: int = 1


def wav(sound: Sound, channels: int) -> tuple[int, Iterator[bytes]]:
    """A WAV file as the provider makes it, 8 kHz and 16 bits: its bytes, and their number."""
    size = sound.seconds * RATE * 2 * channels
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, RATE, RATE * 2 * channels, 2 * channels, 16)
    head = struct.pack("<4sI4s", b"RIFF", 4 + len(head) + 8 + size, b"WAVE") + head
    head += struct.pack("<4sI", b"data", size)
    return len(head) + size, _repeated(head, _second(sound.loudness, channels), sound.seconds)


def mp3(sound: Sound) -> tuple[int, Iterator[bytes]]:
    """An MP3 file of the right length. Nothing is to be heard in it, whatever was said: there is no encoder here."""
    block = _FRAME * _FRAMES_PER_SECOND
    return len(block) * sound.seconds, _repeated(b"", block, sound.seconds)


def _repeated(head: bytes, block: bytes, times: int) -> Iterator[bytes]:
    yield head
    for _ in range(times):
        yield block


@lru_cache(maxsize=16)
def _second(loudness: float, channels: int) -> bytes:
    """A second of sound, the channels one sample after the other."""
    tones = _TONES[:channels]
    peak = loudness * _LOUDEST
    samples = [round(peak * sin(2 * pi * tone * at / RATE)) for at in range(RATE) for tone in tones]
    return struct.pack(f"<{len(samples)}h", *samples)
