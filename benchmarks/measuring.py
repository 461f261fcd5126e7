"""Measuring participants on one workload: each in its process, in turns, so that noise hits them all alike."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import monotonic
from typing import IO, Any, cast

from benchmarks.participants import ROOT, Participant

__all__ = ["Cell", "Limits", "measure"]

_FEWEST_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a measure may take.

    Attributes:
        rounds: how often each participant matches its profiles.
        budget: the seconds that a round should take at most: a slow participant gets fewer profiles, five at least.
        patience: the seconds after which a participant is given up, for one order.
    """

    rounds: int = 5
    budget: float = 0.4
    patience: float = 30.0


@dataclass(slots=True)
class Cell:
    """What a participant did on a workload.

    Attributes:
        participant: who.
        fault: why there is no time: wrong results, a crash, or a limit.
        version: of its package.
        setup: the seconds in which its rules were made.
        profiles: how many profiles each round matched.
        times: the microseconds that a profile took, in each round.
        tenth: the microseconds that a profile took in a round of a tenth of them, for conseil's engines.
    """

    participant: Participant
    fault: str | None = None
    version: str = ""
    setup: float | None = None
    profiles: int = 0
    times: list[float] = field(default_factory=list)
    tenth: list[float] = field(default_factory=list)

    @property
    def median(self) -> float | None:
        """The middle time; nothing where there is a fault."""
        return median(self.times) if self.times and self.fault is None else None


class _Stopped(Exception):
    """The process gave no answer; the message is what the table says."""


class _Process:
    """A participant's process, which answers one order after another, and is stopped in between.

    durable-rules has threads that run all the time, and would disturb whoever is measured next.
    """

    def __init__(self, participant: Participant, patience: float) -> None:
        self._patience = patience
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 -- lives as long as the process
        try:
            self._process = subprocess.Popen(
                participant.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, cwd=ROOT
            )
        except OSError as error:
            raise _Stopped(f"does not start: {error.strerror}") from error

    def ask(self, order: str, value: object) -> Any:  # noqa: ANN401 -- JSON
        """Give an order, and return the answer.

        Raises:
            _Stopped: none came.
        """
        self._process.send_signal(signal.SIGCONT)
        orders, answers = cast("IO[bytes]", self._process.stdin), cast("IO[bytes]", self._process.stdout)
        try:
            orders.write(json.dumps({order: value}).encode() + b"\n")
            orders.flush()
        except BrokenPipeError as error:
            raise _Stopped(self._ending()) from error
        deadline = monotonic() + self._patience
        answer = bytearray()
        while not answer.endswith(b"\n"):
            ready, _, _ = select.select([answers], [], [], max(0.0, deadline - monotonic()))
            if not ready:
                self._process.kill()
                raise _Stopped(f"> {self._patience:.0f} s")
            read = os.read(answers.fileno(), 1 << 20)
            if not read:
                raise _Stopped(self._ending())
            answer += read
        self._process.send_signal(signal.SIGSTOP)
        return json.loads(answer)

    def close(self) -> None:
        """End the process, and forget what it wrote."""
        self._process.kill()
        with suppress(BrokenPipeError):  # an order that it did not read
            self._process.communicate()
        self._errors.close()

    def _ending(self) -> str:
        code = self._process.wait()
        if code < 0:
            return f"crash ({signal.Signals(-code).name})"
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return f"error: {lines[-1][:120]}" if lines else f"ended with {code}"


def measure(
    participants: Sequence[Participant],
    workload: Path,
    expected: Sequence[object] | None,
    limits: Limits = Limits(),
) -> list[Cell]:
    """Measure participants on a workload.

    Args:
        participants: who.
        workload: the file with the rules and the profiles.
        expected: the right result of each profile; without it, that of the last participant is.
        limits: how long it may take.
    """
    cells = [Cell(participant) for participant in participants]
    processes: dict[int, _Process] = {}
    results: dict[int, list[Any]] = {}
    try:
        for place, cell in enumerate(cells):
            try:
                processes[place] = process = _Process(cell.participant, limits.patience)
                loaded = process.ask("load", str(workload))
                cell.setup, cell.version = loaded["seconds"], loaded["version"]
                cell.profiles = process.ask("probe", limits.budget)
                results[place] = process.ask("results", cell.profiles)
            except _Stopped as stop:
                cell.fault = str(stop)
        right = expected if expected is not None else results.get(len(cells) - 1, [])
        for place, found in results.items():
            cells[place].fault = _wrong(found, right)
        for turn in range(limits.rounds):
            running = [place for place, cell in enumerate(cells) if cell.fault is None]
            for place in running[turn % len(running) :] + running[: turn % len(running)] if running else ():
                _round(cells[place], processes[place], limits)
    finally:
        for process in processes.values():
            process.close()
    return cells


def _round(cell: Cell, process: _Process, limits: Limits) -> None:
    spent = sum(cell.times) * cell.profiles / 1e6
    if len(cell.times) >= _FEWEST_ROUNDS and spent > limits.rounds * limits.budget:
        return  # even few profiles took it longer than its share
    tenth = cell.profiles // 10
    try:
        cell.times.append(process.ask("round", cell.profiles) / cell.profiles * 1e6)
        if cell.participant.peer is None and tenth:
            cell.tenth.append(process.ask("round", tenth) / tenth * 1e6)
    except _Stopped as stop:
        cell.fault = str(stop)


def _wrong(found: Sequence[Any], right: Sequence[Any]) -> str | None:
    """Say how many results are wrong; where each one is a list of ids, their order does not count."""
    compared = list(zip(found, right, strict=False))
    wrong = sum(_unordered(result) != _unordered(expected) for result, expected in compared)
    if wrong or not compared:
        return f"wrong ({wrong} of {len(compared)})"
    return None


def _unordered(result: Any) -> Any:  # noqa: ANN401 -- JSON
    if isinstance(result, list | tuple):
        return (
            sorted((_unordered(part) for part in result), key=repr) if _are_ids(result) else [*map(_unordered, result)]
        )
    return result


def _are_ids(result: Sequence[Any]) -> bool:
    return all(isinstance(part, str) for part in result)
