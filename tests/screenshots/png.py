"""Smaller pictures: at most 256 colours, as an indexed PNG. Pages have few colours, and letters many shades of them."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST = 256


def smaller(png: bytes) -> bytes:
    """Write an RGB picture anew; the colours that few pixels have become the nearest one that is kept."""
    width, height, channels, rows = _read(png)
    pixels = [row[at : at + 3] for row in rows for at in range(0, width * channels, channels)]
    counted = Counter(pixels)
    palette = sorted(colour for colour, _ in counted.most_common(MOST))
    places = {colour: place for place, colour in enumerate(palette)}
    for colour in counted.keys() - places.keys():
        places[colour] = min(range(len(palette)), key=lambda place: _distance(palette[place], colour))
    indices = bytes(places[pixel] for pixel in pixels)
    lines = b"".join(b"\0" + indices[at : at + width] for at in range(0, len(indices), width))
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"PLTE", b"".join(palette)), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b"")]
    return SIGNATURE + b"".join(_chunk(name, content) for name, content in chunks)


def _read(png: bytes) -> tuple[int, int, int, list[bytes]]:
    """Take a picture apart as browsers write it: eight bits, not interlaced, with or without transparency."""
    chunks = list(_chunks(png))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if depth != 8 or kind not in {2, 6} or interlaced:
        raise ValueError("not a picture as browsers write it")
    channels = 3 if kind == 2 else 4
    raw = zlib.decompress(b"".join(content for name, content in chunks if name == b"IDAT"))
    length, rows, above = width * channels, [], bytes(width * channels)
    for at in range(0, len(raw), length + 1):
        above = _unfiltered(raw[at], raw[at + 1 : at + 1 + length], above, channels)
        rows.append(above)
    return width, height, channels, rows


def _unfiltered(kind: int, line: bytes, above: bytes, step: int) -> bytes:
    """Undo what makes a row easier to compress (PNG specification, section 9)."""
    row = bytearray(line)
    for at in range(len(row)):
        left = row[at - step] if at >= step else 0
        corner = above[at - step] if at >= step else 0
        guesses = (0, left, above[at], (left + above[at]) // 2, _paeth(left, above[at], corner))
        row[at] = (row[at] + guesses[kind]) & 255
    return bytes(row)


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda each: abs(guess - each))


def _distance(one: bytes, other: bytes) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
