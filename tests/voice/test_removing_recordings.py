"""Retention: what has been kept for long enough is removed, here and at the provider."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from calls.shelf import FolderShelf, ShelfError
from config.company import Company
from config.storage import Folder
from tests.details.recorded import put
from tests.voice.provider import TOKEN
from tests.voice.recorder import Recorder, recorder
from voice.recordings import retention


@pytest.fixture
def at_work(sample: Company, tmp_path: Path) -> Iterator[Recorder]:
    """The worker, and a provider that answers."""
    with recorder(sample, tmp_path) as found:
        yield found


def removes(at_work: Recorder, days: int = 30, *, asks: bool = True) -> int:
    """Let it remove what is older than so many days; returns how many it took."""
    return at_work.remover(days, asks=asks).remove_old(at_work.now + timedelta(seconds=1))


def deleted(at_work: Recorder) -> list[str]:
    """What the provider was asked to delete."""
    return [path.rpartition("/")[2] for method, path, _ in at_work.side.rest.requests if method == "DELETE"]


def test_what_is_not_old_enough_stays(at_work: Recorder) -> None:
    recording = at_work.talk()
    at_work.fetches()
    at_work.later(days=29)
    assert removes(at_work) == 0
    assert at_work.row(recording).state == "kept"
    assert len(at_work.files()) == 1


# "Retention in days, enforced by a job" (issue 3, part 6).
def test_what_is_old_is_removed_everywhere(at_work: Recorder) -> None:
    recording = at_work.talk()
    at_work.fetches()
    at_work.later(days=31)
    assert removes(at_work) == 1
    found = at_work.row(recording)
    assert (found.state, found.reason, found.file) == ("removed", "kept for 30 days", None)
    assert at_work.files() == []
    assert deleted(at_work) == [recording + ".json"]
    assert recording not in at_work.side.rest.exchange.sounds
    assert removes(at_work) == 0


# Also what never came here, for whatever reason.
@pytest.mark.parametrize("state", ["remote", "silent", "failed", "pending"])
def test_what_is_at_the_provider_only_is_removed_there(at_work: Recorder, state: str) -> None:
    recording = at_work.talk(state=state)
    at_work.later(days=31)
    assert removes(at_work) == 1
    assert (at_work.row(recording).state, deleted(at_work)) == ("removed", [recording + ".json"])


# 404: it is gone already, as after a run that was killed.
def test_what_is_gone_already_counts_as_removed(at_work: Recorder) -> None:
    recording = at_work.talk()
    at_work.fetches()
    at_work.later(days=31)
    at_work.side.rest.exchange.sounds.clear()
    (at_work.folder / at_work.row(recording).file).unlink()
    removes(at_work)
    assert at_work.row(recording).state == "removed"


# … but with a wrong account, or a wrong address, everything would be.
def test_what_is_gone_where_nobody_knows_us_is_not_removed(at_work: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    recording = at_work.talk()
    at_work.fetches()
    at_work.later(days=31)
    exchange = at_work.side.rest.exchange
    with monkeypatch.context() as for_now:
        for_now.setattr(exchange, "provider", replace(exchange.provider, account_sid="AC" + "9" * 32))
        for_now.setattr(at_work.side.rest, "_check_login", lambda _: None)
        removes(at_work)
    assert at_work.row(recording).state == "remote"
    assert recording in exchange.sounds
    at_work.later(hours=6)
    removes(at_work)
    assert at_work.row(recording).state == "removed"
    assert recording not in exchange.sounds


@pytest.mark.parametrize("kind", ["500", "429", "before", "after", "drop"])
def test_a_provider_that_fails_is_asked_again(at_work: Recorder, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    recording = at_work.talk()
    at_work.fetches()
    at_work.later(days=31)
    with at_work.side.outage(kind, on="Recordings"):
        removes(at_work)
    found = at_work.row(recording)
    assert (found.state, found.file, at_work.files()) == ("remote", None, [])
    assert found.reason.startswith("kept for 30 days, and still at the provider: ")
    assert recording in caplog.text
    assert TOKEN not in caplog.text
    assert removes(at_work) == 0
    at_work.later(hours=6)
    assert removes(at_work) == 1
    assert at_work.row(recording).state == "removed"


def test_what_cannot_be_removed_here_is_tried_again(sample: Company, tmp_path: Path) -> None:
    class Stuck(FolderShelf):
        stuck = True

        def remove(self, name: str) -> None:
            if self.stuck:
                raise ShelfError("Permission denied")
            super().remove(name)

    shelf = Stuck(Folder(path=tmp_path / "recordings"))
    with recorder(sample, tmp_path, shelf) as at_work:
        recording = at_work.talk()
        at_work.fetches()
        at_work.later(days=31)
        removes(at_work)
        assert (at_work.row(recording).state, len(at_work.files()), deleted(at_work)) == ("kept", 1, [])
        shelf.stuck = False
        assert removes(at_work) == 0
        at_work.later(hours=6)
        removes(at_work)
        assert (at_work.row(recording).state, at_work.files()) == ("removed", [])


# Killed after either step, the next run does the rest.
@pytest.mark.parametrize("step", ["file", "provider"])
def test_a_worker_that_is_killed_is_followed_by_another(
    at_work: Recorder, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    recording = at_work.talk()
    at_work.fetches()
    at_work.later(days=31)

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        owner, name = (retention.Remover, "_at_the_provider") if step == "file" else (retention.retention, "removed")
        patch.setattr(owner, name, dies)
        with pytest.raises(KeyboardInterrupt):
            removes(at_work)
    assert (at_work.row(recording).state, at_work.files()) == ("kept", [])
    removes(at_work)
    assert at_work.row(recording).state == "removed"
    assert recording not in at_work.side.rest.exchange.sounds


# Without the REST API nobody can be asked: what is here goes, and that is said.
def test_without_rest_api_only_what_is_here_is_removed(at_work: Recorder) -> None:
    here, there = at_work.talk(), at_work.talk(state="remote")
    at_work.fetches()
    at_work.later(days=31)
    assert removes(at_work, asks=False) == 1
    assert at_work.row(here).state == "removed"
    assert at_work.row(here).reason.endswith("the provider may have it still, its REST API is not known")
    assert at_work.row(there).state == "remote"
    assert (at_work.files(), deleted(at_work)) == ([], [])


def test_a_run_is_bounded_and_begins_with_the_oldest(at_work: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "MOST_REMOVED", 2)
    ids = [at_work.talk() for _ in range(3)]
    put(at_work.engine, ids[2], recorded_at=at_work.now - timedelta(days=9))
    at_work.later(days=31)
    assert removes(at_work) == 2
    assert at_work.row(ids[2]).state == "removed"
    assert removes(at_work) == 1
    assert at_work.remover().remove_old(at_work.now) == 0


# What a worker is fetching at the moment is left to it.
def test_what_is_being_fetched_is_left_alone(at_work: Recorder) -> None:
    recording = at_work.talk(due_at=at_work.now + timedelta(days=31, seconds=300))
    at_work.later(days=31)
    assert removes(at_work) == 0
    assert at_work.row(recording).state == "pending"
