"""The figures of two web processes add up, whichever of them is asked, and outlive a process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from tests.seen.conftest import Running, figures, form

READY = '"pid": "(\\d+)", "logger": "a.library", "message": "ready"'
ANSWERED = 'ringpath_webhook_seconds_count{place="incoming"}'
REFUSED = 'ringpath_webhook_seconds_count{place="refused"}'
LOST = 'ringpath_troubles_total{trouble="lost"}'
OF_THE_WEB = ("ringpath_webhook_", "ringpath_troubles_", "ringpath_web_processes", "ringpath_info", "ringpath_settings")


@contextmanager
def only(process: int, processes: list[int]) -> Iterator[None]:
    """Let one process answer, because the others stand still."""
    others = [each for each in processes if each != process]
    for each in others:
        os.kill(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in others:
            os.kill(each, signal.SIGCONT)


def told_by_each(run: Running, processes: list[int]) -> list[dict[str, float]]:
    """What each process tells of the web."""
    told = []
    for process in processes:
        with only(process, processes):
            told.append({name: value for name, value in figures(run).items() if name.startswith(OF_THE_WEB)})
    return told


# Prometheus metrics that add up over several web processes (issue 5, part 7).
def test_either_process_tells_what_both_have_done_and_no_figure_dies_with_one(run: Running) -> None:
    processes = [int(pid) for pid in run.gunicorn.says(READY, times=2)][-2:]
    before = figures(run)
    for process, times in zip(processes, (3, 2), strict=True):
        with only(process, processes):
            for i in range(times):
                run.web.webhook("/voice/incoming", form(f"CA-{process}-{i}"))
            run.web.ask("/voice/incoming", b"CallSid=CA-forged")
            run.web.webhook("/voice/never/ours", form(f"CA-{process}-lost"))
    one, other = told_by_each(run, processes)
    assert one == other
    assert [one[name] - before[name] for name in (ANSWERED, REFUSED, LOST)] == [5, 2, 2]
    assert one["ringpath_web_processes"] == 2
    os.kill(processes[0], signal.SIGKILL)
    run.gunicorn.says(READY, times=3)
    after = figures(run)
    assert [after[name] for name in (ANSWERED, REFUSED, LOST)] == [one[name] for name in (ANSWERED, REFUSED, LOST)]
    assert after["ringpath_web_processes"] == 2


def test_whoever_does_not_show_the_token_is_told_nothing(run: Running) -> None:
    for shown in ({}, {"Authorization": "Bearer hush"}, {"Authorization": "Basic hush-metrics-token-5"}):
        assert run.web.ask("/metrics", headers=shown) == "401 Whoever asks has to show METRICS_TOKEN.\n"
