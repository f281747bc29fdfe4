"""The app to race against: checks the signature, builds the same TwiML with the same library, knows nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable

from flask import Flask, Response, request
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import VoiceResponse

from voice.signature import requested_url

NUMBER = "+34910000001"


def create_app() -> Flask:
    """Make the bare app; PUBLIC_URL and TWILIO_AUTH_TOKEN are those of the real one."""
    app = Flask("bare")
    public_url, validator = os.environ["PUBLIC_URL"], RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])

    def signed(build: Callable[[str], VoiceResponse]) -> Callable[[], Response | tuple[str, int]]:
        def view() -> Response | tuple[str, int]:
            signature = request.headers.get("X-Twilio-Signature", "")
            if not validator.validate(requested_url(request, public_url), request.form, signature):
                return "wrong signature", 403
            return Response(str(build(public_url)), content_type="text/xml; charset=utf-8")

        return view

    for path, build in {"incoming": _greeting, "at/menu": _ring, "at/group": _forward}.items():
        app.add_url_rule(f"/voice/{path}", path, signed(build), methods=["POST"])
    return app


def _greeting(base: str) -> VoiceResponse:
    place = f"{base}/voice/at/extension?number=%2B34910000001&revision=0123456789ab&step=1&then=menu"
    response = VoiceResponse()
    gather = response.gather(num_digits=3, timeout=3, action=place, method="POST")
    gather.say("Gracias por llamar a Acme.", language="es-ES")
    response.redirect(place, method="POST")
    return response


def _ring(base: str) -> VoiceResponse:
    place = (
        f"{base}/voice/at/group?number=%2B34910000001&revision=0123456789ab&step=3&then=otherwise"
        "&groups=sales&group=sales&tried=1&rang=1"
    )
    leg = f"{base}/voice/leg?number=%2B34910000001&call={request.form['CallSid']}&employee=e0&step=3"
    response = VoiceResponse()
    dial = response.dial(action=place, method="POST", timeout=15, caller_id=NUMBER)
    dial.client("e0", status_callback=leg, status_callback_event="answered completed")
    return response


def _forward(base: str) -> VoiceResponse:
    place = (
        f"{base}/voice/at/forward?number=%2B34910000001&revision=0123456789ab&step=4&groups=sales&mailbox=group%3Asales"
    )
    response = VoiceResponse()
    dial = response.dial(action=place, method="POST", timeout=20, caller_id=NUMBER, answer_on_bridge=True)
    dial.number("+34910000999")
    return response
