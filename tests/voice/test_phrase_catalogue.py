"""What Ringpath itself says: a catalogue per language, complete, and spoken in the right language."""

from __future__ import annotations

import ast
import re
from string import Formatter

import pytest
from redis import Redis

from config.company import Company
from config.loader import parse
from flows.places import AtExtension, AtMenu
from flows.steps import Phrase
from tests.moments import ROOT
from tests.voice.wire import MAIN, Answer, Wire, app_of, place_path
from voice.catalogue import FALLBACK, catalogue, spoken_language, words

LANGUAGES = sorted(catalogue())


def placeholders(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def used() -> dict[str, set[str]]:
    """Every phrase that the code says, and the values that it gives."""
    found: dict[str, set[str]] = {}
    for path in [*(ROOT / "flows").glob("*.py"), *(ROOT / "voice").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Phrase":
                given = {ast.literal_eval(key) for key in node.args[1].keys if key} if len(node.args) > 1 else set()  # type: ignore[attr-defined]
                for key in strings(node.args[0]):
                    found.setdefault(key, set()).update(given)
    return found


def strings(node: ast.expr) -> list[str]:
    """The strings that an expression may come to: one, or either of two."""
    if isinstance(node, ast.IfExp):
        return strings(node.body) + strings(node.orelse)
    return [ast.literal_eval(node)]


# Spanish and English at least ship; the same phrases in each, with the same places to fill in.
def test_spanish_and_english_ship() -> None:
    assert {"es", "en"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_phrases(language: str) -> None:
    here, english = catalogue()[language], catalogue()["en"]
    assert here.keys() == english.keys()
    assert {key: placeholders(text) for key, text in here.items()} == {
        key: placeholders(text) for key, text in english.items()
    }
    assert all(text.strip() for text in here.values())


def test_every_phrase_that_the_code_says_is_there_and_every_one_there_is_said() -> None:
    assert used().keys() == catalogue()["en"].keys()


def test_every_phrase_is_given_what_it_asks_for() -> None:
    for key, given in used().items():
        assert given == placeholders(catalogue()["en"][key]), key


# A phrase catalogue, not strings in code (issue 2, part 5).
def test_nothing_is_said_that_stands_in_code() -> None:
    spoken = {text for texts in catalogue().values() for text in texts.values()}
    for path in [*(ROOT / "flows").glob("*.py"), *(ROOT / "voice").glob("*.py")]:
        literals = {
            node.value
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert literals & spoken == set(), path


# Prompts in es and en; others fall back to en (DESIGN section 4), and say so to whoever speaks them.
@pytest.mark.parametrize(
    ("language", "spoken"), [("es", "es"), ("es-ES", "es-ES"), ("es-MX", "es-MX"), ("en-GB", "en-GB"), ("de-DE", "en")]
)
def test_a_language_without_a_catalogue_is_english(language: str, spoken: str) -> None:
    assert spoken_language(language) == spoken
    assert words(Phrase("goodbye"), language) == catalogue()[spoken[:2]]["goodbye"]
    assert spoken_language("xx") == FALLBACK


COMPANY = """
company: Voices
country: ES
language: {language}
{voice}
employees: {{ana: {{name: Ana, extension: "101", devices: ["client:ana"]}}}}
menus: {{main: {{prompt: {{say: Prompt of the settings}}, choices: {{"1": {{employee: ana}}}}}}}}
numbers:
  "{number}":
    {{name: Line, greeting: {{say: Greeting of the settings}}, menu: main, record: true, record_notice: true{more}}}
"""


def incoming(redis_url: str, language: str, voice: str = "", more: str = "") -> Answer:
    """The first answer of a company that speaks so."""
    text = COMPANY.format(language=language, voice=voice and f"voice: {voice}", number=MAIN, more=more)
    return Wire(app_of(parse(text), redis_url)).post("/voice/incoming")


def spoken(answer: Answer) -> list[tuple[str | None, str | None, str]]:
    """Language, voice and first words of all that is said."""
    return [(say.get("language"), say.get("voice"), (say.text or "")[:12]) for say in answer.document.iter("Say")]


LUCIA, GB = "Polly.Lucia", "en-GB"

HEARD = {
    "the company's language": ("es-ES", "", "", ("es-ES", None), ("es-ES", None)),
    "the company's voice": ("es-ES", LUCIA, "", ("es-ES", LUCIA), ("es-ES", LUCIA)),
    "the number's language": ("es-ES", "", ", language: en-GB", (GB, None), (GB, None)),
    "the number's voice": ("es-ES", LUCIA, ", voice: Another", ("es-ES", "Another"), ("es-ES", "Another")),
    "the number's both": ("es-ES", LUCIA, ", language: en-GB, voice: Amy", (GB, "Amy"), (GB, "Amy")),
    "no catalogue": ("de-DE", "", "", ("en", None), ("de-DE", None)),
    # A voice that does not speak the language makes the provider skip the Say (twiml.md 2.1): better its own voice.
    "a voice of another language than the number's": ("es-ES", LUCIA, ", language: en-GB", (GB, None), (GB, None)),
    "a voice of another language than the catalogue's": ("de-DE", "Vicki", "", ("en", None), ("de-DE", "Vicki")),
}
Spoken = tuple[str, str | None]


# The language and voice are set per company and number (issue 2, part 5).
@pytest.mark.parametrize(("language", "voice", "more", "notice", "greeting"), HEARD.values(), ids=HEARD)
def test_a_number_speaks_its_own_language_and_voice(
    redis_url: str, redis: Redis, language: str, voice: str, more: str, notice: Spoken, greeting: Spoken
) -> None:
    words = {"es": "Esta llamada", "en": "This call ma"}[notice[0][:2]]
    heard = spoken(incoming(redis_url, language, voice, more))
    assert heard == [(*notice, words), (*greeting, "Greeting of ")]


def test_words_and_menus_of_one_answer_may_differ_in_language(redis_url: str, redis: Redis) -> None:
    text = COMPANY.format(language="de-DE", voice="", number=MAIN, more="")
    company = parse(text)
    wire = Wire(app_of(company, redis_url))
    wrong = wire.post(place_path(company, AtMenu(step=2, then="responsible", menu="main")), Digits="7")
    assert spoken(wrong) == [("en", None, "That is not "), ("de-DE", None, "Prompt of th")]
    unknown = wire.post(place_path(company, AtExtension(step=2, then="menu")), Digits="999")
    assert [language for language, _, _ in spoken(unknown)] == ["en", "en"]


def test_the_sample_speaks_english_on_its_english_number(wire: Wire, sample: Company) -> None:
    english = next(key for key, number in sample.numbers.items() if number.language == "en")
    answer = wire.post("/voice/fallback", to=english)
    assert re.match("We are sorry", answer.said)
