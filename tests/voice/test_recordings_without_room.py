"""Recordings that cannot be kept here, because there is no room: the provider has them until there is."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import update

from calls.fetching import NO_PLACE
from calls.outbox import MOST_ATTEMPTS
from calls.shelf import FolderShelf, ShelfError
from calls.tables import recordings
from config.company import Company
from config.storage import Folder
from tests.voice.recorder import recorder


def fails_for_want_of_room(*_: object) -> None:
    """As put() does on a disk that is full."""
    raise ShelfError("No space left on device")


# It is not the recording's fault: the provider has it for as long as it takes, and it is never given up for that.
def test_what_cannot_be_kept_here_waits_at_the_provider_until_it_can(
    sample: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recorder(sample, tmp_path, FolderShelf(Folder(path=tmp_path))) as at_work:
        recording = at_work.talk()
        with at_work.engine.begin() as connection:
            connection.execute(update(recordings).values(attempts=MOST_ATTEMPTS - 1))
        with monkeypatch.context() as full:
            full.setattr(FolderShelf, "put", fails_for_want_of_room)
            for _ in range(2):
                assert at_work.fetches() == 1
                at_work.later(seconds=NO_PLACE.total_seconds())
        assert (at_work.row(recording).state, at_work.row(recording).attempts) == ("pending", MOST_ATTEMPTS - 1)
        assert at_work.fetches() == 1
        assert at_work.row(recording).state == "kept"
