"""Attaching: the recording of a call goes to where the call is filed, once both are there."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from sqlalchemy import Engine

from calls import attaching
from calls.attaching import Attachment
from calls.shelf import Shelf, ShelfError
from crm.crm import Crm, CrmError, Sound
from crm.filing import MENDED, Clock
from live import about

log = logging.getLogger("ringpath.crm")


@dataclass(frozen=True, kw_only=True)
class Attacher:
    """Attaches recordings from a shelf to calls of a CRM. Every method raises StoreError.

    A worker that is killed before the database knows leaves the recording to be attached again, in its own place.
    """

    engine: Engine
    crm: Crm
    shelf: Shelf
    clock: Clock

    def attach_due(self, until: datetime) -> int:
        """Attach what is due, until a moment, or until the CRM wants to be left alone; returns how many were taken."""
        taken = 0
        if self.crm.held():
            return taken
        while self.clock() < until:
            with self.engine.begin() as connection:
                recording = attaching.take(connection, self.clock())
            if recording is None:
                break
            taken += 1
            with about.at(call=recording.call_id):
                if not self.attach(recording):
                    break
        return taken

    def attach(self, recording: Attachment) -> bool:
        """Attach one that was taken, and keep what became of it; False when the CRM wants to be left alone."""
        try:
            with self.shelf.as_file(recording.file) as file:
                name = PurePath(recording.file).name
                self.crm.attach_recording(recording.crm_call_id, Sound(file=file, name=name))
        except ShelfError as error:
            return self._failed(recording, CrmError(str(error)))
        except CrmError as error:
            return self._failed(recording, error)
        with self.engine.begin() as connection:
            attaching.attached(connection, recording, self.clock())
        return True

    def _failed(self, recording: Attachment, error: CrmError) -> bool:
        now = self.clock()
        log.warning("recording %s of call %s could not be attached: %s", recording.id, recording.call_id, error)
        with self.engine.begin() as connection:
            if error.unconnected:
                attaching.give_back(connection, recording, now, MENDED, str(error))
            elif error.permanent:
                attaching.fail(connection, recording, str(error))
            elif error.wait is not None:
                attaching.give_back(connection, recording, now, error.wait, str(error))
            else:
                attaching.later(connection, recording, now, str(error))
        return error.wait is None and not error.unconnected
