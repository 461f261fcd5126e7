"""How long a command takes from nothing: `conseil plan` beside the import of the libraries that it needs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter

from benchmarks.participants import ROOT

__all__ = ["IMPORTS", "NO_CACHE", "PLAN", "measure_cold_start"]

IMPORTS = 'python -c "import pydantic, click, yaml"'
PLAN = "conseil plan profiles/creuse-grand-sud.yaml"
NO_CACHE = f"{PLAN} (empty cache)"


def measure_cold_start(rounds: int = 25) -> Mapping[str, list[float]]:
    """Return the milliseconds of each command in each round; they take turns, after one round that is not counted."""
    plan = [str(Path(sys.executable).with_name("conseil")), *PLAN.split()[1:]]
    commands: dict[str, Callable[[], float]] = {
        IMPORTS: lambda: _milliseconds([sys.executable, "-c", "import pydantic, click, yaml"]),
        PLAN: lambda: _milliseconds(plan),
        NO_CACHE: lambda: _without_cache(plan),
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, run in commands.items():
            milliseconds = run()
            if turn:
                times[name].append(milliseconds)
    return times


def _without_cache(command: list[str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return _milliseconds(command, XDG_CACHE_HOME=folder)


def _milliseconds(command: list[str], **environment: str) -> float:
    begun = perf_counter()
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, check=True)
    return (perf_counter() - begun) * 1000
