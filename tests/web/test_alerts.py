"""What is wrong, in the reader's language: all that the checks can find, and to strangers no more than is theirs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module

import pytest

from calls import room
from config.trouble import Trouble
from crm import health
from tests.test_house import MODULES, short
from voice.recordings import keeping
from web import alerts

GIVERS = {
    import_module(short(path).removesuffix(".py").replace("/", ".")): ast.parse(text)
    for path in MODULES
    if "import Trouble" in (text := path.read_text("utf-8"))
}


def kinds() -> Iterator[Trouble]:
    """Every kind that stands in a module, by itself or in a table."""
    for module in GIVERS:
        for value in vars(module).values():
            for each in value.values() if isinstance(value, dict) else (value,):
                if isinstance(each, Trouble):
                    yield each


KINDS = {each.code: each for each in kinds()}
VALUE = re.compile(r"%\((\w+)\)s")
CALLS = [(module, node) for module, tree in GIVERS.items() for node in ast.walk(tree) if isinstance(node, ast.Call)]


def cases() -> Iterator[Trouble]:
    """What the checks find, with the values that they put in."""
    for module, call in CALLS:
        kind = vars(module).get(ast.unparse(call.func).removesuffix(".of"))
        if isinstance(kind, Trouble):
            yield kind.of(**{str(each.arg): f"<{each.arg}>" for each in call.keywords})
    yield keeping.FOLDER[room.UNWRITABLE.code].of(said="Too many open files")
    yield from (each for each in KINDS.values() if not VALUE.search(each.text))


def test_every_kind_of_trouble_has_words_of_its_own_and_there_are_no_others() -> None:
    codes = [ast.literal_eval(each.value) for _, call in CALLS for each in call.keywords if each.arg == "code"]
    assert sorted(codes) == sorted(KINDS), "each is made once, and where kinds() sees it"
    assert alerts.SAID.keys() == KINDS.keys()


def test_every_trouble_can_be_said() -> None:
    found = [*cases()]
    assert {each.code for each in found} == KINDS.keys()
    for each in found:
        (alert,) = alerts.said([("crm", (each,))])
        assert alert.translated, each
        assert "%(" not in alert.text + str(each)


def test_several_are_said_one_after_the_other() -> None:
    (alert,) = alerts.said([("crm", (health.UNCONNECTED, health.FAILING.of(seconds="5")))])
    assert alert.text == (
        "Bitrix24 is not connected. Calls wait. Run “flask crm connect”. "
        "It keeps failing, and is asked again in 5 s. Calls wait."
    )


def test_what_nobody_has_translated_is_said_as_it_is() -> None:
    odd = Trouble(code="odd", text="something is odd (%(said)s)", meanwhile="very", remedy="see to that")
    (alert,) = alerts.said([("new", (health.UNCONNECTED, odd.of(said="100%: no")))])
    assert (alert.title, alert.translated) == ("new", False)
    assert alert.text == (
        "Bitrix24 is not connected; calls wait: run flask crm connect; something is odd (100%: no); very: see to that"
    )


FOR_EVERYBODY = {"has", "wants", "seconds", "calls", "last", "left"}
"""Values that say nothing of how stores are reached, nor of money."""


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_no_other_value_is_for_strangers(kind: Trouble) -> None:
    told = kind.of(**{name: f"<{name}>" for name in VALUE.findall(kind.text)}).to_strangers
    assert {*re.findall("<(.*?)>", told)} <= FOR_EVERYBODY
