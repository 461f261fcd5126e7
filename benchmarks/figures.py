"""The figures to reach, worked out from what was measured: each is met or missed, and the number is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from benchmarks.cold_start import IMPORTS, PLAN
from benchmarks.measuring import Cell

__all__ = ["Figure", "Measured", "fastest_peer", "figures", "named", "time_of"]

Cells = Mapping[str, Sequence[Cell]]
"""The participants' cells, by rulebook."""

_FASTER, _OVERHEAD, _COLD = 5.0, 1.5, 2.0
_PLANS, _MEGABYTES = 100_000, 300
_SMALLEST_GROWTH = 100  # rules: below, what each profile costs in any case hides the cost of rules
_NO_FIGURES = frozenset({"10"})  # so small a rulebook is only shown
_NOISE = 1.15  # a cost that grows linearly may look that much more than linear


class Measured(NamedTuple):
    """Everything that one run measured.

    Attributes:
        matching: table (a), by rulebook.
        three_valued: table (b), by rulebook.
        jobs: table (c): the cells of each job, by rulebook, by job.
        columns: table (d): one entry a run, of which the second has more profiles than the first.
        cold: table (e): milliseconds, by command.
        cold_parts: the milliseconds of each part of the way to a plan.
    """

    matching: Cells
    three_valued: Cells
    jobs: Mapping[str, Cells]
    columns: Sequence[Mapping[str, Any]]
    cold: Mapping[str, Sequence[float]]
    cold_parts: Mapping[str, float]


class Figure(NamedTuple):
    """A figure to reach."""

    what: str
    wanted: str
    found: str
    met: bool


def named(cells: Sequence[Cell], name: str) -> Cell | None:
    """Return the cell of a participant; nothing where it did not take part."""
    return next((cell for cell in cells if cell.participant.name == name), None)


def time_of(cells: Sequence[Cell], name: str) -> float | None:
    """Return the median of a participant; nothing where there is none."""
    cell = named(cells, name)
    return None if cell is None else cell.median


def fastest_peer(cells: Sequence[Cell], *, documented: bool = True) -> tuple[str, float] | None:
    """Return the fastest of the peers that were right, and its median; nothing where none was."""
    times = [
        (cell.median, cell.participant.name)
        for cell in cells
        if cell.median is not None and cell.participant.peer and (cell.participant.peer.documented or not documented)
    ]
    return min(times)[::-1] if times else None


def figures(measured: Measured) -> Iterator[Figure]:
    """Compare what was measured with the figures to reach."""
    yield from _matching(measured.matching)
    yield from _whole_job(measured)
    yield from _columns(measured.columns)
    yield from _growth(measured)
    cold = median(measured.cold[PLAN]) / median(measured.cold[IMPORTS])
    yield Figure("(e) `conseil plan` beside the imports", f"≤ {_COLD} times", f"{cold:.2f} times", cold <= _COLD)


def _matching(matching: Cells) -> Iterator[Figure]:
    for rulebook, cells in matching.items():
        if rulebook in _NO_FIGURES:
            continue
        own, peer = time_of(cells, "conseil compiled"), fastest_peer(cells)
        trick = fastest_peer(cells, documented=False)
        what = f"(a) `compiled` beside the fastest peer, {rulebook}"
        if own is None or peer is None:
            yield Figure(what, f"≥ {_FASTER} times faster", "not measured", met=False)
            continue
        found = f"{peer[1] / own:.1f} times faster than {peer[0]}"
        if trick and trick != peer:
            found += f" ({trick[1] / own:.1f} times than {trick[0]})"
        yield Figure(what, f"≥ {_FASTER} times faster", found, peer[1] / own >= _FASTER)


def _whole_job(measured: Measured) -> Iterator[Figure]:
    for rulebook, cells in measured.jobs["plan"].items():
        if rulebook in _NO_FIGURES:
            continue
        peer = fastest_peer(measured.matching[rulebook])
        raw = time_of(measured.matching[rulebook], "durable-rules")
        building = time_of(measured.jobs["building"][rulebook], "conseil durable")
        sums = {
            "compiled": (1.0, "the fastest peer's bare matching", peer and peer[1]),
            "durable": (_OVERHEAD, "durable-rules' loop and the building", raw and building and raw + building),
        }
        for engine, (wanted, beside, base) in sums.items():
            own = time_of(cells, f"conseil {engine}")
            what = f"(c) whole job, `{engine}`, beside {beside}, {rulebook}"
            if own is None or base is None:
                yield Figure(what, f"≤ {wanted} times", "not measured", met=False)
            else:
                yield Figure(what, f"≤ {wanted} times", f"{own / base:.2f} times", own / base <= wanted)


def _columns(runs: Sequence[Mapping[str, Any]]) -> Iterator[Figure]:
    for run in runs:
        of = f"{run['rows']:,} profiles, {run['unknown']:.0%} unknown"
        speed = run["rows"] / run["seconds"]
        right = run["wrong"] == 0
        yield Figure(f"(d) {of}", f"≥ {_PLANS:,} plans/s", f"{speed:,.0f} plans/s", right and speed >= _PLANS)
        memory = run["megabytes"]
        yield Figure(f"(d) {of}", f"< {_MEGABYTES} MB", f"{memory:.0f} MB", right and memory < _MEGABYTES)
    few, many = runs[:2]
    growth = (many["seconds"] / many["rows"]) / (few["seconds"] / few["rows"])
    found = f"{growth:.2f} times linear ({few['rows']:,} to {many['rows']:,} profiles)"
    yield Figure("(d) growth with profiles", "≤ linear", found, growth <= _NOISE)


def _growth(measured: Measured) -> Iterator[Figure]:
    """Compare the cost of a rule between rulebooks, and that of a profile between a tenth of them and all."""
    sizes = [name for name in measured.matching if name.isdigit() and int(name) >= _SMALLEST_GROWTH]
    for smaller, larger in pairwise(sizes):
        for name in [cell.participant.name for cell in measured.matching[larger] if not cell.participant.peer]:
            before, after = (time_of(measured.matching[size], name) for size in (smaller, larger))
            if before and after:
                growth = after / before / (int(larger) / int(smaller))
                what = f"growth with rules, `{name.split()[-1]}`, {smaller} to {larger}"
                yield Figure(what, "≤ linear", f"{growth:.2f} times linear", growth <= _NOISE)
    for cell in measured.matching["shipped"]:
        if cell.tenth and cell.median:
            growth = cell.median / median(cell.tenth)
            what = f"growth with profiles, `{cell.participant.name.split()[-1]}`"
            found = f"{growth:.2f} times linear ({cell.profiles // 10} to {cell.profiles} profiles)"
            yield Figure(what, "≤ linear", found, growth <= _NOISE)
