"""What `flask company check` tells of a walk: for people, as data, and how `flask phone` plays a path again."""

from __future__ import annotations

import gc
import shlex
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from math import isinf
from pathlib import Path
from typing import Any

from config.company import Company
from config.loader import with_lines
from config.problems import Problem
from config.reach import UNREACHED
from config.spelling import listed
from flows.callers import ListedCallers
from flows.live import Blind
from flows.steps import Heard, Music, Phrase
from flows.walk.pace import Pace
from flows.walk.parts import ENDS
from flows.walk.paths import Replay
from flows.walk.report import Line, Longest, Report, walk
from flows.way import Desk
from voice.catalogue import words
from voice.profiles import PROFILES

PROVIDER = "twilio"
"""By whose abilities check and phone go where none is named."""

CHARACTERS_PER_SECOND = 15
UNKNOWN_SECONDS = 5.0
"""The rates of the simulated telephone, which is not loaded for that: of speech, and how long an address plays."""

MUSIC_SECONDS = 20
"""How long the music on hold that ships lasts (voice/media/hold.wav)."""

PROVED = (
    "Proved: every path ends with a person, a forward, a message or words, or is refused unanswered where the settings"
    " say so; nobody who does nothing goes round and round; nothing rings for ever."
)
UNBOUNDED = f"No bound is known where one of these, counted as {UNKNOWN_SECONDS:.0f} seconds each time, lasts longer"
REFUTED = "Refuted: see the errors above."
IN_PART = "in part: what is free, known or told changes on the way"
UNPROVED = "Not proved: the settings are too large for the walk."


@dataclass(frozen=True, kw_only=True, slots=True)
class Walked:
    """A walk of a file (None: of what is published), what it found wrong, and the seconds of processor time it took."""

    file: Path | None
    provider: str
    report: Report
    problems: dict[Problem, Replay | None]
    seconds: float

    def command(self, how: Replay) -> str:
        """How `flask phone` plays a path of this walk again."""
        return command(how, self.file, self.provider)


def heard_in(company: Company) -> Callable[[Heard], float]:
    """How long things last in the slowest language of a company's numbers.

    By the rates of the simulated telephone: 15 characters a second, at least 1 s, and 5 s for an address to be played.
    """
    languages = {number.language or company.language for number in company.numbers.values()}

    @cache
    def phrase(key: str, values: tuple[tuple[str, object], ...]) -> float:
        return max(_spoken(words(Phrase(key, dict(values)), language)) for language in languages)  # type: ignore[arg-type]

    def seconds(heard: Heard) -> float:
        if isinstance(heard, Phrase):
            return phrase(heard.key, tuple(heard.values.items()))
        if isinstance(heard, Music):
            return MUSIC_SECONDS if heard.url is None else UNKNOWN_SECONDS
        return _spoken(heard.say) if heard.say else UNKNOWN_SECONDS

    return seconds


def _spoken(text: str) -> float:
    return max(1.0, len(text) / CHARACTERS_PER_SECOND)


def desk_of(company: Company, provider: str) -> Desk:
    """The switchboard of a company with a provider, whose abilities decide what rings."""
    profile = PROFILES[provider]
    callers = ListedCallers(company)
    return Desk(company=company, live=Blind(), callers=callers, nouns=profile.nouns, screens=profile.whisper)


def pace_of(company: Company, provider: str) -> Pace:
    """How long things last with a provider."""
    profile = PROFILES[provider]
    return Pace(heard=heard_in(company), ring_least=profile.ring_least + profile.ring_extra)


def walked(file: Path | None, text: str, company: Company, known: Iterable[Problem], provider: str) -> Walked:
    """Walk a company whose settings have no errors; whom it is `known` that nobody reaches is not told again."""
    began = time.process_time()
    with _nothing_collected():
        report = walk(company, datetime.now(UTC), pace_of(company, provider), desk_of(company, provider))
    took = time.process_time() - began
    unreached = {problem.path for problem in known if problem.message in UNREACHED}
    told = [f for f in report.findings if f.level == "error" or f.path not in unreached]
    bare = [Problem(path=f.path, message=f.message, level=f.level) for f in told]
    placed = with_lines(bare, text) if bare else []
    problems = {problem: finding.how for problem, finding in zip(placed, told, strict=True)}
    return Walked(file=file, provider=provider, report=report, problems=problems, seconds=took)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Keep the collector of garbage from looking again and again at a graph in which there is none: a fifth faster."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def lines_of(found: Walked, company: Company) -> Iterator[str]:
    """The walk for people: what each number's calls may come to, and whether it is proved."""
    report = found.report
    for key, line in report.numbers.items():
        yield ""
        ends = ", ".join(ENDS[kind] for kind in line.ends)
        yield f"{key} ({company.numbers[key].name}) ends with: {ends}; or the caller hangs up."
        yield from _times(found, line)
    yield ""
    yield PROVED if report.proved else UNPROVED if report.too_large else REFUTED
    yield (
        f"{report.spots} places, {report.decisions} decisions, {_kinds(report.moments)} of hours,"
        f" {found.seconds:.2f} s of processor time. Times count from the last key that the caller pressed, while the"
        " hours stay as they are."
    )


def _kinds(moments: int) -> str:
    return f"{moments} kind{'s' if moments > 1 else ''}"


def _times(found: Walked, line: Line) -> Iterator[str]:
    if line.until_ring is None:
        yield "  Nobody is ever rung."
    else:
        yield from _time(found, f"If a device rings, one rings {_clock(line.until_ring)}", line.until_ring)
    yield from _time(found, f"It is over {_clock(line.until_end)}", line.until_end)
    if line.sounds:
        yield f"  {UNBOUNDED}: {listed(line.sounds)}."


def _time(found: Walked, what: str, longest: Longest) -> Iterator[str]:
    yield f"  {what}: {'; '.join(longest.how.story) or 'at once'}."
    yield f"    {found.command(longest.how)}"


def told(problem: Problem, how: Replay | None, found: Walked | None) -> Iterator[str]:
    """A problem for people, with the shortest sequence of events that leads to it."""
    yield str(problem)
    if how is not None and found is not None:
        yield f"  so: {'; '.join(how.story) or 'at once'}"
        yield f"    {found.command(how)}"


def _clock(longest: Longest) -> str:
    if isinf(longest.seconds):
        return "perhaps never"
    whole = round(longest.seconds)
    return f"after {whole // 60}:{whole % 60:02} at the latest" if whole else "at once"


def command(how: Replay, file: Path | None, provider: str = PROVIDER) -> str:
    """The words with which `flask phone` plays a path again; a remark says where it cannot as a whole."""
    return words_of(how, file, provider) + ("" if how.whole else f"  # {IN_PART}")


def words_of(how: Replay, file: Path | None, provider: str = PROVIDER) -> str:
    """The words alone."""
    parts = ["flask", "phone", *(("--file", str(file)) if file else ()), "--to", how.to]
    parts += ["--from", how.caller or "anonymous"]
    parts += ["--at", f"{how.at:%Y-%m-%d %H:%M}"]
    if provider != PROVIDER:
        parts += ["--provider", provider]
    if how.press:
        parts += [f"--press={','.join(how.press)}"]
    for device, what in how.devices.items():
        parts += ["--device", f"{device}={what}"]
    for employee in how.away:
        parts += ["--away", employee]
    if how.unpaid:
        parts += ["--unpaid"]
    return shlex.join(parts)


def data_of(problems: dict[Problem, Replay | None], found: Walked | None) -> dict[str, Any]:
    """Everything as data: the problems, each number, and the walk as a whole, None where the settings have errors."""
    if found is None:
        return {"problems": [asdict(problem) for problem in problems], "numbers": None, "walk": None}
    report = found.report
    return {
        "problems": [asdict(problem) | (_how(how, found) if how else {}) for problem, how in problems.items()],
        "numbers": {key: _number(line, found) for key, line in report.numbers.items()},
        "walk": {
            "proved": report.proved,
            "too_large": report.too_large,
            "places": report.spots,
            "decisions": report.decisions,
            "kinds_of_hours": report.moments,
            "seconds": round(found.seconds, 3),
        },
    }


def _number(line: Line, found: Walked) -> dict[str, Any]:
    longest = {"until_a_device_rings": line.until_ring, "until_the_end": line.until_end}
    times = {name: {"seconds": _finite(t.seconds), **_how(t.how, found)} if t else None for name, t in longest.items()}
    return {"ends": list(line.ends), **times, "counted_as_5_seconds": list(line.sounds)}


def _finite(seconds: float) -> float | None:
    """JSON knows no number for what never happens."""
    return None if isinf(seconds) else seconds


def _how(how: Replay, found: Walked) -> dict[str, Any]:
    replay = words_of(how, found.file, found.provider)
    return {"story": how.story, "replay": replay, "replays_whole": how.whole, "remark": "" if how.whole else IN_PART}
