"""`make run`'s supervisor, with stand-in programs for web and worker."""

import json
import os
import re
import signal
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from local import valkey
from local.crew import GRACE_SECONDS
from local.run import SAME_REQUEST_SECONDS

Checkout = Any  # tests/local/conftest.py


def test_a_first_start_writes_env_and_says_what_to_do_next(checkout: Checkout) -> None:
    run = checkout.run()
    run.says(f"Ringpath is up at http://127.0.0.1:{checkout.port}")
    run.says("flask phone\n")
    run.says(
        r"flask phone --to \+34910000001 --from \+34600000001 --press 1 --device client:ana=noanswer "
        r"--device \+34600111222=answer\n"
    )
    run.says("flask company import config/company.yaml\n")
    assert "wrote .env" in run.output
    file = checkout.folder / ".env"
    lines = dict(line.split("=", 1) for line in file.read_text().splitlines() if not line.startswith("#"))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert lines["PROVIDER"] == "simulator"
    assert lines["PUBLIC_URL"] == f"http://127.0.0.1:{checkout.port}"
    assert re.fullmatch("AC[0-9a-f]{32}", lines["TWILIO_ACCOUNT_SID"])
    assert len({lines["TWILIO_AUTH_TOKEN"], lines["SECRET_KEY"], ""}) == 3
    run.process.send_signal(signal.SIGINT)
    assert run.ends() == 0


# The Procfile's release command is what knows whether there are users; `flask release` says the link.
def test_a_first_start_gives_the_link_that_makes_the_first_administrator(checkout: Checkout) -> None:
    link = "https://acme.example/welcome/a-token.of_three-parts"
    checkout.program("release", f"print('no users yet: open {link}\\ncontacts: none')")
    run = checkout.run()
    run.says(rf"makes you the administrator, once:\n  {link}\nThere, Telephone calls the company")
    run.says("from another terminal:\n")
    assert "log in" not in run.output


def test_a_later_start_gives_the_plain_address(checkout: Checkout) -> None:
    run = checkout.run()
    run.says(rf"Open this address in a browser, and log in:\n  http://127\.0\.0\.1:{checkout.port}/\n")
    run.says("flask users reset NAME")
    assert "welcome" not in run.output


def test_a_second_start_leaves_env_as_it_is(checkout: Checkout) -> None:
    written = f"PROVIDER=somleng\nPUBLIC_URL=https://acme.example\nPORT={checkout.port}\nCOMPANY_FILE=mine.yaml\n"
    (checkout.folder / ".env").write_text(written)
    del checkout.environ["PORT"]
    run = checkout.run()
    run.says(f"up at http://127.0.0.1:{checkout.port}")
    run.says("voice webhook to https://acme.example/voice/incoming")
    run.says("flask company import mine.yaml\n")
    run.says(r"web +\| public url https://acme.example\n")
    assert "wrote" not in run.output
    assert (checkout.folder / ".env").read_text() == written


def test_another_port_moves_a_local_public_url_for_this_run(checkout: Checkout) -> None:
    (checkout.folder / ".env").write_text("PUBLIC_URL=http://127.0.0.1:8000\nPROVIDER=simulator\n")
    run = checkout.run()
    run.says(rf"web +\| public url http://127.0.0.1:{checkout.port}\n")
    assert "PUBLIC_URL=http://127.0.0.1:8000\n" in (checkout.folder / ".env").read_text()


def test_the_environment_wins_over_env(checkout: Checkout) -> None:
    (checkout.folder / ".env").write_text("PUBLIC_URL=http://127.0.0.1:8000\n")
    checkout.run(PUBLIC_URL="https://tunnel.example").says(r"public url https://tunnel\.example\n")


def test_ctrl_c_stops_all_and_valkey_last(checkout: Checkout, ends: Callable[[int], bool]) -> None:
    checkout.program(
        "worker",
        """
        import os, signal, sys, time
        from redis import Redis

        def end(*_):
            Redis.from_url(os.environ["REDIS_URL"]).set("last", "words")
            sys.exit(print("worker says bye"))

        signal.signal(signal.SIGTERM, end)
        print("process", os.getpid())
        while True:
            signal.pause()
        """,
    )
    run = checkout.run()
    worker = int(run.says(r"process (\d+)")[1])
    run.says("Ringpath is up")
    run.process.send_signal(signal.SIGINT)
    assert run.ends() == 0
    assert "web says bye" in run.output
    assert "worker says bye" in run.output
    assert ends(worker)
    again = valkey.ensure(checkout.folder / "var")
    valkey.stop(again)
    assert again.owned, "the run's Valkey was left behind"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_other_ways_to_ask_for_the_end(checkout: Checkout, number: signal.Signals) -> None:
    run = checkout.run()
    run.says("Ringpath is up")
    run.says(r"worker +\| process")  # web may answer before the worker listens to signals
    run.process.send_signal(number)
    assert run.ends() == 0
    assert "worker says bye" in run.output


STUBBORN = """
    import os, signal, subprocess, sys

    signal.signal(signal.SIGTERM, lambda *_: print("not yet"))
    deaf = "import os, signal; signal.signal(15, signal.SIG_IGN); print(os.getpid(), flush=True); signal.pause()"
    orphan = subprocess.Popen([sys.executable, "-c", deaf], start_new_session=True, stdout=subprocess.PIPE)
    print("processes", os.getpid(), orphan.stdout.readline().decode().strip())
    while True:
        signal.pause()
"""


def test_a_second_ctrl_c_hurries_and_nothing_is_left(
    checkout: Checkout, ends: Callable[[int], bool], kill_later: list[int]
) -> None:
    checkout.program("worker", STUBBORN)
    run = checkout.run()
    found = run.says(r"processes (\d+) (\d+)")
    kill_later += [int(found[1]), int(found[2])]
    run.says("Ringpath is up")
    asked = time.monotonic()
    run.process.send_signal(signal.SIGINT)
    run.says("web says bye")
    run.says("not yet")
    run.interrupt_until("worker does not stop: killing it")
    assert time.monotonic() - asked >= SAME_REQUEST_SECONDS, "one Ctrl-C, delivered twice, must not hurry"
    assert run.ends() == 0
    assert time.monotonic() - asked < GRACE_SECONDS
    assert all(ends(pid) for pid in kill_later)


def test_a_program_that_ends_takes_the_others_along(checkout: Checkout, ends: Callable[[int], bool]) -> None:
    checkout.program("mail", "import sys; print('no settings', end=''); sys.exit(3)")
    run = checkout.run()
    assert run.ends() == 1
    assert "mail ended by itself, exit code 3" in run.output
    assert "no settings" in run.output


def test_a_killed_program_is_named_with_its_signal(checkout: Checkout) -> None:
    run = checkout.run()
    worker = int(run.says(r"process (\d+)")[1])
    run.says("Ringpath is up")
    os.kill(worker, signal.SIGKILL)
    assert run.ends() == 1
    assert "worker ended by itself, killed by SIGKILL" in run.output
    assert "web says bye" in run.output


def test_a_valkey_that_is_gone_ends_the_run(checkout: Checkout) -> None:
    run = checkout.run()
    run.says("Ringpath is up")
    server = valkey.ensure(checkout.folder / "var")
    assert server.pid
    os.kill(server.pid, signal.SIGKILL)
    assert run.ends() == 1
    assert "valkey ended by itself, killed by SIGKILL" in run.output


def test_nothing_outlives_a_killed_supervisor(checkout: Checkout, ends: Callable[[int], bool]) -> None:
    run = checkout.run()
    worker = int(run.says(r"process (\d+)")[1])
    run.says("Ringpath is up")
    server = valkey.ensure(checkout.folder / "var")
    assert server.pid
    assert not server.owned
    run.process.kill()
    assert ends(worker)
    assert ends(server.pid)


def test_broken_settings_are_shown_and_nothing_starts(checkout: Checkout) -> None:
    checkout.program("release", "import sys; sys.exit('numbers.+34910000001.group: no such group: sails')")
    run = checkout.run()
    assert run.ends() == 1
    assert "numbers.+34910000001.group: no such group: sails" in run.output
    assert "`python release.py` found the problems above" in run.output
    assert "web" not in run.output
    assert not (checkout.folder / "var" / "valkey.sock").exists()


def test_a_given_redis_is_used_as_it_is(checkout: Checkout) -> None:
    run = checkout.run(REDIS_URL="redis://127.0.0.1:1/0")
    run.says(r"redis redis://127\.0\.0\.1:1/0\n")
    run.says("Ringpath is up")
    assert "Valkey" not in run.output


@pytest.fixture
def neighbour(free_port: int) -> Iterator[int]:
    """Another program's port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", free_port))
        listener.listen()
        yield free_port


def test_a_busy_port_is_explained(checkout: Checkout, neighbour: int) -> None:
    run = checkout.run()
    assert run.ends() == 1
    assert re.search(
        rf"port {neighbour} is busy: process {os.getpid()} \(.+\) has it\. "
        rf"Choose another one: PORT={neighbour + 1} make run",
        run.output,
    )
    assert not (checkout.folder / ".env").exists()


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1", "８０００"])
def test_a_port_that_is_none_is_named(checkout: Checkout, port: str) -> None:
    run = checkout.run(PORT=port)
    assert run.ends() == 1
    assert f"PORT={port} is not a port" in run.output


def test_a_second_run_in_the_same_folder_is_refused(checkout: Checkout) -> None:
    first = checkout.run()
    first.says("Ringpath is up")
    second = checkout.run()
    assert second.ends() == 1
    assert f"already runs, at http://127.0.0.1:{checkout.port} (process {first.process.pid})" in second.output


def test_health_is_asked_without_a_proxy(checkout: Checkout) -> None:
    asked: list[str] = []

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(502)

    with HTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        checkout.run(http_proxy=f"http://127.0.0.1:{proxy.server_port}").says("Ringpath is up")
        proxy.shutdown()
        thread.join()
    assert asked == []


def test_env_files_are_read_with_quotes_and_comments(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# note\nexport PUBLIC_URL='https://acme.example'  # ours\nTEXT=" + json.dumps("a b")
    )
    checkout.run().says(r"public url https://acme\.example\n")
