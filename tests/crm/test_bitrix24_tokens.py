"""The application's token at Bitrix24: renewed when it has expired, by one at a time, and never written down."""

from __future__ import annotations

import multiprocessing
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select

from calls.database import connect
from calls.tables import metadata
from calls.tables import tokens as table
from config.environment import Environment
from crm.bitrix24.crm import SEARCH, from_environment
from crm.crm import CrmError, Sound
from live.gate import Gate
from tests.crm.conftest import secrets
from tests.crm.offices import Office, OpenOffice, an_answered_call, filing
from tests.details.rows import MORENO
from tests.portal.faults import FAULTS
from tests.portal.parameters import FINISH, OAUTH, REGISTER
from tests.portal.portal import UPLOAD


def finds(here: Office) -> bool:
    """Ask who calls, in one more process."""
    return here.crm().find_caller(MORENO, waiting=True) is not None


def refused(here: Office) -> CrmError:
    """Ask who calls, in vain."""
    with pytest.raises(CrmError) as raised:
        finds(here)
    return raised.value


# "Refresh only on `expired_token` (401), then repeat the call" (bitrix24.md 1).
def test_a_token_is_renewed_when_it_has_expired_and_not_before(here: Office) -> None:
    assert finds(here)
    assert here.there.authority.renewals == 0
    here.clock.advance(3600)
    assert finds(here)
    assert here.there.authority.renewals == 1
    assert [request.error for request in here.there.asked(SEARCH)] == [None, "expired_token", None]


def test_the_new_pair_is_kept_sealed_and_used_by_every_process(here: Office) -> None:
    old = here.tokens().read()
    here.there.expire_token()
    assert finds(here)
    new = here.tokens().read()
    assert new is not None
    assert new != old
    assert new.access in here.there.authority.access
    assert finds(here)
    assert here.there.authority.renewals == 1
    with here.engine.connect() as connection:
        sealed = str(connection.execute(select(table)).all())
    assert [secret for secret in secrets(here) if secret in sealed] == []


def test_a_call_is_filed_over_the_end_of_the_hour(here: Office) -> None:
    here.write(an_answered_call())
    here.there.fail("expired", method=FINISH)
    here.works()
    assert len(here.there.calls) == 1
    assert here.there.authority.renewals == 1


def test_a_token_that_has_expired_when_it_is_new_is_not_renewed_without_end(here: Office) -> None:
    here.there.fail("expired", method=SEARCH, times=None)
    error = refused(here)
    assert not error.permanent
    assert here.there.authority.renewals == 1
    assert len(here.there.asked(SEARCH)) == 2


# "One token refresh at a time across all processes" (issue 3, part 2): a refresh token is worth one pair.
def test_threads_renew_it_once(here: Office, redis_url: str) -> None:
    here.there.expire_token()
    environment = here.environment(redis_url)
    crms = [from_environment(environment, here.engine, here.redis) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda crm: crm.find_caller(MORENO, waiting=True), crms))
    assert None not in found
    assert here.there.authority.renewals == 1


def _another_process(environment: Environment, found: Any) -> None:
    engine = connect(str(environment.database_url))
    with Redis.from_url(str(environment.redis_url)) as redis:
        crm = from_environment(environment, engine, redis)
        found.put([crm.find_caller(MORENO, waiting=True) is not None for _ in range(2)])


def test_processes_renew_it_once(here: Office, redis_url: str) -> None:
    here.there.expire_token()
    context = multiprocessing.get_context("spawn")
    found = context.Queue()
    environment = here.environment(redis_url)
    processes = [context.Process(target=_another_process, args=(environment, found)) for _ in range(3)]
    for process in processes:
        process.start()
    assert [found.get(timeout=60) for _ in processes] == [[True, True]] * 3
    for process in processes:
        process.join()
    assert here.there.authority.renewals == 1


# What cannot be mended by asking again says what can be done.
def test_an_application_that_was_removed_is_to_be_connected_again(here: Office) -> None:
    here.there.revoke()
    error = refused(here)
    assert error.permanent
    assert "flask crm connect" in str(error)


def test_a_refresh_token_that_is_void_is_to_be_connected_again(here: Office) -> None:
    here.clock.advance(181 * 86_400)
    error = refused(here)
    assert error.permanent
    assert "invalid_grant" in str(error)
    assert "flask crm connect" in str(error)


def test_a_wrong_client_secret_is_named(here: Office) -> None:
    here.there.authority.client_secret = "another"
    here.there.expire_token()
    error = refused(here)
    assert error.permanent
    assert "check BITRIX24_CLIENT_ID and BITRIX24_CLIENT_SECRET" in str(error)


def test_an_application_that_was_never_connected_is_said_without_a_request(open_office: OpenOffice) -> None:
    here = open_office(connected=False)
    error = refused(here)
    assert error.permanent
    assert "not been connected yet" in str(error)
    assert here.there.requests == []


# A pair that somebody else put down meanwhile is used, though our renewal was refused.
def test_a_renewal_that_came_too_late_uses_the_pair_of_whoever_was_faster(here: Office) -> None:
    here.there.expire_token()
    grant = here.there.authority.grant

    def overtaken(query: dict[str, str]) -> dict[str, Any]:
        here.tokens().put(here.there.token())
        here.there.authority.refresh.clear()
        return grant(query)

    here.there.authority.grant = overtaken  # type: ignore[method-assign]
    assert finds(here)


def test_when_the_database_cannot_be_read_the_portal_is_not_blamed(here: Office) -> None:
    crm = here.crm()
    metadata.drop_all(here.engine)
    with pytest.raises(CrmError, match="the token cannot be read") as raised:
        crm.find_caller(MORENO, waiting=True)
    assert (raised.value.permanent, raised.value.down) == (False, False)
    assert here.there.requests == []
    metadata.create_all(here.engine)


def test_a_circuit_is_not_mended_by_a_database_that_fails(here: Office) -> None:
    crm, gate = here.crm(), Gate(here.redis, rate=2, clock=here.seconds)
    here.there.goes_away()
    for _ in range(5):
        with pytest.raises(CrmError, match="cannot be reached"):
            crm.find_caller(MORENO, waiting=True)
    here.clock.advance(6)
    metadata.drop_all(here.engine)
    with pytest.raises(CrmError, match="the token cannot be read"):
        crm.find_caller(MORENO, waiting=True)
    assert gate.state().failures == 5
    metadata.create_all(here.engine)
    here.there.comes_back()


# No secret in any error or log line; the office looks through the log itself, urllib3's own at DEBUG included.
@pytest.mark.parametrize("method", [SEARCH, REGISTER, FINISH, OAUTH, UPLOAD])
@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in ("drip", "flood")])
def test_no_error_tells_a_secret(here: Office, fault: str, method: str, tmp_path: Any) -> None:
    if method == OAUTH:
        here.there.expire_token()
    here.there.fail(fault, method=method)
    file = tmp_path / "RE1.mp3"
    file.write_bytes(b"x")
    crm, remembered, errors = here.crm(), list[str](), list[CrmError]()
    steps = [
        lambda: crm.find_caller(MORENO, waiting=True),
        lambda: crm.file_call(filing(), remembered.append),
        lambda: crm.attach_recording(remembered[0], Sound(file=file, name="RE1.mp3")),
    ]
    for step in steps:
        try:
            step()
        except CrmError as error:
            errors.append(error)
            break
    assert [error for error in errors if tells(error, here)] == []
    here.there.rests()


# What cannot be reached is named by the libraries with its whole address, and in that is the secret.
def test_no_error_tells_a_secret_of_who_is_away(here: Office) -> None:
    here.there.expire_token()
    here.there._oauth.goes_away()
    assert not tells(refused(here), here)
    here.there._oauth.comes_back()


def tells(error: CrmError, here: Office) -> bool:
    """Whether a secret is in an error, as a log would print it."""
    printed = "".join(traceback.format_exception(error)) + repr(error)
    return any(secret in printed for secret in secrets(here))
