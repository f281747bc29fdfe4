"""How thorough the tests are: on a clean checkout (CI) all examples of a property, at one's desk a third of them."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

THOROUGH = bool(os.environ.get("CI"))


def examples(count: int) -> int:
    """Return how many of `count` examples are tried here."""
    return count if THOROUGH else max(count // 3, 5)


def whole_companies(count: int) -> settings:
    """Properties of companies drawn at random, which are large and slow to draw; the same ones in every run."""
    return settings(
        max_examples=examples(count),
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
