"""The lines that are made bad: what they do to whoever speaks over them."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.chaos.lines import Lines, laid


@pytest.fixture(scope="module")
def lines() -> Iterator[Lines]:
    """A line to a server that gives back what it is given."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_echoes, args=(server,), daemon=True).start()
        with laid({"echo": f"127.0.0.1:{server.getsockname()[1]}"}) as lines:
            yield lines


def _echoes(server: socket.socket) -> None:
    while True:
        try:
            client = server.accept()[0]
        except OSError:
            return
        threading.Thread(target=_echo, args=(client,), daemon=True).start()


def _echo(client: socket.socket) -> None:
    with client:
        try:
            while data := client.recv(1024):
                client.sendall(data)
        except OSError:
            pass


def called(lines: Lines) -> socket.socket:
    """Connect over the line; nothing is waited for longer than a test bears."""
    return socket.create_connection(("127.0.0.1", lines.ports["echo"]), timeout=20)


def test_a_line_that_is_well_passes_everything_on(lines: Lines) -> None:
    with called(lines) as client:
        client.sendall(b"hello")
        assert client.recv(9) == b"hello"


def test_what_a_silent_line_has_taken_in_comes_when_it_is_well_again(lines: Lines) -> None:
    with called(lines) as client:
        client.sendall(b"before")
        assert client.recv(9) == b"before"
        mend = lines.make("echo", "silent")
        client.sendall(b"during")
        client.settimeout(0.1)
        with pytest.raises(TimeoutError):
            client.recv(9)
        mend()
        client.settimeout(20)
        assert client.recv(9) == b"during"


def test_a_broken_line_lets_go_of_everybody_and_takes_nobody(lines: Lines) -> None:
    with called(lines) as client:
        client.sendall(b"before")
        assert client.recv(9) == b"before"
        mend = lines.make("echo", "broken")
        assert gone(client)
        with called(lines) as other:
            assert gone(other)
        mend()
    test_a_line_that_is_well_passes_everything_on(lines)


def gone(client: socket.socket) -> bool:
    """Whether the other side has hung up."""
    try:
        return client.recv(9) == b""
    except ConnectionError:
        return True


def test_a_slow_line_takes_its_time_both_ways(lines: Lines) -> None:
    mend = lines.make("echo", "very slow")
    with called(lines) as client:
        began = time.monotonic()
        client.sendall(b"slowly")
        assert client.recv(9) == b"slowly"
        assert time.monotonic() - began > 0.4
    mend()
