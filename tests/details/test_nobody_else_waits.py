"""Under gunicorn's gevent workers all requests of a process share one thread: whoever waits for SQL waits alone."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from calls.database import connect
from tests.moments import ROOT

BEGINS = """
from gevent import monkey; monkey.patch_all()
import sys, time
import gevent
from gevent.server import StreamServer
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from calls import database
from calls.database import connect

gaps = []

def others():
    last = time.monotonic()
    while True:
        gevent.sleep(0.001)
        gaps.append(time.monotonic() - last)
        last = time.monotonic()

def refused(engine):
    gaps.clear()
    try:
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE IF NOT EXISTS more (x INTEGER)"))
    except OperationalError as error:
        assert len(gaps) > 20, len(gaps)  # had the thread waited, nobody would have had a turn
        return error
    raise AssertionError("it was not refused")

gevent.spawn(others)
gevent.sleep(0.01)
"""

LOCKED = """
database.CONNECT_WITHIN = 1.0
assert "locked" in str(refused(connect(sys.argv[1])))
assert sum(gaps) > 0.9, sum(gaps)
"""

# What a server says that lets somebody in (AuthenticationOk, ReadyForQuery), and nothing ever after.
FROZEN = r"""
database.FROZEN_AFTER = 1.0

def lets_in(client, _):
    client.recv(65536)
    client.sendall(b"R\0\0\0\x08\0\0\0\0" + b"Z\0\0\0\x05I")
    gevent.sleep(3600)

server = StreamServer(("127.0.0.1", 0), lets_in)
server.start()
found = refused(connect(f"postgresql://somebody@127.0.0.1:{server.server_port}/none?sslmode=disable&gssencmode=disable"))
assert "no answer in 1 s" in str(found), found
"""


def done(script: str, *words: str) -> None:
    """Run a script; what it asserts must hold."""
    command = [sys.executable, "-c", BEGINS + script, *words]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert found.returncode == 0, found.stderr


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database file."""
    path = tmp_path / "calls.sqlite"
    engine = connect(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE one (x INTEGER)"))
    engine.dispose()
    return path


# SQLite's own waiting would stop the whole process: no caller was answered while somebody else wrote for long.
def test_who_waits_for_his_turn_to_write_holds_up_nobody_else(file: Path) -> None:
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    done(LOCKED, f"sqlite:///{file}")
    writer.close()


# A server that is stopped, or stuck, while its machine still says that all is well, sends nothing and closes nothing.
def test_a_frozen_postgresql_is_given_up() -> None:
    done(FROZEN)


def test_a_writer_gets_its_turn_when_the_other_has_done(file: Path) -> None:
    engine, writer = connect(f"sqlite:///{file}"), sqlite3.connect(file, isolation_level=None, timeout=60)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO one VALUES (1)"))
        other = sqlite3.connect(file, timeout=0)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("INSERT INTO one VALUES (2)")
        other.close()
    writer.execute("INSERT INTO one VALUES (3)")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO one VALUES (:x)"), [{"x": 4}, {"x": 5}])
        assert list(connection.execute(text("SELECT x FROM one")).scalars()) == [1, 3, 4, 5]
    writer.close()
    engine.dispose()


# The first connection of all changes the file itself; a web, a worker and a release begin at one time.
def test_whoever_opens_a_file_waits_for_its_turn_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = sqlite3.connect(tmp_path / "calls.sqlite", isolation_level=None)
    writer.execute("CREATE TABLE one (x INTEGER)")
    writer.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("calls.patience.time.sleep", lambda _: writer.in_transaction and writer.execute("COMMIT"))
    engine = connect(f"sqlite:///{tmp_path}/calls.sqlite")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    engine.dispose()
    writer.close()


# It has read what has changed since, and can only begin anew: waiting would not help, and is not tried.
def test_who_has_read_what_changed_since_is_told_at_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calls.patience.time.sleep", lambda _: pytest.fail("it waits"))
    engine, writer = connect(f"sqlite:///{file}"), sqlite3.connect(file, isolation_level=None)
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN")
        connection.execute(text("SELECT x FROM one")).all()
        writer.execute("INSERT INTO one VALUES (1)")
        with pytest.raises(OperationalError, match="locked"):
            connection.execute(text("INSERT INTO one VALUES (2)"))
    writer.close()
    engine.dispose()
