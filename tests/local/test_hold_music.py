"""The music on hold: its file is what its script makes, and is fit for a telephone."""

import array
import importlib.util
import itertools
import sys
import wave
from pathlib import Path

import pytest

MEDIA = Path(__file__).resolve().parents[2] / "voice" / "media"
HOLD = MEDIA / "hold.wav"
FULL_SCALE = 32768


@pytest.fixture(scope="module")
def loop() -> "array.array[int]":
    with wave.open(str(HOLD)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        samples = array.array("h", file.readframes(file.getnframes()))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def test_the_script_makes_the_same_bytes(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_hold_music", MEDIA / "make_hold_music.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = script  # dataclasses look their module up
    try:
        spec.loader.exec_module(script)
    finally:
        del sys.modules[spec.name]
    script.write(tmp_path / "hold.wav")
    assert (tmp_path / "hold.wav").read_bytes() == HOLD.read_bytes()


def test_it_is_short_and_small(loop: "array.array[int]") -> None:
    assert 20 <= len(loop) / 8000 <= 24
    assert HOLD.stat().st_size < 400_000


def test_its_peak_is_half_of_full_scale(loop: "array.array[int]") -> None:
    assert max(map(abs, loop)) / FULL_SCALE == pytest.approx(0.5, rel=0.01)


def test_nothing_jumps_at_the_seam(loop: "array.array[int]") -> None:
    around = [abs(b - a) for a, b in itertools.pairwise([*loop[-40:], *loop[:40]])]  # 5 ms each side
    anywhere = [abs(b - a) for a, b in itertools.pairwise(loop)]
    assert max(around) < sum(anywhere) / len(anywhere)
    assert (loop[-1], loop[0]) == (0, 0)


def test_it_is_never_silent_for_long(loop: "array.array[int]") -> None:
    spoken = [max(map(abs, loop[start : start + 4000])) for start in range(0, len(loop), 4000)]
    assert min(spoken) > FULL_SCALE // 20
