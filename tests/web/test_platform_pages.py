"""What the platform asks the app: alive, ready, figures; and the files that the provider plays."""

from __future__ import annotations

import re
import wave
from io import BytesIO
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from rq import SimpleWorker

from calls.database import NoAnswer
from config.company import Company
from flows.places import KINDS, AtMenu
from live import tallies
from live.queue import QUEUES, queue
from tests.refusing import refusing, sql_refusing
from tests.voice.wire import Answer, Wire, app_of, place_path
from voice.ending.closing import Closer

MUSIC = "/media/hold.wav"


@pytest.fixture
def wire(redis_url: str, redis: Redis, sample: Company) -> Wire:
    """The sample company's app."""
    return Wire(app_of(sample, redis_url, with_pages=True))


def asked(wire: Wire, path: str, **headers: str) -> Answer:
    """GET a page, unsigned as platforms and providers do."""
    return wire.raw("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})


# /healthz: alive (DESIGN section 5). It asks nobody: a restart does not mend a Redis that is away.
def test_alive_needs_nothing_but_the_process(sample: Company) -> None:
    answer = asked(Wire(app_of(sample, "unix:///nonexistent/valkey.sock", with_pages=True)), "/healthz")
    assert answer.kind == (200, "application/json")
    assert '"ok"' in answer.text


# /readyz: ready: Redis, worker, each named (DESIGN section 5).
def test_ready_names_each_part(wire: Wire, redis: Redis) -> None:
    workers = [SimpleWorker([queue(redis, name)], connection=redis) for name in QUEUES]
    for worker in workers:
        worker.register_birth()
    answer = asked(wire, "/readyz")
    assert answer.status == 200
    parts = ("status", "redis", "database", "worker", "crm", "balance", "sip_connector", "recordings")
    assert answer_parts(answer) == dict.fromkeys(parts, "ok")
    workers[1].register_death()
    assert "slow jobs" in answer_parts(asked(wire, "/readyz"))["worker"]
    workers[0].register_death()
    answer = asked(wire, "/readyz")
    assert answer.status == 200
    assert answer_parts(answer)["status"] == "degraded"
    assert answer_parts(answer)["redis"] == "ok"
    assert "no worker" in answer_parts(answer)["worker"]


# Redis gone: /readyz says degraded (DESIGN section 6), and calls are answered all the same.
def test_without_redis_the_app_is_degraded_and_says_so(sample: Company) -> None:
    wire = Wire(app_of(sample, "unix:///nonexistent/valkey.sock", with_pages=True))
    answer = asked(wire, "/readyz")
    assert answer.status == 200
    parts = answer_parts(answer)
    assert parts["status"] == "degraded"
    assert parts["redis"].startswith("out of reach")
    assert parts["worker"] != "ok"
    assert wire.post("/voice/incoming").status == 200


# One that is full, or has become a replica, answers a PING as ever, and takes nothing: the cause, and the remedy.
@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("full", "full; calls are routed without it, groups in listed order: raise its maxmemory"),
        ("unable to persist", "unable to write to its disk; calls are routed without it"),
        ("a replica", "a read-only replica; calls are routed without it"),
    ],
)
def test_a_redis_that_takes_nothing_is_not_well(wire: Wire, redis: Redis, how: str, says: str) -> None:
    with refusing(redis, how):
        parts = answer_parts(asked(wire, "/readyz"))
        up = asked(wire, "/metrics").text
    assert parts["redis"].startswith(says)
    assert parts["status"] == "degraded"
    assert 'ringpath_up{part="redis"} 0.0' in up
    assert answer_parts(asked(wire, "/readyz"))["redis"] == "ok"


def test_a_database_that_takes_nothing_is_not_well(wire: Wire) -> None:
    of_calls, of_pages = wire.app.extensions["ringpath"].closer.engine, wire.app.extensions["reception"].engine
    with sql_refusing(of_calls, "read-only"), sql_refusing(of_pages, "read-only"):
        parts, up = answer_parts(asked(wire, "/readyz")), asked(wire, "/metrics").text
    assert parts["database"].startswith("read-only; calls wait in Redis to be put on file: let our user write")
    assert 'ringpath_up{part="sql"} 0.0' in up
    assert answer_parts(asked(wire, "/readyz"))["database"] == "ok"


# A worker that was killed is forgotten, and so is one of another queue.
def test_a_worker_of_another_queue_does_not_count(wire: Wire, redis: Redis) -> None:
    worker = SimpleWorker(["another"], connection=redis)
    worker.register_birth()
    assert asked(wire, "/readyz").status == 200
    worker.register_death()


def answer_parts(answer: Answer) -> dict[str, str]:
    """The JSON object that a page is."""
    return dict(re.findall(r'"([a-z_]+)": ?"([^"]*)"', answer.text))


def counted(wire: Wire) -> dict[str, float]:
    """How many webhooks were answered so far, by place."""
    families = text_string_to_metric_families(asked(wire, "/metrics").text)
    samples = [each for family in families for each in family.samples if each.name == "ringpath_webhook_seconds_count"]
    return {each.labels["place"]: each.value for each in samples}


# A figure that goes down and up again is one that Prometheus takes for a restart; a missing one does no harm.
def test_figures_that_cannot_be_read_steadily_are_not_told(
    wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    monkeypatch.setattr(tallies, "WAITS", 0)
    assert asked(wire, "/metrics").status == 200
    (tmp_path / "counter_7.in-hand").touch()
    assert asked(wire, "/metrics").status == 503


# /metrics: Prometheus (DESIGN section 5); webhooks by place.
def test_webhooks_are_counted_by_place(wire: Wire, sample: Company) -> None:
    before = counted(wire)
    wire.post("/voice/incoming")
    wire.post("/voice/incoming")
    wire.post(place_path(sample, AtMenu(step=1, then="responsible", menu="main")), Digits="1")
    wire.post("/voice/at/garden")
    wire.post("/voice/never/ours")
    wire.post("/voice/status")
    wire.raw("POST", "/voice/incoming")
    after = counted(wire)
    grown = {place: count - before.get(place, 0) for place, count in after.items() if count != before.get(place, 0)}
    assert grown == {"incoming": 2, "menu": 1, "unknown": 2, "status": 1, "refused": 1}


# RingpathRefused (docs/grafana/alerts.yaml) blames a stranger, or the token: a store that is away is neither.
def test_who_is_asked_to_tell_again_is_not_counted_as_refused(sample: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise NoAnswer("SQL hangs")

    monkeypatch.setattr(Closer, "first", fails)
    wire = Wire(app_of(sample, "unix:///nonexistent/valkey.sock"))
    before = counted(wire)
    assert wire.post("/voice/status", CallStatus="completed").status == 503
    after = counted(wire)
    assert [after[place] - before[place] for place in ("status", "refused")] == [1, 0]


def test_the_names_of_places_are_a_fixed_set(wire: Wire) -> None:
    for kind in ("x" * 50, "y", "z"):
        wire.post(f"/voice/at/{kind}")
        wire.raw("POST", f"/voice/{kind}")
    known = {*KINDS, "incoming", "status", "leg", "recording", "fallback", "probe", "unknown", "refused"}
    assert counted(wire).keys() <= known


def test_other_pages_are_not_webhooks(wire: Wire) -> None:
    before = counted(wire)
    for path in ("/healthz", "/readyz", MUSIC, "/nothing"):
        asked(wire, path)
    assert counted(wire) == before
    assert asked(wire, "/metrics").headers["Content-Type"].startswith("text/plain; version=")


# Hold with music: a file that the provider can fetch, with a proper content type and caching (issue 2, part 6).
def test_the_music_on_hold_is_sound_that_may_be_kept(wire: Wire) -> None:
    answer = asked(wire, MUSIC)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "audio/wav"
    assert "max-age=86400" in answer.headers["Cache-Control"]
    assert "public" in answer.headers["Cache-Control"]
    assert int(answer.headers["Content-Length"]) == len(answer.bytes)
    with wave.open(BytesIO(answer.bytes)) as sound:
        assert 5 < sound.getnframes() / sound.getframerate() < 60


@pytest.mark.parametrize(("asks", "told"), [("If_None_Match", "ETag"), ("If_Modified_Since", "Last-Modified")])
def test_music_that_the_provider_has_is_not_sent_again(wire: Wire, asks: str, told: str) -> None:
    first = asked(wire, MUSIC)
    again = asked(wire, MUSIC, **{asks: first.headers[told]})
    assert again.status == 304
    assert again.bytes == b""
    assert "max-age" in again.headers["Cache-Control"]


def test_a_part_of_the_music_may_be_asked_for(wire: Wire) -> None:
    answer = asked(wire, MUSIC, Range="bytes=0-3")
    assert (answer.status, answer.bytes) == (206, b"RIFF")


ELSEWHERE = [
    "/media/../voice.py",
    "/media/..%2f..%2fconfig%2fcompany.wav",
    "/media/%2e%2e/%2e%2e/config/company.yaml",
    "/media/%2fetc%2fpasswd.wav",
    "/media/....//hold.wav",
    "/media/make_hold_music.py",
    "/media/nothing.wav",
    "/media/.wav",
    "/media/hold.wav/..",
    "/media/hold.wav%00.wav",
    "/media/~root.wav",
    "/media/",
]


@pytest.mark.parametrize("path", ELSEWHERE)
def test_nothing_but_the_music_is_given_away(wire: Wire, path: str) -> None:
    answer = asked(wire, path)
    assert answer.status == 404
    assert "Traceback" not in answer.text


def test_the_music_is_asked_for_with_get_only(wire: Wire) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert wire.raw(method, MUSIC).status == 405
    assert wire.raw("HEAD", MUSIC).bytes == b""


def test_an_address_that_is_not_there_says_so(wire: Wire) -> None:
    assert asked(wire, "/nothing").status == 404
    assert asked(wire, "/voice").status == 404
