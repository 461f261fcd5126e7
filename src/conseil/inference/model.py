"""What every engine is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from conseil.conditions import FactValue, Verdict
from conseil.profile import Known

__all__ = ["Engine", "Inference"]


@dataclass(frozen=True, slots=True)
class Inference:
    """What follows from what is known of a territory.

    Attributes:
        facts: every known fact: answers, progress (`progress.<action>`), deductions, and `not_applicable`.
        deduced: the facts that a deduction gave, with the index of the outcome that did (the last is `otherwise`).
        ignored: answers that do not count, because their question does not apply.
        waiting: answers that do not count yet, because it is not known whether their question applies.
        rules: the verdict of each rule on an action, by its id.
        criteria: the verdict of each criterion of each stage, by scenario, stage and place.
    """

    facts: Mapping[str, FactValue]
    deduced: Mapping[str, int]
    ignored: tuple[str, ...]
    waiting: tuple[str, ...]
    rules: Mapping[str, Verdict]
    criteria: Mapping[tuple[str, str, int], Verdict]


class Engine(Protocol):
    """A compiled rulebook, ready to judge any number of profiles, from several threads at once."""

    name: str

    def infer(self, known: Known) -> Inference:
        """Return what follows from a profile."""
        ...
