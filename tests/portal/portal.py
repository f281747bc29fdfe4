"""A Bitrix24 portal and its OAuth server, over real HTTP: it keeps the documented rules, and can be made to fail.

    with portal(users=[12], entities=[Entity(kind="CONTACT", id=651, number="+34600000001", user=12)]) as there:
        there.fail("timeout after", method=FINISH)
        …
        assert there.complaints == []

Other processes may use it while `there.calls` is read: what it answers and what it keeps are behind one lock.
"""

from __future__ import annotations

import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from calls.tokens import Token
from tests.portal.faults import Fault, Rules
from tests.portal.oauth_server import MEMBER, Authority
from tests.portal.pace import Bucket, Operating
from tests.portal.parameters import APP_ONLY, OAUTH, PARAMETERS, complaints
from tests.portal.served import POURS, Served, drop, pours
from tests.portal.telephony import Entity, Refusal, Telephony

CLIENT_ID, CLIENT_SECRET = "local.5f0c3d", "a-secret-of-this-test"
WEBHOOK = "/rest/1/a-webhook/"
UPLOAD = "upload"
"""The name under which uploads, as OAUTH requests for tokens, can be made to fail."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request that arrived, and how it was answered (None: not at all); `port` is the client's."""

    method: str
    params: dict[str, Any]
    status: int | None
    error: str | None
    at: float
    port: int


class Portal:
    """The stand-in; what it holds is in `telephony`."""

    def __init__(
        self,
        *,
        users: Iterable[int],
        entities: Iterable[Entity],
        clock: Callable[[], float],
        drain: float,
        most: float,
        returns_to: str,
        tls: tuple[str, str] | None,
        **telephony: Any,
    ) -> None:
        self._clock, self._lock, self._returns_to = clock, threading.RLock(), returns_to
        self._rules, self.bucket = Rules(), Bucket(drain, most)
        self.operating: dict[str, Operating] = defaultdict(Operating)
        self.requests: list[Asked] = []
        self.complaints: list[str] = []
        self.authority = Authority(CLIENT_ID, CLIENT_SECRET, clock, lambda: self.url + "/rest/")
        self.shown = ""
        self._rest, self._oauth = Served(self._answer, tls=tls), Served(self._answer, tls=tls)
        self.telephony = Telephony(
            frozenset(users), list(entities), clock, lambda token: self._upload_address(token), **telephony
        )

    @property
    def url(self) -> str:
        """The portal's address, as everybody knows it."""
        return self.shown or self._rest.url

    @property
    def oauth_url(self) -> str:
        """The OAuth server's address."""
        return self._oauth.url

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The calls on file, as records of the statistics."""
        with self._lock:
            return [dict(call) for call in self.telephony.calls]

    @property
    def leads(self) -> list[dict[str, Any]]:
        """The leads that were created."""
        with self._lock:
            return [dict(lead) for lead in self.telephony.leads]

    def asked(self, method: str) -> list[Asked]:
        """The requests of a method, in order."""
        with self._lock:
            return [request for request in self.requests if request.method == method]

    def fail(self, fault: str, *, method: str | None = None, nth: int = 1, times: int | None = 1) -> None:
        """Switch a fault (tests.portal.faults) on, for every `nth` request of a method, at most `times` times.

        A method of None means all of them, `times` of None until `mend`.
        """
        self._rules.add(fault, method, nth, times)

    def mend(self) -> None:
        """Switch all faults off."""
        self._rules.clear()

    @property
    def may_hang(self) -> bool:
        """Whether an answer may not come, of what is asked already or next."""
        return self._rules.may_hang()

    def goes_away(self) -> None:
        """Neither the portal nor the OAuth server can be reached."""
        self._rest.goes_away()
        self._oauth.goes_away()

    def comes_back(self) -> None:
        """Both are there again, at the same addresses."""
        self._rest.comes_back()
        self._oauth.comes_back()

    def works(self) -> None:
        """Wait until a method is worked at."""
        self._rest.works()

    def rests(self) -> None:
        """Wait until all that has arrived is worked off, also what the client has given up."""
        self._rest.rests()
        self._oauth.rests()

    def token(self) -> Token:
        """A pair for the application, as if an administrator had connected it."""
        with self._lock:
            pair = self.authority.pair()
        return Token(access=pair["access_token"], refresh=pair["refresh_token"])

    def expire_token(self) -> None:
        """The hour of every access token is over."""
        with self._lock:
            self.authority.expire()

    def revoke(self) -> None:
        """The application is removed from the portal."""
        with self._lock:
            self.authority.revoke()

    def close(self) -> None:
        """End both servers."""
        self.goes_away()

    def _answer(self, request: Request) -> Response:
        method = self._method(request)
        with self._rules.of(method) as fault:
            return self._goes_wrong(request, method, fault) if fault else self._work(request, method)

    def _goes_wrong(self, request: Request, method: str, fault: Fault) -> Response:
        done = None
        if fault.when in ("after", "half"):
            done = self._work(request, method, half=fault.when == "half")
        if fault.how == "hang":
            (self._oauth if method == OAUTH else self._rest).hangs(request.environ)
            if fault.when == "late":
                self._work(request, method)
        return self._gone_wrong(request, method, fault, done)

    def _gone_wrong(self, request: Request, method: str, fault: Fault, done: Response | None) -> Response:
        if done is None and fault.when == "before":
            self._note(request, method, {}, fault.status if fault.how == "answer" else None, None)
        if fault.how in POURS:
            pours(request.environ, *POURS[fault.how])
        if fault.how != "answer":
            return drop(request.environ)
        body = fault.body
        if "OPERATION_TIME_LIMIT" in body:
            now = int(self._clock())
            body = json.dumps(json.loads(body) | {"time": {"start": now, "operating_reset_at": now + 120}})
        moved = {"Location": f"{self.url}/rest/elsewhere"} if 300 <= fault.status < 400 else {}
        return Response(body, status=fault.status, content_type=fault.kind, headers=moved)

    def _method(self, request: Request) -> str:
        path = request.path.removesuffix(".json").removesuffix("/")
        if path == "/oauth/token":
            return OAUTH
        return path.rpartition("/")[2] if path.startswith("/rest/") else ""

    def _work(self, request: Request, method: str, *, half: bool = False) -> Response:
        if not method:
            return self._authorize(request)
        params = request.args.to_dict() if method == OAUTH else self._params(request, method)
        with self._lock:
            try:
                self._check(request, method, params)
                result = self._does(request, method, params, half=half)
            except Refusal as refusal:
                self._note(request, method, params, refusal.status, refusal.code)
                return self._json(method, refusal.status, {"error": refusal.code, "error_description": refusal.text})
            self._note(request, method, params, 200, None)
        return self._json(method, 200, result if method == OAUTH else {"result": result})

    def _does(self, request: Request, method: str, params: dict[str, Any], *, half: bool) -> Any:
        if method == OAUTH:
            return self.authority.grant(params)
        if method == UPLOAD:
            call_id, _, name = request.args["token"].partition("|")
            return self.telephony.attach(call_id, name, request.files["file"].read())
        return self.telephony.does(method, params, half=half)

    def _params(self, request: Request, method: str) -> dict[str, Any]:
        if method == UPLOAD:
            if request.content_length is None or "file" not in request.files:
                self.complaints.append("upload: no file, or no Content-Length")
            return {"auth": request.args.get("auth")}
        kind = (request.headers.get("Content-Type"), request.headers.get("Accept"))
        if kind != ("application/json", "application/json") or "python" in request.headers.get("User-Agent", "python"):
            self.complaints.append(f"{method}: the headers are {dict(request.headers)}")
        params = request.get_json(force=True)
        assert isinstance(params, dict)
        return params

    def _check(self, request: Request, method: str, params: dict[str, Any]) -> None:
        """Refuse whoever asks too much, too often, or is nobody."""
        if method == OAUTH:
            self.complaints.extend(complaints(method, params))
            return
        now = self._clock()
        if not self.bucket.takes(now):
            raise Refusal(503, "QUERY_LIMIT_EXCEEDED", "Too many requests")
        if request.path.startswith(WEBHOOK):
            if method in APP_ONLY:
                raise Refusal(403, "WRONG_AUTH_TYPE", "Current authorization type is denied for this method")
        else:
            self.authority.check(params.get("auth"))
        if method == UPLOAD:
            return
        if method not in PARAMETERS:
            raise Refusal(404, "ERROR_METHOD_NOT_FOUND", "Method not found!")
        if self.operating[method].blocked(now):
            raise Refusal(429, "OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.")
        self.complaints.extend(complaints(method, params))

    def _authorize(self, request: Request) -> Response:
        """The administrator, who is signed in already, lets the application in and is sent back."""
        if request.path != "/oauth/authorize/" or request.args.get("client_id") != CLIENT_ID:
            return Response("Not found", status=404)
        with self._lock:
            code = self.authority.code()
        given = {"code": code, "state": request.args.get("state", ""), "scope": "crm,telephony"}
        given |= {"domain": request.host, "member_id": MEMBER, "server_domain": "oauth.bitrix24.tech"}
        return Response(status=302, headers={"Location": f"{self._returns_to}?{urlencode(given)}"})

    def _upload_address(self, token: str) -> str:
        auth = list(self.authority.access)[-1]
        return f"{self.url}/rest/upload.json?{urlencode({'auth': auth, 'token': token})}"

    def _json(self, method: str, status: int, body: dict[str, Any]) -> Response:
        now, used = self._clock(), self.operating[method]
        spent = {"start": int(now), "operating": used.total(now), "operating_reset_at": used.reset_at(now)}
        whole = body if method == OAUTH else body | {"time": spent}
        return Response(json.dumps(whole), status=status, content_type="application/json; charset=utf-8")

    def _note(
        self, request: Request, method: str, params: dict[str, Any], status: int | None, error: str | None
    ) -> None:
        shown = {name: value for name, value in params.items() if name != "auth"}
        port = int(request.environ.get("REMOTE_PORT") or 0)
        with self._lock:
            self.requests.append(
                Asked(method=method, params=shown, status=status, error=error, at=self._clock(), port=port)
            )


@contextmanager
def portal(
    *,
    users: Iterable[int] = (1, 12, 14),
    entities: Iterable[Entity] = (),
    clock: Callable[[], float] = time.time,
    drain: float = 2.0,
    most: float = 50.0,
    returns_to: str = "https://ringpath.example.com/crm/connected",
    tls: tuple[str, str] | None = None,
    **telephony: Any,
) -> Iterator[Portal]:
    """Open a portal: `drain` requests a second, `most` at once; further options are those of Telephony."""
    there = Portal(
        users=users, entities=entities, clock=clock, drain=drain, most=most, returns_to=returns_to, tls=tls, **telephony
    )
    try:
        yield there
    finally:
        there.close()
