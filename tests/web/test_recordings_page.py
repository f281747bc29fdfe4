"""The sound of recordings: to be heard by whom it concerns, sought in, and deleted."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from calls.shelf import ShelfError, shelf_of
from config.storage import Storage
from local.house import House
from tests.details.buckets import bucket_server, read
from tests.details.recorded import a_recorded_call, put, row
from tests.web.conftest import Browser
from web import recordings
from web.access import Role
from web.reception import NAME

SOUND = bytes(range(256)) * 1000
FILE = "2026/11/RE1.wav"
LoggedIn = Callable[..., Browser]


@contextmanager
def kept_in(house: House, storage: Storage) -> Iterator[None]:
    """Let recordings be kept there for a while."""
    reception = house.app.extensions[NAME]
    environment = replace(reception.environment, recordings_url=storage)
    house.app.extensions[NAME] = replace(reception, environment=environment)
    yield
    house.app.extensions[NAME] = reception


@pytest.fixture(params=["folder", "bucket"])
def shelf(request: pytest.FixtureRequest, web_house: House, tmp_path: Path) -> Iterator[None]:
    """Both places where recordings are kept, with a file in each."""
    if request.param == "folder":
        storage = read(f"file://{tmp_path}/recordings")
        shelf_of(storage).put(FILE, io.BytesIO(SOUND), "audio/wav")
        with kept_in(web_house, storage):
            yield
        return
    with bucket_server() as url, kept_in(web_house, read(url)):
        shelf_of(read(url)).put(FILE, io.BytesIO(SOUND), "audio/wav")
        yield


def kept(house: House, **fields: Any) -> str:
    """A recording of a call of Ana's that is kept; returns its address."""
    values = {"state": "kept", "file": FILE, "content_type": "audio/wav", "size": len(SOUND), "due_at": None} | fields
    return "/recordings/" + a_recorded_call(house.engine, call={"employee": "ana"}, **values)


@pytest.mark.usefixtures("shelf")
def test_a_recording_is_heard_as_a_whole(web_house: House, logged_in: LoggedIn) -> None:
    answer = logged_in(Role.CHIEF_EXECUTIVE).get(kept(web_house))
    assert (answer.status_code, answer.data) == (200, SOUND)
    wanted = {
        "Content-Type": "audio/wav",
        "Content-Length": str(len(SOUND)),
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    assert {name: answer.headers[name] for name in wanted} == wanted


RANGES = {
    "all of it, as players begin": ("bytes=0-", 0, len(SOUND)),
    "from somewhere on": ("bytes=1000-", 1000, len(SOUND)),
    "a part": ("bytes=10-19", 10, 20),
    "the end": ("bytes=-500", len(SOUND) - 500, len(SOUND)),
    "more than there is": (f"bytes=10-{len(SOUND) * 2}", 10, len(SOUND)),
}


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(("asked", "start", "stop"), RANGES.values(), ids=RANGES)
def test_a_player_seeks(asked: str, start: int, stop: int, web_house: House, logged_in: LoggedIn) -> None:
    answer = logged_in(Role.CHIEF_EXECUTIVE).get(kept(web_house), headers={"Range": asked})
    assert (answer.status_code, answer.data) == (206, SOUND[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(SOUND)}"
    assert answer.headers["Content-Length"] == str(stop - start)


@pytest.mark.usefixtures("shelf")
def test_parts_that_are_not_there_are_refused_and_odd_ones_answered_with_the_whole(
    web_house: House, logged_in: LoggedIn
) -> None:
    boss, path = logged_in(Role.CHIEF_EXECUTIVE), kept(web_house)
    beyond = boss.get(path, headers={"Range": f"bytes={len(SOUND)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(SOUND)}")
    for odd in ("bytes=0-1,5-6", "lines=1-2", "nonsense"):
        assert boss.get(path, headers={"Range": odd}).status_code == 200
    other = boss.get(path, headers={"Range": "bytes=0-1", "If-Range": '"another"'})
    assert (other.status_code, len(other.data)) == (200, len(SOUND))
    same = boss.get(path, headers={"Range": "bytes=0-1", "If-Range": boss.get(path).headers["ETag"]})
    assert same.status_code == 206
    head = boss.client.head(path)
    assert (head.status_code, head.headers["Content-Length"], head.data) == (200, str(len(SOUND)), b"")


# "Never streams a whole bucket object through memory."
@pytest.mark.usefixtures("shelf")
def test_it_is_sent_in_pieces(web_house: House, logged_in: LoggedIn) -> None:
    answer = logged_in(Role.CHIEF_EXECUTIVE).client.get(kept(web_house), buffered=False)
    sizes = [len(piece) for piece in answer.response]
    assert (max(sizes), sum(sizes)) == (recordings.PIECE, len(SOUND))
    answer.close()


# "The employee's reach; a message: the mailbox's owner: the employee or the group's members" (issue 4, part 1).
HEARS = {
    "any": (Role.CHIEF_EXECUTIVE, None, {"ana": 200, "eva": 200, "group:sales": 200, "employee:eva": 200}),
    "department": (Role.HEAD_OF_DEPARTMENT, "luis", {"ana": 200, "eva": 404, "group:sales": 200, "employee:eva": 404}),
    "own": (Role.MANAGER, "luis", {"ana": 404, "eva": 404, "group:sales": 200, "employee:eva": 404}),
    "his own message": (Role.MANAGER, "eva", {"ana": 404, "eva": 200, "group:sales": 404, "employee:eva": 200}),
    "without a telephone": (Role.MANAGER, None, {"ana": 404, "eva": 404, "group:sales": 404, "employee:eva": 404}),
}


@pytest.mark.parametrize(("role", "employee", "expected"), HEARS.values(), ids=HEARS)
def test_recordings_are_heard_by_whom_they_concern(
    role: Role, employee: str | None, expected: dict[str, int], web_house: House, logged_in: LoggedIn, tmp_path: Path
) -> None:
    assert "eva" not in web_house.company.groups["sales"].members
    storage = read(f"file://{tmp_path}/recordings")
    shelf_of(storage).put(FILE, io.BytesIO(SOUND), "audio/wav")
    browser, found = logged_in(role, employee=employee), {}
    with kept_in(web_house, storage):
        for whose in expected:
            fields: dict[str, Any] = {"mailbox": whose, "kind": "voicemail"} if ":" in whose else {}
            owner = None if ":" in whose else whose
            values = {"state": "kept", "file": FILE, "content_type": "audio/wav", "size": len(SOUND)} | fields
            recording = a_recorded_call(web_house.engine, call={"employee": owner}, **values)
            found[whose] = browser.get(f"/recordings/{recording}").status_code
    assert found == expected


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fetc%2Fpasswd", "%2Fetc%2Fpasswd", "RE1.wav", "..", "%00", "2026%2F11%2FRE1.wav"]
)
def test_nothing_but_an_id_leads_to_a_file(name: str, web_house: House, logged_in: LoggedIn, tmp_path: Path) -> None:
    storage = read(f"file://{tmp_path}/recordings")
    shelf_of(storage).put(FILE, io.BytesIO(SOUND), "audio/wav")
    with kept_in(web_house, storage):
        assert logged_in(Role.ADMINISTRATOR).get(f"/recordings/{name}").status_code in {404, 308}


def test_no_name_in_the_database_leads_out_of_the_folder(web_house: House, logged_in: LoggedIn, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(SOUND)
    with kept_in(web_house, read(f"file://{tmp_path}/recordings")):
        answer = logged_in(Role.ADMINISTRATOR).get(kept(web_house, file="../secret"))
    assert answer.status_code == 502
    assert SOUND[:100] not in answer.data


def test_what_a_provider_called_sound_is_never_a_page(web_house: House, logged_in: LoggedIn, tmp_path: Path) -> None:
    storage = read(f"file://{tmp_path}/recordings")
    shelf_of(storage).put(FILE, io.BytesIO(b"<script>"), "text/html")
    with kept_in(web_house, storage):
        answer = logged_in(Role.ADMINISTRATOR).get(kept(web_house, content_type="text/html", size=8))
    assert answer.content_type == "application/octet-stream"


def test_a_file_that_is_lost_is_said_to_be(web_house: House, logged_in: LoggedIn, tmp_path: Path) -> None:
    with kept_in(web_house, read(f"file://{tmp_path}/recordings")):
        assert logged_in(Role.ADMINISTRATOR).get(kept(web_house)).status_code == 502


def at_provider(house: House, fetch: Callable[[str, BinaryIO], str] | None) -> str:
    """A recording that has stayed at the provider."""
    house.app.extensions[NAME] = replace(house.app.extensions[NAME], provider_sound=fetch)
    return kept(house, state="remote", file=None, url="https://api.example.com/RE9", size=None, content_type=None)


def test_what_is_at_the_provider_is_played_from_there(web_house: House, logged_in: LoggedIn) -> None:
    def fetch(url: str, file: BinaryIO) -> str:
        assert url == "https://api.example.com/RE9"
        file.write(SOUND)
        return "audio/x-wav"

    path = at_provider(web_house, fetch)
    answer = logged_in(Role.ADMINISTRATOR).get(path, headers={"Range": "bytes=5-"})
    assert (answer.status_code, answer.data, answer.headers["Accept-Ranges"]) == (200, SOUND, "none")
    assert answer.content_type == "audio/x-wav"


def test_a_provider_that_does_not_give_it_is_no_fault_of_ours(web_house: House, logged_in: LoggedIn) -> None:
    def fetch(url: str, file: BinaryIO) -> str:
        raise ShelfError("GET RE9: 404")

    boss = logged_in(Role.ADMINISTRATOR)
    assert boss.get(at_provider(web_house, fetch)).status_code == 502
    assert boss.get(at_provider(web_house, None)).status_code == 502


def test_deleting_takes_a_recording_away_at_once(web_house: House, logged_in: LoggedIn) -> None:
    boss, path = logged_in(Role.CHIEF_EXECUTIVE, name="eva"), kept(web_house)
    recording = path.rpartition("/")[2]
    done = boss.post(f"{path}/delete")
    assert (done.status_code, done.location) == (303, f"/calls/{row(web_house.engine, recording).call_id}")
    found = row(web_house.engine, recording)
    assert (found.state, found.reason, found.due_at) == ("removed", "deleted by eva", web_house.clock.now())
    assert "The recording has been deleted." in boss.get(done.location).text
    assert boss.get(path).status_code == 410
    boss.post(f"{path}/delete")
    assert row(web_house.engine, recording).reason == "deleted by eva"


def test_only_whoever_may_deletes_and_only_by_the_page(web_house: House, logged_in: LoggedIn) -> None:
    path = kept(web_house)
    recording = path.rpartition("/")[2]
    assert logged_in(Role.HEAD_OF_DEPARTMENT, employee="ana").post(f"{path}/delete").status_code == 403
    boss = logged_in(Role.CHIEF_EXECUTIVE)
    assert boss.get(f"{path}/delete").status_code == 405
    assert boss.post(f"{path}/delete", token="forged").status_code == 400
    assert boss.post("/recordings/RE0/delete").status_code == 404
    assert row(web_house.engine, recording).state == "kept"
    put(web_house.engine, recording, state="removed", reason="kept for 30 days")
    boss.post(f"{path}/delete")
    assert row(web_house.engine, recording).reason == "kept for 30 days"
