"""`make load`, a small run, so that it stays working; and what it says of a run that did not go well."""

from __future__ import annotations

import json
import logging
import os
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from config.company import Company
from live.about import at
from live.logs import Lines, _text
from live.secrecy import Redactor
from tests.crowd.plan import draw
from tests.crowd.pool import Timing
from tests.load.company import town
from tests.load.people import behaviours
from tests.load.picture import picture
from tests.load.report import COMPLAINS, WARNS, endpoint_of, figures, refused, said
from tests.load.starved import starved
from tests.load.watch import Reading
from tests.moments import ROOT

CALLS, SECONDS = 30, 2
"""A small run, because everybody who runs the tests waits for it."""

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are looked up in /proc")
SVG = "{http://www.w3.org/2000/svg}"


def reading(second: float, up: int) -> Reading:
    """A reading in which only the calls differ."""
    return Reading(
        second=second, placed=up, up=up, on_hold=1, quick_jobs=2, slow_jobs=0, to_settle=3, redis=2_000_000 + 1000 * up
    )


# "N callers through the simulator against real gunicorn, worker and Redis (two web processes) … errors (must be none),
# calls placed and calls on file (must be equal)" (issue 5, part 2). A process of its own: the run is a whole platform.
@linux
def test_every_call_under_load_is_answered_and_on_file(tmp_path: Path) -> None:
    words = ["--seconds", SECONDS, "--calls-per-second", CALLS / SECONDS, "--hurry", "--out", tmp_path]
    done = subprocess.run(
        [sys.executable, "-m", "tests.load", *map(str, words)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (report["placed"], report["on_file"], sum(report["outcomes"].values())) == (CALLS, CALLS, CALLS)
    assert (report["errors"], report["complaints"]) == ({}, [])
    met = {each["endpoint"]: each["count"] for each in report["endpoints"]}
    assert met["incoming"] == met["status"] == CALLS
    assert {"at/menu", "at/extension", "at/group", "leg", "recording"} <= met.keys()
    assert set(report["spent"]) == {"web", "worker", "valkey", "load"}
    assert all(seconds > 0 for seconds in report["spent"].values())
    assert CALLS / 2 < report["most_up"] <= CALLS
    assert ElementTree.fromstring((tmp_path / "queues.svg").read_text("utf-8")).tag == f"{SVG}svg"


@linux
def test_who_is_starved_stands_still_now_and_then_and_goes_on_in_the_end() -> None:
    def state() -> str:
        return Path(f"/proc/{sleeper.pid}/stat").read_text().rpartition(")")[2].split()[0]

    sleeper = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        with starved([sleeper.pid], 0.5):
            seen = {state()}
            while "T" not in seen or len(seen) < 2:
                seen.add(state())
        assert state() != "T"
    finally:
        sleeper.communicate(b"\n")
    assert sleeper.returncode == 0


@pytest.mark.parametrize("lines", [2, 25])
def test_the_company_of_the_load_is_one_that_could_be_published(lines: int) -> None:
    where = town(datetime.now(UTC), lines)
    company = Company.model_validate(where.firm.document)
    assert len(company.employees) == where.firm.employees.__len__() > 100 * lines
    assert where.firm.direct == frozenset(where.direct)
    assert where.firm.shut == frozenset((*where.shut, *where.shut_mail))
    assert set(where.firm.known.values()) <= where.firm.employees


def test_every_kind_of_call_is_among_those_of_a_run() -> None:
    where = town(datetime.now(UTC), 2)
    kinds = behaviours(where, 120)
    drawn = draw(random.Random(1), where.firm, kinds, [0.0] * len(kinds))
    assert sorted(each.name for each in drawn) == sorted(kinds)
    assert {each.number for each in drawn} <= where.firm.numbers


def test_requests_are_measured_by_endpoint_and_together() -> None:
    timings = [Timing(f"/voice/at/menu?step={i}", 0, i / 1000, 200) for i in range(1, 101)]
    timings.append(Timing("/voice/status", 0, 0.5, 200))
    menu, status, callers, callbacks, everything = figures(timings)
    assert (menu.endpoint, menu.count, menu.p50, menu.p99, menu.most) == ("at/menu", 100, 51, 100, 100)
    assert (status.endpoint, status.most) == ("status", 500)
    assert (callers.endpoint, callers.count, callers.most) == ("a caller waits", 100, 100)
    assert (callbacks.endpoint, callbacks.count) == ("nobody waits", 1)
    assert (everything.endpoint, everything.count) == ("all", 101)
    assert endpoint_of("/media/hold.wav") == "media/hold.wav"


def test_what_is_no_good_answer_is_an_error() -> None:
    timings = [
        Timing("/voice/incoming", 0, 0.1, 200),
        Timing("/voice/incoming", 0, 0.1, 503),
        Timing("/voice/leg?call=1", 0, 15, 0, "no answer in time"),
        Timing("/voice/fallback", 0, 0.1, 200),
    ]
    assert refused(timings) == {
        "incoming: HTTP 503": 1,
        "leg: no answer in time": 1,
        "fallback: asked for": 1,
    }


def test_the_servers_complaints_are_counted_and_all_calls_are_alike() -> None:
    log = written("INFO", "ERROR is no level of this line") + written("ERROR", "the provider reports 11200 at /x?n=1")
    for digit in "01":
        call = f"CA{digit * 32}"
        with at(call=call, job="two words: and more"):
            log += written("WARNING", f"call {call}: came {digit}.2 s late")
    assert said(log, WARNS) == {"WARNING ringpath.voice: call …: came … s late": 2}
    assert said(log, COMPLAINS) == {"ERROR ringpath.voice: the provider reports 11200 at /x?…": 1}


def test_an_error_is_told_with_what_raised_it_and_what_is_printed_beside_the_log_too() -> None:
    try:
        [].pop()
    except IndexError:
        log = written("ERROR", "nobody caught a fault", exc_info=sys.exc_info())
    log += "Fatal Python error: Aborted\n"
    assert said(log, COMPLAINS) == {
        "ERROR ringpath.voice: nobody caught a fault": 1,
        "ERROR ringpath.voice: IndexError: pop from empty list": 1,
        "beside the log: Fatal Python error: Aborted": 1,
    }


def written(level: str, message: str, **more: Any) -> str:
    """A line as the servers write it."""
    lines = Lines(_text, Redactor(()), "web", stamped=False)
    number = logging.getLevelNamesMapping()[level]
    args = {"lineno": 1, "msg": message, "args": (), "exc_info": None} | more
    return lines.format(logging.LogRecord("ringpath.voice", number, __file__, **args)) + "\n"


def test_the_picture_has_a_line_for_everything_that_waits() -> None:
    readings = [reading(0, 0), reading(1, 50), reading(3, 200)]
    root = ElementTree.fromstring(picture(readings, placing=2))
    lines = root.findall(f"{SVG}polyline")
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert {"calls up", "on hold", "quick jobs", "slow jobs", "to settle", "memory"} <= set(words)
    assert len(lines) == 6
    assert all(len(line.attrib["points"].split()) == len(readings) for line in lines)
    heights = [float(point.split(",")[1]) for point in lines[0].attrib["points"].split()]
    assert heights[0] > heights[1] > heights[2]
