"""Where recordings are kept: a real folder, and a bucket of a server that speaks S3."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from calls import bucket as bucket_module
from calls.shelf import FolderShelf, Shelf, ShelfError, name_of, shelf_of
from config.storage import Bucket, Folder
from tests.details.buckets import bucket_server, listed, read
from tests.moments import ROOT

NAME = "2026/11/RE01.wav"
WHEN = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)


@pytest.fixture(params=["folder", "bucket", "prefix"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    """A shelf of each kind."""
    with ExitStack() as stack:
        if request.param == "folder":
            yield shelf_of(Folder(path=tmp_path / "recordings"))
        else:
            url = stack.enter_context(bucket_server())
            yield shelf_of(read(url + ("/acme/calls" if request.param == "prefix" else "")))


def content(shelf: Shelf, name: str = NAME) -> bytes:
    with shelf.as_file(name) as path:
        return path.read_bytes()


def test_what_is_put_is_there(shelf: Shelf) -> None:
    shelf.put(NAME, io.BytesIO(b"RIFF of a call"), "audio/wav")
    assert content(shelf) == b"RIFF of a call"


# More than one piece of an upload.
def test_a_large_file_is_there_as_a_whole(shelf: Shelf) -> None:
    large = os.urandom(11_000_000)
    shelf.put(NAME, io.BytesIO(large), "audio/wav")
    assert content(shelf) == large


def test_a_file_is_put_from_its_beginning(shelf: Shelf) -> None:
    file = io.BytesIO(b"RIFF of a call")
    file.seek(0, io.SEEK_END)
    shelf.put(NAME, file, "audio/wav")
    assert content(shelf) == b"RIFF of a call"


def test_the_second_replaces_the_first(shelf: Shelf) -> None:
    for said in (b"the first, which is longer", b"the second"):
        shelf.put(NAME, io.BytesIO(said), "audio/wav")
    assert content(shelf) == b"the second"


def test_what_is_removed_is_gone_and_may_be_removed_again(shelf: Shelf) -> None:
    shelf.put(NAME, io.BytesIO(b"x"), "audio/wav")
    shelf.remove(NAME)
    shelf.remove(NAME)
    with pytest.raises(ShelfError, match="RE01"), shelf.as_file(NAME):
        pass


# A worker that is killed leaves one file, under the name that the next one uses.
def test_a_worker_that_is_killed_while_it_writes_leaves_one_file(tmp_path: Path) -> None:
    shelf = FolderShelf(Folder(path=tmp_path))

    class Killed(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise KeyboardInterrupt
            return super().read(10)

    for _ in range(3):
        with pytest.raises(KeyboardInterrupt):
            shelf.put(NAME, Killed(b"RIFF" * 10), "audio/wav")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["RE01.wav.part"]
    with pytest.raises(ShelfError), shelf.as_file(NAME):
        pass
    shelf.put(NAME, io.BytesIO(b"whole"), "audio/wav")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["RE01.wav"]


# In a bucket nothing is to be seen of an upload that broke off; the next one is whole.
def test_an_upload_that_breaks_off_leaves_nothing_to_be_seen() -> None:
    with bucket_server() as url:
        shelf = shelf_of(read(url))

        class Broken(io.BytesIO):
            def read(self, size: int | None = -1) -> bytes:
                if self.tell() > 6_000_000:
                    raise OSError("the disk")
                return super().read(size)

        with pytest.raises(ShelfError):
            shelf.put(NAME, Broken(bytes(12_000_000)), "audio/wav")
        with pytest.raises(ShelfError), shelf.as_file(NAME):
            pass
        shelf.put(NAME, io.BytesIO(b"whole"), "audio/wav")
        assert content(shelf) == b"whole"


def test_a_prefix_stands_before_every_name() -> None:
    with bucket_server() as url:
        shelf_of(read(url + "/acme")).put(NAME, io.BytesIO(b"x"), "audio/wav")
        assert listed(url) == ["acme/" + NAME]


# What goes wrong is told in one line, without secrets, and in time.
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "2026").write_text("in the way")
    with pytest.raises(ShelfError, match=r"^2026/11/RE01\.wav: "):
        shelf_of(Folder(path=tmp_path)).put(NAME, io.BytesIO(b"x"), "audio/wav")


@pytest.mark.parametrize("does", ["put", "get", "remove"])
@pytest.mark.parametrize("kind", ["nobody", "no bucket"])
def test_a_bucket_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, does: str, kind: str) -> None:
    monkeypatch.setattr(bucket_module, "RETRIES_WITHIN", timedelta(seconds=1))
    with bucket_server("another") as url:
        place = url.replace("/another", "/calls") if kind == "no bucket" else "s3+http://key:hush@127.0.0.1:9/calls"
        shelf = shelf_of(read(place))
        asks: dict[str, Callable[[], object]] = {
            "put": lambda: shelf.put(NAME, io.BytesIO(b"x"), "audio/wav"),
            "get": lambda: content(shelf),
            "remove": lambda: shelf.remove(NAME),
        }
        with pytest.raises(ShelfError) as error:
            asks[does]()
    assert "\n" not in str(error.value)
    assert "hush" not in str(error.value)


# On a disk that is full: half a file is never taken for a whole one, nor in the way of everybody else.
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="what is always full is Linux'")
def test_what_a_full_disk_has_taken_of_a_file_is_removed(tmp_path: Path) -> None:
    shelf, place = FolderShelf(Folder(path=tmp_path)), tmp_path / NAME
    place.parent.mkdir(parents=True)
    place.with_name(place.name + ".part").symlink_to("/dev/full")
    with pytest.raises(ShelfError, match="No space left on device"):
        shelf.put(NAME, io.BytesIO(b"x" * 100_000), "audio/wav")
    assert [*place.parent.iterdir()] == []
    shelf.put(NAME, io.BytesIO(b"whole"), "audio/wav")
    assert [file.read_bytes() for file in place.parent.iterdir()] == [b"whole"]


# Ids come from outside: none leads out of the folder, and no two share a name.
@pytest.mark.parametrize("recording_id", ["RE" + "0a" * 16, "8f5dc9a2-7f0c-4e6c-9a51-0b6f7d1f4b1e"])
def test_an_id_as_providers_make_them_is_the_name(recording_id: str) -> None:
    assert name_of(recording_id, WHEN, ".wav") == f"2026/11/{recording_id}.wav"


@pytest.mark.parametrize(
    "recording_id",
    ["../../etc/passwd", "/etc/passwd", "..", "", "RE 1", "RE1/../x", "REa\x00", "RE1.wav", "REé", "x" * 128, "rE0a"],
)
def test_any_other_id_is_digested(recording_id: str) -> None:
    name = name_of(recording_id, WHEN, ".wav")
    assert name.startswith("2026/11/x-")
    assert len(name) == len("2026/11/x-.wav") + 40
    assert name == name_of(recording_id, WHEN, ".wav")
    assert name != name_of(recording_id + "0", WHEN, ".wav")


def test_the_folder_is_that_of_the_month_wherever_the_clock_stands() -> None:
    there = WHEN.astimezone(timezone(timedelta(hours=2)))
    assert there.month == 12
    assert name_of("RE0a", there, ".wav") == name_of("RE0a", WHEN, ".wav") == "2026/11/RE0a.wav"


@pytest.mark.parametrize("name", ["../x.wav", "/etc/passwd", "a/../../b"])
def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    shelf = shelf_of(Folder(path=tmp_path / "in"))
    with pytest.raises(ShelfError, match="leads out"):
        shelf.put(name, io.BytesIO(b"x"), "audio/wav")
    with pytest.raises(ShelfError, match="leads out"):
        shelf.remove(name)
    assert list(tmp_path.iterdir()) == []


# The library for buckets costs memory in each process that loads it: the web does not, and no job without a bucket.
@pytest.mark.parametrize("module", ["app", "voice.recordings.jobs", "crm.jobs", "commands"])
def test_the_library_for_buckets_is_loaded_only_where_there_is_one(module: str) -> None:
    code = f"import sys, {module}; sys.exit('obstore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_without_an_address_there_is_a_folder_under_var() -> None:
    assert vars(shelf_of(None)) == {"_root": ROOT / "var" / "recordings"}
    assert isinstance(read("s3://k:s@h/b"), Bucket)


# Seeking in a recording (issue 4, part 3): a part of it, without the rest being read.
@pytest.mark.parametrize(("start", "stop"), [(0, 4), (3, 9), (0, 14), (13, 14)])
def test_a_part_of_a_file_is_read_from_where_it_begins(shelf: Shelf, start: int, stop: int) -> None:
    whole = b"RIFF of a call"
    shelf.put(NAME, io.BytesIO(whole), "audio/wav")
    with shelf.opened(NAME, start, stop) as file:
        assert file.read(stop - start) == whole[start:stop]


def test_what_is_not_there_cannot_be_opened(shelf: Shelf) -> None:
    with pytest.raises(ShelfError, match="RE01"):
        shelf.opened(NAME, 0, 4)


@pytest.mark.parametrize("name", ["../secret", "2026/../../secret", "/etc/passwd"])
def test_no_name_leads_out_of_the_folder_when_it_is_opened(name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    with pytest.raises(ShelfError, match="leads out"):
        FolderShelf(Folder(path=tmp_path / "recordings")).opened(name, 0, 4)
