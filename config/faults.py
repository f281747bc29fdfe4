"""Pydantic's findings in sentences of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from pydantic import ValidationError

from config.expected import Expected, Part, expected_at, path_of
from config.problems import Problem, short
from config.spelling import Guesses

EXAMPLES = {
    "choices": 'choices: {"1": {group: sales}}',
    "company": "company: Acme Ibérica",
    "country": "country: ES",
    "employee": "employee: ana",
    "forward": 'forward: "+34910000999"',
    "forward_to_mobile": "forward_to_mobile: ana",
    "group": "group: sales",
    "menu": "menu: main",
    "name": "name: Ventas",
    "no_answer": 'no_answer: {forward: "+34910000999"}',
    "number": 'number: "+34600222001"',
    "numbers": 'numbers: {"+34910000001": {name: Principal, group: sales}}',
    "paid_until": "paid_until: 2027-06-30",
    "prompt": 'prompt: {say: "Para ventas, pulse 1."}',
    "voicemail": "voicemail: sales",
    "weekly": 'weekly: {mon-fri: ["09:00-14:00", "15:00-18:00"]}',
}
"""What to write for each key that some record cannot do without."""

MOST_LISTED = 20_000
"""Findings that are put into sentences: a file of nothing but mistakes, 4 MB long, is answered in seconds as well."""

PATTERNS = {
    r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$": "a name is 1 to 40 letters (a to z), digits, - and _, and starts with neither",
    r"^[0-9]{1,4}$": 'an extension is 1 to 4 digits in quotation marks, such as "101"',
    r"^[0-9*]$": 'a key of the telephone is one of "0" to "9" and "*" (# ends what is typed)',
    r"^[A-Z]{2}$": "a country is two capital letters, such as ES",
    r"^[a-z]{2,3}(-[A-Z]{2})?$": "a language is written like es or es-ES",
    r"^https://\S+$": 'an address starts with https:// and has no spaces, such as "https://example.com/hello.wav"',
}
"""What text looks like that matches each pattern of the schema."""

_NUMBER_KEY = (
    'a number is written in international format, such as "+34910000001", or as a SIP address, such as '
    '"sip:pbx.example.com"'
)


@dataclass(frozen=True, kw_only=True)
class _Fault:
    """One finding of pydantic's: what it calls it, where it is, and what stands there."""

    kind: str
    location: tuple[Part, ...]
    said: str
    value: object
    written: str | None
    limits: Mapping[str, Any]
    expected: Expected
    guesses: Guesses


def problems_of(error: ValidationError, written: Mapping[str, str]) -> list[Problem]:
    """Put every finding into a sentence; `written` holds, by path, what YAML did not take as text."""
    guesses = Guesses()
    problems: dict[tuple[str, str], Problem] = {}
    findings = error.errors(include_url=False)
    for finding in findings[:MOST_LISTED]:
        fault = _fault(cast(dict[str, Any], finding), written, guesses)
        path = path_of(fault.location)
        value = "" if fault.kind == "missing" or "[key]" in fault.location else fault.written or short(fault.value)
        problem = Problem(path=path, value=value, message=_sentence(fault))
        problems.setdefault((path, problem.message), problem)
    if len(findings) > MOST_LISTED:
        message = f"{len(findings) - MOST_LISTED} more mistakes than are listed here; mend these first"
        return [Problem(path="", message=message), *problems.values()]
    return list(problems.values())


def _fault(finding: dict[str, Any], written: Mapping[str, str], guesses: Guesses) -> _Fault:
    location = finding["loc"]
    return _Fault(
        kind=finding["type"],
        location=location,
        said=finding["msg"],
        value=finding["input"],
        written=written.get(path_of(location)) if finding["type"] != "missing" else None,
        limits=finding.get("ctx", {}),
        expected=expected_at(location),
        guesses=guesses,
    )


def _sentence(fault: _Fault) -> str:
    if fault.location[:1] == ("numbers",) and "[key]" in fault.location:
        return _NUMBER_KEY
    sentence = _SENTENCES.get(fault.kind, fault.said)
    return sentence if isinstance(sentence, str) else sentence(fault)


def _unknown_key(fault: _Fault) -> str:
    record = expected_at(fault.location[:-1]).record
    known = list(record.model_fields) if record else []
    return f"unknown key{fault.guesses.meant(fault.location[-1], known)}; known here: {', '.join(known)}"


def _missing(fault: _Fault) -> str:
    key = str(fault.location[-1])
    return f"is missing; write, for example, {EXAMPLES.get(key, key)}"


def _not_a_word(fault: _Fault) -> str:
    meant = fault.guesses.meant(fault.value, fault.expected.words)
    if fault.expected.destinations:
        return fault.expected.destinations + meant
    return f"use one of: {', '.join(fault.expected.words)}{meant}"


def _unlike_pattern(fault: _Fault) -> str:
    return PATTERNS.get(str(fault.limits.get("pattern")), fault.said)


def _not_text(fault: _Fault) -> str:
    if isinstance(fault.value, (dict, list, tuple)):
        return "must be a text, not a list or mapping"
    if fault.value is None:
        return "is empty; write a text, or leave the key out"
    text = fault.written or short(fault.value)
    if isinstance(fault.value, bool):
        return f'YAML reads {text} as {short(fault.value)}; put it in quotation marks: "{text}"'
    return f'must be a text; put it in quotation marks: "{text}"'


def _too_long_text(fault: _Fault) -> str:
    return f"too long; at most {fault.limits['max_length']} characters"


def _no_whole_number(fault: _Fault) -> str:
    return f"must be a whole number{fault.expected.bounds}"


def _no_number(fault: _Fault) -> str:
    return f"must be a number{fault.expected.bounds}"


def _outside_bounds(fault: _Fault) -> str:
    return _no_whole_number(fault) if fault.expected.kind is int else _no_number(fault)


def _no_mapping(fault: _Fault) -> str:
    record = fault.expected.record
    known = f" of {', '.join(record.model_fields)}" if record else ""
    return f"must be a mapping{known} (key: value)"


def _too_few(fault: _Fault) -> str:
    return f"must not be empty; write, for example, {EXAMPLES.get(str(fault.location[-1]), 'one entry')}"


def _too_many(fault: _Fault) -> str:
    return f"too many; at most {fault.limits['max_length']}"


_SENTENCES: dict[str, str | Callable[[_Fault], str]] = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "date_from_datetime_inexact": "must be a date, such as 2027-06-30",
    "date_from_datetime_parsing": "must be a date, such as 2027-06-30",
    "date_parsing": "must be a date, such as 2027-06-30",
    "date_type": "must be a date, such as 2027-06-30",
    "dict_type": _no_mapping,
    "extra_forbidden": _unknown_key,
    "finite_number": _no_number,
    "float_parsing": _no_number,
    "float_type": _no_number,
    "greater_than_equal": _outside_bounds,
    "int_from_float": _no_whole_number,
    "int_parsing": _no_whole_number,
    "int_parsing_size": _no_whole_number,
    "int_type": _no_whole_number,
    "less_than_equal": _outside_bounds,
    "list_type": "must be a list, such as [first, second]",
    "literal_error": _not_a_word,
    "missing": _missing,
    "model_attributes_type": _no_mapping,
    "model_type": _no_mapping,
    "string_pattern_mismatch": _unlike_pattern,
    "string_too_long": _too_long_text,
    "string_too_short": "must not be empty",
    "string_type": _not_text,
    "too_long": _too_many,
    "too_short": _too_few,
    "tuple_type": "must be a list, such as [first, second]",
}
"""Pydantic's name of a fault → how we say it. What is not here says it itself (our own checks)."""
