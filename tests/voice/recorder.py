"""A worker that fetches recordings from a provider over real HTTP into a folder, on a clock that the test moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from calls import ledger
from calls.database import connect
from calls.details import CallDetails
from calls.shelf import Shelf, shelf_of
from config.company import Company
from config.storage import Folder
from local.house import empty_database
from simulator.sound import SPEECH, Sound
from tests.details.recorded import NOW, a_recording, row
from tests.details.rows import a_call, on_file
from tests.voice.provider import Side, provider_side
from voice.recordings.fetching import Fetcher
from voice.recordings.retention import Remover


@dataclass
class Recorder:
    """The worker, what it asks, where it puts things, and its clock."""

    side: Side
    engine: Engine
    folder: Path
    company: Company
    shelf: Shelf
    now: datetime = NOW

    def message(self, *, loudness: float = SPEECH, settled: bool = True, **fields: Any) -> str:
        """A caller left a message for the sales group; returns the recording's id."""
        trace = (
            {"code": "voicemail", "mailbox": "group:sales", "t": ms("10:30:10")},
            {"code": "message_left", "mailbox": "group:sales", "sid": "", "url": "", "seconds": 5, "t": ms("10:30:20")},
        )
        kind = {"kind": "voicemail", "mailbox": "group:sales"}
        return self._recorded(Sound(seconds=5, loudness=loudness), "voicemail", trace, kind | fields, settled=settled)

    def talk(self, seconds: int = 3, **fields: Any) -> str:
        """Somebody spoke to a caller; returns the recording's id."""
        return self._recorded(Sound(seconds=seconds, channels=2), "answered", (), fields, settled=True)

    def _recorded(self, sound: Sound, outcome: str, trace: Any, fields: dict[str, Any], *, settled: bool) -> str:
        call = a_call("2026-11-24 10:30", outcome, crm_due_at=NOW, settled_at=NOW if settled else None)
        recording = fields.pop("id", "RE" + call.id[2:])
        for note in trace:
            note.update({"sid": recording} if "sid" in note else {})
        on_file(self.engine, CallDetails(**{**_values(call), "trace": trace}))
        url = self.side.record(sound, recording)
        return a_recording(self.engine, call.id, id=recording, url=url, **fields)

    def fetches(self) -> int:
        """Let it fetch what is due; returns how many it took."""
        return self.fetcher.fetch_due(self.now + timedelta(seconds=1))

    @property
    def fetcher(self) -> Fetcher:
        """What does the work."""
        return Fetcher(
            engine=self.engine, api=self.side.api, shelf=self.shelf, company=self.company, clock=lambda: self.now
        )

    def remover(self, days: int = 30, *, asks: bool = True) -> Remover:
        """What removes the old ones."""
        api = self.side.api if asks else None
        return Remover(engine=self.engine, api=api, shelf=self.shelf, keep_days=days, clock=lambda: self.now)

    def later(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)

    def row(self, recording: str) -> Any:
        """What is on file of a recording."""
        return row(self.engine, recording)

    def call(self, recording: str) -> CallDetails:
        """The call that it belongs to."""
        with self.engine.connect() as connection:
            found = ledger.find(connection, self.row(recording).call_id)
        assert found is not None
        return found

    def files(self) -> list[str]:
        """All that lies in the folder."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*") if path.is_file())


def ms(time: str) -> int:
    """A moment of that Tuesday, as the trace keeps it."""
    return int(datetime.fromisoformat(f"2026-11-24T{time}+01:00").timestamp() * 1000)


def _values(call: CallDetails) -> dict[str, Any]:
    return {name: getattr(call, name) for name in CallDetails.__dataclass_fields__}


@contextmanager
def recorder(company: Company, folder: Path, shelf: Shelf | None = None) -> Iterator[Recorder]:
    """Employ the worker; without a `shelf` it has the folder."""
    engine = connect(empty_database(folder))
    with provider_side() as side:
        place = folder / "recordings"
        yield Recorder(side, engine, place, company, shelf or shelf_of(Folder(path=place)))
    engine.dispose()
