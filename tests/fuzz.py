"""`make fuzz`: random rulebooks and territories over all engines, for as long as it is told.

    python tests/fuzz.py --seconds 600
    python tests/fuzz.py --rulebooks 5000 --profiles 200 --seed 1

Every rulebook comes from the seed and its own number, so that a run can be repeated, whole or in part (`--first`).
Engines run in child processes, which are replaced after some rulebooks and may crash or hang: durable-rules is C, and
keeps what it was once given. Of each profile, `reference` gives the verdicts and the plan, and every other engine must
give the same: `durable` and `compiled` the same facts, in the same order, and verdicts; `columns` the same verdicts and
plan.

What differs, crashes or hangs is written to a folder (`--kept`), with the command that repeats it. The exit code is 0
where all was equal, 1 where something was not, and 2 where the arguments make no sense.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path
from random import Random

from conseil.errors import RulebookTooLarge
from conseil.inference import ENGINES, Inference
from conseil.inference.reference import ReferenceEngine
from conseil.plan import build_plan
from conseil.plan.table import PlanTableBuilder
from conseil.profile import Known, Profile
from conseil.rulebook import Rulebook
from fuzz_rulebooks import random_rulebook, random_territory
from plans_as_data import chunk_of, data_of_plan, data_of_row
from strategies import durable_runs

__all__ = ["ENGINES_HERE", "NOBODY", "differences", "drawn", "main"]

_RECYCLED = 25
"""The rulebooks of one child process."""

_SECONDS_A_RULEBOOK = 60.0
"""Beyond it, a child hangs."""

_MOST_FAILURES = 10
NOBODY = Profile(name="Essai", kind="invented")

ENGINES_HERE = [name for name in ENGINES if name != "reference" and (name != "durable" or durable_runs())]


def drawn(seed: int, number: int, profiles: int) -> tuple[Rulebook, list[Known]]:
    """Return a rulebook and its territories, always the same for the same numbers."""
    chance = Random(f"{seed}/{number}")  # noqa: S311 - nothing secret
    rulebook = random_rulebook(chance)
    return rulebook, [random_territory(chance, rulebook) for _ in range(profiles)]


def differences(rulebook: Rulebook, territories: list[Known]) -> Iterator[tuple[str, Known]]:
    """Yield each engine that differs from the reference, with the first territory where it does."""
    reference = ReferenceEngine(rulebook)
    expected = [reference.infer(territory) for territory in territories]
    for name in ENGINES_HERE:
        try:
            infer = ENGINES[name](rulebook).infer
        except RulebookTooLarge:
            continue  # it says so, which is right
        wrong = _first_wrong(infer, territories, expected)
        if wrong is not None:
            yield name, wrong
    table = PlanTableBuilder(rulebook).build(chunk_of(territories, rulebook), verdicts=True)
    for row, (territory, inference) in enumerate(zip(territories, expected, strict=True)):
        if data_of_row(table, row, rulebook) != data_of_plan(build_plan(rulebook, NOBODY, territory, inference)):
            yield "columns", territory
            return


def _first_wrong(
    infer: Callable[[Known], Inference], territories: list[Known], expected: list[Inference]
) -> Known | None:
    for territory, right in zip(territories, expected, strict=True):
        found = infer(territory)
        if found != right or list(found.facts) != list(right.facts):
            return territory
    return None


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


# The child


def _run_some(seed: int, first: int, rulebooks: int, profiles: int, kept: Path) -> None:
    """Compare the engines on some rulebooks; tell each rulebook that is done, and each engine that differs."""
    for number in range(first, first + rulebooks):
        rulebook, territories = drawn(seed, number, profiles)
        for engine, territory in differences(rulebook, territories):
            _keep(kept / f"{seed}-{number}-{engine}", rulebook, [territory])
            _tell(f"different {number} {engine}")
        _tell(f"done {number}")


def _keep(folder: Path, rulebook: Rulebook, territories: list[Known]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    written = rulebook.model_dump(mode="json", exclude_defaults=True)
    (folder / "rulebook.json").write_text(json.dumps(written, indent=1, ensure_ascii=False), encoding="utf-8")
    profiles = [{"answers": territory.given, "progress": territory.progress} for territory in territories]
    (folder / "profiles.json").write_text(json.dumps(profiles, indent=1, ensure_ascii=False), encoding="utf-8")


# The parent


def _child(arguments: argparse.Namespace, first: int, rulebooks: int) -> tuple[list[str], str]:
    """Run a child; return the lines that it printed, and how it failed, if it did."""
    command = [sys.executable, __file__, "--child", "--seed", str(arguments.seed), "--first", str(first)]
    command += ["--rulebooks", str(rulebooks), "--profiles", str(arguments.profiles), "--kept", str(arguments.kept)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        try:
            printed, complaint = run.communicate(timeout=_SECONDS_A_RULEBOOK * rulebooks)
        except subprocess.TimeoutExpired:
            run.kill()
            printed, complaint = run.communicate()
            return printed.splitlines(), f"hangs\n{complaint}"
    failure = "" if run.returncode == 0 else f"ends with {run.returncode}\n{complaint}"
    return printed.splitlines(), failure


def _fuzz(arguments: argparse.Namespace) -> int:
    """Run children until the time or the rulebooks are over; return how many failures there were."""
    start, compared, failures = time.monotonic(), 0, 0
    number = arguments.first
    last = number + arguments.rulebooks if arguments.rulebooks else None
    while last is None or number < last:
        left = arguments.seconds - (time.monotonic() - start) if arguments.seconds else 1.0
        if left <= 0 or failures >= _MOST_FAILURES:
            break
        some = min(_RECYCLED, last - number) if last is not None else _RECYCLED
        lines, failure = _child(arguments, number, some)
        done = [int(line.split()[1]) for line in lines if line.startswith("done")]
        for line in lines:
            if line.startswith("different"):
                failures += 1
                _, where, engine = line.split()
                _tell(f"DIFFERENT: {engine}, on rulebook {where}; repeat: {_repeat(arguments, int(where), 1)}")
                _tell(f"  kept in {arguments.kept / f'{arguments.seed}-{where}-{engine}'}")
        compared += len(done)
        following = number + some
        if failure:
            failures += 1
            culprit = done[-1] + 1 if done else number
            folder = arguments.kept / f"{arguments.seed}-{culprit}-failure"
            _keep(folder, *drawn(arguments.seed, culprit, arguments.profiles))
            (folder / "stderr.txt").write_text(failure, encoding="utf-8")
            _tell(f"FAILED: the engines' process {failure.splitlines()[0]} on rulebook {culprit}")
            # what went before in the same process may have a part in it
            _tell(f"  repeat: {_repeat(arguments, number, culprit + 1 - number)}\n  kept in {folder}")
            following = culprit + 1
        number = following
        spent = time.monotonic() - start
        _tell(
            f"{compared} rulebooks, {compared * arguments.profiles} profiles, {failures} failures, {spent:.0f} s",
        )
    return failures


def _repeat(arguments: argparse.Namespace, first: int, rulebooks: int) -> str:
    return (
        f"python tests/fuzz.py --seed {arguments.seed} --first {first} --rulebooks {rulebooks} "
        f"--profiles {arguments.profiles}"
    )


def main(words: list[str] | None = None) -> int:
    """Compare the engines; return the exit code."""
    parser = argparse.ArgumentParser(description="Random rulebooks and territories over all engines.")
    parser.add_argument("--seconds", type=float, default=0.0, help="stop after this time")
    parser.add_argument("--rulebooks", type=int, default=0, help="stop after this many rulebooks")
    parser.add_argument("--profiles", type=int, default=200, help="profiles of each rulebook")
    parser.add_argument("--seed", type=int, help="what everything is drawn from; by default the time")
    parser.add_argument("--first", type=int, default=0, help="number of the first rulebook")
    parser.add_argument("--kept", type=Path, default=Path("build/fuzz"), help="where failures are written")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(words)
    if arguments.seed is None:
        arguments.seed = int(time.time())
    if arguments.child:
        _run_some(arguments.seed, arguments.first, arguments.rulebooks, arguments.profiles, arguments.kept)
        return 0
    if not arguments.seconds and not arguments.rulebooks:
        parser.error("tell it when to stop: --seconds, --rulebooks, or both")
    if min(arguments.seconds, arguments.rulebooks, arguments.first) < 0 or arguments.profiles < 1:
        parser.error("numbers cannot be negative, and there is a profile at least")
    durable = metadata.version("durable_rules") if "durable" in ENGINES_HERE else "none"
    versions = f"Python {platform.python_version()}, durable-rules {durable}, numpy {metadata.version('numpy')}"
    _tell(f"seed {arguments.seed}; {', '.join(['reference', *ENGINES_HERE, 'columns'])}; {versions}")
    failures = _fuzz(arguments)
    _tell("all equal" if not failures else f"{failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
