"""What web processes have counted outlives them in one file of each kind, whoever reads meanwhile, whatever fails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from prometheus_client import CollectorRegistry, generate_latest, multiprocess
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from live import tallies
from live.tallies import UnsteadyError, add_up, empty, steadily, take_over

PLACES = ("incoming", "at/menu", "más allá", "x" * 1000, *("y" * length for length in range(8)))


def counts(folder: Path, pid: int, seed: int, places: tuple[str, ...] = PLACES) -> None:
    """Let a process have counted something, in files that the library makes."""
    random = Random(seed)
    for kind in ("counter", "histogram", "gauge_livesum"):
        file = MmapedDict(str(folder / f"{kind}_{pid}.db"))  # type: ignore[no-untyped-call]
        for place in random.sample(places, len(places) // 2):
            for name, bound in (("seen_bucket", "0.5"), ("seen_bucket", "+Inf"), ("seen_sum", None)):
                names, values = (["place"], [place]) if bound is None else (["place", "le"], [place, bound])
                key = mmap_key(kind, name.replace("seen", kind), names, values, "Help.")
                file.write_value(key, random.randrange(1, 1000) / 4, 0.0)  # type: ignore[no-untyped-call]
        file.close()  # type: ignore[no-untyped-call]


def told(folder: Path) -> list[str]:
    """What the library tells of all that outlives a process."""
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]
    lines = generate_latest(registry).decode().splitlines()
    return sorted(line for line in lines if "livesum" not in line)


def names(folder: Path) -> set[str]:
    """The files there."""
    return {file.name for file in folder.iterdir()}


ALL_ENDED = {"counter_ended.db", "histogram_ended.db"}


def test_the_library_tells_the_same_of_one_file_as_of_many(tmp_path: Path) -> None:
    for pid in range(1, 20):
        counts(tmp_path, pid, pid)
    before = told(tmp_path)
    for pid in range(1, 19):
        add_up(tmp_path, pid)
        assert told(tmp_path) == before
    assert names(tmp_path) == ALL_ENDED | {f"{kind}_19.db" for kind in ("counter", "histogram", "gauge_livesum")}
    assert sum((tmp_path / name).stat().st_size for name in ALL_ENDED) < 50_000


def test_a_pid_that_comes_again_begins_anew(tmp_path: Path) -> None:
    for seed in range(3):
        counts(tmp_path, 7, seed)
        before = told(tmp_path)
        add_up(tmp_path, 7)
        assert told(tmp_path) == before
    assert names(tmp_path) == ALL_ENDED


def test_a_process_that_has_counted_nothing_leaves_nothing(tmp_path: Path) -> None:
    add_up(tmp_path, 7)
    (tmp_path / "counter_8.db").touch()  # killed as it made it: the library fails on such a file
    MmapedDict(str(tmp_path / "histogram_8.db")).close()  # type: ignore[no-untyped-call]
    add_up(tmp_path, 8)
    assert names(tmp_path) == set()


@pytest.fixture
def at_every_step(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], None]], None]:
    """Have something done before each step of adding up, by its number."""

    def have(does: Callable[[int], None]) -> None:
        steps: Iterator[int] = iter(range(1000))

        def before(method: Callable[..., object]) -> Callable[..., object]:
            def do(*arguments: object, **more: object) -> object:
                does(next(steps))
                return method(*arguments, **more)

            return do

        for name in ("write_bytes", "rename", "replace", "unlink"):
            monkeypatch.setattr(Path, name, before(getattr(Path, name)))

    return have


def test_whoever_reads_meanwhile_is_told_the_right_sum_or_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_every_step: Callable[[Callable[[int], None]], None]
) -> None:
    monkeypatch.setattr(tallies, "WAITS", 0)
    counts(tmp_path, 1, 1)
    add_up(tmp_path, 1)
    counts(tmp_path, 2, 2)
    right, seen = told(tmp_path), list[bool]()

    def read(_step: int) -> None:
        try:
            assert steadily(tmp_path, lambda: told(tmp_path)) == right
        except UnsteadyError:
            seen.append(False)
        else:
            seen.append(True)

    at_every_step(read)
    add_up(tmp_path, 2)
    assert seen == [True, *(True, True, False, False) * 2]  # the gauges; then four steps, for each kind


@pytest.mark.parametrize("again", [False, True], ids=["", "and another process has its pid"])
def test_a_reader_whom_it_overtakes_reads_again(tmp_path: Path, again: bool) -> None:
    for pid in (1, 2):
        counts(tmp_path, pid, pid)
    add_up(tmp_path, 1)
    reads: list[list[str]] = []

    def read() -> list[str]:
        reads.append(told(tmp_path))
        if len(reads) == 1:
            add_up(tmp_path, 2)
            if again:
                counts(tmp_path, 2, 3)
        return reads[-1]

    assert steadily(tmp_path, read) == told(tmp_path)
    assert len(reads) == 2


@pytest.mark.parametrize("failing", range(3))
def test_what_fails_on_the_way_loses_no_count_and_counts_none_twice(
    tmp_path: Path,
    failing: int,
    caplog: pytest.LogCaptureFixture,
    at_every_step: Callable[[Callable[[int], None]], None],
) -> None:
    for pid in (1, 2):
        counts(tmp_path, pid, pid)
    add_up(tmp_path, 1)
    right = told(tmp_path)
    (tmp_path / "gauge_livesum_2.db").unlink()

    def fail(step: int) -> None:
        if step == failing:
            raise OSError(28, "No space left on device")

    at_every_step(fail)
    add_up(tmp_path, 2)
    assert steadily(tmp_path, lambda: told(tmp_path)) == right
    assert "counter_2.db" in names(tmp_path)
    assert "histogram_2.db" not in names(tmp_path)
    assert "of the web process 2 that has ended are not added up: [Errno 28]" in caplog.text


# Neither could it be put back, so that readers would wait for it for ever.
@pytest.mark.parametrize("failing", range(1, 4))
def test_what_a_disk_has_left_in_hand_is_put_right_the_next_time(
    tmp_path: Path,
    failing: int,
    at_every_step: Callable[[Callable[[int], None]], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for pid in (1, 2, 3):
        counts(tmp_path, pid, pid)
    add_up(tmp_path, 1)
    right = told(tmp_path)

    def fail(step: int) -> None:
        if step >= failing:
            raise OSError(5, "Input/output error")

    at_every_step(fail)
    take_over(tmp_path, 2)
    monkeypatch.undo()
    add_up(tmp_path, 3)
    add_up(tmp_path, 2)
    assert steadily(tmp_path, lambda: told(tmp_path)) == right
    assert names(tmp_path) <= ALL_ENDED | {"gauge_livesum_2.db", "counter_ended.new", "histogram_ended.new"}


RUINS = {
    "its keys are cut off": b"\x20\x00\x00\x00",
    "it is shorter than it says": b"\xff\xff\xff\x00" + bytes(60),
    "a key of no length": b"\x40\x00\x00\x00" + bytes(80),
    "a key of less than none": b"\x40\x00\x00\x00" + bytes(4) + b"\xf8\xff\xff\xff" + bytes(80),
    "a key longer than all that is used": b"\x40\x00\x00\x00" + bytes(4) + b"\x60\x00\x00\x00" + bytes(200),
    "a byte": b"x",
}


@pytest.mark.parametrize("ruin", RUINS.values(), ids=RUINS)
def test_a_broken_file_is_set_aside_and_said_to_be(
    tmp_path: Path, ruin: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    counts(tmp_path, 1, 1)
    (tmp_path / "histogram_1.db").write_bytes(ruin)
    with caplog.at_level(logging.WARNING):
        add_up(tmp_path, 1)
    assert names(tmp_path) == {"counter_ended.db", "histogram_1.broken"}
    assert "figures of web processes that have ended are lost: histogram_1.db is broken" in caplog.text
    assert told(tmp_path)


def test_a_run_begins_with_none_and_leaves_other_files_alone(tmp_path: Path) -> None:
    for name in ("counter_1.db", "counter_ended.new", "counter_1.in-hand", "histogram_1.broken", "another's file"):
        (tmp_path / name).touch()
    empty(tmp_path)
    assert names(tmp_path) == {"another's file"}


# gunicorn ends when a hook of its raises: every call would go with one process.
def test_a_folder_that_has_become_read_only_ends_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    (tmp_path / "gauge_livesum_7.db").touch()
    monkeypatch.setattr(Path, "unlink", refuses)
    take_over(tmp_path, 7)
    assert "not added up" in caplog.text
