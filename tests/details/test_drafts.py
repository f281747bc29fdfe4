"""The draft of the settings: one for everybody, and nobody overwrites what he has not seen."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from calls import drafts
from calls.drafts import Overtaken
from tests.moments import OPEN, at

NOW = at(OPEN)


def save(engine: Engine, text: str, version: int | None, author: str = "ana") -> int:
    with engine.begin() as connection:
        return drafts.save(connection, text, version=version, base=3, author=author, now=NOW)


def read(engine: Engine) -> drafts.Draft | None:
    with engine.connect() as connection:
        return drafts.read(connection)


def discard(engine: Engine, version: int | None) -> None:
    with engine.begin() as connection:
        drafts.discard(connection, version)


def test_a_draft_is_read_as_it_was_saved(engine: Engine) -> None:
    assert read(engine) is None
    version = save(engine, "company: Acmé\n", None)
    found = drafts.Draft(document="company: Acmé\n", base=3, version=version, author="ana", saved_at=NOW)
    assert read(engine) == found


def test_saving_goes_on_from_the_version_that_was_read(engine: Engine) -> None:
    first = save(engine, "one", None)
    second = save(engine, "two", first)
    assert second != first
    found = read(engine)
    assert found
    assert found.document == "two"


def test_the_second_of_two_people_is_told_and_nothing_is_overwritten(engine: Engine) -> None:
    first = save(engine, "one", None)
    save(engine, "two", first, author="eva")
    with pytest.raises(Overtaken) as told:
        save(engine, "mine", first)
    assert told.value.draft
    assert told.value.draft.author == "eva"
    found = read(engine)
    assert found
    assert found.document == "two"


def test_of_two_people_who_begin_a_draft_the_second_is_told(engine: Engine) -> None:
    save(engine, "one", None, author="eva")
    with pytest.raises(Overtaken) as told:
        save(engine, "mine", None)
    assert told.value.draft
    assert told.value.draft.document == "one"


def test_a_draft_that_is_gone_cannot_be_saved(engine: Engine) -> None:
    version = save(engine, "one", None)
    discard(engine, version)
    with pytest.raises(Overtaken) as told:
        save(engine, "mine", version)
    assert told.value.draft is None


def test_a_new_draft_is_not_taken_for_one_that_was_discarded(engine: Engine) -> None:
    versions = set()
    for _ in range(5):
        version = save(engine, "one", None)
        versions |= {version, save(engine, "two", version)}
        found = read(engine)
        assert found
        discard(engine, found.version)
    assert len(versions) == 10


def test_a_draft_that_has_changed_is_not_discarded(engine: Engine) -> None:
    first = save(engine, "one", None)
    save(engine, "two", first, author="eva")
    with pytest.raises(Overtaken):
        discard(engine, first)
    with pytest.raises(Overtaken):
        discard(engine, None)
    assert read(engine)


def test_discarding_nothing_is_nothing(engine: Engine) -> None:
    discard(engine, None)


def test_a_long_name_is_cut(engine: Engine) -> None:
    save(engine, "one", None, author="a" * 300)
    found = read(engine)
    assert found
    assert len(found.author) == 100
