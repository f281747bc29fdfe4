"""A stand-in for the provider's REST API, for the few things a switchboard asks of it."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from simulator.exchange import CallIsOverError, Exchange
from simulator.leg import Leg
from simulator.listing import BadRequestError, CallRecord, page_of, record_of
from simulator.machine import RunningCall
from simulator.numbers import NumberError, changed_number, number_page, numbers_of
from simulator.outages import Outage
from simulator.rest_routes import ROUTES
from simulator.sound import Sound, mp3, wav

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_NOT_LIVE = "Call is not in-progress. Cannot redirect."
_MEDIA = frozenset(("play_recording", "play_mp3"))


class RestError(Exception):
    """An error answer: HTTP status, the provider's code, a sentence."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class RestApp:
    """The WSGI application; `balance` is what the account has left, a decimal in a string as on the wire.

    `delay` is called before every answer, so that a test can make the provider slow or unavailable; `break_down`
    makes single requests fail. The sound of a recording is 404 as long as `media_ready` is off, and for the next
    `unready` requests; with `media_login` off anybody may have it, as at some providers.
    """

    def __init__(self, exchange: Exchange, *, balance: str = "100.00", currency: str = "EUR") -> None:
        self.exchange = exchange
        self.balance = balance
        self.status = "active"
        self.currency = currency
        self.media_ready = True
        self.media_login = True
        self.unready = 0
        self.delay: Callable[[], None] = lambda: None
        self.requests: list[tuple[str, str, Mapping[str, str]]] = []  # method, path, form
        self.changed: dict[str, Mapping[str, str | None]] = {}  # number → fields that somebody has set otherwise
        self._unheard: dict[str, CallRecord] = {}
        self._outages: list[Outage] = []

    def add_call(
        self,
        *,
        from_: str,
        to: str,
        seconds: int | None = None,
        ago: float = 0,
        status: str = "completed",
        direction: str = "inbound",
        parent: str | None = None,
        started_at: datetime | None = None,
    ) -> str:
        """Add a call that the application has never heard of, and return its sid.

        It began at `started_at`, or `ago` seconds before now, and was answered for `seconds`. `direction` is inbound,
        outbound-api or outbound-dial; a leg has a `parent`.
        """
        sid = self.exchange.new_sid("CA")
        began = started_at or self.exchange.clock.now() - timedelta(seconds=ago)
        over = status not in ("queued", "ringing", "in-progress")
        self._unheard[sid] = CallRecord(
            sid=sid,
            from_=from_,
            to=to,
            status=status,
            direction=direction,
            started_at=began,
            ended_at=began + timedelta(seconds=seconds or 0) if over else None,
            seconds=seconds,
            parent=parent,
        )
        return sid

    def break_down(self, kind: str, *, on: str = "", times: int = 1) -> None:
        """Let so many requests whose path contains `on` fail; the kinds are those of simulator.outages."""
        self._outages.append(Outage(kind=kind, on=on, times=times))

    def mend(self) -> None:
        """End every outage; what hangs is let go."""
        for outage in self._outages:
            outage.mended.set()
        self._outages.clear()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Serve one request."""
        request = Request(environ)
        for outage in self._outages:
            if outage.befalls(request.path):
                return outage.answer(lambda: self._answer(request), environ, start_response)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            return self._serve(request)
        except RestError as error:
            return _json(_problem(error), error.status)
        except BadRequestError as error:
            return _json(_problem(RestError(400, 20001, str(error))), 400)
        except NumberError as error:
            return _json(_problem(RestError(400, error.code, str(error))), 400)
        except HTTPException:
            return _json(_problem(_not_found(request.path)), 404)

    def _serve(self, request: Request) -> Response:
        self.delay()
        self.requests.append((request.method, request.path, request.form.to_dict()))
        provider = self.exchange.provider
        endpoint, matched = ROUTES.bind_to_environ(request.environ).match()
        if self.media_login or endpoint not in _MEDIA:
            self._check_login(request)
        values = dict(matched)
        if values.pop("account", provider.account_sid) != provider.account_sid:
            raise _not_found(request.path)
        serve: Callable[..., Response] = getattr(self, endpoint)
        return serve(request, **values)

    def _check_login(self, request: Request) -> None:
        provider, login = self.exchange.provider, request.authorization
        given = f"{login.username}:{login.password}" if login is not None else ""
        right = f"{provider.account_sid}:{provider.auth_token}"
        if provider.dialect.rest_bearer:
            given, right = (login.token or "") if login is not None else "", provider.auth_token
        if not compare_digest(given.encode(), right.encode()):
            raise RestError(401, 20003, "Authenticate")

    def list_calls(self, request: Request) -> Response:
        """The calls and legs of the account, the latest first."""
        query, provider = request.args.to_dict(), self.exchange.provider
        if provider.dialect.lists_by_day:
            query = {name: text[:10] if name.startswith("StartTime") else text for name, text in query.items()}
        return _json(page_of(self._carried(), query, path=request.path, account=provider.account_sid))

    def _carried(self) -> Iterator[CallRecord]:
        parties: list[RunningCall | Leg] = [*self.exchange.calls.values(), *self.exchange.legs.values()]
        yield from map(record_of, parties)
        yield from list(self._unheard.values())

    def show_call(self, request: Request, sid: str) -> Response:
        """The state of a call or of a leg."""
        record = self._unheard[sid] if sid in self._unheard else record_of(self._find(request, sid))
        return _json(record.fields(self.exchange.provider.account_sid))

    def change_call(self, request: Request, sid: str) -> Response:
        """Give a live call another document (`Url`, `Method`), or end it (`Status`)."""
        self._find(request, sid)
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
            raise RestError(400, 21220, _NOT_LIVE) from error
        return self.show_call(request, sid)

    def show_balance(self, request: Request) -> Response:  # noqa: ARG002
        """What the account has left."""
        account = self.exchange.provider.account_sid
        said = {"account_sid": account, "balance": self.balance, "currency": self.currency}
        return _json({"data": said} if self.exchange.provider.dialect.rest_bearer else said)

    def show_account(self, request: Request) -> Response:  # noqa: ARG002
        """How the account is."""
        account = self.exchange.provider.account_sid
        return _json({"sid": account, "friendly_name": account, "status": self.status, "type": "Full"})

    def list_numbers(self, request: Request) -> Response:
        """The numbers of the account, and their webhooks."""
        numbers = numbers_of(self.exchange.provider, self.changed)
        return _json(number_page(numbers, request.args.to_dict(), path=request.path))

    def change_number(self, request: Request, sid: str) -> Response:
        """Set webhooks of a number, all that are named in one step, and say how it is then."""
        listed = numbers_of(self.exchange.provider, self.changed)
        number = next((each for each in listed if each["sid"] == sid), None)
        if number is None:
            raise _not_found(request.path)
        found = changed_number(number, request.form.to_dict())
        self.changed[str(number["phone_number"])] = found
        return _json(dict(number) | dict(found))

    def show_recording(self, request: Request, sid: str) -> Response:
        """What is known about a recording."""
        sound, account = self._sound(request, sid), self.exchange.provider.account_sid
        about = {"channels": sound.channels, "duration": str(sound.seconds), "status": "completed"}
        return _json({"sid": sid, "account_sid": account, **about})

    def delete_recording(self, request: Request, sid: str) -> Response:
        """Delete a recording, with its sound."""
        self._sound(request, sid)
        self.exchange.sounds.pop(sid, None)
        return Response(status=204)

    def play_recording(self, request: Request, sid: str) -> Response:
        """A recording's sound; both channels apart where it has two, unless one is asked for."""
        sound = self._playable(request, sid)
        wanted = request.args.get("RequestedChannels", str(sound.channels))
        return _sound_file(wav(sound, min(2 if wanted == "2" else 1, sound.channels)), "audio/x-wav")

    def play_mp3(self, request: Request, sid: str) -> Response:
        """A recording as MP3."""
        return _sound_file(mp3(self._playable(request, sid)), "audio/mpeg")

    def _playable(self, request: Request, sid: str) -> Sound:
        sound = self._sound(request, sid)
        if self.unready or not self.media_ready:
            self.unready = max(self.unready - 1, 0)
            raise _not_found(request.path)
        return sound

    def _sound(self, request: Request, sid: str) -> Sound:
        if sid not in self.exchange.sounds:
            raise _not_found(request.path)
        return self.exchange.sounds[sid]

    def _find(self, request: Request, sid: str) -> RunningCall | Leg:
        if sid in self._unheard:
            raise RestError(400, 21220, _NOT_LIVE)
        party = self.exchange.calls.get(sid) or self.exchange.legs.get(sid)
        if party is None:
            raise _not_found(request.path)
        return party


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


def _sound_file(file: tuple[int, Iterator[bytes]], kind: str) -> Response:
    size, pieces = file
    return Response(pieces, content_type=kind, headers={"Content-Length": str(size)})


def _json(body: Mapping[str, object], status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, content_type="application/json")
