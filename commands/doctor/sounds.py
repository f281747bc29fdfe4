"""The company's own sounds: whether whoever plays them to callers can fetch them. A Play that fails is silence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests

from commands.doctor.finding import Finding, Patient, broken, unchecked, well
from commands.layout import printable
from config.problems import SettingsError

_FORMATS = ("mpeg", "wav", "wave", "x-wav", "aiff", "x-aiff", "x-aifc", "gsm", "x-gsm", "ulaw")
KINDS = frozenset(f"audio/{name}" for name in _FORMATS)
"""Content types that can be played (twiml.md 2.1)."""

FIELDS = ("play", "music")
"""Where settings name a sound by its address: words to be heard, and music on hold."""

WITHIN = 4.0
"""Seconds for an answer to begin."""

AT_ONCE = 8


def sounds(patient: Patient) -> Iterator[Finding]:
    """Fetch the beginning of every sound that the settings name, each once."""
    try:
        company = patient.settings().company
    except SettingsError:
        yield unchecked("not known while the settings are not right")
        return
    found: dict[str, str] = {}
    for place, address in _named(company.model_dump(exclude={"employees"})):
        found.setdefault(address, place)
    with ThreadPoolExecutor(AT_ONCE) as several:
        wrong = [
            (place, said) for place, said in zip(found.values(), several.map(_problem, found), strict=True) if said
        ]
    for place, said in wrong:
        yield broken(
            f"{place} {said}: callers hear silence there",
            "put the file there again, as audio/mpeg or audio/wav, open to everybody, or name another in the settings",
        )
    if not wrong:
        yield well(f"{len(found)} of your own can be fetched" if found else "all are ours: the settings name none")


def _named(part: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Tell where in the settings a sound is named, and its address."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            here = f"{place}.{key}" if place else str(key)
            if key in FIELDS and isinstance(value, str):
                yield here, value
            else:
                yield from _named(value, here)
    elif isinstance(part, (list, tuple)):
        for value in part:
            yield from _named(value, place)


def _problem(address: str) -> str:
    """Say why a sound cannot be played; "" when it can."""
    try:
        with requests.get(address, stream=True, timeout=WITHIN) as answer:
            kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
            if not answer.ok:
                return f"cannot be fetched (HTTP {answer.status_code})"
            return "" if kind in KINDS else f"is no sound, but {printable(kind[:40]) or 'of no content type'}"
    except requests.Timeout:
        return f"does not come within {WITHIN:g} s"
    except requests.exceptions.SSLError:
        return "cannot be fetched (its host has no certificate that others trust)"
    except requests.RequestException:
        return "cannot be fetched (nobody answers there as a web server does)"
