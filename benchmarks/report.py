"""What a run prints: Markdown, so that the same text reads in a terminal and in `docs/performance.md`."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from statistics import median

from benchmarks.cold_start import IMPORTS, ONE_MODEL
from benchmarks.figures import Cells, Measured, fastest_peer, figures, named
from benchmarks.measuring import Cell, Limits
from benchmarks.participants import PEERS, ROOT
from benchmarks.synthetic import SEED

__all__ = ["put_into", "report"]

_BEGIN = "<!-- What stands below is written by `make benchmark`. -->"
_END = "<!-- End of what is written by `make benchmark`. -->"
_MANY = 100  # profiles: below, the table says how many there were
_KIBIBYTES_OF_A_GIGABYTE = 1 << 20


def report(measured: Measured, profiles: int, limits: Limits) -> str:
    """Return the tables of a run."""
    lines = [
        *_machine(profiles, limits),
        "",
        "### The figures to reach",
        "",
        *_table(["figure", "wanted", "found", ""], [_figure(*one) for one in figures(measured)]),
        "",
        "### (a) Matching: the ids of all true rules, complete profiles",
        "",
        f"Microseconds a profile: median (fastest–slowest round; how many profiles, where it was fewer than {_MANY}).",
        "",
        *_matching(measured.matching),
        "",
        "What it takes to make the rules, in milliseconds, once:",
        "",
        *_setup(measured.matching),
        "",
        "### (b) The same, with about half of the answers unknown: the ids of all true and of all unknown rules",
        "",
        "Only those that know what is unknown: see the last table.",
        "",
        *_matching(measured.three_valued),
        "",
        "### (c) The whole job",
        "",
        "Microseconds a profile. A profile goes in; the plan comes out with all statuses, scores, ranks and reasons",
        "(the rules of each action and their verdicts). Apart: the facts on which each reason rests, which are worked",
        "out when asked, and the sentences of a plan that exists.",
        "",
        *_whole_job(measured),
        "",
        "### (d) A table of territories through `advise_columns`, on one core",
        "",
        *_columns(measured),
        "",
        "### (e) Cold start",
        "",
        *_cold_start(measured),
        "",
        "### How each peer was used, and whether it knows unknown facts",
        "",
        *_how(),
    ]
    return "\n".join(lines) + "\n"


def put_into(path: Path, text: str) -> None:
    """Put a report between its marks in a file, and leave the rest; without marks, it is the whole file."""
    old = path.read_text(encoding="utf-8") if path.is_file() else ""
    if _BEGIN in old and _END in old:
        before, after = old.partition(_BEGIN)[0], old.partition(_END)[2]
        text = f"{before}{_BEGIN}\n\n{text}\n{_END}{after}"
    path.write_text(text, encoding="utf-8")


def _figure(what: str, wanted: str, found: str, met: bool) -> list[str]:  # noqa: FBT001 -- a row
    return [what, wanted, found, "met" if met else "**MISSED**"]


def _machine(profiles: int, limits: Limits) -> Iterator[str]:
    memory = _field("/proc/meminfo", "MemTotal")
    gigabytes = f"{int(memory.split()[0]) / _KIBIBYTES_OF_A_GIGABYTE:.0f} GiB" if memory else "memory unknown"
    processor = _field("/proc/cpuinfo", "model name") or platform.processor()
    node = _output("node", "--version") or "no node"
    commit = _output("git", "rev-parse", "--short", "HEAD") or "unknown"
    yield f"Measured on {datetime.now(UTC):%Y-%m-%d} in one run, at commit {commit}:"
    yield f"{processor}, {os.cpu_count()} cores, {gigabytes}, {platform.system()} {platform.release()};"
    yield f"Python {platform.python_version()}, node {node}, conseil {metadata.version('conseil')}."
    yield f"{profiles:,} profiles (seed {SEED}), {limits.rounds} rounds in turns. A participant for which a round would"
    yield f"take more than {limits.budget:g} s matched fewer; one that needed {limits.patience:.0f} s for a step"
    yield f"was given up. Load of the machine at the end, this run included: {os.getloadavg()[1]:.1f}."


def _matching(cells: Cells) -> Iterator[str]:
    names = [cell.participant.name for cell in next(iter(cells.values()))]
    versions = {cell.participant.name: cell.version for book in cells.values() for cell in book if cell.version}
    rows = [
        [f"{name} {versions.get(name, '')}".strip(), *(_time(named(book, name)) for book in cells.values())]
        for name in names
    ]
    return _table(["", *map(_rulebook, cells)], rows)


def _setup(cells: Cells) -> Iterator[str]:
    names = [cell.participant.name for cell in next(iter(cells.values()))]
    rows = [[name, *(_made(named(book, name)) for book in cells.values())] for name in names]
    return _table(["", *map(_rulebook, cells)], rows)


def _made(cell: Cell | None) -> str:
    return "–" if cell is None or cell.setup is None else _number(cell.setup * 1000)


def _how() -> Iterator[str]:
    rows = [
        [f"[{peer.name}]({peer.documentation})", peer.use, f"no: {peer.cannot}" if peer.cannot else "**yes**"]
        for peer in PEERS
    ]
    return _table(["peer", "how it was used", "unknown facts"], rows)


def _whole_job(measured: Measured) -> Iterator[str]:
    rows = []
    for rulebook, plans in measured.jobs["plan"].items():
        matching = measured.matching[rulebook]
        for cell in plans:
            name = cell.participant.name
            jobs = (named(measured.jobs[job][rulebook], name) for job in ("plan", "building", "cited", "sentences"))
            rows.append([_rulebook(rulebook), name, *map(_time, jobs)])
        fastest = fastest_peer(matching)
        beside = dict.fromkeys([*([fastest[0]] if fastest else []), "durable-rules"])
        rows += [
            [_rulebook(rulebook), f"{name}, bare matching", _time(named(matching, name)), "", "", ""] for name in beside
        ]
    return _table(["rulebook", "", "plan", "of which building", "plan and cited facts", "sentences"], rows)


def _columns(measured: Measured) -> Iterator[str]:
    rows = [
        [
            f"{run['rows']:,}",
            f"{run['unknown']:.0%}",
            f"{run['seconds']:.2f}",
            f"{run['rows'] / run['seconds']:,.0f}",
            f"{run['megabytes']:.0f}",
            f"{run['checked']}, {run['wrong']} wrong",
        ]
        for run in measured.columns
    ]
    headings = ["profiles", "unknown", "seconds", "plans a second", "MB above a bare interpreter", "rows checked"]
    return _table(headings, rows)


def _cold_start(measured: Measured) -> Iterator[str]:
    rows = [
        [
            name if name == ONE_MODEL else f"`{name}`",
            f"{median(times):.0f} ({min(times):.0f}–{max(times):.0f})",
            str(len(times)),
        ]
        for name, times in measured.cold.items()
    ]
    yield from _table(["command", "milliseconds", "times"], rows)
    imports = median(measured.cold[IMPORTS])
    parts = [[name, _number(found), f"{found / imports:.2f}"] for name, found in measured.cold_parts.items()]
    yield from ["", "Where the time of the plan goes, and what that is beside the imports:", ""]
    yield from _table(["part", "milliseconds", "times the imports"], parts)


def _time(cell: Cell | None) -> str:
    """Write the median and the spread of a cell, and how many profiles it matched where they were few."""
    if cell is None or cell.median is None:
        return (cell and cell.fault) or "–"
    few = f"; {cell.profiles}" if cell.profiles < _MANY else ""
    return f"{_number(cell.median)} ({_number(min(cell.times))}–{_number(max(cell.times))}{few})"


def _number(value: float) -> str:
    """Write a number with three digits that count.

    >>> _number(3.14159), _number(31.4159), _number(31415.9)
    ('3.14', '31.4', '31,416')
    """
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"  # noqa: PLR2004 -- three digits


def _rulebook(name: str) -> str:
    return f"{int(name):,} rules" if name.isdigit() else "shipped rulebook"


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _field(path: str, name: str) -> str:
    """Return what a file of Linux says of something; nothing elsewhere."""
    file = Path(path)
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _output(*command: str) -> str:
    try:
        run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return run.stdout.strip()
