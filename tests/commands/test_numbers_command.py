"""`flask numbers connect`: the webhooks of the provider's numbers are set to this app, over real HTTP on both sides."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from click.testing import Result

from commands.numbers import numbers
from config import environment
from config.company import Company
from local.account import account
from simulator import Caller, Clock, Exchange
from tests.commands.desk import Desk
from tests.commands.front import Front, installed, says
from tests.moments import OPEN, ROOT, at
from tests.voice.provider import ACCOUNT, TOKEN, Side
from voice.provider.rest import NUMBERS_ON_A_PAGE

MAIN, SECOND, THIRD = "+34910000001", "+34910000002", "+34910000003"
DEMO = "https://demo.twilio.com/welcome/voice/"
NEW = {"voice_url": DEMO, "voice_fallback_url": None, "status_callback": ""}
"""A number as the provider sells it."""


SAMPLE = (ROOT / "config" / "company.yaml").read_text("utf-8")
WITHOUT_THE_THIRD = re.sub(rf'  "\{THIRD}":\n(    .*\n)+', "", SAMPLE)
"""The settings have the two numbers that the account has."""


@pytest.fixture
def at_desk(
    desk: Callable[..., Desk],
    side: Side,
    place: Front,
    redis_url: str,
    sample: Company,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    """At the terminal of an app that answers at PUBLIC_URL, whose provider has two new numbers for it."""
    sits = desk(numbers)
    (sits.folder / "two.yaml").write_text(WITHOUT_THE_THIRD, "utf-8")
    for name, value in {
        "COMPANY_FILE": str(sits.folder / "two.yaml"),
        "PUBLIC_URL": place.url,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": side.url,
        "REDIS_URL": redis_url,
    }.items():
        monkeypatch.setenv(name, value)
    rents(side, **{MAIN: NEW, SECOND: NEW})
    with installed(place, environment.read(), company=sample):
        yield sits
    side.rest.mend()


def rents(side: Side, **numbers: dict[str, Any]) -> None:
    """The account has these numbers, set so."""
    side.rest.exchange.provider = replace(side.rest.exchange.provider, own_numbers=frozenset(), voice_url="x")
    side.rest.changed = {number: dict(fields) for number, fields in numbers.items()}
    side.rest.requests.clear()


def posted(side: Side) -> list[tuple[str, dict[str, str]]]:
    """What was changed at the provider: the end of each path, and the form."""
    return [(path[-18:-5], dict(form)) for method, path, form in side.rest.requests if method == "POST"]


def wanted(place: Front) -> dict[str, str]:
    """The form of the README's section "Connect a number"."""
    return {
        "VoiceUrl": f"{place.url}/voice/incoming",
        "VoiceMethod": "POST",
        "VoiceFallbackUrl": f"{place.url}/voice/fallback",
        "VoiceFallbackMethod": "POST",
        "StatusCallback": f"{place.url}/voice/status#rc=5&rp=all",
        "StatusCallbackMethod": "POST",
    }


def spaced(lines: list[str]) -> str:
    """The lines, with one space where a table has many."""
    return " ".join(" ".join(lines).split())


def fails(at_desk: Desk, *words: str, code: int = 1) -> Result:
    """Run a command that does not do all of it."""
    done = at_desk.run("connect", *words)
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    assert TOKEN not in done.output
    return done


def test_the_numbers_of_the_settings_are_shown_changed_and_then_left_alone(
    at_desk: Desk, side: Side, place: Front
) -> None:
    said = spaced(at_desk.lines("connect", "--yes"))
    assert "number webhook now will be" in said
    assert f"{MAIN} voice {DEMO} {place.url}/voice/incoming" in said
    assert f"{MAIN} status - {place.url}/voice/status#rc=5&rp=all" in said
    assert f"{MAIN} leads here now." in said
    assert posted(side) == [(f"000{n[1:]}"[-13:], wanted(place)) for n in (MAIN, SECOND)]
    side.rest.requests.clear()
    again = at_desk.lines("connect", "--yes")
    assert again[:2] == [f"{MAIN} leads here already.", f"{SECOND} leads here already."]
    assert posted(side) == []


# The whole way: what was set is what the provider then calls, and what answers is the company.
def test_a_call_to_a_number_that_was_connected_is_answered(
    at_desk: Desk, side: Side, place: Front, sample: Company
) -> None:
    at_desk.lines("connect", "--yes")
    number = side.api.numbers()[0]
    known = replace(
        account(sample, place.url, environment.read()),
        voice_url=number.voice_url,
        fallback_url=number.fallback_url,
        status_url=number.status_url,
    )
    with closing(Exchange(known, Clock(at(OPEN)))) as exchange:
        Caller(exchange).dials(MAIN).hears("Esta llamada puede ser grabada").hangs_up()
        assert [str(fault) for fault in exchange.faults] == []
    assert {"/voice/incoming", "/voice/status"} <= set(place.asked)


def test_a_dry_run_shows_the_same_and_changes_nothing(at_desk: Desk, side: Side) -> None:
    said = fails(at_desk, "--dry-run").stdout.splitlines()  # a script sees that something is to be done
    assert said[0].startswith("number")
    assert said[-1] == "2 numbers would be changed; this was --dry-run."
    assert posted(side) == []


# A copy of an installation would otherwise take the company's numbers away with one word.
@pytest.mark.parametrize(("typed", "changed"), [(b"y\n", 2), (b"n\n", 0), (b"\n", 0), (b"", 0)])
def test_it_asks_before_it_changes_anything(at_desk: Desk, side: Side, typed: bytes, changed: int) -> None:
    done = at_desk.run("connect", typed=typed)
    assert "Change 2 numbers?" in done.output
    assert done.exit_code == (0 if changed else 1)
    assert len(posted(side)) == changed


def test_numbers_that_one_side_lacks_are_told_and_not_touched(at_desk: Desk, side: Side) -> None:
    rents(side, **{MAIN: NEW, "+34910000999": NEW})
    said = fails(at_desk, "--yes").stdout
    assert f"{SECOND} (Directo) is in the settings, and the account has no such number." in said
    assert "The account also has +34910000999, which no rented number of" in said
    assert len(posted(side)) == 1
    fails(at_desk)
    assert at_desk.run("connect", MAIN).exit_code == 0, "of one that is named the others are no part"


def test_a_number_that_the_settings_do_not_know_is_connected_when_it_is_named(at_desk: Desk, side: Side) -> None:
    rents(side, **{MAIN: NEW, "+34910000999": NEW})
    at_desk.lines("connect", "+34910000999", "--yes")
    assert [number for number, _ in posted(side)] == ["0034910000999"]


@pytest.mark.parametrize("number", ["+34910000998", THIRD])
def test_a_named_number_that_the_account_lacks_is_told(at_desk: Desk, number: str) -> None:
    assert f"{number} is not a number of the account." in fails(at_desk, number).stdout


# Source: "If a VoiceApplicationSid or TrunkSid is present, all of the voice URLs are ignored" (twiml.md section 3).
@pytest.mark.parametrize(
    ("fields", "says_", "form"),
    [
        ({"voice_application_sid": "AP1"}, "goes by the application AP1", {"VoiceApplicationSid": ""}),
        ({"trunk_sid": "TK1"}, "goes by the trunk TK1", {"TrunkSid": ""}),
    ],
)
def test_a_number_with_an_application_or_a_trunk_is_taken_off_it_only_when_asked(
    at_desk: Desk, side: Side, place: Front, fields: dict[str, str], says_: str, form: dict[str, str]
) -> None:
    rents(side, **{MAIN: NEW | fields})
    said = fails(at_desk, "--yes").stdout
    assert says_ in said
    assert f"flask numbers connect {MAIN} --detach" in said
    assert posted(side) == []
    at_desk.lines("connect", MAIN, "--detach", "--yes")
    assert posted(side) == [(f"00{MAIN[1:]}", form | wanted(place))]
    assert at_desk.lines("connect", MAIN)[0] == f"{MAIN} leads here already."


def test_all_numbers_are_not_detached_by_one_word(at_desk: Desk) -> None:
    assert "--detach needs the NUMBERs" in fails(at_desk, "--detach", code=2).stderr


# What fails keeps none of the others back; repeating does the rest.
def test_a_change_that_fails_keeps_no_other_back(at_desk: Desk, side: Side) -> None:
    side.rest.break_down("500", on=f"{MAIN[1:]}.json")
    done = fails(at_desk, "--yes")
    assert f"{MAIN} was not connected: POST" in done.stderr
    assert "Repeat the command for the rest" in done.stderr
    assert f"{SECOND} leads here now." in done.stdout
    side.rest.requests.clear()
    at_desk.lines("connect", "--yes")
    assert [number for number, _ in posted(side)] == [f"00{MAIN[1:]}"]


def test_a_provider_that_accepts_and_does_nothing_is_told(
    at_desk: Desk, side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.rest.changed_number", lambda number, _form: dict(number))
    assert f"accepted the change, and still has: voice {DEMO}, fallback nothing" in fails(at_desk, "--yes").stderr


# How often to try again stands in the fragment: whoever wrote another one there has chosen it.
@pytest.mark.parametrize(
    ("field", "path", "left"),
    [
        ("status_callback", "/voice/status", False),
        ("status_callback", "/voice/status#rc=2&rp=5xx", True),
        ("voice_url", "/voice/incoming#rc=3", True),
        ("voice_url", "/voice/incoming?x=1", True),
        ("voice_url", "/voice/status", False),
        ("voice_url", "/VOICE/incoming", False),
    ],
)
def test_an_address_that_leads_here_keeps_its_spelling(
    at_desk: Desk, side: Side, place: Front, field: str, path: str, left: bool
) -> None:
    at_desk.lines("connect", "--yes")
    side.rest.changed[MAIN] = {**side.rest.changed[MAIN], field: place.url + path}
    side.rest.requests.clear()
    at_desk.lines("connect", "--yes")
    assert (posted(side) == []) is left


def test_a_webhook_that_is_got_is_to_be_posted(at_desk: Desk, side: Side, place: Front) -> None:
    at_desk.lines("connect", "--yes")
    side.rest.changed[MAIN] = {**side.rest.changed[MAIN], "voice_method": "GET"}
    assert f"voice GET {place.url}/voice/incoming {place.url}/voice/incoming" in spaced(
        fails(at_desk, "--dry-run").stdout.splitlines()
    )
    at_desk.lines("connect", "--yes")
    assert side.rest.changed[MAIN]["voice_method"] == "POST"


def test_an_account_may_have_more_numbers_than_a_page(at_desk: Desk, side: Side) -> None:
    rents(side, **{f"+349100{i:05}": NEW for i in range(NUMBERS_ON_A_PAGE + 10)})
    at_desk.lines("connect", "--yes")
    assert [path for _, path, _ in side.rest.requests].count(
        f"/2010-04-01/Accounts/{ACCOUNT}/IncomingPhoneNumbers.json"
    ) == 2
    assert len(posted(side)) == 2


# A number that leads to where no app of ours answers would lose every call.
@pytest.mark.parametrize(
    ("there", "says_"),
    [
        (says("404 Not Found", b"No such app"), "something else answers there"),
        (says("502 Bad Gateway"), "it does not reach the app"),
        (says("301 Moved", b"", ("Location", "https://www.example.com/")), "it sends on to https://www.example.com/"),
    ],
)
def test_no_number_is_pointed_to_where_the_app_does_not_answer(
    at_desk: Desk, side: Side, place: Front, there: Any, says_: str
) -> None:
    place.answers = there
    for words in (("--yes",), ("--dry-run",)):
        assert says_ in fails(at_desk, *words).stderr
        assert posted(side) == []
    at_desk.lines("connect", "--yes", "--unchecked")
    assert len(posted(side)) == 2


def test_no_number_is_pointed_to_this_machine(at_desk: Desk, side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_API_URL", "https://api.example.com")
    assert "which no provider can reach" in fails(at_desk, "--yes", code=3).stderr


def test_what_the_provider_objects_to_is_told(at_desk: Desk, side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    side.rest.break_down("500")
    assert "the provider does not tell its numbers: GET" in fails(at_desk, code=3).stderr
    monkeypatch.setenv("TWILIO_API_URL", "")
    monkeypatch.setenv("PROVIDER", "simulator")
    assert "PROVIDER=simulator: there is no provider to be asked" in fails(at_desk, code=3).stderr
    monkeypatch.delenv("PUBLIC_URL")
    assert "PUBLIC_URL is missing" in fails(at_desk, code=3).stderr


def test_a_provider_that_reads_no_fragments_gets_none(
    at_desk: Desk, side: Side, place: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVIDER", "somleng")
    at_desk.lines("connect", "--yes")
    assert posted(side)[0][1]["StatusCallback"] == f"{place.url}/voice/status"
