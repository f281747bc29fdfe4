"""Errors reported to Sentry, where SENTRY_DSN names a project; imported only then.

What is reported is what is logged as an error, with its traceback and the lines before it. No request, no local
variable, no user, and no text that the log would not hold either. A thread of Sentry's own sends it, so that no caller
waits for it, and what it cannot send is dropped.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import sentry_sdk
from sentry_sdk.integrations import Integration
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration
from sentry_sdk.types import Event, Hint

from config.environment import Environment
from config.release import version
from live import about
from live.secrecy import Redactor, secrets_of

LEFT_OUT = ("request", "user", "modules", "server_name", "extra")
"""Parts of a report that say nothing about an error, or more than they should."""

SENT_WITHIN = 1.0
"""Seconds that the end of a process, or of a failed job, waits for what is still to be sent."""


def begin(environment: Environment, process: str) -> None:
    """Report the errors of this process, and of those that are forked from it."""
    sentry_sdk.init(
        dsn=environment.sentry_dsn,
        release=f"ringpath@{version()}",
        environment=os.environ.get("SENTRY_ENVIRONMENT") or _surroundings(environment),
        integrations=_integrations(process),
        default_integrations=False,
        auto_enabling_integrations=False,
        before_send=_without(Redactor(secrets_of(environment)), process),
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        traces_sample_rate=None,
        auto_session_tracking=False,
        send_client_reports=False,
        shutdown_timeout=SENT_WITHIN,
    )


def _integrations(process: str) -> list[Integration]:
    used: list[Integration] = [
        LoggingIntegration(),
        DedupeIntegration(),
        ExcepthookIntegration(),
        AtexitIntegration(callback=lambda *_: None),  # by itself it would talk about it
    ]
    if process == "worker":
        from sentry_sdk.integrations.rq import RqIntegration  # reports failed jobs, and before the process of one ends

        used.append(RqIntegration())
    return used


def _surroundings(environment: Environment) -> str:
    return "simulator" if environment.provider == "simulator" else "production"


def _without(redact: Redactor, process: str) -> Callable[[Event, Hint], Event]:
    """Make the function that takes out what is not to be sent, and says what was worked on."""

    def before_send(event: Event, _: Hint) -> Event:
        kept: Any = {name: part for name, part in event.items() if name not in LEFT_OUT}
        kept["tags"] = {**kept.get("tags", {}), "process": process, **about.facts()}
        return redact.throughout(kept)  # type: ignore[no-any-return]

    return before_send
