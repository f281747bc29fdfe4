"""OAuth tokens in SQL: sealed, and renewed by one process at a time."""

from __future__ import annotations

import logging
import multiprocessing
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import OperationalError

from calls.database import StoreError, connect
from calls.tables import tokens as table
from calls.tokens import KEEPS_TRYING, LEASE, RenewalUnderWay, Token, TokenProblem, Tokens

SECRET = "the first secret key"
OLD, NEW = Token(access="old-access", refresh="old-refresh"), Token(access="new-access", refresh="new-refresh")


class Time:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def tokens(engine: Engine, clock: Time) -> Tokens:
    """The tokens of an application that is connected."""
    found = Tokens(engine, "bitrix24", SECRET, clock=clock, sleep=clock.sleep)
    found.put(OLD)
    return found


def another(engine: Engine, clock: Time, secret: str = SECRET) -> Tokens:
    """The same tokens, as one more process has them."""
    return Tokens(engine, "bitrix24", secret, clock=clock, sleep=clock.sleep)


def never(token: Token) -> Token:
    """A renewal that must not happen."""
    raise AssertionError(f"{token} was renewed")


def test_what_was_put_can_be_read_by_every_process(tokens: Tokens, engine: Engine, clock: Time) -> None:
    assert another(engine, clock).read() == OLD
    tokens.put(NEW)
    assert another(engine, clock).read() == NEW


def test_before_the_first_there_is_none(engine: Engine, clock: Time) -> None:
    assert another(engine, clock).read() is None
    assert another(engine, clock).renewed_at() is None


def test_when_it_was_written_is_known(tokens: Tokens, clock: Time) -> None:
    assert tokens.renewed_at() == clock.now


# Stored in SQL, encrypted with a key from SECRET_KEY (issue 3, part 2).
def test_nothing_of_a_token_is_in_the_database_in_clear(tokens: Tokens, engine: Engine) -> None:
    with engine.connect() as connection:
        rows = str(connection.execute(select(table)).all())
    assert "bitrix24" in rows
    for secret in ("old-access", "old-refresh", SECRET):
        assert secret not in rows


def test_a_token_shows_nothing_of_itself() -> None:
    assert "old" not in repr(OLD)
    assert "old" not in str(OLD)


def test_another_secret_key_is_named_with_the_remedy(tokens: Tokens, engine: Engine, clock: Time) -> None:
    with pytest.raises(TokenProblem, match=r"SECRET_KEY.*connect again"):
        another(engine, clock, "the second secret key").read()


def test_with_the_old_secret_key_it_can_be_read_again(tokens: Tokens, engine: Engine, clock: Time) -> None:
    with pytest.raises(TokenProblem):
        another(engine, clock, "the second secret key").read()
    assert another(engine, clock).read() == OLD


def test_what_somebody_wrote_into_the_database_is_no_token(tokens: Tokens, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(table.update().values(sealed="YWJj"))
    with pytest.raises(TokenProblem):
        tokens.read()


# The refresh token is replaced each time (bitrix24.md 1).
def test_a_renewed_pair_replaces_the_old_one(tokens: Tokens, clock: Time) -> None:
    clock.now += timedelta(hours=1)
    given: list[Token] = []
    assert tokens.renewed(OLD, lambda token: given.append(token) or NEW, within=1) == NEW
    assert given == [OLD]
    assert tokens.read() == NEW
    assert tokens.renewed_at() == clock.now


def test_who_comes_late_uses_what_another_has_renewed(tokens: Tokens) -> None:
    tokens.put(NEW)
    assert tokens.renewed(OLD, never, within=1) == NEW


def test_after_a_renewal_the_next_one_is_free(tokens: Tokens, engine: Engine) -> None:
    newest = Token(access="c", refresh="c")
    tokens.renewed(OLD, lambda _: NEW, within=1)
    assert tokens.renewed(NEW, lambda _: newest, within=1) == newest
    with engine.connect() as connection:
        assert connection.execute(select(table.c.name)).scalars().all() == ["bitrix24"]


def test_who_was_refused_leaves_the_way_free(tokens: Tokens) -> None:
    def refused(_: Token) -> Token:
        raise PermissionError("invalid_grant")

    with pytest.raises(PermissionError):
        tokens.renewed(OLD, refused, within=1)
    assert tokens.read() == OLD
    assert tokens.renewed(OLD, lambda _: NEW, within=1) == NEW


def test_an_application_that_was_disconnected_is_not_renewed(tokens: Tokens, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(table.delete())
    with pytest.raises(TokenProblem):
        tokens.renewed(OLD, never, within=1)


def test_who_waits_takes_the_pair_as_soon_as_it_is_there(tokens: Tokens, engine: Engine, clock: Time) -> None:
    waiting = Tokens(engine, "bitrix24", SECRET, clock=clock, sleep=lambda seconds: tokens.put(NEW))

    def renew(_: Token) -> Token:
        assert waiting.renewed(OLD, never, within=1) == NEW
        return NEW

    assert tokens.renewed(OLD, renew, within=1) == NEW


def test_nobody_waits_longer_than_he_wants_to(tokens: Tokens, engine: Engine, clock: Time) -> None:
    def renew(_: Token) -> Token:
        began = clock.now
        with pytest.raises(RenewalUnderWay):
            another(engine, clock).renewed(OLD, never, within=2)
        assert timedelta(seconds=2) <= clock.now - began < timedelta(seconds=2.2)
        return NEW

    assert tokens.renewed(OLD, renew, within=1) == NEW


class Killed(BaseException):
    """The process is gone in the middle."""


def test_a_process_that_dies_while_it_renews_is_followed_by_another(
    tokens: Tokens, engine: Engine, clock: Time, monkeypatch: Any
) -> None:
    def dies(_: Token) -> Token:
        raise Killed

    monkeypatch.setattr(tokens, "_leave", lambda owner: None)
    with pytest.raises(Killed):
        tokens.renewed(OLD, dies, within=1)
    with pytest.raises(RenewalUnderWay):
        another(engine, clock).renewed(OLD, never, within=1)
    began = clock.now
    assert another(engine, clock).renewed(OLD, lambda _: NEW, within=60) == NEW
    assert clock.now - began <= LEASE


# A crash between must not lose it more than unavoidable: the old pair is void when the new one has come.
def test_a_new_pair_is_written_even_when_the_database_is_away_for_a_moment(tokens: Tokens, monkeypatch: Any) -> None:
    put, failures = tokens.put, iter([True] * (KEEPS_TRYING - 1))

    def put_at_last(token: Token) -> None:
        if next(failures, False):
            raise OperationalError("locked", None, Exception())
        put(token)

    monkeypatch.setattr(tokens, "put", put_at_last)
    assert tokens.renewed(OLD, lambda _: NEW, within=1) == NEW
    assert tokens.read() == NEW


def test_a_new_pair_that_cannot_be_written_is_cried_out(tokens: Tokens, monkeypatch: Any, caplog: Any) -> None:
    def refuses(_: Token) -> None:
        raise OperationalError("locked", None, Exception())

    monkeypatch.setattr(tokens, "put", refuses)
    with pytest.raises(StoreError):
        tokens.renewed(OLD, lambda _: NEW, within=1)
    assert [record.levelno for record in caplog.records] == [logging.CRITICAL]
    assert "new-" not in caplog.text


def test_nothing_in_the_database_is_locked_while_a_token_is_renewed(tokens: Tokens, engine: Engine) -> None:
    def renew(_: Token) -> Token:
        with engine.begin() as connection:
            connection.execute(table.insert().values(name="x", sealed="", updated_at=datetime.now(UTC)))
        return NEW

    assert tokens.renewed(OLD, renew, within=1) == NEW


class Authority:
    """An OAuth server that gives one new pair for each, and refuses a refresh token that was used."""

    def __init__(self) -> None:
        self.renewals, self._valid, self._lock = 0, OLD.refresh, threading.Lock()

    def renew(self, token: Token) -> Token:
        """Take its time, so that others come meanwhile."""
        time.sleep(0.1)
        with self._lock:
            assert token.refresh == self._valid, "invalid_grant"
            self.renewals += 1
            self._valid = f"refresh-{self.renewals}"
            return Token(access=f"access-{self.renewals}", refresh=self._valid)


# One token refresh at a time across all processes (issue 3, part 2).
def test_many_threads_renew_once(engine: Engine) -> None:
    Tokens(engine, "bitrix24", SECRET).put(OLD)
    authority = Authority()

    def renews(_: int) -> Token:
        return Tokens(engine, "bitrix24", SECRET).renewed(OLD, authority.renew, within=30)

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(renews, range(16)))
    assert authority.renewals == 1
    assert found == {Token(access="access-1", refresh="refresh-1")}


def _process(url: str, folder: str, number: int, ready: Any) -> None:
    def renew(_: Token) -> Token:
        Path(folder, f"renewed-by-{number}").touch()
        time.sleep(0.3)
        return NEW

    ready.wait(60)
    engine = connect(url)
    found = Tokens(engine, "bitrix24", SECRET).renewed(OLD, renew, within=30)
    Path(folder, f"{found.access}-{number}").touch()
    engine.dispose()


def test_processes_renew_once(engine: Engine, tmp_path: Path) -> None:
    Tokens(engine, "bitrix24", SECRET).put(OLD)
    context = multiprocessing.get_context("spawn")
    ready, url = context.Barrier(4), engine.url.render_as_string(hide_password=False)
    folder = tmp_path / "found"
    folder.mkdir()
    processes = [context.Process(target=_process, args=(url, str(folder), n, ready)) for n in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    names = [path.name for path in folder.iterdir()]
    assert len([name for name in names if name.startswith("renewed-by")]) == 1
    assert len([name for name in names if name.startswith("new-access")]) == 4


def test_a_lease_is_taken_by_one_of_two_at_the_same_moment(engine: Engine, clock: Time) -> None:
    """Both see no lease, and both write theirs: only the first one's stands."""
    first, second = another(engine, clock), another(engine, clock)
    first.put(OLD)
    assert first._take_lease("first")
    assert not second._take_lease("second")
    clock.now += LEASE
    assert second._take_lease("second")
    first._leave("first")
    assert not first._take_lease("first"), "who was overtaken does not end the other's lease"


def test_a_database_that_is_away_says_so(tmp_path: Path, clock: Time) -> None:
    engine = connect(f"sqlite:///{tmp_path}/empty.sqlite")
    with pytest.raises(StoreError):
        another(engine, clock).read()
    engine.dispose()
