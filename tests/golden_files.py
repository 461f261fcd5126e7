"""Golden files: what people read, kept as they read it. `make golden` rewrites them; `git diff` shows what changed."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["ROOT", "check_golden"]

ROOT = Path(__file__).parents[1]


def check_golden(path: Path, actual: str) -> None:
    """Compare with the file, or rewrite it where `CONSEIL_GOLDEN=write` asks for that."""
    if os.environ.get("CONSEIL_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(actual, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == actual, (
        f"{path.relative_to(ROOT)} is not fresh: `make golden`, then read the diff"
    )
