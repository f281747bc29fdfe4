"""Lines that a stranger can cause are not written without a limit, and none goes uncounted."""

from __future__ import annotations

from live.sparing import MOST, PERIOD, Sparing


def test_a_flood_leaves_so_many_lines_and_its_size() -> None:
    said, now = list[str](), [1000.0]
    sparing = Sparing(said.append, clock=lambda: now[0])
    for _ in range(MOST + 30):
        sparing.say("refused")
    assert said == ["refused"] * MOST
    now[0] += PERIOD
    for _ in range(2):
        sparing.say("refused")
    assert said[MOST:] == ["refused (and 30 more before, left out here)", "refused"]


def test_a_few_are_all_told() -> None:
    said, now = list[str](), [0.0]
    sparing = Sparing(said.append, clock=lambda: now[0])
    for _ in range(3 * MOST):
        sparing.say("refused")
        now[0] += PERIOD / MOST
    assert said == ["refused"] * (3 * MOST)
