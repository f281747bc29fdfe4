"""Destinations in words: the sentence of each, and the options of a list to choose from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from web.settings.forms.desk import Desk, Entries, Place, part, text_of
from web.settings.forms.destinations import AS_WRITTEN, SECTIONS, SOMEBODY, Chosen, allowed_at, name_of
from web.settings.forms.typed import spaced
from web.words import _

Option = tuple[str, str]
"""A value and what people read."""


@dataclass(frozen=True)
class OptionGroup:
    """Options under a heading; those without one stand first."""

    label: str
    options: tuple[Option, ...]


def word_said(place: Place, word: str) -> str:
    """Say what a word does at a place; what is no word of ours stands in quotation marks."""
    stage = str(place[-1])
    own = _AT_PLACES.get((str(place[0]), stage, word)) or _AT_PLACES.get(("", stage, word)) or _WORDS.get(word)
    return own() if own else _("“%(word)s”, which may not stand here", word=word)


_WORDS: dict[str, Callable[[], str]] = {
    "continue": lambda: _("Go on with the next stage"),
    "hang_up": lambda: _("End the call"),
    "voicemail": lambda: _("Take a message"),
    "forward_to_mobile": lambda: _("Forward to the employee's mobile"),
    "hold": lambda: _("Let the caller wait, with music, until somebody is free"),
    "ask_extension": lambda: _("Ask for an extension"),
    "repeat": lambda: _("Say the menu again"),
    "back": lambda: _("Back to the menu before"),
    AS_WRITTEN: lambda: _("As it is written in the YAML"),
}
_AT_PLACES: dict[tuple[str, str, str], Callable[[], str]] = {
    ("", "closed", "hang_up"): lambda: _("Decline the call: it is not answered and costs nothing"),
    ("", "otherwise", "hang_up"): lambda: _("Apologise and end the call"),
    ("groups", "no_answer", "forward_to_mobile"): lambda: _("Forward to the mobile of the member who was rung last"),
    ("menus", "no_choice", "continue"): lambda: _("Leave the menu and go on with the next stage"),
}
"""What a word does where that is not what it does elsewhere: section, stage, word."""

_NAMING: dict[str, Callable[[str], str]] = {
    "group": lambda name: _("Ring the group %(name)s", name=name),
    "menu": lambda name: _("Play the menu %(name)s", name=name),
    "employee": lambda name: _("Ring %(name)s", name=name),
    "forward_to_mobile": lambda name: _("Forward to the mobile of %(name)s", name=name),
    "voicemail": lambda name: _("Take a message for %(name)s", name=name),
    "forward": lambda name: _("Forward to %(name)s", name=name),
}
_SOMEBODY: dict[str, Callable[[], str]] = {
    "group": lambda: _("Ring a group …"),
    "menu": lambda: _("Play a menu …"),
    "employee": lambda: _("Ring an employee …"),
    "forward_to_mobile": lambda: _("Forward to the mobile of …"),
    "voicemail": lambda: _("Take a message for …"),
}
_HEADINGS: dict[str, Callable[[], str]] = {
    "group": lambda: _("Groups"),
    "menu": lambda: _("Menus"),
    "employee": lambda: _("Employees"),
    "forward_to_mobile": lambda: _("Mobiles"),
    "voicemail": lambda: _("Mailboxes"),
}


def said(desk: Desk, place: Place, choice: Chosen) -> str:
    """Put a choice into a sentence, such as "Ring Ana Ruiz; no answer: take a message"."""
    if not choice.form:
        return word_said(place, choice.what)
    name = spaced(choice.number) if choice.form == "forward" else name_of(desk, choice.form, choice.entry)
    sentence = _NAMING[choice.form](name)
    if choice.no_answer is None or choice.no_answer.what == "continue":
        return sentence
    after = said(desk, (*place, "no_answer"), choice.no_answer)
    return _("%(first)s; if nobody answers: %(then)s", first=sentence, then=after)


def groups_of(desk: Desk, place: Place) -> tuple[OptionGroup, ...]:
    """List what may be chosen at a place, grouped; worked out once for a page."""
    allowed = allowed_at(place)
    labels = tuple(word_said(place, word) for word in allowed.words)
    known = desk.remembered.get((allowed, labels))
    if known is None:
        words = tuple(zip(allowed.words, labels, strict=True))
        outside = (("forward:", _("Forward to another number …")),) if "forward" in allowed.forms else ()
        forms = (form for form in _HEADINGS if form in allowed.forms)
        named = (OptionGroup(_HEADINGS[form](), tuple(dict(_entries_of(desk, form)).items())) for form in forms)
        known = (OptionGroup("", words + outside), *(group for group in named if group.options))
        desk.remembered[allowed, labels] = known
    return known


def _entries_of(desk: Desk, form: str) -> Iterator[Option]:
    for entries in (desk.entries(section) for section in SECTIONS[form]):
        if entries.many:
            yield f"{form}:{SOMEBODY}", _SOMEBODY[form]()
        else:
            yield from ((f"{form}:{key}", _NAMING[form](entries.name(key))) for key in _fit(form, entries))


def _fit(form: str, entries: Entries) -> list[str]:
    keys = [k for k, v in entries.values.items() if form != "forward_to_mobile" or text_of(part(v, "mobile"))]
    return sorted(keys, key=lambda key: entries.name(key).casefold())


def selected(desk: Desk, place: Place, choice: Chosen) -> tuple[str, str, tuple[Option, ...]]:
    """Return the option of a choice, the name to type next to it, and options that the list lacks for it."""
    values = {value for group in groups_of(desk, place) for value, _label in group.options}
    if choice.what in values or not choice.what:
        return choice.what, "", ()
    somebody = f"{choice.form}:{SOMEBODY}"
    if choice.form and somebody in values:
        return somebody, name_of(desk, choice.form, choice.entry), ()
    return choice.what, "", ((choice.what, _missing(desk, place, choice)),)


def _missing(desk: Desk, place: Place, choice: Chosen) -> str:
    if not choice.form:
        return word_said(place, choice.what)
    exists = any(choice.entry in desk.entries(section).values for section in SECTIONS.get(choice.form, ()))
    sentence = _NAMING[choice.form](name_of(desk, choice.form, choice.entry)) if choice.form in _NAMING else choice.what
    return sentence if exists else _("%(sentence)s (there is no such entry)", sentence=sentence)
