"""Every explanation of the territories that conseil carries, worked out once for all tests."""

from __future__ import annotations

from functools import cache
from time import perf_counter

import conseil
from conseil.explanation import Explanation, explain

__all__ = ["PLANS", "explained"]

PLANS = {name: conseil.advise(conseil.load_profile(path)) for name, path in conseil.shipped_profiles().items()}


@cache
def explained(name: str) -> tuple[list[Explanation], float]:
    """Return the explanation of every action, with what would change it, and the seconds that the slowest took."""
    found = [explain(PLANS[name], item.id) for item in PLANS[name].items]
    slowest = 0.0
    for explanation in found:
        begun = perf_counter()
        assert explanation.answers is not None
        assert explanation.changes is not None
        slowest = max(slowest, perf_counter() - begun)
    return found, slowest
