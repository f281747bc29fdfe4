"""A call as readable lines."""

from collections.abc import Callable, Mapping

from simulator.machine import RunningCall
from simulator.records import Line

_LINE = "line"  # the provider's end: what the caller hears
_CALLER = "caller"
# kind -> (who, when the line itself does not name a device; sentence)
_SENTENCES: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "dial": (_CALLER, lambda text: f"dials {text}"),
    "answer": (_LINE, lambda _: "answers"),
    "say": (_LINE, lambda text: f"“{text}”"),
    "play": (_LINE, lambda text: f"♪ {text}"),
    "tones": (_LINE, lambda text: f"tones {text}"),
    "pause": (_LINE, lambda _: "(silence)"),
    "beep": (_LINE, lambda _: "beep"),
    "key": (_CALLER, lambda text: f"presses {text}"),
    "lost": (_CALLER, lambda text: f"{text} was pressed too early and is lost"),
    "speak": (_CALLER, lambda text: f"speaks for {text}"),
    "silence": (_CALLER, lambda text: f"says nothing for {text}"),
    "recorded": (_LINE, lambda text: f"recorded {text}"),
    "hang up": (_CALLER, lambda _: "hangs up"),
    "ring": (_LINE, lambda _: "rings"),
    "pick up": (_LINE, lambda text: "its mailbox answers" if text else "answers"),
    "talk": (_LINE, lambda _: "is put through"),
    "declined": (_LINE, lambda text: f"is not put through: {text}"),
    "dialled": (_LINE, lambda text: f"the Dial ended: {text}"),
    "redirect": (_LINE, lambda text: f"redirected by REST to {text}"),
    "reject": (_LINE, lambda text: f"declines the call ({text})"),
    "error": (_LINE, lambda text: f"“{text}”"),
    "end": (_LINE, lambda text: f"end: {text}"),
}


def transcript_lines(call: RunningCall) -> list[str]:
    """One line per event: mm:ss, who, what."""
    return [_sentence(each) for each in call.transcript]


def sentence(each: Line) -> str:
    """What happened, without the time."""
    who, what = _SENTENCES[each.kind]
    return f"{each.who or who}: {what(each.text)}"


def _sentence(each: Line) -> str:
    whole = int(each.at_seconds)
    return f"{whole // 60:02d}:{whole % 60:02d}  {sentence(each)}"
