"""A million territories through `advise_columns`, on one core: `python -m benchmarks.columns <rows> <unknown share>`.

Columns are drawn chunk by chunk, which is not timed. What is printed is one JSON object: the seconds in conseil, the
most memory that the process had beyond a bare interpreter, and how many of the rows that were looked at differ from the
plan that the specification gives them one by one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.synthetic import SEED

__all__ = ["CHUNK", "columns_of", "measure_columns"]

CHUNK = 16_384
"""The rows of a chunk."""

_LARGEST_NUMBER = 120_000
_CHOSEN = 0.35
_LOOKED_AT = 5  # rows of each tenth chunk


def measure_columns(rows: int, unknown: float) -> dict[str, Any]:
    """Plan so many territories in a process of its own, and return what was measured.

    Raises:
        RuntimeError: the process failed; the message is the last line that it wrote.
    """
    run = subprocess.run(  # our interpreter, on our own module
        [sys.executable, "-m", __name__, str(rows), str(unknown)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise RuntimeError((run.stderr.strip().splitlines() or [f"ended with {run.returncode}"])[-1])
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def _main() -> None:
    before = _peak_memory()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    import numpy as np  # noqa: PLC0415 -- its memory counts

    from conseil import advise_columns, load_rulebook  # noqa: PLC0415 -- the same

    rows, unknown = int(sys.argv[1]), float(sys.argv[2])
    random = np.random.default_rng(SEED)
    rulebook = load_rulebook()
    drawing = 0.0
    chunk: dict[str, Any] = {}

    def chunks() -> Iterator[dict[str, Any]]:
        nonlocal drawing, chunk
        for first in range(0, rows, CHUNK):
            begun = perf_counter()
            chunk = columns_of(rulebook, min(CHUNK, rows - first), unknown, random)
            drawing += perf_counter() - begun
            yield chunk

    wrong = looked_at = 0
    checking = 0.0
    begun = perf_counter()
    for place, table in enumerate(advise_columns(chunks(), rulebook)):
        if place % 10 == 0:
            checked = perf_counter()
            for row in random.integers(len(table), size=_LOOKED_AT):
                looked_at += 1
                wrong += not _same(rulebook, chunk, table, int(row))
            checking += perf_counter() - checked
    seconds = perf_counter() - begun - drawing - checking
    memory = (_peak_memory() - before) / 1024
    print(json.dumps({"rows": rows, "seconds": seconds, "megabytes": memory, "checked": looked_at, "wrong": wrong}))


def columns_of(rulebook: Any, rows: int, unknown: float, random: Any) -> dict[str, Any]:  # noqa: ANN401 -- see `_main`
    """Draw one chunk: a column of numbers for each question, and for the progress of each action."""
    found: dict[str, Any] = {}
    for question in rulebook.questions:
        if question.id in rulebook.deduction_of:
            continue
        if question.type == "integer":
            column = random.integers(1, _LARGEST_NUMBER, size=rows).astype(float)
            column[random.random(rows) < unknown] = float("nan")
        elif question.type == "choices":
            column = (random.random((rows, len(question.values))) < _CHOSEN).astype("int8")
            column[random.random(rows) < unknown] = -1
        else:
            column = random.integers(len(question.values), size=rows).astype("int8")
            column[random.random(rows) < unknown] = -1
        found[question.id] = column
    for action in rulebook.by_id:
        column = random.choice(3, size=rows, p=[0.8, 0.1, 0.1]).astype("int8")
        column[random.random(rows) < unknown] = -1
        found[f"progress.{action}"] = column
    return found


def _same(rulebook: Any, chunk: dict[str, Any], table: Any, row: int) -> bool:  # noqa: ANN401 -- see `_main`
    """Tell whether a row is the plan that the specification gives for that territory alone."""
    from conseil import Profile, advise  # noqa: PLC0415 -- see `_main`

    plan = advise(Profile.model_validate(_profile(rulebook, chunk, row)), rulebook, "reference")
    alone = [(item.status, item.score.total, item.rank, item.wave, item.now) for item in plan.items]
    return alone == [(item.status, item.total[0], item.rank, item.wave, item.now) for item in table.row(row)]


def _profile(rulebook: Any, chunk: dict[str, Any], row: int) -> dict[str, Any]:  # noqa: ANN401 -- see `_main`
    """Write a row as a profile."""
    answers: dict[str, Any] = {}
    for question in rulebook.questions:
        if question.id not in chunk:
            continue
        value = chunk[question.id][row]
        if question.type == "choices":
            if value[0] >= 0:
                answers[question.id] = [one for one, made in zip(question.values, value, strict=True) if made]
        elif value >= 0:  # which nan is not
            words = ("non", "oui") if question.type == "boolean" else question.values
            answers[question.id] = int(value) if question.type == "integer" else words[value]
    states = {action: chunk[f"progress.{action}"][row] for action in rulebook.by_id}
    progress = {action: ("todo", "doing", "done")[state] for action, state in states.items() if state >= 0}
    return {"name": "Territoire", "kind": "invented", "answers": answers, "progress": progress}


def _peak_memory() -> int:
    """Return the most memory that this process had, in KiB."""
    # not getrusage, whose maximum may be that of the parent, from which a process is forked
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


if __name__ == "__main__":
    _main()
