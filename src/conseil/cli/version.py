"""`conseil --version`: which conseil, which rules, which engine and why."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from conseil.inference import engine_status
from conseil.rulebook import load_rulebook

__all__ = ["versions"]


def versions() -> str:
    """Return the versions, one a line."""
    guide = load_rulebook().guide
    return f"conseil {_installed()}\nrègles {guide.id} {guide.version}\nmoteur {engine_status()}"


def _installed() -> str:
    try:
        return version("conseil")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "(non installé)"
