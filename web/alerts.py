"""What is wrong with a part of the app, in the reader's language: the checks speak English, for logs and /readyz."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from web.words import lazy


class Alert(NamedTuple):
    """Which part is meant, what is wrong with it, and whether that could be said in the reader's language."""

    part: str
    title: str
    text: str
    translated: bool


TITLES = {
    "redis": lazy("Redis"),
    "database": lazy("Database"),
    "worker": lazy("Background jobs"),
    "crm": lazy("CRM"),
    "balance": lazy("Provider balance"),
    "sip_connector": lazy("SIP connector licence"),
    "recordings": lazy("Recordings"),
}

SAID = {
    r"out of reach; calls are routed without it, groups in listed order": lazy(
        "Out of reach. Calls are routed without it, groups in listed order."
    ),
    r"full; calls are routed without it, groups in listed order: .*": lazy(
        "It is full. Calls are routed without it, groups in listed order. Raise its maxmemory, or take a larger plan; "
        "its maxmemory-policy must be noeviction."
    ),
    r"unable to write to its disk; calls are routed without it, groups in listed order: .*": lazy(
        "It cannot write to its disk. Calls are routed without it, groups in listed order. Make room there, and see "
        "its log."
    ),
    r"a read-only replica; calls are routed without it, groups in listed order: .*": lazy(
        "It is a read-only replica. Calls are routed without it, groups in listed order. Let REDIS_URL name the "
        "primary."
    ),
    r"without its replicas; calls are routed without it, groups in listed order: .*": lazy(
        "Its replicas are away. Calls are routed without it, groups in listed order. Bring them back, or lower its "
        "min-replicas-to-write."
    ),
    r"not open to our user; calls are routed without it, groups in listed order: .*": lazy(
        "Its user may not do what is needed. Calls are routed without it, groups in listed order. Let the user of "
        "REDIS_URL run scripts and change keys."
    ),
    r"unknown while Redis is out of reach": lazy("Not known while Redis is out of reach."),
    r"unknown while Redis is out of reach; forwards are allowed": lazy(
        "Not known while Redis is out of reach; forwards are allowed."
    ),
    r"no worker is running; callers on hold wait for the music to end, and calls wait to be filed": lazy(
        "No worker is running. Callers on hold wait for the music to end, and calls wait to be filed."
    ),
    r"the worker of the slow jobs is not running; calls wait to be filed": lazy(
        "The worker of the slow jobs is not running. Calls wait to be filed."
    ),
    r"out of reach \((?P<said>.*)\); calls wait in Redis to be put on file": lazy(
        "Out of reach (%(said)s). Calls wait in Redis to be put on file."
    ),
    r"without room on its disk; calls wait in Redis to be put on file: .*": lazy(
        "Its disk is full. Calls wait in Redis to be put on file. Make room there."
    ),
    r"read-only; calls wait in Redis to be put on file: let our user .*": lazy(
        "It is read-only. Calls wait in Redis to be put on file. Let the app's user write to the file and its folder, "
        "on a disk that is not read-only."
    ),
    r"read-only; calls wait in Redis to be put on file: let DATABASE_URL .*": lazy(
        "It is read-only. Calls wait in Redis to be put on file. Let DATABASE_URL name the primary, or have its "
        "default_transaction_read_only off."
    ),
    r"their folder is without room on its disk; they wait at the provider: .*": lazy(
        "The disk of their folder is full. They wait at the provider. Make room there, or set how long they are kept."
    ),
    r"their folder is read-only; they wait at the provider: .*": lazy(
        "Their folder is read-only. They wait at the provider. Let the app's user write there."
    ),
    r"at migration (?P<has>.*), which is newer than this version of the app": lazy(
        "At migration %(has)s, which is newer than this version of the app."
    ),
    r"at migration none instead of .*: run `flask release`": lazy("It has no tables yet. Run “flask release”."),
    r"at migration (?P<has>.*) instead of (?P<wants>.*): run `flask release`": lazy(
        "At migration %(has)s instead of %(wants)s. Run “flask release”."
    ),
    r"unknown while the database is not well \((?P<said>.*)\)": lazy(
        "Not known while the database is not well (%(said)s)."
    ),
    r"Bitrix24 is not connected; calls wait: run flask crm connect": lazy(
        "Bitrix24 is not connected. Calls wait. Run “flask crm connect”."
    ),
    r"Bitrix24 is not connected, since SECRET_KEY is another than before; calls wait: .*": lazy(
        "Bitrix24 is not connected, since SECRET_KEY is another than before. Calls wait. Set the old one again, or run "
        "“flask crm connect”."
    ),
    r"Bitrix24 does not let us in \((?P<said>.*)\); calls wait: .*": lazy(
        "Bitrix24 does not let us in (%(said)s). Calls wait. Mend it, then run “flask crm status”."
    ),
    r"it keeps failing, and is asked again in (?P<seconds>\d+) s; calls wait": lazy(
        "It keeps failing, and is asked again in %(seconds)s s. Calls wait."
    ),
    r"(?P<count>\d+) calls? could not be filed: .*": lazy(
        "Calls that could not be filed: %(count)s. They wait until somebody has them tried again."
    ),
    r"the provider balance is (?P<found>.*), below forwarding\.minimum_balance \((?P<least>.*)\): .*": lazy(
        "It is %(found)s, below the minimum of %(least)s: rented numbers do not forward. Top up the provider's "
        "account, or lower the minimum in the settings."
    ),
    r"the SIP connector was paid until (?P<last>.*): .*": lazy(
        "It was paid until %(last)s: SIP numbers do not forward. Renew it, and enter the new date in the settings."
    ),
    r"the SIP connector is paid until (?P<last>[^,]*), today is the last day: .*": lazy(
        "It is paid until %(last)s, today. SIP numbers will not forward then. Renew it, and enter the new date in the "
        "settings."
    ),
    r"the SIP connector is paid until (?P<last>[^,]*), (?P<days>\d+) days? left: .*": lazy(
        "It is paid until %(last)s (days left: %(days)s). SIP numbers will not forward then. Renew it, and enter the "
        "new date in the settings."
    ),
}
"""What the checks say, one pattern for each sentence, and how the pages say it."""


def said(problems: Iterable[tuple[str, str]]) -> list[Alert]:
    """Put problems, by the names of their checks, into the reader's words."""
    return [Alert(name, str(TITLES.get(name, name)), *_text(problem)) for name, problem in problems]


def _text(problem: str) -> tuple[str, bool]:
    """Say each sentence of a problem; where one has not been translated, all of it stays as it is."""
    parts, found = problem.split("; "), list[str]()
    while parts:
        for end in range(len(parts), 0, -1):  # a sentence may have a semicolon of its own
            sentence = _sentence("; ".join(parts[:end]))
            if sentence is not None:
                break
        else:
            return problem, False
        found.append(sentence)
        parts = parts[end:]
    return " ".join(found), True


def _sentence(problem: str) -> str | None:
    for pattern, words in SAID.items():
        match = re.fullmatch(pattern, problem)
        if match:
            return str(words) % match.groupdict() if match.groupdict() else str(words)
    return None
