"""What the servers of a chaos run stand on: lines to Redis, SQL and the CRM, and a database that can be struck too."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from local import CannotStartError, postgres
from tests.chaos.lines import Lines, laid
from tests.crowd.processes import children, descendants, kill
from tests.crowd.servers import Store
from tests.kills.faults import Ground
from tests.portal.portal import Portal

LOCKED_WITHIN = 0.2


class File:
    """An SQLite file: all that can befall it is that somebody else writes for long."""

    path = ""

    def lock(self) -> Callable[[], None] | None:
        """Begin to write; returns what ends it, None when somebody else is writing now."""
        connection = sqlite3.connect(self.path, timeout=LOCKED_WITHIN, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            connection.close()
            return None
        return connection.close


class Base:
    """A PostgreSQL server, always on the same folder."""

    def __init__(self, running: postgres.Running) -> None:
        self.folder, self.running = running.folder, running
        self._again_at: float | None = None

    @property
    def pids(self) -> list[int]:
        """The server and its parts, which serve one connection each, or clean up."""
        pid = self.running.process.pid
        return [pid, *(each.pid for each in descendants(pid))] if self.running.process.poll() is None else []

    @property
    def parts(self) -> list[int]:
        """Its parts alone."""
        return [each.pid for each in children(self.running.process.pid)]

    def kill(self) -> bool:
        """Kill all of it with -9."""
        pids = self.pids
        killed = kill(*pids)
        if killed:
            self.running.process.wait()
            while any(_lives(pid) for pid in pids[1:]):
                time.sleep(0.01)
            (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)  # or it would seem to answer still
        return killed > 0

    def stop(self) -> bool:
        """End it as an operator does who installs a new version: what is under way is broken off."""
        if self.running.process.poll() is not None:
            return False
        postgres.stop(self.running)
        return True

    def keep(self, again: Callable[[], float]) -> None:
        """Start it again, if it does not run."""
        if self.running.process.poll() is None:
            return
        if self._again_at is None:
            self._again_at = time.monotonic() + again()
        if time.monotonic() >= self._again_at:
            with suppress(CannotStartError):
                self.running, self._again_at = postgres.start(self.folder), None


def _lives(pid: int) -> bool:
    with suppress(OSError):
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


class ChaosGround(Ground):
    """Lines to Redis, to the CRM and to a PostgreSQL server (`base`; without, to nobody: the file is read directly)."""

    def __init__(self, base: Base | None) -> None:
        self.base, self.file = base, File()
        self._lines: Lines | None = None

    @property
    def lines(self) -> Lines:
        """The lines, once they are laid."""
        assert self._lines
        return self._lines

    @contextmanager
    def lays(self, variables: Mapping[str, str], store: Store, portal: Portal | None) -> Iterator[Mapping[str, str]]:
        """Lay the lines between the servers and what they depend on."""
        assert portal
        addresses = {"redis": store.url.removeprefix("unix://"), "crm": urlsplit(portal.url).netloc}
        url = make_url(variables["DATABASE_URL"])
        if self.base:
            addresses["sql"] = str(self.base.folder / f".s.PGSQL.{postgres.PORT}")
        else:
            self.file.path = url.database or ""
        with laid(addresses) as self._lines:
            ports = self._lines.ports
            portal.shown = f"http://127.0.0.1:{ports['crm']}"
            changed = {"REDIS_URL": f"redis://127.0.0.1:{ports['redis']}/0", "BITRIX24_PORTAL": portal.shown}
            if self.base:
                far = url.set(host="127.0.0.1", port=ports["sql"], query={})
                changed["DATABASE_URL"] = far.render_as_string(hide_password=False)
            yield changed

    @property
    def well(self) -> bool:  # type: ignore[override]
        """Whether the database runs."""
        return self.base is None or bool(self.base.pids)

    def keeps(self, again: Callable[[], float]) -> None:
        """Start the database again, if it does not run."""
        if self.base:
            self.base.keep(again)
