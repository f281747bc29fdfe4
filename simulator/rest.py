"""A stand-in for the provider's REST API, for the few things a switchboard asks of it."""

import json
from collections.abc import Callable, Iterable, Mapping
from email.utils import format_datetime
from hmac import compare_digest
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from simulator.exchange import CallIsOverError, Exchange
from simulator.leg import Leg
from simulator.machine import RunningCall
from simulator.media import silent_wav

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_ACCOUNT = "/2010-04-01/Accounts/<account>"
_ROUTES = Map(
    [
        Rule(f"{prefix}{_ACCOUNT}{path}", endpoint=endpoint, methods=methods)
        for prefix in ("", "/api/laml")  # SignalWire serves the same under a prefix
        for path, endpoint, methods in (
            ("/Calls/<sid>.json", "show_call", ["GET"]),
            ("/Calls/<sid>.json", "change_call", ["POST"]),
            ("/Balance.json", "show_balance", ["GET"]),
            ("/Recordings/<sid>.json", "show_recording", ["GET"]),
            ("/Recordings/<sid>.wav", "play_recording", ["GET"]),
            ("/Recordings/<sid>", "play_recording", ["GET"]),
        )
    ]
)


class RestError(Exception):
    """An error answer: HTTP status, the provider's code, a sentence."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class RestApp:
    """The WSGI application; `balance` is what the account has left, a decimal in a string as on the wire.

    `delay` is called before every answer, so that a test can make the provider slow or unavailable.
    """

    def __init__(self, exchange: Exchange, *, balance: str = "100.00", currency: str = "EUR") -> None:
        self.exchange = exchange
        self.balance = balance
        self.currency = currency
        self.delay: Callable[[], None] = lambda: None
        self.requests: list[tuple[str, str, Mapping[str, str]]] = []  # method, path, form

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        request = Request(environ)
        try:
            response = self._serve(request)
        except RestError as error:
            response = _json(_problem(error), error.status)
        except HTTPException:
            response = _json(_problem(_not_found(request.path)), 404)
        return response(environ, start_response)

    def _serve(self, request: Request) -> Response:
        self.delay()
        self.requests.append((request.method, request.path, request.form.to_dict()))
        provider = self.exchange.provider
        login = request.authorization
        given = f"{login.username}:{login.password}" if login is not None else ""
        if not compare_digest(given, f"{provider.account_sid}:{provider.auth_token}"):
            raise RestError(401, 20003, "Authenticate")
        endpoint, matched = _ROUTES.bind_to_environ(request.environ).match()
        values = dict(matched)
        if values.pop("account") != provider.account_sid:
            raise _not_found(request.path)
        serve: Callable[..., Response] = getattr(self, endpoint)
        return serve(request, **values)

    def show_call(self, request: Request, sid: str) -> Response:
        """The state of a call or of a leg."""
        return _json(self._call_fields(self._find(request, sid)))

    def change_call(self, request: Request, sid: str) -> Response:
        """Give a live call another document (`Url`, `Method`), or end it (`Status`)."""
        party = self._find(request, sid)
        url, status = request.form.get("Url", ""), request.form.get("Status", "")
        if status not in ("", "completed", "canceled") or not (url or status):
            raise RestError(400, 20001, "Url, or Status completed or canceled, is needed")
        if url and not url.startswith(("http://", "https://")):
            raise RestError(400, 21205, f"Url is not a valid URL: {url}")
        try:
            if status:
                self.exchange.hang_up(sid)
            else:
                self.exchange.redirect(sid, url, request.form.get("Method", "POST"))
        except CallIsOverError as error:
            message = "Call is not in-progress. Cannot redirect."
            raise RestError(400, 21220, message) from error
        return _json(self._call_fields(party))

    def show_balance(self, request: Request) -> Response:  # noqa: ARG002
        """What the account has left."""
        account = self.exchange.provider.account_sid
        return _json({"account_sid": account, "balance": self.balance, "currency": self.currency})

    def show_recording(self, request: Request, sid: str) -> Response:
        """What is known about a recording."""
        seconds = self._seconds(request, sid)
        account = self.exchange.provider.account_sid
        return _json({"sid": sid, "account_sid": account, "duration": str(seconds), "status": "completed"})

    def play_recording(self, request: Request, sid: str) -> Response:
        """A recording's sound: silence of the right length."""
        return Response(silent_wav(self._seconds(request, sid)), content_type="audio/x-wav")

    def _seconds(self, request: Request, sid: str) -> int:
        if sid not in self.exchange.recordings:
            raise _not_found(request.path)
        return self.exchange.recordings[sid]

    def _find(self, request: Request, sid: str) -> RunningCall | Leg:
        party = self.exchange.calls.get(sid) or self.exchange.legs.get(sid)
        if party is None:
            raise _not_found(request.path)
        return party

    def _call_fields(self, party: RunningCall | Leg) -> dict[str, object]:
        parent = party.call.sid if isinstance(party, Leg) else None
        account = self.exchange.provider.account_sid
        return {
            "sid": party.sid,
            "account_sid": account,
            "parent_call_sid": parent,
            "from": party.from_,
            "to": party.to,
            "status": party.status,
            "direction": party.direction,
            "duration": str(party.duration) if party.is_over else None,
            "date_updated": format_datetime(self.exchange.clock.now()),
            "uri": f"/2010-04-01/Accounts/{account}/Calls/{party.sid}.json",
        }


def rest_app(exchange: Exchange) -> RestApp:
    """The REST API of the provider that `exchange` plays, as a WSGI application."""
    return RestApp(exchange)


def _not_found(path: str) -> RestError:
    return RestError(404, 20404, f"The requested resource {path} was not found")


def _problem(error: RestError) -> dict[str, object]:
    return {
        "code": error.code,
        "message": str(error),
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }


def _json(body: Mapping[str, object], status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/json")
