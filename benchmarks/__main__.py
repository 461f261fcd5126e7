"""`python -m benchmarks`: make the environments, measure everything in one run, and print the tables."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.cold_start import measure_cold_start, measure_parts
from benchmarks.columns import measure_columns
from benchmarks.environments import make_environments
from benchmarks.figures import Measured
from benchmarks.measuring import Cell, Limits, measure
from benchmarks.participants import PEERS, Participant, engines, peers
from benchmarks.report import put_into, report
from benchmarks.workload import NAMES, Workload, workload

_JOBS = ("plan", "building", "cited")
_UNKNOWN = 0.5
_PROFILES, _FEW = 1_000, 50
_ROWS, _FEW_ROWS = 1_000_000, 100_000


class _Run:
    """One run: the rulebooks, how many profiles, and how long each step may take."""

    def __init__(self, folder: Path, *, quick: bool) -> None:
        self._folder = folder
        self.names = NAMES[:-1] if quick else NAMES
        self.profiles = _FEW if quick else _PROFILES
        self.rows = _FEW_ROWS if quick else _ROWS
        self.limits = Limits(rounds=3, budget=0.1, patience=30) if quick else Limits()
        self.faults = make_environments()

    def measured(self) -> Measured:
        """Measure everything."""
        complete: dict[str, Sequence[Cell]] = {}
        jobs: dict[str, dict[str, Sequence[Cell]]] = {job: {} for job in (*_JOBS, "sentences")}
        three_valued: dict[str, Sequence[Cell]] = {}
        for name in self.names:
            found = workload(name, self.profiles)
            complete[name] = self._measure(found, [*engines("match", name), *peers()], found.true)
            for job in _JOBS:
                jobs[job][name] = self._measure(found, engines(job, name), None)
            # whichever engine judged, the plan is the same
            jobs["sentences"][name] = self._measure(found, engines("sentences", name, ["compiled"]), None)
            found = workload(name, self.profiles, _UNKNOWN)
            able = [peer for peer in PEERS if peer.cannot is None]
            expected = list(zip(found.true, found.unsettled, strict=True))
            three_valued[name] = self._measure(found, [*engines("match", name), *peers(able)], expected)
        return Measured(
            matching=complete,
            three_valued=three_valued,
            jobs=jobs,
            columns=[
                {"unknown": unknown, **measure_columns(rows, unknown)}
                for rows, unknown in ((self.rows // 10, 0.0), (self.rows, 0.0), (self.rows, _UNKNOWN))
            ],
            cold=measure_cold_start(),
            cold_parts=measure_parts(),
        )

    def _measure(
        self, found: Workload, participants: Sequence[Participant], expected: Sequence[object] | None
    ) -> Sequence[Cell]:
        print(f"{found.name}, {found.unknown:.0%} unknown: {len(participants)} participants", file=sys.stderr)
        file = self._folder / "workload.json"
        found.write(file)
        present = [one for one in participants if one.name not in self.faults]
        absent = [Cell(one, fault=self.faults[one.name]) for one in participants if one.name in self.faults]
        return [*measure(present, file, expected, self.limits), *absent]


def main() -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, help="also put the tables into this file, between their marks")
    parser.add_argument("--quick", action="store_true", help="few profiles, no 10,000 rules: does everything work?")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="conseil-benchmark-") as folder:
        run = _Run(Path(folder), quick=arguments.quick)
        text = report(run.measured(), run.profiles, run.limits)
    print(text)
    if arguments.output is not None:
        put_into(arguments.output, text)


if __name__ == "__main__":
    main()
