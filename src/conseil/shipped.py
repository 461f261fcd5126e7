"""Where the rulebook and the profiles that conseil carries are: in the wheel, or at the top of a checkout."""

from __future__ import annotations

from pathlib import Path

__all__ = ["profiles_folder", "rules_folder"]

_PACKAGE = Path(__file__).parent


def rules_folder() -> Path:
    """Return the folder of the rulebook.

    >>> (rules_folder() / "guide.yaml").is_file()
    True
    """
    return _carried("rules")


def profiles_folder() -> Path:
    """Return the folder of the territories that are ready to run."""
    return _carried("profiles")


def _carried(name: str) -> Path:
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parents[1] / name
