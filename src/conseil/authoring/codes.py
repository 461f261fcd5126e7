"""The code of every finding: what kind it is, as authors write it in `accepted.yaml`.

They stand here together, so that what authors accept can be read without loading what looks for it. Each is documented
in `docs/checks.md`.
"""

from __future__ import annotations

__all__ = ["CODES", "LINT", "STALE"]

LINT = (
    "idle-question",
    "long-sentence",
    "no-obstacle",
    "no-recommendation",
    "no-unlock",
    "repeated-because",
    "thin-rationale",
    "typography",
    "unread-choice",
)
"""What `lint` looks for."""

CODES = LINT
"""All that can be found of a rulebook, and accepted."""

STALE = "stale-acceptance"
"""What is accepted and no longer found: reported too, and not to be accepted."""
