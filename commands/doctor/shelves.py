"""Where recordings are kept: whether what is put there can be read, and is gone when it is removed."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from uuid import uuid4

from calls.shelf import Shelf, ShelfError, shelf_of
from commands.doctor.finding import Finding, Patient, broken, told, unchecked, well
from commands.layout import printable
from config.environment import Environment
from config.storage import Bucket
from voice.recordings import keeping

TEXT = b"flask doctor has put this here, to see whether recordings can be kept\n"


def recordings(patient: Patient) -> Iterator[Finding]:
    """See whether recordings are kept, and have room; into a bucket a small file is put, and removed at once."""
    here = patient.environment
    if here.provider == "simulator" and keeping.why_remote(here):
        yield unchecked("without a provider there are none to be kept")
    elif reason := keeping.why_remote(here):
        yield unchecked(f"they stay at the provider: {reason}")
    elif found := keeping.troubles(here):
        yield from map(told, found)
    elif isinstance(here.recordings_url, Bucket):
        yield _bucket(here, shelf_of(here.recordings_url))
    else:
        yield well("their folder takes files")


def _bucket(here: Environment, shelf: Shelf) -> Finding:
    """Put, read and remove. What does not answer is told by commands.doctor.running when the time for all is over."""
    assert isinstance(here.recordings_url, Bucket)
    name, step = f"doctor/{uuid4().hex}.txt", "written to"
    try:
        shelf.put(name, BytesIO(TEXT), "text/plain")
        step = "read"
        with shelf.as_file(name) as file:
            same = file.read_bytes() == TEXT
        step = "emptied: {name} stays there"
        shelf.remove(name)
    except ShelfError as error:
        said = _without_secrets(str(error), here.recordings_url)
        return broken(
            f"their bucket cannot be {step.format(name=name)} ({said}); they wait at the provider",
            "see RECORDINGS_URL: the bucket's name and region, and what its key may do (put, get and delete objects)",
        )
    if not same:
        return broken("what their bucket gives back is not what was put there", "see what stands between: a proxy?")
    return well(f"their bucket {here.recordings_url.name} takes files, gives them back and removes them")


def _without_secrets(said: str, bucket: Bucket) -> str:
    for secret in (bucket.secret, bucket.key):
        said = said.replace(secret, "…") if secret else said
    return printable(said)
