"""The jobs that file calls and attach recordings; they take them from SQL, so that nothing hangs on their being run."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from calls import renamed, settings
from calls.database import StoreError, database_url, engine_of, said
from calls.shelf import shelf_of
from config.company import Company
from config.environment import of_process
from crm.attaching import Attacher
from crm.filing import Clerk
from crm.names import crm_of
from live import job

log = logging.getLogger("ringpath.crm")

WORKS_FOR = timedelta(seconds=10)
"""One run: short, because the other slow jobs wait behind it."""


def now() -> datetime:
    """The clock of the jobs: aware, UTC."""
    return datetime.now(UTC)


def file_calls() -> None:
    """File what is due; rq runs it at least once, and it may be repeated, side by side too.

    Whoever is named by an earlier key would be filed as nobody: nothing is, until all calls have followed.
    """
    environment = of_process()
    engine = engine_of(database_url(environment))
    clerk = Clerk(
        engine=engine,
        crm=crm_of(environment, engine, job.connection()),
        company=settings.of_job().company,
        clock=now,
        newest=_newest,
    )
    until = now() + WORKS_FOR
    try:
        if renamed.follow(engine, lambda: now() < until):
            clerk.file_due(until)
    except StoreError as error:
        log.warning("calls wait to be filed: %s", said(error))


def _newest() -> Company:
    settings.of_process().refresh()
    return settings.of_process().company


def attach_recordings() -> None:
    """Attach what is due; rq runs it at least once, and it may be repeated, side by side too."""
    environment = of_process()
    engine = engine_of(database_url(environment))
    crm = crm_of(environment, engine, job.connection())
    if crm is None:
        return
    attacher = Attacher(engine=engine, crm=crm, shelf=shelf_of(environment.recordings_url), clock=now)
    try:
        attacher.attach_due(now() + WORKS_FOR)
    except StoreError as error:
        log.warning("recordings wait to be attached: %s", said(error))
