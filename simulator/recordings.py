"""Recordings: their names, their addresses, and the callback that says they are ready."""

from email.utils import format_datetime
from typing import TYPE_CHECKING

from simulator.markup import Element, Page
from simulator.party import resolve
from simulator.sound import SPEECH, Sound

if TYPE_CHECKING:
    from simulator.machine import RunningCall


class Taking:
    """One recording being made of `call`, as `element` (Record or Dial) asks for it."""

    def __init__(self, call: "RunningCall", element: Element, page: Page, *, source: str, channels: int) -> None:
        self.sid = call.network.new_sid("RE")
        self.seconds = 0
        self.kept = True
        self._call = call
        self._element = element
        self._page = page
        self._source = source
        self._channels = channels
        self._began_at = call.network.clock.now()
        self._report("in-progress")

    @property
    def url(self) -> str:
        """Where the recording is; without an extension, as the provider gives it."""
        provider = self._call.network.provider
        return f"{provider.api_url}/2010-04-01/Accounts/{provider.account_sid}/Recordings/{self.sid}"

    def finish(self, seconds: float, loudness: float = SPEECH, *, kept: bool = True) -> None:
        """The recording is over; its callback goes out after whatever the call requests next."""
        self.seconds = round(seconds)
        self.kept = kept
        if kept:
            sound = Sound(seconds=self.seconds, loudness=loudness, channels=self._channels)
            self._call.network.sounds[self.sid] = sound
        self._call.afterwards.append(lambda: self._report("completed" if kept else "absent"))

    def _report(self, status: str) -> None:
        url = self._element.get("recordingStatusCallback")
        wanted = self._element.get("recordingStatusCallbackEvent", "completed").split()
        if not url or status not in wanted:
            return
        method = self._element.get("recordingStatusCallbackMethod", "POST")
        self._call.notify(resolve(self._page, url), method, self._params(status))

    def _params(self, status: str) -> dict[str, str]:
        params = {
            "AccountSid": self._call.network.provider.account_sid,
            "CallSid": self._call.sid,
            "RecordingSid": self.sid,
            "RecordingUrl": self.url,
            "RecordingStatus": status,
            "RecordingChannels": str(self._channels),
            "RecordingStartTime": format_datetime(self._began_at),
        }
        if self._call.network.provider.dialect.recording_source:
            track = self._element.get("recordingTrack", "both")
            params |= {"RecordingSource": self._source, "RecordingTrack": track}
        if status == "completed":
            params["RecordingDuration"] = str(self.seconds)
        return params
