"""The app of a run whose log is read: the door waits a moment, as if it asked somebody, and some calls fail in it."""

from __future__ import annotations

import logging
import os
import time

from flask import Flask, request
from flask.typing import ResponseReturnValue

import app
from voice.guard import NAME

UNLUCKY = "+34600999001"
"""Whoever calls from here runs into a fault that quotes all that it should not."""

FAULT = "for {caller} with {token}, at redis://:{token}@127.0.0.1, Authorization: Basic {token}"

library = logging.getLogger("a.library")


def create_app() -> Flask:
    """Make it."""
    made = app.create_app()
    webhooks = made.extensions[NAME]
    decide = webhooks.view_functions["voice.incoming"]

    def incoming(**parts: str) -> ResponseReturnValue:
        library.debug("begins with %s in %d", request.form["CallSid"], os.getpid())
        time.sleep(0.05)  # other calls come and go meanwhile
        library.warning("goes on with %s", request.form["CallSid"])
        if request.form["From"] == UNLUCKY:
            token = os.environ["TWILIO_AUTH_TOKEN"]
            raise RuntimeError(f"a fault\n{FAULT.format(caller=UNLUCKY, token=token)}")
        answer: ResponseReturnValue = decide(**parts)
        return answer

    webhooks.view_functions["voice.incoming"] = incoming
    library.warning("ready")
    return made
