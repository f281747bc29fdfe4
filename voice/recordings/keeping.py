"""Whether recordings can be kept here, or stay at the provider. Loads nothing that the web does not need."""

from __future__ import annotations

import os
from functools import partial

from calls.room import NO_ROOM, READ_ONLY, UNWRITABLE, why_no_file
from calls.shelf import RECORDINGS
from config.environment import Environment
from config.storage import Bucket
from config.trouble import Trouble, Troubles
from voice.profiles import PROFILES, rest_base

NO_API = "the provider's REST API is not known, so it cannot be fetched; set TWILIO_API_URL"
NEVER = "this provider has no REST API, so it cannot be fetched"
NO_DISK = "the processes share no disk, so it could not be found again; set RECORDINGS_URL to a bucket"

_they_wait = partial(Trouble, meanwhile="they wait at the provider")

FOLDER = {
    NO_ROOM.code: _they_wait(
        code="recordings_full",
        text="their folder is without room on its disk",
        remedy="make room there, or set recordings.keep_days",
    ),
    READ_ONLY.code: _they_wait(
        code="recordings_read_only", text="their folder is read-only", remedy="let our user write there"
    ),
    UNWRITABLE.code: _they_wait(
        code="recordings_unwritable", text="their folder is not to be written to (%(said)s)", remedy="see to that"
    ),
}
"""What is wrong with the folder of recordings, where that would be wrong with the folder of a database."""

MOST_BYTES = 500_000_000
"""Of one recording: the longest talk that a provider carries, four hours in two channels, has 461 MB."""


def why_remote(environment: Environment) -> str | None:
    """Say why a recording stays at the provider; None: it is fetched and kept."""
    if PROFILES[environment.provider].rest is None:
        return NEVER
    if not rest_base(environment.provider, environment.twilio_api_url):
        return NO_API
    if os.environ.get("DYNO") and not isinstance(environment.recordings_url, Bucket):
        return NO_DISK
    return None


def troubles(environment: Environment) -> Troubles:
    """Say why recordings cannot be kept now, though they are to be; nothing when they can, or a bucket has to tell."""
    if why_remote(environment) or isinstance(environment.recordings_url, Bucket):
        return ()
    folder = environment.recordings_url.path if environment.recordings_url else RECORDINGS
    why = why_no_file(folder)
    return (FOLDER[why.code].of(**why.values),) if why else ()


def warning(environment: Environment) -> str | None:
    """Say in the log, where calls are real, that recordings stay at the provider."""
    reason = why_remote(environment)
    return None if reason is None or environment.provider == "simulator" else f"recordings stay there: {reason}"
