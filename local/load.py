"""A load of signed webhooks: many connections from one process, each a call after the other."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Timings:
    """Seconds that each webhook took, by its name, and the whole run."""

    by_name: dict[str, list[float]] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def requests(self) -> int:
        """How many webhooks were answered."""
        return sum(map(len, self.by_name.values()))

    def percentile(self, name: str, share: float) -> float:
        """Seconds within which a share of a webhook's answers came."""
        values = sorted(self.by_name[name])
        return values[min(int(len(values) * share), len(values) - 1)]


Request = tuple[str, bytes]
"""A webhook's name, and its bytes as they go over the wire."""


class _Line:
    """One connection, busy with one call at a time."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.todo: list[Request] = []
        self.name, self.sent, self.read = "", 0.0, b""

    def send(self) -> None:
        self.name, request = self.todo.pop(0)
        self.read = b""
        self.sent = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Take what has come; tell whether the answer is complete. Raises RuntimeError when it is not a 200."""
        part = self.socket.recv(65536)
        if not part:
            raise RuntimeError("the server closed a connection")
        self.read += part
        head, complete, body = self.read.partition(b"\r\n\r\n")
        if not complete:
            return False
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(self.read.decode(errors="replace"))
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        return len(body) >= length


def run(port: int, calls: Sequence[Sequence[Request]], connections: int) -> Timings:
    """Play calls over some connections as fast as the server answers."""
    timings, waiting = Timings(), [list(call) for call in reversed(calls)]
    with selectors.DefaultSelector() as selector:
        lines = [_Line(port) for _ in range(connections)]
        started = time.perf_counter()
        for line in lines:
            line.todo = waiting.pop()
            line.send()
            selector.register(line.socket, selectors.EVENT_READ, line)
        busy = len(lines)
        while busy:
            for key, _ in selector.select():
                line = key.data
                if not line.receive():
                    continue
                timings.by_name.setdefault(line.name, []).append(time.perf_counter() - line.sent)
                line.todo = line.todo or (waiting.pop() if waiting else [])
                if line.todo:
                    line.send()
                else:
                    selector.unregister(line.socket)
                    busy -= 1
        timings.seconds = time.perf_counter() - started
        for line in lines:
            line.socket.close()
    return timings
