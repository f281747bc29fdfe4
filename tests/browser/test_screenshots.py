"""The pictures in docs/: all there, and small enough for a page that shows all. `make screenshots` takes them."""

from __future__ import annotations

from tests.screenshots.__main__ import FOLDER, MOST_BYTES, NARROW_SHOTS, SHOTS


def test_every_picture_is_there_and_no_other() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == SHOTS.keys() | NARROW_SHOTS.keys()


def test_no_picture_is_large() -> None:
    assert [file.name for file in FOLDER.iterdir() if file.stat().st_size > MOST_BYTES] == []
