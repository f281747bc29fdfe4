"""The words of the pages: English in the code, other languages from the gettext files beside this module."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import LazyProxy
from flask import g, has_request_context, request

FOLDER = Path(__file__).parent / "words"
ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "es": "Español"}
"""Each language by its own name, because who looks for it may read no other."""


def language() -> str:
    """The language of this request: its user's choice, else what the browser asks for, else English."""
    if not has_request_context():
        return ENGLISH
    if "language" not in g:
        person = g.get("person")
        asked = request.accept_languages.best_match(LANGUAGES, ENGLISH)
        g.language = person.language if person and person.language in LANGUAGES else asked
    return str(g.language)


def locale() -> Locale:
    """How dates and numbers are written in that language."""
    return Locale.parse("en_GB" if language() == ENGLISH else language())


def _(text: str, **values: object) -> str:
    """Say something in the language of this request; `values` fill its %(name)s."""
    said = translations(language()).gettext(text)
    return said % values if values else said


def plain(text: str) -> str:
    """Say something as it stands; templates fill in its values themselves, and escape them."""
    return translations(language()).gettext(text)


def plain_plural(one: str, many: str, count: int) -> str:
    """Say something of one or many things, for templates."""
    return translations(language()).ngettext(one, many, count)


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """Say something of one or many things; %(num)s is how many."""
    return translations(language()).ngettext(one, many, count) % {"num": count, **values}


def lazy(text: str) -> str:
    """Say something later, in the language of whatever request it is shown in: for forms and tables."""
    return LazyProxy(_, text, enable_cache=False)  # type: ignore[return-value]


def catalogs(tongue: str) -> Iterator[Catalog]:
    """Read the files of a language, one for each part of the site."""
    for file in sorted((FOLDER / tongue).glob("*.po")):
        with file.open("rb") as text:
            yield read_po(text, locale=tongue)


@cache
def translations(tongue: str) -> NullTranslations:
    """Everything that can be said in a language; read once."""
    if tongue == ENGLISH:
        return NullTranslations()
    whole = Catalog(locale=tongue)
    for catalog in catalogs(tongue):
        whole.mime_headers = [("Plural-Forms", catalog.plural_forms)]  # of our files: Babel's own may have more forms
        for message in catalog:
            if message.id and message.string:
                whole.add(message.id, message.string, context=message.context)
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return GNUTranslations(compiled)
