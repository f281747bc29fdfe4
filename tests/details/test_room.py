"""Whether a store takes anything: found out without writing, and said with its remedy."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from calls.database import StoreError, connect, upsert
from calls.room import NO_ROOM, READ_ONLY, READ_ONLY_SERVER, UNWRITABLE, refusal, why_no_file, why_nothing
from calls.tables import notes
from config.trouble import Trouble
from local.house import empty_database
from tests.moments import OPEN, ROOT, at
from tests.refusing import SQL_REFUSES, sql_refusing

REFUSED = {"full": NO_ROOM, "read-only": READ_ONLY}


def write(engine: Engine, size: int = 100) -> None:
    with engine.begin() as connection:
        values = {"call_id": "CA1", "key": "k", "noted_at": at(OPEN), "notes": ["x" * size]}
        upsert(connection, notes, values, key=["call_id", "key"], update={})


def test_a_database_that_takes_what_is_written_is_well_and_is_not_changed(engine: Engine) -> None:
    assert why_nothing(engine) is None
    write(engine)


def test_why_a_file_refused_is_told(tmp_path: Path) -> None:
    engine = connect(empty_database(tmp_path))
    for how in SQL_REFUSES["sqlite"]:
        with sql_refusing(engine, how), pytest.raises(StoreError) as caught:
            write(engine, 100_000)
        assert refusal(caught.value) == REFUSED[how]
    with sql_refusing(engine, "read-only"):
        assert why_nothing(engine) == READ_ONLY
    write(engine)
    engine.dispose()


# A failover: what was the primary takes nothing any more, and the same address may lead to another server by now.
def test_a_server_that_has_become_read_only_is_told_and_let_go(postgres_url: str) -> None:
    engine = connect(postgres_url)
    with sql_refusing(engine, "read-only"):
        with pytest.raises(StoreError) as caught:
            write(engine)
        assert refusal(caught.value) == why_nothing(engine) == READ_ONLY_SERVER
    with engine.connect() as connection:
        before = connection.connection.dbapi_connection
        connection.exec_driver_sql("SET default_transaction_read_only = on")
        connection.commit()
    with pytest.raises(StoreError):
        write(engine)
    with engine.connect() as connection:
        assert connection.connection.dbapi_connection is not before
    write(engine)
    engine.dispose()


LITTLE = """
import resource, sys
from pathlib import Path
from calls.room import NO_ROOM, why_no_file
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
assert why_no_file(Path(sys.argv[1])) == NO_ROOM
"""


def test_whether_a_folder_takes_a_file_is_tried(tmp_path: Path) -> None:
    assert why_no_file(tmp_path / "not" / "there yet") is None
    assert [*tmp_path.iterdir()] == []
    assert why_no_file(Path("/proc/self")) == READ_ONLY
    done = subprocess.run(
        [sys.executable, "-c", LITTLE, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


# What has no room, what is shut, and what is neither have remedies of their own.
@pytest.mark.parametrize(
    ("code", "why"),
    [
        (errno.ENOSPC, NO_ROOM),
        (errno.EROFS, READ_ONLY),
        (errno.EMFILE, UNWRITABLE.of(said="Too many open files")),
        (errno.EOPNOTSUPP, None),
    ],
)
def test_why_a_folder_takes_no_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, why: Trouble | None
) -> None:
    def refuses(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "posix_fallocate", refuses)
    assert why_no_file(tmp_path) == why
