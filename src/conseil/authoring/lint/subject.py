"""What the checks read, and what they say of it before it has a code and a line."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from conseil.authoring.lint.reading import Reading
from conseil.authoring.lint.texts import Passage, passages
from conseil.errors import Fault
from conseil.rulebook import Entry, Rulebook

__all__ = ["Remark", "Subject"]


class Remark(NamedTuple):
    """Something to mend.

    Attributes:
        about: what it is about, as `Finding` says it.
        entry: the entry of a file in which it stands.
        fault: where in the entry, the sentence and the hint.
    """

    about: str
    entry: Entry
    fault: Fault


class Subject:
    """A rulebook that is checked, and what several checks work out of it."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Keep the rulebook."""
        self.rulebook = rulebook

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Every text that its authors wrote."""
        return tuple(passages(self.rulebook))

    @cached_property
    def reading(self) -> Reading:
        """What it reads of its answers."""
        return Reading(self.rulebook)
