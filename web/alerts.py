"""What is wrong with a part of the app, in the reader's language: the checks themselves speak English."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from config.trouble import Troubles, english
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
    "redis_away": lazy("Out of reach. Calls are routed without it, groups in listed order."),
    "redis_full": lazy(
        "It is full. Calls are routed without it, groups in listed order. Raise its maxmemory, or take a larger plan; "
        "its maxmemory-policy must be noeviction."
    ),
    "redis_disk": lazy(
        "It cannot write to its disk. Calls are routed without it, groups in listed order. Make room there, and see "
        "its log."
    ),
    "redis_replica": lazy(
        "It is a read-only replica. Calls are routed without it, groups in listed order. Let REDIS_URL name the "
        "primary."
    ),
    "redis_alone": lazy(
        "Its replicas are away. Calls are routed without it, groups in listed order. Bring them back, or lower its "
        "min-replicas-to-write."
    ),
    "redis_shut": lazy(
        "Its user may not do what is needed. Calls are routed without it, groups in listed order. Let the user of "
        "REDIS_URL run scripts and change keys."
    ),
    "unknown_without_redis": lazy("Not known while Redis is out of reach."),
    "balance_unknown": lazy("Not known while Redis is out of reach; forwards are allowed."),
    "no_worker": lazy("No worker is running. Callers on hold wait for the music to end, and calls wait to be filed."),
    "no_slow_worker": lazy("The worker of the slow jobs is not running. Calls wait to be filed."),
    "database_away": lazy("Out of reach (%(said)s). Calls wait in Redis to be put on file."),
    "database_full": lazy("Its disk is full. Calls wait in Redis to be put on file. Make room there."),
    "database_file_read_only": lazy(
        "It is read-only. Calls wait in Redis to be put on file. Let the app's user write to the file and its folder, "
        "on a disk that is not read-only."
    ),
    "database_read_only": lazy(
        "It is read-only. Calls wait in Redis to be put on file. Let DATABASE_URL name the primary, or have its "
        "default_transaction_read_only off."
    ),
    "database_unwritable": lazy(
        "It cannot be written to (%(said)s). Calls wait in Redis to be put on file. See to that."
    ),
    "recordings_full": lazy(
        "The disk of their folder is full. They wait at the provider. Make room there, or set how long they are kept."
    ),
    "recordings_read_only": lazy(
        "Their folder is read-only. They wait at the provider. Let the app's user write there."
    ),
    "recordings_unwritable": lazy(
        "Their folder cannot be written to (%(said)s). They wait at the provider. See to that."
    ),
    "database_newer": lazy("At migration %(has)s, which is newer than this version of the app."),
    "database_empty": lazy("It has no tables yet. Run “flask release”."),
    "database_behind": lazy("At migration %(has)s instead of %(wants)s. Run “flask release”."),
    "unknown_without_database": lazy("Not known while the database is not well (%(said)s)."),
    "bitrix24_unconnected": lazy("Bitrix24 is not connected. Calls wait. Run “flask crm connect”."),
    "bitrix24_other_key": lazy(
        "Bitrix24 is not connected, since SECRET_KEY is another than before. Calls wait. Set the old one again, or run "
        "“flask crm connect”."
    ),
    "bitrix24_not_let_in": lazy(
        "Bitrix24 does not let us in (%(said)s). Calls wait. Mend it, then run “flask crm status”."
    ),
    "crm_failing": lazy("It keeps failing, and is asked again in %(seconds)s s. Calls wait."),
    "calls_not_filed": lazy("Calls that could not be filed: %(count)s. They wait until somebody has them tried again."),
    "balance_low": lazy(
        "It is %(found)s, below the minimum of %(least)s: rented numbers do not forward. Top up the provider's "
        "account, or lower the minimum in the settings."
    ),
    "licence_over": lazy(
        "It was paid until %(last)s: SIP numbers do not forward. Renew it, and enter the new date in the settings."
    ),
    "licence_last_day": lazy(
        "It is paid until %(last)s, today. SIP numbers will not forward then. Renew it, and enter the new date in the "
        "settings."
    ),
    "licence_ending": lazy(
        "It is paid until %(last)s (days left: %(days)s). SIP numbers will not forward then. Renew it, and enter the "
        "new date in the settings."
    ),
}
"""What the pages say, by the code of the trouble; %(name)s is one of its values."""


def said(troubles: Iterable[tuple[str, Troubles]]) -> list[Alert]:
    """Put what was found, by the names of the checks, into the reader's words."""
    return [Alert(name, str(TITLES.get(name, name)), *_text(found)) for name, found in troubles]


def _text(troubles: Troubles) -> tuple[str, bool]:
    """Say each; where one has no words here, all stay English."""
    if any(each.code not in SAID for each in troubles):
        return english(troubles), False
    return " ".join(str(SAID[each.code]) % each.values for each in troubles), True
