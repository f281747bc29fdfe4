"""Which ports are free, and whose the others are."""

import socket

import pytest

from local import CannotStartError
from local.port import parse, require_free


def test_a_free_port_is_free(free_port: int) -> None:
    require_free(free_port)


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")])
def test_a_listener_on_every_address_counts(family: socket.AddressFamily, address: str) -> None:
    with socket.socket(family) as listener:
        listener.bind((address, 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(CannotStartError, match=f"port {port} is busy: process .* has it"):
            require_free(port)


def test_a_port_whose_server_has_just_gone_may_be_used_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        served, _ = listener.accept()
        served.close()  # the server's side closes first, and stays in TIME_WAIT
        client.close()
    require_free(port)


@pytest.mark.parametrize(("text", "port"), [("1", 1), ("8000", 8000), ("65535", 65535)])
def test_ports_are_read(text: str, port: int) -> None:
    assert parse(text) == port


@pytest.mark.parametrize("text", ["", "0", "65536", "http", "-1", "+80", "8000 ", "８０００", "99999999999"])
def test_what_is_no_port_is_named(text: str) -> None:
    with pytest.raises(CannotStartError, match="is not a port"):
        parse(text)
