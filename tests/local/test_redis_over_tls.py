"""Redis over TLS with a certificate that nobody has signed, as on Heroku: the whole web and worker, from one place."""

from __future__ import annotations

import json
import os
import selectors
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlencode

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from redis import Redis
from redis.exceptions import ConnectionError as LostConnectionError
from twilio.request_validator import RequestValidator

from live import keys
from live.connection import connect
from local.house import ACCOUNT, PUBLIC_URL, TOKEN
from tests.databases import shared_database
from tests.moments import ROOT, SAMPLE

PATIENCE = 60.0
MAIN = "+34910000001"


def certificate(folder: Path) -> Path:
    """A key and a certificate for another name, signed by itself."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "redis.example.com")])
    made = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=now - timedelta(days=1),
        not_valid_after=now + timedelta(days=1),
    ).sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "both.pem").write_bytes(plain + made.public_bytes(pem))
    return folder / "both.pem"


def carry(secured: ssl.SSLSocket, plain: socket.socket) -> None:
    """Carry bytes both ways until one side has had enough."""
    with secured, plain, selectors.DefaultSelector() as watched, suppress(OSError):
        watched.register(secured, selectors.EVENT_READ, (secured, plain))
        watched.register(plain, selectors.EVENT_READ, (plain, secured))
        while True:
            for ready, _ in watched.select():
                from_, to = ready.data
                piece = from_.recv(65536)
                while from_ is secured and secured.pending():
                    piece += secured.recv(65536)
                if not piece:
                    return
                to.sendall(piece)


@contextmanager
def over_tls(path: str, folder: Path) -> Iterator[str]:
    """Let a server's Unix socket be reached by TLS alone; gives its address."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))
    door = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):  # closed
            while True:
                threading.Thread(target=enter, args=(door.accept()[0],), daemon=True).start()

    def enter(client: socket.socket) -> None:
        with suppress(OSError):  # whoever does not trust the certificate leaves
            secured = context.wrap_socket(client, server_side=True)
            plain = socket.socket(socket.AF_UNIX)
            plain.connect(path)
            carry(secured, plain)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"rediss://127.0.0.1:{door.getsockname()[1]}/0"
    finally:
        door.shutdown(socket.SHUT_RDWR)
        door.close()


@pytest.fixture
def secured(redis_url: str, redis: Redis, tmp_path: Path) -> Iterator[str]:
    """The server of the tests, behind TLS."""
    with over_tls(unquote(redis_url.removeprefix("unix://")), tmp_path) as address:
        yield address


# "rediss:// with a self-signed certificate (Heroku) works in web and worker, from one place" (DESIGN section 6).
@pytest.mark.parametrize("patience", [0.5, None], ids=["web", "worker"])
def test_a_certificate_that_nobody_has_signed_is_accepted_and_can_be_refused(
    secured: str, patience: float | None
) -> None:
    with connect(secured, answer_within=patience) as client:
        assert client.ping()
        assert client.set("{ringpath}:over-tls", "x" * 200_000, ex=9)
        assert client.get("{ringpath}:over-tls") == b"x" * 200_000
    with (
        connect(f"{secured}?ssl_cert_reqs=required", answer_within=patience) as client,
        pytest.raises(LostConnectionError, match="CERTIFICATE_VERIFY_FAILED"),
    ):
        client.ping()


@contextmanager
def started(command: list[str], environ: Mapping[str, str], log: Path) -> Iterator[None]:
    """One of the Procfile's processes."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=output, stderr=output)
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        finally:
            process.kill()


def ready(url: str) -> dict[str, str]:
    """What /readyz says, once everything is up."""
    until, found = time.monotonic() + PATIENCE, dict[str, str]()
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
            found = json.load(answer)
            if (found["redis"], found["worker"]) == ("ok", "ok"):
                break
        threading.Event().wait(0.1)
    return found


def rings(url: str, sid: str, redis: Redis) -> bool:
    """Let a call come in; tells whether Redis has it: on a busy machine the first may be answered without."""
    form = {"CallSid": sid, "AccountSid": ACCOUNT, "From": "+34600000001", "To": MAIN, "CallStatus": "ringing"}
    signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC_URL}/voice/incoming", form)
    asked = urllib.request.Request(f"{url}/voice/incoming", urlencode(form).encode(), {"X-Twilio-Signature": signature})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        assert "Esta llamada puede ser grabada" in answer.read().decode()
    known = bool(redis.exists(keys.call(sid)))
    if not known:
        threading.Event().wait(0.2)  # it is asked again after a second
    return known


# The real processes: gunicorn's gevent workers have a TLS of their own, and rq connections that wait for ever.
def test_web_and_worker_work_over_tls_as_on_heroku(secured: str, redis: Redis, tmp_path: Path, free_port: int) -> None:
    url = f"http://127.0.0.1:{free_port}"
    environ = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "REDIS_URL": secured,
        "DATABASE_URL": shared_database(),
        "PUBLIC_URL": PUBLIC_URL,
        "PROVIDER": "simulator",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "SECRET_KEY": "a secret of the tests",
        "COMPANY_FILE": str(SAMPLE),
        "PORT": str(free_port),
        "BIND_HOST": "127.0.0.1",
        "WEB_CONCURRENCY": "1",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
    }
    web, worker = [sys.executable, "-m", "gunicorn", "app:create_app()"], [sys.executable, "-m", "live.worker"]
    with started(web, environ, tmp_path / "web.log"), started(worker, environ, tmp_path / "worker.log"):
        found = ready(url)
        assert (found.get("redis"), found.get("worker")) == ("ok", "ok"), (tmp_path / "web.log").read_text()
        assert any(rings(url, f"CA{call}", redis) for call in range(60)), (tmp_path / "web.log").read_text()
    assert "Traceback" not in (tmp_path / "worker.log").read_text()
