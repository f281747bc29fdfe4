"""Recordings on their way into Bitrix24: telephony.externalCall.attachRecord (bitrix24.md 5)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from crm.bitrix24 import crm as module
from crm.bitrix24.upload import PIECE, Upload
from crm.crm import CrmError, Sound
from tests.crm.conftest import secrets
from tests.crm.offices import Office, OpenOffice, filing
from tests.portal.parameters import ATTACH
from tests.portal.portal import UPLOAD

WORDS = random.Random(3).randbytes(3 * PIECE + 17)


@pytest.fixture
def sound(tmp_path: Path) -> Sound:
    """A recording in a file."""
    file = tmp_path / "RE1.mp3"
    file.write_bytes(WORDS)
    return Sound(file=file, name="RE1.mp3")


def filed(here: Office) -> str:
    """File a call, and return the portal's id of it."""
    remembered: list[str] = []
    here.crm().file_call(filing(), remembered.append)
    return remembered[0]


@pytest.mark.parametrize("name", ["RE1.mp3", "RE1.wav"])
def test_a_recording_is_uploaded_to_the_address_that_the_portal_gives(here: Office, sound: Sound, name: str) -> None:
    call_id = filed(here)
    here.crm().attach_recording(call_id, Sound(file=sound.file, name=name))
    assert [request.params for request in here.there.asked(ATTACH)] == [{"CALL_ID": call_id, "FILENAME": name}]
    [found] = here.there.telephony.files
    assert (found.call_id, found.name, found.content) == (call_id, name, WORDS)
    assert here.there.calls[0]["RECORD_FILE_ID"] is not None


# "Repeat replaces the earlier recording" (bitrix24.md 5).
def test_it_may_be_repeated(here: Office, sound: Sound) -> None:
    call_id = filed(here)
    for _ in range(2):
        here.crm().attach_recording(call_id, sound)
    assert here.there.calls[0]["RECORD_FILE_ID"] == 9002
    assert len(here.there.calls) == 1


# The token may have been renewed since the call was filed.
def test_it_is_uploaded_after_a_renewal_too(here: Office, sound: Sound) -> None:
    call_id = filed(here)
    here.there.expire_token()
    here.crm().attach_recording(call_id, sound)
    assert [file.content for file in here.there.telephony.files] == [WORDS]


def test_where_there_is_no_address_it_goes_along_in_the_request(open_office: OpenOffice, sound: Sound) -> None:
    here = open_office(gives_upload_url=False)
    here.crm().attach_recording(filed(here), sound)
    assert [file.content for file in here.there.telephony.files] == [WORDS]


def test_but_not_one_that_is_too_large_for_the_memory(
    open_office: OpenOffice, sound: Sound, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = open_office(gives_upload_url=False)
    monkeypatch.setattr(module, "MOST_IN_JSON", 1000)
    with pytest.raises(CrmError, match="too large") as raised:
        here.crm().attach_recording(filed(here), sound)
    assert raised.value.permanent


# "Only after finish" (bitrix24.md 5).
def test_one_of_a_call_that_is_not_on_file_is_refused(here: Office, sound: Sound) -> None:
    with pytest.raises(CrmError, match="not finished yet") as raised:
        here.crm().attach_recording("externalCall.0.0", sound)
    assert not raised.value.permanent
    assert here.there.asked(UPLOAD) == []


# The portal's address for an upload has a token in it: it leads nowhere else, whatever the answer says.
@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example.com/rest/upload.json?token=1",
        "http://127.0.0.1:1/rest/upload.json",
        "http://[::1",
        "//127.0.0.1/upload",
        "file:///etc/passwd",
        "upload",
    ],
)
def test_it_is_sent_to_nobody_but_the_portal(here: Office, sound: Sound, address: str) -> None:
    call_id = filed(here)
    here.there.telephony.address = lambda _: address
    with pytest.raises(CrmError, match="another host") as raised:
        here.crm().attach_recording(call_id, sound)
    assert raised.value.permanent
    assert here.there.telephony.files == []


@pytest.mark.parametrize(
    "fault", ["html", "drop before", "drop after", "timeout after", "limit", "internal", "no json"]
)
def test_an_upload_that_failed_may_be_repeated(here: Office, sound: Sound, fault: str) -> None:
    call_id = filed(here)
    here.there.fail(fault, method=UPLOAD)
    with pytest.raises(CrmError) as raised:
        here.crm().attach_recording(call_id, sound)
    assert not raised.value.permanent
    assert [secret for secret in secrets(here) if secret in str(raised.value)] == []
    here.there.rests()
    here.clock.advance(60)
    here.crm().attach_recording(call_id, sound)
    assert here.there.telephony.files[-1].content == WORDS
    assert here.there.calls[0]["RECORD_FILE_ID"] is not None


def test_a_file_that_is_gone_is_said_and_no_request_is_counted(here: Office, sound: Sound) -> None:
    call_id = filed(here)
    with pytest.raises(CrmError, match="the recording cannot be read") as raised:
        here.crm().attach_recording(call_id, Sound(file=Path("/nowhere/RE1.mp3"), name="RE1.mp3"))
    assert raised.value.permanent
    assert here.there.asked(UPLOAD) == []


def test_an_empty_one_is_refused_by_the_portal(here: Office, sound: Sound) -> None:
    call_id = filed(here)
    Path(sound.file).write_bytes(b"")
    with pytest.raises(CrmError, match="File content is empty"):
        here.crm().attach_recording(call_id, sound)


def test_a_name_cannot_break_out_of_its_header(here: Office, sound: Sound) -> None:
    call_id = filed(here)
    odd = Sound(file=sound.file, name='a"\r\nX: y\\b.mp3')
    here.crm().attach_recording(call_id, odd)
    assert here.there.telephony.files[0].content == WORDS


# rq ends a job after 180 s: a recording that is sent in drips must not keep the other jobs waiting for so long.
def test_an_upload_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    file = tmp_path / "long.wav"
    file.write_bytes(b"RIFF" + bytes(PIECE))
    with Upload("file", Sound(file=file, name="long.wav"), within=0) as body:
        assert body.read(PIECE)
        with pytest.raises(CrmError) as raised:
            body.read(PIECE)
    assert str(raised.value) == "the recording could not be sent within 0 s"
    assert not raised.value.permanent
