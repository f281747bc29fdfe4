"""Make hold.wav, the music on hold: a slow arpeggio of bells that loops without a seam.

The loop begins and ends in silence, a breath between two phrases: a provider may leave a short gap between two
rounds, and a tone that went on across it would click.

`make music` writes it again; the same code gives the same bytes. 8 kHz, 16 bits, one channel is what a
telephone line carries, so no provider has to convert it.
"""

import math
import struct
import wave
from dataclasses import dataclass
from pathlib import Path

RATE = 8000  # samples a second
BEAT = 0.3125  # seconds: 96 crotchets a minute, in quavers
BEATS_PER_BAR = 8
PEAK = 0.5  # of full scale: -6 dBFS
FULL_SCALE = 32767
REFERENCE = 440.0  # Hz, the A above middle C, MIDI note 69
RELEASE = 0.6  # seconds of fading at the very end
ATTACK = 0.012  # seconds of soft onset, so that no note clicks

# One chord a bar, low to high, as MIDI notes. From C4 up: a telephone cuts what is below 300 Hz.
CHORDS = (
    (60, 67, 72, 76),  # C
    (59, 67, 74, 79),  # G/B
    (57, 69, 72, 76),  # Am
    (64, 67, 71, 76),  # Em
    (65, 69, 72, 77),  # F
    (64, 67, 72, 79),  # C/E
    (62, 69, 74, 77),  # Dm
    (67, 71, 74, 79),  # G
)
# Which tone of the chord sounds on which beat. The last bar stops early and dies away.
FIGURE = (0, 1, 2, 3, 2, 3, 2, 1)
LAST_FIGURE = (0, 1, 2, 3, 2)
# The bell: (multiple of the fundamental, strength, seconds until it has faded to 1/e).
PARTIALS = ((1.0, 1.0, 0.75), (2.0, 0.35, 0.45), (3.0, 0.12, 0.2))
ACCENT = 1.25  # the first tone of a bar, against the others
FADED = 7.0  # a note is dropped after this many fading times, at a thousandth of its strength


@dataclass(frozen=True, kw_only=True)
class Note:
    """One stroke of a bell: when in samples, how high in Hz, how strong."""

    start: int
    pitch: float
    strength: float


def melody() -> list[Note]:
    """Every note of the loop."""
    notes = []
    for bar, chord in enumerate(CHORDS):
        for beat, tone in enumerate(LAST_FIGURE if bar == len(CHORDS) - 1 else FIGURE):
            start = round((bar * BEATS_PER_BAR + beat) * BEAT * RATE)
            pitch = REFERENCE * 2 ** ((chord[tone] - 69) / 12)
            notes.append(Note(start=start, pitch=pitch, strength=1.0 if beat else ACCENT))
    return notes


def ring(note: Note, loop: list[float]) -> None:
    """Add a note to the loop, up to its end."""
    for multiple, strength, fade in PARTIALS:
        turn = 2 * math.pi * note.pitch * multiple / RATE
        for n in range(min(round(FADED * fade * RATE), len(loop) - note.start)):
            seconds = n / RATE
            onset = min(1.0, seconds / ATTACK)
            tone = math.sin(turn * n) * math.exp(-seconds / fade)
            loop[note.start + n] += note.strength * strength * onset * tone


def release(loop: list[float]) -> None:
    """Let the last notes die away to nothing."""
    length = round(RELEASE * RATE)
    for n in range(length):
        loop[-1 - n] *= math.sin(math.pi / 2 * n / length) ** 2


def frames() -> bytes:
    """The loop as little-endian signed 16-bit samples, at its peak -6 dBFS."""
    loop = [0.0] * round(len(CHORDS) * BEATS_PER_BAR * BEAT * RATE)
    for note in melody():
        ring(note, loop)
    release(loop)
    scale = PEAK * FULL_SCALE / max(map(abs, loop))
    return struct.pack(f"<{len(loop)}h", *(round(value * scale) for value in loop))


def write(path: Path) -> None:
    """Write the loop as a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(frames())


if __name__ == "__main__":
    target = Path(__file__).with_name("hold.wav")
    write(target)
    print(f"wrote {target.name}: {target.stat().st_size} bytes")
