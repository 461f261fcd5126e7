"""An environment for each peer: its requirement and nothing else, remade when that changes."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

from benchmarks.participants import PEERS, SCRIPTS, Peer

__all__ = ["make_environments"]

_QUIET = ("-qq", "--disable-pip-version-check")


def make_environments(chosen: Iterable[Peer] = PEERS) -> Mapping[str, str]:
    """Make what is missing; return the fault of each peer that could not be installed, by its name."""
    faults: dict[str, str] = {}
    for peer in chosen:
        try:
            if peer.requirement is None:
                _node_modules()
            else:
                _virtual_environment(peer, peer.requirement)
        except (OSError, subprocess.CalledProcessError) as error:
            faults[peer.name] = f"not installed: {_reason(error)}"
    return faults


def _virtual_environment(peer: Peer, requirement: str) -> None:
    folder = peer.interpreter.parents[1]
    if _is_made(folder, requirement):
        return
    print(f"{requirement} in {folder.name}", file=sys.stderr)
    venv.create(folder, clear=True, with_pip=True)
    _run([str(peer.interpreter), "-m", "pip", "install", *_QUIET, requirement])
    _mark(folder, requirement)


def _node_modules() -> None:
    lock = (SCRIPTS / "package-lock.json").read_text(encoding="utf-8")
    folder = SCRIPTS / "node_modules"
    wanted = sha256(lock.encode()).hexdigest()
    if _is_made(folder, wanted):
        return
    print("npm ci", file=sys.stderr)
    _run(["npm", "ci", "--no-audit", "--no-fund", "--prefix", str(SCRIPTS)])
    _mark(folder, wanted)


def _is_made(folder: Path, wanted: str) -> bool:
    stamp = folder / ".made"
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted


def _mark(folder: Path, wanted: str) -> None:
    (folder / ".made").write_text(wanted, encoding="utf-8")


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)


def _reason(error: OSError | subprocess.CalledProcessError) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return (error.stderr or "").strip().splitlines()[-1:][0] if (error.stderr or "").strip() else str(error)
    return str(error)
