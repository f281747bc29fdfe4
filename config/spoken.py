"""How the parts of the settings are called by whoever administers them, and how their values are said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from config.changes import ABSENT
from config.destinations import FORMS, form
from config.draft import canonical, entries_of
from config.problems import short
from config.references import NAMED
from config.splices import Path


class Translate(Protocol):
    """Says a text in the reader's language; `values` fill its %(name)s."""

    def __call__(self, text: str, **values: object) -> str:
        """Say it."""
        ...


def lazy(text: str) -> str:
    """Mark a text that is translated where it is said."""
    return text


ENTRIES = {
    "employees": lazy("Employee %(name)s"),
    "groups": lazy("Group %(name)s"),
    "menus": lazy("Menu %(name)s"),
    "schedules": lazy("Schedule %(name)s"),
    "numbers": lazy("Number %(name)s"),
}
"""Section → what one entry of it is called."""

SECTIONS = {
    "forwarding": lazy("Forwarding"),
    "sip_connector": lazy("SIP connector"),
    "contacts": lazy("Contacts"),
    "blocked": lazy("Block list"),
    "auto_block": lazy("Automatic blocking"),
    "recordings": lazy("Recordings"),
    "employees": lazy("Employees"),
    "groups": lazy("Groups"),
    "menus": lazy("Menus"),
    "schedules": lazy("Schedules"),
    "numbers": lazy("Numbers"),
}
"""The other parts of the document; what is not here belongs to the company as a whole."""

_NAME, _EXTENSION, _TIME_ZONE = lazy("Name"), lazy("Extension"), lazy("Time zone")
_LANGUAGE, _VOICE, _SCHEDULE = lazy("Language of the announcements"), lazy("Voice of the announcements"), lazy("Hours")

LABELS: Mapping[Path, str] = {
    ("company",): lazy("Name of the company"),
    ("timezone",): _TIME_ZONE,
    ("language",): _LANGUAGE,
    ("voice",): _VOICE,
    ("country",): lazy("Country"),
    ("forwarding", "countries"): lazy("Countries that may be dialled"),
    ("forwarding", "ring_seconds"): lazy("Seconds that a forward rings"),
    ("forwarding", "accept", "mobiles"): lazy("Whoever picks up a mobile"),
    ("forwarding", "accept", "outside"): lazy("Whoever picks up at an outside number"),
    ("forwarding", "unanswered"): lazy("When a forward is not answered"),
    ("forwarding", "minimum_balance"): lazy("Balance below which nothing is forwarded"),
    ("sip_connector", "paid_until"): lazy("Paid until"),
    ("auto_block", "calls"): lazy("Calls out of hours until a caller is blocked"),
    ("auto_block", "minutes"): lazy("Within how many minutes"),
    ("auto_block", "hours"): lazy("Hours that the block lasts"),
    ("recordings", "keep_days"): lazy("Days that recordings and messages are kept"),
    ("employees", "*", "name"): _NAME,
    ("employees", "*", "extension"): _EXTENSION,
    ("employees", "*", "devices"): lazy("Devices"),
    ("employees", "*", "mobile"): lazy("Mobile"),
    ("employees", "*", "department"): lazy("Department"),
    ("employees", "*", "crm_user"): lazy("Number of the user in the CRM"),
    ("employees", "*", "schedule"): lazy("Working hours"),
    ("groups", "*", "name"): _NAME,
    ("groups", "*", "extension"): _EXTENSION,
    ("groups", "*", "members"): lazy("Members"),
    ("groups", "*", "distribution"): lazy("How calls are distributed"),
    ("groups", "*", "ring_seconds"): lazy("Seconds that a member is rung"),
    ("groups", "*", "no_answer"): lazy("When nobody answers"),
    ("groups", "*", "hold", "max_minutes"): lazy("Minutes that a caller waits at most"),
    ("groups", "*", "hold", "message_key"): lazy("Key with which a waiting caller leaves a message"),
    ("groups", "*", "hold", "then"): lazy("After waiting in vain"),
    ("groups", "*", "hold", "music"): lazy("Music while waiting"),
    ("menus", "*", "prompt"): lazy("What is said"),
    ("menus", "*", "choices", "*"): lazy("Key %(key)s"),
    ("menus", "*", "wait_seconds"): lazy("Seconds to wait for a key"),
    ("menus", "*", "attempts"): lazy("Attempts"),
    ("menus", "*", "no_choice"): lazy("When nothing useful is pressed"),
    ("schedules", "*", "timezone"): _TIME_ZONE,
    ("schedules", "*", "weekly", "*"): lazy("Hours on %(key)s"),
    ("schedules", "*", "holidays"): lazy("Public holidays"),
    ("schedules", "*", "days_off"): lazy("Closed days"),
    ("numbers", "*", "name"): _NAME,
    ("numbers", "*", "kind"): lazy("Kind"),
    ("numbers", "*", "language"): _LANGUAGE,
    ("numbers", "*", "voice"): _VOICE,
    ("numbers", "*", "greeting"): lazy("Greeting"),
    ("numbers", "*", "extensions", "no_answer"): lazy("When the employee whose extension was typed does not answer"),
    ("numbers", "*", "sip_extension"): lazy("Extensions dialled over SIP"),
    ("numbers", "*", "menu"): lazy("Menu"),
    ("numbers", "*", "responsible"): lazy("The responsible employee is rung first"),
    ("numbers", "*", "responsible", "no_answer"): lazy("When the responsible employee does not answer"),
    ("numbers", "*", "group"): lazy("Group that is rung"),
    ("numbers", "*", "schedule"): _SCHEDULE,
    ("numbers", "*", "closed"): lazy("Out of hours"),
    ("numbers", "*", "otherwise"): lazy("When nothing took the call"),
    ("numbers", "*", "record"): lazy("Calls are recorded"),
    ("numbers", "*", "record_notice"): lazy("The recording is announced"),
    ("numbers", "*", "pass_caller_id"): lazy("A mobile shows the caller's number"),
    ("numbers", "*", "outgoing_number"): lazy("Number that outgoing calls show"),
    ("numbers", "*", "crm", "create_lead"): lazy("An unknown caller becomes a lead"),
}
"""What each setting is called; * is the name of an entry, a key of a menu or a day."""

WORDS = {
    "ask_extension": lazy("asks for an extension"),
    "back": lazy("back to the menu before"),
    "continue": lazy("on with the route"),
    "everybody": lazy("everybody at once"),
    "evenly": lazy("evenly"),
    "forward_to_mobile": lazy("forwarded to that employee's mobile"),
    "hang_up": lazy("the call ends"),
    "hold": lazy("wait on hold"),
    "in_order": lazy("in the order of the list"),
    "none": lazy("need not press anything"),
    "press_1": lazy("must press 1"),
    "rented": lazy("rented from the provider"),
    "repeat": lazy("the menu again"),
    "sip": lazy("over SIP"),
    "voicemail": lazy("voicemail"),
}
"""The words of the settings file that stand for something."""

_WORDED = frozenset({"no_answer", "no_choice", "closed", "otherwise", "then", "unanswered", "distribution", "kind"})
_ACCEPT = ("forwarding", "accept")

_DESTINATIONS = {
    "forward": lazy("forwarded to %(name)s"),
    "forward_to_mobile": lazy("forwarded to the mobile of %(name)s"),
    "voicemail": lazy("voicemail of %(name)s"),
    "group": lazy("group %(name)s"),
    "menu": lazy("menu %(name)s"),
    "employee": lazy("rings %(name)s"),
}

DAYS = {
    "mon": lazy("Monday"),
    "tue": lazy("Tuesday"),
    "wed": lazy("Wednesday"),
    "thu": lazy("Thursday"),
    "fri": lazy("Friday"),
    "sat": lazy("Saturday"),
    "sun": lazy("Sunday"),
}


def label_of(path: Path, translate: Translate) -> str | None:
    """Name a setting; None for a path that is none."""
    for pattern, label in ((p, LABELS[p]) for p in _patterns(path) if p in LABELS):
        last = str(path[-1])
        return translate(label, key=_days(last, translate) if "weekly" in pattern else last)
    return None


def _patterns(path: Path) -> tuple[Path, ...]:
    starred = tuple("*" if place == 1 and path[0] in ENTRIES else part for place, part in enumerate(path))
    return (starred, (*starred[:-1], "*")) if len(path) > 2 else (starred,)


def _days(key: str, translate: Translate) -> str:
    first, dash, last = key.partition("-")
    if first not in DAYS or (dash and last not in DAYS):
        return key
    if not dash:
        return translate(DAYS[first])
    return translate(lazy("%(first)s to %(last)s"), first=translate(DAYS[first]), last=translate(DAYS[last]))


def name_in(document: Any, section: str, key: str) -> str:
    """Return the name of an entry, its key where it has none; of a number both."""
    entry = entries_of(document, section).get(key) if isinstance(document, dict) else None
    name = entry.get("name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name.strip():
        return key
    return f"{name} ({key})" if section == "numbers" else name


def told_apart(*documents: dict[str, Any]) -> list[dict[str, Any]]:
    """Copy documents with the key in the names that two entries of a section have, in one of them or across all."""
    keys: dict[tuple[str, str], set[str]] = {}
    for section in ENTRIES:
        for document in documents:
            for key in entries_of(document, section):
                keys.setdefault((section, name_in(document, section, key)), set()).add(key)
    return [_with_keys(document, {named for named, found in keys.items() if len(found) > 1}) for document in documents]


def _with_keys(document: dict[str, Any], shared: set[tuple[str, str]]) -> dict[str, Any]:
    for section in {section for section, _ in shared}:
        entries = dict(entries_of(document, section))
        for key in entries:
            name = name_in(document, section, key)
            if (section, name) in shared and name != key:
                entries[key] = {**entries[key], "name": f"{name} ({key})"}
        document = document | {section: entries}
    return document


def said(path: Path, value: Any, document: Any, translate: Translate) -> str:
    """Say a value that stands at a path of a document."""
    if value is ABSENT or value is None:
        return translate(lazy("not set"))
    if isinstance(value, bool):
        return translate(lazy("yes")) if value else translate(lazy("no"))
    if _is_destination(path, value):
        return _destination(value, document, translate)
    if isinstance(value, list):
        items = ", ".join(said((*path, place), each, document, translate) for place, each in enumerate(value))
        return items or translate(lazy("nothing"))
    if isinstance(value, dict):
        return _mapping(path, value, document, translate)
    return _text(path, value, document, translate)


def _text(path: Path, value: Any, document: Any, translate: Translate) -> str:
    keys = [part for part in path if isinstance(part, str)]
    key = keys[-1] if keys else ""
    if isinstance(value, str) and key in NAMED:
        return _named(document, key, value)
    if value in WORDS and path[:2] == _ACCEPT:
        return translate(WORDS[value])
    if value in WORDS and key in _WORDED:
        return translate(WORDS[value])
    return str(value) if not isinstance(value, str) or len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"


_LONGEST = 300
"""Characters of a text that are shown."""


def _is_destination(path: Path, value: Any) -> bool:
    here = path[-1] in _WORDED or path[-2:-1] == ("choices",)
    if isinstance(value, dict):
        return here and form(value) in FORMS
    return here and isinstance(value, str) and value in WORDS


def _destination(value: Any, document: Any, translate: Translate) -> str:
    if isinstance(value, str):
        return translate(WORDS[value])
    kind = form(value)
    name = str(value[kind])
    text = translate(_DESTINATIONS[kind], name=_named(document, kind, name) if kind in NAMED else name)
    if "no_answer" in value:
        then = said(("no_answer",), value["no_answer"], document, translate)
        text = translate(lazy("%(first)s; no answer: %(then)s"), first=text, then=then)
    if "accept" in value:
        how = translate(WORDS[value["accept"]]) if value["accept"] in ("none", "press_1") else short(value["accept"])
        text = translate(lazy("%(first)s; whoever picks up: %(how)s"), first=text, how=how)
    return text


def _named(document: Any, key: str, name: str) -> str:
    """Name what a reference leads to."""
    for section in NAMED[key]:
        for known in entries_of(document, section) if isinstance(document, dict) else ():
            if canonical(section, known) == canonical(section, name):
                return name_in(document, section, known)
    return name


def _mapping(path: Path, value: dict[str, Any], document: Any, translate: Translate) -> str:
    if set(value) in ({"say"}, {"play"}):
        text = said(path, next(iter(value.values())), document, translate)
        return f"“{text}”" if "say" in value else text
    if path[:1] == ("contacts",) and {"number", "name"} <= value.keys() <= {"number", "name", "employee"}:
        contact = f"{value['name']} ({value['number']})"
        if "employee" not in value:
            return contact
        employee = said(("employee",), value["employee"], document, translate)
        return translate(lazy("%(contact)s, responsible: %(employee)s"), contact=contact, employee=employee)
    parts = []
    for key, part in value.items():
        label = label_of((*path, key), translate) or key
        parts.append(f"{label}: {said((*path, key), part, document, translate)}")
    if path[-1:] == ("responsible",):
        parts.insert(0, translate(lazy("yes")))
    return "; ".join(parts) or translate(lazy("nothing"))
