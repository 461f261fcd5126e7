"""Seeing that files are saved, by looking at them again and again.

Systems can tell when a file changes, but what they tell ends with a folder that is removed, and begins no more when it
is there again (a branch that is checked out, an archive that is unpacked over the rules), and nothing is told of a
network drive that somebody else writes to. To look at the few files of a rulebook takes a quarter of a millisecond.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

__all__ = ["saves"]

_BETWEEN_LOOKS = 0.1
"""Seconds: with the time of a check, far below what makes somebody wait."""

_TO_SETTLE = 0.05
"""Seconds without a change after which a save is over: editors write in pieces, and some by way of a second file."""

_AT_MOST = 10
"""How often what goes on changing is waited for."""

_Seen = dict[str, tuple[int, int, int] | None]


def saves(paths: Iterable[Path | str]) -> Iterator[None]:
    """Yield at once, then each time that files or what lies in folders changed, for ever.

    What changes while the caller is at work is yielded when it asks for the next.

    Args:
        paths: files and folders, which may not exist, or not yet.
    """
    watched = tuple(paths)
    while True:
        seen = _look(watched)
        yield
        while (now := _look(watched)) == seen:
            time.sleep(_BETWEEN_LOOKS)
        for _ in range(_AT_MOST):
            time.sleep(_TO_SETTLE)
            if now == (now := _look(watched)):
                break


def _look(paths: Iterable[Path | str]) -> _Seen:
    """Return what tells a file from what it was: when it was written, how long it is, and which one it is."""
    return {path: _state(path) for path in _files(paths)}


def _files(paths: Iterable[Path | str]) -> Iterator[str]:
    for path in map(str, paths):
        yield path
        for folder, _, names in os.walk(path):
            yield from (os.path.join(folder, name) for name in names)  # noqa: PTH118 - ten times a second


def _state(path: str) -> tuple[int, int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - the same
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
