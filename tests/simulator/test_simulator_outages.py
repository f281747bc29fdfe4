"""The REST stand-in when it fails: what a client sees of each outage, over real HTTP."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

import pytest
import requests

from simulator import Caller, RestApp, rest_app
from tests.simulator.api import serving_api
from tests.simulator.application import PUBLIC_URL, Application
from tests.simulator.conftest import ACCOUNT, TOKEN

NUMBER = "+34910000001"


@pytest.fixture
def rest(caller: Caller, application: Application) -> RestApp:
    """The REST API, and an application that lets callers wait."""
    application.pages |= {"/voice/incoming": '<Gather timeout="600"><Say>Please hold</Say></Gather>', "/new": ""}
    return rest_app(caller.exchange)


@pytest.fixture
def base(rest: RestApp) -> Iterator[str]:
    """Where the account is, over HTTP."""
    with serving_api(rest) as url:
        yield f"{url}/2010-04-01/Accounts/{ACCOUNT}"


def ask(url: str, **options: object) -> requests.Response:
    """Ask with the account's credentials."""
    return requests.get(url, auth=(ACCOUNT, TOKEN), timeout=30, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(("kind", "status"), [("500", 500), ("429", 429), ("page", 200)])
def test_answers_that_are_no_help(rest: RestApp, base: str, kind: str, status: int) -> None:
    rest.break_down(kind)
    answer = ask(f"{base}/Balance.json")
    assert answer.status_code == status
    assert "balance" not in answer.text
    assert ask(f"{base}/Balance.json").json()["balance"] == "100.00"


def test_too_many_requests_has_its_code(rest: RestApp, base: str) -> None:
    rest.break_down("429")
    assert ask(f"{base}/Balance.json").json()["code"] == 20429


# A time-out says nothing about whether the work was done.
@pytest.mark.parametrize(("kind", "done"), [("before", False), ("after", True)])
def test_no_answer_in_time(rest: RestApp, base: str, caller: Caller, kind: str, done: bool) -> None:
    sid = caller.dials(NUMBER).call.sid
    rest.break_down(kind)
    order = {"Url": f"{PUBLIC_URL}/new"}
    with pytest.raises(requests.Timeout):
        requests.post(f"{base}/Calls/{sid}.json", order, auth=(ACCOUNT, TOKEN), timeout=1)
    caller.waits(1)
    assert caller.call.is_over is done


def test_a_dropped_connection(rest: RestApp, base: str) -> None:
    rest.break_down("drop")
    with pytest.raises(requests.ConnectionError):
        ask(f"{base}/Balance.json")
    assert ask(f"{base}/Balance.json").ok


def test_an_answer_that_breaks_off(rest: RestApp, base: str) -> None:
    rest.break_down("halfway")
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        ask(f"{base}/Balance.json")


def test_an_answer_in_drips(rest: RestApp, base: str) -> None:
    rest.break_down("drip")
    began = time.monotonic()
    assert ask(f"{base}/Balance.json").json()["balance"] == "100.00"
    assert time.monotonic() - began > 0.3


def test_an_answer_without_end(rest: RestApp, base: str) -> None:
    rest.break_down("huge")
    with ask(f"{base}/Balance.json", stream=True) as answer:
        assert sum(len(piece) for piece in itertools.islice(answer.iter_content(65_536), 500)) > 30_000_000


# An outage may be of one thing only, and last for so many requests.
def test_outages_of_a_part(rest: RestApp, base: str) -> None:
    rest.break_down("500", on="/Calls", times=2)
    assert ask(f"{base}/Balance.json").ok
    assert [ask(f"{base}/Calls.json").status_code for _ in range(3)] == [500, 500, 200]
    rest.break_down("500", times=9)
    rest.mend()
    assert ask(f"{base}/Balance.json").ok


def test_what_is_no_outage(rest: RestApp) -> None:
    with pytest.raises(ValueError, match="no such outage: fire"):
        rest.break_down("fire")
