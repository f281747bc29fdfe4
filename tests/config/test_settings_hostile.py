"""A settings file whose writer means harm: a clear message within bounded time, and nothing dialled that costs."""

from __future__ import annotations

import time

import pytest

from config.faults import MOST_LISTED
from config.loader import examine
from config.problems import Problem
from config.source import LONGEST_PLAIN, MOST_BYTES
from tests.config.documents import NUMBER, SOUND, group, problems, settings

SECONDS = 20.0
"""Of processor time for any of these files, several times what they take; without their bounds they take minutes."""

COUNTRY = "country: is missing"


def said(found: list[Problem]) -> str:
    """The problems as they are printed."""
    return "\n".join(map(str, found))


MANY = f"a: &many {{{', '.join(f'k{i}: 1' for i in range(40_000))}}}\nb: &none {{}}\n"

BOMBS = {
    "aliases that spell a billion words": (
        "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(
            f"{new}: &{new} [{', '.join(['*' + old] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        "more than 500000 values, counting what aliases (*name) repeat",
    ),
    "mappings that merge one another": (
        "k0: &k0 {x0: 1}\n" + "".join(f"k{i}: &k{i} {{<<: *k{i - 1}, x{i}: 1}}\n" for i in range(1, 1500)),
        "more than 500000 values, counting what aliases (*name) repeat",
    ),
    "thousands of merges that add nothing": (f"{MANY}m: {{<<: *many{', <<: *none' * 40_000}}}\n", COUNTRY),
    "a long list of merges that add nothing": (f"{MANY}m: {{<<: [*many{', *none' * 40_000}]}}\n", COUNTRY),
    "an alias inside itself": ("a: &a [*a]\n", "*a stands inside what it repeats"),
    "brackets without end": ("a: " + "[" * 1_000_000, "nested more than 40 levels deep"),
    "steps without end": ("".join(" " * i + "a:\n" for i in range(1000)), "nested more than 40 levels deep"),
    "a number counted by sixties": ("company: 1" + ":1" * 150_000, COUNTRY),
    "a number of a million digits": ("company: " + "9" * 1_000_000, COUNTRY),
    "a number that Python does not write": ("company: [0x" + "f" * 6_000 + "]", COUNTRY),
    "a text of four million characters": ("company: " + "x" * (MOST_BYTES - 20), COUNTRY),
    "a file of four million and one": ("#" * (MOST_BYTES + 1), "the file is larger than 4 MB"),
    "an object of Python": ("company: !!python/object/apply:os.system [id]", "is not known here; remove it"),
    "a path of a hundred thousand dots": ("? " + "a." * 100_000 + "\n: 1\n", COUNTRY),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_made_to_keep_us_busy_is_refused_soon_and_in_words(name: str) -> None:
    text, message = BOMBS[name]
    began = time.process_time()
    company, found = examine(text)
    assert time.process_time() - began < SECONDS
    assert company is None
    assert message in said(found)


# Every mistake at once is a promise to people; a file of nothing else is no work of a person.
def test_of_more_mistakes_than_anybody_reads_the_rest_is_counted() -> None:
    text = settings() + "".join(f"k{i}: 1\n" for i in range(MOST_LISTED + 7))
    company, found = examine(text)
    assert company is None
    assert len(found) == MOST_LISTED + 1
    assert str(found[0]) == "7 more mistakes than are listed here; mend these first"


# A document with one of these is no XML: the provider would drop the call. PostgreSQL refuses the first.
@pytest.mark.parametrize("escape", ["\\0", "\\x01", "\\x1b", "\\x7f", "\\x9f", "\\uFFFE", "\\uFFFF"])
@pytest.mark.parametrize("place", ["greeting", "name", "key"])
def test_characters_that_no_document_can_hold_are_refused_at_their_place(escape: str, place: str) -> None:
    number = {
        "greeting": f'{{name: Main, group: sales, greeting: {{say: "Good{escape}bye"}}}}',
        "name": f'{{name: "Ma{escape}in", group: sales}}',
        "key": f'{{name: Main, group: sales, "x{escape}": 1}}',
    }[place]
    plain = settings({"numbers": {}}).replace("numbers: {}", f'numbers:\n  "+34910000001": {number}')
    company, found = examine(plain)
    assert company is None
    code = f"U+{ord(escape.encode().decode('unicode_escape')):04X}"
    (told,) = (each for each in found if code in each.message)
    assert told.message == f"holds the character {code}, which can be neither said nor shown; remove it"
    assert (told.path.startswith("numbers.+34910000001"), told.line) == (
        True,
        plain.count("\n", 0, plain.index(escape)) + 1,
    )


ODD_WORDS = "]]></Say><Dial>+900</Dial>&bomb;<!-- \u202e \u200f \ufeff {0.__class__} %s ${jndi:x} \U0001f4a9 é\u0301"


# What is left may look as it likes: what is said of it is its text (tests/voice/test_voice_documents.py).
def test_any_other_character_is_only_text() -> None:
    company = examine(settings({f"{NUMBER}.greeting": {"say": ODD_WORDS}}))[0]
    assert company is not None
    greeting = company.numbers["+34910000001"].greeting
    assert greeting is not None
    assert greeting.say == ODD_WORDS


TOO_LONG = [
    ("voice", "x" * 101, "at most 100 characters"),
    (f"{NUMBER}.voice", "x" * 101, "at most 100 characters"),
    ("employees.ana.devices", ["sip:" + "a" * 251], "at most 254 characters"),
    ("employees.ana.department", "x" * 101, "at most 100 characters"),
    ("employees.ana.crm_user", 2**53, "must be a whole number from 1 to"),
    ("groups.sales.hold", {"music": "https://" + "a" * 993}, "at most 1000 characters"),
    (f"{NUMBER}.greeting", {"play": "https://" + "a" * 993}, "at most 1000 characters"),
    (f"{NUMBER}.greeting", {"say": "a" * 3001}, "at most 3000 characters"),
]


# Each of these is written into documents, which stay under 64 kB (DESIGN section 5).
@pytest.mark.parametrize(
    ("path", "value", "message"), TOO_LONG, ids=[f"{path} {n}" for n, (path, *_) in enumerate(TOO_LONG)]
)
def test_what_is_written_into_documents_has_a_longest(path: str, value: object, message: str) -> None:
    assert message in said(problems({path: value}))


NEVER_DIALLED = {
    "a premium number": ("+34806000000", "a premium-rate number is never dialled"),
    "another country": ("+12125550123", "are not dialled: forwarding.countries allows"),
    "a satellite": ("+88213001234", "are not dialled: forwarding.countries allows"),
    "no number": ("+3491", "write it in international format"),
    "a number of our own": ("+34910000001", "this is a number of ours: the call would come back for ever"),
    "our own in other spelling": ("+34 910-000.001", "this is a number of ours: the call would come back for ever"),
    "digits of another script": ("+３４９１０００００２", "write it in international format"),
    "a service code": ("*21*+34910000999#", "write it in international format"),
    "an address": ("sip:+34806000000@carrier.example.com", "write it in international format"),
}
PLACES_DIALLED = ["groups.sales.no_answer", "employees.ana.mobile", "employees.ana.devices", f"{NUMBER}.closed"]


@pytest.mark.parametrize("place", PLACES_DIALLED)
@pytest.mark.parametrize("name", NEVER_DIALLED)
def test_what_may_not_be_dialled_is_refused_wherever_it_stands(name: str, place: str) -> None:
    number, message = NEVER_DIALLED[name]
    if place.endswith("devices") and number.startswith("sip:"):
        pytest.skip("a SIP telephone is a device")
    value: object = {"mobile": number, "devices": [number]}.get(place.rpartition(".")[2], {"forward": number})
    told = said(problems({place: value}))
    assert message in told or (place.endswith("devices") and "a device is client:NAME" in told)


@pytest.mark.parametrize("address", ["http://intranet/x.wav", "file:///etc/passwd", "ftp://x/y", "https://a b", "//x"])
def test_a_sound_is_an_https_address_of_which_the_provider_takes_care(address: str) -> None:
    assert "an address starts with https://" in said(problems({f"{NUMBER}.greeting": {"play": address}}))


def test_names_that_collide_are_told_apart_or_refused() -> None:
    changes = {"groups.ana": group(), "groups.sales.extension": SOUND["employees"]["ana"]["extension"]}
    found = said(problems(changes))
    assert "groups.ana" in found
    assert "groups.sales.extension" in found


def test_the_longest_plain_value_is_still_read_as_one() -> None:
    assert examine(settings({"forwarding": {"ring_seconds": 30}}))[0] is not None
    assert "must be a whole number" in said(
        examine(settings({}) + "auto_block: {calls: " + "1" * (LONGEST_PLAIN + 1) + "}\n")[1]
    )
