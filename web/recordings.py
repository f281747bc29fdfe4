"""The sound of recordings and messages: heard, sought in, and deleted, by whom the call's employee's reach admits."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import BinaryIO, NamedTuple

from flask import Blueprint, abort, flash, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.datastructures import Range
from werkzeug.wrappers import Response

from calls import ledger, retention
from calls.details import CallDetails
from calls.recordings import Sound, sound_of
from calls.shelf import ShelfError, shelf_of
from web.access import Permission, rule
from web.calls.wanted import clean
from web.reach import hears, reach, sees
from web.reception import here
from web.sessions import person
from web.words import _

pages = Blueprint("recordings", __name__)

PIECE = 64 * 1024
"""Bytes in memory at a time."""

KINDS = frozenset({"audio/wav", "audio/x-wav", "audio/wave", "audio/mpeg"})
"""What a browser is told that it gets; anything else would not be a recording of ours."""

log = logging.getLogger("ringpath.web")


class Part(NamedTuple):
    """Bytes `start` to `stop` of `size`; `whole` when nobody asked for less."""

    start: int
    stop: int
    size: int
    whole: bool

    @property
    def length(self) -> int:
        """How many they are."""
        return self.stop - self.start


@pages.get("/recordings/<recording_id>")
@rule(Permission.RECORDINGS)
def sound(recording_id: str) -> Response:
    """The sound, or the part of it that a player asks for; from where it is kept, else from the provider."""
    found = _found(recording_id, Permission.RECORDINGS)
    if found.state == "removed":
        abort(410)
    try:
        return _kept(found) if found.file else _at_the_provider(found)
    except ShelfError as error:
        log.warning("recording %s cannot be played: %s", found.id, error)
        abort(502)


@pages.post("/recordings/<recording_id>/delete")
@rule(Permission.DELETE_RECORDINGS)
def delete(recording_id: str) -> Response:
    """Have it removed: it is gone for people at once, and within a minute from the disk and the provider."""
    found = _found(recording_id, Permission.DELETE_RECORDINGS)
    with here().engine.begin() as connection:
        done = retention.doom(connection, found.id, f"deleted by {person().name}", here().clock())
    if done:
        log.info("recording %s was deleted by user %s", found.id, person().id)
        flash(_("The recording has been deleted."), "good")
    if sees(reach(Permission.CALLS), _call(found).employee):
        return redirect(url_for("calls.call", call_id=found.call_id), 303)
    return redirect(url_for("now.page"), 303)


def _found(recording_id: str, permission: Permission) -> Sound:
    """Find a recording that this person may hear, and do so much more with; any other is not there."""
    with here().engine.connect() as connection:
        found = sound_of(connection, clean(recording_id))
        call = ledger.find(connection, found.call_id) if found else None
    if found is None or call is None:
        abort(404)
    for needed in {Permission.RECORDINGS, permission}:
        if not hears(reach(needed), found.mailbox, call, here().company):
            abort(404)
    return found


def _call(found: Sound) -> CallDetails:
    connection: Connection
    with here().engine.connect() as connection:
        call = ledger.find(connection, found.call_id)
    assert call is not None, "it was there when the recording was found"
    return call


def _kept(found: Sound) -> Response:
    """Send what is kept here; of a bucket as well no more than what was asked for is fetched."""
    assert found.file is not None, "it is kept"
    part = _part(found)
    if part is None:
        return Response(status=416, headers={"Content-Range": f"bytes */{found.size}"})
    if request.method == "HEAD":
        return _answer(found.content_type, part, None, _tag(found))
    file = shelf_of(here().environment.recordings_url).opened(found.file, part.start, part.stop)
    return _answer(found.content_type, part, file, _tag(found))


def _part(found: Sound) -> Part | None:
    """Read which part is asked for; None when there is no such part. Several at once are answered with the whole."""
    size = found.size or 0
    wanted: Range | None = request.range
    unchanged = request.if_range.etag in {None, _tag(found)} and request.if_range.date is None
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1 or not unchanged:
        return Part(0, size, size, whole=True)
    bounds = wanted.range_for_length(size)
    return Part(bounds[0], bounds[1], size, whole=False) if bounds else None


def _tag(found: Sound) -> str:
    """What is kept under one name never changes."""
    return f"{found.id}-{found.size}"


def _at_the_provider(found: Sound) -> Response:
    """Fetch it for this one time; it cannot be sought in, or each part would be another fetch of the whole."""
    fetch = here().provider_sound
    if fetch is None or request.method == "HEAD":
        raise ShelfError("it is at the provider, whose REST API is not known")
    file = TemporaryFile(prefix="ringpath-")  # noqa: SIM115  (closed with the answer)
    try:
        kind = fetch(found.url, file)
        size = file.tell()
    except BaseException:
        file.close()
        raise
    file.seek(0)
    answer = _answer(kind, Part(0, size, size, whole=True), file, None)
    answer.headers["Accept-Ranges"] = "none"
    return answer


def _answer(kind: str | None, part: Part, file: BinaryIO | None, tag: str | None) -> Response:
    answer = Response(
        _pieces(file, part.length) if file else (),
        status=200 if part.whole else 206,
        content_type=kind if kind in KINDS else "application/octet-stream",
        headers={
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, no-store",
            "Content-Length": str(part.length),
            "Content-Disposition": "inline",
        },
    )
    if not part.whole:
        answer.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{part.size}"
    if tag:
        answer.set_etag(tag)
    if file:
        answer.call_on_close(file.close)  # also where the browser has gone before the first piece
    return answer


def _pieces(file: BinaryIO, left: int) -> Iterator[bytes]:
    with file:
        while left > 0 and (piece := file.read(min(PIECE, left))):
            left -= len(piece)
            yield piece
