"""HTTP as the provider speaks it: signed, with cookies, redirects, retries and a time limit."""

import time
import uuid
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from simulator.bodies import posted, with_query
from simulator.clock import Clock
from simulator.connections import ConnectionFailedError, Connections, Failure, HttpAnswer, Transport
from simulator.cookies import Cookies
from simulator.patience import Patience
from simulator.provider import Provider
from simulator.records import Webhook
from simulator.signature import Unsigned, proof

MAX_BODY = 64 * 1024
_TURN_INTO_GET = frozenset((301, 302, 303))
_REDIRECTS = _TURN_INTO_GET | {307, 308}
# What became of a connection: the provider's number, and the word of a retry policy.
_FAILURES: Mapping[Failure, tuple[str, str]] = {
    "connect": ("11205", "ct"),
    "time": ("11200", "rt"),
    "protocol": ("11206", ""),
}
Record = Callable[[Webhook], None]


class RequestFailedError(Exception):
    """The application could not be asked, or its answer is none.

    `code` is the provider's number for it; `kind` what a retry policy calls it: `ct`, `rt` or nothing.
    """

    def __init__(self, code: str, detail: str, url: str, kind: str = "") -> None:
        super().__init__(detail)
        self.code = code
        self.url = url
        self.kind = kind


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The last answer after redirects; `url` and `method` are those of the request that got it."""

    url: str
    method: str
    status: int
    content_type: str
    body: bytes
    text: str


@dataclass(frozen=True, kw_only=True)
class _Hop:
    """One request, to be delivered once or more."""

    url: str
    method: str
    params: Mapping[str, str]
    token: str
    patience: Patience
    cookies: Cookies
    record: Record


class Wire:
    """Sends requests for one exchange, by default over one set of kept-alive connections.

    `twice` delivers every request two times; `differs` is called with both answers when they are not the same.
    """

    def __init__(
        self,
        provider: Provider,
        twice: bool,
        differs: Callable[[Webhook, Webhook], None],
        transport: Transport | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock
        self._provider = provider
        self._twice = twice
        self._differs = differs
        self._connections = transport or Connections()

    def close(self) -> None:
        """Let the connections go."""
        self._connections.close()

    def request(
        self,
        url: str,
        method: str,
        params: Mapping[str, str],
        cookies: Cookies,
        record: Record,
        *,
        callback: bool = False,
    ) -> Answer:
        """Ask the application, following redirects; everything that goes over the wire is handed to `record`.

        RequestFailedError for all but an answer of 2xx of a bearable size.
        """
        limit = self._provider.dialect.max_redirects
        address = url.partition("#")[0]
        hop = _Hop(
            url=with_query(address, params) if method == "GET" else address,
            method=method,
            params=params,
            token=str(uuid.uuid4()),
            patience=Patience.of(url, self._provider.dialect, callback=callback),
            cookies=cookies,
            record=record,
        )
        for _ in range(limit + 1):
            webhook, body = self._patiently(hop)
            if webhook.status_code not in _REDIRECTS:
                return _accept(webhook, body)
            hop = replace(hop, url=urljoin(hop.url, webhook.headers.get("Location", "")))
            if webhook.status_code in _TURN_INTO_GET:
                hop = replace(hop, method="GET", params={})  # the parameters are lost on the way
        raise RequestFailedError("11215", f"more than {limit}", url)

    def again(self, webhook: Webhook) -> Webhook:
        """Deliver a recorded request once more, with its token, and return it with the new answer."""
        hop = _Hop(
            url=webhook.url,
            method=webhook.method,
            params=webhook.params,
            token=webhook.token,
            patience=Patience.of(webhook.url, self._provider.dialect),
            cookies=Cookies(),
            record=lambda _: None,
        )
        return self._send(hop, *self._prepare(hop))[0]

    def fetch_media(self, url: str) -> tuple[str, bytes]:
        """The content type and the bytes of a sound file; asked for without the provider's parameters."""
        address = url.partition("#")[0]
        target = self._provider.locate(address)
        if target is None:
            raise RequestFailedError("11200", "out of reach", url)
        dialect = self._provider.dialect
        try:
            answer = self._connections.request(
                target,
                "GET",
                {**self._shown(address), "User-Agent": "TwilioProxy/1.1", "Accept": "*/*"},
                connect_timeout=dialect.connect_timeout,
                total_timeout=dialect.total_timeout,
            )
        except ConnectionFailedError as error:
            raise RequestFailedError("11200", str(error), url) from error
        if answer.status != 200:
            raise RequestFailedError("11200", f"HTTP {answer.status}", url)
        return answer.headers.get("Content-Type", ""), answer.body

    def _patiently(self, hop: _Hop) -> tuple[Webhook, bytes]:
        """Deliver, and again after what the retry policy names, until the time for all attempts is up."""
        patience = hop.patience
        until = time.monotonic() + patience.total
        for _ in range(patience.retries):
            try:
                webhook, body = self._deliver(hop)
            except RequestFailedError as failure:
                if failure.kind not in patience.retry_on or time.monotonic() >= until:
                    raise
            else:
                if f"{webhook.status_code // 100}xx" not in patience.retry_on or time.monotonic() >= until:
                    return webhook, body
            hop = replace(hop, patience=patience.within(until - time.monotonic()))
        return self._deliver(hop)

    def _deliver(self, hop: _Hop) -> tuple[Webhook, bytes]:
        prepared = self._prepare(hop)
        webhook, answer = self._send(hop, *prepared)
        if self._twice:
            second, _ = self._send(hop, *prepared)
            if (second.status_code, second.text) != (webhook.status_code, webhook.text):
                self._differs(webhook, second)
        if answer.set_cookies:
            hop.cookies.keep(hop.url, answer.set_cookies)
        return webhook, answer.body

    def _send(
        self, hop: _Hop, target: str, headers: Mapping[str, str], body: bytes | None
    ) -> tuple[Webhook, HttpAnswer]:
        try:
            answer = self._connections.request(
                target,
                hop.method,
                headers,
                body,
                connect_timeout=hop.patience.connect,
                total_timeout=hop.patience.answer,
            )
        except ConnectionFailedError as error:
            hop.record(_webhook(hop, None))
            code, kind = _FAILURES[error.kind]
            raise RequestFailedError(code, str(error), hop.url, kind) from error
        webhook = _webhook(hop, answer)
        hop.record(webhook)
        return webhook, answer

    def _prepare(self, hop: _Hop) -> tuple[str, dict[str, str], bytes | None]:
        """Where to send a request, with which headers and which body."""
        bare, login = _split_login(hop.url)
        target = self._provider.locate(bare)
        if target is None:
            raise RequestFailedError("11205", "out of reach", hop.url)
        kind, body = posted(hop.params, as_json=self._provider.dialect.json) if hop.method == "POST" else ({}, None)
        return target, self._shown(bare) | self._headers(hop, body) | login | kind, body

    def _headers(self, hop: _Hop, body: bytes | None) -> dict[str, str]:
        dialect = self._provider.dialect
        unsigned = Unsigned(
            url=hop.url,
            params=None if body is None else hop.params,
            body=body or b"",
            now=self._clock.now() if self._clock else datetime.now(UTC),
            header=dialect.signature_header,
            key=self._provider.signing_key or self._provider.auth_token,
        )
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": dialect.accept,
            "Accept-Encoding": "gzip",
            "Cache-Control": "max-age=259200",
            **proof(dialect.signs, unsigned),
        }
        if dialect.idempotency_token:
            headers["I-Twilio-Idempotency-Token"] = hop.token
        if cookie := hop.cookies.header(hop.url):
            headers["Cookie"] = cookie
        return headers

    def _shown(self, url: str) -> dict[str, str]:
        """The headers by which a hosting platform's router tells the application its public address."""
        if not url.startswith(self._provider.public_url):
            return {}
        address = urlsplit(url)
        return {"Host": address.netloc, "X-Forwarded-Proto": address.scheme}


def _webhook(hop: _Hop, answer: HttpAnswer | None) -> Webhook:
    return Webhook(
        url=hop.url,
        method=hop.method,
        params=hop.params,
        status_code=0 if answer is None else answer.status,
        text="" if answer is None else answer.body.decode("utf-8", "replace"),
        headers={} if answer is None else answer.headers,
        token=hop.token,
    )


def _accept(webhook: Webhook, body: bytes) -> Answer:
    if not 200 <= webhook.status_code < 300:
        raise RequestFailedError("11200", f"HTTP {webhook.status_code}", webhook.url)
    if len(body) > MAX_BODY:
        raise RequestFailedError("11750", f"{len(body)} bytes", webhook.url)
    return Answer(
        url=webhook.url,
        method=webhook.method,
        status=webhook.status_code,
        content_type=webhook.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        body=body,
        text=webhook.text,
    )


def _split_login(url: str) -> tuple[str, dict[str, str]]:
    """Take `user:password@` out of a URL and turn it into a header."""
    address = urlsplit(url)
    if "@" not in address.netloc:
        return url, {}
    login, _, host = address.netloc.rpartition("@")
    token = b64encode(unquote(login).encode()).decode("ascii")
    return urlunsplit(address._replace(netloc=host)), {"Authorization": f"Basic {token}"}
