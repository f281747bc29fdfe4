"""What `flask doctor` finds where recordings are kept: a bucket is tried, not believed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from calls.bucket import BucketShelf
from calls.shelf import ShelfError
from tests.commands.desk import Desk
from tests.commands.ward import examined, only_of
from tests.details.buckets import bucket_server, listed


def test_a_bucket_is_written_read_and_left_as_it_was(well_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with bucket_server() as url:
        monkeypatch.setenv("RECORDINGS_URL", url)
        [(level, said, _)] = examined(well_desk, code=0)["recordings"]
        assert listed(url) == []
    assert (level, "takes files, gives them back and removes them" in said) == ("well", True)


def test_a_bucket_that_is_away_or_is_not_there_is_broken(well_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    with bucket_server() as url:
        there = url.rpartition("/")[0]
    monkeypatch.setenv("RECORDINGS_URL", f"{there.replace('key:secret', 'AKEY:hush-hush-secret')}/none")
    level, said, remedy = only_of(examined(well_desk), "recordings")
    assert (level, "their bucket cannot be written to (" in said) == ("broken", True)
    assert "hush-hush" not in said
    assert "RECORDINGS_URL" in remedy


def refuses(*_: object) -> None:
    raise ShelfError("doctor/x.txt: AccessDenied for key")


def gives_another(_: object, name: str) -> Any:
    raise ShelfError(f"{name}: there is no such file")


STEPS: dict[str, tuple[str, Callable[..., Any]]] = {"read": ("as_file", gives_another), "emptied": ("remove", refuses)}


# A key that may write and not read, or not remove: retention would keep nothing from staying for ever.
@pytest.mark.parametrize("step", STEPS)
def test_what_a_key_may_not_do_is_told(well_desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    name, does = STEPS[step]
    with bucket_server() as url:
        monkeypatch.setenv("RECORDINGS_URL", url)
        monkeypatch.setattr(BucketShelf, name, does)
        level, said, _ = only_of(examined(well_desk), "recordings")
    assert (level, said.startswith(f"their bucket cannot be {step}")) == ("broken", True)


@pytest.mark.parametrize("folder", ["file:///proc/nope/recordings", "file://{}/in/the/way"])
def test_a_folder_that_cannot_be_is_broken(
    well_desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: str
) -> None:
    monkeypatch.setenv("RECORDINGS_URL", folder.format(tmp_path))
    (tmp_path / "in").write_text("a file", "utf-8")
    level, said, _ = only_of(examined(well_desk), "recordings")
    assert (level, said) == ("broken", "their folder is read-only; they wait at the provider")
