"""The trace in plain words: every decision that is noted has a sentence, and every sentence a decision."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter

import pytest

from config.company import Company
from flows.live import Note
from flows.trace import SENTENCES, TEXTS, WHY, sentence, told
from tests.moments import ROOT

FILES = [path for folder in ("flows", "live", "voice") for path in sorted((ROOT / folder).glob("*.py"))]
ALWAYS = {"target", "because", "why", "caller"}
"""What sentence() fills in by itself, or with a word for nothing."""

ADDED = {"rings": {"who"}, "extension": {"employee"}}
"""What the live state adds to a note when it takes the option, and whose extension it is."""


@dataclass(frozen=True)
class Site:
    """A place in the code where a decision is noted."""

    where: str
    code: str
    values: frozenset[str]


def sites() -> Iterator[Site]:
    """Every note() call, and every dictionary with a code."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            where = f"{path.name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "note":
                given = frozenset(keyword.arg for keyword in node.keywords if keyword.arg)
                yield from (Site(where, code, given) for code in strings(node.args[0]))
            elif isinstance(node, ast.Dict):
                named = {
                    text: value for key, value in zip(node.keys, node.values, strict=True) for text in strings(key)
                }
                if "code" in named:
                    yield from (Site(where, code, frozenset(named)) for code in strings(named["code"]))


def strings(node: ast.expr | None) -> list[str]:
    """The strings that an expression may come to; none for a variable, which is noted elsewhere."""
    if isinstance(node, ast.IfExp):
        return strings(node.body) + strings(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


SITES = list(sites())


# Every call has its trace (DESIGN section 8): what is noted can be said.
def test_every_decision_that_is_noted_has_a_sentence() -> None:
    assert len(SITES) > 40
    assert {site.code: site.where for site in SITES if site.code not in SENTENCES} == {}


def test_every_sentence_is_used() -> None:
    assert SENTENCES.keys() - {site.code for site in SITES} == set()


@pytest.mark.parametrize("site", SITES, ids=lambda site: f"{site.where}-{site.code}")
def test_a_note_has_all_that_its_sentence_asks_for(site: Site) -> None:
    asked = {name for _, name, _, _ in Formatter().parse(SENTENCES[site.code]) if name}
    assert asked - ALWAYS - ADDED.get(site.code, set()) <= site.values


def test_sentences_are_sentences() -> None:
    for text in SENTENCES.values():
        assert text[0].isupper() or text[0] == "{"
        assert text.endswith(".")


REAL: dict[str, tuple[Note, str]] = {
    "a withheld caller": (
        {"code": "arrived", "number": "+34910000001", "caller": "", "t": 1},
        "A call from a withheld number to +34910000001.",
    ),
    "a member": ({"code": "rings", "who": ["ana"], "t": 1}, "Rings Ana Ruiz."),
    "members": ({"code": "rings", "who": ["luis", "eva"], "t": 1}, "Rings Luis Ortega, Eva Martín."),
    "an extension of an employee": (
        {"code": "extension", "extension": "101", "employee": "ana"},
        "Extension 101 typed: Ana Ruiz.",
    ),
    "an extension of a group": (
        {"code": "extension", "extension": "200", "group": "sales"},
        "Extension 200 typed: Ventas.",
    ),
    "nobody free, with reasons": (
        {"code": "nobody_free", "group": "support", "reasons": {"ana": "talking", "luis": "ringing", "eva": "away"}},
        "Nobody in group Soporte is free: Ana Ruiz talking, Luis Ortega ringing, Eva Martín away.",
    ),
    "somebody free who is kept for others": (
        {"code": "nobody_free", "group": "support", "reasons": {"eva": "queue"}},
        "Nobody in group Soporte is free: Eva Martín kept for callers who came earlier.",
    ),
    "nobody free, without": ({"code": "nobody_free", "group": "support"}, "Nobody in group Soporte is free."),
    "an empty list of reasons": ({"code": "not_free", "employee": "eva", "reasons": []}, "Eva Martín is not free."),
    "a status of the provider's": (
        {"code": "forward_unanswered", "why": "busy"},
        "The forward was not answered (busy).",
    ),
    "no status": ({"code": "forward_unanswered", "why": ""}, "The forward was not answered (no reason given)."),
    "a balance": (
        {"code": "not_paid", "why": "balance", "status": 402},
        "The forward was skipped, code 402: the provider balance is below forwarding.minimum_balance.",
    ),
    "hours": ({"code": "open", "schedule": "office", "why": "09:00-14:00"}, "Open by schedule office (09:00-14:00)."),
    "a holiday": (
        {"code": "closed", "schedule": "office", "why": "Navidad"},
        "Closed by schedule office (Navidad).",
    ),
    "somebody who has left": ({"code": "rings", "who": ["carlos"]}, "Rings carlos."),
    "words that look like a format": (
        {"code": "unknown_extension", "extension": "{0.__class__}"},
        "Unknown extension {0.__class__} typed.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("note", "said"), REAL.values(), ids=REAL)
def test_a_note_in_plain_words(sample: Company, note: Note, said: str) -> None:
    assert sentence(note, sample) == said


def test_a_long_list_of_reasons_is_cut(sample: Company) -> None:
    reasons = {f"e{n}": "talking" for n in range(25)}
    said = sentence({"code": "nobody_free", "group": "sales", "reasons": reasons}, sample)
    assert said.endswith("e9 talking and 15 more.")


# sentence() never fails, whatever of a note is there: the trace is read when something has gone wrong already.
@pytest.mark.parametrize("code", SENTENCES)
def test_every_sentence_can_be_said(sample: Company, code: str) -> None:
    for site in (site for site in SITES if site.code == code):
        values = {name: VALUES.get(name, "x") for name in site.values | ADDED.get(code, set())}
        said = sentence({**values, "code": code, "t": 1795512600000}, sample)
        assert "{" not in said
        assert "None" not in said


VALUES: dict[str, object] = {
    "employees": ["ana", "luis"],
    "employee": "ana",
    "group": "sales",
    "who": ["ana"],
    "why": "hours",
    "minutes": 10,
    "seconds": "42",
    "status": 402,
    "mailbox": "group:sales",
    "reasons": {"ana": "talking"},
}


def test_every_reason_that_the_live_state_gives_has_words() -> None:
    source = (ROOT / "live" / "scripts" / "settle.lua").read_text("utf-8")
    given = {word for word in ("away", "talking", "ringing", "queue") if f"'{word}'" in source}
    assert given == {"away", "talking", "ringing", "queue"}
    assert given <= WHY.keys()


# The reader's language: whatever of a sentence is ours is translated, and nothing of what was noted.
@pytest.mark.parametrize(("note", "said"), REAL.values(), ids=REAL)
def test_the_words_that_are_ours_are_translated(sample: Company, note: Note, said: str) -> None:
    asked: list[str] = []

    def shouted(text: str) -> str:
        asked.append(text)
        return "".join(part if part.startswith("{") else part.upper() for part in re.split(r"({\w+})", text))

    assert sentence(note, sample, shouted).upper() == said.upper()
    assert set(asked) <= TEXTS
    assert asked[-1] == SENTENCES[note["code"]]


def test_reasons_and_what_is_missing_are_translated_too(sample: Company) -> None:
    reasons = {f"e{n}": "talking" for n in range(12)}
    note = {"code": "nobody_free", "group": "sales", "reasons": reasons}
    said = sentence(note, sample, lambda text: SPANISH.get(text, text))
    assert said.endswith("e9 hablando y 2 más.")
    note = {"code": "arrived", "number": "+34910000001", "caller": ""}
    said = sentence(note, sample, lambda text: SPANISH.get(text, text))
    assert said == "A call from un número oculto to +34910000001."


SPANISH = {"talking": "hablando", "a withheld number": "un número oculto", " and {count} more": " y {count} más"}


def test_a_note_of_another_version_is_shown_as_it_was_noted(sample: Company) -> None:
    assert told({"code": "beamed", "who": "ana", "t": 1}, sample) == "code beamed, who ana"
    assert told({"code": "wrong_key", "t": 1}, sample) == "code wrong_key"
    assert told({"code": "wrong_key", "key": "7", "menu": "main"}, sample) == "Key 7 is no choice in menu main."
