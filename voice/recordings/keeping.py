"""Whether recordings can be kept here, or stay at the provider. Loads nothing that the web does not need."""

from __future__ import annotations

import os

from calls.room import NO_ROOM, READ_ONLY, Refusal, why_no_file
from calls.shelf import RECORDINGS
from config.environment import Environment
from config.storage import Bucket
from voice.profiles import PROFILES, rest_base

NO_API = "the provider's REST API is not known, so it cannot be fetched; set TWILIO_API_URL"
NEVER = "this provider has no REST API, so it cannot be fetched"
NO_DISK = "the processes share no disk, so it could not be found again; set RECORDINGS_URL to a bucket"

REMEDIES = {NO_ROOM: "make room there, or set recordings.keep_days", READ_ONLY: "let our user write there"}

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


def problem(environment: Environment) -> str | None:
    """Say why recordings cannot be kept now, though they are to be; None when they can, or a bucket has to tell."""
    if why_remote(environment) or isinstance(environment.recordings_url, Bucket):
        return None
    folder = environment.recordings_url.path if environment.recordings_url else RECORDINGS
    why = why_no_file(folder)
    return told(why) if why else None


def told(why: Refusal) -> str:
    """Say why they cannot be kept, what it means, and what to do."""
    return f"their folder is {why.said}; they wait at the provider: {REMEDIES.get(why, why.remedy)}"


def warning(environment: Environment) -> str | None:
    """Say in the log, where calls are real, that recordings stay at the provider."""
    reason = why_remote(environment)
    return None if reason is None or environment.provider == "simulator" else f"recordings stay there: {reason}"
