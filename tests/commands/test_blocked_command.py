"""`flask blocked list|add|remove`: the block list in a terminal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from calls import blocks
from calls.blocks import Block
from commands.blocked import blocked
from tests.commands.desk import Desk
from tests.details.rows import STRANGER
from tests.moments import MADRID

LISTED = "+34900000000"
"""Blocked by the sample's settings."""


@pytest.fixture
def at_desk(desk: Any) -> Desk:
    """At the terminal."""
    found: Desk = desk(blocked)
    return found


def active(desk: Desk) -> list[Block]:
    with desk.engine.connect() as connection:
        return blocks.active(connection, datetime.now(UTC))


def test_a_number_is_blocked_for_good_or_for_some_days(at_desk: Desk) -> None:
    assert at_desk.lines("add", "+34 655 000 001", "--reason", "sells") == [f"{STRANGER} is blocked for good."]
    assert [(block.number, block.reason, block.automatic, block.expires_at) for block in active(at_desk)] == [
        (STRANGER, "sells", False, None)
    ]
    said = at_desk.lines("add", STRANGER, "--days", "2")[0]
    block = active(at_desk)[0]
    assert block.expires_at == block.created_at + timedelta(days=2)
    assert said == f"{STRANGER} is blocked until {block.expires_at.astimezone(MADRID):%d %b %Y %H:%M}."


def test_who_is_blocked_is_listed_with_why_and_until_when(at_desk: Desk) -> None:
    now = datetime.now(UTC)
    over = Block(number="+34655000002", reason="old", automatic=True, created_at=now, expires_at=now)
    with at_desk.engine.begin() as connection:
        blocks.add(connection, over)
        blocks.add(connection, Block(number=STRANGER, reason="5 calls", automatic=True, created_at=now))
    header, settings, ours = at_desk.lines("list")
    assert header.split() == ["number", "blocked", "by", "since", "until", "reason"]
    assert " ".join(settings.split()) == f"{LISTED} the settings for good"
    assert " ".join(ours.split()) == f"{STRANGER} the app {now.astimezone(MADRID):%d %b %Y %H:%M} for good 5 calls"
    assert len(at_desk.lines("list", "--all")) == 4
    assert [(row["number"], row["settings"]) for row in at_desk.json("list")] == [(LISTED, True), (STRANGER, False)]


def test_a_number_is_taken_off_the_list(at_desk: Desk) -> None:
    at_desk.lines("add", STRANGER)
    assert at_desk.lines("remove", STRANGER) == [f"{STRANGER} is not blocked any more."]
    assert active(at_desk) == []
    again = at_desk.run("remove", STRANGER)
    assert (again.exit_code, again.stderr) == (1, f"{STRANGER} is not on the list.\n")


def test_what_the_settings_block_is_unblocked_there(at_desk: Desk) -> None:
    done = at_desk.run("remove", LISTED)
    assert (done.exit_code, done.stderr) == (
        1,
        f"{LISTED} is blocked by the settings; take it out of `blocked` there.\n",
    )


@pytest.mark.parametrize("words", [("add", "655000001"), ("add", STRANGER, "--days", "0"), ("remove", "x"), ("add",)])
def test_a_wrong_option_is_refused(words: tuple[str, ...], at_desk: Desk) -> None:
    assert at_desk.run(*words).exit_code == 2
