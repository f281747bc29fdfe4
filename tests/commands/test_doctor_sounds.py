"""What `flask doctor` finds of the company's own sounds: each is fetched as the provider would."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from commands.doctor import sounds as module
from commands.doctor.command import CHECKS
from commands.doctor.finding import Finding, Level, Patient, Rules
from config.environment import examine
from config.loader import parse
from tests.calls.companies import acme, number, sales
from tests.certificates import certificate

KINDS = {"/music.wav": "audio/wav", "/hello.mp3": "Audio/MPEG; charset=binary", "/page": "text/html", "/bare": ""}


class Sounds(BaseHTTPRequestHandler):
    """Some files; what is not among them is gone, and `/slow` never comes."""

    asked: list[str]
    hold: threading.Event

    def do_GET(self) -> None:
        """Answer with a beginning, and say how much there would be."""
        self.asked.append(self.path)
        if self.path == "/slow":
            self.hold.wait()
        kind = KINDS.get(self.path)
        self.send_response(404 if kind is None else 200)
        if kind:
            self.send_header("Content-Type", kind)
        self.send_header("Content-Length", "1000000")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, type[Sounds]]]:
    """The host of the sounds, which is trusted."""
    file, key = certificate(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", file)
    kind = type("Here", (Sounds,), {"asked": [], "hold": threading.Event()})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"https://127.0.0.1:{server.server_port}", kind
        kind.hold.set()
        server.shutdown()
        thread.join()


def found(music: str | None = None, prompt: dict[str, str] | None = None) -> list[Finding]:
    hold = {"hold": {"music": music}, "no_answer": "hold"} if music else {}
    menus = {"main": {"prompt": prompt or {"say": "Hola."}, "choices": {"1": {"group": "sales"}}}}
    company = parse(acme(menus=menus, numbers=number(menu="main"), groups=sales(members=["ana"], **hold)))
    environment, _ = examine()
    return list(module.sounds(Patient(environment=environment, _read=[Rules(company=company, source="")])))


def test_sounds_that_can_be_fetched_are_well(there: tuple[str, type[Sounds]]) -> None:
    url, host = there
    [finding] = found(f"{url}/music.wav", {"play": f"{url}/hello.mp3"})
    assert (finding.level, finding.said) == (Level.WELL, "2 of your own can be fetched")
    [finding] = found(f"{url}/music.wav", {"play": f"{url}/music.wav"})
    assert (finding.level, finding.said) == (Level.WELL, "1 of your own can be fetched")
    assert sorted(host.asked) == ["/hello.mp3", "/music.wav", "/music.wav"]


def test_settings_without_sounds_of_their_own_are_well() -> None:
    assert [finding.level for finding in found()] == [Level.WELL]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/moved.wav", "cannot be fetched (HTTP 404)"),
        ("/page", "is no sound, but text/html"),
        ("/bare", "is no sound, but of no content type"),
        ("/slow", "does not come within 0.2 s"),
    ],
)
def test_what_callers_would_not_hear_is_broken(
    there: tuple[str, type[Sounds]], monkeypatch: pytest.MonkeyPatch, path: str, said: str
) -> None:
    monkeypatch.setattr(module, "WITHIN", 0.2 if path == "/slow" else 20.0)
    url, _ = there
    [finding] = found(f"{url}{path}")
    assert finding.level is Level.BROKEN
    assert finding.said == f"groups.sales.hold.music {said}: callers hear silence there"
    assert finding.remedy


def test_a_prompt_is_named_by_its_place(there: tuple[str, type[Sounds]]) -> None:
    url, _ = there
    wrong, *_ = found(f"{url}/music.wav", {"play": f"{url}/moved.wav"})
    assert wrong.said.startswith("menus.main.prompt.play cannot be fetched")


def test_a_host_that_nobody_trusts_or_that_is_away_is_broken(
    there: tuple[str, type[Sounds]], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, _ = there
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    [finding] = found(f"{url}/music.wav")
    assert "no certificate that others trust" in finding.said
    [finding] = found("https://127.0.0.1:1/music.wav")
    assert "nobody answers there" in finding.said


def test_the_doctor_looks_at_them() -> None:
    assert CHECKS["sounds"].look is module.sounds
