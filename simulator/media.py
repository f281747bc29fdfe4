"""Sound files: whether they can be played, and for how long they last."""

import struct

from simulator.wire import RequestFailedError, Wire

UNKNOWN_SECONDS = 5.0
_BYTES_PER_SECOND = {  # where the file itself does not say; plain telephone sound, and MP3 at its usual rate
    "audio/mpeg": 16_000,
    "audio/gsm": 1_650,
    "audio/x-gsm": 1_650,
    "audio/ulaw": 8_000,
}
AUDIO_TYPES = frozenset(
    f"audio/{kind}" for kind in ("mpeg", "wav", "x-wav", "wave", "aiff", "x-aiff", "x-aifc", "gsm", "x-gsm", "ulaw")
)


class Media:
    """The sound files of one exchange, each fetched once."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._known: dict[str, tuple[float, str]] = {}

    def seconds(self, url: str) -> tuple[float, str]:
        """How long `url` plays, and what is wrong with it.

        The complaint is empty, `fetch: …` when the file cannot be had, or `type: …` when it is no sound;
        in both cases the length is a guess.
        """
        if url not in self._known:
            self._known[url] = self._look(url)
        return self._known[url]

    def _look(self, url: str) -> tuple[float, str]:
        try:
            content_type, body = self._wire.fetch_media(url)
        except RequestFailedError as failure:
            return UNKNOWN_SECONDS, f"fetch: {failure}"
        kind = content_type.partition(";")[0].strip().lower()
        if kind not in AUDIO_TYPES:
            return UNKNOWN_SECONDS, f"type: {content_type or 'none'}"
        return length(kind, body), ""


def length(kind: str, body: bytes) -> float:
    """Seconds that `body`, of the content type `kind`, plays."""
    if body[:4] == b"RIFF" and body[8:12] == b"WAVE":
        return wav_seconds(body)
    rate = _BYTES_PER_SECOND.get(kind)
    return len(body) / rate if rate else UNKNOWN_SECONDS


def wav_seconds(body: bytes) -> float:
    """Seconds of a RIFF/WAVE file of any encoding, from its byte rate."""
    rate, at = 0, 12
    while at + 8 <= len(body):
        name, size = struct.unpack("<4sI", body[at : at + 8])
        if name == b"fmt ":
            (rate,) = struct.unpack("<I", body[at + 16 : at + 20])
        if name == b"data" and rate:
            return float(min(size, len(body) - at - 8)) / rate
        at += 8 + size + size % 2
    return UNKNOWN_SECONDS
