"""Destinations as people choose them: what may stand at a place, and a choice ⇄ what the settings write for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin

from config.destinations import FORMS, TAG, WORD, form
from config.expected import expected_at
from web.settings.forms.desk import Desk, Place, is_scalar, part, text_of
from web.settings.forms.typed import line, phone

AS_WRITTEN = "as-written"
"""The choice that leaves alone what no choice can stand for."""
SOMEBODY = "…"
"""Stands for the entry in a choice when it is typed next to it: there are too many to list."""
NESTED = "no_answer"
SECTIONS = {
    "forward_to_mobile": ("employees",),
    "voicemail": ("groups", "employees"),
    "group": ("groups",),
    "menu": ("menus",),
    "employee": ("employees",),
}
"""The forms of destination that name an entry, and the sections in which it may be."""


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """The words and forms of destination that may stand at a place."""

    words: tuple[str, ...]
    forms: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """One choice: a word, "forward:", "group:sales" or AS_WRITTEN, and what belongs to it; empty is no choice."""

    what: str = ""
    number: str = ""
    accept: str = ""
    no_answer: Chosen | None = None

    @property
    def form(self) -> str:
        """The form of destination, empty for a word."""
        named, colon, _ = self.what.partition(":")
        return named if colon else ""

    @property
    def entry(self) -> str:
        """The key of the entry that is named, if one is."""
        return self.what.partition(":")[2]


MAY_ACCEPT = ("forward", "forward_to_mobile")
NOTHING = Chosen()
CONTINUE = Chosen(what="continue")


def allowed_at(place: Place) -> Allowed:
    """Say what may stand at a place of the settings; read from the types of config.destinations."""
    return _allowed(_location(place))


@cache
def _allowed(location: tuple[str | int, ...]) -> Allowed:
    words: list[str] = []
    forms: list[str] = []
    for member in get_args(expected_at(location).kind):
        kind, *narrowed = get_args(member) if get_origin(member) is Annotated else (member,)
        tag = next((each.tag for each in narrowed if hasattr(each, "tag")), "")
        if tag == WORD and get_origin(kind) is Literal:
            words += get_args(kind)
        elif tag.startswith(TAG):
            forms.append(tag.removeprefix(TAG))
    return Allowed(words=tuple(words), forms=tuple(forms))


def _location(place: Place) -> tuple[str | int, ...]:
    """Write a place as pydantic does, with its mark where it enters the mapping {employee: …, no_answer: …}."""
    location = (place[0], "*", *place[2:])  # whose it is makes no difference
    outer = expected_at(location[:-1])
    if location[-1] == NESTED and outer.record is None:
        return (*location[:-1], TAG + "employee", NESTED)
    return location


def default_at(place: Place) -> Chosen:
    """What holds where the settings say nothing: the default of the record that the place belongs to."""
    location = _location(place)
    record = expected_at(location[:-1]).record
    field = record.model_fields.get(str(location[-1])) if record else None
    word = field.default if field is not None else None
    return Chosen(what=word) if isinstance(word, str) else NOTHING


def chosen(value: Any, place: Place, country: str) -> Chosen:
    """Read a destination of the settings; what is no destination is AS_WRITTEN."""
    if value is None:
        return default_at(place)
    if is_scalar(value):
        word = line(text_of(value))
        return Chosen(what=AS_WRITTEN if ":" in word or not word else word)
    named = form(value) if isinstance(value, dict) else ""
    if not named or not _is_whole(value, named):
        return Chosen(what=AS_WRITTEN)
    accept = text_of(value.get("accept"))
    if named == "forward":
        return Chosen(what="forward:", number=phone(text_of(value[named]), country), accept=accept)
    after = chosen(value.get(NESTED), (*place, NESTED), country) if named == "employee" else None
    return Chosen(what=f"{named}:{line(text_of(value[named]))}", accept=accept, no_answer=after)


def _is_whole(value: dict[str, Any], named: str) -> bool:
    known = value.keys() <= FORMS[named].model_fields.keys()
    return known and all(is_scalar(each) and each is not None for key, each in value.items() if key != NESTED)


def written(choice: Chosen, before: Any = None) -> Any:
    """Write a choice as the settings have it, None for none; `before` is what stands there now."""
    if choice.what == AS_WRITTEN:
        return before
    if not choice.form:
        return choice.what or None
    value = {choice.form: choice.number if choice.form == "forward" else choice.entry}
    if choice.accept and choice.form in MAY_ACCEPT:
        value["accept"] = choice.accept
    rule = part(before, NESTED)
    if choice.no_answer is not None and (choice.no_answer != CONTINUE or rule is not None):
        value[NESTED] = written(choice.no_answer, rule)
    return value


def typed(formdata: Any, name: str, desk: Desk, shown: Chosen | None) -> Chosen:
    """Read a choice as it was sent; an entry or number that cannot be made out stays as it was typed.

    `shown` is the choice that stands there: a name that was left as it was shown means what it meant.
    """
    what, shown = line(formdata.get(name, "")), shown or NOTHING
    if what.endswith(":" + SOMEBODY):
        named, who = what.partition(":")[0], formdata.get(f"{name}-who", "")
        left = shown.form == named and line(who) == line(name_of(desk, named, shown.entry))
        what = shown.what if left else f"{named}:{_meant(desk, named, who)}"
    named = Chosen(what=what).form
    after = typed(formdata, f"{name}-{NESTED}", desk, shown.no_answer) if named == "employee" else None
    return Chosen(
        what=what,
        number=phone(formdata.get(f"{name}-number", ""), desk.country) if named == "forward" else "",
        accept=formdata.get(f"{name}-accept", "") if named in MAY_ACCEPT else "",
        no_answer=CONTINUE if after == NOTHING else after,
    )


def name_of(desk: Desk, form: str, key: str) -> str:
    """What people call the entry that a form of destination names."""
    holders = (desk.entries(section) for section in SECTIONS[form])
    return next((entries.name(key) for entries in holders if key in entries.values), key)


def _meant(desk: Desk, named: str, who: str) -> str:
    for section in SECTIONS.get(named, ()):
        key = desk.entries(section).found(who)
        if key in desk.entries(section).values:
            return key
    return line(who)
