"""Who runs which tests when several processes do, and in which order.

A process takes one file after the other, so that what a file shares is made once in a run. What waits for servers for
most of its time comes first, beside tests that keep a processor busy: at the end it would leave processors idle.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

PLATFORMS, BROWSER, RUN = "whole platforms", "one browser", "one run"
TOGETHER = {"chaos": PLATFORMS, "kills": PLATFORMS, "load": PLATFORMS, "browser": BROWSER, "seen": RUN}
"""Folders that one process takes. Whole platforms are never two at once, as each measures how long others take; and
several processes would start a browser, or a run of servers, each."""

FIRST = (
    PLATFORMS,
    BROWSER,
    RUN,
    "tests/live/test_worker_process.py",
    "tests/local/test_gunicorn_conf.py",
    "tests/live/test_settings_everywhere.py",
    "tests/local/test_make_run.py",
    "tests/local/test_throw_away_postgres.py",
    "tests/local/test_weight.py",
    "tests/test_app.py",
    "tests/crm/test_bitrix24_limits.py",
    "tests/config/test_merging_renames.py",
    "tests/calls/test_everything_ends.py",
    "tests/calls/test_many_at_once.py",
    "tests/web/test_settings_round_trip.py",
    "tests/flows/test_walk_alike.py",
    "tests/commands/test_a_mixed_day.py",
)
"""What waits for servers, or takes long with few tests; then come the files with the most, as pytest-xdist has it."""


def unit_of(test: str) -> str:
    """What one process runs with this test: its file, or more."""
    return TOGETHER.get(test.split("/")[1]) or test.partition("::")[0]


def next_of(waiting: Mapping[str, object]) -> str:
    """What comes first of all that waits: by the table, otherwise what stands first."""
    return next((unit for unit in FIRST if unit in waiting), None) or next(iter(waiting))


class LongestFirst(LoadFileScheduling):
    """Gives whoever is free the next file."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(next_of(self.workqueue), last=False)
        super()._assign_work_unit(node)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LongestFirst:
    """Distribute the tests so, whatever `--dist` says."""
    return LongestFirst(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two test processes more than there are processors: some wait for servers for most of their time."""
    return (os.cpu_count() or 1) + 2
