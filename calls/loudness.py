"""Whether anything is to be heard in a recording. Pure: sound in, a yes or no out."""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import SEEK_CUR
from typing import BinaryIO

AUDIBLE = 104
"""The root mean square of samples that stand out from a quiet line: 50 dB below the loudest there can be (32,768)."""

STRETCH = 0.1
"""Seconds over which it is taken."""

HEARD_FOR = 3
"""Stretches that must stand out, in all: a click, or the key that ends a message, says nothing."""

MOST_CHUNKS = 20
"""Parts of a file before its sound; real ones have two or three."""

Read = Callable[[bytes], Sequence[int]]


@dataclass(frozen=True, slots=True)
class Wave:
    """What the head of a WAV file says: how samples are read, frames a second, bytes a frame, bytes of sound."""

    read: Read
    rate: int
    frame: int
    size: int


def is_silent(file: BinaryIO) -> bool:
    """Tell whether nothing is heard in a WAV file, 16 bit or µ-law; False where that cannot be told."""
    wave = _head(file)
    if wave is None:
        return False
    loud = 0
    for samples in _stretches(file, wave):
        loud += sum(sample * sample for sample in samples) > AUDIBLE**2 * len(samples)
        if loud == HEARD_FOR:
            return False
    return True


def _stretches(file: BinaryIO, wave: Wave) -> Iterator[Sequence[int]]:
    """Read the sound, a tenth of a second at a time, all channels together."""
    most, left = max(round(wave.rate * STRETCH), 1) * wave.frame, wave.size
    while piece := file.read(min(most, left)):
        left -= len(piece)
        yield wave.read(piece[: len(piece) // wave.frame * wave.frame])


def _head(file: BinaryIO) -> Wave | None:
    """Read up to where the sound begins; None when this is no WAV file, or of a kind that telephony does not make."""
    file.seek(0)
    start, wave = file.read(12), None
    if start[:4] != b"RIFF" or start[8:] != b"WAVE":
        return None
    for _ in range(MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            return None
        name, size = struct.unpack("<4sI", head)
        if name == b"data":
            return wave and replace(wave, size=size or UNKNOWN)
        start = file.read(16) if name == b"fmt " and size >= 16 else b""
        wave = _format(start) if start else wave
        file.seek(size + size % 2 - len(start), SEEK_CUR)
    return None


UNKNOWN = 2**32
"""The size of a sound that was written while it was not known how long it would be."""


def _format(body: bytes) -> Wave | None:
    if len(body) < 16:
        return None
    kind, _, rate, _, frame, bits = struct.unpack("<HHIIHH", body)
    read = _READERS.get((kind, bits))
    return None if read is None or not frame or not rate else Wave(read, rate, frame, 0)


def _pcm(data: bytes) -> Sequence[int]:
    samples = array("h", data)
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _expanded(code: int) -> int:
    """A byte of µ-law as a sample of 16 bits (ITU-T G.711)."""
    code = ~code & 0xFF
    size = (((code & 0x0F) << 3) + 0x84) << (code >> 4 & 0x07)
    return 0x84 - size if code & 0x80 else size - 0x84


_ULAW = tuple(map(_expanded, range(256)))

_READERS: dict[tuple[int, int], Read] = {
    (1, 16): _pcm,
    (7, 8): lambda data: [_ULAW[code] for code in data],
}
"""By the number of the format, and bits a sample."""
