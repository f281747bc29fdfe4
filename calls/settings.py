"""The published settings of a process: at hand for every webhook, and never older than a second or two.

Nobody who asks waits for SQL. A thread of each web process looks for a newer revision; a worker looks before it forks a
process for a job, so that a large document is not parsed again for each.
"""

from __future__ import annotations

import gc
import logging
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from sqlalchemy import Engine

from calls.archive import Archive, Parse, Published
from calls.database import connect, database_url
from calls.following import EVERY, Follower
from config import environment, loader
from config.company import Company

log = logging.getLogger("ringpath.settings")

TakenUp = Callable[[int, Company, Callable[[str], Company | None]], bool]
"""Is told the number and the company of a revision before calls go by it, and what finds an earlier company by its
digest ("": the one until now). False when it has to be told again; raises nothing."""

MOST_KEPT = 8_000_000
"""Characters of documents whose companies are kept, because calls go on by the revision that they began with: thousands
of revisions of a small company, three of one with 10,000 employees."""


class Settings:
    """What is published now, and what was before, for the calls that began with it.

    `company` and `number` never wait and never fail: without SQL they are what was known last.
    """

    def __init__(self, published: Published, archive: Archive | None = None) -> None:
        self._published, self._archive = published, archive
        self._known = {published.company.revision: published.company}
        self._sizes = {published.company.revision: published.size}
        self._follower: Follower | None = None
        self._taken_up: TakenUp | None = None
        self._told: int | None = None
        self._turn = threading.Lock()
        self._looked_at = time.monotonic()

    @classmethod
    def fixed(cls, company: Company) -> Settings:
        """Settings that never change, for tests and for a telephone without a database."""
        return cls(Published(company, None))

    @classmethod
    def of_database(cls, engine: Engine, file: Path, *, parse: Parse = loader.parse) -> Settings:
        """The settings that are published in a database; a file's, imported on the first start.

        Without SQL they are the file's until it answers. Raises SettingsError when the file is needed, and not right.
        """
        archive = Archive(engine, file, parse)
        return cls(archive.first() or archive.of_file(), archive)

    @property
    def company(self) -> Company:
        """The company as it is published now."""
        return self._published.company

    @property
    def number(self) -> int | None:
        """The number of its revision; None when it comes from a file."""
        return self._published.number

    def of(self, digest: str) -> Company | None:
        """Return the company of a revision (Company.revision), None when there is none, or SQL does not tell in time.

        One that this process has not met yet, such as one that another has taken up a moment ago, is looked for by the
        thread that follows SQL; a webhook waits for that no longer than following.DEADLINE, and while SQL is away no
        longer than following.BLINK.
        """
        found = self._known.get(digest)
        if found is None and digest and self._follower is not None:
            self._follower.find(digest, worth_it=self._sql_answers)
            found = self._known.get(digest)
        return found

    def refresh(self) -> bool:
        """Look in SQL now; True when another revision was taken up. What goes wrong is logged, and nothing changes."""
        with self._turn:
            found = self._archive and self._archive.other_than(self.number)
            self._looked_at = time.monotonic()
            if found:
                self._keep(found)
            self._tell(found or self._published)
            if not found:
                return False
            self._published = found
        log.info("revision %s of the settings is in force", found.number)
        return True

    def look_again(self) -> None:
        """Look in SQL, unless that was done a moment ago."""
        if time.monotonic() - self._looked_at > EVERY:
            self.refresh()

    def follow(self, taken_up: TakenUp | None = None) -> None:
        """Keep up with SQL in a thread of its own, until `close`; `taken_up` is told what is in force."""
        if self._archive is not None and self._follower is None:
            self._taken_up = taken_up
            with self._turn:
                self._tell(self._published)
            self._follower = Follower(self.refresh, self._fetch)

    def close(self) -> None:
        """End that thread, and every connection of these settings to SQL."""
        if self._follower is not None:
            self._follower.stop()
            self._follower = None
        if self._archive is not None:
            self._archive.engine.dispose()

    def queues_of(self, employee: str) -> tuple[str, ...]:
        """Name the groups with a hold that an employee belongs to, or did by the last settings that know this key."""
        if employee in self.company.employees:
            return self.company.queues_of.get(employee, ())
        knew = (known for known in reversed(self._known.values()) if employee in known.employees)
        return next((known.queues_of.get(employee, ()) for known in knew), ())

    def _tell(self, published: Published) -> None:
        company, number, _ = published
        if self._taken_up is None or number is None or number == self._told:
            return
        if self._taken_up(number, company, self._earlier):
            self._told = number

    def _earlier(self, digest: str) -> Company | None:
        """Return the company of an earlier revision; of none, the one until now."""
        if not digest or digest in self._known or self._archive is None:
            return self._known.get(digest) if digest else self.company
        found = self._archive.with_digest(digest)
        return found.company if found else None

    def _sql_answers(self) -> bool:
        return self._archive is not None and not self._archive.away

    def _fetch(self, digest: str) -> None:
        """Look for an earlier revision, and keep it."""
        if digest in self._known or self._archive is None:
            return
        found = self._archive.with_digest(digest)
        if found is not None:
            with self._turn:
                self._keep(found, digest)

    def _keep(self, found: Published, digest: str = "") -> None:
        """Keep a company under its digest, and that under which an earlier version of the app published it.

        The oldest are let go, and come back from SQL when a call asks for them. Readers take no lock: they see one
        dictionary or the next.
        """
        names = {found.company.revision, digest or found.company.revision}
        sizes = {name: size for name, size in self._sizes.items() if name not in names}
        spare = (name for name in [*sizes] if name != self.company.revision)
        while sum(sizes.values()) + found.size > MOST_KEPT and (name := next(spare, "")):
            del sizes[name]
        self._sizes = sizes | dict.fromkeys(names, found.size)
        known = self._known | dict.fromkeys(names, found.company)
        self._known = {name: company for name, company in known.items() if name in self._sizes}
        if gc.get_freeze_count():  # gunicorn.conf.py left the old one out of garbage collections: this one too
            gc.freeze()


@cache
def of_process() -> Settings:
    """The settings of this process, for jobs, which nobody hands them to; raises SettingsError."""
    here = environment.of_process()
    return Settings.of_database(connect(database_url(here)), here.company_file)


def of_job() -> Settings:
    """The settings that a job goes by, which are no older than a second; raises SettingsError."""
    settings = of_process()
    settings.look_again()
    return settings


def before_a_job() -> None:
    """Take up what was published, in the process that forks one for each job; no connection goes through the fork."""
    settings = of_process()
    settings.refresh()
    settings.close()
