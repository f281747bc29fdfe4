"""Live state follows employees and groups to whom a revision of the settings gives other keys."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from config.company import Company
from config.renames import Renames, followed
from live import keys
from live.keys import REAL
from live.scripts import source

log = logging.getLogger("ringpath.live")

Earlier = Callable[[str], Company | None]
"""Finds the company of an earlier revision by its digest; "" is the one by which this process has gone until now."""


def keep_up(redis: Redis, clock: Callable[[], datetime], number: int, company: Company, earlier: Earlier) -> bool:
    """Keep the live state by the keys of a revision, and remember the earlier ones for calls that began with them.

    Every web process does so before it goes by the revision, and the first one is enough. False when Redis did not
    take it, or another process was at it: then it is to be asked again.
    """
    try:
        found: Any = redis.get(keys.KEYED) or b""
        before, _, digest = found.decode().partition(" ")
        if before and int(before) >= number:
            return True
        was = earlier(digest)
        renamed = followed(sections(was, company), sections(company, was)) if was else {}
        keyed = f"{number} {company.revision}"
        return _rename(redis, clock(), (found, keyed), renamed, _aliases(redis, renamed, company))
    except RedisError as error:
        log.debug("Redis did not take the keys of revision %d (%s)", number, error)  # every second, till it does
        return False


def _rename(redis: Redis, now: datetime, keyed: tuple[bytes, str], renamed: Renames, aliases: dict[str, str]) -> bool:
    moves = [word for (section, old), new in renamed.items() for word in (section, old, new)]
    fields = [word for pair in aliases.items() for word in pair]
    names = [*REAL.of_scripts(""), keys.KEYED]
    told: list[str | bytes | int] = ["", int(now.timestamp() * 1000), *keyed, len(renamed), *moves, *fields]
    answer: Any = redis.eval(source("rename"), len(names), *names, *told)
    return bool(answer.startswith(b"1"))


def _aliases(redis: Redis, renamed: Renames, company: Company) -> dict[str, str]:
    """Lead every key that a call in progress may know to the one that holds now, unless it is somebody's again."""
    known: Any = redis.hgetall(keys.RENAMED)
    aliases = {f"{section}:{old}": new for (section, old), new in renamed.items()}
    for field, value in known.items():
        section, _, old = field.decode().partition(":")
        aliases[f"{section}:{old}"] = renamed.get((section, value.decode()), value.decode())
    taken = {f"{section}:{key}" for section in SECTIONS for key in getattr(company, section)}
    return {field: new for field, new in aliases.items() if field not in taken}


SECTIONS = ("employees", "groups")


def sections(company: Company, other: Company) -> dict[str, Any]:
    """Write the employees and groups that another company has not, as a document has them."""
    return {
        section: {
            key: entry.model_dump(exclude_none=True)
            for key, entry in getattr(company, section).items()
            if key not in getattr(other, section)
        }
        for section in SECTIONS
    }
