"""Bitrix24 over HTTP: what each answer means, and what the client does not let be done to it."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from crm.bitrix24 import wire
from crm.bitrix24.crm import SEARCH
from crm.bitrix24.errors import PortalError
from crm.crm import CrmError
from tests.certificates import certificate
from tests.crm.offices import Office, OpenOffice, filing
from tests.details.rows import MORENO
from tests.portal.parameters import FINISH, OAUTH, REGISTER
from tests.portal.served import LONGEST_HANG

PASSES, PERMANENT, DOWN, PAUSES = "passes", "permanent", "down", "pauses"

MEANS = {
    # bitrix24.md 1, the table of errors
    "limit": PAUSES,
    "operating": PAUSES,
    "overload": PAUSES,
    "internal": DOWN,
    "unexpected": DOWN,
    "deleted": PERMANENT,
    "no auth": PERMANENT,
    "scope": PERMANENT,
    "denied": PERMANENT,
    "no https": PERMANENT,
    "empty code": PERMANENT,
    "no crm": PERMANENT,
    "database": DOWN,
    "payment": PERMANENT,
    # others
    "html": DOWN,
    "not found": PERMANENT,
    "too many": DOWN,
    "no json": DOWN,
    "a list": DOWN,
    "no result": DOWN,
    "moved": PERMANENT,
    "timeout before": DOWN,
    "drop before": DOWN,
    "drip": DOWN,
    "flood": DOWN,
}


def refused(here: Office) -> PortalError:
    """Ask who calls, in vain."""
    with pytest.raises(PortalError) as raised:
        here.crm().find_caller(MORENO, waiting=True)
    return raised.value


def kind(error: CrmError) -> str:
    """What an error asks for."""
    if error.permanent:
        return PERMANENT
    return PAUSES if error.wait is not None else DOWN if error.down else PASSES


@pytest.mark.parametrize(("fault", "meaning"), MEANS.items())
def test_what_an_answer_means(here: Office, fault: str, meaning: str) -> None:
    here.there.fail(fault, method=SEARCH)
    assert kind(refused(here)) == meaning


@pytest.mark.parametrize(
    ("fault", "remedy"),
    [
        ("no auth", "flask crm connect"),
        ("scope", "the scope telephony"),
        ("no https", "BITRIX24_PORTAL must begin with https://"),
        ("deleted", "BITRIX24_PORTAL"),
        ("payment", "paid for"),
        ("moved", "check the address in the environment"),
    ],
)
def test_what_only_a_person_can_mend_says_how(here: Office, fault: str, remedy: str) -> None:
    here.there.fail(fault, method=SEARCH)
    assert remedy in str(refused(here))


def test_the_portals_own_words_are_quoted(here: Office) -> None:
    here.there.fail("denied", method=SEARCH)
    assert str(refused(here)).startswith(f"{SEARCH}: Access denied! (ACCESS_DENIED, HTTP 403); ")


def test_a_redirect_is_not_followed(here: Office) -> None:
    here.there.fail("moved", method=SEARCH)
    refused(here)
    assert here.there.asked("elsewhere") == []


@pytest.mark.parametrize("fault", ["drip", "flood"])
@pytest.mark.parametrize("method", [SEARCH, OAUTH])
def test_an_answer_without_an_end_is_given_up(here: Office, fault: str, method: str) -> None:
    if method == OAUTH:
        here.there.expire_token()
    here.there.fail(fault, method=method)
    began = time.monotonic()
    assert "the answer has no end" in str(refused(here))
    assert time.monotonic() - began < LONGEST_HANG / 2


def test_a_flood_is_given_up_by_its_size(here: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MOST_ANSWER", 100_000)
    here.there.fail("flood", method=SEARCH)
    client = here.client(look_up=wire.Patience(gate=0, connect=1, answer=20, urgent=True))
    began = time.monotonic()
    with pytest.raises(PortalError, match="the answer has no end"):
        client.look_up(SEARCH, {"PHONE_NUMBER": MORENO})
    assert time.monotonic() - began < LONGEST_HANG / 2


def test_json_without_an_end_is_no_answer() -> None:
    with pytest.raises(PortalError, match="no answer of Bitrix24"):
        wire._understood("x", 200, b"[" * 200_000)


# "Connections reused" (issue 3, part 2).
def test_a_connection_is_used_again(here: Office) -> None:
    crm = here.crm()
    for _ in range(2):
        crm.find_caller(MORENO, waiting=True)
    crm.file_call(filing(), lambda _: None)
    assert [request.method for request in here.there.requests] == [SEARCH, SEARCH, REGISTER, FINISH]
    assert len({request.port for request in here.there.requests}) == 1


def test_one_that_the_portal_has_closed_is_replaced(here: Office) -> None:
    crm = here.crm()
    crm.find_caller(MORENO, waiting=True)
    here.there.goes_away()
    here.there.comes_back()
    assert crm.find_caller(MORENO, waiting=True) is not None


# "`REQUESTS_CA_BUNDLE` honoured" (DESIGN section 7).
def test_a_portal_whose_certificate_is_in_the_bundle_is_trusted(
    open_office: OpenOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = open_office(tls=certificate(tmp_path))
    assert here.there.url.startswith("https://")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "certificate.pem"))
    here.there.expire_token()
    here.crm().file_call(filing(), lambda _: None)
    assert len(here.there.calls) == 1
    assert here.there.authority.renewals == 1


def test_one_whose_certificate_is_not_is_told_nothing(
    open_office: OpenOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = open_office(tls=certificate(tmp_path))
    monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
    error = refused(here)
    assert "its certificate is not trusted; REQUESTS_CA_BUNDLE" in str(error)
    assert not error.unsure
    assert here.there.requests == []


def test_a_bundle_that_is_not_there_is_named(
    open_office: OpenOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = open_office(tls=certificate(tmp_path))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nothing.pem"))
    error = refused(here)
    assert error.permanent
    assert "REQUESTS_CA_BUNDLE" in str(error)


# The machine's own .netrc must not give its credentials to the portal, and cookies have no place here.
def test_nothing_of_the_machine_goes_along(here: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password of-this-machine\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    seen: list[dict[str, str]] = []
    answer = here.there._method
    monkeypatch.setattr(here.there, "_method", lambda request: seen.append(dict(request.headers)) or answer(request))
    here.crm().find_caller(MORENO, waiting=True)
    assert os.environ["NETRC"] == str(netrc)
    assert len(seen) == 1
    assert not {"Authorization", "Cookie"} & seen[0].keys()
    assert seen[0]["User-Agent"] == "Ringpath"
