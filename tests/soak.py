"""`make soak`: does memory stay flat, however many profiles are judged by an engine, and their actions by the plan?

    python tests/soak.py --engine durable --profiles 100000

Random profiles of the rulebook that conseil carries are judged one after the other, in one process. What it holds in
memory is told now and then; after the first fifth it may grow by 2 MB at most. The exit code says whether it did.
"""

from __future__ import annotations

import argparse
import gc
import os
import platform
import sys
import time
from pathlib import Path
from random import Random

from conseil.inference import ENGINES
from conseil.plan import judge
from conseil.rulebook import load_rulebook
from fuzz_rulebooks import random_territory

__all__ = ["main", "resident"]

_MEGABYTE = 2**20
_MOST_GROWTH = 2 * _MEGABYTE


def resident() -> int:
    """Return the bytes of memory that this process holds (Linux)."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE")


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(words: list[str] | None = None) -> int:
    """Judge profiles; return 1 where memory grew."""
    parser = argparse.ArgumentParser(description="Does an engine's memory stay flat?")
    parser.add_argument("--engine", choices=list(ENGINES), default="durable")
    parser.add_argument("--profiles", type=int, default=100_000)
    arguments = parser.parse_args(words)
    rulebook = load_rulebook()
    engine = ENGINES[arguments.engine](rulebook)
    chance, start = Random(1), time.monotonic()  # noqa: S311 - nothing secret
    before = 0
    _tell(f"{arguments.engine}, {len(rulebook.rules)} rules, Python {platform.python_version()}")
    for number in range(1, arguments.profiles + 1):
        territory = random_territory(chance, rulebook)
        judge(rulebook, territory, engine.infer(territory))
        if number % max(1, arguments.profiles // 5) == 0:
            held = resident()
            before = before or held
            spent = time.monotonic() - start
            _tell(f"{number} profiles: {held / _MEGABYTE:.1f} MB, {spent:.0f} s")
    growth = resident() - before
    _tell(f"grew by {growth / _MEGABYTE:.1f} MB after the first fifth")
    return int(growth > _MOST_GROWTH)


if __name__ == "__main__":
    sys.exit(main())
