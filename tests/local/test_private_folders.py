"""What is kept on this machine (calls, recordings, live state) is for the user alone who runs the app."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from calls.database import connect
from calls.shelf import FolderShelf
from config.storage import Folder
from local import valkey


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    """The widest umask that a shell could have set."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_a_database_of_this_machine_is_made_in_a_folder_of_ones_own(tmp_path: Path) -> None:
    with connect(f"sqlite:///{tmp_path}/var/ringpath.sqlite").connect():
        assert mode(tmp_path / "var") == "0o700"


def test_recordings_are_kept_in_a_folder_of_ones_own(tmp_path: Path) -> None:
    FolderShelf(Folder(path=tmp_path / "recordings")).put("2026/11/RE1.wav", io.BytesIO(b"RIFF"), "audio/wav")
    assert mode(tmp_path / "recordings") == "0o700"
    assert (tmp_path / "recordings/2026/11/RE1.wav").is_file()


def test_live_state_is_kept_in_a_folder_of_ones_own(tmp_path: Path) -> None:
    embedded = valkey.ensure(tmp_path / "var")
    try:
        assert mode(tmp_path / "var") == "0o700"
    finally:
        valkey.stop(embedded)


# A folder that was there is somebody's choice, such as a group that may read.
def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir(mode=0o750)
    with connect(f"sqlite:///{tmp_path}/var/ringpath.sqlite").connect():
        assert mode(tmp_path / "var") == "0o750"
