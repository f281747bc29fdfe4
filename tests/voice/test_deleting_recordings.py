"""Recordings that somebody has deleted on a page: nobody hears them from then on, and a job removes their sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from calls import fetching
from calls.retention import doom
from config.company import Company
from tests.voice.recorder import Recorder, recorder
from voice.recordings import retention


@pytest.fixture
def at_work(sample: Company, tmp_path: Path) -> Iterator[Recorder]:
    """The worker, and a provider that answers."""
    with recorder(sample, tmp_path) as found:
        yield found


def deleted(at_work: Recorder) -> list[str]:
    """What the provider was asked to delete."""
    return [path.rpartition("/")[2] for method, path, _ in at_work.side.rest.requests if method == "DELETE"]


def deletes(at_work: Recorder, recording: str) -> bool:
    """Somebody deletes a recording on a page."""
    with at_work.engine.begin() as connection:
        return doom(connection, recording, "deleted by Ana", at_work.now)


def works(at_work: Recorder, *, asks: bool = True) -> int:
    """Let the job remove what was deleted; nothing is too old."""
    remover = replace(at_work.remover(asks=asks), keep_days=None)
    until = at_work.now + timedelta(seconds=1)
    assert remover.remove_old(until) == 0
    return remover.remove_doomed(until)


# "POST /recordings/<id>/delete" (issue 4, part 3): whatever its age, and also where nothing is removed by age.
def test_what_somebody_deletes_is_removed_everywhere(at_work: Recorder) -> None:
    recording, other = at_work.talk(), at_work.talk()
    at_work.fetches()
    assert deletes(at_work, recording)
    assert at_work.row(recording).state == "removed"
    assert works(at_work) == 1
    found = at_work.row(recording)
    assert (found.state, found.reason, found.file, found.due_at) == ("removed", "deleted by Ana", None, None)
    assert at_work.files() == [at_work.row(other).file]
    assert deleted(at_work) == [recording + ".json"]
    assert works(at_work) == 0
    assert not deletes(at_work, recording)


def test_what_is_deleted_while_a_worker_fetches_it_does_not_stay(at_work: Recorder) -> None:
    recording = at_work.talk()
    with at_work.engine.begin() as connection:
        taken = fetching.take(connection, at_work.now)
    assert taken is not None
    assert deletes(at_work, recording)
    assert works(at_work) == 0
    at_work.fetcher.fetch(taken)
    assert (at_work.row(recording).state, len(at_work.files())) == ("removed", 1)
    at_work.now += fetching.LEASE
    assert works(at_work) == 1
    assert at_work.files() == []


def test_the_copy_that_the_provider_keeps_is_asked_for_again(at_work: Recorder) -> None:
    recording = at_work.talk()
    at_work.fetches()
    deletes(at_work, recording)
    at_work.side.rest.break_down("500", on="Recordings")
    assert works(at_work) == 1
    at_work.side.rest.mend()
    assert (at_work.row(recording).state, at_work.row(recording).reason) == ("removed", "deleted by Ana")
    assert works(at_work) == 0
    at_work.now += retention.ASKS_AGAIN
    assert works(at_work) == 1
    assert at_work.row(recording).due_at is None
    assert deleted(at_work)[-1] == recording + ".json"


def test_without_its_api_only_our_copy_is_removed(at_work: Recorder) -> None:
    recording = at_work.talk()
    at_work.fetches()
    deletes(at_work, recording)
    assert works(at_work, asks=False) == 1
    assert "the provider may have it still" in at_work.row(recording).reason
    assert (at_work.files(), deleted(at_work)) == ([], [])
