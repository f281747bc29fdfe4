"""`flask company check`: what can happen to the calls of each number, proved, and played again by `flask phone`."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from redis import Redis

from commands import create_app
from commands.company import company as commands
from commands.phone import State, arrange
from commands.walked import command, desk_of, pace_of
from config.company import Company
from config.loader import parse
from flows import decide
from flows.places import AtForward, AtScreen
from flows.steps import Ask, Go, HangUp, Phrase
from flows.walk.paths import Replay
from flows.walk.report import Report, walk
from flows.way import Way
from local.house import house
from simulator.script import Result as Played
from simulator.script import play
from tests.calls.companies import MAIN, OFFICE, OUTSIDE, acme, number, sales
from tests.calls.test_within_the_walk import silences
from voice.profiles import PROFILES

NOVEMBER = datetime(2026, 11, 26, tzinfo=UTC)

Replays = Callable[[Company, Replay], Played]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings and no database but those that a test names."""
    monkeypatch.delenv("COMPANY_FILE", raising=False)
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/none.sqlite")


@pytest.fixture
def replays(redis: Redis, redis_url: str) -> Replays:
    """Play a path as `flask phone` does, in a house of its own."""

    def replayed(company: Company, how: Replay) -> Played:
        redis.flushall()
        with house(company, redis_url=redis_url, start=how.at, provider="twilio") as opened:
            arrange(opened, redis, State(away=tuple(how.away), unpaid=how.unpaid))
            return play(opened.exchange, to=how.to, from_=how.caller, press=",".join(how.press), devices=how.devices)

    return replayed


def walked(company: Company) -> Report:
    return walk(company, NOVEMBER, pace_of(company, "twilio"), desk_of(company, "twilio"))


def check(*words: str) -> Result:
    return CliRunner().invoke(commands, ["check", *words])


def written(path: Path, **sections: Any) -> str:
    path.write_text(acme(**sections))
    return str(path)


WAITS = {"no_answer": "hold", "hold": {"max_minutes": 1, "message_key": "1"}}
COMPANIES: dict[str, dict[str, Any]] = {
    "a group, then a forward": {},
    "a group, then a mobile that asks for 1": {"groups": sales(no_answer={"forward_to_mobile": "ana"})},
    "a hold": {"groups": sales(**WAITS)},
    "a greeting and a menu": {
        "menus": {"main": {"prompt": {"say": "Press a key."}, "choices": {"1": {"group": "sales"}}, "attempts": 2}},
        "numbers": number(greeting={"say": "Hello."}, menu="main", group=None),
    },
    "a menu behind a silence": {
        "menus": {
            "main": {"prompt": {"say": "?"}, "choices": {"2": "hang_up"}, "no_choice": {"menu": "below"}},
            "below": {"prompt": {"say": "?"}, "choices": {"1": {"group": "sales"}}, "no_choice": "hang_up"},
        },
        "numbers": number(menu="main", group=None),
    },
    "hours": {
        "schedules": {"office": OFFICE},
        "groups": sales(members=["ana"], no_answer="voicemail"),
        "numbers": number(schedule="office", closed={"forward": OUTSIDE}),
    },
    "a balance": {"forwarding": {"minimum_balance": 5, "unanswered": "voicemail"}, "groups": sales(members=[])},
}


SHORTER = 2.5
"""Seconds by which a key may count sooner than after the longest pause of all: 3 s after the greeting, 5 s later on."""


# A finding shows the shortest sequence of events that leads to it, which `flask phone` can replay (issue 5, part 1).
@pytest.mark.parametrize("sections", COMPANIES.values(), ids=COMPANIES)
def test_the_longest_times_are_reached_when_they_are_played_again(replays: Replays, sections: dict[str, Any]) -> None:
    company = parse(acme(**sections))
    line = walked(company).numbers[MAIN]
    for longest, side in ((line.until_ring, "rang"), (line.until_end, "over")):
        if longest is not None and longest.how.whole:
            took = measured(replays(company, longest.how), side)
            assert longest.seconds - SHORTER <= took <= longest.seconds + 1, longest.how


def measured(played: Played, side: str) -> float:
    last = silences(played.call)[-1]
    found = getattr(last, side)
    assert found is not None
    return float(found - last.began)


# In a hold somebody would have to be free in its last second only; what can be played is a round of music shorter.
def test_what_cannot_be_played_as_a_whole_says_so(replays: Replays) -> None:
    company = parse(acme(groups=sales(**WAITS)))
    line = walked(company).numbers[MAIN]
    assert line.until_ring
    assert not line.until_ring.how.whole
    assert "# in part" in command(line.until_ring.how, Path("x.yaml"))
    assert replays(company, line.until_ring.how).reached is None
    assert (
        line.until_end.seconds - 40 <= measured(replays(company, line.until_end.how), "over") <= line.until_end.seconds
    )


# All ring at once when they are free; whose mobile it is hangs on who rang last; the office closes after a minute.
@pytest.mark.parametrize(
    "sections",
    [
        {"groups": sales(distribution="everybody", no_answer="voicemail")},
        {"groups": sales(no_answer="forward_to_mobile")},
        {
            "schedules": {"brief": {"weekly": {"mon": "09:00-09:01"}}},
            "employees": {"ana": {"schedule": "brief"}},
            "groups": sales(members=["ana"], ring_seconds=60, no_answer="voicemail"),
        },
    ],
    ids=["everybody", "the last rung", "brief hours"],
)
def test_what_is_played_otherwise_does_not_claim_to_be_whole(sections: dict[str, Any]) -> None:
    line = walked(parse(acme(**sections))).numbers[MAIN]
    assert "# in part" in command(line.until_end.how, Path("x.yaml"))


def test_a_silence_before_a_key_is_played_as_one(replays: Replays) -> None:
    company = parse(acme(**COMPANIES["a menu behind a silence"]))
    how = walked(company).numbers[MAIN].until_end.how
    assert how.press == ["-", "1"]
    assert any(line.kind == "ring" for line in replays(company, how).call.transcript)


# The proof refuted, and the call that refutes it: the flows are broken on purpose, for the walk and for the call.
def test_a_refutation_happens_when_it_is_played_again(replays: Replays, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(decide.HANDLERS, AtForward, lambda way, _, __: way.end(HangUp()))
    company = parse(acme())
    (found,) = (finding for finding in walked(company).findings if finding.level == "error")
    assert found.how
    transcript = replays(company, found.how).call.transcript
    assert [line.who for line in transcript if line.kind == "ring"] == [OUTSIDE]
    assert not any(line.kind == "say" for line in transcript), "the caller hears nothing at all"


# A PBX reaches a number that is no address by the number itself, and the first of two on its domain by extensions.
@pytest.mark.parametrize("key", [MAIN, "sip:second@pbx.example.com"])
def test_no_path_calls_an_address_that_leads_elsewhere(key: str) -> None:
    own = {"name": "N", "kind": "sip", "outgoing_number": "+34910000009", "group": "sales", "sip_extension": True}
    numbers = {MAIN: None, "sip:first@pbx.example.com": {**own, "sip_extension": False}, key: own}
    company = parse(acme(groups=sales(members=["ana"], no_answer="voicemail"), numbers=numbers))
    line = walked(company).numbers[key]
    assert company.number_called(line.until_end.how.to) == key


def test_the_command_that_is_printed_runs(tmp_path: Path) -> None:
    file = written(tmp_path / "c.yaml", groups=sales(members=["ana"], no_answer="voicemail"))
    told = json.loads(check(file, "--json").output)
    found = told["numbers"][MAIN]["until_the_end"]
    assert found["replays_whole"]
    played = create_app().test_cli_runner().invoke(args=shlex.split(found["replay"])[1:])
    assert played.exit_code == 1, played.output
    assert "beep" in played.output
    assert f"{round(found['seconds']) - 1}"[:1] in played.output


def test_the_proof_is_told_to_people_and_as_data(tmp_path: Path) -> None:
    file = written(tmp_path / "c.yaml")
    shown = check(file)
    assert shown.exit_code == 0
    assert f"{MAIN} (Principal) ends with: an employee, a forward, a goodbye, a refusal, unanswered" in shown.output
    assert "If a device rings, one rings at once" in shown.output
    assert "Proved: every path ends" in shown.output
    assert "while the hours stay as they are" in shown.output
    told = json.loads(check(file, "--json").output)
    assert told.keys() == {"settings", "problems", "numbers", "walk"}
    assert told["walk"].keys() == {"proved", "too_large", "places", "decisions", "kinds_of_hours", "seconds"}
    assert told["numbers"][MAIN]["ends"] == ["person", "forward", "goodbye", "declined"]


# Whom nobody answers hears nothing: the proof does not say that he does.
def test_the_proof_does_not_promise_words_to_whom_it_refuses(tmp_path: Path) -> None:
    closed = number(schedule="never", closed="hang_up")
    shown = check(written(tmp_path / "c.yaml", schedules={"never": {"weekly": {}}}, numbers=closed))
    assert "ends with: a refusal, unanswered; or" in shown.output
    assert "or is refused unanswered where the settings say so" in shown.output
    assert "1 kind of hours" in shown.output


def test_a_refuted_proof_is_an_error_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flows.ringing._nobody", lambda way, *_, **__: way.end(HangUp()))
    result = check(written(tmp_path / "c.yaml"))
    assert result.exit_code == 1
    assert "groups.sales: the call ends without a word" in result.output
    assert "Refuted" in result.output
    (error,) = [p for p in json.loads(check(str(tmp_path / "c.yaml"), "--json").output)["problems"] if p["line"]][:1]
    assert error["replay"].startswith("flask phone --file ")


# No number of seconds, and none that JSON knows.
def test_what_never_ends_is_told_to_people_and_as_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asks(way: Way, place: AtScreen, _: object) -> None:
        way.end(Ask(heard=(Phrase("press_1"),), digits=1, wait=8, place=place), Go(place))

    monkeypatch.setitem(decide.HANDLERS, AtScreen, asks)
    file = written(tmp_path / "c.yaml", groups=sales(no_answer={"forward_to_mobile": "ana"}))
    result = check(file)
    assert result.exit_code == 1
    assert "whoever picks up is asked for ever" in result.output
    assert "It is over perhaps never" in result.output
    told = json.loads(check(file, "--json").output, parse_constant=lambda name: pytest.fail(name))
    assert told["numbers"][MAIN]["until_the_end"]["seconds"] is None


# The settings check says what nothing leads to; the walk adds what no call comes to because of the hours, once.
def test_what_no_call_comes_to_is_a_warning_told_once(tmp_path: Path) -> None:
    file = written(
        tmp_path / "c.yaml",
        schedules={"office": OFFICE, "dawn": {"weekly": {"mon-fri": "05:00-06:00"}}},
        employees={"eva": {"schedule": "dawn"}, "luis": None},
        groups=sales(members=["eva"], no_answer="voicemail"),
        numbers=number(schedule="office"),
    )
    result = check(file)
    assert result.exit_code == 0
    assert "warning: groups.sales.members: calls come to this group, and never at hours" in result.output
    assert result.output.count("warning: employees.eva: ") == 1
    assert result.output.count("employees.ana: ") == 1


def test_a_provider_that_cannot_ring_browsers_is_gone_by(tmp_path: Path) -> None:
    file = written(tmp_path / "c.yaml", groups=sales(no_answer="voicemail"))
    assert "Nobody is ever rung" in check(file, "--provider", "signalwire").output
    assert "Nobody is ever rung" not in check(file).output


# Whoever has chosen a provider would be told of devices that never ring.
@pytest.mark.parametrize(
    ("variable", "warned"), [("signalwire", True), ("simulator", False), ("", False), ("x", False)]
)
def test_without_being_told_the_provider_of_the_environment_is_gone_by(
    variable: str, warned: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROVIDER", variable)
    file = written(tmp_path / "c.yaml", groups=sales(no_answer="voicemail"))
    assert ("Nobody is ever rung" in check(file).output) is warned


# By another provider other devices ring: the same words would lead to another call.
@pytest.mark.parametrize("provider", sorted(set(PROFILES) - {"twilio"}))
def test_what_is_checked_for_a_provider_is_played_again_by_it(provider: str, tmp_path: Path) -> None:
    file = written(tmp_path / "c.yaml", groups=sales(members=["ana"], no_answer="voicemail"))
    told = json.loads(check(file, "--json", "--provider", provider).output)
    words = shlex.split(told["numbers"][MAIN]["until_the_end"]["replay"])[1:]
    played = create_app().test_cli_runner().invoke(args=words)
    assert ("client:ana: rings" in played.output) is PROFILES[provider].client, played.output
    assert "beep" in played.output


@pytest.mark.parametrize("words", [("--away", "nobody"), ("--live", "--unpaid")])
def test_the_telephone_refuses_what_it_cannot_arrange(words: tuple[str, ...], tmp_path: Path) -> None:
    file = written(tmp_path / "c.yaml")
    assert create_app().test_cli_runner().invoke(args=["phone", "--file", file, "--to", MAIN, *words]).exit_code == 2


# The shortest ring there is lasts as long as the provider makes it, and a mailbox picks up in its last second.
def test_a_short_ring_of_a_mobile_is_played_as_long_as_it_is_claimed(replays: Replays) -> None:
    mobile = {"members": [], "no_answer": {"forward_to_mobile": "ana"}}
    company = parse(acme(forwarding={"ring_seconds": 5}, groups=sales(**mobile)))
    longest = walked(company).numbers[MAIN].until_end
    assert longest.how.whole
    assert longest.seconds - SHORTER <= measured(replays(company, longest.how), "over") <= longest.seconds + 1
