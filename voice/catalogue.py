"""The phrase catalogue: what Ringpath itself says, one file per language."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

from flows.steps import Phrase

FOLDER = Path(__file__).parent / "phrases"
FALLBACK = "en"


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Read every language's phrases, by language and key."""
    return {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml"))}


def spoken_language(language: str) -> str:
    """Return the language tag that our own phrases are spoken in: the wanted one where we have it, else English."""
    return language if language.partition("-")[0] in catalogue() else FALLBACK


def words(phrase: Phrase, language: str) -> str:
    """Put a phrase into words; `language` is a tag such as es-ES."""
    texts = catalogue()[spoken_language(language).partition("-")[0]]
    return texts[phrase.key].format_map(phrase.values)
