"""Lines between the app and what it depends on, which can be made bad: `python -m tests.chaos.lines ADDRESS…`.

A process of its own, so that nothing that the test does slows a line. Each address is that of a server, `host:port` or
the path of a socket. The ports on which the lines listen are printed, and then lines of input are obeyed: the place of
a line among the addresses, and how it is from now on (QUALITIES). What a line has taken in is never lost: a line that
says nothing passes it on when it is well again, as TCP would, unless one side has hung up meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from local.leash import leashed
from tests.moments import ROOT


@dataclass(frozen=True, kw_only=True)
class Quality:
    """How a line is: seconds that each piece is under way, bytes of a piece and seconds between two of them.

    A line that `holds` passes nothing on; one that `breaks` takes no connection, and has let go of those there were.
    """

    delay: float = 0.0
    piece: int = 65536
    pause: float = 0.0
    holds: bool = False
    breaks: bool = False


QUALITIES = {
    "well": Quality(),
    "slow": Quality(delay=0.05),
    "very slow": Quality(delay=0.2),  # 0.4 s there and back: just within live.connection.ANSWER_WITHIN
    "too slow": Quality(delay=1.0),
    "in drips": Quality(piece=1, pause=0.2),
    "silent": Quality(holds=True),
    "broken": Quality(breaks=True),
}


class Line:
    """One line: whoever connects to its port is connected to the server."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._quality = QUALITIES["well"]
        self._changed = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def listen(self) -> int:
        """Begin; returns the port."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def becomes(self, quality: Quality) -> None:
        """Be so from now on, also for connections that are open."""
        self._quality = quality
        if quality.breaks:
            for writer in [*self._open]:
                writer.transport.abort()
        self._changed.set()
        self._changed = asyncio.Event()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        there: asyncio.StreamWriter | None = None
        try:
            await self._well_enough()
            if self._quality.breaks:
                return
            answers, there = await self._reach()
            self._open.add(there)
            await asyncio.gather(self._pass(reader, there), self._pass(answers, writer))
        except OSError:
            pass  # either side may go at any time
        finally:
            for end in (writer, there):
                if end is not None:
                    self._open.discard(end)
                    end.transport.abort()

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._address.startswith("/"):
            return await asyncio.open_unix_connection(self._address)
        host, _, port = self._address.rpartition(":")
        return await asyncio.open_connection(host, int(port))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._well_enough()
            if self._quality.delay:
                await asyncio.sleep(self._quality.delay)
            while data:
                await self._well_enough()
                piece, data = data[: self._quality.piece], data[self._quality.piece :]
                writer.write(piece)
                await writer.drain()
                if data and self._quality.pause:
                    await asyncio.sleep(self._quality.pause)
        with suppress(OSError):
            writer.write_eof()

    async def _well_enough(self) -> None:
        while self._quality.holds:
            await self._changed.wait()


async def serve(addresses: Sequence[str]) -> None:
    """Serve lines to some addresses, and obey, until the input ends."""
    lines = [Line(address) for address in addresses]
    print(json.dumps([await line.listen() for line in lines]), flush=True)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while order := await orders.readline():
        place, how = json.loads(order)
        lines[place].becomes(QUALITIES[how])
        print("done", flush=True)


class Lines:
    """The lines of a run, by name; `ports` are where they listen."""

    def __init__(self, process: subprocess.Popen[str], names: Sequence[str]) -> None:
        assert process.stdin
        assert process.stdout
        self._in, self._out, self._names = process.stdin, process.stdout, [*names]
        self.ports: dict[str, int] = dict(zip(names, json.loads(self._out.readline()), strict=True))

    def make(self, name: str, how: str) -> Callable[[], None]:
        """Make a line so; returns what makes it well again."""
        self._order(name, how)
        return lambda: self._order(name, "well")

    def _order(self, name: str, how: str) -> None:
        self._in.write(json.dumps([self._names.index(name), how]) + "\n")
        self._in.flush()
        assert self._out.readline() == "done\n"


@contextmanager
def laid(addresses: dict[str, str]) -> Iterator[Lines]:
    """Lay lines to some addresses, by name."""
    command = leashed((sys.executable, "-m", "tests.chaos.lines", *addresses.values()))
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Lines(process, [*addresses])
        finally:
            process.kill()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1:]))
