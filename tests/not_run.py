"""Tests that were skipped because something is not installed: said once, before pytest's own summary."""

from __future__ import annotations

from typing import Any


def tell(terminalreporter: Any, reason: str, title: str, remedy: str) -> None:
    """Say how many tests were skipped for a reason, and what would let them run; in pytest's list they are one line."""
    skipped = terminalreporter.stats.get("skipped", [])
    missing = [report for report in skipped if reason in str(report.longrepr)]
    for report in missing:
        report.longrepr = (__file__, None, reason)
    if missing:
        terminalreporter.section(title, yellow=True)
        terminalreporter.line(f"{len(missing)} tests {remedy}")
