"""What `flask doctor` finds outside: what answers at the public address, the provider, its numbers, the clock."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from calls.tokens import Tokens
from commands.doctor import clock
from commands.doctor.finding import Patient
from config.environment import Environment
from tests.commands.desk import Desk
from tests.commands.front import Front, behind, says
from tests.commands.ward import NUMBERS, SECRET, examined, ill, only, only_of, rents
from tests.crm.offices import application
from tests.databases import tables_are_away
from tests.portal.parameters import LINES
from tests.portal.portal import portal
from tests.voice.provider import Side, provider_side
from voice.profiles import PROFILES
from voice.signature import fresh_keys


def plain_header(environ: dict[str, Any]) -> None:
    environ["wsgi.url_scheme"] = "https"


def other_host(environ: dict[str, Any]) -> None:
    environ["HTTP_HOST"] = "10.0.0.7:8000"


def decodes(environ: dict[str, Any]) -> None:
    """Write the query in another way, as some proxies do."""
    for name in ("RAW_URI", "REQUEST_URI"):
        environ[name] = environ[name].replace("%2B", "+")


@pytest.mark.parametrize(
    ("change", "level", "says_"),
    [
        (plain_header, "warning", "the app sees https:// where PUBLIC_URL has http://"),
        (other_host, "warning", "the app sees the host 10.0.0.7:8000"),
        (decodes, "broken", "the app there refuses a request that was signed here"),
    ],
)
def test_what_a_proxy_does_to_requests_is_told(
    well_desk: Desk, place: Front, change: Callable[[dict[str, Any]], None], level: str, says_: str
) -> None:
    place.answers = behind(place.answers, change)
    found = only(examined(well_desk, code=1 if level == "broken" else 0), "public address")
    assert (found[0], says_ in found[1]) == (level, True)
    assert found[2]


@pytest.mark.parametrize(
    ("there", "says_"),
    [
        (says("404 Not Found", b"No such app"), "something else answers there: an unsigned request gets 404"),
        (says("200 OK", b"Welcome"), "something else answers there: an unsigned request gets 200"),
        (says("403 Forbidden", b"Not you"), "something else answers there: an unsigned request gets 403"),
        (says("503 Service Unavailable"), "a proxy answers there with 503"),
        (says("308 Moved", b"", ("Location", "https://x.example.com/")), "it sends on to https://x.example.com/ (308)"),
    ],
)
def test_something_else_at_the_public_address_is_told(well_desk: Desk, place: Front, there: Any, says_: str) -> None:
    place.answers = there
    assert says_ in only(examined(well_desk), "public address")[1]


def test_an_app_that_does_not_answer_is_told(well_desk: Desk, place: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()

    def waits(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        let_go.wait(30)
        return says("200 OK")(environ, start_response)

    place.answers = waits
    monkeypatch.setattr("voice.round_trip.TIMEOUTS", (0.5, 0.5))
    _, said, remedy = only(examined(well_desk), "public address")
    let_go.set()
    assert "it did not answer in time" in said
    assert "WEB_CONCURRENCY" in remedy


def test_nobody_at_the_public_address_is_told(well_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "http://127.0.0.1:1")
    said = ill(examined(well_desk))["public address"]
    assert said[1] == "http://127.0.0.1:1: it cannot be reached"


@pytest.mark.parametrize(
    ("name", "value", "says_"),
    [
        ("TWILIO_AUTH_TOKEN", "another-token-than-the-app-has", "refuses a request that was signed here"),
        ("SECRET_KEY", "another secret of another installation", "another installation of Ringpath answers there"),
    ],
)
def test_an_app_with_other_secrets_is_told(
    well_desk: Desk, monkeypatch: pytest.MonkeyPatch, name: str, value: str, says_: str
) -> None:
    monkeypatch.setenv(name, value)
    assert says_ in ill(examined(well_desk))["public address"][1]


# Web and worker that do not share a store are two halves of a company that know nothing of each other.
@pytest.mark.parametrize("name", ["CRM", "DATABASE_URL"])
def test_an_app_with_other_variables_is_told_without_telling_them(
    well_desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    other = tmp_path / "other.sqlite"
    shutil.copy(tmp_path / "calls.sqlite", other)
    monkeypatch.setenv(name, {"CRM": "none", "DATABASE_URL": f"sqlite:///{other}"}[name])
    level, said, _ = only(examined(well_desk, code=0), "public address")
    assert (level, said.split(",")[0]) == ("warning", f"web has another {name} than this command")


def test_an_address_of_this_machine_is_none_for_a_provider(well_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROVIDER", "somleng")
    monkeypatch.delenv("TWILIO_API_URL")
    assert "which no provider can reach" in ill(examined(well_desk))["public address"][1]


@pytest.mark.parametrize(
    ("changed", "says_"),
    [
        ({"status": "suspended"}, "the account is suspended: no call comes in"),
        ({"balance": "0.37"}, "the provider balance is 0.37, below forwarding.minimum_balance (2)"),
    ],
)
def test_an_account_that_is_not_well_is_told(well_desk: Desk, side: Side, changed: dict[str, str], says_: str) -> None:
    for name, value in changed.items():
        setattr(side.rest, name, value)
    assert says_ in only(examined(well_desk), "provider")[1]


def test_a_provider_that_refuses_or_does_not_answer_is_told(
    well_desk: Desk, side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_API_TOKEN", "the-token-of-somebody-else")
    _, said, remedy = only_of(examined(well_desk), "provider")
    assert "401" in said
    assert remedy.startswith("set TWILIO_AUTH_TOKEN (or TWILIO_API_TOKEN)")
    monkeypatch.delenv("TWILIO_API_TOKEN")
    side.rest.break_down("500", times=99)
    assert "500" in ill(examined(well_desk))["provider"][1]
    side.rest.mend()
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "1" * 32)
    assert "provider" in ill(examined(well_desk))


def test_numbers_are_judged_as_connect_would(well_desk: Desk, side: Side, place: Front) -> None:
    rents(side, place.url, *NUMBERS[:1], "+34910000999")
    side.rest.changed[NUMBERS[0]] = {"voice_url": "https://demo.twilio.com/welcome/voice/"}
    found = examined(well_desk)["numbers"]
    assert found[0] == (
        "broken",
        f"{NUMBERS[0]} does not lead here: voice https://demo.twilio.com/welcome/voice/",
        "run flask numbers connect",
    )
    assert [row[0] for row in found[1:3]] == ["warning", "warning"]
    assert "and the account has no such number" in found[1][1]
    assert found[3] == ("well", "also in the account, and not in the settings: +34910000999", "")
    side.rest.changed[NUMBERS[0]] = {"status_callback": f"{place.url}/voice/status", "voice_method": "GET"}
    level, said, _ = examined(well_desk, code=0)["numbers"][0]
    assert level == "warning"
    assert f"leads here, and not as it should: voice GET {place.url}/voice/incoming, status {place.url}/voice" in said
    side.rest.changed[NUMBERS[0]] = {"voice_application_sid": "AP1"}
    assert "goes by the application AP1" in examined(well_desk)["numbers"][0][1]


# A doctor who always finds something broken is no use to a script: what a provider cannot tell is no fault of ours.
@pytest.mark.parametrize("provider", ["telnyx", "cloudonix"])
def test_what_a_provider_does_not_tell_of_its_numbers_is_nothing_broken(
    well_desk: Desk, monkeypatch: pytest.MonkeyPatch, provider: str
) -> None:
    with provider_side("telnyx") as telnyx:
        monkeypatch.setenv("PROVIDER", provider)
        monkeypatch.setenv("TELNYX_PUBLIC_KEY", fresh_keys(PROFILES["telnyx"])[1])
        monkeypatch.setenv("TWILIO_API_URL", telnyx.url)
        level, said, _ = only_of(examined(well_desk, code=0), "numbers")
    assert level == "unchecked"
    assert "see at the provider" in said
    assert "TWILIO_API_URL" not in said


def test_the_crm_s_token_is_looked_at(well_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = Tokens(well_desk.engine, "bitrix24", SECRET)
    with portal(returns_to="http://127.0.0.1:1/crm/connected") as there:
        for name, value in ({"CRM": "bitrix24"} | application(there)).items():
            monkeypatch.setenv(name.upper(), value)
        assert only_of(examined(well_desk), "crm") == (
            "broken",
            "CRM=bitrix24: Bitrix24 is not connected; calls wait",
            "run flask crm connect",
        )
        tokens.put(there.token())
        assert "crm" not in ill(examined(well_desk, code=0))
        there.fail("scope", method=LINES)
        level, said, remedy = only_of(examined(well_desk), "crm")
        assert (level, "insufficient_scope" in said) == ("broken", True)
        assert remedy == "run flask crm connect, or see the portal"
        assert "crm" not in ill(examined(well_desk, code=0)), "who asks is told how it is now"


# What is wrong with SQL has a line of its own: of the CRM nothing is known then, and its commands do not help.
def test_of_the_crm_nothing_is_said_while_the_database_is_not_well(
    well_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tables_are_away(well_desk.engine, "calls", "alembic_version"):
        level, said, remedy = only_of(examined(well_desk), "crm")
        assert (level, said, remedy) == ("unchecked", "CRM=contacts: unknown while the database is not well", "")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/none")
    level, said, remedy = only_of(examined(well_desk), "crm")
    assert (level, said, remedy) == ("unchecked", "CRM=contacts: unknown while the database is not well", "")


# A Date header has whole seconds: asked over a second, a clock that is off by one is told from one that is not.
@pytest.mark.parametrize("ahead", [0.0, 0.4, -0.4, 1.3, -1.3, 90.0])
@pytest.mark.parametrize("phase", [0.0, 0.1, 0.5, 0.99])
def test_how_far_the_clock_is_off_is_known_to_a_quarter_of_a_second(ahead: float, phase: float) -> None:
    true = [1_000_000 + phase]

    def wait(seconds: float) -> None:
        true[0] += seconds

    found = clock.compare(lambda: float(int(true[0])), lambda: true[0] + ahead, wait)
    assert found.least - 1e-6 <= ahead <= found.most + 1e-6
    assert found.most - found.least < 0.26


def test_of_a_clock_that_answers_slowly_no_more_is_said_than_is_certain() -> None:
    assert clock.Between(-0.5, 3.5).off == 0
    assert clock.Between(2.0, 5.0).off == 2.0
    assert clock.Between(-5.0, -2.0).off == -2.0
    assert clock.Between(1.9, 2.1).off == pytest.approx(2.0)


# "A second or more off is told."
@pytest.mark.parametrize(
    ("ahead", "level", "says_"),
    [
        (0.5, "well", "within a second"),
        (3, "warning", "3 s ahead of"),
        (-3, "warning", "3 s behind"),
        (99, "broken", "99 s"),
    ],
)
def test_a_clock_that_is_off_is_told(monkeypatch: pytest.MonkeyPatch, ahead: float, level: str, says_: str) -> None:
    monkeypatch.setattr(clock, "compare", lambda *_: clock.Between(ahead - 0.1, ahead + 0.1))
    (found,) = clock.clock(Patient(environment=Environment()))
    assert (found.level, says_ in found.said) == (level, True)
