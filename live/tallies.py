"""The tallies of web processes: the files in which each counts (prometheus_client), and one for all that have ended.

The library keeps the files of every process that ever was, and reads them all each time somebody asks. Here gunicorn's
first process adds up what one has left as soon as it has ended, before it can start another under the same pid. Neither
is it to import the library, which brings ssl (gunicorn.conf.py), so the files are read and written here as
prometheus_client.mmap_dict has them: a number of bytes used, in 8; then keys of JSON, each with its length before it
and padded to 8 bytes, with a value and a time, both doubles.
"""

from __future__ import annotations

import contextlib
import logging
import os
import struct
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

log = logging.getLogger("ringpath.web")

Told = TypeVar("Told")

ADDED_UP = ("counter", "histogram")
"""Kinds of tallies whose values add up: all that outlive a process. Gauges end with theirs (live*)."""

IN_HAND = ".in-hand"
"""What the name of a tally ends with while it stands in neither sum: whoever reads meanwhile reads again."""

LENGTH, VALUE = struct.Struct("i"), struct.Struct("dd")
HEAD = 8

WAITS = 1.0
"""Seconds for which a reader waits until nothing changes; adding up takes a thousandth of that."""


OURS = ("*.db", "*.new", f"*{IN_HAND}", "*.broken")


class UnsteadyError(Exception):
    """The tallies changed while they were read, again and again."""


class BrokenError(Exception):
    """A tally that the library could not read either."""

    def __init__(self, file: Path, at: int) -> None:
        super().__init__(f"{file.name} is broken at byte {at}")
        self.file = file


def empty(folder: Path) -> None:
    """Remove what another run has left."""
    for pattern in OURS:
        for file in folder.glob(pattern):
            file.unlink()


def take_over(folder: Path, pid: int) -> None:
    """Add up what a process has left; raises nothing, or gunicorn would end, and with it all calls."""
    try:
        add_up(folder, pid)
    except Exception:  # whatever it is, as of a disk that has become read-only
        log.exception("figures of the web process %d that has ended are not added up", pid)


def add_up(folder: Path, pid: int) -> None:
    """Add the tallies of a process that has ended to those of all that have, and remove them."""
    for file in folder.glob(f"gauge_live*_{pid}.db"):  # as prometheus_client.multiprocess.mark_process_dead
        file.unlink(missing_ok=True)
    for kind in ADDED_UP:
        tally = folder / f"{kind}_{pid}.db"
        try:
            _let_go(folder, kind)
            if tally.exists():
                _add(tally, folder / f"{kind}_ended.db")
        except BrokenError as error:  # the library would tell no figures at all
            log.warning("figures of web processes that have ended are lost: %s", error)
            error.file.rename(error.file.with_suffix(".broken"))
        except OSError as error:  # as of a full disk: they count all the same, only in files of their own
            log.warning("figures of the web process %d that has ended are not added up: %s", pid, error)


def _let_go(folder: Path, kind: str) -> None:
    """Put right what a failing disk has left in hand, of which readers wait: it is in the sum once that is in place."""
    for in_hand in folder.glob(f"{kind}_*{IN_HAND}"):
        if (folder / f"{kind}_ended.new").exists():
            in_hand.rename(in_hand.with_suffix(".db"))
        else:
            in_hand.unlink()


def _add(tally: Path, ended: Path) -> None:
    """In steps of which readers know at every moment whether one is under way; a failure leaves all as it was."""
    found = _values(tally)
    in_hand, new = tally.with_suffix(IN_HAND), ended.with_suffix(".new")
    if found:
        total = _values(ended) if ended.exists() else {}
        for key, value in found.items():
            total[key] = total.get(key, 0.0) + value
        new.write_bytes(_written(total))
    tally.rename(in_hand)
    if found:
        try:
            new.replace(ended)
        except OSError:
            in_hand.rename(tally)
            raise
    in_hand.unlink()


def _values(file: Path) -> dict[bytes, float]:
    """Read a tally: empty when its process was killed as it made it; raises BrokenError."""
    data, at = file.read_bytes(), HEAD
    found: dict[bytes, float] = {}
    try:
        used = LENGTH.unpack_from(data)[0] if data else 0
        while at < used:
            start = at + LENGTH.size
            end = start + LENGTH.unpack_from(data, at)[0]
            value_at = end + 8 - end % 8
            if not start < end < value_at + VALUE.size <= used:
                raise BrokenError(file, at)
            found[data[start:end]] = VALUE.unpack_from(data, value_at)[0]
            at = value_at + VALUE.size
    except struct.error as error:
        raise BrokenError(file, at) from error
    return found


def _written(values: dict[bytes, float]) -> bytes:
    parts = [b""]
    for key, value in values.items():
        padding = b" " * (8 - (len(key) + LENGTH.size) % 8)
        parts.append(LENGTH.pack(len(key)) + key + padding + VALUE.pack(value, 0.0))
    body = b"".join(parts)
    return LENGTH.pack(HEAD + len(body)).ljust(HEAD, b"\0") + body


def steadily(folder: Path, read: Callable[[], Told]) -> Told:
    """Read the tallies while none of them comes or goes; raises UnsteadyError when that cannot be had in time."""
    until = time.monotonic() + WAITS
    while True:
        before = _standing(folder)
        with contextlib.suppress(FileNotFoundError, struct.error):  # one that has just gone, or is just being made
            told = read()
            if before is not None and before == _standing(folder):
                return told
        if time.monotonic() > until:
            raise UnsteadyError
        time.sleep(0.01)


def _standing(folder: Path) -> frozenset[tuple[str, int]] | None:
    """Name the tallies, each with its inode; None while one is in hand."""
    with os.scandir(folder) as entries:
        found = frozenset((entry.name, entry.inode()) for entry in entries if not entry.name.endswith(".new"))
    return None if any(name.endswith(IN_HAND) for name, _ in found) else found
