"""Every text of the pages can be said in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel.messages.extract import extract_from_dir

from tests.moments import ROOT
from web import words

METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
KEYWORDS = {"_": None, "lazy": None, "gettext": None, "ngettext": (1, 2), "plain": None}
OPTIONS = {"templates/**.html": {"extensions": "jinja2.ext.i18n", "trimmed": "true"}}

OTHERS = [tongue for tongue in words.LANGUAGES if tongue != words.ENGLISH]
PLACES = re.compile(r"%\((\w+)\)[sd]")


def texts() -> Iterator[str]:
    """Everything that templates and views say."""
    for _file, _line, message, _comments, _context in extract_from_dir(
        ROOT / "web", METHODS, OPTIONS, keywords=KEYWORDS
    ):
        yield from message if isinstance(message, tuple) else (message,)


@pytest.mark.parametrize("tongue", OTHERS)
def test_every_text_can_be_said_in_it(tongue: str) -> None:
    known = {
        each
        for catalog in words.catalogs(tongue)
        for message in catalog
        if message.id and message.string and (isinstance(message.string, str) or all(message.string))
        for each in (message.id if isinstance(message.id, tuple) else (message.id,))
    }
    assert sorted({text for text in texts() if text} - known) == []


@pytest.mark.parametrize("tongue", OTHERS)
def test_what_is_filled_in_is_filled_in_there_too(tongue: str) -> None:
    for catalog in words.catalogs(tongue):
        for message in catalog:
            if message.id and isinstance(message.string, str):
                assert set(PLACES.findall(message.string)) == set(PLACES.findall(str(message.id))), message.id


@pytest.mark.parametrize("tongue", OTHERS)
def test_two_files_do_not_say_one_text_in_two_ways(tongue: str) -> None:
    found: dict[object, object] = {}
    for catalog in words.catalogs(tongue):
        for message in catalog:
            if message.id:
                assert found.setdefault(message.id, message.string) == message.string, message.id


def test_texts_are_found_at_all() -> None:
    assert {"Log in", "The two passwords are not the same."} <= set(texts())
