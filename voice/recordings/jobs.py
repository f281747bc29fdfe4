"""The jobs that fetch recordings, and remove the old ones; rq runs each at least once, and they may be repeated."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from calls.database import StoreError, database_url, engine_of, said
from calls.settings import of_job
from calls.shelf import shelf_of
from config.environment import of_process
from voice.provider.access import provider_api
from voice.recordings.fetching import Fetcher
from voice.recordings.keeping import why_remote
from voice.recordings.retention import Remover

log = logging.getLogger("ringpath.recordings")

WORKS_FOR = timedelta(seconds=3)
"""One run: nothing new is begun afterwards, because other jobs wait behind it."""


def now() -> datetime:
    """The clock of the jobs: aware, UTC."""
    return datetime.now(UTC)


def fetch_recordings() -> None:
    """Fetch what is due from the provider."""
    environment = of_process()
    api = provider_api(environment)
    if api is None or why_remote(environment):
        return
    fetcher = Fetcher(
        engine=engine_of(database_url(environment)),
        api=api,
        shelf=shelf_of(environment.recordings_url),
        company=of_job().company,
        clock=now,
    )
    try:
        fetcher.fetch_due(now() + WORKS_FOR)
    except StoreError as error:
        log.warning("recordings wait to be fetched: %s", said(error))


def remove_recordings() -> None:
    """Remove what people have deleted, and what has been kept for as long as the settings want."""
    environment = of_process()
    remover = Remover(
        engine=engine_of(database_url(environment)),
        api=provider_api(environment),
        shelf=shelf_of(environment.recordings_url),
        keep_days=of_job().company.recordings.keep_days,
        clock=now,
    )
    try:
        until = now() + WORKS_FOR
        remover.remove_doomed(until)
        remover.remove_old(until)
    except StoreError as error:
        log.warning("old recordings wait to be removed: %s", said(error))
