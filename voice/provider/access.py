"""What the web and the jobs have of the provider's REST API; the library that asks is loaded where it is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from redis import Redis

from config.environment import Environment
from live.queue import queue
from voice.profiles import PROFILES, rest_base

if TYPE_CHECKING:
    from voice.provider.rest import ProviderApi


def provider_api(environment: Environment) -> ProviderApi | None:
    """Connect to the provider's REST API; None when neither the profile nor TWILIO_API_URL knows where it is."""
    rest = PROFILES[environment.provider].rest
    base = rest_base(environment.provider, environment.twilio_api_url)
    if rest is None or not base:
        return None
    from voice.provider.rest import ProviderApi  # with requests: 90 ms and 5 MB of a process that may never ask

    account, token = environment.twilio_account_sid, environment.twilio_api_token or environment.twilio_auth_token
    return ProviderApi(base=base, account_sid=account, auth_token=token, rest=rest)


def unasked(environment: Environment) -> str:
    """Say why there is no REST API to be asked."""
    if environment.provider == "simulator":
        return "PROVIDER=simulator: there is no provider to be asked"
    if PROFILES[environment.provider].rest is None:
        return "this provider has no REST API that could be asked: see at the provider"
    return "the provider's REST API is not known, so it cannot be asked: set TWILIO_API_URL"


def waker(redis: Redis, environment: Environment) -> Callable[[list[str]], None]:
    """Make the function that has waiting calls put through: by jobs, or not at all without the REST API."""
    if not rest_base(environment.provider, environment.twilio_api_url):
        return lambda _: None  # their music ends within one loop, and they ask again by themselves
    jobs = queue(redis)

    def enqueue(call_ids: list[str]) -> None:
        for call_id in call_ids:
            jobs.enqueue("voice.jobs.wake", call_id, ttl=60, result_ttl=0, failure_ttl=3600)

    return enqueue
