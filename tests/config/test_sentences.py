"""Every problem can be told in another language, whatever is filled in."""

from __future__ import annotations

import pytest

from config.editing import Document, EditError
from config.loader import examine
from config.sentences import PARTS, SENTENCES, told
from tests.config.cases import WARNINGS
from tests.config.documents import problems
from tests.config.test_settings_circles import CHAINS, CIRCLES
from tests.config.test_settings_errors import ERRORS
from tests.config.test_settings_faults import FAULTS

CASES = [case[0] for case in (*WARNINGS.values(), *ERRORS.values(), *CIRCLES.values(), *CHAINS.values(), *FAULTS)]
TEXTS = [
    "",
    "- 1",
    "a: [",
    "a: 'x",
    "a: *b",
    "a: 1\na: 2",
    "!x 1",
    "a: b: c",
    "a: 1\n---\nb: 2",
    "\ta: 1",
    "? [a]\n: 1",
    'a: "\\x01"',
]


def marked(text: str, **values: object) -> str:
    """A language of nothing but marks: what is told in it has been understood."""
    return "«" + english(text, **values) + "»"


def english(text: str, **values: object) -> str:
    return text % values if values else text


def messages() -> set[str]:
    found = {problem.message for case in CASES for problem in problems(case)}
    return found | {problem.message for text in TEXTS for problem in examine(text)[1]}


def test_every_problem_is_one_of_the_sentences() -> None:
    assert len(messages()) > 100
    assert sorted(message for message in messages() if not told(message, marked).startswith("«")) == []


def test_no_two_places_stand_side_by_side_where_nothing_tells_them_apart() -> None:
    assert [sentence for sentence in (*SENTENCES, *PARTS) if ")s%(" in sentence] == []


def test_in_english_it_stays_what_it_was() -> None:
    assert [message for message in messages() if told(message, english) != message] == []


def test_nearly_every_sentence_is_some_problem() -> None:
    used = set()

    def noting(text: str, **values: object) -> str:
        used.add(text)
        return english(text, **values)

    for message in messages():
        told(message, noting)
    assert len(set(SENTENCES) - used) < 15
    assert "; did you mean %(name)s?" in used & set(PARTS)


@pytest.mark.parametrize("path", [("company", "x"), ("employees", 1)])
def test_what_cannot_be_edited_is_told_too(path: tuple[str, ...]) -> None:
    with pytest.raises(EditError) as refused:
        Document.read("company: Acme\nemployees: {}\n").put(path, 1)
    assert told(str(refused.value), marked).startswith("«")


def test_what_nobody_knows_stays_as_it_is() -> None:
    assert told("something else", marked) == "something else"
    assert told("x" * 5000, marked) == "x" * 5000
