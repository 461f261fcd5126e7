"""How long a command takes from nothing: `conseil plan` beside the import of the libraries that it needs.

`python -m benchmarks.cold_start` prints this alone, with what each part of the way takes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.participants import ROOT

__all__ = ["IMPORTS", "NO_CACHE", "ONE_MODEL", "PLAN", "measure_cold_start", "measure_parts"]

IMPORTS = 'python -c "import pydantic, click, yaml"'
ONE_MODEL = "the same imports, and one class of a model, whose validator is not built"
PLAN = "conseil plan profiles/creuse-grand-sud.yaml"
NO_CACHE = f"{PLAN} (empty cache)"

_INTERPRETER, _REST = "the interpreter, which does nothing", "reading the command line, and the end of the process"

_FIRST_MODEL = """
class First(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(frozen=True, extra="forbid", defer_build=True)
    field: int
"""

# Each step is told with its code, which is run in this order in one process.
_STEPS = {
    "`import click, yaml`": "import click, yaml",
    "the records of rulebook and profile": "import conseil.profile",
    "the other modules of the command": "import conseil.cli, conseil.cli.plan",
    "the rules: files read and hashed, the remembered rulebook loaded": (
        "from conseil import load_rulebook; rulebook = load_rulebook()"
    ),
    "the profile: read, checked": (
        "from conseil import load_profile; from conseil.profile import known\n"
        "profile = load_profile('profiles/creuse-grand-sud.yaml', rulebook); read = known(profile, rulebook)"
    ),
    "the networks of `durable` (or what takes over): built": (
        "from conseil.inference import compile_rulebook; engine = compile_rulebook(rulebook)"
    ),
    "inference": "inference = engine.infer(read)",
    "the plan": "from conseil.plan import build_plan; plan = build_plan(rulebook, profile, read, inference)",
    "its text": (
        "from conseil.rendering import outline; from conseil.rendering.text import render_text\n"
        "text = render_text(outline(plan, None, None), 80).plain"
    ),
}

# The collector of cycles is set as the command sets it.
_IN_STEPS = """
import gc, json, sys, time
gc.set_threshold(200_000)
known, found = {}, []
for code in json.loads(sys.argv[1]):
    ready, begun = compile(code, "step", "exec"), time.perf_counter()
    exec(ready, known)
    found.append((time.perf_counter() - begun) * 1000)
print(json.dumps(found))
"""


def measure_cold_start(rounds: int = 25) -> Mapping[str, list[float]]:
    """Return the milliseconds of each command in each round; they take turns, after one round that is not counted."""
    plan = _plan()
    commands: dict[str, Callable[[], float]] = {
        IMPORTS: lambda: _milliseconds([sys.executable, "-c", "import pydantic, click, yaml"]),
        ONE_MODEL: lambda: _milliseconds([sys.executable, "-c", f"import pydantic, click, yaml\n{_FIRST_MODEL}"]),
        PLAN: lambda: _milliseconds(plan),
        NO_CACHE: lambda: _without_cache(plan),
    }
    return _in_turns(commands, rounds)


def measure_parts(rounds: int = 25) -> Mapping[str, float]:
    """Return the milliseconds that each part of the way to a plan takes, as the median of some rounds."""
    steps: dict[str, list[float]] = {step: [] for step in _STEPS}

    def all_steps() -> float:
        command = [sys.executable, "-c", _IN_STEPS, json.dumps(list(_STEPS.values()))]
        found: list[float] = json.loads(subprocess.check_output(command, cwd=ROOT, env=_environment()))
        for step, milliseconds in zip(_STEPS, found, strict=True):
            steps[step].append(milliseconds)
        return sum(found)

    whole = _in_turns(
        {
            _INTERPRETER: lambda: _milliseconds([sys.executable, "-c", "pass"]),
            "steps": all_steps,
            PLAN: lambda: _milliseconds(_plan()),
        },
        rounds,
    )
    parts = {_INTERPRETER: median(whole[_INTERPRETER])} | {step: median(times) for step, times in steps.items()}
    return parts | {_REST: max(0.0, median(whole[PLAN]) - sum(parts.values()))}


def _in_turns(commands: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, run in commands.items():
            milliseconds = run()
            if turn:
                times[name].append(milliseconds)
    return times


def _plan() -> list[str]:
    return [str(Path(sys.executable).with_name("conseil")), *PLAN.split()[1:]]


def _without_cache(command: list[str]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        return _milliseconds(command, XDG_CACHE_HOME=folder)


def _milliseconds(command: list[str], **environment: str) -> float:
    begun = perf_counter()
    subprocess.run(command, cwd=ROOT, env=_environment() | environment, stdout=subprocess.DEVNULL, check=True)
    return (perf_counter() - begun) * 1000


def _environment() -> dict[str, str]:
    """Return the environment in which Python keeps the bytecode of our sources, as pip does of what it installs."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def main() -> None:
    """Measure, and print."""
    times = measure_cold_start()
    imports = median(times[IMPORTS])
    for name, found in times.items():
        print(f"{median(found):7.1f} ms  {median(found) / imports:5.2f} times the imports  {name}")
    for name, milliseconds in measure_parts().items():
        print(f"{milliseconds:7.1f} ms  {milliseconds / imports:5.2f}  {name}")


if __name__ == "__main__":
    main()
