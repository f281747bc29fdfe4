"""The order of the tests: what it names is there, and what belongs together stays together."""

from __future__ import annotations

from tests.moments import ROOT
from tests.order import FIRST, TOGETHER, next_of, unit_of


def test_what_is_to_come_first_is_there() -> None:
    tests = [str(file.relative_to(ROOT)) for file in (ROOT / "tests").rglob("test_*.py")]
    assert {*FIRST} <= {unit_of(test) for test in tests}
    assert {*TOGETHER} <= {test.split("/")[1] for test in tests}


def test_a_file_is_run_by_one_process_and_platforms_all_by_the_same() -> None:
    assert unit_of("tests/live/test_gate.py::test_one[a::b/c]") == "tests/live/test_gate.py"
    assert unit_of("tests/test_house.py::test_sizes") == "tests/test_house.py"
    assert unit_of("tests/chaos/test_chaos.py::test_all") == unit_of("tests/kills/test_kills.py::test_all")


def test_the_longest_come_first_and_then_whatever_is_there() -> None:
    queue = dict.fromkeys(["tests/voice/test_fields.py", FIRST[1], FIRST[0]])
    given = []
    while queue:
        given.append(next_of(queue))
        del queue[given[-1]]
    assert given == [FIRST[0], FIRST[1], "tests/voice/test_fields.py"]
